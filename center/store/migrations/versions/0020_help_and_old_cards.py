"""calls for help, told to the tablets of the same unit; tries at a card's code"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_call",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("taken_by", sa.String(length=36), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'over')", name=op.f("ck_help_call_state")),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("fk_help_call_device_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["device.device_id"], name=op.f("fk_help_call_taken_by")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_help_call")),
    )
    op.create_index("ix_help_call_state", "help_call", ["state", "at_ms"])
    op.create_table(
        "card_try",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_card_try")),
    )
