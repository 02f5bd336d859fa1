"""what a backup has made durable, and limits that processes share"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "durable",
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("dev_epoch", sa.String(length=36), nullable=False),
        sa.Column("through", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "dev_epoch", name=op.f("pk_durable")),
    )
    op.create_table(
        "backup",
        sa.Column("backup_id", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("elsewhere", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("file_count", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("backup_id", name=op.f("pk_backup")),
    )
    op.create_table(
        "asked",
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("left_milli", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_asked")),
    )
