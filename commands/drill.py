"""`honorcard drill`: a backup put back, compared, tried, thrown away. `honorcard migrate`: the database's next steps, apart from a
start.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands import print_json
from commands.progress import Progress
from commands.serve import PRIVATE
from honorcard.problems import ProblemError

if TYPE_CHECKING:
    from center.store import Store


def add(subparsers: Any) -> None:
    """Adds both subcommands."""
    drill: argparse.ArgumentParser = subparsers.add_parser(
        "drill", help="put a backup back into a fresh place, compare it, try it, remove it"
    )
    drill.add_argument("folder", type=Path, help="where backups are kept (the newest is taken), or one of them")
    drill.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    drill.add_argument("--keys", type=Path, help="the folder of keys, when they are not in the data folder")
    drill.add_argument("--make", action="store_true", help="make a backup first, and drill that one")
    drill.add_argument(
        "--database-url", default="", help="an empty PostgreSQL database; without it a spare one is made"
    )
    drill.add_argument(
        "--room", type=Path, help="where there is room for all of it; default: the folder for temporary files"
    )
    drill.set_defaults(run=run_drill)

    migrate: argparse.ArgumentParser = subparsers.add_parser(
        "migrate", help="bring a center's database to this version's schema while the version before still works on it"
    )
    migrate.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    migrate.add_argument(
        "--check", action="store_true", help="change nothing: say what is to be done; status 1 when anything is"
    )
    migrate.add_argument(
        "--stopped",
        action="store_true",
        help="every older program is stopped: take also steps that it could not work with",
    )
    migrate.set_defaults(run=run_migrate)


def run_drill(arguments: argparse.Namespace) -> int:
    """Prints the report as one JSON object; exit status 1 when something differs or nothing could be put back."""
    from center import backups, drill
    from center.settings import load
    from center.store import Store

    os.umask(PRIVATE)
    if not arguments.dir.is_dir():
        return _refuse(f"找不到中心的資料夾 {arguments.dir}。", f"There is no center's folder {arguments.dir}.")
    settings, now = load(arguments.dir), datetime.now(UTC)
    try:
        if arguments.make:
            elsewhere = not backups.is_same_disk(settings, arguments.folder)
            store = Store(settings.url)
            backups.make(store, settings, arguments.folder, now=now, elsewhere=elsewhere)
            store.engine.dispose()
        report = drill.drill(
            arguments.folder,
            settings,
            now=now,
            keys=arguments.keys,
            database_url=arguments.database_url,
            room=arguments.room,
        )
    except ProblemError as error:
        return _refuse(error.sentence("zh"), error.sentence("en"))
    print_json({**asdict(report), "whole": report.whole})
    if not report.whole:
        return _refuse(
            "還原出來的和備份不一樣。請換一份備份再演練，並檢查磁碟。",
            "What was restored is not what was backed up. Drill with another backup, and check the disk.",
        )
    return 0


def run_migrate(arguments: argparse.Namespace) -> int:
    """Takes the steps, or says which there are, as one JSON object; then counts what new sums of the statistics lack, a few
    thousand events at a time, while the center works. Stopped in between, it goes on where it was, as the center itself does.

    None is taken where one of them would take away what the programs that run may still use, unless they are said to be stopped.
    """
    from center.settings import load
    from center.store import Store, upgrading

    os.umask(PRIVATE)
    if not arguments.dir.is_dir():
        return _refuse(f"找不到中心的資料夾 {arguments.dir}。", f"There is no center's folder {arguments.dir}.")
    store = Store(load(arguments.dir).url)
    try:
        before = upgrading.standing(store.engine)
        if not arguments.check:
            if before.stops and not arguments.stopped:
                raise ProblemError("schema_needs_stop", steps=list(before.stops))
            store.create()
        now = upgrading.standing(store.engine)
        counted = 0 if arguments.check or now.is_newer else _count(store)
    except ProblemError as error:
        return _refuse(error.sentence("zh"), error.sentence("en"))
    finally:
        store.engine.dispose()
    taken = [step for step in before.waiting if step not in now.waiting]
    print_json({"from": before.here, "at": now.here, "program": now.ours, "taken": taken, "waiting": list(now.waiting),
                "stops": list(now.stops), "counted": counted})  # fmt: skip
    return 1 if arguments.check and now.waiting else 0


def _count(store: Store) -> int:
    """Counts to the end; gives about how many events that were."""
    from center.store import tally_counting

    with store.read() as conn:
        behind = tally_counting.behind(conn)
    total = max(behind.places, behind.whole)
    said = Progress(sys.stderr)
    left = total
    while left:
        said.count("補算統計", "Counting for the statistics", total - left, total)
        with store.write() as conn:
            if not tally_counting.count_more(conn):
                break
        with store.read() as conn:
            behind = tally_counting.behind(conn)
        left = min(total, max(behind.places, behind.whole))  # others go on working: there may be more than at first
    if total:
        said.count("補算統計", "Counting for the statistics", total, total)
    return total


def _refuse(zh: str, en: str) -> int:
    print(f"{zh}\n{en}", file=sys.stderr)
    return 1
