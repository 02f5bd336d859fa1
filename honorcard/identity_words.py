"""The words of a second look at an identity number, for the reviewer beside the photographed document.

What is not here: the check itself (identity), and the sentences of a number with a problem (problems).
"""

from __future__ import annotations

from collections.abc import Iterable

from honorcard.identity import IdentityNumber, SecondLook, second_looks
from honorcard.problems import Language

KIND_NAMES: dict[str, tuple[str, str]] = {
    "national": ("國民身分證", "national ID card"),
    "ui_new": ("居留證（新式統一證號）", "resident certificate (new number)"),
    "ui_old": ("居留證（舊式統一證號）", "resident certificate (old number)"),
    "passport": ("護照", "passport"),
    "unknown": ("認不出的證號", "number of no known kind"),
}

_ALIKE = (
    "同名的人有一個證號只差首字母或末兩碼，請對證件",
    "Somebody of this name has a number that differs in its first letter or last two digits only: check the document",
)


def alike(language: Language) -> str:
    """The flag of a number that is one unseen slip from that of a known person of the same name."""
    return _ALIKE[0 if language == "zh" else 1]


def kind_name(kind: str, language: Language) -> str:
    """The kind of a number by the name of its document."""
    return KIND_NAMES[kind][0 if language == "zh" else 1]


def look_words(look: SecondLook, language: Language) -> str:
    """One sentence: what to compare with the document, and what it could have been."""
    zh = language == "zh"
    others = ("、" if zh else ", ").join(look.or_else)
    if look.doubt == "no_check_digit":
        return (
            "護照號碼沒有檢查碼，請逐字對護照。"
            if zh
            else "A passport number has no check digit: compare each character."
        )
    if look.doubt == "first_letter":
        return f"第一個字母是 {look.read}，不是 {others}？" if zh else f"The first letter is {look.read}, not {others}?"
    return f"末兩碼是 {look.read}，不是 {others}？" if zh else f"The last two digits are {look.read}, not {others}?"


def hint(number: IdentityNumber, language: Language) -> str:
    """All there is to compare in one line, `檢查碼看不出這些：…`; empty for a number with a problem."""
    looks = second_looks(number)
    if not looks:
        return ""
    said = _joined((look_words(look, language) for look in looks), language)
    if number.kind == "passport":
        return said
    return (
        f"檢查碼看不出來，請對證件：{said}" if language == "zh" else f"The check digit cannot tell, so compare: {said}"
    )


def _joined(sentences: Iterable[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
