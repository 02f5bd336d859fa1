"""who saw and changed what: entries bound to each other, guarded by the database; what was looked at and waits to be bound"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from center.store.tables.audit import GUARDS

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _said() -> list[sa.Column]:  # type: ignore[type-arg]
    return [
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=36), server_default="", nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("entity_kind", sa.String(length=16), server_default="", nullable=False),
        sa.Column("entity", sa.String(length=64), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), server_default="[]", nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("entry", _ID, autoincrement=True, nullable=False),
        *_said(),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("stream IN ('done', 'seen', 'door')", name=op.f("ck_audit_stream")),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_stream", "audit", ["stream", "entry"])
    op.create_index("ix_audit_actor", "audit", ["actor", "entry"])
    op.create_index("ix_audit_entity", "audit", ["entity", "entry"])
    op.create_index("ix_audit_at", "audit", ["at_ms"])
    op.create_table(
        "audit_seen",
        sa.Column("seen_id", _ID, autoincrement=True, nullable=False),
        *_said(),
        sa.PrimaryKeyConstraint("seen_id", name=op.f("pk_audit_seen")),
    )
    op.create_table(
        "audit_cut",
        sa.Column("cut_id", _ID, autoincrement=True, nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.Column("many", sa.BigInteger(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cut_id", name=op.f("pk_audit_cut")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
