"""Two real center processes on one PostgreSQL and one folder, as behind a proxy that sends a request to either."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from center import create_app, settings
from center.settings import Settings
from center.store import Store, accounts

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "hc.example.gov.tw"  # what the proxy passes on


@dataclass
class Two:
    """The processes, by address; and the same settings and database in this process, to prepare and to look."""

    settings: Settings
    store: Store
    unit_id: str
    urls: list[str]
    processes: list[subprocess.Popen[bytes]]

    def kill(self, which: int) -> None:
        """kill -9, its workers too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.processes[which].pid, signal.SIGKILL)
        self.processes[which].wait(timeout=30)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def two_centers(folder: Path, database_url: str, count: int = 2, more: Sequence[str] = ()) -> Iterator[Two]:
    """They answer; at the end they are stopped. more: further words of their command line."""
    config = Settings(data_dir=folder, database_url=database_url, card_prefix="HTTPS://HC.TAIPEI/", undo_s=0, second_factor=())
    settings.save(config)
    app = create_app(config)  # schema and keys, as a first start
    store: Store = app.extensions["store"]
    with store.write() as conn:
        unit_id = accounts.add_unit(conn, "北門文化導覽志工隊", "U001")
    urls, processes = [], []
    try:
        for _ in range(count):
            port = _port()
            with (folder.parent / f"center-{port}.log").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "cli", "center", "--dir", str(folder), "--port", str(port), *more],
                        cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                    )
                )  # fmt: skip
            urls.append(f"http://127.0.0.1:{port}")
        for url, process in zip(urls, processes, strict=True):
            _wait(url, process)
        yield Two(config, store, unit_id, urls, processes)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=10)
        store.engine.dispose()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"center ended with {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz", timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("center does not answer")
