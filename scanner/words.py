"""From a finding's code to the sentence a person reads: which entry of the problem catalogue says it."""

from __future__ import annotations

from typing import Literal

from honorcard.problems import Language, sentence

Subject = Literal["page", "face"]

PAGE_FINDINGS = ("no_page", "cut_off", "too_small", "blurred", "glare", "dark", "tilted")
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


def problem_code(subject: Subject, finding: str) -> str:
    """The catalogue code for a finding of `quality.page_problems` (page) or `portrait.problems` (face)."""
    return f"{subject}_{finding}"


def hint(subject: Subject, finding: str, language: Language, page: int | None = None) -> str:
    """The sentence for a finding; page: the page's number in the application, or None where there is only one."""
    if page is not None:
        return sentence(problem_code(subject, finding), language, {"page": page})
    plain = sentence(problem_code(subject, finding), language)
    return plain.replace("第 {page} 頁", "這一頁").replace("Page {page}", "This page")
