"""From a finding's code to the sentence a person reads: which entry of the problem catalogue says it."""

from __future__ import annotations

from typing import Literal

from honorcard.problems import Language, sentence

Subject = Literal["page", "face"]

PAGE_FINDINGS = (
    "no_page",
    "screen",
    "cut_off",
    "too_small",
    "blurred",
    "glare",
    "dark",
    "upside_down",
    "sideways_left",
    "sideways_right",
    "askew",
    "tilted",
)
FACE_FINDINGS = (
    "no_face",
    "two_faces",
    "too_close",
    "cut_off",
    "too_far",
    "framed_cut",
    "framed_small",
    "dark",
    "burnt_out",
    "blurred",
    "turned_away",
    "eyes_covered",
    "busy_background",
)


PLACES: dict[Language, tuple[tuple[str, str, str], ...]] = {
    "zh": (("左上", "上方", "右上"), ("左邊", "中間", "右邊"), ("左下", "下方", "右下")),
    "en": (
        ("top left", "top", "top right"),
        ("left", "middle", "right"),
        ("bottom left", "bottom", "bottom right"),
    ),
}
MOST_PLACES = 4  # more than these are the whole page


def where(places: tuple[tuple[int, int], ...], language: Language) -> str:
    """The places of a `quality.Finding` as a person says them, 「左上、中間」; empty when it is about the whole page."""
    if not 0 < len(places) <= MOST_PLACES:
        return ""
    return ("、" if language == "zh" else ", ").join(PLACES[language][row][column] for row, column in places)


def problem_code(subject: Subject, finding: str) -> str:
    """The catalogue code for a finding of `quality.page_problems` (page) or `portrait.problems` (face)."""
    return f"{subject}_{finding}"


def hint(subject: Subject, finding: str, language: Language, page: int | None = None) -> str:
    """The sentence for a finding; page: the page's number in the application, or None where there is only one."""
    if page is not None:
        return sentence(problem_code(subject, finding), language, {"page": page})
    plain = sentence(problem_code(subject, finding), language)
    return plain.replace("第 {page} 頁", "這一頁").replace("Page {page}", "This page")
