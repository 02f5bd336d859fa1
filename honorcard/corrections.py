"""Why a case goes back or is refused: the reasons a reviewer presses, in words for the desk, the tablet and the
volunteer.

Codes travel in the feed (`application.returned`); both ends say them with `words`. Photographs to retake are named
`headshot`, `cover`, `previous_card`, `form`, `document`, `page-2`. What is not here: the free text, which is the reviewer's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from honorcard import evidence
from honorcard.evidence import Evidence
from honorcard.problems import Language


@dataclass(frozen=True)
class Correction:
    """One reason: its code, what the desk's button says, and what the person is told to do, in both languages. again: which
    photograph it means to be taken again, a slot's name or `view` for the one that the reviewer looks at; empty for none.
    """

    code: str
    zh: str
    en: str
    do_zh: str
    do_en: str
    again: str = ""


@dataclass(frozen=True)
class Refusal:
    """One ground of refusal with the rule it rests on."""

    code: str
    rule: str
    zh: str
    en: str


RETURNS: tuple[Correction, ...] = (
    Correction(
        "page_glare", "反光", "Glare",
        "相片反光。請關掉上方的燈，重拍。",
        "The photo has glare. Turn off the light above and retake it.",
        again="view",
    ),
    Correction(
        "page_blurred", "模糊", "Blurred",
        "相片模糊。請拿穩、對準焦，重拍。",
        "The photo is blurred. Hold still and retake it.",
        again="view",
    ),
    Correction(
        "page_missing", "缺頁", "Page missing",
        "紀錄冊少了一頁。請補拍缺的那一頁。",
        "A page of the record book is missing. Photograph it.",
    ),
    Correction(
        "headshot_unfit", "大頭照不合", "Headshot unfit",
        "大頭照不能用。請正面、不遮臉，重拍。",
        "The headshot cannot be used. Face the camera, uncovered, and retake it.",
        again="headshot",
    ),
    Correction(
        "hours_differ", "時數不同", "Hours differ",
        "填的時數和紀錄冊不同。請看紀錄冊再填一次。",
        "The hours typed differ from the record book. Read them there and type them again.",
    ),
    Correction(
        "dates_differ", "日期不同", "Dates differ",
        "填的日期和紀錄冊不同。請看紀錄冊再填一次。",
        "The dates typed differ from the record book. Read them there and type them again.",
    ),
    Correction(
        "name_differs", "姓名不同", "Name differs",
        "姓名和紀錄冊封面不同。請看證件再填一次。",
        "The name differs from the book's cover. Look at the document and type it again.",
    ),
    Correction(
        "identity_differs", "證號或生日不同", "ID or birth date differs",
        "證號或出生日期和紀錄冊不同。請看證件再填一次。",
        "The ID number or date of birth differs from the book. Look at the document and type it again.",
    ),
    Correction(
        "book_number_differs", "冊號不同", "Book number differs",
        "紀錄冊編號和封面不同。請看封面再填一次。",
        "The record book number differs from the cover. Read it there and type it again.",
    ),
    Correction(
        "previous_card_differs", "舊卡不同", "Old card differs",
        "舊卡的有效期限和相片不同。請看舊卡再填一次。",
        "The old card's date differs from its photo. Read it there and type it again.",
    ),
    Correction(
        "other", "其他", "Other",
        "請照審查人員寫的說明修改。",
        "Please follow the reviewer's note.",
    ),
)  # fmt: skip

REFUSALS: tuple[Refusal, ...] = (
    Refusal("tenure_short", "R2", "年資不滿三年", "Less than three years of service"),
    Refusal("hours_short", "R3", "時數不滿 300 小時", "Fewer than 300 hours"),
    Refusal("not_recent", "R22", "近半年沒有服務紀錄", "No service in the last half year"),
    Refusal("window_not_open", "R20", "還沒到換發期間", "The renewal window is not open yet"),
    Refusal("no_record_book", "R1", "沒有服務紀錄冊", "No record book"),
    Refusal("training_missing", "R61", "訓練還沒完成", "Training is not complete"),
    Refusal("excluded_category", "R12", "民防、義警、義消等另循紙本申請",
            "Civil defence, police and fire auxiliaries apply on paper"),
    Refusal("double_counted", "R6", "年資或時數重複計算", "Service counted twice"),
    Refusal("duplicate", "C51", "同一人已有另一件申請", "The same person has another application"),
    Refusal("other", "—", "其他", "Other"),
)  # fmt: skip

_BOTH = {entry.code: entry for entry in RETURNS}
# Of a reissue or correction (R38): papers are looked at, no service is.
CARD_RETURNS: tuple[Correction, ...] = (
    Correction(
        "form_unreadable", "申請表看不清楚", "Form unreadable",
        "補發申請表看不清楚。請放平、對準焦，重拍。",
        "The reissue form cannot be read. Lay it flat and retake it.",
    ),
    Correction(
        "form_unsigned", "申請表沒簽名", "Form unsigned",
        "補發申請表要本人簽名。請簽名後重拍。",
        "The holder has to sign the reissue form. Sign it and retake it.",
    ),
    _BOTH["headshot_unfit"],
    Correction(
        "cover_unreadable", "封面看不清楚", "Cover unreadable",
        "紀錄冊封面看不清楚。請放平、對準焦，重拍。",
        "The record book's cover cannot be read. Lay it flat and retake it.",
    ),
    Correction(
        "document_unfit", "證件不合", "Document unfit",
        "證件看不清楚，或沒有更正後的資料。請換一份重拍。",
        "The document cannot be read or does not show the corrected data. Photograph another one.",
    ),
    Correction(
        "name_unlike_document", "姓名不同", "Name differs",
        "姓名和證件不同。請看證件再填一次。",
        "The name differs from the document. Look at it and type the name again.",
    ),
    Correction(
        "identity_unlike_document", "證號或生日不同", "ID or birth date differs",
        "證號或出生日期和證件不同。請看證件再填一次。",
        "The ID number or date of birth differs from the document. Look at it and type it again.",
    ),
    Correction(
        "old_card_differs", "舊卡資料不同", "Old card differs",
        "舊卡的卡號或有效期限和紀錄不同。請看舊卡再填一次。",
        "The old card's number or date differs from the records. Read them off the card and type them again.",
    ),
    _BOTH["other"],
)  # fmt: skip

CARD_REFUSALS: tuple[Refusal, ...] = (
    Refusal("not_the_holder", "R38", "不是持卡人本人", "Not the holder of the card"),
    Refusal("card_over", "A8", "卡片已經到期，請辦換發", "The card has ended; apply for a renewal"),
    Refusal("card_ended", "A22", "卡片已經註銷或停用", "The card was revoked or suspended"),
    Refusal("no_such_card", "A21", "查不到這張舊卡", "There is no record of that card"),
    Refusal("duplicate", "C51", "同一人已有另一件申請", "The same person has another application"),
    Refusal("other", "—", "其他", "Other"),
)  # fmt: skip

_ABOUT_A_CARD = ("reissue", "correction")
_RETURNS = {entry.code: entry for entry in (*RETURNS, *CARD_RETURNS)}
_REFUSALS = {entry.code: entry for entry in (*REFUSALS, *CARD_REFUSALS)}
_SLOTS = {
    "headshot": ("大頭照", "Headshot"), "cover": ("封面", "Cover"), "previous_card": ("舊卡", "Old card"),
    "certificate": ("結業證書", "Certificate"), "form": ("補發申請表", "Reissue form"), "document": ("證件", "Document"),
}  # fmt: skip


def returns(kind: str) -> tuple[Correction, ...]:
    """The reasons for which a case of that kind goes back, in the order of the desk's buttons."""
    return CARD_RETURNS if kind in _ABOUT_A_CARD else RETURNS


