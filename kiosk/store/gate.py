"""How many cards were held up on a day, by outcome, and which place this gate is. Nothing about a person or a card is kept."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import cast, get_args

from sqlite_utils import Database

from honorcard.card import signed_jump
from honorcard.card.manifest import SignedCount
from honorcard.card.signed_jump import DaySeen
from honorcard.card.verdict import Code
from honorcard.venues import Venue
from kiosk.store import syncing, venues

HIGH_WATER = "pack_high_water"
PLACE = "gate_place"
SIGNED = "pack_signed"
_REASON = "code."  # before the outcomes of the gate's table, which share the table of counts with the colours


def count(db: Database, day: date, verdict: str) -> None:
    """One more of that outcome: green, amber, red; `mismatch` when the face was not the photo's; `number` when only the
    card's number was looked at.
    """
    db.conn.execute(
        "INSERT INTO gate_count (day, verdict, n) VALUES (?, ?, 1) ON CONFLICT (day, verdict) DO UPDATE SET n = n + 1",
        (day.isoformat(), verdict),
    )


def count_reason(db: Database, day: date, code: Code) -> None:
    """One more of that row of the gate's table."""
    count(db, day, _REASON + code)


def counts(db: Database, day: date) -> dict[str, int]:
    """The day's counts by colour."""
    return {said: n for said, n in _counts(db, day) if not said.startswith(_REASON)}


def reasons(db: Database, day: date) -> list[tuple[Code, int]]:
    """The day's counts by row of the gate's table, the most frequent first."""
    known = get_args(Code)
    found = [(said.removeprefix(_REASON), n) for said, n in _counts(db, day) if said.startswith(_REASON)]
    return sorted(((cast(Code, code), n) for code, n in found if code in known), key=lambda one: (-one[1], one[0]))


def _counts(db: Database, day: date) -> list[tuple[str, int]]:
    rows = db.conn.execute("SELECT verdict, n FROM gate_count WHERE day = ?", (day.isoformat(),))
    return [(str(verdict), int(n)) for verdict, n in rows]


def place(db: Database) -> Venue | None:
    """The place this gate is at; None where nobody said, or it is on the list no more."""
    code = syncing.get(db, PLACE)
    return next((one for one in venues.everywhere(db) if one.code == code), None) if code else None


def set_place(db: Database, code: str) -> None:
    """Says which place this gate is at; empty for none."""
    syncing.put(db, PLACE, code)


def signed_seen(db: Database) -> tuple[DaySeen, ...]:
    """What the lists used on this tablet said of the center's signatures, by day."""
    told = syncing.get(db, SIGNED)
    return tuple(DaySeen(*row) for row in json.loads(told)) if told else ()


def note_signed(db: Database, as_of: datetime, signed: SignedCount) -> None:
    """One more list, by what it says of the signatures."""
    seen = signed_jump.noted(signed_seen(db), as_of, signed)
    syncing.put(db, SIGNED, json.dumps([[one.day, one.entries, one.most] for one in seen]))


def high_water(db: Database) -> int:
    """The highest pack version this tablet ever used (an older one is refused)."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (HIGH_WATER,)).fetchone()
    return int(row[0]) if row else 0


def raise_high_water(db: Database, version: int) -> None:
    """Notes a version as used; never lowers it."""
    db.conn.execute(
        """
        INSERT INTO meta (k, v) VALUES (?, ?)
        ON CONFLICT (k) DO UPDATE SET v = CASE WHEN CAST(v AS INTEGER) < ? THEN excluded.v ELSE v END
        """,
        (HIGH_WATER, str(version), version),
    )
