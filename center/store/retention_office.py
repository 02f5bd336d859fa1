"""What is due of the office's own rows, and its deletion: mail, lists, uses of keys, sessions, registrations, certificates,
attendances.

The sums, the logs and the audit stay: what was done, without whose. What is not here: cases, cards and people (retention).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select, update

from center.store import bulk, exchange, mail, retention_people
from center.store.tables import (
    account_session,
    api_use,
    exchange_batch,
    performance,
    registration,
    retention_file,
    training,
)

# kind → the ids of what is older than a moment (milliseconds), and how they are deleted; both at the end


def _exchange(before_ms: int) -> Select[Any]:
    """Lists that were written or taken back: from then on they cannot be undone. What nobody took up goes earlier (running)."""
    over = exchange_batch.c
    return select(over.batch_id).where(
        over.state.in_(("imported", "undone")), func.coalesce(over.undone_ms, over.ended_ms) < before_ms
    )


def _drop_exchange(conn: Connection, ids: Sequence[str]) -> None:
    for batch_id in ids:
        batch = exchange.find(conn, batch_id)
        if batch is not None:
            exchange.drop(conn, batch_id, batch.undone_ms or batch.ended_ms or batch.at_ms)


def _uses(before_ms: int) -> Select[Any]:
    return select(api_use.c.use_id).where(api_use.c.at_ms < before_ms)


def _drop_uses(conn: Connection, ids: Sequence[int]) -> None:
    conn.execute(delete(api_use).where(api_use.c.use_id.in_(ids)))


def _sessions(before_ms: int) -> Select[Any]:
    """Sessions that nobody used since, with the forms that were kept for their owners."""
    last = func.coalesce(account_session.c.ended_ms, account_session.c.seen_ms)
    return select(account_session.c.session_id).where(last < before_ms, account_session.c.seen_ms < before_ms)


def _drop_sessions(conn: Connection, ids: Sequence[str]) -> None:
    conn.execute(delete(account_session).where(account_session.c.session_id.in_(ids)))


def _registrations(before_ms: int) -> Select[Any]:
    """Decided ones: whoever was let in has an account, and what was decided stands in the audit."""
    return select(registration.c.registration_id).where(
        registration.c.state != "waiting", registration.c.decided_ms < before_ms
    )


def _drop_registrations(conn: Connection, ids: Sequence[str]) -> None:
    conn.execute(delete(registration).where(registration.c.registration_id.in_(ids)))


def _performances(before_ms: int) -> Select[Any]:
    return select(performance.c.certificate_id).where(performance.c.made_ms < before_ms)


def _drop_performances(conn: Connection, ids: Sequence[str]) -> None:
    """From the register as well: its number is then unknown to whoever asks."""
    which = performance.c.certificate_id.in_(ids)
    _to_go(conn, conn.execute(select(performance.c.sheet_sha256).where(which)).scalars())
    conn.execute(delete(performance).where(which))


def _void_certificates(before_ms: int) -> Select[Any]:
    """Pictures of trainings that were made void; those of standing ones stay with the training."""
    return select(training.c.training_id).where(training.c.void_ms < before_ms, training.c.file_sha256.is_not(None))


def _drop_certificates(conn: Connection, ids: Sequence[str]) -> None:
    which = training.c.training_id.in_(ids)
    _to_go(conn, conn.execute(select(training.c.file_sha256).where(which)).scalars())
    conn.execute(update(training).where(which).values(file_sha256=None))


def _to_go(conn: Connection, addresses: Iterable[bytes] | Collection[bytes]) -> None:
    every = sorted({bytes(address) for address in addresses})
    rows = [{"kind": "certificate", "address": address.hex()} for address in every]
    bulk.add(conn, retention_file, rows, unless_there=True)


DUE = {
    "mail": mail.over, "exchange": _exchange, "api_uses": _uses, "sessions": _sessions, "registrations": _registrations,
    "performances": _performances, "certificates": _void_certificates, "attendances": retention_people.attendances,
}  # fmt: skip
TAKE: dict[str, Any] = {
    "mail": mail.forget, "exchange": _drop_exchange, "api_uses": _drop_uses, "sessions": _drop_sessions,
    "registrations": _drop_registrations, "performances": _drop_performances, "certificates": _drop_certificates,
    "attendances": retention_people.drop_attendances,
}  # fmt: skip
