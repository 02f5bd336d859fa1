"""`honorcard demo`, started for real: two servers, sample data that is kept, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands import children
from commands.demo import _ports

ROOT = Path(__file__).resolve().parents[2]
ROLES = {"unit_officer", "first_reviewer", "second_reviewer", "administrator", "auditor", "venue"}


@contextmanager
def demo(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "demo", "--dir", str(folder), "--json", *more],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def first_line(process: subprocess.Popen[str]) -> dict:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.stderr.read() if process.stderr else ""
    return json.loads(line)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def applications(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "center" / "center.db") as db:
        return sorted(db.execute("SELECT application_id, name FROM application"))


def states(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "center" / "center.db") as db:
        return {state for (state,) in db.execute("SELECT DISTINCT state FROM application")}


def cards(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "center" / "center.db") as db:
        last_day = "CASE WHEN valid_until < date('now') THEN 'past' ELSE 'to come' END"
        return sorted(db.execute(f"SELECT status, {last_day} FROM card"))


def servers_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def wait_for_end(pids: list[int], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(is_running(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def is_running(pid: int) -> bool:
    """Not ended, nor ended and waiting for whoever adopted it to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.timeout(600)
def test_a_demo_starts_keeps_its_data_and_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "demo"
    with demo(folder) as process:
        said = first_line(process)
        assert set(said) == {"kiosk", "center", "pin", "accounts"}
        assert answers(said["kiosk"] + "/healthz")
        assert answers(said["center"] + "/healthz")
        assert answers(said["kiosk"] + "/"), "the start page needs no PIN"
        assert {account["role"] for account in said["accounts"]} == ROLES
        assert all(set(account) == {"role", "name", "password"} for account in said["accounts"])
        assert stat.S_IMODE((folder / "demo.json").stat().st_mode) == 0o600
        assert {"valid.png", "expired.pdf", "revoked.png", "forged.png", "slip.pdf"} <= {
            file.name for file in (folder / "sample-cards").iterdir()
        }
        children_of_demo = servers_of(process.pid)
        refused = subprocess.run(
            [sys.executable, "-m", "cli", "demo", "--dir", str(folder), "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert refused.returncode == 1
        assert "已有示範在執行" in refused.stderr and refused.stdout == ""
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert wait_for_end(children_of_demo)
    before = applications(folder)
    assert len(before) == 32  # thirty volunteers, and two cases of cards that exist
    assert states(folder) == {
        "incomplete", "first_review", "second_review", "returned", "refused", "withdrawn", "issued",
    }  # fmt: skip
    assert cards(folder) == [("live", "past"), ("live", "to come"), ("revoked", "to come")]

    with demo(folder) as process:
        again = first_line(process)
        assert again["accounts"] == said["accounts"] and again["pin"] == said["pin"]
        assert applications(folder) == before
        pids = servers_of(process.pid)
        process.kill()  # as when the machine's owner closes everything at once
    assert wait_for_end(pids), "the servers end with the demo that started them"

    with demo(folder) as process:
        first_line(process)
        os.kill(servers_of(process.pid)[-1], signal.SIGKILL)
        assert process.wait(timeout=30) == 1
        assert process.stderr is not None
        assert str(folder / "logs" / "kiosk.log") in process.stderr.read()


def test_a_port_that_was_asked_for_and_is_taken_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind((children.LOOPBACK, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "cli", "demo", "--dir", str(tmp_path), "--kiosk-port", port],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert port in done.stderr
    assert not (tmp_path / "demo.json").exists()


def test_the_usual_ports_give_way_to_free_ones_when_nobody_asked_for_them():
    kiosk, center = children.free_port(), children.free_port()
    assert _ports(kiosk, center) == (kiosk, center)
    assert _ports(kiosk, kiosk) == str(kiosk), "not both on one port"
    with socket.socket() as taken:
        taken.bind((children.LOOPBACK, 0))
        taken.listen()
        assert _ports(kiosk, taken.getsockname()[1]) == str(taken.getsockname()[1])
    chosen = _ports(None, None)
    assert isinstance(chosen, tuple) and chosen[0] != chosen[1]


def test_a_first_start_that_is_broken_off_ends_at_once_with_all_it_started(tmp_path):
    for how, status in ((signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
        with demo(tmp_path / "demo") as process:
            assert process.stderr is not None
            while "0/30" not in (line := process.stderr.readline()):
                assert line, "it ended before it drew"
            deadline = time.monotonic() + 20
            while not (drawing := servers_of(process.pid)) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert drawing
            process.send_signal(how)
            assert process.wait(timeout=20) == status
        assert wait_for_end(drawing)
        assert not (tmp_path / "demo" / "demo.json").exists()
