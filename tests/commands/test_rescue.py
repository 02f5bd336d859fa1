"""The commands by which a tablet's sealed queue is carried, and an old database's taken over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import center.settings
import cli
from center.store.tables import application
from kiosk import settings as kiosk_settings
from tests.sync.loopback import Kiosk, running


def test_a_queue_goes_by_stick_and_an_old_database_gives_its_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, stick = tmp_path / "kiosk", tmp_path / "today.hcrescue"
    with running(tmp_path / "center") as there:
        center.settings.save(there.settings)
        kiosk = Kiosk(home)
        kiosk.enrol(there)
        kiosk_settings.save(kiosk.settings)
        kiosk.submit(kiosk.draft())
        kiosk.store.close()
        shutil.copyfile(home / "kiosk.db", tmp_path / "old.db")

        assert cli.main(["device", "rescue", str(stick), "--dir", str(home)]) == 0
        assert json.loads(capsys.readouterr().out) == {
            "file": str(stick), "operations": 1, "photos": 3, "left_out": 0,
        }  # fmt: skip
        for taken in (1, 0):
            assert cli.main(["rescue", "import", str(stick), "--dir", str(there.settings.data_dir)]) == 0
            said = json.loads(capsys.readouterr().out)
            assert (said["taken"], said["known"], said["whole"]) == (taken, 1 - taken, True)
        assert there.count(application) == 1

        (home / "kiosk.db").unlink()
        again = Kiosk(home)
        again.enrol(there)
        again.store.close()
        assert cli.main(["device", "recover", str(tmp_path / "old.db"), "--dir", str(home)]) == 0
        assert json.loads(capsys.readouterr().out)["operations"] == 1
        again.sync()
        assert there.count(application) == 1


@pytest.mark.parametrize("words", [["device", "rescue", "x", "--dir"], ["device", "recover", "x", "--dir"]])
def test_where_there_is_no_tablet_nothing_is_made(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path / "center") as there:
        center.settings.save(there.settings)
        for content in (b"PK", None):
            path = tmp_path / "x.hcrescue"
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
            assert cli.main(["rescue", "import", str(path), "--dir", str(there.settings.data_dir)]) == 1
            assert capsys.readouterr().err.count("\n") == 2
