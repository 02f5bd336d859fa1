"""events and trainings, and who came and left"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=False),
        sa.Column("counting", sa.String(length=8), nullable=False),
        sa.Column("half_hours", sa.Integer(), server_default="0", nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("course", sa.String(length=8), server_default="", nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("missing_in_ms", sa.BigInteger(), nullable=True),
        sa.Column("missing_out_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('activity', 'training')", name=op.f("ck_event_kind")),
        sa.CheckConstraint("counting IN ('clock', 'fixed')", name=op.f("ck_event_counting")),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_event_state")),
        sa.CheckConstraint("starts_ms < ends_ms", name=op.f("ck_event_times")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name=op.f("fk_event_unit_id")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_unit", "event", ["unit_id", "starts_ms"])
    op.create_table(
        "event_act",
        sa.Column("act_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("told_by", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=4), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.Column("until_ms", sa.BigInteger(), nullable=True),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.Column("doubt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("undone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("masked_number", sa.String(length=32), server_default="", nullable=False),
        sa.Column("idbx", sa.LargeBinary(), nullable=True),
        sa.Column("number_box", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.CheckConstraint("what IN ('in', 'out', 'fix')", name=op.f("ck_event_act_what")),
        sa.ForeignKeyConstraint(["person_no"], ["person.no"], name=op.f("fk_event_act_person_no")),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_event_act")),
    )
    op.create_index("ix_event_act_event", "event_act", ["event_id", "told_ms"])
    op.create_index("ix_event_act_person", "event_act", ["person_no"])
