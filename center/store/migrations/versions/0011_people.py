"""volunteers' units, service, training, insurance and certificates in rows; how people are found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_LONGEST = 12  # characters of a name's end, as the search had them when this step was written

Exact = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _origin(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("source_ref", sa.String(length=64), server_default="", nullable=False),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("void_ms", sa.BigInteger(), nullable=True),
        sa.Column("void_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("void_why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("source IN ('import', 'event', 'office')", name=op.f(f"ck_{table}_source")),
        _person(table),
    ]


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_no"], ["person.no"], name=op.f(f"fk_{table}_person_no"))


def _unit(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["unit_id"], ["unit.unit_id"], name=op.f(f"fk_{table}_unit_id"))


def _by_source(table: str) -> None:
    named = sa.text("source_ref <> ''")
    op.create_index(f"ix_{table}_source", table, ["source_ref"], sqlite_where=named, postgresql_where=named)


def upgrade() -> None:
    _person_columns()
    _memberships()
    _service()
    _trainings_and_insurances()
    op.create_table(
        "person_event",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("entity", sa.String(length=36), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        _person("person_event"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_person_event")),
    )
    op.create_index("ix_person_event_person", "person_event", ["person_no", "event_id"])
    _certificates()
    _search()


def _person_columns() -> None:
    for column in (
        sa.Column("no", sa.BigInteger(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("english_name", sa.Text(), server_default="", nullable=False),
        sa.Column("english_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("number_box", sa.LargeBinary(), nullable=True),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("source_ref", sa.String(length=64), server_default="", nullable=False),
        sa.Column("moved_to", sa.BigInteger(), nullable=True),
    ):
        op.add_column("person", column)
    op.execute(
        """
        UPDATE person SET no = numbered.place
        FROM (SELECT person_id, row_number() OVER (ORDER BY since_ms, person_id) AS place FROM person) AS numbered
        WHERE numbered.person_id = person.person_id
        """
    )
    with op.batch_alter_table("person") as table:
        table.alter_column("no", existing_type=sa.BigInteger(), nullable=False)
        table.create_unique_constraint(op.f("uq_person_no"), ["no"])
    op.drop_index("ix_person_since", table_name="person")
    op.create_index("ix_person_since", "person", ["since_ms", "no"])
    unread = sa.text("number_box IS NULL")
    op.create_index("ix_person_unread", "person", ["no"], sqlite_where=unread, postgresql_where=unread)


def _memberships() -> None:
    op.create_table(
        "membership",
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.Column("sought", Exact, nullable=False),
        sa.Column("book_number", sa.Text(), server_default="", nullable=False),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("source_ref", sa.String(length=64), server_default="", nullable=False),
        sa.Column("entered_by", sa.String(length=64), server_default="", nullable=False),
        sa.CheckConstraint("source IN ('application', 'import', 'event', 'office')", name=op.f("ck_membership_source")),
        _person("membership"),
        _unit("membership"),
        sa.PrimaryKeyConstraint("person_no", "unit_id", name=op.f("pk_membership")),
    )
    op.create_index("ix_membership_unit_since", "membership", ["unit_id", "since_ms", "person_no"])
    op.create_index("ix_membership_unit_sought", "membership", ["unit_id", "sought", "person_no"])
    _by_source("membership")
    op.execute(
        """
        INSERT INTO membership (person_no, unit_id, sought, since_ms, source)
        SELECT person.no, application.unit_id, '\n' || person.name_key || '\n', min(application.received_ms), 'application'
        FROM person JOIN application ON application.idbx = person.idbx
        WHERE application.unit_id IS NOT NULL
        GROUP BY person.no, application.unit_id, person.name_key
        """
    )


def _service() -> None:
    op.create_table(
        "service_row",
        sa.Column("row_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("unit_name", sa.Text(), server_default="", nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("roc_year", sa.Integer(), nullable=False),
        sa.Column("half_hours", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.String(length=32), server_default="ordinary", nullable=False),
        *_origin("service_row"),
        _unit("service_row"),
        sa.CheckConstraint("half_hours > 0", name=op.f("ck_service_row_half_hours")),
        sa.CheckConstraint("start_on <= end_on", name=op.f("ck_service_row_days")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("pk_service_row")),
    )
    op.create_index("ix_service_row_person", "service_row", ["person_no", "end_on"])
    op.create_index("ix_service_row_unit", "service_row", ["unit_id", "roc_year"])
    _by_source("service_row")
    op.create_table(
        "service_sum",
        sa.Column("unit_id", sa.String(length=36), nullable=False),
        sa.Column("roc_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("service_rows", sa.BigInteger(), nullable=False),
        sa.Column("half_hours", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "roc_year", "category", name=op.f("pk_service_sum")),
    )


def _trainings_and_insurances() -> None:
    op.create_table(
        "training",
        sa.Column("training_id", sa.String(length=36), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("course", sa.Text(), server_default="", nullable=False),
        sa.Column("half_hours", sa.Integer(), nullable=True),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("certificate", sa.Text(), server_default="", nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        *_origin("training"),
        _unit("training"),
        sa.CheckConstraint("kind IN ('basic', 'special')", name=op.f("ck_training_kind")),
        sa.PrimaryKeyConstraint("training_id", name=op.f("pk_training")),
    )
    op.create_index("ix_training_person", "training", ["person_no"])
    _by_source("training")
    op.create_table(
        "insurance",
        sa.Column("insurance_id", sa.String(length=36), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("insurer", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), server_default="", nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        *_origin("insurance"),
        _unit("insurance"),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_insurance_days")),
        sa.PrimaryKeyConstraint("insurance_id", name=op.f("pk_insurance")),
    )
    op.create_index("ix_insurance_person", "insurance", ["person_no"])
    op.create_index("ix_insurance_unit", "insurance", ["unit_id", "until_on"])
    _by_source("insurance")


def _certificates() -> None:
    op.create_table(
        "performance",
        sa.Column("certificate_id", sa.String(length=36), nullable=False),
        sa.Column("roc_year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("check_code", sa.String(length=8), nullable=False),
        sa.Column("person_no", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("half_hours", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("sheet_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("void_ms", sa.BigInteger(), nullable=True),
        sa.Column("void_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("void_why", sa.Text(), server_default="", nullable=False),
        _person("performance"),
        _unit("performance"),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_performance")),
        sa.UniqueConstraint("number", name=op.f("uq_performance_number")),
        sa.UniqueConstraint("roc_year", "serial", name=op.f("uq_performance_roc_year")),
    )
    op.create_index("ix_performance_person", "performance", ["person_no"])


def _search() -> None:
    op.create_table(
        "name_part",
        sa.Column("head", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", Exact, nullable=False),
        sa.Column("person_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("head", "part", "person_no", name=op.f("pk_name_part")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "number_part",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("person_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tag", "person_no", name=op.f("pk_number_part")),
        sqlite_with_rowid=False,
    )
    conn = op.get_bind()
    person = sa.table("person", *map(sa.column, ("no", "name_key")))
    name_part = sa.table("name_part", *map(sa.column, ("head", "part", "person_no")))
    known = conn.execute(sa.select(person)).all()
    for at in range(0, len(known), 1000):
        parts = {
            (int(begin == 0), row.name_key[begin : begin + _LONGEST], row.no)
            for row in known[at : at + 1000] for begin in range(len(row.name_key))
        }  # fmt: skip
        if parts:
            rows = [{"head": head, "part": part, "person_no": no} for head, part, no in sorted(parts)]
            conn.execute(sa.insert(name_part), rows)
