"""The gate's decision: one table, read from the top, the first row that fits is the answer (credential C.3).

A pure function of the text, the trust list, the pack and what is known of the time. The time is an interval, because
a tablet without a line knows it only so far: red for a date needs certainty, green too; what lies between is amber.
The same table is spoken by the page in a browser; tests/vectors/token.json holds both to one answer. What is not
here: the words (words.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from honorcard.card.pack import Damaged, Found, Pack
from honorcard.card.token import CardToken, TokenError, end_of_day, parse, signature_holds
from honorcard.card.trust import Trust

Colour = Literal["green", "amber", "red"]
Code = Literal[
    "not_a_card",
    "foreign",
    "practice",
    "bad_signature",
    "key_withdrawn",
    "expired",
    "suspended",
    "list_damaged",
    "revoked_or_replaced",
    "newer_than_list",
    "suspected_forgery",
    "date_unknown",
    "list_stale",
    "photo_missing",
    "valid",
]

COLOUR: dict[Code, Colour] = {
    "not_a_card": "red",
    "foreign": "red",
    "practice": "amber",
    "bad_signature": "red",
    "key_withdrawn": "red",
    "expired": "red",
    "suspended": "red",
    "list_damaged": "amber",
    "revoked_or_replaced": "red",
    "newer_than_list": "amber",
    "suspected_forgery": "red",
    "date_unknown": "amber",
    "list_stale": "amber",
    "photo_missing": "amber",
    "valid": "green",
}

STALE_DAYS = 30  # amber from here on; a setting
NOTE_DAYS = 7  # a note with the list's age from here on


@dataclass(frozen=True)
class Interval:
    """What is known of the present (sync B.8): not before `lo`, not after `hi`; None where nothing is known. Aware
    times."""

    lo: datetime | None
    hi: datetime | None

    @classmethod
    def at(cls, moment: datetime) -> Interval:
        """A trusted time."""
        return cls(moment, moment)


@dataclass(frozen=True)
class GateVerdict:
    """The answer for one code. A name or photo is there only where the pack opened and the card is not refused."""

    verdict: Colour
    code: Code
    name: str | None = None
    valid_until: date | None = None
    photo: bytes | None = None
    list_age_days: int | None = None
    note: Literal["list_age"] | None = None


def decide(
    text: str,
    trust: Trust,
    pack: Pack | None,
    interval: Interval,
    *,
    prefix: str | None = None,
    stale_days: int = STALE_DAYS,
    note_days: int = NOTE_DAYS,
) -> GateVerdict:
    """The verdict on the text of a QR code.

    `prefix` defaults to the trust list's. Without a pack nothing can be listed, and a card whose signature and date
    hold is answered `list_damaged`. The card's own date and the record's must both hold: the earlier one counts.
    """
    age = _age_days(pack, interval)
    note: Literal["list_age"] | None = "list_age" if age is not None and age >= note_days else None

    def answer(code: Code, until: date | None = None, found: Found | None = None) -> GateVerdict:
        shown = found if COLOUR[code] != "red" else None
        return GateVerdict(
            COLOUR[code],
            code,
            name=shown.name if shown else None,
            valid_until=until,
            photo=(shown.photo or None) if shown else None,
            list_age_days=age,
            note=note,
        )

    try:
        token = parse(text, trust.prefix if prefix is None else prefix)
    except TokenError as trouble:
        return answer(trouble.code)
    key = trust.key(token.kid, "card", "practice")
    if key is None or not key.seq_min <= token.seq <= key.seq_max or not signature_holds(token, key.verifying_key):
        return answer("bad_signature")
    if key.use == "practice":
        return answer("practice", token.last_valid_day)

    found: Found | Damaged | None = Damaged() if pack is None else pack.find(token)
    if key.withdrawn and found is None:
        return answer("key_withdrawn")
    until = token.last_valid_day
    if isinstance(found, Found):
        until = min(until, found.valid_until)
    if interval.lo is not None and interval.lo >= _end(until):
        return answer("expired", until)
    if isinstance(found, Found) and found.status == "suspended":
        return answer("suspended", until)
    if isinstance(found, Damaged) or pack is None:
        return answer("list_damaged", until)
    if found is None:
        return answer(_unlisted(token, pack), until)
    if interval.hi is None or interval.hi >= _end(until):
        return answer("date_unknown", until, found)
    if _is_stale(pack, interval.hi, stale_days):
        return answer("list_stale", until, found)
    if not found.photo:
        return answer("photo_missing", until, found)
    return answer("valid", until, found)


def _unlisted(token: CardToken, pack: Pack) -> Code:
    if token.seq <= pack.manifest.max_seq:
        return "revoked_or_replaced"
    if token.seq <= pack.manifest.max_seq + pack.manifest.cap:
        return "newer_than_list"
    return "suspected_forgery"


def _is_stale(pack: Pack, hi: datetime, stale_days: int) -> bool:
    """Older than the setting allows, or past the day the list itself names; by the latest the clock may be."""
    return hi - pack.manifest.as_of > timedelta(days=stale_days) or hi > pack.manifest.valid_until


def _age_days(pack: Pack | None, interval: Interval) -> int | None:
    moment = interval.hi or interval.lo
    if pack is None or moment is None:
        return None
    return max(0, (moment - pack.manifest.as_of) // timedelta(days=1))


def _end(day: date) -> datetime:
    return datetime.fromtimestamp(end_of_day(day), UTC)
