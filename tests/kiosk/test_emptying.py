"""Emptying a tablet from the center: never before all it alone has is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from center.store import devices, feed
from kiosk import emptying
from kiosk.store import erasing, syncing
from tests.sync.loopback import Center, Kiosk


def _wipe(center: Center, device_id: str) -> None:
    with center.store.write() as conn:
        devices.disable(conn, device_id, 1)
        feed.append(conn, kind=feed.WIPE, entity_id=device_id, rev=0, device_id=device_id, body=b"{}", at_ms=1)


def _rows(tablet: Kiosk) -> set[str]:
    with tablet.store.read() as db:
        return {table for table in db.table_names() if table != "migration" and db[table].count}


def test_it_is_emptied_once_its_queue_has_arrived_and_asks_to_be_enrolled(center: Center, tmp_path: Path) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    waiting = tablet.draft()
    tablet.draft()
    tablet.submit(waiting)
    _wipe(center, tablet.device_id)
    for _ in range(6):
        tablet.step()
    assert center.photo_states(waiting) == {"stored"}
    assert _rows(tablet) <= {"meta", "sqlite_sequence"}
    folder = tablet.settings.data_dir
    assert not [path for name in ("photos", "blobs", "pack") for path in (folder / name).rglob("*") if path.is_file()]
    assert not (folder / "keys" / "device.json").exists()
    answer = tablet.app.test_client().get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/enrol")
    tablet.enrol(center)
    later = tablet.draft()
    tablet.submit(later)
    tablet.sync()
    assert center.case(later) is not None
    assert tablet.app.test_client().get("/").status_code == 200


def test_what_waits_keeps_it_from_being_emptied_and_every_page_says_so(center: Center, tmp_path: Path) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    tablet.submit(tablet.draft())
    with tablet.store.write() as db:
        syncing.ask_wipe(db)
    assert not emptying.empty_if_asked(tablet.store, tablet.settings)
    assert emptying.left(tablet.store) == 4  # the operation and three photographs
    assert "還有 4 筆沒送到" in tablet.app.test_client().get("/").get_data(as_text=True)


def test_emptying_that_was_cut_short_comes_to_its_end(center: Center, tmp_path: Path, monkeypatch) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    tablet.draft()
    with tablet.store.write() as db:
        syncing.ask_wipe(db)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, "erase", _power_cut)
        with pytest.raises(KeyboardInterrupt):
            emptying.empty_if_asked(tablet.store, tablet.settings)
    again = Kiosk(tmp_path / "kiosk")
    again.step()
    assert _rows(again) <= {"meta", "sqlite_sequence"}


def _power_cut(_store) -> None:
    raise KeyboardInterrupt
