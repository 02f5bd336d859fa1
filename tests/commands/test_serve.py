"""`honorcard kiosk` and `honorcard center`: a taken port in words, data folders for nobody else."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
