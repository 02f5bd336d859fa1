"""What was deleted because its time was over, in counts alone; and files that are to go, from the moment no row needs them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from center.store.tables.base import BigId, metadata

retention_run = Table(
    "retention_run", metadata,
    Column("run_id", BigId, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("many", BigInteger, nullable=False),  # applications, cards, entries …
    Column("files", BigInteger, nullable=False),
)  # fmt: skip

# written with the rows' deletion: a file whose removal was interrupted goes the next time
retention_file = Table(
    "retention_file", metadata,
    Column("kind", String(16), primary_key=True),  # of center.photostore
    Column("address", String(64), primary_key=True),
)  # fmt: skip
