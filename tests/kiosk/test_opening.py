"""The tablet's database at the start: its settings hold, damage is found, what is whole goes on."""

from __future__ import annotations

import hashlib
import random
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from honorcard.problems import ProblemError
from kiosk import store as stores
from kiosk.store import Store, StoreError, alarms, copies, sent, syncing
from kiosk.store.opening import ASIDE, open_store, recover
from sync import outbox
from sync.ids import uuid7

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(32))
PAGE = 4096


def put(store: Store, entity: str, body: bytes = b"") -> None:
    with store.write() as db:
        outbox.put(
            db, kind="application.submit", entity_id=entity, base_rev=None, body=body or secrets.token_bytes(900)
        )
        sent.add(
            db, application_id=entity, receipt="HC-AAAA-AAAA", masked_name="李○明", kind="first", photos=0, now_ms=1,
            identity_mac=b"",
        )  # fmt: skip


def whole(folder: Path, n: int = 40) -> tuple[Path, list[tuple[str, bytes]]]:
    """A closed database with n operations, and (id, bytes) of each."""
    path = folder / "kiosk.db"
    store = open_store(path, KEY)
    with store.write() as db:
        for _ in range(n):
            put(store, uuid7())
        syncing.put(db, "cursor", "17")
        db.conn.execute("INSERT INTO story (application_id, at_ms, what) VALUES ('a', 1, 'saved')")
        ops = [(op.op_id, op.body) for op in outbox.whole(db)]
    with store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path, ops


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def asked(store: Store, sql: str) -> list:
    with store.read() as db:
        return db.conn.execute(sql).fetchall()


# --- settings ---


@pytest.mark.parametrize(
    ("pragma", "holds"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0), ("busy_timeout", 5000)],
)
def test_the_settings_that_keep_data_hold(tmp_path: Path, pragma: str, holds) -> None:
    assert asked(Store(tmp_path / "kiosk.db", KEY), f"PRAGMA {pragma}") == [(holds,)]


def test_a_database_whose_settings_do_not_hold_is_not_used(tmp_path: Path) -> None:
    conn = sqlcipher.connect(str(tmp_path / "x.db"))
    with pytest.raises(StoreError, match="foreign_keys"):
        stores._hold(conn, "foreign_keys", 1)  # off unless it is asked for
    with pytest.raises(sqlcipher.ProgrammingError):
        conn.execute("SELECT 1")  # and closed


def test_transactions_go_through_the_one_helper() -> None:
    """sync.md B.2: no BEGIN, COMMIT, autocommit or `with conn` but in the store's own module."""
    strays = []
    for room in ("kiosk", "sync"):
        for path in (ROOT / room).rglob("*.py"):
            if path == ROOT / "kiosk" / "store" / "__init__.py":
                continue
            text = path.read_text(encoding="utf-8")
            for sign in (
                r'"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b',
                r"\.(commit|rollback)\(\)",
                r"with \w+\.conn\b",
                r"\.atomic\(\)",
            ):
                strays += [f"{path.relative_to(ROOT)}: {found}" for found in re.findall(f".*{sign}.*", text)]
    assert not strays


# --- damage ---


def test_a_sound_database_opens_as_it_is(tmp_path: Path) -> None:
    path, _ops = whole(tmp_path, 3)
    epoch = asked(open_store(path, KEY), "SELECT v FROM meta WHERE k = 'dev_epoch'")
    store = open_store(path, KEY)
    assert asked(store, "SELECT v FROM meta WHERE k = 'dev_epoch'") == epoch
    assert not (tmp_path / ASIDE).exists()
    assert asked(store, "SELECT count(*) FROM op_log WHERE state = 'pending'") == [(3,)]


