"""Accounts and units: who may sign in here, and for whom they act.
A failed sign-in is counted before the password is looked at, so that breaking off in the middle does not give a free
try. Passwords are kept as argon2id only. What is not here: the session (center.guard) and the page (center.accounts).

"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import Connection, Row, Select, insert, select, update

from center.store.tables import account, unit
from honorcard.problems import ProblemError
from sync.ids import uuid7

ROLES = ("unit_officer", "first_reviewer", "second_reviewer", "administrator", "auditor", "venue")
TRIES = 10
LOCK_MS = 15 * 60 * 1000
PASSWORD_MIN = 8

_hasher = PasswordHasher()  # argon2id, the library's current parameters


@dataclass(frozen=True)
class Account:
    """One person's account in one role; `stamp` changes with the password, and every session with it."""

    account_id: str
    name: str
    person: str
    role: str
    unit_id: str | None
    unit: str
    active: bool
    stamp: str


@dataclass(frozen=True)
class Unit:
    """A utilisation unit (運用單位)."""

    unit_id: str
    name: str
    code: str
    district: str = ""


@dataclass(frozen=True)
class Attempt:
    """A sign-in that has been counted: the account's id and password hash, or None where nothing may be checked."""

    account_id: str | None
    password_hash: str | None


def sign_in_name(text: str) -> str:
    """A sign-in name as it is kept and compared: width and case folded, no blanks around it."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def add_unit(conn: Connection, name: str, code: str, district: str = "") -> str:
    """Adds a unit; returns its id. district: 行政區 it is in, by which the desk filters."""
    unit_id = uuid7()
    conn.execute(insert(unit).values(unit_id=unit_id, name=name, code=code, district=district))
    return unit_id


def add(conn: Connection, name: str, person: str, role: str, unit_id: str | None, password: str) -> str:
    """Adds an account; returns its id. ProblemError `password_short`; ValueError for a role there is not, or an
    officer without a unit.
    """
    if role not in ROLES or (role == "unit_officer" and unit_id is None):
        raise ValueError("no such role, or a unit officer without a unit")
    if len(password) < PASSWORD_MIN:
        raise ProblemError("password_short", least=PASSWORD_MIN)
    account_id = uuid7()
    conn.execute(
        insert(account).values(
            account_id=account_id,
            name=sign_in_name(name),
            person=person,
            role=role,
            unit_id=unit_id,
            password_hash=_hasher.hash(password),
        )
    )
    return account_id


def code_is_taken(conn: Connection, code: str) -> bool:
    """Whether a unit has that code."""
    return conn.execute(select(unit.c.unit_id).where(unit.c.code == code)).first() is not None


def name_is_taken(conn: Connection, name: str) -> bool:
    """Whether an account has that sign-in name."""
    return conn.execute(select(account.c.account_id).where(account.c.name == sign_in_name(name))).first() is not None


def set_active(conn: Connection, account_id: str, active: bool) -> None:
    """Opens or closes an account; closing ends its sessions."""
    conn.execute(update(account).where(account.c.account_id == account_id).values(active=int(active)))


def find(conn: Connection, account_id: str) -> Account | None:
    """The account of that id."""
    row = conn.execute(_accounts().where(account.c.account_id == account_id)).first()
    return _account(row) if row else None


def everyone(conn: Connection) -> list[Account]:
    """All accounts, by role and name."""
    return [_account(row) for row in conn.execute(_accounts().order_by(account.c.role, account.c.name))]


def units(conn: Connection) -> list[Unit]:
    """All units, by code."""
    rows = conn.execute(select(unit).order_by(unit.c.code))
    return [Unit(row.unit_id, row.name, row.code, row.district) for row in rows]


def count_attempt(conn: Connection, name: str, now_ms: int) -> Attempt:
    """Counts a try before anything is checked (commit before `password_fits`): the tenth without success locks for 15
    minutes.

    An unknown name, a closed account and a locked one look the same: nothing to check.
    """
    row = conn.execute(select(account).where(account.c.name == sign_in_name(name))).first()
    if row is None or not row.active or (row.locked_until_ms is not None and row.locked_until_ms > now_ms):
        return Attempt(None, None)
    failed = row.failed + 1
    locks = failed >= TRIES
    conn.execute(
        update(account)
        .where(account.c.account_id == row.account_id)
        .values(failed=0 if locks else failed, locked_until_ms=now_ms + LOCK_MS if locks else None)
    )
    return Attempt(row.account_id, row.password_hash)


def clear_attempts(conn: Connection, account_id: str) -> None:
    """After a sign-in that succeeded."""
    conn.execute(update(account).where(account.c.account_id == account_id).values(failed=0, locked_until_ms=None))


def password_fits(attempt: Attempt, password: str) -> bool:
    """Whether the password is the account's. Takes as long when there is no account: a dummy hash is tried then."""
    try:
        _hasher.verify(attempt.password_hash or _nobody(), password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return attempt.account_id is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def _accounts() -> Select[Any]:
    return select(account, unit.c.name.label("unit_name")).select_from(
        account.outerjoin(unit, unit.c.unit_id == account.c.unit_id)
    )


def _account(row: Row[Any]) -> Account:
    stamp = hashlib.sha256(row.password_hash.encode()).hexdigest()[:16]
    return Account(
        row.account_id, row.name, row.person, row.role, row.unit_id, row.unit_name or "", bool(row.active), stamp
    )
