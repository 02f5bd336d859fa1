"""The cards, what became of each, and every signature ever made."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

from center.store.tables.base import BigId, metadata, only

card = Table(
    "card", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # issue number of the token (credential.md C.2)
    Column("number", String(8), nullable=False),
    Column("roc_year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    # a correction keeps the number: 1 for the card first issued under it, then 2, 3 …
    Column("edition", Integer, nullable=False, server_default="1"),
    Column("application_id", String(36), ForeignKey("application.application_id")),
    Column("idbx", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("counted_until", Date),  # last service day used for this card (A4)
    Column("status", String(16), nullable=False),
    Column("lookup_hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of W
    Column("secret_box", LargeBinary, nullable=False),  # W and S under the server's data key
    Column("portrait_sha256", LargeBinary, nullable=False),
    Column("sheet_sha256", LargeBinary),  # the printed sheet, by content address
    Column("issued_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_why", Text),
    CheckConstraint("status IN ('live', 'suspended', 'revoked', 'replaced')", name="status"),
    UniqueConstraint("roc_year", "serial", "edition"),
)  # fmt: skip
# at most one live card a person (sync.md B.7)
Index(
    "uq_card_live", card.c.idbx, unique=True,
    **only("status IN ('live', 'suspended')"),
)  # fmt: skip

# and at most one of a number
Index(
    "uq_card_live_number", card.c.number, unique=True,
    **only("status IN ('live', 'suspended')"),
)  # fmt: skip

# whose it is, under which number, on which application; also of cards that ended
Index("ix_card_idbx", card.c.idbx, card.c.seq)
Index("ix_card_number", card.c.number, card.c.seq)
Index("ix_card_application", card.c.application_id)

# which run out in a month
Index("ix_card_running_out", card.c.valid_until, card.c.seq, **only("status = 'live'"))

# append-only: what became of a card since it was issued (R39, A22)
card_event = Table(
    "card_event", metadata,
    Column("event_id", BigId, primary_key=True, autoincrement=True),
    Column("seq", BigInteger, ForeignKey("card.seq"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),  # account or device id
    Column("what", String(16), nullable=False),  # issued, printed, reprinted, suspended, live, revoked, replaced
    Column("reason", String(32), nullable=False, server_default=""),  # code of why it was printed again, or of a ground
    Column("text", Text, nullable=False, server_default=""),
    CheckConstraint(
        "what IN ('issued', 'printed', 'reprinted', 'suspended', 'live', 'revoked', 'replaced')", name="what"
    ),
)  # fmt: skip
Index("ix_card_event_card", card_event.c.seq, card_event.c.event_id)

# append-only: every signature ever made (credential.md C.5)
issue_log = Table(
    "issue_log", metadata,
    Column("entry", BigId, primary_key=True, autoincrement=True),
    Column("seq", BigInteger, nullable=False),
    Column("kid", Integer, nullable=False),
    Column("token_sha256", LargeBinary, nullable=False),
    Column("by_account", String(36), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False, server_default=""),  # binds the line to those before it (store.issued)
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_issue_log_at", issue_log.c.at_ms)
