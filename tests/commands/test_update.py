"""`honorcard update` with two version folders and a kiosk that is really started, stopped and asked."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import cli
from kiosk import care_updates
from kiosk.settings import Settings, save
from tests.kiosk.scene import build

SOURCE = Path(__file__).resolve().parents[2]
OURS = (
    "cli.py",
    "commands",
    "honorcard",
    "scanner",
    "sync",
    "web",
    "kiosk",
    "center",
    "templates",
    "static",
    "translations",
)
RESTART = """\
import os, signal, subprocess, sys, time
root, data, pid = sys.argv[1:]
try:
    old = int(open(pid).read())
    os.kill(old, signal.SIGTERM)
    for _ in range(200):
        os.kill(old, 0)
        time.sleep(0.05)
except (OSError, ValueError):
    pass
words = [os.path.join(root, "current/.venv/bin/honorcard"), "kiosk", "--dir", data]
started = subprocess.Popen(words, stdin=-3, stdout=-3, stderr=-3, start_new_session=True, close_fds=True)
open(pid, "w").write(str(started.pid))
"""


@dataclass
class Machine:
    """A folder of versions, a kiosk's data, and how to start it."""

    root: Path
    data: Path
    port: int
    used: list[str] = field(default_factory=list)

    @property
    def pid(self) -> Path:
        return self.root / "pid"

    def version(self, name: str, program: str | None = None) -> Path:
        """A version: links to the source, and a command of its own that says which it is. `program`: what it runs instead."""
        folder = self.root / "versions" / name
        (folder / ".venv" / "bin").mkdir(parents=True)
        for part in OURS:
            (folder / part).symlink_to(SOURCE / part)
        said = (
            program
            or f'import kiosk.version as v; v.app_version = lambda: "{name}"; import cli, sys; sys.exit(cli.main())'
        )
        command = folder / ".venv" / "bin" / "honorcard"
        command.write_text(f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(SOURCE)!r})\n{said}\n")
        command.chmod(0o755)
        return folder

    def update(self, *words: str, idle_s: float = 0.0, wait_s: float = 20.0, within_s: float = 40.0) -> int:
        restart = f"{sys.executable} {self.root / 'restart.py'} {self.root} {self.data} {self.pid}"
        return cli.main(
            ["update", *words, "--root", str(self.root), "--dir", str(self.data), "--restart", restart, "--idle-s", str(idle_s),
             "--wait-s", str(wait_s), "--answers-within-s", str(within_s)]
        )  # fmt: skip

    def running(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/in-use", timeout=10) as answer:
            return str(json.load(answer)["version"])

    def state(self) -> care_updates.Update:
        state = care_updates.read_state(self.root)
        assert state is not None
        return state


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    import socket

    folder = tmp_path_factory.mktemp("machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = Machine(folder / "opt", folder / "data", port)
    (made.root / "versions").mkdir(parents=True)
    (made.root / "restart.py").write_text(RESTART)
    save(Settings(data_dir=made.data, port=port))
    first = made.version("1.0")
    (made.root / "current").symlink_to(first.relative_to(made.root))
    yield made
    if made.pid.exists():
        os.kill(int(made.pid.read_text()), signal.SIGTERM)


def test_a_version_is_taken_refused_when_it_does_not_answer_and_taken_back(machine, capsys):
    """One story, since each start takes seconds."""
    second = machine.version("1.1")
    assert machine.update(str(second)) == 0
    assert machine.running() == "1.1"
    assert (machine.state().state, machine.state().version, machine.state().other) == ("done", "1.1", "1.0")

    dumb = "import sys; sys.exit(0 if 'doctor' in sys.argv else 3)"  # looks fit, and does not start
    assert machine.update(str(machine.version("1.2", dumb)), within_s=4) in (1, 2)
    until = time.monotonic() + 30
    while machine.state().why == "neither_answers" and time.monotonic() < until:  # a loaded machine starts slowly
        try:
            machine.running()
            break
        except OSError:
            time.sleep(0.2)
    assert machine.running() == "1.1"
    assert (machine.root / "current").resolve().name == "1.1"
    assert (machine.state().state, machine.state().other) == ("failed", "1.2")

    assert machine.update(str(machine.version("1.3", "import sys; sys.exit(1)"))) == 1  # not even that
    assert machine.state().why == "not_fit"
    assert machine.running() == "1.1"

    assert machine.update(str(machine.version("1.4"))) == 0
    care_updates.want_back(machine.data)
    assert machine.update("--wanted") == 0
    assert machine.running() == "1.1"
    assert machine.state().state == "taken_back"
    assert machine.update("--wanted") == 0  # asked once, done once
    assert machine.update("--back") == 1  # there is none before it any more
    assert machine.running() == "1.1"


def test_while_somebody_uses_it_nothing_is_changed(machine):
    """After the story above: 1.1 runs and somebody keeps touching it."""
    fresh = machine.version("2.0")
    stop = threading.Event()

    def touch() -> None:
        while not stop.is_set():
            urllib.request.urlopen(f"http://127.0.0.1:{machine.port}/verify", timeout=10).close()

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        assert machine.update(str(fresh), idle_s=60.0, wait_s=2.0) == 1
    finally:
        stop.set()
        thread.join()
    assert machine.state().why == "never_idle"
    assert machine.running() == "1.1"


def test_only_a_version_of_that_folder_is_taken(machine, tmp_path):
    assert machine.update(str(tmp_path)) == 1
    assert machine.state().why == "not_a_version"
    assert machine.update() == 2
    assert machine.update(str(tmp_path), "--back") == 2


def test_a_page_that_refreshes_itself_is_not_somebody(tmp_path):
    scene = build(tmp_path)
    use = scene.app.extensions["use"]
    client = scene.client(unlocked=False)
    client.get("/")
    use._last -= 1000
    for path in ("/state", "/healthz", "/in-use", "/static/icon.svg"):
        client.get(path)
    client.get("/verify", headers={"X-Poll": "1"})
    assert use.idle_s() >= 1000
    client.get("/verify")
    assert use.idle_s() < 1000


def test_staff_see_how_the_update_went_and_can_ask_for_the_one_before(tmp_path, monkeypatch):
    scene = build(tmp_path / "data")
    program = tmp_path / "opt" / "versions" / "1.1"
    (tmp_path / "opt" / "versions" / "1.0").mkdir(parents=True)
    program.mkdir()
    monkeypatch.setattr(care_updates, "root_of", lambda program=None: tmp_path / "opt")
    told = {"state": "done", "version": "1.1", "other": "1.0"}
    (tmp_path / "opt" / care_updates.STATE).write_text(json.dumps(told))
    client = scene.client()
    assert "已更新到 1.1" in client.get("/staff/care").text
    assert client.post("/staff/care/update/back").status_code == 303
    assert (scene.settings.data_dir / care_updates.WANTED).read_text() == care_updates.BACK
    assert "就換回上一版" in client.get("/staff/care").text
    for state, words in (("waiting", "等沒有人用時再換"), ("failed", "沒有裝成"), ("taken_back", "已換回")):
        (tmp_path / "opt" / care_updates.STATE).write_text(json.dumps({**told, "state": state}))
        (scene.settings.data_dir / care_updates.WANTED).unlink(missing_ok=True)
        assert words in client.get("/staff/care").text
    assert scene.client(unlocked=False).post("/staff/care/update/back").location.startswith("/unlock")


def test_a_plain_checkout_has_no_versions(tmp_path):
    assert care_updates.root_of(tmp_path) is None
    assert care_updates.root_of(tmp_path / "versions" / "1.0") == tmp_path
    assert care_updates.look(tmp_path, tmp_path) is None
