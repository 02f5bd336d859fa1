"""What comes of an event: each person's stays, and the service rows or trainings that follow; worked out anew whenever something is
told or mended, so that the order in which tablets are heard makes no difference.

Rows that no longer hold become void, with the reason; what somebody at the office made void stays so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import Connection

from center.store import devices, events, feed, members, service, training
from center.store.events import Act, Event
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService
from center.store.training import Kind, NewTraining
from honorcard import attendance
from honorcard.attendance import Counting, Stay, Window
from sync import wire

CHANGED = "活動的報到紀錄更正"  # why a row became void


@dataclass(frozen=True)
class Attended:
    """One person, or what was held up and nobody knows whose it is. half_hours: by the event's own rule; acts: as told.

    is_open: somebody has still to say when the person left. fixed: the newest correction, None without one.
    """

    person_no: int | None
    who: bytes
    acts: tuple[Act, ...]
    stays: tuple[Stay, ...]
    half_hours: int
    is_open: bool
    fixed: Act | None = None

    @property
    def first(self) -> Act:
        """The act that tells most of somebody nobody knows."""
        return next((act for act in self.acts if act.name or act.masked_number or act.said), self.acts[0])


def window(event: Event) -> Window:
    """The event as far as counting goes."""
    return Window(event.starts_ms, event.ends_ms, cast(Counting, event.counting), event.half_hours)


def attended(event: Event, acts: Iterable[Act]) -> list[Attended]:
    """Everybody who was there, in the order in which they were first told of."""
    by_person: dict[object, list[Act]] = {}
    for act in acts:
        by_person.setdefault(act.who if act.person_no is None else act.person_no, []).append(act)
    closed = event.state == "closed"
    return [_one(event, tuple(told), closed) for told in by_person.values()]


def _one(event: Event, told: tuple[Act, ...], closed: bool) -> Attended:
    fixed = next((act for act in reversed(told) if act.what == "fix"), None)
    if fixed is not None:
        there: tuple[Stay, ...] = () if fixed.at_ms is None else (Stay(fixed.at_ms, fixed.until_ms),)
    else:
        there = attendance.stays(
            (attendance.Act("in" if act.what == "in" else "out", act.at_ms) for act in told if act.at_ms is not None),
            missing_in=event.missing_in_ms if closed else None,
            missing_out=event.missing_out_ms if closed else None,
        )
    is_open = event.counting == "clock" and any(stay.end_ms is None for stay in there)
    amount = attendance.half_hours(window(event), there)
    return Attended(told[0].person_no, told[0].who, told, there, amount, is_open, fixed)


def settle(conn: Connection, event: Event, *, by: str, now_ms: int) -> int:
    """Brings the rows of a closed event up to what was told; says how many people have one. Nothing while it is open."""
    if event.state != "closed":
        return 0
    wanted = {
        one.person_no: one
        for one in attended(event, events.acts(conn, event))
        if one.person_no is not None and one.stays
    }
    came = Origin("event", by, now_ms, event.event_id)
    if event.kind == "training":
        there = events.trainings_of(conn, event.event_id)
        keep = {no: _as_training(event, one) for no, one in wanted.items()}
    else:
        there = events.service_of(conn, event.event_id)
        keep = {no: _as_service(event, one) for no, one in wanted.items() if one.half_hours > 0}
    left_alone = {row.person_no for row in there if row.is_void and row.void_why != CHANGED}
    standing = set()
    for row in there:
        if row.is_void:
            continue
        if row.person_no in keep and (row.start, row.end, row.half_hours) == keep[row.person_no]:
            standing.add(row.person_no)
        elif event.kind == "training":
            training.void(conn, row.key, by=by, why=CHANGED, now_ms=now_ms)
        else:
            service.void(conn, int(row.key), by=by, why=CHANGED, now_ms=now_ms)
    new = {no: row for no, row in keep.items() if no not in standing and no not in left_alone}
    if event.kind == "training":
        training.add(
            conn,
            [
                NewTraining(
                    no, cast(Kind, event.course), event.field, event.title, amount or None, end, "", None, event.unit_id
                )
                for no, (_, end, amount) in new.items()
            ],
            came,
        )
    else:
        service.add(
            conn,
            [
                NewService(no, event.unit_id, start, end, amount, event.item or event.title, event.title)
                for no, (start, end, amount) in new.items()
                if start is not None and end is not None and amount
            ],
            came,
        )
    if event.unit_id is not None:
        members.join(conn, [NewMember(no, event.unit_id) for no in new], came)
    return len(keep)


def tell(conn: Connection, event: Event, now_ms: int, *, but: str = "") -> None:
    """Puts the event as it stands into the feed of its unit's tablets, but for the one that told it."""
    for device in devices.everyone(conn):
        if device.unit_id == event.unit_id and device.device_id != but and device.disabled_ms is None:
            _tell_one(conn, event, device.device_id, now_ms)


def tell_newcomer(conn: Connection, device_id: str, unit_id: str | None, now_ms: int) -> None:
    """Puts the unit's open events into the feed of a tablet that was enrolled after they were made."""
    if unit_id is not None:
        for event in events.open_of(conn, unit_id):
            _tell_one(conn, event, device_id, now_ms)


def _tell_one(conn: Connection, event: Event, device_id: str, now_ms: int) -> None:
    feed.append(
        conn, kind="event.open", entity_id=event.event_id, rev=1, device_id=device_id, body=wire.encode(as_told(event)),
        at_ms=now_ms,
    )  # fmt: skip


def as_told(event: Event) -> wire.Event:
    """The event as tablets know it."""
    return wire.Event(**{name: getattr(event, name) for name in wire.Event.__struct_fields__})


def _as_service(event: Event, one: Attended) -> tuple[date | None, date | None, int | None]:
    start, end = attendance.days(window(event), one.stays)
    return start, end, one.half_hours


def _as_training(event: Event, one: Attended) -> tuple[date | None, date | None, int | None]:
    _, end = attendance.days(window(event), one.stays)
    return end, end, one.half_hours or None
