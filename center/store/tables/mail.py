"""What is to be sent by mail: one row a letter and address, written in the transaction of what it tells."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from center.store.tables.base import metadata, only

mail = Table(
    "mail", metadata,
    Column("mail_id", String(36), primary_key=True),  # its Message-ID follows from it
    Column("once", String(200), nullable=False, unique=True),  # the same thing is told to an address once
    Column("kind", String(32), nullable=False),  # honorcard.mails.KINDS
    Column("about", String(64), nullable=False),  # an application's id, a month, an account's id
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("address", Text, nullable=False),
    Column("facts", Text, nullable=False, server_default="{}"),  # JSON: what its sentences say; a name masked
    Column("sheet_sha256", LargeBinary),  # the card sheet it is about
    Column("state", String(16), nullable=False, server_default="waiting"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("code", String(64), nullable=False, server_default=""),  # why it did not go out the last time
    Column("at_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),  # not before; of one that is being sent: whose it is until then
    Column("holder", String(36)),  # who is sending it
    Column("ended_ms", BigInteger),
    Column("by_account", String(36)),  # who sent it again or cancelled it
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'dead', 'cancelled', 'off')", name="state"),
)  # fmt: skip
Index("ix_mail_due", mail.c.due_ms, **only("state IN ('waiting', 'sending')"))
Index("ix_mail_state", mail.c.state, mail.c.at_ms)
Index("ix_mail_about", mail.c.about)
