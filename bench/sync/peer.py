"""PouchDB beside us: installed from npm when it is first measured, into a cache, in the versions of `pouch/package.json`."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.center.two import _port

HERE = Path(__file__).parent / "pouch"
DATABASE = "records"


@functools.cache
def modules() -> Path | None:
    """The folder of the installed modules; None, and a word about it, where npm gives none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "honorcard-bench" / "pouch"
    wanted = (HERE / "package.json").read_text()
    if (cache / "package.json").is_file() and (cache / "package.json").read_text() == wanted:
        return cache / "node_modules"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    try:
        # LevelDB's binding is in its package: nothing is compiled
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(cache),
             *(f"{name}@{version}" for name, version in json.loads(wanted)["dependencies"].items())],
            check=True, capture_output=True, timeout=600, cwd=cache,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        print(f"(PouchDB could not be installed: {type(error).__name__}; its lines are left out)")
        return None
    (cache / "package.json").write_text(wanted)
    return cache / "node_modules"


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
