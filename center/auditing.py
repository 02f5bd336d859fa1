"""How the center's pages note who did and who saw what (center.store.audit has the log, center.audit its page).

What is shown is written down before the answer leaves; the same thing shown again to the same person within ten minutes is one
look. Values of people come as digests (center.audit_values). What is not here: what the tablets do (store.cases writes that).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app, has_request_context
from sqlalchemy import Connection

from center import current
from center.guard import me
from center.store import Store, audit
from center.store.audit import Act, Change
from web.clock import now_ms

ONE_LOOK_MS = 600_000
_REMEMBERED = 20_000


def did(conn: Connection, act: str, entity_kind: str, entity: str, fields: Iterable[Change] = ()) -> None:
    """A change by whoever is signed in, in its own transaction."""
    audit.note(conn, act, actor=me().account_id, now_ms=now_ms(), entity_kind=entity_kind, entity=entity, fields=fields)


def saw(act: str, entity_kind: str, entity: str, fields: Sequence[Change] = (), *, every: bool = False) -> None:
    """Whoever is signed in is about to see something about people. every: each time counts (searches, files)."""
    saw_all([Act(act, entity_kind, entity, tuple(fields))], every=every)


def saw_all(acts: Sequence[Act], *, every: bool = False) -> None:
    """Several at once, in one statement."""
    actor, at_ms = me().account_id, now_ms()
    fresh = acts if every else [act for act in acts if _is_new(actor, act, at_ms)]
    if fresh:
        with current.store().write(alone=False) as conn:
            audit.saw(conn, fresh, actor=actor, now_ms=at_ms)
        _remember(actor, fresh, at_ms)


def door(act: str, actor: str, unit_id: str = "", fields: Iterable[Change] = ()) -> None:
    """Somebody signed in or out, or could not; actor: the account's id, empty where nobody knows whose."""
    with current.store().write(alone=False) as conn:
        token = audit.ACTING.set(unit_id)
        audit.saw(
            conn,
            [Act(act, "account", actor, tuple(fields))],
            actor=actor or "nobody",
            now_ms=now_ms(),
            stream=audit.DOOR,
        )
        audit.ACTING.reset(token)


def gather(store: Store) -> int:
    """Binds what was seen into the log; gives how many."""
    with store.read() as conn:
        if not audit.waiting(conn):
            return 0
    with store.write() as conn:
        return audit.gather(conn)


def _looks() -> dict[tuple[str, str, str], int]:
    held: dict[tuple[str, str, str], int] = current_app.extensions.setdefault("audit_looks", {})
    return held


def _is_new(actor: str, act: Act, at_ms: int) -> bool:
    if not has_request_context():
        return True
    last = _looks().get((actor, act.act, act.entity))
    return last is None or not 0 <= at_ms - last < ONE_LOOK_MS


def _remember(actor: str, acts: Sequence[Act], at_ms: int) -> None:
    looks = _looks()
    if len(looks) > _REMEMBERED:
        looks.clear()
    for act in acts:
        looks[actor, act.act, act.entity] = at_ms
