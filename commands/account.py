"""`honorcard account`: the people who sign in at a center. The first administrator of a new center is made here."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from commands.serve import PRIVATE

ROLES = ("unit_officer", "first_reviewer", "second_reviewer", "administrator", "auditor", "venue")
PASSWORD_BYTES = 12


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser("account", help="the people who sign in at a center")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    new = verbs.add_parser("add", help="a new account; its password is made here and shown once")
    new.add_argument("name", help="what the person signs in with")
    new.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    new.add_argument("--role", choices=ROLES, required=True)
    new.add_argument("--person", default="", help="the name shown on screen")
    new.add_argument("--unit", help="code of the utilisation unit (for a unit officer)")
    new.set_defaults(run=add_account)

    reset = verbs.add_parser("factor-reset", help="take an account's second factor away; its owner sets up another")
    reset.add_argument("name", help="what the person signs in with")
    reset.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    reset.set_defaults(run=reset_factor)

    listing = verbs.add_parser("list", help="all accounts, one JSON object a line")
    listing.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    listing.set_defaults(run=show)


def add_account(arguments: argparse.Namespace) -> int:
    """Adds the account and prints its password; exit status 1 when the name is taken or the unit unknown."""
    from center.settings import load, save
    from center.store import Store, accounts

    os.umask(PRIVATE)
    settings = load(arguments.dir)
    if not arguments.dir.exists():
        save(settings)
    store = Store(settings.url)
    store.create()
    name = accounts.sign_in_name(arguments.name)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with store.write() as conn:
        if accounts.name_is_taken(conn, name):
            return _refuse(
                f"帳號 {name} 已經有人用了，請換一個。", f"The account {name} exists already. Choose another name."
            )
        unit_id = None
        if arguments.role == "unit_officer":
            unit_id = next((unit.unit_id for unit in accounts.units(conn) if unit.code == arguments.unit), None)
            if unit_id is None:
                return _refuse(
                    "承辦人要屬於一個運用單位，請用 --unit 指定單位代碼。",
                    "A unit officer belongs to a unit. Name its code with --unit.",
                )
        accounts.add(conn, name, arguments.person or name, arguments.role, unit_id, password)
    print(json.dumps({"name": name, "role": arguments.role, "password": password}, ensure_ascii=False))
    return 0


def reset_factor(arguments: argparse.Namespace) -> int:
    """For the administrator whom no other can help: takes the factor away and ends the sessions; it is written down."""
    from center.settings import load
    from center.store import Store, account_log, accounts, factors, sessions

    store = Store(load(arguments.dir).url)
    store.create()
    at_ms = int(time.time() * 1000)
    with store.write() as conn:
        found = accounts.with_name(conn, arguments.name)
        if found is None or not factors.remove(conn, found.account_id):
            return _refuse(
                f"帳號 {arguments.name} 沒有驗證碼可以取消。",
                f"The account {arguments.name} has no second factor to reset.",
            )
        sessions.end(conn, found.account_id, "changed", at_ms)
        account_log.note(conn, found.account_id, actor="", what="factor_reset", now_ms=at_ms)
    print(json.dumps({"name": found.name, "factor": "reset"}, ensure_ascii=False))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Prints the accounts, without passwords."""
    from center.settings import load
    from center.store import Store, accounts

    store = Store(load(arguments.dir).url)
    store.create()
    with store.read() as conn:
        for account in accounts.everyone(conn):
            print(
                json.dumps({"name": account.name, "role": account.role, "active": account.active}, ensure_ascii=False)
            )
    return 0


def _refuse(chinese: str, english: str) -> int:
    print(f"{chinese}\n{english}", file=sys.stderr)
    return 1
