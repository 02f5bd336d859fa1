"""`honorcard keys`: the issuer's keys made, listed, rotated, closed and withdrawn; the root kept apart.

A table for people; JSON lines where the output is no terminal, or with `--json`. A problem of the catalogue is a line
`{"error": code, …}`, its sentence on standard error, and exit status 1.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import described, print_json
from honorcard.card import key_dates
from honorcard.card.keyring import KeyRing
from honorcard.card.token import DEFAULT_PREFIX, SEQ_FIRST, SEQ_LIMIT, TAIPEI
from honorcard.card.trust import KEY_USES, KeyUse, Trust, TrustedKey

USES: dict[KeyUse, str] = {
    "card": "製卡 card",
    "pack": "名單 pack",
    "practice": "練習 practice",
    "sealing": "封存 sealing",
}
STATES = {
    "in_use": "使用中 in use",
    "next": "下一把 next",
    "closed": "已結束 closed",
    "withdrawn": "已撤銷 withdrawn",
}


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("keys", help="make, list, rotate and withdraw the issuer's keys")
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="a fresh root and one key for each use")
    create.add_argument("--prefix", default=DEFAULT_PREFIX, help="the address every card begins with")
    create.add_argument("--first-seq", type=int, default=SEQ_FIRST)
    create.set_defaults(run=described.guarded(_create))

    listing = actions.add_parser("list", help="the keys, what they are for, and what is due")
    listing.set_defaults(run=described.guarded(_list))

    rotate = actions.add_parser("rotate", help="publish the next key of a use; it begins 90 days later")
    rotate.add_argument("--use", choices=KEY_USES, required=True)
    rotate.add_argument(
        "--starts", type=described.moment, help="first use (default: in 90 days, or when the present one ends)"
    )
    rotate.add_argument(
        "--now", action="store_true", help="begin at once: tablets without the new list refuse it until they sync"
    )
    rotate.add_argument(
        "--first-seq",
        type=int,
        help="a card key that begins at once: its first number; ranges before end there",
    )
    rotate.set_defaults(run=described.guarded(_rotate))

    close = actions.add_parser("close", help="the ordinary end: it signs no more, what it signed stays good")
    close.add_argument("--last-seq", type=int, help="a card key: the last issue number it signed")
    close.set_defaults(run=described.guarded(_close))

    withdraw = actions.add_parser("withdraw", help="a leaked key: cards it signed need the list's word from now on")
    withdraw.add_argument(
        "--emergency", action="store_true", help="with another key that begins at once, in the same list"
    )
    withdraw.set_defaults(run=described.guarded(_withdraw))
    for one in (close, withdraw):
        one.add_argument("--kid", type=int, required=True)

    resign = actions.add_parser("resign", help="sign the same keys again, as a newer list")
    resign.add_argument("--above", type=int, default=0, help="a version that tablets have seen already")
    resign.set_defaults(run=described.guarded(_resign))

    root = actions.add_parser("root", help="move the root key to another folder, off this machine")
    root.add_argument("--to", type=Path, required=True, metavar="DIR")
    root.add_argument("--new-passphrase-file", type=Path, help="what the moved file is locked with")
    root.set_defaults(run=described.guarded(_move_root))

    for action in (create, listing, rotate, close, withdraw, resign, root):
        action.add_argument("directory", metavar="DIR", type=Path, help="of a center: keys/issuer in its data folder")
        action.add_argument("--at", type=described.moment, help="default: now")
        action.add_argument(
            "--root", dest="root_dir", type=Path, metavar="DIR", help="where root.pem is kept (default: DIR)"
        )
        action.add_argument("--passphrase-file", type=Path, help="what the root's file is locked with")
        action.add_argument(
            "--json", action="store_true", help="one JSON object a line, as when the output is no terminal"
        )


def _create(args: argparse.Namespace) -> int:
    ring = KeyRing.create(
        args.directory, at=_at(args), prefix=args.prefix, first_seq=args.first_seq,
        passphrase=_passphrase(args.passphrase_file), root_dir=args.root_dir,
    )  # fmt: skip
    _print(args, ring, ring.trust.keys)
    if args.root_dir is None:
        _say(
            "根金鑰也在這個資料夾。請用 honorcard keys root 移到離線的地方，由兩個人各存一份。",
            "The root key lies here too. Move it offline with honorcard keys root; two people keep a copy each.",
        )
    return 0


def _list(args: argparse.Namespace) -> int:
    ring = _ring(args)
    _print(args, ring, ring.trust.keys)
    for due in key_dates.due(ring.trust, _at(args)):
        _say(*_what_is_due(due))
    return 0


def _rotate(args: argparse.Namespace) -> int:
    if args.first_seq is not None and args.use != "card":
        _say("只有製卡金鑰才要 --first-seq。", "Only a card key takes --first-seq.")
        return 2
    ring, at = _ring(args), _at(args)
    now = key_dates.in_use(ring.trust, args.use, at)
    # a range that ends now leaves numbers which nobody else may sign: the key that may begins at once then
    at_once = args.now or args.first_seq is not None or now is None
    starts = args.starts or (at if at_once or now is None else max(at + key_dates.AHEAD, key_dates.ends(now)))
    _print(args, ring, [ring.rotate(args.use, at=at, starts=starts, first_seq=args.first_seq)])
    return 0


def _close(args: argparse.Namespace) -> int:
    ring = _ring(args)
    key = ring.trust.key(args.kid)
    if key is not None and key.use == "card" and args.last_seq is None:
        _say(
            "製卡金鑰要 --last-seq：它簽過的最後一個發卡編號。",
            "A card key needs --last-seq: the last issue number it signed.",
        )
        return 2
    _print(args, ring, [ring.close(args.kid, at=_at(args), last_seq=args.last_seq)])
    return 0


def _withdraw(args: argparse.Namespace) -> int:
    ring = _ring(args)
    before = {key.kid for key in ring.trust.keys}
    gone = ring.withdraw(args.kid, at=_at(args), replaced=args.emergency)
    _print(args, ring, [gone, *(key for key in ring.trust.keys if key.kid not in before)])
    if gone.use == "card":
        _say(
            "名單上的卡照常有效，不必重印；名單以外、這把金鑰簽的卡都無效。平板下次連線就知道。",
            "Cards on the list stay good and need no reprint; any other card this key signed is refused. Tablets hear of it "
            "with their next list.",
        )
    return 0


def _resign(args: argparse.Namespace) -> int:
    ring = _ring(args)
    ring.sign_again(at=_at(args), above=args.above)
    _print(args, ring, ring.trust.keys)
    return 0


def _move_root(args: argparse.Namespace) -> int:
    ring = _ring(args)
    ring.move_root(args.to, _passphrase(args.new_passphrase_file))
    _say(
        f"根金鑰已移到 {args.to}。請再存一份到別處，由另一個人保管；輪替時用 --root 帶回來。",
        f"The root key is in {args.to} now. Keep a second copy with another person; bring it back with --root to rotate.",
    )
    return 0


def _ring(args: argparse.Namespace) -> KeyRing:
    return KeyRing.open(args.directory, _passphrase(args.passphrase_file), args.root_dir)


def _at(args: argparse.Namespace) -> datetime:
    moment: datetime = args.at or datetime.now(UTC)
    return moment


def _passphrase(file: Path | None) -> bytes | None:
    return file.read_bytes().strip() if file else None


def _print(args: argparse.Namespace, ring: KeyRing, keys: Iterable[TrustedKey]) -> None:
    """The keys as the ring's list has them now: a table on a terminal, else JSON lines."""
    at, trust = _at(args), ring.trust
    if args.json or not sys.stdout.isatty():
        for key in keys:
            print_json(
                {
                    "kid": key.kid, "use": key.use, "seq_min": key.seq_min, "seq_max": key.seq_max,
                    "not_before": key.not_before.isoformat(), "not_after": key.not_after.isoformat(),
                    "withdrawn": key.withdrawn, "state": state(trust, key, at), "list_version": trust.version,
                }
            )  # fmt: skip
        return
    print(f"金鑰清單第 {trust.version} 版 · key list version {trust.version} · {trust.prefix}")
    print(table(trust, keys, at))


