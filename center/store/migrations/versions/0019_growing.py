"""what a million people need: cards found by whose they are, acts of the audit by name, sums of the whole city"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # where tables are large these are made beforehand by hand (docs/growing.md)
    op.create_index("ix_card_idbx", "card", ["idbx", "seq"], if_not_exists=True)
    op.create_index("ix_card_number", "card", ["number", "seq"], if_not_exists=True)
    op.create_index("ix_card_application", "card", ["application_id"], if_not_exists=True)
    op.create_index("ix_audit_act", "audit", ["act", "entry"], if_not_exists=True)
    op.create_table(
        "tally_whole",
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=48), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", "month", "kind", "detail", name=op.f("pk_tally_whole")),
    )
