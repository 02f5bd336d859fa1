"""`honorcard pack`: the verification pack on the command line, JSON lines out. `honorcard keys` is added here as well.

A problem of the catalogue is a line `{"error": code, …}`, its sentence on standard error, and exit status 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import described, keys, print_json
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import CAP_FLOOR, LiveCard, Pack, build
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Declare both commands."""
    keys.add(subparsers)
    _add_pack(subparsers.add_parser("pack", help="build and check the sealed list of cards"))


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
            **({"photos_missing": pack.damaged_photos()} if said.photo_layers else {}),
        }
    )
    return 1 if damaged else 0  # photos of another county need not be here
