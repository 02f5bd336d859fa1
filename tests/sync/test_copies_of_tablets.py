"""A tablet whose folder was copied, or set back: noticed, told no news until a person has looked, and nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

from center.store import devices
from tests.sync.loopback import Center, Kiosk


def _alarm(center: Center, tablet: Kiosk) -> str:
    with center.store.read() as conn:
        return devices.find(conn, tablet.device_id).alarm


def _copied(tablet: Kiosk, to: Path) -> Path:
    with tablet.store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(tablet.settings.data_dir, to)
    return to


def _send(center: Center, *tablets: Kiosk) -> None:
    for tablet in tablets:
        application_id = tablet.draft()
        tablet.submit(application_id)
        tablet.sync()
        assert center.photo_states(application_id) == {"stored"}
        assert center.moves(application_id).count("submitted") == 1


def test_two_copies_both_send_all_they_have_and_are_noticed(center: Center, tmp_path: Path) -> None:
    one = Kiosk(tmp_path / "one")
    one.enrol(center)
    _send(center, one)
    other = Kiosk(_copied(one, tmp_path / "other"))
    _send(center, one, other)
    assert _alarm(center, one) == "seq_reused"
    with center.store.write() as conn:
        devices.quiet_alarm(conn, one.device_id)
    _send(center, one, other)
    assert _alarm(center, one) == "cloned"
    one.step()
    with one.store.read() as db:
        assert db.conn.execute("SELECT v FROM meta WHERE k = 'standing'").fetchone() == ("suspended",)


def test_a_tablet_set_back_is_noticed_at_its_first_round_and_goes_on_after_a_person_has_looked(
    center: Center, tmp_path: Path
) -> None:
    tablet = Kiosk(tmp_path / "kiosk")
    tablet.enrol(center)
    _send(center, tablet)
    older = _copied(tablet, tmp_path / "older")
    _send(center, tablet, tablet)
    back = Kiosk(older)
    back.step()
    assert _alarm(center, back) == "rolled_back"
    assert "複製品" in back.app.test_client().get("/").get_data(as_text=True)
    _send(center, back)
    with center.store.write() as conn:
        devices.quiet_alarm(conn, back.device_id)
    _send(center, back)
    assert _alarm(center, back) == ""
    assert "複製品" not in back.app.test_client().get("/").get_data(as_text=True)