def table(trust: Trust, keys: Iterable[TrustedKey], at: datetime) -> str:
    """The keys as columns: number, use, first day, change due, issue numbers, state."""
    rows = [("kid", "用途 use", "開始 from", "該換 change by", "發卡編號 issue numbers", "狀態 state")]
    for key in keys:
        numbers = "" if key.use != "card" else f"{key.seq_min}–{'' if key.seq_max == SEQ_LIMIT else key.seq_max}"
        rows.append(
            (
                str(key.kid),
                USES[key.use],
                _day(key.not_before),
                _day(key_dates.ends(key)),
                numbers,
                STATES[state(trust, key, at)],
            )
        )
    widths = [max(map(_wide, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell + " " * (width - _wide(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def state(trust: Trust, key: TrustedKey, at: datetime) -> str:
    """`withdrawn`, `next` (published, not begun), `in_use`, or `closed`: nothing new is signed by it."""
    if key.withdrawn:
        return "withdrawn"
    if key.not_before > at:
        return "next"
    now = key_dates.in_use(trust, key.use, at)
    return "in_use" if now is not None and now.kid == key.kid else "closed"


def _what_is_due(due: key_dates.DueKey) -> tuple[str, str]:
    use, day = USES[due.use], _day(due.by)
    if due.what == "publish":
        return (
            f"{use} 金鑰 {due.kid} 的下一把，{day} 以前要公布：honorcard keys rotate --use {due.use}",
            f"The key after {use} {due.kid} is to be published by {day}: honorcard keys rotate --use {due.use}",
        )
    if due.what == "close":
        return (
            f"製卡金鑰 {due.kid} 已有下一把在用：honorcard keys close --kid {due.kid} --last-seq 它簽過的最後一個編號",
            f"Card key {due.kid} was followed by another: honorcard keys close --kid {due.kid} --last-seq the last it signed",
        )
    return (
        f"{use} 金鑰已經過期：honorcard keys rotate --use {due.use}",
        f"The {use} key is past its time: honorcard keys rotate --use {due.use}",
    )


def _day(moment: datetime) -> str:
    return moment.astimezone(TAIPEI).date().isoformat()


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _say(zh: str, en: str) -> None:
    print(f"{zh}\n{en}", file=sys.stderr)
