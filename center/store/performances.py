"""The register of 服務績效證明書: every one that was made, so that one can be checked, and what became void.

What is not here: the paper (honorcard.performance), who may make one (center.performing).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from center.store.tables import performance
from honorcard import roc
from sync.ids import uuid7

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is read for another
CODE_LENGTH = 8


@dataclass(frozen=True)
class Made:
    """A certificate in the register. void_ms: None for one that stands."""

    certificate_id: str
    number: str
    check_code: str
    person_no: int
    name: str
    language: str
    start: date
    end: date
    half_hours: int
    made_ms: int
    sheet_sha256: bytes
    void_ms: int | None
    void_why: str


def next_number(conn: Connection, on: date) -> tuple[str, str]:
    """(number, check code) for the next certificate of that year. Inside a transaction that writes alone."""
    year = roc.roc_year(on)
    last = conn.execute(
        select(func.coalesce(func.max(performance.c.serial), 0)).where(performance.c.roc_year == year)
    ).scalar_one()
    return f"{year:03d}-{last + 1:06d}", "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def add(
    conn: Connection, *, number: str, check_code: str, person_no: int, unit_id: str | None, name: str, language: str,
    start: date, end: date, half_hours: int, by: str, now_ms: int, sheet_sha256: bytes,
) -> str:  # fmt: skip
    """Enters a certificate; gives its id."""
    certificate_id = uuid7()
    year, serial = number.split("-")
    conn.execute(
        insert(performance).values(
            certificate_id=certificate_id, roc_year=int(year), serial=int(serial), number=number, check_code=check_code,
            person_no=person_no, unit_id=unit_id, name=name, language=language, from_on=start, until_on=end,
            half_hours=half_hours, made_by=by, made_ms=now_ms, sheet_sha256=sheet_sha256,
        )
    )  # fmt: skip
    return certificate_id


def of_person(conn: Connection, person_nos: Collection[int]) -> list[Made]:
    """A person's certificates, newest first."""
    query = select(performance).where(performance.c.person_no.in_(list(person_nos)))
    return [
        _made(row) for row in conn.execute(query.order_by(performance.c.made_ms.desc(), performance.c.number.desc()))
    ]


def check(conn: Connection, number: str, check_code: str) -> Made | None:
    """The certificate of that number; None unless the code is its own."""
    row = conn.execute(select(performance).where(performance.c.number == number)).first()
    if row is None or not secrets.compare_digest(row.check_code.encode(), check_code.encode()):
        return None
    return _made(row)


def void(conn: Connection, certificate_id: str, *, by: str, why: str, now_ms: int) -> bool:
    """Makes one void; whether it stood until now."""
    done = conn.execute(
        update(performance)
        .where(performance.c.certificate_id == certificate_id, performance.c.void_ms.is_(None))
        .values(void_ms=now_ms, void_by=by, void_why=why)
    )
    return done.rowcount > 0


def _made(row: Row[Any]) -> Made:
    return Made(
        row.certificate_id, row.number, row.check_code, row.person_no, row.name, row.language, row.from_on, row.until_on,
        row.half_hours, row.made_ms, bytes(row.sheet_sha256), row.void_ms, row.void_why,
    )  # fmt: skip
