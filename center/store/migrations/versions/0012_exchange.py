"""lists brought in and taken out: batches, lines, columns, the log; earlier cards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_BUSY = sa.text("state IN ('reading', 'importing', 'undoing')")


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.account_id"], name=op.f(f"fk_{table}_account_id"))


def _batch(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["batch_id"], ["exchange_batch.batch_id"], name=op.f(f"fk_{table}_batch_id"))


def upgrade() -> None:
    _batches()
    op.create_table(
        "exchange_columns",
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_exchange_columns_direction")),
        _account("exchange_columns"),
        sa.PrimaryKeyConstraint("direction", "kind", name=op.f("pk_exchange_columns")),
    )
    op.create_table(
        "exchange_log",
        sa.Column("entry", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("batch_id", sa.String(length=36), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint(
            "what IN ('read', 'import', 'undo', 'drop', 'columns', 'export', 'exported', 'broken')",
            name=op.f("ck_exchange_log_what"),
        ),
        _account("exchange_log"),
        sa.PrimaryKeyConstraint("entry", name=op.f("pk_exchange_log")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchange_log_batch", "exchange_log", ["batch_id"])
    op.create_table(
        "earlier_card",
        sa.Column("earlier_id", sa.String(length=36), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.Text(), server_default="", nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("counted_until", sa.Date(), nullable=True),
        sa.Column("source_ref", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("void_ms", sa.BigInteger(), nullable=True),
        sa.Column("void_by", sa.String(length=36), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["person_no"], ["person.no"], name=op.f("fk_earlier_card_person_no")),
        sa.PrimaryKeyConstraint("earlier_id", name=op.f("pk_earlier_card")),
    )
    op.create_index("ix_earlier_card_number", "earlier_card", ["number"])
    op.create_index("ix_earlier_card_person", "earlier_card", ["person_no"])
    op.create_index("ix_earlier_card_source", "earlier_card", ["source_ref"])


def _batches() -> None:
    op.create_table(
        "exchange_batch",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.Text(), server_default="{}", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("undone_ms", sa.BigInteger(), nullable=True),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "kind IN ('units', 'volunteers', 'hours', 'training', 'cards')", name=op.f("ck_exchange_batch_kind")
        ),
        sa.CheckConstraint(
            "state IN ('reading', 'columns', 'broken', 'ready', 'importing', 'imported', 'undoing', 'undone', 'dropped')",
            name=op.f("ck_exchange_batch_state"),
        ),
        _account("exchange_batch"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_exchange_batch")),
    )
    op.create_index("ix_exchange_batch_at", "exchange_batch", ["at_ms"])
    op.create_index(
        "ix_exchange_batch_busy", "exchange_batch", ["at_ms"], sqlite_where=_BUSY, postgresql_where=_BUSY
    )  # fmt: skip
    op.create_index("ix_exchange_batch_file", "exchange_batch", ["file_sha256"])
    op.create_table(
        "exchange_piece",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _batch("exchange_piece"),
        sa.PrimaryKeyConstraint("batch_id", "position", name=op.f("pk_exchange_piece")),
    )
    op.create_table(
        "exchange_line",
        sa.Column("batch_id", sa.String(length=36), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("cells", sa.Text(), server_default="[]", nullable=False),
        sa.Column("entry", sa.Text(), server_default="{}", nullable=False),
        sa.Column("changes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("troubles", sa.Text(), server_default="[]", nullable=False),
        sa.Column("target", sa.String(length=80), nullable=True),
        sa.Column("kept", sa.String(length=32), server_default="", nullable=False),
        sa.CheckConstraint("outcome IN ('new', 'changed', 'same', 'refused')", name=op.f("ck_exchange_line_outcome")),
        _batch("exchange_line"),
        sa.PrimaryKeyConstraint("batch_id", "line", name=op.f("pk_exchange_line")),
    )
    op.create_index("ix_exchange_line_outcome", "exchange_line", ["batch_id", "outcome", "line"])
