"""What a person here has to decide: changes and applications that were not taken in as they came (sync.md B.6, B.7)."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from center.store.tables.base import metadata, only, photo_columns

# what an application said, revision by revision: a later change is compared with the one it was made on
application_body = Table(
    "application_body", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("rev", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("device_id", String(36)),  # who said so; NULL: a reviewer's choice between two
)  # fmt: skip

# a change that was not taken in as it came: somebody else had changed the same, or a reviewer had acted already
proposal = Table(
    "proposal", metadata,
    Column("op_id", String(36), primary_key=True),
    Column("application_id", String(36), ForeignKey("application.application_id"), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),  # propose | request, as sync.merge says
    Column("base_rev", Integer),
    Column("body", Text, nullable=False),
    Column("clashes", Text, nullable=False, server_default="[]"),  # JSON list of field names
    Column("state", String(16), nullable=False, server_default="open"),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    CheckConstraint("state IN ('open', 'taken', 'part', 'kept', 'overtaken')", name="state"),
)  # fmt: skip
Index("ix_proposal_application", proposal.c.application_id)
Index(
    "ix_proposal_open", proposal.c.at_ms,
    **only("state = 'open'"),
)  # fmt: skip

proposal_photo = Table(
    "proposal_photo", metadata,
    Column("op_id", String(36), ForeignKey("proposal.op_id"), primary_key=True),
    *photo_columns(),
)  # fmt: skip
Index("ix_proposal_photo_sealed", proposal_photo.c.sealed_sha256)

# two applications that may be one person's: a pair once, the lower id first
twin = Table(
    "twin", metadata,
    Column("low", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("high", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("why", String(16), nullable=False),  # same: one number; alike: one unseen slip away, and one name
    Column("state", String(16), nullable=False, server_default="open"),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    CheckConstraint("why IN ('same', 'alike')", name="why"),
    CheckConstraint("state IN ('open', 'merged', 'different', 'refused', 'over')", name="state"),
)  # fmt: skip
Index("ix_twin_high", twin.c.high)
Index("ix_twin_open", twin.c.at_ms, **only("state = 'open'"))

# what a tablet could not bring, or the center did not take: somebody here owns it until it is taken or settled (sync.md B.10)
dead_letter = Table(
    "dead_letter", metadata,
    Column("op_id", String(36), primary_key=True),
    Column("device_id", String(36), ForeignKey("device.device_id"), nullable=False),
    Column("dev_epoch", String(36), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False, server_default=""),
    Column("entity_id", String(64), nullable=False, server_default=""),
    Column("op", LargeBinary),  # JSON of sync.wire.Op, sealed body and all; NULL: its bytes are not here
    Column("receipt", String(16), nullable=False, server_default=""),
    Column("code", String(64), nullable=False),  # of the problem that says why
    Column("details", Text, nullable=False, server_default="{}"),  # JSON: the figures of its sentence
    Column("tries", Integer, nullable=False, server_default="1"),
    Column("since_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    Column("text", Text, nullable=False, server_default=""),
    CheckConstraint("state IN ('open', 'taken', 'done')", name="state"),
)  # fmt: skip
Index("ix_dead_letter_open", dead_letter.c.since_ms, **only("state = 'open'"))
