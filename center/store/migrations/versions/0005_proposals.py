"""changes and applications that a person has to decide about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "application_body",
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.application_id"], name=op.f("fk_application_body_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "rev", name=op.f("pk_application_body")),
    )
    # of what is here already only the newest content is known: a change made on an older one is for a person
    op.execute(
        """
        INSERT INTO application_body (application_id, rev, body, device_id)
        SELECT application_id, rev, body, device_id FROM application
        """
    )
    op.create_table(
        "proposal",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("application_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("base_rev", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("clashes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_account", sa.String(length=36), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'taken', 'part', 'kept', 'overtaken')", name=op.f("ck_proposal_state")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.application_id"], name=op.f("fk_proposal_application_id")
        ),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_proposal")),
    )
    op.create_index("ix_proposal_application", "proposal", ["application_id"])
    op.create_index(
        "ix_proposal_open", "proposal", ["at_ms"],
        sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_table(
        "proposal_photo",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("clear_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state IN ('awaited', 'stored', 'opened', 'refused')", name=op.f("ck_proposal_photo_state")),
        sa.ForeignKeyConstraint(["op_id"], ["proposal.op_id"], name=op.f("fk_proposal_photo_op_id")),
        sa.PrimaryKeyConstraint("op_id", "slot", "position", name=op.f("pk_proposal_photo")),
    )
    op.create_index("ix_proposal_photo_sealed", "proposal_photo", ["sealed_sha256"])
    op.create_table(
        "twin",
        sa.Column("low", sa.String(length=36), nullable=False),
        sa.Column("high", sa.String(length=36), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_account", sa.String(length=36), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("why IN ('same', 'alike')", name=op.f("ck_twin_why")),
        sa.CheckConstraint("state IN ('open', 'merged', 'different', 'refused', 'over')", name=op.f("ck_twin_state")),
        sa.ForeignKeyConstraint(["high"], ["application.application_id"], name=op.f("fk_twin_high")),
        sa.ForeignKeyConstraint(["low"], ["application.application_id"], name=op.f("fk_twin_low")),
        sa.PrimaryKeyConstraint("low", "high", name=op.f("pk_twin")),
    )
    op.create_index("ix_twin_high", "twin", ["high"])
    op.create_index(
        "ix_twin_open", "twin", ["at_ms"],
        sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
