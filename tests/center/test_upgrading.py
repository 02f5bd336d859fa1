"""The schema's steps lead to the tables that the code speaks of, on a new database and on one that is up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, select

from center.store import Store, metadata
from center.store.upgrading import MIGRATIONS
from tests.both_stores import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'center.db'}"
        return
    running: Cluster = request.getfixturevalue("cluster_of_the_session")
    made = running.fresh(with_schema=False)
    yield made
    running.drop(made)


def test_the_steps_lead_to_the_tables_the_code_speaks_of(url: str) -> None:
    store = Store(url)
    store.create()
    with store.read() as conn:
        differences = compare_metadata(MigrationContext.configure(conn), metadata)
        assert not differences
        assert {"application", "card", "feed", "issue_log"} <= set(inspect(conn).get_table_names())


def test_a_database_that_is_up_to_date_stays_as_it_is(url: str) -> None:
    store = Store(url)
    store.create()
    with store.write() as conn:
        conn.execute(metadata.tables["meta"].insert().values(k="kept", v="yes"))
        before = set(conn.execute(metadata.tables["meta"].select()).all())
    store.create()
    with store.read() as conn:
        assert set(conn.execute(metadata.tables["meta"].select()).all()) == before


def test_at_most_one_live_card_a_person_is_in_the_schema(url: str) -> None:
    store = Store(url)
    store.create()
    with store.read() as conn:
        indexes = {index["name"]: index for index in inspect(conn).get_indexes("card")}
    assert indexes["uq_card_live"]["unique"]


def test_cards_of_the_first_schema_are_all_there_after_the_second(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        for seq, status, ended in ((100_000, "replaced", 9), (100_001, "live", None), (100_002, "revoked", 8)):
            conn.exec_driver_sql(
                """
                INSERT INTO card (seq, number, roc_year, serial, idbx, name, approved_on, valid_until, status,
                  lookup_hash, secret_box, portrait_sha256, issued_ms, ended_ms, ended_why)
                VALUES (?, ?, 115, ?, ?, '林秀琴', '2026-11-21', '2029-11-21', ?, ?, x'00', x'00', 7, ?, '冒用')
                """,
                (seq, f"{115}{seq - 99_999:05d}", seq - 99_999, b"%d" % (seq % 2), status, b"%d" % seq, ended),
            )
        conn.exec_driver_sql(
            "INSERT INTO issue_log (seq, kid, token_sha256, by_account, at_ms) VALUES (100000, 1, x'00', 'who', 7)"
        )
    store.create()
    with store.read() as conn:
        seen = conn.exec_driver_sql("SELECT seq, number, edition, status FROM card ORDER BY seq").fetchall()
        events = conn.exec_driver_sql("SELECT seq, actor, what, at_ms, text FROM card_event ORDER BY event_id").all()
        wheres = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE name LIKE 'uq_card_live%'").all()
    assert [tuple(row) for row in seen] == [
        (100_000, "11500001", 1, "replaced"), (100_001, "11500002", 1, "live"), (100_002, "11500003", 1, "revoked"),
    ]  # fmt: skip
    assert [tuple(row) for row in events] == [
        (100_000, "who", "issued", 7, ""), (100_001, "center", "issued", 7, ""), (100_002, "center", "issued", 7, ""),
        (100_000, "center", "replaced", 9, "冒用"), (100_002, "center", "revoked", 8, "冒用"),
    ]  # fmt: skip
    assert {name: "WHERE" in sql for name, sql in wheres} == {"uq_card_live": True, "uq_card_live_number": True}


def test_what_was_refused_before_there_were_letters_waits_for_somebody_after(url: str) -> None:
    store = Store(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "0005")
        tables = MetaData()
        tables.reflect(conn, only=["device", "dedup"])
        conn.execute(
            tables.tables["device"].insert(),
            {"device_id": "tablet", "name": "1", "profile": "staff", "sign_key": "", "seal_key": b"", "enrolled_ms": 1},
        )
        for seq, device_id, said in (
            (1, "tablet", '{"code":"op_malformed","details":{"field":"name"},"status":"rejected"}'),
            (2, "tablet", '{"code":null,"details":{"said":"\\"status\\":\\"rejected\\""},"status":"applied"}'),
            (3, "tablet", '{"code":null,"details":null,"status":"rejected"}'),
            (4, "gone", '{"code":"op_malformed","details":null,"status":"rejected"}'),
        ):
            conn.execute(
                tables.tables["dedup"]
                .insert()
                .values(
                    device_id=device_id,
                    dev_epoch="one",
                    seq=seq,
                    op_id=f"op-{seq}",
                    sha256=b"x" * 32,
                    result=said,
                    at_ms=seq,
                )
            )
    store.create()
    letter = metadata.tables["dead_letter"].c
    asked = select(letter.op_id, letter.code, letter.details, letter.since_ms, letter.state, letter.op)
    with store.read() as conn:
        kept = conn.execute(asked.order_by(letter.seq)).all()
    assert kept == [("op-1", "op_malformed", '{"field": "name"}', 1, "open", None), ("op-3", "", "{}", 3, "open", None)]
