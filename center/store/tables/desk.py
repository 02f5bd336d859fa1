"""What the reviewers' desk keeps: who holds a case, decisions that can still be taken back, seconds of attention a case."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text

from center.store.tables.base import metadata, only

# a case is one person's for a while (center.store.leases)
lease = Table(
    "lease", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)  # fmt: skip
Index("ix_lease_account", lease.c.account_id)

# a decision that was pressed and waits for its effects (center.store.pending)
pending = Table(
    "pending", metadata,
    Column("pending_id", String(36), primary_key=True),
    Column("batch", String(36), nullable=False),  # decisions of one press are taken back together
    Column("application_id", String(36), ForeignKey("application.application_id"), nullable=False),
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("action", String(16), nullable=False),
    Column("rev", Integer, nullable=False),  # that the reviewer saw
    Column("form", Text, nullable=False, server_default="{}"),  # JSON: reasons, slots, text, valid_until
    Column("at_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("result", Text, nullable=False, server_default=""),  # a card's number, or the code of a problem
    CheckConstraint("action IN ('pass_on', 'issue', 'return', 'refuse')", name="action"),
    CheckConstraint("state IN ('open', 'settling', 'done', 'failed', 'seen', 'undone')", name="state"),
)  # fmt: skip
Index("ix_pending_application", pending.c.application_id, **only("state IN ('open', 'settling')"))
Index("ix_pending_due", pending.c.due_ms, **only("state IN ('open', 'settling')"))
Index("ix_pending_account", pending.c.account_id, pending.c.at_ms)

# how long a step of a case was attended to; by whom is not written down
attention = Table(
    "attention", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("step", String(8), primary_key=True),
    Column("seconds", Integer, nullable=False),
    Column("decided_ms", BigInteger),  # NULL: not decided yet
    CheckConstraint("step IN ('first', 'second')", name="step"),
)  # fmt: skip
Index("ix_attention_decided", attention.c.decided_ms)
