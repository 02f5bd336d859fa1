"""PouchDB beside us: installed from npm when it is first measured, into a cache, in the versions of `pouch/package.json`."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench import npm
from tests.center.two import _port

HERE = Path(__file__).parent / "pouch"
DATABASE = "records"


def modules() -> Path | None:
    """The folder of the installed modules; None where npm gives none."""
    return npm.modules(HERE)


def start(*arguments: str) -> subprocess.Popen[str]:
    """`pouch.cjs` with these arguments."""
    return subprocess.Popen(
        ["node", "--max-old-space-size=8192", str(HERE / "pouch.cjs"), *arguments],
        env={**os.environ, "NODE_PATH": str(modules())}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ask(*arguments: str) -> dict[str, int]:
    """What it says at its end."""
    process = start(*arguments)
    out, complaint = process.communicate()
    if process.returncode:
        raise RuntimeError(complaint[-500:])
    answer: dict[str, int] = json.loads(out.splitlines()[-1])
    return answer


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """The server, its port and its process."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _port()
    process = start("serve", str(port), str(folder))
    try:
        assert process.stdout is not None
        if "ready" not in process.stdout.readline():
            raise RuntimeError((process.stderr.read() if process.stderr else "")[-500:])
        yield port, process
    finally:
        process.kill()
        process.communicate()