@pytest.mark.parametrize("seed", range(12))
def test_one_bit_past_the_first_page_and_the_logs_root_costs_no_more_than_the_rows_of_its_page(
    tmp_path: Path, seed: int
) -> None:
    path, ops = whole(tmp_path)
    random.seed(seed)
    old_epoch = asked(Store(path, KEY), "SELECT v FROM meta WHERE k = 'dev_epoch'")
    # a root holds no rows but the way to all of its table's: that costs the table, and the newest copy brings it back
    roots = {root - 1 for (root,) in asked(Store(path, KEY), "SELECT rootpage FROM sqlite_schema WHERE name = 'op_log'")}
    page = random.choice([page for page in range(1, path.stat().st_size // PAGE) if page not in roots])
    flip(path, page * PAGE + random.randrange(PAGE))
    damaged = path.read_bytes()
    store = open_store(path, KEY)
    with store.read() as db:
        kept = {op.op_id: op.body for op in outbox.whole(db)}
        standing = alarms.standing(db)
    assert kept.items() <= dict(ops).items()
    assert len(kept) >= len(ops) - 4  # operations of 900 bytes: four to a page
    if standing:  # a page in use: the old file is kept as it was, and this is another database
        (aside,) = (tmp_path / ASIDE).glob("*.db")
        assert aside.read_bytes() == damaged
        assert [alarm.kind for alarm in standing] == ["database_set_aside"]
        assert asked(store, "SELECT v FROM meta WHERE k = 'dev_epoch'") != old_epoch
    put(store, uuid7())  # and it goes on
    assert asked(store, "PRAGMA integrity_check") == [("ok",)]


def test_a_database_that_does_not_open_is_kept_and_a_new_one_begun(tmp_path: Path) -> None:
    path, _ = whole(tmp_path, 5)
    flip(path, 200)  # the first page
    before = path.read_bytes()
    store = open_store(path, KEY)
    assert asked(store, "SELECT count(*) FROM op_log") == [(0,)]
    (aside,) = (tmp_path / ASIDE).glob("*.db")
    assert aside.read_bytes() == before
    with store.read() as db:
        assert [(alarm.kind, alarm.what) for alarm in alarms.standing(db)] == [("database_set_aside", aside.name)]
    assert open_store(path, KEY).check() == "ok"
    assert len(list((tmp_path / ASIDE).glob("*.db"))) == 1


def test_what_cannot_be_read_any_more_comes_from_the_newest_copy(tmp_path: Path) -> None:
    path, ops = whole(tmp_path)
    store = Store(path, KEY)
    copies.copy(store, KEY, tmp_path / "blobs", tmp_path / "card", datetime(2026, 11, 21, tzinfo=UTC))
    put(store, uuid7())  # since the copy
    with store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    flip(path, 200)  # the first page: nothing at all can be read
    again = open_store(path, KEY, copies=str(tmp_path / "card"))
    with again.read() as db:
        assert {op.op_id: op.body for op in outbox.whole(db)} == dict(ops)
        assert syncing.get(db, "cursor") == "17"  # where the tablet belongs and its PIN stand in the same table
        assert db.conn.execute("SELECT count(*) FROM application").fetchone() == (len(ops),)
        assert outbox.damaged(db) == []


def test_every_table_of_a_damaged_database_is_taken_over(tmp_path: Path) -> None:
    path, _ = whole(tmp_path, 30)
    flip(path, path.stat().st_size - 100)
    store = open_store(path, KEY)
    with store.read() as db:
        assert [alarm.kind for alarm in alarms.standing(db)] == ["database_set_aside"]
        assert syncing.get(db, "cursor") == "17"
        assert db.conn.execute("SELECT application_id, what FROM story").fetchall() == [("a", "saved")]


def test_what_waits_of_a_damaged_database_is_offered_again_under_its_own_ids(tmp_path: Path) -> None:
    path, ops = whole(tmp_path)
    store = Store(path, KEY)
    with store.write() as db:
        db.conn.execute("UPDATE op_log SET state = 'accepted' WHERE seq <= 20")
    with store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    flip(path, path.stat().st_size - 100)
    again = open_store(path, KEY)
    with again.write() as db:
        taken, unsound = outbox.take(db, 0)
        assert outbox.damaged(db) == []
    assert unsound == []
    assert {op.op_id for op in taken} <= {op_id for op_id, _ in ops}
    assert [op.seq for op in taken] == list(range(1, len(taken) + 1))
    assert all(hashlib.sha256(op.body).hexdigest() == op.sha256 for op in taken)


def test_a_disk_that_does_not_answer_is_no_damage(tmp_path: Path) -> None:
    path, _ = whole(tmp_path, 1)
    path.rename(tmp_path / "elsewhere.db")
    path.mkdir()  # cannot be opened as a file
    with pytest.raises(sqlcipher.OperationalError):
        open_store(path, KEY)
    assert not (tmp_path / ASIDE).exists()


def test_sealed_operations_of_an_old_database_are_recovered_and_its_drafts_are_not(tmp_path: Path) -> None:
    old, _ops = whole(tmp_path / "old", 6)
    with Store(old, KEY).write() as db:
        db.conn.execute("INSERT INTO draft VALUES ('a', '{}', 1, 1)")
    store = open_store(tmp_path / "kiosk.db", KEY)
    put(store, uuid7())
    for operations in (6, 0):  # again changes nothing
        done = recover(store, old, KEY)
        assert (done.operations, done.whole) == (operations, True)
    assert asked(store, "SELECT count(*) FROM op_log WHERE state = 'pending'") == [(7,)]
    assert asked(store, "SELECT count(*) FROM application") == [(7,)]
    assert asked(store, "SELECT count(*) FROM draft") == [(0,)]


def test_an_operation_that_changed_is_in_quarantine_from_the_start_and_somebody_is_told(tmp_path: Path) -> None:
    path, _ = whole(tmp_path, 3)
    with Store(path, KEY).write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00' WHERE seq = 2")
    store = open_store(path, KEY)
    assert asked(store, "SELECT state FROM op_log ORDER BY seq") == [("pending",), ("quarantined",), ("pending",)]
    with store.write() as db:
        assert [(alarm.kind, alarm.what) for alarm in alarms.standing(db)] == [("op_damaged", "2")]
        alarms.look(db, 5)
        assert alarms.standing(db) == []
    open_store(path, KEY)
    with store.read() as db:
        assert alarms.standing(db) == []


def test_a_page_that_goes_bad_while_it_works_says_so_and_the_next_start_mends(tmp_path: Path) -> None:
    path, ops = whole(tmp_path)
    store = Store(path, KEY)
    flip(path, path.stat().st_size - 100)
    with pytest.raises(ProblemError) as told, store.read() as db:
        db.conn.execute("SELECT body FROM op_log").fetchall()
        db.conn.execute("PRAGMA integrity_check").fetchall()
    assert told.value.code == "store_damaged"
    with open_store(path, KEY).read() as db:
        assert len(list(outbox.whole(db))) >= len(ops) - 4
