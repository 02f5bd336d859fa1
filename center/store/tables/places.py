"""People as a list shows them, and the places where the card opens a gate."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text

from center.store.tables.base import metadata

# one row a person, from the first application on: what a list shows of them; their service is read from the applications
person = Table(
    "person", metadata,
    Column("person_id", String(36), primary_key=True),
    Column("idbx", LargeBinary, nullable=False, unique=True),  # as in application
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded, for searching
    Column("masked_number", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)  # fmt: skip
Index("ix_person_since", person.c.since_ms, person.c.person_id)

# where the card opens a gate (R48)
venue = Table(
    "venue", metadata,
    Column("code", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("city", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("accepted_form", String(16), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("listed", Integer, nullable=False, server_default="1"),
    Column("changed_ms", BigInteger, nullable=False),
    Column("district", Text, nullable=False, server_default=""),  # 行政區; empty: not said
    Column("benefit_zh", Text, nullable=False, server_default=""),  # what the card gives there; empty: free entry
    Column("benefit_en", Text, nullable=False, server_default=""),
    CheckConstraint("kind IN ('scenic_area', 'recreation', 'culture_education')", name="kind"),
    CheckConstraint("accepted_form IN ('paper', 'digital', 'both', 'unknown')", name="accepted_form"),
)  # fmt: skip
