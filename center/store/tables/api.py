"""Keys of other city systems, what they asked, and the answers kept for a request that comes again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from center.store.tables.base import BigId, metadata

# one key of one system; what it may do, and until when (center.api.keys)
api_key = Table(
    "api_key", metadata,
    Column("key_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),  # of 256 random bits: no salt is needed
    Column("scopes", Text, nullable=False),  # JSON list
    Column("units", Text, nullable=False, server_default="[]"),  # JSON list of unit ids; empty: all units
    Column("networks", Text, nullable=False, server_default="[]"),  # JSON list of addresses or CIDR; empty: any
    Column("per_minute", Integer, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("made_by", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger),
    Column("revoked_by", String(36), ForeignKey("account.account_id")),
)  # fmt: skip

# append-only: every use of a key. No name, no number: about names a person by the center's own id, or nothing
api_use = Table(
    "api_use", metadata,
    Column("use_id", BigId, primary_key=True, autoincrement=True),
    Column("key_id", String(36), ForeignKey("api_key.key_id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("operation", String(32), nullable=False),
    Column("status", Integer, nullable=False),
    Column("purpose", String(32), nullable=False, server_default=""),
    Column("about", String(36), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_api_use_key", api_use.c.key_id, api_use.c.use_id)
Index("ix_api_use_at", api_use.c.at_ms)

# what a writing request was answered, kept beside its effect: the same request again changes nothing
api_answer = Table(
    "api_answer", metadata,
    Column("key_id", String(36), ForeignKey("api_key.key_id"), primary_key=True),
    Column("idempotency_key", String(64), primary_key=True),
    Column("sha256", LargeBinary, nullable=False),  # of the request's body
    Column("body", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)  # fmt: skip
Index("ix_api_answer_at", api_answer.c.at_ms)
