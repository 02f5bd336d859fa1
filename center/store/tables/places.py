"""People as a list shows them, and the places where the card opens a gate."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

from center.store.tables.base import metadata, only

# one row a person, from the first application or the first list that names them on: what a list shows of them. What
# applications brought of their service is read from these; what came another way has rows of its own (people_rows)
person = Table(
    "person", metadata,
    Column("person_id", String(36), primary_key=True),
    Column("idbx", LargeBinary, nullable=False, unique=True),  # as in application
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded, for searching
    Column("masked_number", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("no", BigInteger, nullable=False),  # what rows of service and of the search name them by
    Column("birth_date", Date),
    Column("english_name", Text, nullable=False, server_default=""),  # optional, never on the card (R49)
    Column("english_by", String(64), nullable=False, server_default=""),  # who entered it here; empty: an application
    # the identity number under the server's key; NULL: still to be read from the newest application, empty: not known
    Column("number_box", LargeBinary),
    # 1: known here by a list or an entry; 0: as long as an application stands
    Column("kept", Integer, nullable=False, server_default="0"),
    Column("source_ref", String(64), nullable=False, server_default=""),  # the import that made them known
    Column("moved_to", BigInteger),  # the person's row under the corrected number
    UniqueConstraint("no"),
)  # fmt: skip
Index("ix_person_since", person.c.since_ms, person.c.no)
Index("ix_person_unread", person.c.no, **only("number_box IS NULL"))

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
