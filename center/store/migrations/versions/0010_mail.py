"""mail: what is to be sent, where units and officers are reached, what places give and whose tablets stand there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'sending')")


def upgrade() -> None:
    op.add_column("unit", sa.Column("mail", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("mail", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("venue_code", sa.String(length=32), nullable=True))
    op.add_column("enrol_code", sa.Column("venue_code", sa.String(length=32), nullable=True))
    op.add_column("device", sa.Column("venue_code", sa.String(length=32), nullable=True))
    for name in ("district", "benefit_zh", "benefit_en"):
        op.add_column("venue", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_table(
        "mail",
        sa.Column("mail_id", sa.String(length=36), nullable=False),
        sa.Column("once", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("sheet_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=36), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("by_account", sa.String(length=36), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'dead', 'cancelled', 'off')", name=op.f("ck_mail_state")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name=op.f("fk_mail_unit_id")),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_mail")),
        sa.UniqueConstraint("once", name=op.f("uq_mail_once")),
    )
    op.create_index("ix_mail_due", "mail", ["due_ms"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_mail_state", "mail", ["state", "at_ms"])
    op.create_index("ix_mail_about", "mail", ["about"])
    live = sa.text("status = 'live'")
    op.create_index("ix_card_running_out", "card", ["valid_until", "seq"], sqlite_where=live, postgresql_where=live)
