"""each line of the issue log bound to those before it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from center.store.issued import BEGIN, link

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issue_log", sa.Column("link", sa.LargeBinary(), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_issue_log_at", "issue_log", ["at_ms"])
    _bind()


def _bind() -> None:
    """What was signed until now is bound together as it stands."""
    conn = op.get_bind()
    log = sa.table(
        "issue_log",
        *(sa.column(name) for name in ("entry", "seq", "kid", "by_account", "at_ms")),
        sa.column("token_sha256", sa.LargeBinary()), sa.column("link", sa.LargeBinary()),
    )  # fmt: skip
    before = BEGIN
    for row in conn.execute(sa.select(log).order_by(log.c.entry)).all():
        before = link(before, row.seq, row.kid, bytes(row.token_sha256), row.by_account, row.at_ms)
        conn.execute(log.update().where(log.c.entry == row.entry).values(link=before))
