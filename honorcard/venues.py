"""Places where the card opens a gate, the form of card each accepts, and what a volunteer is told about it.

Source: R48 (some scenic areas take paper only; the yearly survey asks), §2.8 and A30 (the ordinary card is free entry; the
half price of the auxiliaries' cards is not issued here). What is not here: the list itself (the center's), the gate's
decision (card.verdict).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from honorcard.problems import Language

AcceptedForm = Literal["paper", "digital", "both", "unknown"]
VenueKind = Literal["scenic_area", "recreation", "culture_education"]  # §2.8: public, and no numbered seats
CardForm = Literal["paper", "digital"]
Answer = Literal["yes", "no", "ask"]

ACCEPTED_FORMS: tuple[AcceptedForm, ...] = get_args(AcceptedForm)
VENUE_KINDS: tuple[VenueKind, ...] = get_args(VenueKind)
LONGEST_NAME = 60

_FORMS: dict[AcceptedForm, tuple[str, str]] = {
    "paper": ("只收紙本卡", "paper card only"),
    "digital": ("只收電子卡", "digital card only"),
    "both": ("紙本、電子都收", "paper or digital"),
    "unknown": ("未註明", "not stated"),
}
_KINDS: dict[VenueKind, tuple[str, str]] = {
    "scenic_area": ("風景區", "scenic area"),
    "recreation": ("康樂場所", "recreation"),
    "culture_education": ("文教設施", "culture and education"),
}
_ADVICE: dict[AcceptedForm, tuple[str, str]] = {
    "paper": ("這裡只收紙本榮譽卡。請帶印好的卡去。", "Only the paper card is taken here. Bring the printed card."),
    "digital": (
        "這裡只收電子榮譽卡。請先在手機開好。",
        "Only the digital card is taken here. Have it ready on your phone.",
    ),
    "both": ("紙本和電子榮譽卡都可以。請本人帶卡去。", "Paper and digital cards are both taken. Bring your own card."),
    "unknown": (
        "這裡沒有註明收哪一種卡。請帶印好的卡，或先打電話問。",
        "It is not stated which card is taken here. Bring the printed card, or call first.",
    ),
}
_AT_GATE: dict[AcceptedForm, tuple[str, str]] = {
    "paper": ("只收紙本卡，不收手機畫面。", "Paper card only: a phone's screen is not taken."),
    "digital": ("只收電子卡，不收紙本。", "Digital card only: paper is not taken."),
    "both": ("紙本、手機畫面都收。", "Paper and phone screens are both taken."),
    "unknown": (
        "沒有註明收哪一種卡，請依現場規定。",
        "Which form is taken is not stated: follow the rules of the place.",
    ),
}
_BENEFIT = ("免費入場，限本人。", "Free entry, for the holder alone.")  # §2.8, A30


@dataclass(frozen=True)
class Venue:
    """A place by its code, name and city. note: what the place itself wants people to know, in zh-Hant. district: 行政區.
    benefit_zh, benefit_en: what the card gives there, where it is not free entry.
    """

    code: str
    name: str
    city: str
    kind: VenueKind
    accepted_form: AcceptedForm = "unknown"
    note: str = ""
    district: str = ""
    benefit_zh: str = ""
    benefit_en: str = ""

    def problem(self) -> str | None:
        """The catalogue code of what keeps it off the list, None when nothing does."""
        if not (self.code.strip() and self.name.strip() and self.city.strip()):
            return "venue_field_missing"
        return "venue_name_too_long" if len(self.name.strip()) > LONGEST_NAME else None


def takes(venue: Venue, form: CardForm) -> Answer:
    """Whether a place takes a card of that form; `ask` where nobody has said."""
    if venue.accepted_form == "unknown":
        return "ask"
    return "yes" if venue.accepted_form in ("both", form) else "no"


def form_words(form: AcceptedForm, language: Language) -> str:
    """What a place accepts, as a list shows it."""
    return _FORMS[form][0 if language == "zh" else 1]


def kind_words(kind: VenueKind, language: Language) -> str:
    """What kind of place it is."""
    return _KINDS[kind][0 if language == "zh" else 1]


def advice(venue: Venue, language: Language) -> str:
    """What a volunteer is told before the way there: which card to bring."""
    return _ADVICE[venue.accepted_form][0 if language == "zh" else 1]


def benefit(venue: Venue, language: Language) -> str:
    """What the card gives there; in English what was written in Chinese where nothing else was."""
    free = _BENEFIT[0 if language == "zh" else 1]
    return venue.benefit_zh or free if language == "zh" else venue.benefit_en or venue.benefit_zh or free


def wanting_paper(venues: Iterable[Venue]) -> tuple[Venue, ...]:
    """The places for which a printed card is needed, then those for which it may be: by city, then name."""
    wary = (venue for venue in venues if venue.accepted_form in ("paper", "unknown"))
    return tuple(sorted(wary, key=lambda venue: (venue.accepted_form != "paper", venue.city, venue.name, venue.code)))


def at_gate(venue: Venue, language: Language) -> tuple[str, str]:
    """What the gate's screen says beside a good card: what the card gives here, and which form of it is taken (R48)."""
    return benefit(venue, language), _AT_GATE[venue.accepted_form][0 if language == "zh" else 1]
