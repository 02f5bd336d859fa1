"""Places where the card opens a gate: the list, and what tablets hear of it.

A place taken off the list stays as a row, so that its code is not given to another one. What is not here: what a place
must have (honorcard.venues), the pages (venues).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, func, insert, select, update

from center.store import feed
from center.store.cards import read_meta, write_meta
from center.store.tables import account, device, venue
from honorcard.problems import ProblemError
from honorcard.venues import AcceptedForm, Venue, VenueKind
from sync import wire

_TOLD, _SHAPE = "venues_told", "2"  # how much the last list on the feed said of each place


@dataclass(frozen=True)
class Verifier:
    """A tablet that stands at a place's gate. seen_ms: when it was last heard from, None for never; its list is as old at most
    as that. stopped: it was disabled.
    """

    device_id: str
    name: str
    seen_ms: int | None
    alarm: str
    stopped: bool


@dataclass(frozen=True)
class Person:
    """An account of venue staff."""

    account_id: str
    name: str
    person: str
    venue_code: str


def everywhere(conn: Connection) -> list[Venue]:
    """The places on the list, by city, district and name."""
    query = select(venue).where(venue.c.listed == 1)
    return [
        Venue(
            row.code, row.name, row.city, cast(VenueKind, row.kind), cast(AcceptedForm, row.accepted_form), row.note,
            row.district, row.benefit_zh, row.benefit_en,
        )
        for row in conn.execute(query.order_by(venue.c.city, venue.c.district, venue.c.name, venue.c.code))
    ]  # fmt: skip


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


def tell_anew(conn: Connection, now_ms: int) -> bool:
    """The list once more, where tablets last heard it from a version that said less of each place; whether it was needed."""
    if read_meta(conn, _TOLD) == _SHAPE or conn.execute(select(venue.c.code).limit(1)).first() is None:
        return False
    _tell(conn, now_ms)
    return True


# --- who stands there ---


def verifiers(conn: Connection, code: str) -> list[Verifier]:
    """The tablets at the gate of a place, by name."""
    query = select(device).where(device.c.venue_code == code).order_by(device.c.name, device.c.device_id)
    return [
        Verifier(row.device_id, row.name, row.seen_ms, row.alarm or "", row.disabled_ms is not None)
        for row in conn.execute(query)
    ]


def heard_from(conn: Connection) -> dict[str, tuple[int, int | None]]:
    """By place: how many tablets stand there, and when the one that has been silent longest was heard from; None for never."""
    silent = func.min(func.coalesce(device.c.seen_ms, 0))
    query = (
        select(device.c.venue_code, func.count().label("n"), silent.label("since"))
        .where(device.c.venue_code.is_not(None), device.c.disabled_ms.is_(None))
        .group_by(device.c.venue_code)
    )
    return {row.venue_code: (row.n, row.since or None) for row in conn.execute(query)}


def staff(conn: Connection) -> list[Person]:
    """Every open account of venue staff, and the place it is of; empty for none yet."""
    query = select(account).where(account.c.role == "venue", account.c.active == 1).order_by(account.c.name)
    return [Person(row.account_id, row.name, row.person, row.venue_code or "") for row in conn.execute(query)]


def give_account(conn: Connection, account_id: str, code: str) -> bool:
    """An account of venue staff is of that place from now on; empty: of none. Whether there is such an account."""
    mine = (account.c.account_id == account_id) & (account.c.role == "venue")
    return conn.execute(update(account).where(mine).values(venue_code=code or None)).rowcount == 1


def of_account(conn: Connection, account_id: str) -> Venue | None:
    """The place whose staff's account it is, while it is on the list."""
    code = conn.execute(select(account.c.venue_code).where(account.c.account_id == account_id)).scalar_one_or_none()
    return find(conn, code) if code else None


def _values(one: Venue) -> dict[str, str]:
    return {
        "name": one.name,
        "city": one.city,
        "kind": one.kind,
        "accepted_form": one.accepted_form,
        "note": one.note,
        "district": one.district,
        "benefit_zh": one.benefit_zh,
        "benefit_en": one.benefit_en,
    }


def _tell(conn: Connection, now_ms: int) -> None:
    """The whole list for every tablet: a few hundred short lines at most, and no tablet can have half of it."""
    listed = tuple(
        wire.Venue(
            code=one.code,
            name=one.name,
            city=one.city,
            kind=one.kind,
            accepted_form=one.accepted_form,
            note=" ".join(said for said in (one.benefit_zh, one.note) if said),
            district=one.district,
            benefit_zh=one.benefit_zh,
            benefit_en=one.benefit_en,
            own_note=one.note,
        )
        for one in everywhere(conn)
    )
    feed.append(
        conn, kind="venues", entity_id="venues", rev=1, device_id=None, body=wire.encode(wire.Venues(venues=listed)),
        at_ms=now_ms,
    )  # fmt: skip
    write_meta(conn, _TOLD, _SHAPE)