def refusals(kind: str) -> tuple[Refusal, ...]:
    """The grounds on which a case of that kind is refused."""
    return CARD_REFUSALS if kind in _ABOUT_A_CARD else REFUSALS


def is_return(code: str) -> bool:
    """Whether a case can go back for that reason."""
    return code in _RETURNS


def is_refusal(code: str) -> bool:
    """Whether a case can be refused on that ground."""
    return code in _REFUSALS


def words(code: str, language: Language) -> str:
    """What the person reads about a reason or ground; the code itself when this version does not know it."""
    if code in _RETURNS:
        return _RETURNS[code].do_zh if language == "zh" else _RETURNS[code].do_en
    return label(code, language)


def label(code: str, language: Language) -> str:
    """The short word for a reason or ground, as the desk's chips and the history show it."""
    entry = _RETURNS.get(code) or _REFUSALS.get(code)
    if entry is None:
        return code
    return entry.zh if language == "zh" else entry.en


def slot_words(slot: str, language: Language, pages: Mapping[int, Evidence] | None = None) -> str:
    """`page-2` → 「內頁第 2 頁」, or its place in the books where `pages` knows it, 「第 2 本第 5 頁（加頁）」; `cover` → 「封面」,
    `cover-2` → 「第 2 本的封面」.
    """
    name, _, place = slot.partition("-")
    page = (pages or {}).get(int(place)) if name == "page" and place.isdecimal() else None
    if page is not None:
        return evidence.words(page, language)
    if name == "page":
        return f"內頁第 {place} 頁" if language == "zh" else f"Page {place}"
    if name == "cover" and place not in ("", "0", "1"):
        return f"第 {place} 本的封面" if language == "zh" else f"Cover of book {place}"
    zh, en = _SLOTS.get(name, (slot, slot))
    return zh if language == "zh" else en
