"""The center about itself: what it is set to, its backups, and what its processes count together."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

from center.store.tables.base import metadata

meta = Table("meta", metadata, Column("k", String(64), primary_key=True), Column("v", Text, nullable=False))

# up to which seq of a tablet's log everything, photographs too, lies in a verified backup on another machine (sync.md B.5)
durable = Table(
    "durable", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("dev_epoch", String(36), primary_key=True),
    Column("through", BigInteger, nullable=False),
)  # fmt: skip

backup = Table(
    "backup", metadata,
    Column("backup_id", String(36), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),  # the moment whose state it holds
    Column("elsewhere", Integer, nullable=False),  # it lies on another machine: what it holds is durable
    Column("row_count", BigInteger, nullable=False),
    Column("file_count", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)  # fmt: skip

# how often an address has asked lately; the address itself is not kept
asked = Table(
    "asked", metadata,
    Column("who", LargeBinary, primary_key=True),
    Column("left_milli", BigInteger, nullable=False),  # thousandths of a request that are left
    Column("at_ms", BigInteger, nullable=False),
)  # fmt: skip
