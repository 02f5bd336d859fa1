"""Events and trainings, and who came and left: what tablets told and what people at the center made of it."""

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
)

from center.store.tables.base import metadata

event = Table(
    "event", metadata,
    Column("event_id", String(36), primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("counting", String(8), nullable=False),
    Column("half_hours", Integer, nullable=False, server_default="0"),
    Column("item", Text, nullable=False, server_default=""),
    Column("course", String(8), nullable=False, server_default=""),
    Column("field", Text, nullable=False, server_default=""),
    Column("state", String(8), nullable=False, server_default="open"),
    Column("made_by", String(64), nullable=False),  # account or device id
    Column("made_ms", BigInteger, nullable=False),
    Column("closed_by", String(64), nullable=False, server_default=""),
    Column("closed_ms", BigInteger),
    # for all whose coming or leaving nobody noted
    Column("missing_in_ms", BigInteger),
    Column("missing_out_ms", BigInteger),
    CheckConstraint("kind IN ('activity', 'training')", name="kind"),
    CheckConstraint("counting IN ('clock', 'fixed')", name="counting"),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
    CheckConstraint("starts_ms < ends_ms", name="times"),
)  # fmt: skip
Index("ix_event_unit", event.c.unit_id, event.c.starts_ms)

# one check-in, one check-out, or a correction ('fix': here from at_ms to until_ms, or not at all). The event may come later
event_act = Table(
    "event_act", metadata,
    Column("act_id", String(36), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("unit_id", String(36)),  # of the tablet that told it
    Column("told_by", String(64), nullable=False),  # device or account id
    Column("what", String(4), nullable=False),
    Column("at_ms", BigInteger),
    Column("until_ms", BigInteger),
    Column("told_ms", BigInteger, nullable=False),
    Column("doubt", Integer, nullable=False, server_default="0"),
    Column("undone", Integer, nullable=False, server_default="0"),
    Column("why", Text, nullable=False, server_default=""),
    # who: what was held up, as a keyed tag; person_no: who that is, NULL as long as nobody knows
    Column("how", String(8), nullable=False),
    Column("who", LargeBinary, nullable=False),
    Column("person_no", BigInteger, ForeignKey("person.no")),
    Column("said", Text, nullable=False, server_default=""),  # what a person can see of it: a receipt, an issue number
    Column("name", Text, nullable=False, server_default=""),
    Column("masked_number", String(32), nullable=False, server_default=""),
    Column("idbx", LargeBinary),
    Column("number_box", LargeBinary),
    Column("birth_date", Date),
    CheckConstraint("what IN ('in', 'out', 'fix')", name="what"),
)  # fmt: skip
Index("ix_event_act_event", event_act.c.event_id, event_act.c.told_ms)
Index("ix_event_act_person", event_act.c.person_no)
