"""What trainees found unclear, as tablets told it. No name, no seat, no application stands with it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from center.store.tables import device, training_feedback, unit
from honorcard.typed import read_json
from sync.wire import TrainingFeedback


@dataclass(frozen=True)
class Said:
    """One trainee's word. room: the tablet whose practice room it was; unit: whose tablet that is."""

    feedback_id: str
    session: str
    room: str
    unit: str
    at_ms: int
    ease: int
    tasks: tuple[str, ...]
    words: str
    done: int
    of: int


def add(conn: Connection, said: TrainingFeedback, *, device_id: str, unit_id: str | None, now_ms: int) -> None:
    """Keeps it; what is here already stays as it is."""
    known = select(training_feedback.c.feedback_id).where(training_feedback.c.feedback_id == said.feedback_id)
    if conn.execute(known).first() is not None:
        return
    conn.execute(
        training_feedback.insert().values(
            feedback_id=said.feedback_id, device_id=device_id, unit_id=unit_id, session=said.session, at_ms=said.at_ms,
            told_ms=now_ms, ease=said.ease, tasks=msgspec.json.encode(said.tasks).decode(), words=said.words,
            done=said.done, of_tasks=said.of,
        )
    )  # fmt: skip


def everything(conn: Connection) -> list[Said]:
    """All of it, the newest first."""
    table = training_feedback.c
    rows = conn.execute(
        select(
            table.feedback_id, table.session, device.c.name, unit.c.name.label("unit"), table.at_ms, table.ease, table.tasks,
            table.words, table.done, table.of_tasks,
        )
        .select_from(
            training_feedback.outerjoin(device, device.c.device_id == table.device_id).outerjoin(
                unit, unit.c.unit_id == table.unit_id
            )
        )
        .order_by(table.at_ms.desc(), table.feedback_id)
    )  # fmt: skip
    return [
        Said(
            row.feedback_id, row.session, row.name or "", row.unit or "", row.at_ms, row.ease,
            read_json(row.tasks, tuple[str, ...]), row.words, row.done, row.of_tasks,
        )
        for row in rows
    ]  # fmt: skip
