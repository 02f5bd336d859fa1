"""Keys of other city systems, every use of them, and answers kept for requests that come again.

What is not here: making and checking a key's text (center.api.keys), what a key opens (center.api).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from center.store.tables import account, api_answer, api_key, api_use
from honorcard.typed import read_json
from sync.ids import uuid7


@dataclass(frozen=True)
class Key:
    """One key of one system. units: ids, empty for all; networks: addresses or CIDR, empty for any."""

    key_id: str
    name: str
    scopes: frozenset[str]
    units: frozenset[str]
    networks: tuple[str, ...]
    per_minute: int
    made_ms: int
    expires_ms: int
    revoked_ms: int | None
    made_by: str = ""
    used_ms: int | None = None


@dataclass(frozen=True)
class Use:
    """One use of a key. about: a person's id here, or empty."""

    use_id: int
    at_ms: int
    name: str
    operation: str
    status: int
    purpose: str
    about: str


@dataclass(frozen=True)
class Kept:
    """What a request was answered before, and the SHA-256 of what it asked."""

    sha256: bytes
    body: bytes


def add(
    conn: Connection, *, name: str, token_sha256: bytes, scopes: Sequence[str], units: Sequence[str], networks: Sequence[str],
    per_minute: int, by: str, now_ms: int, expires_ms: int,
) -> str:  # fmt: skip
    """A new key; gives its id."""
    key_id = uuid7()
    conn.execute(
        insert(api_key).values(
            key_id=key_id, name=name, token_sha256=token_sha256, scopes=_json(scopes), units=_json(units),
            networks=_json(networks), per_minute=per_minute, made_ms=now_ms, made_by=by, expires_ms=expires_ms,
        )
    )  # fmt: skip
    return key_id


def of_token(conn: Connection, token_sha256: bytes) -> Key | None:
    """The key of that text, whatever became of it."""
    row = conn.execute(select(api_key).where(api_key.c.token_sha256 == token_sha256)).first()
    return None if row is None else _key(row)


def everything(conn: Connection) -> list[Key]:
    """All keys, the newest first, each with who made it and when it was used last."""
    last = select(api_use.c.key_id, func.max(api_use.c.at_ms).label("used_ms")).group_by(api_use.c.key_id).subquery()
    query = (
        select(api_key, account.c.person, last.c.used_ms)
        .select_from(
            api_key.outerjoin(account, account.c.account_id == api_key.c.made_by).outerjoin(
                last, last.c.key_id == api_key.c.key_id
            )
        )
        .order_by(api_key.c.made_ms.desc(), api_key.c.key_id.desc())
    )
    return [_key(row, row.person or "", row.used_ms) for row in conn.execute(query)]


def name_is_taken(conn: Connection, name: str) -> bool:
    """Whether a key of that name stands."""
    query = select(api_key.c.key_id).where(api_key.c.name == name, api_key.c.revoked_ms.is_(None))
    return conn.execute(query).first() is not None


def revoke(conn: Connection, key_id: str, by: str, now_ms: int) -> str | None:
    """Ends a key; gives its name, None when there is none that stands."""
    mine = (api_key.c.key_id == key_id, api_key.c.revoked_ms.is_(None))
    name = conn.execute(select(api_key.c.name).where(*mine)).scalar_one_or_none()
    conn.execute(update(api_key).where(*mine).values(revoked_ms=now_ms, revoked_by=by))
    return name


def note_use(
    conn: Connection, key_id: str, *, at_ms: int, operation: str, status: int, purpose: str = "", about: str = ""
) -> None:
    """One use of a key, for good."""
    conn.execute(
        insert(api_use).values(
            key_id=key_id, at_ms=at_ms, operation=operation, status=status, purpose=purpose, about=about
        )
    )


def uses(conn: Connection, *, below: int | None = None, key_id: str = "", limit: int = 100) -> list[Use]:
    """Uses, the newest first, from the one below `below` on; of one key when it is named."""
    query = (
        select(api_use, api_key.c.name)
        .join(api_key, api_key.c.key_id == api_use.c.key_id)
        .order_by(api_use.c.use_id.desc())
        .limit(limit)
    )
    if below is not None:
        query = query.where(api_use.c.use_id < below)
    if key_id:
        query = query.where(api_use.c.key_id == key_id)
    return [
        Use(row.use_id, row.at_ms, row.name, row.operation, row.status, row.purpose, row.about)
        for row in conn.execute(query)
    ]


def answered(conn: Connection, key_id: str, idempotency_key: str) -> Kept | None:
    """What that request was answered before."""
    row = conn.execute(
        select(api_answer).where(api_answer.c.key_id == key_id, api_answer.c.idempotency_key == idempotency_key)
    ).first()
    return None if row is None else Kept(bytes(row.sha256), bytes(row.body))


def keep_answer(
    conn: Connection, key_id: str, idempotency_key: str, *, sha256: bytes, body: bytes, now_ms: int
) -> None:
    """Keeps an answer in the transaction of its effect."""
    conn.execute(
        insert(api_answer).values(
            key_id=key_id, idempotency_key=idempotency_key, sha256=sha256, body=body, at_ms=now_ms
        )
    )


def forget(conn: Connection, before_ms: int) -> None:
    """Forgets old answers; uses go with what was looked at (center.retention)."""
    conn.execute(delete(api_answer).where(api_answer.c.at_ms < before_ms))


def _json(values: Sequence[str]) -> str:
    return msgspec.json.encode(sorted(values)).decode()


def _key(row: Row[Any], made_by: str = "", used_ms: int | None = None) -> Key:
    scopes, units, networks = (read_json(one, list[str]) for one in (row.scopes, row.units, row.networks))
    return Key(
        row.key_id, row.name, frozenset(scopes), frozenset(units), tuple(networks),
        row.per_minute, row.made_ms, row.expires_ms, row.revoked_ms, made_by, used_ms,
    )  # fmt: skip
