"""what trainees found unclear"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training_feedback",
        sa.Column("feedback_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("session", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.Column("ease", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of_tasks", sa.Integer(), nullable=False),
        sa.CheckConstraint("ease BETWEEN 1 AND 3", name=op.f("ck_training_feedback_ease")),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_training_feedback")),
    )
    op.create_index("ix_training_feedback_at", "training_feedback", ["at_ms"])
