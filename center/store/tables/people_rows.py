"""What is known of volunteers beside their applications: their units, service, training, insurance, certificates, and how they
are found.

Rows that came with an import, an event or an entry at the office. Nothing is deleted: what was wrong is void, with who said so
(docs/decisions/0014). What applications brought stands in their bodies and nowhere else (docs/decisions/0007).
"""

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
from sqlalchemy.schema import SchemaItem

from center.store.tables.base import BigId, metadata, only

# text that is compared letter by letter, whatever the server's language
Exact = Text().with_variant(Text(collation="C"), "postgresql")


def _origin(table: str) -> list[SchemaItem]:
    """Where a row came from, and whether it still counts."""
    return [
        Column("source", String(8), nullable=False),
        Column("source_ref", String(64), nullable=False, server_default=""),  # id of the import or event
        Column("entered_by", String(64), nullable=False),  # account or device id
        Column("at_ms", BigInteger, nullable=False),
        Column("void_ms", BigInteger),
        Column("void_by", String(64), nullable=False, server_default=""),
        Column("void_why", Text, nullable=False, server_default=""),
        CheckConstraint("source IN ('import', 'event', 'office')", name="source"),
        Index(f"ix_{table}_source", "source_ref", **only("source_ref <> ''")),
    ]


# who is a volunteer of which unit; 'application': as long as an application of that unit stands
membership = Table(
    "membership", metadata,
    Column("person_no", BigInteger, ForeignKey("person.no"), primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id"), primary_key=True),
    # the person's folded names between line ends, so that a unit's own people are searched in one index
    Column("sought", Exact, nullable=False),
    Column("book_number", Text, nullable=False, server_default=""),  # 字第號 of the record book this unit handed out
    Column("since_on", Date),
    Column("until_on", Date),
    Column("since_ms", BigInteger, nullable=False),
    Column("source", String(16), nullable=False),
    Column("source_ref", String(64), nullable=False, server_default=""),
    Column("entered_by", String(64), nullable=False, server_default=""),
    CheckConstraint("source IN ('application', 'import', 'event', 'office')", name="source"),
)  # fmt: skip
Index("ix_membership_unit_since", membership.c.unit_id, membership.c.since_ms, membership.c.person_no)
Index("ix_membership_unit_sought", membership.c.unit_id, membership.c.sought, membership.c.person_no)
Index("ix_membership_source", membership.c.source_ref, **only("source_ref <> ''"))

service_row = Table(
    "service_row", metadata,
    Column("row_id", BigId, primary_key=True, autoincrement=True),
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),  # NULL: a unit of another city, by its name
    Column("unit_name", Text, nullable=False, server_default=""),
    Column("start_on", Date, nullable=False),
    Column("end_on", Date, nullable=False),
    Column("roc_year", Integer, nullable=False),  # of the last day, where the record's years count it
    Column("half_hours", Integer, nullable=False),
    Column("item", Text, nullable=False, server_default=""),
    Column("content", Text, nullable=False, server_default=""),
    Column("category", String(32), nullable=False, server_default="ordinary"),
    *_origin("service_row"),
    CheckConstraint("half_hours > 0", name="half_hours"),
    CheckConstraint("start_on <= end_on", name="days"),
)  # fmt: skip
Index("ix_service_row_person", service_row.c.person_no, service_row.c.end_on)
Index("ix_service_row_unit", service_row.c.unit_id, service_row.c.roc_year)

# sums of service_row without what is void, kept with each write: a city's year is read from a few lines
service_sum = Table(
    "service_sum", metadata,
    Column("unit_id", String(36), primary_key=True),  # empty: units of other cities
    Column("roc_year", Integer, primary_key=True, autoincrement=False),
    Column("category", String(32), primary_key=True),
    Column("service_rows", BigInteger, nullable=False),
    Column("half_hours", BigInteger, nullable=False),
)  # fmt: skip

training = Table(
    "training", metadata,
    Column("training_id", String(36), primary_key=True),
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("field", Text, nullable=False, server_default=""),  # 衛生福利 …; of a special training
    Column("course", Text, nullable=False, server_default=""),
    Column("half_hours", Integer),
    Column("completed_on", Date),
    Column("certificate", Text, nullable=False, server_default=""),  # its number
    Column("file_sha256", LargeBinary),  # the certificate itself, by content address
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),  # who entered it, or held the course
    *_origin("training"),
    CheckConstraint("kind IN ('basic', 'special')", name="kind"),
)  # fmt: skip
Index("ix_training_person", training.c.person_no)

# information only, no rule asks for it (R63)
insurance = Table(
    "insurance", metadata,
    Column("insurance_id", String(36), primary_key=True),
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("insurer", Text, nullable=False),
    Column("policy", Text, nullable=False, server_default=""),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    *_origin("insurance"),
    CheckConstraint("from_on <= until_on", name="days"),
)  # fmt: skip
Index("ix_insurance_person", insurance.c.person_no)
Index("ix_insurance_unit", insurance.c.unit_id, insurance.c.until_on)

# append-only: what was entered, changed and made void at the office, by whom and why
person_event = Table(
    "person_event", metadata,
    Column("event_id", BigId, primary_key=True, autoincrement=True),
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("entity", String(36), nullable=False, server_default=""),  # id of the row it is about
    Column("text", Text, nullable=False, server_default=""),
)  # fmt: skip
Index("ix_person_event_person", person_event.c.person_no, person_event.c.event_id)

# every 服務績效證明書 that was made, so that one can be checked
performance = Table(
    "performance", metadata,
    Column("certificate_id", String(36), primary_key=True),
    Column("roc_year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("number", String(16), nullable=False, unique=True),
    Column("check_code", String(8), nullable=False),  # printed beside the number
    Column("person_no", BigInteger, ForeignKey("person.no"), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),  # of whoever made it; NULL: the center's own
    Column("name", Text, nullable=False),  # as printed
    Column("language", String(2), nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("half_hours", Integer, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("sheet_sha256", LargeBinary, nullable=False),
    Column("void_ms", BigInteger),
    Column("void_by", String(64), nullable=False, server_default=""),
    Column("void_why", Text, nullable=False, server_default=""),
    UniqueConstraint("roc_year", "serial"),
)  # fmt: skip
Index("ix_performance_person", performance.c.person_no)

# --- how people are found (docs/decisions/0015); no foreign keys: a line more a name and nothing points back ---

# every end of a folded name: 林秀琴, 秀琴, 琴. head: 1 for the whole of it. So a part is the beginning of a line
name_part = Table(
    "name_part", metadata,
    Column("head", Integer, primary_key=True, autoincrement=False),
    Column("part", Exact, primary_key=True),
    Column("person_no", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)  # fmt: skip

# every three characters in a row of an identity number, as a keyed tag
number_part = Table(
    "number_part", metadata,
    Column("tag", LargeBinary, primary_key=True),
    Column("person_no", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)  # fmt: skip
