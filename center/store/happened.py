"""Every event of every case in one list, for whoever has to look over it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from center.store.tables import account, application, card, device, history, unit


@dataclass(frozen=True)
class Happened:
    """One event. actor: an account's person, a tablet's name, or empty for the center itself. for_unit: the unit that an
    officer acted for.
    """

    event_id: int
    at_ms: int
    actor: str
    move: str
    reasons: tuple[str, ...]
    text: str
    receipt: str
    kind: str
    for_unit: str = ""


def listing(
    conn: Connection, *, find: str = "", unit_id: str | None = None, below: int | None = None, limit: int = 100
) -> list[Happened]:
    """Events, newest first, from the one below `below` on. find: only of the case with that receipt number, or of those
    that the card of that number was issued or printed again on; unit_id: only of that unit's cases.
    """
    query = (
        select(
            history, account.c.person, device.c.name.label("device_name"), application.c.receipt, application.c.kind,
            unit.c.name.label("unit_name"),
        )
        .select_from(
            history.join(application, application.c.application_id == history.c.application_id)
            .outerjoin(account, account.c.account_id == history.c.actor)
            .outerjoin(device, device.c.device_id == history.c.actor)
            .outerjoin(unit, unit.c.unit_id == history.c.for_unit)
        )
        .order_by(history.c.history_id.desc())
        .limit(limit)
    )  # fmt: skip
    if unit_id is not None:
        query = query.where(application.c.unit_id == unit_id)
    if below is not None:
        query = query.where(history.c.history_id < below)
    if find:
        of_card = select(card.c.application_id).where(card.c.number == find)
        about = select(card.c.seq).where(card.c.number == find)
        query = query.where(
            or_(
                application.c.receipt == find.upper(),
                application.c.application_id.in_(of_card),
                application.c.card_seq.in_(about),
            )
        )
    return [
        Happened(
            row.history_id, row.at_ms, row.person or row.device_name or "", row.move,
            tuple(str(code) for code in json.loads(row.reasons)), row.text, row.receipt, row.kind,
            row.unit_name or "",
        )
        for row in conn.execute(query)
    ]  # fmt: skip
