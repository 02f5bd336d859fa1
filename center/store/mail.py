"""Mail that is to be sent: written with what it tells, claimed by one process at a time, kept until somebody has seen to it.

A letter is claimed before it is sent and noted after: whoever dies in between leaves it claimed, and once the lease is over it is
sent again, under the same Message-ID. What is not here: what a letter says (honorcard.mails), the talk with the server
(center.mail_line).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from center.store.tables import account, account_unit, mail, unit
from sync.ids import uuid7

OPEN = ("waiting", "sending")
SEEN_TO = ("sent", "cancelled", "off")


@dataclass(frozen=True)
class Letter:
    """One letter to one address. facts: what its sentences say. code: why it did not go out the last time. ended_ms: when it
    was sent, given up or cancelled. person: who sent it again or cancelled it.
    """

    mail_id: str
    kind: str
    about: str
    unit_id: str | None
    unit: str
    address: str
    facts: dict[str, Any]
    sheet_sha256: str | None
    state: str
    tries: int
    code: str
    at_ms: int
    due_ms: int
    ended_ms: int | None
    person: str


# --- addresses ---


def addresses_of_unit(conn: Connection, unit_id: str) -> list[str]:
    """Where a unit is written to: its own box, and its officers whose accounts are open; each once."""
    box = select(unit.c.mail).where(unit.c.unit_id == unit_id, unit.c.mail.is_not(None))
    theirs = select(account_unit.c.account_id).where(account_unit.c.unit_id == unit_id)
    officers = select(account.c.mail).where(
        account.c.account_id.in_(theirs),
        account.c.role == "unit_officer",
        account.c.active == 1,
        account.c.mail.is_not(None),
    )
    found = [*conn.execute(box).scalars(), *conn.execute(officers.order_by(account.c.name)).scalars()]
    return list({one.casefold(): one for one in found if one}.values())


def units(conn: Connection) -> list[tuple[str, str, str, list[str]]]:
    """Every unit by code: id, name, its own box or empty, and where it is written to altogether."""
    rows = conn.execute(select(unit.c.unit_id, unit.c.name, unit.c.mail).order_by(unit.c.code)).all()
    return [(row.unit_id, row.name, row.mail or "", addresses_of_unit(conn, row.unit_id)) for row in rows]


def set_unit_address(conn: Connection, unit_id: str, address: str) -> bool:
    """The unit's own box; empty: none. Whether there is such a unit."""
    changed = conn.execute(update(unit).where(unit.c.unit_id == unit_id).values(mail=address or None))
    return changed.rowcount == 1


def set_account_address(conn: Connection, account_id: str, address: str) -> bool:
    """Where an account's person is written to; empty: nowhere. Whether there is such an account."""
    changed = conn.execute(update(account).where(account.c.account_id == account_id).values(mail=address or None))
    return changed.rowcount == 1


def unit_address(conn: Connection, unit_id: str) -> str:
    """The unit's own box; empty: none."""
    return conn.execute(select(unit.c.mail).where(unit.c.unit_id == unit_id)).scalar_one_or_none() or ""


def account_address(conn: Connection, account_id: str) -> str:
    """Where an account's person is written to; empty: nowhere."""
    return conn.execute(select(account.c.mail).where(account.c.account_id == account_id)).scalar_one_or_none() or ""


# --- putting ---


def put(
    conn: Connection, kind: str, address: str, facts: Mapping[str, Any], *, about: str, now_ms: int, again: str = "",
    unit_id: str | None = None, sheet_sha256: str | None = None,
) -> bool:  # fmt: skip
    """A letter that goes out once this transaction is committed. about: what it is about; the same kind about the same thing
    goes to an address once, unless `again` (a rev) differs. Whether it is a new one.
    """
    once = f"{kind}:{about}:{again}:{_whose(address)}"
    if conn.execute(select(mail.c.mail_id).where(mail.c.once == once)).first() is not None:
        return False
    conn.execute(
        insert(mail).values(
            mail_id=uuid7(), once=once, kind=kind, about=about, unit_id=unit_id, address=address,
            facts=json.dumps(dict(facts), ensure_ascii=False), at_ms=now_ms, due_ms=now_ms,
            sheet_sha256=bytes.fromhex(sheet_sha256) if sheet_sha256 else None,
        )
    )  # fmt: skip
    return True


# --- sending ---


def is_due(conn: Connection, now_ms: int) -> bool:
    """Whether there is something to claim."""
    query = select(mail.c.mail_id).where(mail.c.state.in_(OPEN), mail.c.due_ms <= now_ms).limit(1)
    return conn.execute(query).first() is not None


def claim(conn: Connection, holder: str, now_ms: int, until_ms: int) -> Letter | None:
    """The letter that is due first, from now on `holder`'s alone until then; None when nothing is due. Also one whose holder
    let the time pass: what became of it is not known.
    """
    row = conn.execute(
        _rows()
        .where(mail.c.state.in_(OPEN), mail.c.due_ms <= now_ms)
        .order_by(mail.c.due_ms, mail.c.mail_id)
        .limit(1)
        .with_for_update(skip_locked=True, of=mail)
    ).first()
    if row is None:
        return None
    conn.execute(
        update(mail)
        .where(mail.c.mail_id == row.mail_id)
        .values(state="sending", holder=holder, due_ms=until_ms, tries=row.tries + 1)
    )
    return _letter(row, tries=row.tries + 1)


def settle(conn: Connection, mail_id: str, holder: str, state: str, now_ms: int, code: str = "") -> bool:
    """It was sent, or is given up; whether it still was the holder's."""
    return _note(conn, mail_id, holder, state=state, ended_ms=now_ms, code=code, holder_now=None)


