"""The photographs of cases and of changes that wait: which are awaited, which have arrived sealed, what came of opening each.

What is not here: the files (center.photostore) and their transfer (uploads).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select, tuple_, update

from center.store import bulk
from center.store.tables import application_photo, blob, blob_ref, proposal_photo
from sync.wire import Photo

_STORED = select(blob.c.sha256).where(blob.c.sha256.in_(bindparam("addresses", expanding=True)))
_STATES = select(application_photo.c.state).where(application_photo.c.application_id == bindparam("application_id"))


def expect(conn: Connection, application_id: str, photos: Collection[Photo]) -> None:
    """These photographs belong to the application now: those it had already stay as they are, others are awaited."""
    had = {
        (row.slot, row.position): bytes(row.sealed_sha256)
        for row in conn.execute(select(application_photo).where(application_photo.c.application_id == application_id))
    }
    wanted = {(photo.slot, photo.position): photo for photo in photos}
    gone = [place for place, address in had.items()
            if place not in wanted or bytes.fromhex(wanted[place].sealed_sha256) != address]  # fmt: skip
    for slot, position in gone:
        conn.execute(
            delete(application_photo).where(
                application_photo.c.application_id == application_id,
                application_photo.c.slot == slot,
                application_photo.c.position == position,
            )
        )
    expect_first(
        conn, {application_id: [photo for place, photo in wanted.items() if place not in had or place in gone]}
    )


def expect_first(conn: Connection, photos: Mapping[str, Collection[Photo]]) -> dict[str, int]:
    """These photographs, by application, are awaited in places that were empty. Gives how many of each have arrived already."""
    addresses = {bytes.fromhex(photo.sealed_sha256) for named in photos.values() for photo in named}
    asked = conn.execute(_STORED, {"addresses": list(addresses)}).scalars() if addresses else ()
    stored = {bytes(found) for found in asked}
    rows: list[dict[str, Any]] = [
        {
            "application_id": application_id, "slot": photo.slot, "position": photo.position,
            "sealed_sha256": (sealed := bytes.fromhex(photo.sealed_sha256)),
            "clear_sha256": bytes.fromhex(photo.clear_sha256), "state": "stored" if sealed in stored else "awaited",
        }
        for application_id, named in photos.items()
        for photo in named
    ]  # fmt: skip
    bulk.add(conn, application_photo, rows)
    here = dict.fromkeys(photos, 0)
    for row in rows:
        here[row["application_id"]] += row["state"] == "stored"
    return here


def note_named(conn: Connection, device_id: str, addresses: Iterable[str]) -> None:
    """The tablet named these files in an operation that was accepted: it may send them and ask about them."""
    rows = [{"device_id": device_id, "sha256": bytes.fromhex(address)} for address in sorted(set(addresses))]
    bulk.add(conn, blob_ref, rows, unless_there=True)  # what it named before stays as it is


def awaited(conn: Connection, application_id: str) -> list[str]:
    """The sealed files that the application still waits for, by their addresses."""
    query = select(application_photo.c.sealed_sha256).where(
        application_photo.c.application_id == application_id, application_photo.c.state == "awaited"
    )
    return [bytes(address).hex() for address in conn.execute(query).scalars()]


def count(conn: Connection, application_id: str) -> dict[str, int]:
    """How many photographs of the application are in each state."""
    found = {"awaited": 0, "stored": 0, "opened": 0, "refused": 0}
    for state in conn.execute(_STATES, {"application_id": application_id}).scalars():
        found[state] += 1
    return found


@dataclass(frozen=True)
class ToOpen:
    """A photograph that has arrived sealed. application_id: of a change that waits for a reviewer, its operation's id."""

    application_id: str
    slot: str
    position: int
    sealed_sha256: str
    clear_sha256: str
    proposed: bool = False


def to_open(conn: Connection, limit: int, after: tuple[str, str, int] = ("", "", -1)) -> list[ToOpen]:
    """Photographs waiting to be opened and checked, those after `after` in their order."""
    found = []
    for table, owner in (
        (application_photo, application_photo.c.application_id),
        (proposal_photo, proposal_photo.c.op_id),
    ):
        place = (owner, table.c.slot, table.c.position)
        rows = conn.execute(
            select(table, owner.label("owner"))
            .where(table.c.state == "stored", tuple_(*place) > tuple_(*after))
            .order_by(*place)
            .limit(limit)
        )
        found += [
            ToOpen(
                row.owner, row.slot, row.position, row.sealed_sha256.hex(), row.clear_sha256.hex(),
                table is proposal_photo,
            )
            for row in rows
        ]  # fmt: skip
    return sorted(found, key=lambda photo: (photo.application_id, photo.slot, photo.position))[:limit]


def waits_to_open(conn: Connection, photo: ToOpen) -> bool:
    """Whether the photograph still waits to be opened."""
    return conn.execute(select(_table(photo).c.slot).where(*_still(photo))).first() is not None


def settle(conn: Connection, photo: ToOpen, state: str, problem: str | None = None) -> bool:
    """Notes what came of opening a photograph; False when it was replaced meanwhile."""
    noted = conn.execute(update(_table(photo)).where(*_still(photo)).values(state=state, problem=problem))
    return noted.rowcount == 1


def _table(photo: ToOpen) -> Table:
    return proposal_photo if photo.proposed else application_photo


def _still(photo: ToOpen) -> tuple[ColumnElement[bool], ...]:
    columns = _table(photo).c
    return (
        (columns.op_id if photo.proposed else columns.application_id) == photo.application_id,
        columns.slot == photo.slot,
        columns.position == photo.position,
        columns.sealed_sha256 == bytes.fromhex(photo.sealed_sha256),
        columns.state == "stored",
    )
