"""names of one-time codes; what tablets could not bring"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enrol_code", sa.Column("name", sa.String(length=8), nullable=True))
    letters = op.create_table(
        "dead_letter",
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=36), nullable=False),
        sa.Column("dev_epoch", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=64), server_default="", nullable=False),
        sa.Column("entity_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("op", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.String(length=16), server_default="", nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("details", sa.Text(), server_default="{}", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("by_account", sa.String(length=36), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("state IN ('open', 'taken', 'done')", name=op.f("ck_dead_letter_state")),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("fk_dead_letter_device_id")),
        sa.PrimaryKeyConstraint("op_id", name=op.f("pk_dead_letter")),
    )
    op.create_index(
        "ix_dead_letter_open", "dead_letter", ["since_ms"],
        sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    _take_over(letters)


def _take_over(letters: sa.Table) -> None:
    """What was refused until now waits for somebody from now on; its bytes come with the tablet's own word on it."""
    conn = op.get_bind()
    rows = conn.execute(
        sa.text("SELECT device_id, dev_epoch, seq, op_id, result, at_ms FROM dedup WHERE result LIKE :refused"),
        {"refused": '%"status":"rejected"%'},
    ).all()
    known = set(conn.execute(sa.text("SELECT device_id FROM device")).scalars())
    for row in rows:
        answer = json.loads(row.result)
        if row.device_id in known and answer.get("status") == "rejected":
            conn.execute(
                letters.insert().values(
                    op_id=row.op_id, device_id=row.device_id, dev_epoch=row.dev_epoch, seq=row.seq,
                    code=(answer.get("code") or "")[:64], details=json.dumps(answer.get("details") or {}),
                    since_ms=row.at_ms,
                )
            )  # fmt: skip
