"""`honorcard keys`, `pack`: the issuer's keys and the verification pack on the command line, JSON lines out.

A problem of the catalogue is a line `{"error": code, …}`, its sentence on standard error, and exit status 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import described, print_json
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import CAP_FLOOR, LiveCard, Pack, build
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import DEFAULT_PREFIX, SEQ_FIRST
from honorcard.card.trust import KEY_USES, Trust, TrustedKey
from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Declare both commands."""
    _add_keys(subparsers.add_parser("keys", help="make, list, rotate and withdraw the issuer's keys"))
    _add_pack(subparsers.add_parser("pack", help="build and check the sealed list of cards"))


def _add_keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="a fresh root and one key for each use")
    create.add_argument("--prefix", default=DEFAULT_PREFIX, help="the address every card begins with")
    create.add_argument("--first-seq", type=int, default=SEQ_FIRST)
    create.set_defaults(run=described.guarded(_keys_create))
    listing = actions.add_parser("list", help="the keys and what they are for")
    listing.set_defaults(run=described.guarded(_keys_list))
    rotate = actions.add_parser("rotate", help="add a key; the card key before it ends at the issue number given")
    rotate.add_argument("--use", choices=KEY_USES, required=True)
    rotate.add_argument("--first-seq", type=int, help="for a card key: the first issue number it signs")
    rotate.add_argument("--starts", type=described.moment, help="first use; publish 90 days ahead (default: now)")
    rotate.set_defaults(run=described.guarded(_keys_rotate))
    withdraw = actions.add_parser("withdraw", help="a leaked key: cards it signed need the list's word from now on")
    withdraw.add_argument("--kid", type=int, required=True)
    withdraw.set_defaults(run=described.guarded(_keys_withdraw))
    for action in (create, listing, rotate, withdraw):
        action.add_argument("directory", metavar="DIR", type=Path)
        action.add_argument("--at", type=described.moment, help="default: now")
        action.add_argument("--passphrase-file", type=Path, help="what the root's file is locked with")


def _add_pack(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    building = actions.add_parser("build", help="write a pack of the cards in a JSON Lines file")
    building.add_argument("directory", metavar="DIR", type=Path)
    building.add_argument("--keys", required=True, type=Path, metavar="DIR")
    building.add_argument("--cards", required=True, metavar="FILE", help="JSON Lines; - for standard input")
    building.add_argument("--version", required=True, type=int)
    building.add_argument("--max-seq", required=True, type=int, help="highest issue number of the same snapshot")
    building.add_argument("--cap", type=int, default=CAP_FLOOR)
    building.add_argument("--as-of", type=described.moment, help="default: now")
    building.set_defaults(run=described.guarded(_pack_build))
    checking = actions.add_parser("check", help="verify a pack's signature and every bucket")
    checking.add_argument("directory", metavar="DIR", type=Path)
    checking.add_argument("--trust", required=True, type=Path, metavar="FILE")
    checking.add_argument("--high-water", type=int, default=0, help="the highest version used before")
    checking.set_defaults(run=described.guarded(_pack_check))


# --- keys ---


def _keys_create(args: argparse.Namespace) -> int:
    ring = KeyRing.create(
        args.directory,
        at=args.at or datetime.now(UTC),
        prefix=args.prefix,
        first_seq=args.first_seq,
        passphrase=_passphrase(args),
    )
    _print_keys(ring.trust.keys)
    return 0


def _keys_list(args: argparse.Namespace) -> int:
    _print_keys(KeyRing.open(args.directory).trust.keys)
    return 0


def _keys_rotate(args: argparse.Namespace) -> int:
    if args.use == "card" and args.first_seq is None:
        print("honorcard keys rotate: a card key needs --first-seq", file=sys.stderr)
        return 2
    ring = KeyRing.open(args.directory, _passphrase(args))
    at = args.at or datetime.now(UTC)
    _print_keys([ring.rotate(args.use, at=at, starts=args.starts, first_seq=args.first_seq)])
    return 0


def _keys_withdraw(args: argparse.Namespace) -> int:
    ring = KeyRing.open(args.directory, _passphrase(args))
    _print_keys([ring.withdraw(args.kid, at=args.at or datetime.now(UTC))])
    return 0


def _print_keys(keys: Iterable[TrustedKey]) -> None:
    for key in keys:
        print_json(
            {
                "kid": key.kid,
                "use": key.use,
                "seq_min": key.seq_min,
                "seq_max": key.seq_max,
                "not_before": key.not_before.isoformat(),
                "not_after": key.not_after.isoformat(),
                "withdrawn": key.withdrawn,
            }
        )


def _passphrase(args: argparse.Namespace) -> bytes | None:
    return args.passphrase_file.read_bytes().strip() if args.passphrase_file else None


# --- pack ---


def _pack_build(args: argparse.Namespace) -> int:
    ring = KeyRing.open(args.keys)
    as_of = args.as_of or datetime.now(UTC)
    lines = sys.stdin.buffer.read() if args.cards == "-" else Path(args.cards).read_bytes()
    here = Path() if args.cards == "-" else Path(args.cards).parent
    key = ring.current("pack", as_of)
    cards = [_live_card(json.loads(line), here) for line in lines.splitlines() if line.strip()]
    if any(card.seq > args.max_seq for card in cards):
        raise ProblemError("card_data", field="max_seq")
    if len({card.secret for card in cards}) != len(cards):
        raise ProblemError("card_data", field="secret")
    manifest = build(
        args.directory,
        cards,
        version=args.version,
        as_of=as_of,
        max_seq=args.max_seq,
        cap=args.cap,
        kid=key.kid,
        key=ring.p256(key.kid),
        trust=ring.trust,
    )
    print_json({"version": manifest.version, "records": manifest.count, "max_seq": manifest.max_seq})
    return 0


def _live_card(card: Any, here: Path) -> LiveCard:
    if not isinstance(card, dict):
        raise ProblemError("card_data", field="{}")
    status = card.get("status", "live")
    if status not in ("live", "suspended"):
        raise ProblemError("card_data", field="status")
    try:
        secret = bytes.fromhex(described.text(card, "secret"))
    except ValueError:
        raise ProblemError("card_data", field="secret") from None
    if len(secret) != 16:
        raise ProblemError("card_data", field="secret")
    has_photo = "photo" in card or "photo_base64" in card
    photo = thumbnail_webp(described.photo(card, here)) if has_photo else b""
    return LiveCard(
        described.integer(card, "seq"), secret, described.text(card, "name"), described.day(card, "valid_until"),
        status, photo,
    )  # fmt: skip


def _pack_check(args: argparse.Namespace) -> int:
    trust = Trust.load(args.trust)
    pack = Pack.open(args.directory, trust, high_water=args.high_water)
    damaged = pack.damaged_buckets()
    said = pack.manifest
    print_json(
        {
            "version": said.version,
            "as_of": said.as_of.isoformat(),
            "valid_until": said.valid_until.isoformat(),
            "max_seq": said.max_seq,
            "cap": said.cap,
            "records": said.count,
            "buckets": len(said.bucket_sha256),
            "damaged": damaged,
        }
    )
    return 1 if damaged else 0
