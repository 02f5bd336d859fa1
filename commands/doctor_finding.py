"""What a check of `honorcard doctor` answers, and looking as the account that the data belongs to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["good", "look", "bad"]
SOURCE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, what was seen, and what to do. mend: how `--mend` would do it; empty when only a
    person can. mended: that it just did.
    """

    thing: str
    state: State
    seen: str
    remedy: str = ""
    mend: str = ""
    mended: bool = False


def data_owner(data_dir: Path) -> os.stat_result | None:
    """The account that the data belongs to, when this is root and it is another; else None."""
    if os.geteuid() != 0 or not data_dir.is_dir():
        return None
    held = data_dir.stat()
    return held if held.st_uid != 0 else None


def as_owner(owner: os.stat_result, data_dir: Path, thing: str, *, mend: bool) -> Iterator[Finding]:
    """The same check by that account: opened by root, a database would leave files behind that its service cannot write."""
    words = [sys.executable, "-m", "cli", "doctor", "--dir", str(data_dir.resolve()), "--only", thing, "--json"]
    done = subprocess.run(  # noqa: S603 - our own program
        [*words, *(["--mend"] if mend else [])], cwd=SOURCE, capture_output=True, text=True,
        user=owner.st_uid, group=owner.st_gid, extra_groups=[],
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        yield Finding(thing, "bad", (done.stderr.strip().splitlines() or ["no answer"])[-1])
    for line in lines:
        yield Finding(**json.loads(line))
