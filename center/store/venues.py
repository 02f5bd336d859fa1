"""Places where the card opens a gate: the list, and what tablets hear of it.

A place taken off the list stays as a row, so that its code is not given to another one. What is not here: what a place
must have (honorcard.venues), the pages (venues).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Connection, insert, select, update

from center.store import feed
from center.store.tables import venue
from honorcard.problems import ProblemError
from honorcard.venues import AcceptedForm, Venue, VenueKind
from sync import wire


def everywhere(conn: Connection) -> list[Venue]:
    """The places on the list, by city and name."""
    query = select(venue).where(venue.c.listed == 1).order_by(venue.c.city, venue.c.name, venue.c.code)
    return [
        Venue(row.code, row.name, row.city, cast(VenueKind, row.kind), cast(AcceptedForm, row.accepted_form), row.note)
        for row in conn.execute(query)
    ]


def find(conn: Connection, code: str) -> Venue | None:
    """One place on the list."""
    return next((one for one in everywhere(conn) if one.code == code), None)


def add(conn: Connection, new: Iterable[Venue], now_ms: int) -> None:
    """New places; every tablet hears of the whole list once. ProblemError `venue_code_taken`; nothing is written then."""
    for one in new:
        if conn.execute(select(venue.c.code).where(venue.c.code == one.code)).first() is not None:
            raise ProblemError("venue_code_taken", venue_code=one.code)
        conn.execute(insert(venue).values(code=one.code, **_values(one), changed_ms=now_ms))
    _tell(conn, now_ms)


def change(conn: Connection, now: Venue, now_ms: int) -> None:
    """The place of that code as it is now."""
    conn.execute(update(venue).where(venue.c.code == now.code).values(**_values(now), changed_ms=now_ms))
    _tell(conn, now_ms)


def take_off(conn: Connection, code: str, now_ms: int) -> None:
    """The card opens no gate there any more."""
    conn.execute(update(venue).where(venue.c.code == code).values(listed=0, changed_ms=now_ms))
    _tell(conn, now_ms)


def _values(one: Venue) -> dict[str, str]:
    return {
        "name": one.name,
        "city": one.city,
        "kind": one.kind,
        "accepted_form": one.accepted_form,
        "note": one.note,
    }


def _tell(conn: Connection, now_ms: int) -> None:
    """The whole list for every tablet: a few hundred short lines at most, and no tablet can have half of it."""
    listed = tuple(
        wire.Venue(
            code=one.code, name=one.name, city=one.city, kind=one.kind, accepted_form=one.accepted_form, note=one.note
        )
        for one in everywhere(conn)
    )
    feed.append(
        conn, kind="venues", entity_id="venues", rev=1, device_id=None, body=wire.encode(wire.Venues(venues=listed)),
        at_ms=now_ms,
    )  # fmt: skip
