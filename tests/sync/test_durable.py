"""What a backup of the center covers: every tablet hears of it, and nothing in a log stops the count for ever."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from center.store import backups
from center.store.tables import dedup, device
from kiosk import upkeep
from kiosk.worker import ASK_EVERY_S
from sync import outbox
from sync.wire import OpResult
from tests.sync.loopback import Center, Kiosk

MONTH_MS = 31 * 24 * 3600 * 1000


def _sent(kiosk: Kiosk, times: int = 1) -> list[str]:
    made = [kiosk.draft() for _ in range(times)]
    for one in made:
        kiosk.submit(one)
    kiosk.sync()
    return made


def _backed_up(center: Center) -> None:
    center.worker.step()
    with center.store.write() as conn:
        made = backups.Made(at_ms=1, elsewhere=True, rows=1, files=1, size=1)
        backups.note(conn, made, backups.complete_through(conn))


def _asked(kiosk: Kiosk) -> list[str]:
    """The states of its operations after a round in which it asks."""
    kiosk.worker._known.asked_at -= 2 * ASK_EVERY_S
    kiosk.step()
    return _states(kiosk)


def _states(kiosk: Kiosk) -> list[str]:
    return [row[0] for row in kiosk.rows("SELECT state FROM op_log ORDER BY seq")]


def _counted(center: Center, kiosk: Kiosk) -> int:
    with center.store.read() as conn:
        return conn.execute(select(device.c.contiguous).where(device.c.device_id == kiosk.device_id)).scalar_one()


def test_a_tablet_with_nothing_to_send_hears_now_and_then_what_is_durable_and_lets_go_of_it(
    center: Center, kiosk: Kiosk
) -> None:
    _sent(kiosk, 2)
    _backed_up(center)
    for _ in range(3):
        kiosk.step()
    assert _states(kiosk) == ["accepted", "accepted"]  # not asked in every round
    assert _asked(kiosk) == ["durable", "durable"]
    ((heard_ms,),) = kiosk.rows("SELECT max(durable_ms) FROM op_log")
    assert abs(heard_ms - datetime.now(UTC).timestamp() * 1000) < 60_000
    assert upkeep.release(kiosk.store, kiosk.settings, heard_ms + MONTH_MS) > 0
    assert kiosk.rows("SELECT count(*) FROM blob") == [(0,)]


def test_a_tablet_of_which_all_is_durable_asks_no_more(center: Center, kiosk: Kiosk) -> None:
    _sent(kiosk)
    _backed_up(center)
    _asked(kiosk)
    before = kiosk.worker._known.asked_at
    kiosk.worker._known.asked_at = before - 2 * ASK_EVERY_S
    kiosk.step()
    assert kiosk.worker._known.asked_at == before - 2 * ASK_EVERY_S


def test_what_the_center_knows_under_an_earlier_name_of_the_log_becomes_durable_too(
    center: Center, kiosk: Kiosk
) -> None:
    _sent(kiosk, 3)
    with kiosk.store.write() as db:
        outbox.part(db)
    _sent(kiosk, 1)
    assert _counted(center, kiosk) == 0  # the fourth alone bears the new name
    kiosk.worker._known.asked_at -= 2 * ASK_EVERY_S
    kiosk.step()
    assert _counted(center, kiosk) == 4
    assert center.count(dedup) == 4
    _backed_up(center)
    assert _asked(kiosk) == ["durable"] * 4


def test_under_another_enrolment_it_becomes_durable_too(center: Center, kiosk: Kiosk) -> None:
    _sent(kiosk, 2)
    kiosk.enrol(center)
    _sent(kiosk, 1)
    assert _asked(kiosk) == ["accepted"] * 3
    _backed_up(center)
    assert _asked(kiosk) == ["durable"] * 3


def test_a_case_that_came_under_an_earlier_name_and_waits_for_photographs_holds_all_back(
    center: Center, kiosk: Kiosk
) -> None:
    _sent(kiosk, 2)
    with kiosk.store.write() as db:
        outbox.part(db)
    _asked(kiosk)
    assert _counted(center, kiosk) == 2
    with center.store.write() as conn:  # the worker has opened nothing: both are incomplete
        backups.note(conn, backups.Made(1, True, 1, 1, 1), backups.complete_through(conn))
    assert _asked(kiosk) == ["accepted", "accepted"]


def test_what_is_damaged_or_was_never_taken_does_not_stop_the_count(center: Center, kiosk: Kiosk) -> None:
    _sent(kiosk)
    for _ in range(2):
        kiosk.submit(kiosk.draft())
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00' WHERE seq = 2")
        for _ in range(outbox.MAX_RETRIES + 1):
            ((op_id,),) = db.conn.execute("SELECT op_id FROM op_log WHERE seq = 3").fetchall()
            outbox.record(db, OpResult(seq=3, op_id=op_id, status="retry"), 0)
    _sent(kiosk)
    assert _states(kiosk) == ["accepted", "quarantined", "rejected", "accepted"]
    assert _counted(center, kiosk) == 4
    _backed_up(center)
    assert _asked(kiosk) == ["durable", "quarantined", "rejected", "durable"]


def test_a_log_with_more_holes_than_one_push_may_name_goes_on_and_is_counted_to_its_end(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("center.intake", "sync.outbox.counting"):
        monkeypatch.setattr(f"{room}.MAX_OVER", 3)
    _sent(kiosk, 12)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET state = 'durable', body = x'' WHERE seq % 2 = 0")
        outbox.part(db)  # under another name the center counts from the beginning
        assert outbox.to_count_over(db) == ((8, 8), (10, 10), (12, 12))
        assert outbox.to_count_over(db, 2) == ((4, 4), (6, 6), (8, 8))
    _sent(kiosk)
    assert _states(kiosk)[-1] == "accepted"
    _asked(kiosk)
    assert _counted(center, kiosk) == 13


def test_what_came_after_it_was_counted_over_is_offered_to_a_restored_center_again(
    center: Center, kiosk: Kiosk
) -> None:
    kiosk.submit(kiosk.draft())
    with kiosk.store.write() as db:
        ((op_id,),) = db.conn.execute("SELECT op_id FROM op_log").fetchall()
        for _ in range(outbox.MAX_RETRIES + 1):
            outbox.record(db, OpResult(seq=1, op_id=op_id, status="retry"), 0)
    _sent(kiosk)
    assert _counted(center, kiosk) == 2
    with kiosk.store.write() as db:  # somebody lets it be tried again
        db.conn.execute("UPDATE op_log SET state = 'pending', tries = 0, next_try_mono = NULL WHERE seq = 1")
    kiosk.sync()
    assert _states(kiosk) == ["accepted", "accepted"]
    with kiosk.store.write() as db:  # the backup is of the moment before
        assert outbox.reoffer(db, contiguous_through=2) == 1
        assert [op.seq for op in outbox.take(db, 0)[0]] == [1]


def test_a_database_taken_over_row_by_row_becomes_durable(center: Center, kiosk: Kiosk, tmp_path: Path) -> None:
    _sent(kiosk, 2)
    with kiosk.store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rows = list(db.query("SELECT * FROM op_log ORDER BY seq"))
    shutil.copytree(kiosk.settings.data_dir, tmp_path / "again")
    again = Kiosk(tmp_path / "again")
    with again.store.write() as db:
        db.conn.execute("DELETE FROM op_log")
        db.conn.execute("DELETE FROM meta WHERE k = 'dev_epoch'")
        db.conn.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'op_log'")
        assert [outbox.adopt(db, row) for row in rows] == [1, 2]
    again.sync()
    assert (_counted(center, again), center.count(dedup)) == (2, 2)
    _backed_up(center)
    assert _asked(again) == ["durable", "durable"]
