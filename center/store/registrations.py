"""Units that ask to be let in: what they wrote, until an administrator approves or refuses (R26).

One path leads in, whatever is known already: a code that a unit has joins that unit, a mail address that an account has gives
that account one more unit. So whoever registers is told the same in every case, and learns of nobody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from center.store import accounts, mail
from center.store.accounts import Account, Unit
from center.store.tables import registration
from honorcard.problems import ProblemError
from sync.ids import uuid7

MOST_WAITING = 500


@dataclass(frozen=True)
class Registration:
    """What a unit wrote; no password. state: waiting, approved, refused."""

    registration_id: str
    unit_name: str
    unit_code: str
    district: str
    person: str
    mail: str
    phone: str
    asked_ms: int
    state: str
    decided_ms: int | None
    reason: str
    proved_ms: int | None


def add(
    conn: Connection, *, unit_name: str, unit_code: str, district: str, person: str, mail: str, phone: str,
    password_hash: str, proof: str, now_ms: int,
) -> str:  # fmt: skip
    """Keeps it until somebody decides; returns its id. proof: what the link in the letter to that address says.

    ProblemError `registration_full` when too many wait.
    """
    if count_waiting(conn) >= MOST_WAITING:
        raise ProblemError("registration_full")
    registration_id = uuid7()
    conn.execute(
        insert(registration).values(
            registration_id=registration_id, unit_name=unit_name, unit_code=unit_code, district=district, person=person,
            mail=accounts.sign_in_name(mail), phone=phone, password_hash=password_hash, asked_ms=now_ms, proof_hash=_digest(proof),
        )
    )  # fmt: skip
    return registration_id


def of_proof(conn: Connection, proof: str) -> Registration | None:
    """The registration whose letter held that link."""
    row = conn.execute(select(registration).where(registration.c.proof_hash == _digest(proof))).first()
    return _read(row) if row else None


def prove(conn: Connection, registration_id: str, now_ms: int) -> None:
    """Somebody who reads that address has confirmed it; the first time counts."""
    one = (registration.c.registration_id == registration_id, registration.c.proved_ms.is_(None))
    conn.execute(update(registration).where(*one).values(proved_ms=now_ms))


def count_waiting(conn: Connection) -> int:
    """How many wait for a decision."""
    query = select(func.count()).select_from(registration).where(registration.c.state == "waiting")
    return int(conn.execute(query).scalar_one())


def waiting(conn: Connection) -> list[tuple[Registration, Unit | None, Account | None]]:
    """Those that wait, the oldest first, each with the unit that has its code and the account that has its mail address."""
    query = select(registration).where(registration.c.state == "waiting").order_by(registration.c.asked_ms)
    return [
        (_read(row), accounts.unit_with_code(conn, row.unit_code), accounts.with_name(conn, row.mail))
        for row in conn.execute(query.limit(MOST_WAITING)).all()
    ]


def decided(conn: Connection, limit: int = 20) -> list[Registration]:
    """The last ones that were decided, the newest first."""
    query = select(registration).where(registration.c.state != "waiting").order_by(registration.c.decided_ms.desc())
    return [_read(row) for row in conn.execute(query.limit(limit))]


def approve(conn: Connection, registration_id: str, by: str, now_ms: int) -> tuple[Registration, str]:
    """Opens what lacks of unit and account and puts them together; gives the registration and the account's id.

    ProblemError `registration_decided` when nobody waits any more, `registration_not_an_officer` when the mail address is
    the sign-in name of a reviewer or another role: nobody reviews what the own unit sends.
    """
    row = _to_decide(conn, registration_id)
    known = accounts.with_name(conn, row.mail)
    if known is not None and known.role != "unit_officer":
        raise ProblemError("registration_not_an_officer")
    found = accounts.unit_with_code(conn, row.unit_code)
    unit_id = found.unit_id if found else accounts.add_unit(conn, row.unit_name, row.unit_code, row.district)
    if known is None:
        account_id = accounts.add_hashed(conn, row.mail, row.person, unit_id, row.password_hash)
    else:
        account_id = known.account_id
        accounts.add_to_unit(conn, account_id, unit_id)
    if not mail.account_address(conn, account_id):
        mail.set_account_address(conn, account_id, row.mail)
    _decide(conn, registration_id, "approved", by, now_ms, "")
    return _read(row), account_id


def refuse(conn: Connection, registration_id: str, by: str, now_ms: int, reason: str) -> Registration:
    """Closes it with the reason. ProblemError `registration_decided`."""
    row = _to_decide(conn, registration_id)
    _decide(conn, registration_id, "refused", by, now_ms, reason)
    return _read(row)


def _digest(proof: str) -> bytes:
    return hashlib.sha256(proof.encode()).digest()


def _to_decide(conn: Connection, registration_id: str) -> Row[Any]:
    one = (registration.c.registration_id == registration_id, registration.c.state == "waiting")
    row = conn.execute(select(registration).where(*one)).first()
    if row is None:
        raise ProblemError("registration_decided")
    return row


def _decide(conn: Connection, registration_id: str, state: str, by: str, now_ms: int, reason: str) -> None:
    decision = {"state": state, "decided_ms": now_ms, "decided_by": by, "reason": reason, "password_hash": ""}
    conn.execute(update(registration).where(registration.c.registration_id == registration_id).values(**decision))


def _read(row: Row[Any]) -> Registration:
    return Registration(
        row.registration_id, row.unit_name, row.unit_code, row.district, row.person, row.mail, row.phone, row.asked_ms,
        row.state, row.decided_ms, row.reason, row.proved_ms,
    )  # fmt: skip
