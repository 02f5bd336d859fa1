"""Lists that were brought in and taken out: batches, their lines as a dry run left them, columns, and who did what."""

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
)  # fmt: skip

from center.store.tables.base import BigId, metadata, only

exchange_batch = Table(
    "exchange_batch", metadata,
    Column("batch_id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("file_sha256", LargeBinary, nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("head", Text, nullable=False, server_default="{}"),  # JSON: sheet, line of the headings, headings, columns chosen
    Column("done", Integer, nullable=False, server_default="0"),  # lines behind us in what is under way
    Column("counts", Text, nullable=False, server_default="{}"),  # JSON: lines by outcome
    Column("problem", Text, nullable=False, server_default=""),  # JSON: code and details of why it could not be read
    Column("moved", Integer, nullable=False, server_default="0"),  # what is here changed after somebody looked at the dry run
    Column("ended_ms", BigInteger),  # imported, or given up
    Column("undone_ms", BigInteger),
    Column("kept", Integer, nullable=False, server_default="0"),  # lines that could not be taken back
    CheckConstraint("kind IN ('units', 'volunteers', 'hours', 'training', 'cards')", name="kind"),
    CheckConstraint(
        "state IN ('reading', 'columns', 'broken', 'ready', 'importing', 'imported', 'undoing', 'undone', 'dropped')",
        name="state",
    ),
)  # fmt: skip
Index("ix_exchange_batch_at", exchange_batch.c.at_ms)
Index(
    "ix_exchange_batch_busy", exchange_batch.c.at_ms, **only("state IN ('reading', 'importing', 'undoing')")
)  # fmt: skip
Index("ix_exchange_batch_file", exchange_batch.c.file_sha256)

# the file, sealed under the server's own key, until it was imported or given up
exchange_piece = Table(
    "exchange_piece", metadata,
    Column("batch_id", String(36), ForeignKey("exchange_batch.batch_id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)  # fmt: skip

# what a line says and would change; what it changed, once imported
exchange_line = Table(
    "exchange_line", metadata,
    Column("batch_id", String(36), ForeignKey("exchange_batch.batch_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("outcome", String(8), nullable=False),
    Column("cells", Text, nullable=False, server_default="[]"),  # JSON, as they stood: of refused lines, to be mended
    Column("entry", Text, nullable=False, server_default="{}"),  # JSON: what was read; empty once it is written
    Column("changes", Text, nullable=False, server_default="[]"),  # JSON list of [field, before, after]
    Column("troubles", Text, nullable=False, server_default="[]"),  # JSON list of [field, column, shape, code, details]
    Column("target", String(80)),  # what it is about: a unit's id; a person's number, and of a volunteer the unit's id
    Column("kept", String(32), nullable=False, server_default=""),  # code of why it was not taken back
    CheckConstraint("outcome IN ('new', 'changed', 'same', 'refused')", name="outcome"),
)  # fmt: skip
Index("ix_exchange_line_outcome", exchange_line.c.batch_id, exchange_line.c.outcome, exchange_line.c.line)

# what the administrator set, by kind: what headings mean (in), which columns a file has (out)
exchange_columns = Table(
    "exchange_columns", metadata,
    Column("direction", String(4), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("said", Text, nullable=False),  # JSON
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("direction IN ('in', 'out')", name="direction"),
)  # fmt: skip

# append-only: who brought in, took back and took out what (R60)
exchange_log = Table(
    "exchange_log", metadata,
    Column("entry", BigId, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("account_id", String(36), ForeignKey("account.account_id"), nullable=False),
    Column("what", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("batch_id", String(36)),
    Column("row_count", BigInteger),
    Column("sha256", LargeBinary),
    Column("details", Text, nullable=False, server_default="{}"),  # JSON: filter, format; counts
    CheckConstraint(
        "what IN ('read', 'import', 'undo', 'drop', 'columns', 'export', 'exported', 'broken')", name="what"
    ),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_exchange_log_batch", exchange_log.c.batch_id)

# cards of other issuers, or of before this system; ours are in `card`
earlier_card = Table(
    "earlier_card", metadata,
    Column("earlier_id", String(36), primary_key=True),
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("number", String(32), nullable=False),
    Column("issuer", Text, nullable=False, server_default=""),
    Column("issued_on", Date),
    Column("valid_until", Date, nullable=False),
    Column("counted_until", Date),  # last service day used for it (A4)
    Column("source_ref", String(36), nullable=False),  # the batch
    Column("at_ms", BigInteger, nullable=False),
    Column("void_ms", BigInteger),
    Column("void_by", String(36), nullable=False, server_default=""),  # the batch that brought another in its place
)  # fmt: skip
Index("ix_earlier_card_number", earlier_card.c.number)
Index("ix_earlier_card_person", earlier_card.c.person_no)
Index("ix_earlier_card_source", earlier_card.c.source_ref)
