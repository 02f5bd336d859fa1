"""A card that is lost, damaged or says something wrong: what kind of case that is, what it needs, what stays and what
changes; and why a card may be revoked.

Source: R38, R39, A7, A21, A22, A24, cases C42 and C43. What is not here: who may (roles), the two reviews (review), the
number and the signature of what is issued (number, signing).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from honorcard.problems import Language, ProblemError
from honorcard.roles import Right

Cause = Literal["lost", "damaged", "name", "birth_date", "identity_number", "photo"]
Kind = Literal["reprint", "reissue", "correction"]
Need = Literal["form", "headshot", "cover", "document"]
Part = Literal["number", "valid_until", "eligibility", "signature", "secret", "face"]
CardStatus = Literal["live", "suspended", "revoked", "replaced"]

CAUSES: tuple[Cause, ...] = get_args(Cause)
CORRECTIONS: frozenset[Cause] = frozenset({"name", "birth_date", "identity_number", "photo"})

_NAMES: dict[str, tuple[str, str]] = {
    "lost": ("遺失", "lost"),
    "damaged": ("毀損", "damaged"),
    "name": ("姓名更正", "name to be corrected"),
    "birth_date": ("出生年月日更正", "date of birth to be corrected"),
    "identity_number": ("證號更正", "ID number to be corrected"),
    "photo": ("相片更換", "new photo"),
    "reprint": ("補印", "printed again"),
    "reissue": ("補發", "reissue"),
    "correction": ("更正換發", "correction"),
    "form": ("補發申請表", "reissue form"),
    "headshot": ("一寸半身照片", "headshot"),
    "cover": ("紀錄冊封面", "record book cover"),
    "document": ("更正後的證件", "document with the right data"),
}


@dataclass(frozen=True)
class HeldCard:
    """The card in question. in_system: issued here; else read from paper or another city's card (A21)."""

    status: CardStatus
    valid_until: date
    in_system: bool = True


@dataclass(frozen=True)
class Decision:
    """What is to be done about a card.

    needs: to be handed in before a reviewer looks. reviewed: both reviews, by two people; else it is done at once and
    logged. keeps, changes: parts of the card. old_ends: the QR that is out there now is taken off the list.
    """

    kind: Kind
    needs: tuple[Need, ...]
    right: Right
    reviewed: bool
    keeps: frozenset[Part]
    changes: frozenset[Part]
    old_ends: bool


_EVERYTHING: frozenset[Part] = frozenset(get_args(Part))
_PAPERS: tuple[Need, ...] = ("form", "headshot", "cover")  # R38


def decide(cause: Cause, card: HeldCard, on: date) -> Decision:
    """What becomes of a request about a card, on a day.

    A lost or damaged card of ours is printed again as it is, without form or review, and logged (C42). One we never
    issued is a 補發 case: the last valid day stays, the number is ours and new. Wrong data is a 更正 case: number and last
    valid day stay, the card is signed anew under a new secret and the old QR ends (A24, C43).
    Raises `card_ended_already` for a revoked or replaced card, `card_suspended` for a suspended one, `card_over` after
    its last day: then it is a renewal (A8).
    """
    if card.status in ("revoked", "replaced"):
        raise ProblemError("card_ended_already")
    if card.status == "suspended":
        raise ProblemError("card_suspended")
    if on > card.valid_until:
        raise ProblemError("card_over", valid_until=card.valid_until)
    if cause not in CORRECTIONS and card.in_system:
        return Decision("reprint", (), "print_card", False, _EVERYTHING, frozenset(), old_ends=False)
    changes: frozenset[Part] = frozenset({"signature", "secret"})
    if cause in CORRECTIONS:
        changes |= {"face"}
    if not card.in_system:
        changes |= {"number"}
    kind: Kind = "correction" if cause in CORRECTIONS else "reissue"
    return Decision(kind, papers(cause), "ask_reissue", True, _EVERYTHING - changes, changes, old_ends=card.in_system)


