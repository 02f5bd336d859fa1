"""What the tablet looks after by itself: files checked, what is durable let go of after thirty days, the nightly copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import upkeep
from kiosk.store import Store, alarms, copies, data_key, tray
from sync import blobs, outbox
from sync.wire import OpResult
from tests.kiosk.scene import NOW, Scene, build

NOW_MS = int(NOW.timestamp() * 1000)
DAY = upkeep.DAY_MS


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return build(tmp_path, copy_dir=str(tmp_path / "card"))


def send(scene: Scene, entity: str, photos: tuple[bytes, ...] = (b"one", b"two")) -> list[str]:
    """A waiting operation with files that are really there."""
    addresses = [blobs.put(scene.settings.blobs_dir, entity.encode() + photo) for photo in photos]
    with scene.store.write() as db:
        for address in addresses:
            outbox.add_blob(db, address, 10)
        outbox.put(db, kind="application.submit", entity_id=entity, base_rev=None, body=b"sealed " + entity.encode(),
                   needs_blobs=addresses)  # fmt: skip
    return addresses


def arrive(scene: Scene, *, stored: bool = True) -> None:
    """The center has taken everything that waits."""
    with scene.store.write() as db:
        for op in outbox.take(db, 0)[0]:
            outbox.record(db, OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=1), 0)
        for address in outbox.blob_addresses(db) if stored else ():
            outbox.settle_blob(db, address, "stored")


def durable(scene: Scene, through: int, at_ms: int = NOW_MS) -> None:
    with scene.store.write() as db:
        outbox.mark_durable(db, through, at_ms)


def states(scene: Scene, table: str = "op_log") -> list[str]:
    with scene.store.read() as db:
        return [row[0] for row in db.conn.execute(f"SELECT state FROM {table} ORDER BY 1")]


def standing(scene: Scene) -> list[tuple[str, str]]:
    with scene.store.read() as db:
        return [(alarm.kind, alarm.what) for alarm in alarms.standing(db)]


# --- kept until durable, and thirty days ---


@pytest.mark.parametrize(
    ("through", "days", "gone"), [(1, 30, True), (1, 29, False), (0, 400, False)], ids=["durable", "young", "accepted"]
)
def test_what_was_sent_is_let_go_of_once_durable_for_thirty_days(
    scene: Scene, through: int, days: int, gone: bool
) -> None:
    addresses = send(scene, "a")
    arrive(scene)
    durable(scene, through)
    upkeep.release(scene.store, scene.settings, NOW_MS + days * DAY)
    assert [blobs.intact(scene.settings.blobs_dir, address) for address in addresses] == [not gone] * 2
    with scene.store.read() as db:
        assert bool(list(outbox.whole(db))) is not gone
        assert outbox.damaged(db) == []  # the chain of hashes still holds


def test_the_thirty_days_run_by_the_center_s_clock_from_when_it_said_so(scene: Scene) -> None:
    send(scene, "a")
    with scene.store.write() as db:
        db.conn.execute("UPDATE op_log SET wall_ms = 0")  # captured by a tablet that stood in 1970
    arrive(scene)
    durable(scene, 1)
    durable(scene, 1, NOW_MS + 20 * DAY)  # said again with every push
    assert upkeep.release(scene.store, scene.settings, NOW_MS + 29 * DAY) == 0
    assert upkeep.release(scene.store, scene.settings, NOW_MS + 30 * DAY) == 2


def test_the_setting_says_how_many_days(scene: Scene) -> None:
    send(scene, "a")
    arrive(scene)
    durable(scene, 1)
    settings = replace(scene.settings, keep_durable_days=90)
    assert upkeep.release(scene.store, settings, NOW_MS + 89 * DAY) == 0
    assert upkeep.release(scene.store, settings, NOW_MS + 90 * DAY) == 2


def test_a_photograph_that_another_operation_still_needs_stays(scene: Scene) -> None:
    (shared, _) = send(scene, "a")
    arrive(scene)
    durable(scene, 1)
    with scene.store.write() as db:
        outbox.put(db, kind="application.amend", entity_id="a", base_rev=1, body=b"again", needs_blobs=[shared])
    assert upkeep.release(scene.store, scene.settings, NOW_MS + 40 * DAY) == 1
    assert blobs.intact(scene.settings.blobs_dir, shared)


def test_what_was_let_go_of_is_not_offered_to_a_restored_center(scene: Scene) -> None:
    send(scene, "a")
    send(scene, "b")
    arrive(scene)
    durable(scene, 1)
    upkeep.release(scene.store, scene.settings, NOW_MS + 31 * DAY)
    with scene.store.write() as db:
        assert outbox.reoffer(db, 0) == 1
        taken, unsound = outbox.take(db, 0)
    assert [op.entity_id for op in taken] == ["b"]
    assert unsound == []


def test_the_tray_keeps_its_line(scene: Scene) -> None:
    application_id = scene.submit("李○明")
    scene.accept(application_id, "first_review")
    durable(scene, 1)
    upkeep.release(scene.store, scene.settings, NOW_MS + 31 * DAY)
    with scene.store.read() as db:
        row = tray.find(db, application_id)
    assert (row.masked_name, row.state, row.op_state, row.photos_left) == ("李○明", "first_review", "durable", 0)


# --- files ---


def test_a_file_that_is_gone_or_changed_is_put_into_quarantine_and_the_others_go_on(tmp_path: Path) -> None:
    scene = build(tmp_path)
    gone, changed = send(scene, "a")
    other, _ = send(scene, "b")
    blobs.remove(scene.settings.blobs_dir, gone)
    blobs.path_of(scene.settings.blobs_dir, changed).write_bytes(b"rot")
    assert sorted(upkeep.check_files(scene.store, scene.settings, NOW_MS)) == sorted([gone, changed])
    assert sorted(standing(scene)) == sorted([("blob_damaged", changed[:12]), ("blob_missing", gone[:12])])
    arrive(scene, stored=False)
    with scene.store.read() as db:
        offered = [blob.sha256 for blob in outbox.offered_blobs(db)]
    assert other in offered and len(offered) == 2
    upkeep.check_files(scene.store, scene.settings, NOW_MS)
    assert len(standing(scene)) == 2  # said once


def test_a_damaged_file_comes_back_from_the_copy(scene: Scene) -> None:
    first, second = send(scene, "a")
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS)
    blobs.remove(scene.settings.blobs_dir, first)
    blobs.path_of(scene.settings.blobs_dir, second).write_bytes(b"rot")
    assert upkeep.check_files(scene.store, scene.settings, NOW_MS) == []
    assert blobs.intact(scene.settings.blobs_dir, first) and blobs.intact(scene.settings.blobs_dir, second)
    assert standing(scene) == []


# --- the copy ---


def test_a_copy_holds_what_is_sealed_and_no_draft_and_opens_with_the_key_alone(scene: Scene, tmp_path: Path) -> None:
    send(scene, "a")
    scene.client().post("/apply/new", data={"kind": "first"})
    made = upkeep.copy_if_due(scene.store, scene.settings, NOW_MS)
    assert not made.read_bytes().startswith(b"SQLite format 3")
    key = data_key(scene.settings.key_file)
    with pytest.raises(Exception, match="key"):
        Store(made, bytes(32))
    copied = Store(made, key)
    assert copied.check() == "ok"
    with copied.read() as db:
        assert [op.entity_id for op in outbox.whole(db)] == ["a"]
        assert db.conn.execute("SELECT count(*) FROM draft").fetchone() == (0,)
    copied.close()
    with scene.store.read() as db:
        assert db.conn.execute("SELECT count(*) FROM draft").fetchone() == (1,)
    assert len([path for path in (tmp_path / "card" / "blobs").rglob("*") if path.is_file()]) == 2


def test_a_copy_a_day_and_three_are_kept(scene: Scene, tmp_path: Path) -> None:
    send(scene, "a")
    made = [upkeep.copy_if_due(scene.store, scene.settings, NOW_MS + n * DAY) for n in range(5)]
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS + 4 * DAY + 60_000) is None
    assert sorted((tmp_path / "card").glob("kiosk-*")) == sorted(made[-copies.KEPT :])
    assert upkeep.copied_ms(scene.store) == NOW_MS + 4 * DAY


def test_a_clock_that_was_set_back_does_not_stop_the_copies(scene: Scene) -> None:
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS)
    back = NOW_MS - int(timedelta(days=400).total_seconds() * 1000)
    assert upkeep.copy_if_due(scene.store, scene.settings, back)


def test_files_no_copy_needs_any_more_go(scene: Scene, tmp_path: Path) -> None:
    send(scene, "a")
    arrive(scene)
    upkeep.copy_if_due(scene.store, scene.settings, NOW_MS)
    durable(scene, 1)
    upkeep.release(scene.store, scene.settings, NOW_MS + 31 * DAY)
    upkeep.copy_if_due(scene.store, scene.settings, NOW_MS + 31 * DAY)
    assert [path for path in (tmp_path / "card" / "blobs").rglob("*") if path.is_file()] == []


def test_where_no_copy_can_be_made_somebody_is_told_until_it_works_again(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "card").write_text("not a folder")
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS) is None
    assert standing(scene) == [("copy_failed", "")]
    (tmp_path / "card").unlink()
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS)
    assert standing(scene) == []


def test_without_a_second_place_nothing_is_copied(tmp_path: Path) -> None:
    scene = build(tmp_path)
    assert upkeep.copy_if_due(scene.store, scene.settings, NOW_MS) is None


# --- the thread ---


def test_the_keeper_does_all_of_it_and_never_falls_over(scene: Scene, tmp_path: Path) -> None:
    first, _ = send(scene, "a")
    blobs.remove(scene.settings.blobs_dir, first)
    keeper = upkeep.Keeper(scene.app)
    keeper.step()
    assert standing(scene) == [("blob_missing", first[:12])]
    assert list((tmp_path / "card").glob("kiosk-*.db"))
    scene.app.extensions["store"] = None
    keeper.step()


@pytest.mark.parametrize(("warn", "stop", "said"), [(0, 0, "good"), (10**18, 0, "low"), (10**18, 10**18, "full")])
def test_how_much_room_there_is(scene: Scene, warn: int, stop: int, said: str) -> None:
    settings = replace(scene.settings, free_bytes_warn=warn, free_bytes_stop=stop)
    assert upkeep.room(settings)[0] == said