def postpone(conn: Connection, mail_id: str, holder: str, due_ms: int, code: str) -> bool:
    """It did not go out, and is tried again then; whether it still was the holder's."""
    return _note(conn, mail_id, holder, state="waiting", due_ms=due_ms, code=code, holder_now=None)


def set_off(conn: Connection, now_ms: int) -> int:
    """Mail is off: what waits is not sent, also not all at once on the day it is on again. Gives how many."""
    waiting = update(mail).where(mail.c.state.in_(OPEN))
    return conn.execute(waiting.values(state="off", ended_ms=now_ms, holder=None, code="mail_off")).rowcount


def any_open(conn: Connection) -> bool:
    """Whether something waits, due or not."""
    return conn.execute(select(mail.c.mail_id).where(mail.c.state.in_(OPEN)).limit(1)).first() is not None


# --- seeing to it ---


def retry(conn: Connection, mail_id: str, by: str, now_ms: int) -> bool:
    """Sent again, at once; whether it was one that is not under way."""
    changed = conn.execute(
        update(mail)
        .where(mail.c.mail_id == mail_id, mail.c.state.in_(("dead", "off", "waiting")))
        .values(state="waiting", due_ms=now_ms, tries=0, ended_ms=None, by_account=by)
    )
    return changed.rowcount == 1


def cancel(conn: Connection, mail_id: str, by: str, now_ms: int) -> bool:
    """Not sent any more; whether it was one that could be stopped."""
    changed = conn.execute(
        update(mail)
        .where(mail.c.mail_id == mail_id, mail.c.state.in_(("dead", "off", "waiting")))
        .values(state="cancelled", ended_ms=now_ms, by_account=by)
    )
    return changed.rowcount == 1


def readdress(conn: Connection, before: str, to: str) -> int:
    """An address of ours was mended: what did not go out to the one before is for the new one, and is not sent by this alone. A
    volunteer's own letters (R35) stay as they are, and so does one that the new address has already. Gives how many.
    """
    theirs = mail.c.address == before, mail.c.state.in_(("dead", "off", "waiting")), ~mail.c.kind.startswith("own_")
    moved = 0
    for row in conn.execute(select(mail.c.mail_id, mail.c.once).where(*theirs)).all():
        once = f"{row.once.rpartition(':')[0]}:{_whose(to)}"
        if (
            conn.execute(select(mail.c.mail_id).where(mail.c.once == once, mail.c.mail_id != row.mail_id)).first()
            is None
        ):
            conn.execute(update(mail).where(mail.c.mail_id == row.mail_id).values(address=to, once=once))
            moved += 1
    return moved


def find(conn: Connection, mail_id: str) -> Letter | None:
    """That letter."""
    row = conn.execute(_rows().where(mail.c.mail_id == mail_id)).first()
    return None if row is None else _letter(row)


def listing(
    conn: Connection, *, state: str = "", unit_id: str = "", below: str = "", limit: int = 50
) -> list[Letter]:  # fmt: skip
    """Letters, newest first, from the one below `below` on. state: one of them, `open` for what is under way, empty: any."""
    query = _rows().order_by(mail.c.mail_id.desc()).limit(limit)
    if state:
        query = query.where(mail.c.state.in_(OPEN if state == "open" else (state,)))
    if unit_id:
        query = query.where(mail.c.unit_id == unit_id)
    if below:
        query = query.where(mail.c.mail_id < below)
    return [_letter(row) for row in conn.execute(query)]


def about(conn: Connection, what: str) -> list[Letter]:
    """Every letter about that thing, oldest first."""
    return [_letter(row) for row in conn.execute(_rows().where(mail.c.about == what).order_by(mail.c.mail_id))]


def counts(conn: Connection) -> dict[str, int]:
    """How many letters there are in each state."""
    rows = conn.execute(select(mail.c.state, func.count().label("n")).group_by(mail.c.state))
    return {row.state: row.n for row in rows}


def count_dead(conn: Connection) -> int:
    """How many wait for the administrator."""
    return int(conn.execute(select(func.count()).select_from(mail).where(mail.c.state == "dead")).scalar_one())


def over(before_ms: int) -> Select[Any]:
    """The ids of what was over before then; what nobody has seen to is not."""
    return select(mail.c.mail_id).where(mail.c.state.in_(SEEN_TO), mail.c.ended_ms < before_ms)


def forget(conn: Connection, ids: Sequence[str]) -> None:
    """These letters are gone (center.retention says when)."""
    conn.execute(delete(mail).where(mail.c.mail_id.in_(ids)))


def _whose(address: str) -> str:
    return hashlib.sha256(address.casefold().encode()).hexdigest()[:32]


def _note(conn: Connection, mail_id: str, holder: str, *, holder_now: str | None, **values: Any) -> bool:
    mine = (mail.c.mail_id == mail_id) & (mail.c.state == "sending") & (mail.c.holder == holder)
    return conn.execute(update(mail).where(mine).values(holder=holder_now, **values)).rowcount == 1


def _rows() -> Select[Any]:
    return (
        select(mail, unit.c.name.label("unit_name"), account.c.person)
        .outerjoin(unit, unit.c.unit_id == mail.c.unit_id)
        .outerjoin(account, account.c.account_id == mail.c.by_account)
    )


def _letter(row: Row[Any], *, tries: int | None = None) -> Letter:
    return Letter(
        row.mail_id, row.kind, row.about, row.unit_id, row.unit_name or "", row.address, json.loads(row.facts),
        bytes(row.sheet_sha256).hex() if row.sheet_sha256 is not None else None, row.state,
        row.tries if tries is None else tries, row.code, row.at_ms, row.due_ms, row.ended_ms, row.person or "",
    )  # fmt: skip
