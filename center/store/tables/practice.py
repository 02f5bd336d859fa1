"""What trainees found unclear at the end of a training. Nothing here is about a volunteer."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text

from center.store.tables.base import metadata

training_feedback = Table(
    "training_feedback", metadata,
    Column("feedback_id", String(36), primary_key=True),  # made on the tablet
    Column("device_id", String(64), nullable=False),
    Column("unit_id", String(36)),  # of the tablet
    Column("session", Text, nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),  # by the tablet's clock
    Column("told_ms", BigInteger, nullable=False),
    Column("ease", Integer, nullable=False),
    Column("tasks", Text, nullable=False),  # JSON list of codes (honorcard.practice)
    Column("words", Text, nullable=False, server_default=""),
    Column("done", Integer, nullable=False),
    Column("of_tasks", Integer, nullable=False),
    CheckConstraint("ease BETWEEN 1 AND 3", name="ease"),
)  # fmt: skip
Index("ix_training_feedback_at", training_feedback.c.at_ms)
