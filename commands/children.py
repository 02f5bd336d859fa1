"""Servers started by a command: each in a process group of its own, with a log, never outliving the command."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
_PATIENCE_S = 10.0  # between asking a server to stop and making it
_PR_SET_PDEATHSIG = 1


class ChildDied(Exception):
    """A server ended by itself."""

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.child = child


@dataclass
class Child:
    """One server: what it is called, where it listens, where its log lies."""

    name: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self.port}"


def start(name: str, arguments: Sequence[str], port: int, log: Path) -> Child:
    """Starts `honorcard` with these arguments. Call from the main thread: a child ends with the thread that made it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return Child(name, port, log, _spawn([sys.executable, "-m", "cli", *arguments], out))


def _spawn(command: Sequence[str], out: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 — our own interpreter and our own module
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent(os.getpid()) if sys.platform == "linux" else None,
    )


def _die_with_parent(parent: int) -> Callable[[], None]:
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # looked up before the fork: nothing may be imported after it

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return ask


def wait_until_up(child: Child, seconds: float, stopped: Callable[[], bool]) -> bool:
    """Until `/healthz` answers; False when `stopped` says so first. ChildDied; TimeoutError when it takes too long."""
    deadline = time.monotonic() + seconds
    while not stopped():
        if child.process.poll() is not None:
            raise ChildDied(child)
        if _answers(f"{child.url}/healthz"):
            return True
        if time.monotonic() > deadline:
            raise TimeoutError(child.name)
        time.sleep(0.1)
    return False


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy to our own machine


def _answers(url: str) -> bool:
    try:
        with _direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def stop(children: Sequence[Child]) -> None:
    """Asks all of them to end, waits, and makes those that do not."""
    for child in children:
        _signal(child, signal.SIGTERM)
    deadline = time.monotonic() + _PATIENCE_S
    for child in children:
        try:
            child.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.process.wait()
        _signal(child, signal.SIGKILL)  # what the server itself left behind in its group


def _signal(child: Child, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, how)


def is_free(port: int) -> bool:
    """Whether a server could listen on that port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
