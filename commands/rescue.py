"""`honorcard rescue`: at the center, a tablet's rescue file taken in, or looked at."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser("rescue", help="at the center: a tablet's rescue file")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    take = verbs.add_parser("import", help="take a file in; any number of times, nothing is doubled")
    take.add_argument("file", type=Path, help="the .hcrescue file")
    take.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    take.set_defaults(run=import_file)


def import_file(arguments: argparse.Namespace) -> int:
    """Prints what came of it, one JSON object; exit status 1 when not all of it arrived whole."""
    from center import rescuing
    from center.settings import load
    from center.store import Store

    settings = load(arguments.dir)
    store = Store(settings.url)
    store.create()
    try:
        with arguments.file.open("rb") as file:
            found = rescuing.take(store, settings, file, "center", datetime.now(UTC))
    except ProblemError as problem:
        print(f"{problem.sentence('zh')}\n{problem.sentence('en')}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"讀不到 {arguments.file}：{error.strerror}\nCannot read {arguments.file}: {error.strerror}",
            file=sys.stderr,
        )
        return 1
    line = {
        "device": found.device.device_id, "taken": found.taken, "known": found.known, "waiting": found.waiting,
        "refused": dict(found.refused), "damaged": found.damaged, "photos": found.photos,
        "photos_known": found.photos_known, "photos_damaged": found.photos_damaged, "left_out": found.left_out,
        "whole": found.whole and not found.refused,
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))
    return 0 if line["whole"] else 1
