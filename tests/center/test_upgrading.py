"""The schema's steps lead to the tables that the code speaks of, on a new database and on one that is up to date."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from center.store import Store, metadata


def test_the_steps_lead_to_the_tables_the_code_speaks_of(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    store.create()
    with store.read() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), metadata)
        assert not differences
        assert {"application", "card", "feed", "issue_log"} <= set(inspect(conn).get_table_names())


def test_a_database_that_is_up_to_date_stays_as_it_is(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    store.create()
    with store.write() as conn:
        conn.execute(metadata.tables["meta"].insert().values(k="kept", v="yes"))
    store.create()
    with store.read() as conn:
        assert conn.execute(metadata.tables["meta"].select()).all() == [("kept", "yes")]


def test_at_most_one_live_card_a_person_is_in_the_schema(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    store.create()
    with store.read() as conn:
        indexes = {index["name"]: index for index in inspect(conn).get_indexes("card")}
    assert indexes["uq_card_live"]["unique"]
