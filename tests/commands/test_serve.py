"""`honorcard kiosk` and `honorcard center`: a taken port in words, data folders for nobody else, told to stop."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.settings import load
from tests.journeys.stage import ROOT, Server


@pytest.mark.parametrize("kind", ["kiosk", "center"])
def test_a_taken_port_is_told_in_a_sentence(kind: str, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "cli", kind, "--dir", str(tmp_path), "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 1
    assert f"Port {port} is in use" in ended.stderr and "Traceback" not in ended.stderr


def test_a_store_that_is_none_keeps_the_center_from_starting_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "center.json").write_text(json.dumps({"object_store": "cards"}), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "cli", "center", "--dir", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "object_store in center.json cannot be used" in ended.stderr and "Traceback" not in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["center.json"]


@pytest.mark.parametrize("kind", ["kiosk", "center"])
def test_nobody_else_on_the_machine_can_read_what_it_keeps(kind: str, tmp_path: Path, free_port: Callable[[], int]) -> None:
    folder = tmp_path / kind
    folder.mkdir()
    server = Server(kind, folder, free_port())
    server.start()
    server.stop()
    files = [path for path in folder.rglob("*") if path.is_file() and path != server.log]
    assert files
    assert not [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_with_log_json_each_request_is_a_line_without_its_address(tmp_path: Path, free_port: Callable[[], int]) -> None:
    (tmp_path / "center.json").write_text(json.dumps({"log": "json"}), encoding="utf-8")
    server = Server("center", tmp_path, free_port())
    server.start()
    try:
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{server.url}/AAAABBBBCCCCDDDD?name=A223456781", timeout=60)
    finally:
        server.stop()
    text = server.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    (asked,) = (line for line in lines if line.get("route") == "/<string(length=16):lookup>")
    assert (asked["method"], asked["status"], len(asked["request"])) == ("GET", 404, 36)
    assert "AAAABBBBCCCCDDDD" not in text
    assert "A223456781" not in text


@pytest.mark.parametrize("kind", ["kiosk", "center"])
def test_told_to_stop_again_and_again_it_stops_as_tidily_as_told_once(
    kind: str, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    """By a service manager that tells the whole group, or twice: down to the interpreter's own last milliseconds."""
    plain = free_port()
    # a kiosk for the phones of the network too: it has the most to close
    asked = ["--lan", "--lan-port", str(free_port()), "--lan-http-port", str(plain)] if kind == "kiosk" else []
    server = Server(kind, tmp_path, free_port())
    server.start(*asked)
    assert server.process is not None
    try:
        if kind == "kiosk":
            with urllib.request.urlopen(f"http://127.0.0.1:{plain}/trust/honorcard-host.crt", timeout=60) as answer:
                assert answer.status == 200
        give_up = time.monotonic() + 60
        while server.process.poll() is None:
            assert time.monotonic() < give_up, "told to stop, it goes on"
            for _ in range(5):  # at once, too: the handler runs within itself
                server.process.send_signal(signal.SIGTERM)
            time.sleep(0.002)
        assert server.process.returncode == 0
    finally:
        server.stop(signal.SIGKILL)
    assert "SystemExit" not in server.log.read_text(encoding="utf-8")
    assert kind == "center" or load(tmp_path).lan  # kept for the next start


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_kiosk_told_once_to_stop_stops(how: signal.Signals, tmp_path: Path, free_port: Callable[[], int]) -> None:
    server = Server("kiosk", tmp_path, free_port())
    server.start()
    assert server.process is not None
    try:
        server.process.send_signal(how)
        assert server.process.wait(60) == 0
    finally:
        server.stop(signal.SIGKILL)
