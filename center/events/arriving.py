"""What tablets tell of events: one that was made there, somebody who came or left, the end. Inside the batch's transaction.

An act is taken whether its event is known yet or not, and whether anybody knows whose card it was: a tablet is never held up.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection

from center import bodies
from center.events import resolving, settling
from center.settings import Settings
from center.store import events
from center.store.devices import Device
from center.store.events import Event, NewAct
from honorcard.attendance import LONGEST_MS
from honorcard.attendance_form import HALF_HOURS_A_DAY, LONGEST_TITLE
from honorcard.problems import ProblemError
from sync import wire
from sync.wire import Op, OpResult

KINDS = ("event.new", "event.mark", "event.close")
_MOST_MS = 4_102_444_800_000  # the year 2100
_LONGEST_HALF_HOURS = LONGEST_MS // 86_400_000 * HALF_HOURS_A_DAY


def take(
    conn: Connection, settings: Settings, keys: Sequence[X25519PrivateKey], device: Device, op: Op, now_ms: int
) -> OpResult:
    """Applies one of KINDS. ProblemError `op_malformed`, `op_not_yours`."""
    if op.kind == "event.new":
        event: wire.Event = bodies.opened(op, keys, lambda clear: wire.decode(wire.Event, clear))
        _check(op, event.event_id)
        _new(conn, device, event, now_ms)
    elif op.kind == "event.mark":
        mark: wire.EventMark = bodies.opened(op, keys, lambda clear: wire.decode(wire.EventMark, clear))
        _check(op, mark.event_id)
        _mark(conn, settings, device, mark, now_ms)
    else:
        end: wire.EventClose = bodies.opened(op, keys, lambda clear: wire.decode(wire.EventClose, clear))
        _check(op, end.event_id)
        found = events.find(conn, end.event_id)
        if found is None:  # made on another tablet that has not been heard yet
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_failed")
        _is_theirs(device, found)
        _close(conn, device, end, now_ms)
    return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=1)


def _new(conn: Connection, device: Device, made: wire.Event, now_ms: int) -> None:
    if not _is_sound(made):
        raise ProblemError("op_malformed")
    found = events.find(conn, made.event_id)
    if found is not None:
        _is_theirs(device, found)
        return
    values = {name: getattr(made, name) for name in made.__struct_fields__}
    events.add(conn, {**values, "unit_id": device.unit_id, "made_by": device.device_id, "made_ms": now_ms})
    found = events.find(conn, made.event_id)
    assert found is not None
    if found.unit_id is not None:
        settling.tell(conn, found, now_ms, but=device.device_id)
    settling.settle(conn, found, by=device.device_id, now_ms=now_ms)


def _mark(conn: Connection, settings: Settings, device: Device, mark: wire.EventMark, now_ms: int) -> None:
    if len(mark.mark_id) != 36 or not 0 < mark.at_ms < _MOST_MS or len(mark.text) > 2_000:
        raise ProblemError("op_malformed")
    event = events.find(conn, mark.event_id)
    if event is not None:
        _is_theirs(device, event)
    if mark.what == "undo":
        events.undo(conn, mark.mark_id, device.device_id)
    else:
        found = resolving.find(conn, settings, mark)
        events.add_act(
            conn,
            NewAct(
                act_id=mark.mark_id, event_id=mark.event_id, unit_id=device.unit_id, told_by=device.device_id,
                what=mark.what, at_ms=mark.at_ms, told_ms=now_ms, how=mark.how, who=found.who, doubt=int(mark.clock_doubt),
                person_no=found.person_no, said=found.said, name=found.name, masked_number=found.masked_number,
                idbx=found.idbx, number_box=found.number_box, birth_date=found.birth_date,
            ),
        )  # fmt: skip
    if event is not None:
        settling.settle(conn, event, by=device.device_id, now_ms=now_ms)


def _close(conn: Connection, device: Device, end: wire.EventClose, now_ms: int) -> None:
    events.close(
        conn, end.event_id, by=device.device_id, now_ms=now_ms, missing_in_ms=_moment(end.missing_in_ms),
        missing_out_ms=_moment(end.missing_out_ms),
    )  # fmt: skip
    found = events.find(conn, end.event_id)
    assert found is not None
    settling.settle(conn, found, by=device.device_id, now_ms=now_ms)
    if found.unit_id is not None:
        settling.tell(conn, found, now_ms, but=device.device_id)


def _is_sound(made: wire.Event) -> bool:
    short = all(len(said) <= LONGEST_TITLE for said in (made.title, made.place, made.item, made.field))
    days = 0 < made.starts_ms < made.ends_ms <= min(made.starts_ms + LONGEST_MS, _MOST_MS)
    amount = 0 <= made.half_hours <= _LONGEST_HALF_HOURS and (made.counting == "clock" or made.half_hours > 0)
    return bool(made.title) and short and days and amount and (made.kind == "activity" or bool(made.course))


def _moment(at_ms: int | None) -> int | None:
    if at_ms is not None and not 0 < at_ms < _MOST_MS:
        raise ProblemError("op_malformed")
    return at_ms


def _check(op: Op, event_id: str) -> None:
    if event_id != op.entity_id or len(event_id) != 36:
        raise ProblemError("op_malformed")


def _is_theirs(device: Device, event: Event) -> None:
    """ProblemError `op_not_yours`: neither the tablet that made the event, nor one of the same unit."""
    if device.device_id != event.made_by and (device.unit_id is None or device.unit_id != event.unit_id):
        raise ProblemError("op_not_yours")
