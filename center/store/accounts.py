"""Accounts and units: who may sign in here, and for whom they act.

A failed sign-in is counted before the password is looked at, so that breaking off in the middle does not give a free
try. Passwords are kept as argon2id only. An officer may act for several units; which one at the moment stands in the session.
What is not here: sessions (sessions), the second factor (factors), registrations (registrations), what was done to accounts
(account_log).
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from center.store.tables import account, account_unit, unit
from honorcard.problems import ProblemError
from sync.ids import uuid7

ROLES = ("unit_officer", "first_reviewer", "second_reviewer", "administrator", "auditor", "venue")
TRIES = 10
LOCK_MS = 15 * 60 * 1000
PASSWORD_MIN = 8
# what is tried first by whoever guesses; not a list of all that is weak
_GUESSED_FIRST = frozenset(
    ("password", "password1", "passw0rd", "p@ssw0rd", "12345678", "123456789", "1234567890", "87654321", "11223344",
     "qwertyui", "qwerty123", "qwertyuiop", "1qaz2wsx", "1q2w3e4r", "abcd1234", "abc12345", "a1234567", "a12345678",
     "iloveyou", "admin123", "administrator", "honorcard", "5201314520", "ji32k7au4a83")
)  # fmt: skip

_hasher = PasswordHasher()  # argon2id, the library's current parameters


@dataclass(frozen=True)
class Account:
    """One person's account in one role; `stamp` changes with the password and the role, and every session with it.

    unit_id, unit: the one acted for, of a session; else the first one. must_change: the password was set by somebody else.
    """

    account_id: str
    name: str
    person: str
    role: str
    unit_id: str | None
    unit: str
    active: bool
    stamp: str
    has_factor: bool = False
    must_change: bool = False


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
    return _insert(conn, name, person, role, unit_id, _hasher.hash(password))


def _insert(conn: Connection, name: str, person: str, role: str, unit_id: str | None, password_hash: str) -> str:
    account_id = uuid7()
    conn.execute(
        insert(account).values(
            account_id=account_id, name=sign_in_name(name), person=person, role=role, unit_id=unit_id,
            password_hash=password_hash,
        )
    )  # fmt: skip
    if unit_id is not None:
        add_to_unit(conn, account_id, unit_id)
    return account_id


def add_hashed(conn: Connection, name: str, person: str, unit_id: str, password_hash: str) -> str:
    """Adds an officer whose password was hashed when it was typed (a registration); returns the account's id."""
    return _insert(conn, name, person, "unit_officer", unit_id, password_hash)


def hash_password(password: str, name: str) -> str:
    """The password as it is kept. ProblemError `password_short`, `password_common` for one that is guessed first."""
    if len(password) < PASSWORD_MIN:
        raise ProblemError("password_short", least=PASSWORD_MIN)
    folded = sign_in_name(password)
    if folded in _GUESSED_FIRST or len(set(folded)) < 3 or folded in (sign_in_name(name), sign_in_name(name) * 2):
        raise ProblemError("password_common")
    return _hasher.hash(password)


def set_password(conn: Connection, account_id: str, password_hash: str, *, must_change: bool = False) -> None:
    """Gives the account another password; its sessions end with their stamp. must_change: it was chosen by somebody else."""
    changed = {"password_hash": password_hash, "must_change": int(must_change), "failed": 0, "locked_until_ms": None}
    conn.execute(update(account).where(account.c.account_id == account_id).values(**changed))


def set_role(conn: Connection, account_id: str, role: str, unit_id: str | None) -> None:
    """Gives the account another role; its sessions end with their stamp. unit_id: of an officer, the first unit; other roles
    have none.
    """
    if role not in ROLES or (role == "unit_officer") != (unit_id is not None):
        raise ValueError("no such role, or a unit officer without a unit, or a unit without its officer")
    conn.execute(update(account).where(account.c.account_id == account_id).values(role=role, unit_id=unit_id))
    if unit_id is None:
        conn.execute(delete(account_unit).where(account_unit.c.account_id == account_id))
    else:
        add_to_unit(conn, account_id, unit_id)


def add_to_unit(conn: Connection, account_id: str, unit_id: str) -> bool:
    """The account's person may act for that unit as well; False when that was so already."""
    one = (account_unit.c.account_id == account_id, account_unit.c.unit_id == unit_id)
    if conn.execute(select(account_unit.c.unit_id).where(*one)).first() is not None:
        return False
    conn.execute(insert(account_unit).values(account_id=account_id, unit_id=unit_id))
    return True


def take_from_unit(conn: Connection, account_id: str, unit_id: str) -> bool:
    """The account's person acts for that unit no longer. False, and nothing changed, for the last one or none of them."""
    left = [one.unit_id for one in units_of(conn, account_id)]
    if unit_id not in left or len(left) == 1:
        return False
    conn.execute(delete(account_unit).where(account_unit.c.account_id == account_id, account_unit.c.unit_id == unit_id))
    first = next(one for one in left if one != unit_id)
    conn.execute(
        update(account).where(account.c.account_id == account_id, account.c.unit_id == unit_id).values(unit_id=first)
    )
    return True


def units_of(conn: Connection, account_id: str) -> list[Unit]:
    """The units that the account's person may act for, by code."""
    query = select(unit).join(account_unit, account_unit.c.unit_id == unit.c.unit_id)
    return [
        _unit(row) for row in conn.execute(query.where(account_unit.c.account_id == account_id).order_by(unit.c.code))
    ]


def unit_with_code(conn: Connection, code: str) -> Unit | None:
    """The unit that has that code."""
    row = conn.execute(select(unit).where(unit.c.code == code)).first()
    return _unit(row) if row else None


def with_name(conn: Connection, name: str) -> Account | None:
    """The account that signs in with that name."""
    row = conn.execute(_accounts().where(account.c.name == sign_in_name(name))).first()
    return _account(row) if row else None


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


def everyone(conn: Connection, unit_id: str | None = None) -> list[Account]:
    """All accounts, by role and name; unit_id: only those who may act for that unit."""
    query = _accounts().order_by(account.c.role, account.c.name)
    if unit_id is not None:
        theirs = select(account_unit.c.account_id).where(account_unit.c.unit_id == unit_id)
        query = query.where(account.c.account_id.in_(theirs))
    return [_account(row) for row in conn.execute(query)]


def count_by_unit(conn: Connection) -> dict[str, int]:
    """How many accounts may act for each unit."""
    query = select(account_unit.c.unit_id, func.count()).group_by(account_unit.c.unit_id)
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def units_of_all(conn: Connection) -> dict[str, list[str]]:
    """The names of the units of each account that has one, by account id."""
    found: dict[str, list[str]] = {}
    query = select(account_unit.c.account_id, unit.c.name).join(unit, unit.c.unit_id == account_unit.c.unit_id)
    for row in conn.execute(query.order_by(unit.c.code)):
        found.setdefault(row.account_id, []).append(row.name)
    return found


def units(conn: Connection) -> list[Unit]:
    """All units, by code."""
    rows = conn.execute(select(unit).order_by(unit.c.code))
    return [_unit(row) for row in rows]


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


def _unit(row: Row[Any]) -> Unit:
    return Unit(row.unit_id, row.name, row.code, row.district)


def _account(row: Row[Any]) -> Account:
    stamp = hashlib.sha256(f"{row.role} {row.password_hash}".encode()).hexdigest()[:16]
    return Account(
        row.account_id, row.name, row.person, row.role, row.unit_id, row.unit_name or "", bool(row.active), stamp,
        has_factor=row.totp_box is not None, must_change=bool(row.must_change),
    )  # fmt: skip
