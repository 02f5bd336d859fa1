"""`honorcard backup` and `honorcard restore`: a center's rows and files in a folder, and a center put back from one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands.serve import PRIVATE
from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Adds both subcommands."""
    make: argparse.ArgumentParser = subparsers.add_parser(
        "backup", help="back a center up while it works, and verify it"
    )
    make.add_argument(
        "folder", type=Path, help="where backups are kept; files that lie there already are not copied again"
    )
    make.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    make.add_argument(
        "--keys", type=Path, help="copy the keys too, to this empty folder: keep it apart from the backup"
    )
    make.add_argument(
        "--elsewhere", action="store_true", help="the folder is kept on another machine, though it looks like this disk"
    )
    make.add_argument("--check", action="store_true", help="make nothing: read the newest backup to its last byte")
    make.set_defaults(run=back_up)

    put: argparse.ArgumentParser = subparsers.add_parser(
        "restore", help="put a center back from a backup, into an empty place"
    )
    put.add_argument("folder", type=Path, help="where backups are kept (the newest is taken), or one of them")
    put.add_argument("--dir", type=Path, default=Path("var/center"), help="the new data folder")
    put.add_argument("--keys", type=Path, help="the folder of keys, when they are not in the data folder already")
    put.add_argument("--database-url", help="an empty PostgreSQL database, where the backup comes from one")
    put.add_argument(
        "--seen", type=int, default=0, help="highest issue number that any tablet or published list knows of"
    )
    put.set_defaults(run=put_back)


def back_up(arguments: argparse.Namespace) -> int:
    """Makes (or checks) a backup and prints what it holds, one JSON object; exit status 1 when it is not whole."""
    from center import backups
    from center.settings import load
    from center.store import Store

    os.umask(PRIVATE)
    if not arguments.dir.is_dir():
        return _refuse(f"找不到中心的資料夾 {arguments.dir}。", f"There is no center's folder {arguments.dir}.")
    settings = load(arguments.dir)
    try:
        if arguments.check:
            found = backups.check(arguments.folder)
        else:
            elsewhere = arguments.elsewhere or not backups.is_same_disk(settings, arguments.folder)
            store = Store(settings.url)
            store.create()
            found = backups.make(store, settings, arguments.folder, now=datetime.now(UTC), elsewhere=elsewhere)
            if arguments.keys is not None:
                backups.copy_keys(settings, arguments.keys)
            _warn(settings.keys_dir, arguments.keys, elsewhere)
    except ProblemError as error:
        return _refuse(error.sentence("zh"), error.sentence("en"))
    _tell(found)
    return 0


def put_back(arguments: argparse.Namespace) -> int:
    """Restores and prints what was put back, one JSON object; exit status 1 when nothing was, with the reason."""
    from center import backups
    from center.settings import load

    os.umask(PRIVATE)
    settings = load(arguments.dir)
    if arguments.database_url:
        settings = replace(settings, database_url=arguments.database_url)
    try:
        found = backups.restore(
            arguments.folder, settings, now=datetime.now(UTC), seen_seq=arguments.seen, keys=arguments.keys
        )
    except ProblemError as error:
        return _refuse(error.sentence("zh"), error.sentence("en"))
    _tell(found)
    print(
        "已還原。平板下次連線會重新核對，把備份之後收的件再送一次；備份之後發的卡要重新核發。\n"
        "Restored. Tablets will check again at their next round and offer what came in since; cards issued since the backup "
        "have to be issued again.",
        file=sys.stderr,
    )
    return 0


def _warn(keys: Path, copied_to: Path | None, elsewhere: bool) -> None:
    if copied_to is None:
        print(
            f"金鑰不在這份備份裡。請另外保存 {keys}（或加 --keys），不要和備份放在一起；沒有金鑰就不能還原。\n"
            f"The keys are not in this backup. Keep {keys} elsewhere (or add --keys), apart from the backup: nothing can be "
            "restored without them.",
            file=sys.stderr,
        )
    else:
        print(
            f"金鑰在 {copied_to}。誰有它，誰就能製卡、開啟所有資料：請移到離線的地方。\n"
            f"The keys are in {copied_to}. Whoever has them can make cards and open everything: move them offline.",
            file=sys.stderr,
        )
    if not elsewhere:
        print(
            "備份和中心在同一個磁碟上，磁碟壞了兩邊都沒有，所以平板仍會保留已送出的資料。\n"
            "若這個資料夾其實在別台機器，請加 --elsewhere。\n"
            "The backup lies on the center's own disk and would be lost with it, so tablets go on keeping what they sent. "
            "If the folder is in truth on another machine, add --elsewhere.",
            file=sys.stderr,
        )


def _tell(found: Any) -> None:
    manifest = found.manifest
    line = {
        "backup": str(found.folder), "at": manifest.at, "rows": sum(manifest.rows.values()),
        "applications": manifest.rows.get("application", 0), "cards": manifest.rows.get("card", 0),
        "files": sum(manifest.files.values()), "copied": found.fresh, "bytes": manifest.size, "whole": True,
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))


def _refuse(zh: str, en: str) -> int:
    print(f"{zh}\n{en}", file=sys.stderr)
    return 1
