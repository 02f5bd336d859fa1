"""Decisions that were pressed and wait for their effects, so that nothing told or issued ever has to be unsaid.

`open` until they are due, `settling` while they take effect, then `done`, or `failed` with a problem's code that its reviewer has
not yet read (`seen`); `undone` when taken back. What is not here: what a decision does (undo, decisions, issue).
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update

from center.store.tables import account, application, pending

LIVE = ("open", "settling")


@dataclass(frozen=True)
class Form:
    """What a decision says besides yes or no."""

    reasons: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    text: str = ""
    valid_until: str = ""


@dataclass(frozen=True)
class Pending:
    """One decision. action: `pass_on`, `issue`, `return`, `refuse`. rev: the case's, as its reviewer saw it. result: a card's
    number, or a problem's code; while it settles, why it did not the last time.
    """

    pending_id: str
    batch: str
    application_id: str
    account_id: str
    person: str
    name: str
    receipt: str
    action: str
    rev: int
    form: Form
    at_ms: int
    due_ms: int
    state: str
    result: str


def add(
    conn: Connection, pending_id: str, batch: str, application_id: str, account_id: str, action: str, *,
    rev: int, form: Form, now_ms: int, due_ms: int,
) -> None:  # fmt: skip
    """A decision from now on."""
    said = {"reasons": form.reasons, "slots": form.slots, "text": form.text, "valid_until": form.valid_until}
    conn.execute(
        insert(pending).values(
            pending_id=pending_id, batch=batch, application_id=application_id, account_id=account_id, action=action,
            rev=rev, form=json.dumps(said, ensure_ascii=False), at_ms=now_ms, due_ms=due_ms,
        )
    )  # fmt: skip


def find(conn: Connection, pending_id: str) -> Pending | None:
    """One of them."""
    row = conn.execute(_rows().where(pending.c.pending_id == pending_id)).first()
    return None if row is None else _pending(row)


def of_batch(conn: Connection, batch: str) -> list[Pending]:
    """The decisions of one press."""
    return [
        _pending(row) for row in conn.execute(_rows().where(pending.c.batch == batch).order_by(pending.c.pending_id))
    ]


def on_case(conn: Connection, application_id: str) -> Pending | None:
    """A decision on the case that has not taken effect yet, the newest; what was passed on first waits for nothing but to be
    told.
    """
    row = conn.execute(
        _rows()
        .where(pending.c.application_id == application_id, _live(), pending.c.action != "pass_on")
        .order_by(pending.c.at_ms.desc())
        .limit(1)
    ).first()
    return None if row is None else _pending(row)


def passed_on(conn: Connection, application_id: str) -> Pending | None:
    """A passing-on of the case that its tablet has not been told yet."""
    row = conn.execute(
        _rows().where(pending.c.application_id == application_id, _live(), pending.c.action == "pass_on")
    ).first()
    return None if row is None else _pending(row)


def recent(conn: Connection, account_id: str, since_ms: int, limit: int = 60) -> list[Pending]:
    """This account's decisions since then that can be taken back, take effect, or did just now; newest first."""
    query = _rows().where(
        pending.c.account_id == account_id,
        pending.c.at_ms >= since_ms,
        pending.c.state.in_(("open", "settling", "done")),
    )
    return [_pending(row) for row in conn.execute(query.order_by(pending.c.at_ms.desc()).limit(limit))]


def failed(conn: Connection, account_id: str, since_ms: int) -> list[Pending]:
    """Decisions of this account that could not take effect, and of which it has not read."""
    query = _rows().where(pending.c.account_id == account_id, pending.c.at_ms >= since_ms, pending.c.state == "failed")
    return [_pending(row) for row in conn.execute(query.order_by(pending.c.at_ms).limit(20))]


def due(conn: Connection, now_ms: int, limit: int = 100) -> list[Pending]:
    """What has to take effect now, first pressed first; also what a process that died had begun."""
    query = _rows().where(_live(), pending.c.due_ms <= now_ms).order_by(pending.c.due_ms, pending.c.at_ms).limit(limit)
    return [_pending(row) for row in conn.execute(query)]


def change(conn: Connection, pending_id: str, *, of: Collection[str], to: str, result: str = "") -> bool:
    """Brings one from one of these states to another; whether it was in one of them."""
    changed = conn.execute(
        update(pending)
        .where(pending.c.pending_id == pending_id, pending.c.state.in_(list(of)))
        .values(state=to, result=result)
    )
    return changed.rowcount == 1


def postpone(conn: Connection, pending_id: str, due_ms: int, why: str) -> None:
    """Tried again then: something it needs is away. why: a problem's code, or the class of what happened."""
    conn.execute(update(pending).where(pending.c.pending_id == pending_id).values(due_ms=due_ms, result=why[:48]))


def forget(conn: Connection, before_ms: int) -> None:
    """What was pressed before then and is over: history has it."""
    conn.execute(delete(pending).where(pending.c.at_ms < before_ms, pending.c.state.not_in(LIVE)))


def _live() -> ColumnElement[bool]:
    return (pending.c.state == "open") | (pending.c.state == "settling")


def _rows() -> Select[Any]:
    return (
        select(pending, account.c.person, application.c.name, application.c.receipt)
        .join(account, account.c.account_id == pending.c.account_id)
        .join(application, application.c.application_id == pending.c.application_id)
    )


def _pending(row: Row[Any]) -> Pending:
    said = json.loads(row.form)
    form = Form(tuple(said["reasons"]), tuple(said["slots"]), said["text"], said["valid_until"])
    return Pending(
        row.pending_id, row.batch, row.application_id, row.account_id, row.person, row.name, row.receipt, row.action,
        row.rev, form, row.at_ms, row.due_ms, row.state, row.result,
    )  # fmt: skip
