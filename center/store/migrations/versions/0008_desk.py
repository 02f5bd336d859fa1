"""the desk: who holds a case, decisions that can be taken back, attention, districts, the queue's index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LIVE = sa.text("state IN ('open', 'settling')")


def upgrade() -> None:
    op.add_column("unit", sa.Column("district", sa.Text(), server_default="", nullable=False))
    op.drop_index("ix_application_queue", table_name="application")
    op.create_index(
        "ix_application_desk", "application",
        ["state", "received_ms", "application_id", "unit_id", "kind", "flags"],
    )  # fmt: skip
    op.create_table(
        "lease",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.application_id"], name=op.f("fk_lease_application_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_lease_account_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_lease")),
    )
    op.create_index("ix_lease_account", "lease", ["account_id"])
    op.create_table(
        "pending",
        sa.Column("pending_id", sa.String(length=36), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("form", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("result", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("action IN ('pass_on', 'issue', 'return', 'refuse')", name=op.f("ck_pending_action")),
        sa.CheckConstraint(
            "state IN ('open', 'settling', 'done', 'failed', 'seen', 'undone')", name=op.f("ck_pending_state")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.application_id"], name=op.f("fk_pending_application_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f("fk_pending_account_id")),
        sa.PrimaryKeyConstraint("pending_id", name=op.f("pk_pending")),
    )
    op.create_index("ix_pending_application", "pending", ["application_id"], sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.create_index("ix_pending_due", "pending", ["due_ms"], sqlite_where=_LIVE, postgresql_where=_LIVE)
    op.create_index("ix_pending_account", "pending", ["account_id", "at_ms"])
    op.create_table(
        "attention",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("step IN ('first', 'second')", name=op.f("ck_attention_step")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.application_id"], name=op.f("fk_attention_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "step", name=op.f("pk_attention")),
    )
    op.create_index("ix_attention_decided", "attention", ["decided_ms"])
