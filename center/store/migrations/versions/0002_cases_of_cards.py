"""cases of cards that exist: reissue, correction, reprint"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LIVE = sa.text("status IN ('live', 'suspended')")


def upgrade() -> None:
    with op.batch_alter_table("application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("card_seq", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_application_card", ["card_seq"], unique=False)

    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edition", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_constraint(op.f("uq_card_roc_year"), type_="unique")
        batch_op.create_unique_constraint(op.f("uq_card_roc_year"), ["roc_year", "serial", "edition"])
        batch_op.create_index(
            "uq_card_live_number", ["number"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
        )

    op.create_table(
        "card_event",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "what IN ('issued', 'printed', 'reprinted', 'suspended', 'live', 'revoked', 'replaced')",
            name=op.f("ck_card_event_what"),
        ),
        sa.ForeignKeyConstraint(["seq"], ["card.seq"], name=op.f("fk_card_event_seq")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_card_event")),
    )
    with op.batch_alter_table("card_event", schema=None) as batch_op:
        batch_op.create_index("ix_card_event_card", ["seq", "event_id"], unique=False)

    # the cards that are here already begin with what is known of them
    op.execute(
        """
        INSERT INTO card_event (seq, at_ms, actor, what)
        SELECT card.seq, card.issued_ms, coalesce(min(issue_log.by_account), 'center'), 'issued'
        FROM card LEFT JOIN issue_log ON issue_log.seq = card.seq
        GROUP BY card.seq, card.issued_ms
        ORDER BY card.seq
        """
    )
    op.execute(
        """
        INSERT INTO card_event (seq, at_ms, actor, what, text)
        SELECT seq, ended_ms, 'center', status, coalesce(ended_why, '')
        FROM card
        WHERE status <> 'live' AND ended_ms IS NOT NULL
        ORDER BY seq
        """
    )
