"""`honorcard update`: brings another version of the program into use while nobody uses the kiosk, and back when it does not work.

    <root>/versions/<name>/   one version each, whole, with its own environment (deploy/kiosk-install.sh lays them there)
    <root>/current            a link to the one in use; the service starts what it points at

Tried before the switch: the new version's own doctor. Tried after it: the kiosk answers. Else the link goes back and the
kiosk is started again as before. The kiosk's steps only add what an older program does not see, so that going back needs no
old copy of the database: an old copy put back to work would be told no news. Fetching a version is not here.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from kiosk.care_updates import BACK, STATE, VERSIONS, WANTED, Update, read_state

CURRENT = "current"
IDLE_S = 600.0
WAIT_S = 12 * 3600.0
ANSWERS_WITHIN_S = 90.0
LOOK_EVERY_S = 5.0
COMMAND = ".venv/bin/honorcard"
# needed of a version before it may be used; a printer that is off keeps no update away
NEEDED = ("python", "sqlite", "libraries", "decoder", "front-end")


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "update", help="change a kiosk's version while nobody uses it"
    )
    parser.add_argument("version", nargs="?", type=Path, help="the folder of the version, within <root>/versions")
    parser.add_argument("--back", action="store_true", help="to the version before")
    parser.add_argument(
        "--wanted", action="store_true", help="go back if staff asked for it on the kiosk; else do nothing"
    )
    parser.add_argument("--root", type=Path, default=Path("/opt/honorcard"), help="folder of the versions")
    parser.add_argument("--dir", type=Path, default=Path("/srv/honorcard/kiosk"), help="the kiosk's data folder")
    parser.add_argument(
        "--restart", default="systemctl restart honorcard-kiosk", help="command that starts the kiosk again"
    )
    parser.add_argument("--idle-s", type=float, default=IDLE_S, help="nobody must have touched it for so long")
    parser.add_argument("--wait-s", type=float, default=WAIT_S, help="give up after so long without such a moment")
    parser.add_argument("--answers-within-s", type=float, default=ANSWERS_WITHIN_S)
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class Plan:
    """Where everything is, and how long to wait for what."""

    root: Path
    data_dir: Path
    restart: tuple[str, ...]
    idle_s: float
    wait_s: float
    answers_within_s: float

    @property
    def url(self) -> str:
        """Where the kiosk answers."""
        from kiosk.settings import load

        return f"http://127.0.0.1:{load(self.data_dir).port}"


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the wanted version is in use, 1 when the one before works on, 2 when neither answers."""
    plan = Plan(
        arguments.root.resolve(), arguments.dir, tuple(shlex.split(arguments.restart)), arguments.idle_s, arguments.wait_s,
        arguments.answers_within_s,
    )  # fmt: skip
    if arguments.wanted:
        if not _is_wanted(plan.data_dir):
            return 0
        (plan.data_dir / WANTED).unlink(missing_ok=True)
    back = arguments.back or arguments.wanted
    if back == (arguments.version is not None):
        print("name a version's folder, or --back", file=sys.stderr)
        return 2
    last = read_state(plan.root)
    if back:
        if last is None or last.state != "done":
            print("there is no version to go back to", file=sys.stderr)
            return 1
        wanted = plan.root / VERSIONS / last.other
    else:
        wanted = arguments.version.resolve()
    return change(plan, wanted, "taken_back" if back else "done")


def change(plan: Plan, wanted: Path, state: str) -> int:
    """From the version in use to `wanted`; exit status as of `run`."""
    before = (plan.root / CURRENT).resolve()
    if wanted.parent != plan.root / VERSIONS or not wanted.is_dir():
        return _say(plan, Update("failed", before.name, wanted.name, "not_a_version"))
    if wanted == before:
        print(f"{wanted.name} is in use already")
        return 0
    if not _is_fit(wanted):
        return _say(plan, Update("failed", before.name, wanted.name, "not_fit"))
    _note(plan, Update("waiting", before.name, wanted.name))
    if not _wait_until_idle(plan):
        return _say(plan, Update("failed", before.name, wanted.name, "never_idle"))
    _point(plan.root, wanted)
    if _restart(plan) and _answers(plan):
        return _say(plan, Update(state, wanted.name, before.name))
    _point(plan.root, before)
    if _restart(plan) and _answers(plan):
        return _say(plan, Update("failed", before.name, wanted.name, "did_not_answer"))
    _say(plan, Update("failed", before.name, wanted.name, "neither_answers"))
    return 2


def _is_fit(wanted: Path) -> bool:
    """Whether that version runs on this machine at all, by its own doctor; on no data."""
    words = [
        str(wanted / COMMAND),
        "doctor",
        "--json",
        "--dir",
        str(wanted),
        *(w for name in NEEDED for w in ("--only", name)),
    ]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)  # noqa: S603 - the version's own program
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _wait_until_idle(plan: Plan) -> bool:
    """Until nobody has touched the kiosk for long enough and no card is printing. One that does not answer is used by nobody."""
    until = time.monotonic() + plan.wait_s
    while True:
        told = _get(f"{plan.url}/in-use")
        if told is None or (float(told.get("idle_s", 0)) >= plan.idle_s and not told.get("printing")):
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(min(LOOK_EVERY_S, max(0.05, plan.idle_s / 2)))


def _point(root: Path, version: Path) -> None:
    """`current` points at that version from one moment to the next."""
    draft = root / f".{CURRENT}.new"
    draft.unlink(missing_ok=True)
    draft.symlink_to(version.relative_to(root))
    draft.replace(root / CURRENT)


def _restart(plan: Plan) -> bool:
    try:
        return subprocess.run(list(plan.restart), timeout=120).returncode == 0  # noqa: S603 - what the administrator set
    except (OSError, subprocess.TimeoutExpired):
        return False


def _answers(plan: Plan) -> bool:
    """Whether the kiosk says within its time that it is well, and its start page can be had."""
    until = time.monotonic() + plan.answers_within_s
    while time.monotonic() < until:
        told = _get(f"{plan.url}/healthz")
        if told is not None and told.get("ok") is True:
            return _status(f"{plan.url}/") in (200, 303)
        time.sleep(0.2)
    return False


def _get(url: str) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback
            told = json.loads(answer.read(100_000))
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return told if isinstance(told, dict) else None


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback
            return int(answer.status)
    except (OSError, urllib.error.URLError):
        return 0


def _is_wanted(data_dir: Path) -> bool:
    """Only that one word is heeded: the file is the kiosk's, this program may be root's."""
    try:
        with os.fdopen(os.open(data_dir / WANTED, os.O_RDONLY | os.O_NOFOLLOW)) as file:
            return file.read(16) == BACK
    except OSError:
        return False


def _note(plan: Plan, update: Update) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    draft = plan.root / f".{STATE}.new"
    draft.write_bytes(msgspec.json.encode(msgspec.structs.replace(update, at=at)))
    draft.chmod(0o644)
    draft.replace(plan.root / STATE)


def _say(plan: Plan, update: Update) -> int:
    _note(plan, update)
    if update.state == "failed":
        print(f"{update.other} was not taken ({update.why}); {update.version} works on", file=sys.stderr)
        return 1
    print(f"{update.version} is in use; before it {update.other}")
    return 0
