"""`honorcard doctor` on a kiosk, by breaking things; and `--mend`."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import cli
from commands import doctor, doctor_kiosk, doctor_mend
from kiosk.settings import Settings, load, save
from kiosk.store import Store, data_key, keys, syncing
from kiosk.store.inspecting import inspect

KIOSK = ("rights", "store", "schema", "port")


@pytest.fixture
def kiosk(tmp_path: Path, free_port) -> Settings:
    """A kiosk's data, on a port where nobody listens."""
    settings = Settings(data_dir=tmp_path / "kiosk", port=free_port())
    save(settings)
    settings.data_dir.chmod(0o700)
    before = os.umask(0o077)
    store = Store(settings.database, data_key(settings.key_file))
    os.umask(before)
    with store.write() as db:
        for number in range(300):
            syncing.put(db, f"filler {number}", "x" * 400)
    store.close()
    return settings


def found(settings: Settings, *, mend: bool = False, only: tuple[str, ...] = KIOSK) -> dict[str, doctor.Finding]:
    return {one.thing: one for one in doctor.findings(settings.data_dir, None, only=only, mend=mend)}


def damage(path: Path) -> None:
    """A page in the middle is not what was written."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096 + 100)
        file.write(bytes(64))


def test_a_kiosk_in_order_is_good(kiosk):
    assert {one.state for one in found(kiosk).values()} == {"good"}
    assert set(found(kiosk)) == set(KIOSK)


def test_a_machine_without_data_is_asked_about_none(tmp_path):
    assert not set(KIOSK) & set(doctor.checks(tmp_path, None))


@pytest.mark.parametrize("path", ["keys", "keys/data.key", "kiosk.db"])
def test_files_that_others_can_read_are_found_and_closed(kiosk, path):
    (kiosk.data_dir / path).chmod(0o755)
    broken = found(kiosk)["rights"]
    assert (broken.state, path in broken.seen) == ("bad", True)
    assert found(kiosk)["rights"].state == "bad"  # looking mends nothing
    mended = found(kiosk, mend=True)["rights"]
    assert (mended.state, mended.mended) == ("good", True)
    assert (kiosk.data_dir / path).stat().st_mode & 0o077 == 0


def test_a_damaged_database_is_found_untouched_and_mended_as_a_start_would(kiosk):
    damage(kiosk.database)
    content = kiosk.database.read_bytes()
    assert found(kiosk)["store"].state == "bad"
    assert kiosk.database.read_bytes() == content
    mended = found(kiosk, mend=True, only=("store",))["store"]
    assert (mended.state, mended.mended) == ("good", True)
    assert list((kiosk.data_dir / "set-aside").glob("*.db"))


def test_the_key_file_gone_is_said_and_no_new_one_is_made(kiosk):
    kiosk.key_file.unlink()
    assert found(kiosk, mend=True)["store"].state == "bad"
    assert not kiosk.key_file.exists()


def test_another_key_opens_nothing(kiosk):
    kiosk.key_file.write_bytes(bytes(32))
    assert found(kiosk)["store"].state == "bad"


def test_a_wrapped_key_is_no_fault(kiosk):
    keys.wrap(kiosk.key_file, "eight brown horses")
    assert found(kiosk)["store"].state == "look"


def test_a_schema_that_is_behind_is_stepped_up_only_when_asked(kiosk):
    store = Store(kiosk.database, data_key(kiosk.key_file))
    with store.write() as db:
        last = db.conn.execute("SELECT name FROM migration ORDER BY rowid DESC LIMIT 1").fetchone()[0]
        db.conn.execute("DELETE FROM migration WHERE name = ?", (last,))
        db.conn.execute("INSERT INTO migration (name) VALUES ('9999 of a later program')")
    store.close()
    seen = inspect(kiosk.database, data_key(kiosk.key_file))
    assert (seen.behind, seen.ahead) == ((last,), ("9999 of a later program",))
    assert found(kiosk)["schema"].state == "look"
    assert inspect(kiosk.database, data_key(kiosk.key_file)) == seen


class _Stranger(http.server.BaseHTTPRequestHandler):
    said = b"hello"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_said: object) -> None:
        """Nothing."""


@pytest.fixture
def stranger(kiosk) -> Iterator[type[_Stranger]]:
    handler = type("Handler", (_Stranger,), {})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        save(replace(kiosk, port=server.server_port))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler
        server.shutdown()


def test_a_port_that_another_program_holds_is_bad(kiosk, stranger):
    assert found(kiosk)["port"].state == "bad"
    stranger.said = b'{"queue": 0, "version": "1.2"}'
    assert found(kiosk)["port"].state == "good"


def test_nothing_is_mended_beside_a_kiosk_at_work(kiosk, stranger):
    stranger.said = b'{"queue": 0, "version": "1.2"}'
    damage(kiosk.database)
    content = kiosk.database.read_bytes()
    assert found(kiosk, mend=True, only=("store",))["store"].state == "bad"
    assert kiosk.database.read_bytes() == content


def test_the_exit_status_and_the_lines_are_for_programs(kiosk, capsys):
    words = ["doctor", "--dir", str(kiosk.data_dir), "--json", "--only", "rights", "--only", "store"]
    assert cli.main(words) == 0
    kiosk.key_file.chmod(0o644)
    assert cli.main(words) == 1
    assert cli.main([*words, "--mend"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["thing"], one["state"], one["mended"]) for one in lines] == [
        ("rights", "good", False), ("store", "good", False), ("rights", "bad", False), ("store", "good", False),
        ("rights", "good", True), ("store", "good", False),
    ]  # fmt: skip
    assert cli.main(["doctor", "--only", "nonsense"]) == 2


def test_no_browser_no_camera_no_network_clock_are_things_to_look_at(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor_kiosk, "DEVICES", tmp_path)
    monkeypatch.setattr(doctor_kiosk, "SYNCHRONIZED", tmp_path / "synchronized")
    for check in (doctor_kiosk.browser, doctor_kiosk.camera, doctor_kiosk.clock_sync):
        finding = check()
        assert (finding.state, bool(finding.remedy)) == ("look", True)
        assert not doctor_mend.mend(finding, tmp_path)  # nothing there to mend it with
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    (tmp_path / "video0").touch()
    (tmp_path / "synchronized").touch()
    assert {check().state for check in (doctor_kiosk.browser, doctor_kiosk.camera, doctor_kiosk.clock_sync)} == {"good"}


def test_the_kiosk_s_own_printer_is_asked(kiosk, free_port):
    save(replace(load(kiosk.data_dir), printer_uri=f"ipp://127.0.0.1:{free_port()}/ipp/print"))
    assert found(kiosk, only=("printer",))["printer"].state == "bad"