def papers(cause: Cause) -> tuple[Need, ...]:
    """What has to be handed in for a card to be issued again; a photograph proves itself, data is proved by a document."""
    return (*_PAPERS, "document") if cause in CORRECTIONS and cause != "photo" else _PAPERS


def missing(decision: Decision, handed_in: frozenset[Need]) -> tuple[Need, ...]:
    """What still has to be handed in, in the order of the form."""
    return tuple(need for need in decision.needs if need not in handed_in)


def name(code: Cause | Kind | Need, language: Language) -> str:
    """A cause, a kind of case or a paper in words."""
    return _NAMES[code][0 if language == "zh" else 1]


def label(code: Cause | Kind | Need, language: Language) -> str:
    """The same where it stands alone: in English with a capital."""
    words = name(code, language)
    return words[0].upper() + words[1:]


# why a card is printed again as it is (R39); the code is kept in the logs
REPRINTS: tuple[tuple[str, str, str], ...] = (
    ("spoiled", "沒印好（卡紙、偏掉、顏色不對）", "Printed badly (jam, shifted, wrong colours)"),
    ("lost", "卡片弄丟了", "The card was lost"),
    ("unreadable", "卡片破損，看不清楚", "The card is damaged or hard to read"),
    ("changed", "多印一張給本人留存", "An extra copy for the volunteer to keep"),
)
REPRINTS_FREE = 2  # so many within REPRINT_DAYS with a reason of the list alone; more need words to it
REPRINT_DAYS = 30
_REPRINTS = {code: (zh, en) for code, zh, en in REPRINTS}


def reprint_words(code: str, language: Language) -> str:
    """Why a card was printed again, in words: a reason of REPRINTS or a cause; the code itself when it is neither."""
    zh, en = _REPRINTS.get(code) or _NAMES.get(code, (code, code))
    return zh if language == "zh" else en


@dataclass(frozen=True)
class Revocation:
    """A ground on which a card ends for good, with the rule it rests on. told: whether the holder has to be written to."""

    code: str
    rule: str
    zh: str
    en: str
    told: bool = True


# The seeds are silent on revocation (A22); misuse is the old record-book regulation's art. 6.
REVOCATIONS: tuple[Revocation, ...] = (
    Revocation("misused", "A22", "轉借或冒用", "Lent or used by another person"),
    Revocation("false_evidence", "A22", "紀錄不實", "The service record was false"),
    Revocation("double_counted", "R6", "年資或時數重複計算", "Service counted twice"),
    Revocation("issued_in_error", "R1", "核發錯誤，不符規定", "Issued in error"),
    Revocation("surrendered", "A22", "本人繳回", "Handed back by the holder"),
    Revocation("deceased", "A22", "持卡人過世", "The holder has died", told=False),
    Revocation("other", "A22", "其他", "Other"),
)
_REVOCATIONS = {entry.code: entry for entry in REVOCATIONS}


def revocation_ground(code: str) -> Revocation | None:
    """The ground of a code as others are told of it; None for `other`, whose words are for the log alone."""
    return _REVOCATIONS.get(code) if code != "other" else None


def revocation(code: str, text: str = "") -> Revocation:
    """The ground of a code. Raises `revoke_reason_missing` for none, or for `other` without words of its own."""
    found = _REVOCATIONS.get(code)
    if found is None or (code == "other" and not text.strip()):
        raise ProblemError("revoke_reason_missing")
    return found


def revocation_words(code: str, text: str, language: Language) -> str:
    """The reason as it is kept and shown: the ground and what was written, `轉借或冒用：友人持卡入園`.

    `other` is what was written alone. Raises `revoke_reason_missing` as revocation does.
    """
    ground = revocation(code, text)
    said = text.strip()
    if code == "other":
        return said
    name = ground.zh if language == "zh" else ground.en
    if not said:
        return name
    return f"{name}：{said}" if language == "zh" else f"{name}: {said}"
