"""What the office itself keeps, for the demo: a unit that waits to be let in; of one volunteer service, training and insurance that
were entered by hand.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from center.store import accounts, cards, insurance, members, person_log, registrations, service, training, volunteers
from center.store.insurance import NewInsurance
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService
from center.store.training import NewTraining

DAYS_AGO = (64, 36, 8)
YEAR = timedelta(days=365)


def keep(conn: Connection, number: str, unit_id: str, officer: str, now: datetime) -> None:
    """Enters it. number: the card of the volunteer; officer: the account that enters."""
    at_ms, today = int(now.timestamp() * 1000), now.date()
    registrations.add(
        conn, unit_name="河岸親子館志工隊（虛構）", unit_code="A1002", district="士林區", person="周芷晴", mail="zhou@example.test",
        phone="02-0000-0000", password_hash=accounts.hash_password(secrets.token_urlsafe(12), "zhou@example.test"),
        proof=secrets.token_urlsafe(32), now_ms=at_ms,
    )  # fmt: skip
    found = cards.find(conn, number)
    nos = volunteers.nos_of(conn, [found.idbx]) if found is not None else []
    if not nos:
        return
    (no, *_), came = nos, Origin("office", officer, at_ms)
    days = [today - timedelta(days=days) for days in DAYS_AGO]
    rows = [
        NewService(no, unit_id, day, day, half_hours, "文化服務", "展場導覽")
        for day, half_hours in zip(days, (6, 8, 5), strict=True)
    ]
    service.add(conn, rows, came)
    training.add(
        conn,
        [
            NewTraining(no, "basic", "", "志願服務基礎訓練", 12, today - timedelta(days=900), "基字 0001"),
            NewTraining(no, "special", "文化", "導覽解說特殊訓練", 12, today - timedelta(days=880), "特字 0001"),
        ],
        came,
    )  # fmt: skip
    insurance.add(conn, [NewInsurance(no, unit_id, "示範產物保險", days[0], days[0] + YEAR, "示-0001")], came)
    members.join(conn, [NewMember(no, unit_id, "北字第 0001 號")], came)
    for what in ("added_service", "added_training", "added_insurance"):
        person_log.record(conn, no, by=officer, what=what, now_ms=at_ms)
