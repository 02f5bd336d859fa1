"""`honorcard audit`: whether the center's log of who saw and changed what is whole."""

from __future__ import annotations

import argparse
from pathlib import Path

from commands import print_json


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = subparsers.add_parser("audit", help="the log of who saw and changed what")
    what = parser.add_subparsers(dest="what", required=True)
    checking = what.add_parser(
        "verify", help="follows every chain; exit status 1 when an entry was changed or taken out"
    )
    checking.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    checking.add_argument(
        "--holds", metavar="LINK", help="a link noted at an earlier time, which must be in the log still"
    )
    checking.add_argument(
        "--published", type=Path, metavar="FILE", help="a copy of /pack/audit-heads.json kept at an earlier time"
    )
    checking.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    """Prints `{"whole","entries","broken","heads","cuts"}`, with `holds` when a link is given, and `published` (by stream:
    `holds`, `cut`, `gone`) when a file is; exit status 1 when it is not whole, or what was noted is gone. ProblemError
    `audit_heads_unreadable`.

    The heads are worth keeping elsewhere: whoever rewrites the whole log cannot make them come out again.
    """
    from center import audit_heads, auditing, keyring
    from center.settings import load
    from center.store import Store, audit

    settings = load(arguments.dir)
    kept = None
    if arguments.published is not None:
        kept = audit_heads.read(arguments.published.read_text(encoding="utf-8"), keyring.trust(settings))
    store = Store(settings.url)
    store.create()
    auditing.gather(store)
    with store.read() as conn:
        checked = audit.verify(conn)
        holds = None if arguments.holds is None else audit.holds(conn, arguments.holds)
        compared = None if kept is None else audit_heads.compare(conn, kept)
    said: dict[str, object] = {
        "whole": checked.is_whole, "entries": checked.entries, "broken": checked.broken, "heads": checked.heads,
        "cuts": checked.cuts,
    }  # fmt: skip
    if holds is not None:
        said["holds"] = holds
    if compared is not None:
        said["published"] = compared
    print_json(said)
    return 0 if checked.is_whole and holds is not False and "gone" not in (compared or {}).values() else 1
