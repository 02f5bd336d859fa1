"""How people sign in: their sessions and recovery codes, the units they act for, registrations that wait, and what was done to
accounts. The accounts themselves stand in tablets, beside the units.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
)  # fmt: skip

from center.store.tables.base import BigId, metadata

account_unit = Table(
    "account_unit", metadata,
    Column("account_id", String(36), ForeignKey("account.account_id"), primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id"), primary_key=True),
)  # fmt: skip
Index("ix_account_unit_unit", account_unit.c.unit_id)

account_session = Table(
    "account_session", metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256 of what the browser's cookie holds
    Column("session_id", String(36), nullable=False, unique=True),  # by which its owner ends it
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),  # acted for; NULL: the account's own, or no unit
    Column("stamp", String(16), nullable=False),  # of password and role, as they were
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("device", Text, nullable=False, server_default=""),  # browser and system in words
    Column("ended_ms", BigInteger),
    Column("ended_why", String(16), nullable=False, server_default=""),
    Column("kept", LargeBinary),  # sealed: the form that was sent when it was found to have ended (center.kept_forms)
)  # fmt: skip
Index("ix_account_session_account", account_session.c.account_id, account_session.c.seen_ms)

recovery_code = Table(
    "recovery_code", metadata,
    Column("account_id", String(36), ForeignKey("account.account_id"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),  # keyed digest (center.factor)
    Column("used_ms", BigInteger),
)  # fmt: skip

registration = Table(
    "registration", metadata,
    Column("registration_id", String(36), primary_key=True),
    Column("unit_name", Text, nullable=False),
    Column("unit_code", String(32), nullable=False),
    Column("district", Text, nullable=False, server_default=""),
    Column("person", Text, nullable=False),
    Column("mail", String(64), nullable=False),  # folded; the sign-in name of the account it becomes
    Column("phone", Text, nullable=False, server_default=""),
    Column("password_hash", Text, nullable=False),  # empty once it is decided
    Column("asked_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("decided_ms", BigInteger),
    Column("decided_by", String(36), ForeignKey("account.account_id")),
    Column("reason", Text, nullable=False, server_default=""),
    Column("proof_hash", LargeBinary),  # SHA-256 of what the link in the letter says
    Column("proved_ms", BigInteger),  # the mail address was confirmed
    CheckConstraint("state IN ('waiting', 'approved', 'refused')", name="state"),
)  # fmt: skip
Index("ix_registration_state", registration.c.state, registration.c.asked_ms)

# append-only: who did what to which account
account_event = Table(
    "account_event", metadata,
    Column("event_id", BigId, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(36), nullable=False),  # account id, or empty: on the server itself
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("what", String(32), nullable=False),
    Column("text", Text, nullable=False, server_default=""),
)  # fmt: skip
Index("ix_account_event_account", account_event.c.account_id, account_event.c.event_id)
