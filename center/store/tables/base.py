"""What every table of the center stands on: one metadata, the names of constraints, and the columns that come in two tables.

Moments are integers: milliseconds since 1970, UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, MetaData, String, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
    }
)  # fmt: skip

# SQLite gives rowid semantics only to a plain INTEGER
BigId = BigInteger().with_variant(Integer, "sqlite")


def photo_columns() -> list[SchemaItem]:
    """What is known of a photograph, whoever it belongs to."""
    return [
        Column("slot", String(16), primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("sealed_sha256", LargeBinary, nullable=False),
        Column("clear_sha256", LargeBinary, nullable=False),
        Column("state", String(16), nullable=False),
        Column("problem", String(64)),
        CheckConstraint("state IN ('awaited', 'stored', 'opened', 'refused')", name="state"),
    ]


def only(condition: str) -> dict[str, Any]:
    """The rows that an index is about, for either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
