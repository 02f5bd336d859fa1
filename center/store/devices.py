"""Tablets and the one-time codes that let one in (sync.md B.14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update

from center.store.tables import dedup, device, enrol_code, unit
from sync.wire import Standing

CODE_TRIES = 5
CODE_REMEMBERED_MS = 24 * 3600 * 1000  # so long a code is told apart from a wrong one: used, spent or expired
# why somebody should look at a tablet; each of these keeps it from hearing news until a person has looked
SEQ_REUSED, ROLLED_BACK, CLONED = "seq_reused", "rolled_back", "cloned"


@dataclass(frozen=True)
class Device:
    """One enrolled tablet; keys public, moments in milliseconds.

    contiguous: every operation up to that seq of `dev_epoch` has been answered for good. alarm: why somebody should
    look, or "".
    """

    device_id: str
    unit_id: str | None
    unit: str
    name: str
    profile: str
    sign_key: str
    seal_key: bytes
    enrolled_ms: int
    disabled_ms: int | None
    seen_ms: int | None
    dev_epoch: str | None
    high_seq: int
    contiguous: int
    alarm: str

    @property
    def standing(self) -> Standing:
        """Whether it is told news: not when it was disabled, nor while it may be a copy."""
        return "disabled" if self.disabled_ms is not None else "suspended" if self.alarm else "good"


@dataclass(frozen=True)
class Code:
    """A one-time code as it is kept: where the tablet will belong."""

    unit_id: str | None
    site: str
    profile: str
    venue_code: str | None = None


_DEVICES = select(device, unit.c.name.label("unit_name")).outerjoin(unit, unit.c.unit_id == device.c.unit_id)
_FIND = _DEVICES.where(device.c.device_id == bindparam("of_device"))


def find(conn: Connection, device_id: str) -> Device | None:
    """The tablet of that id; None for a stranger."""
    row = conn.execute(_FIND, {"of_device": device_id}).first()
    return None if row is None else _device(row)


def everyone(conn: Connection) -> list[Device]:
    """All tablets in the order of their enrolment."""
    return [_device(row) for row in conn.execute(_DEVICES.order_by(device.c.enrolled_ms, device.c.device_id))]


def near(conn: Connection, device_id: str) -> list[str]:
    """The other tablets of the same unit that are in use; of one without a unit, those without one that stand at the same place."""
    here = conn.execute(select(device.c.unit_id, device.c.venue_code).where(device.c.device_id == device_id)).one()
    if here.unit_id is not None:
        whose = device.c.unit_id == here.unit_id
    else:
        whose = device.c.unit_id.is_(None) & device.c.venue_code.is_not_distinct_from(here.venue_code)
    query = select(device.c.device_id).where(whose, device.c.disabled_ms.is_(None), device.c.device_id != device_id)
    return list(conn.execute(query.order_by(device.c.enrolled_ms, device.c.device_id)).scalars())


def add(
    conn: Connection, *, device_id: str, unit_id: str | None, name: str, profile: str, sign_key: str, seal_key: bytes,
    at_ms: int, venue_code: str | None = None,
) -> None:  # fmt: skip
    """Adds a tablet. venue_code: the place at whose gate it stands."""
    conn.execute(
        insert(device).values(
            device_id=device_id,
            unit_id=unit_id,
            name=name,
            profile=profile,
            sign_key=sign_key,
            seal_key=seal_key,
            enrolled_ms=at_ms,
            venue_code=venue_code,
        )
    )


def disable(conn: Connection, device_id: str, at_ms: int) -> None:
    """From now on this tablet hears no news and takes nobody's data: it is lost, or given back. What waits on it is still
    taken (sync.md B.5). The first moment stays.
    """
    query = update(device).where(device.c.device_id == device_id, device.c.disabled_ms.is_(None))
    conn.execute(query.values(disabled_ms=at_ms))


def note_seen(conn: Connection, device_id: str, at_ms: int) -> None:
    """The tablet was heard from."""
    conn.execute(update(device).where(device.c.device_id == device_id).values(seen_ms=at_ms))


def sound_alarm(conn: Connection, device_id: str, why: str) -> None:
    """Somebody should look at this tablet; the first reason stays until it is looked at."""
    conn.execute(update(device).where(device.c.device_id == device_id, device.c.alarm.is_(None)).values(alarm=why))


def quiet_alarm(conn: Connection, device_id: str) -> None:
    """A person has looked at it."""
    conn.execute(update(device).where(device.c.device_id == device_id).values(alarm=None))


def note_push(
    conn: Connection, known: Device, dev_epoch: str, high_seq: int, at_ms: int,
    *, final: Collection[int] = (), over: Sequence[tuple[int, int]] = (),
) -> int:  # fmt: skip
    """Notes a push and gives the seq up to which everything of this epoch is answered for good.

    final: what was answered for good just now, also where the answer stands under an earlier name of that log. over: stretches
    of it that will not come.
    """
    same = known.dev_epoch == dev_epoch
    contiguous = known.contiguous if same else 0
    while (further := _counted(conn, known.device_id, dev_epoch, contiguous, final, over)) > contiguous:
        contiguous = further
    high = max(high_seq, known.high_seq if same else 0)
    conn.execute(
        update(device)
        .where(device.c.device_id == known.device_id)
        .values(seen_ms=at_ms, dev_epoch=dev_epoch, high_seq=high, contiguous=contiguous)
    )
    return contiguous


def _counted(
    conn: Connection, device_id: str, dev_epoch: str, contiguous: int, final: Collection[int],
    over: Sequence[tuple[int, int]],
) -> int:  # fmt: skip
    """One step further, of at most 500 answers: by what stands in the log, what was answered just now, and what will not come."""
    answered = set(
        conn.execute(
            select(dedup.c.seq)
            .where(dedup.c.device_id == device_id, dedup.c.dev_epoch == dev_epoch, dedup.c.seq > contiguous)
            .order_by(dedup.c.seq)
            .limit(500)
        ).scalars()
    ) | set(final)
    for first, last in sorted(over):
        while contiguous + 1 in answered:
            contiguous += 1
        if first <= contiguous + 1 <= last:
            contiguous = last
    while contiguous + 1 in answered:
        contiguous += 1
    return contiguous


# --- one-time codes ---


def add_code(
    conn: Connection, code_hash: bytes, name: str, unit_id: str | None, site: str, profile: str, expires_ms: int,
    venue_code: str | None = None,
) -> None:  # fmt: skip
    """Keeps a code by its hash and its public name; codes long gone are swept."""
    conn.execute(delete(enrol_code).where(enrol_code.c.expires_ms < expires_ms - CODE_REMEMBERED_MS))
    conn.execute(
        insert(enrol_code).values(
            code_hash=code_hash,
            name=name,
            unit_id=unit_id,
            site=site,
            profile=profile,
            expires_ms=expires_ms,
            venue_code=venue_code,
        )
    )


def code_names(conn: Connection) -> set[str]:
    """The names of all codes that are remembered, open or not."""
    return {name for name in conn.execute(select(enrol_code.c.name)).scalars() if name}


def take_code(conn: Connection, code_hash: bytes, device_id: str, now_ms: int) -> Code | None:
    """Spends a code for that tablet; None when it cannot be used. Of two tablets at once one gets it."""
    spent = conn.execute(
        update(enrol_code).where(enrol_code.c.code_hash == code_hash, *_usable(now_ms)).values(used_by=device_id)
    )
    if spent.rowcount != 1:
        return None
    row = conn.execute(select(enrol_code).where(enrol_code.c.code_hash == code_hash)).one()
    return Code(row.unit_id, row.site, row.profile, row.venue_code)


def code_fate(conn: Connection, code_hash: bytes, now_ms: int) -> str:
    """Why a code was not taken: `used`, `expired`, `spent` (too many wrong tries) or `wrong`."""
    row = conn.execute(select(enrol_code).where(enrol_code.c.code_hash == code_hash)).first()
    if row is None:
        return "wrong"
    if row.used_by is not None:
        return "used"
    return "expired" if row.expires_ms <= now_ms else "spent"


def note_wrong_code(conn: Connection, name: str, now_ms: int) -> str:
    """Counts a wrong try against the code of that name, and no other; gives what that code is now: `wrong`, or `spent`."""
    mine = enrol_code.c.name == name
    conn.execute(update(enrol_code).where(mine, *_usable(now_ms)).values(tries=enrol_code.c.tries + 1))
    spent = select(enrol_code.c.tries).where(mine, enrol_code.c.tries >= CODE_TRIES, enrol_code.c.expires_ms > now_ms)
    return "wrong" if conn.execute(spent).first() is None else "spent"


def _usable(now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (enrol_code.c.used_by.is_(None), enrol_code.c.expires_ms > now_ms, enrol_code.c.tries < CODE_TRIES)


# --- inside ---


def _device(row: Row[Any]) -> Device:
    return Device(
        device_id=row.device_id,
        unit_id=row.unit_id,
        unit=row.unit_name or "",
        name=row.name,
        profile=row.profile,
        sign_key=row.sign_key,
        seal_key=row.seal_key,
        enrolled_ms=row.enrolled_ms,
        disabled_ms=row.disabled_ms,
        seen_ms=row.seen_ms,
        dev_epoch=row.dev_epoch,
        high_seq=row.high_seq,
        contiguous=row.contiguous,
        alarm=row.alarm or "",
    )
