"""`honorcard verify`, `samples`, `card`, `keys`, `pack`: the card on the command line, JSON lines out.

A problem of the catalogue is a line `{"error": code, …}`, its sentence on standard error, and exit status 1.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from commands import print_json
from honorcard import jurisdiction
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import CAP_FLOOR, LiveCard, Pack, build
from honorcard.card.sheet import CardFace, render
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import DEFAULT_PREFIX, SEQ_FIRST, TAIPEI
from honorcard.card.trust import KEY_USES, Trust, TrustedKey
from honorcard.card.verdict import STALE_DAYS, Interval, decide
from honorcard.problems import ProblemError

Handler = Callable[[argparse.Namespace], int]


def add(subparsers: Any) -> None:
    """Declare the five commands."""
    _add_verify(subparsers.add_parser("verify", help="judge cards in pictures, or the text of one, with no line"))
    samples = subparsers.add_parser("samples", help="write a card for every answer of the gate, with fresh keys")
    samples.add_argument("directory", metavar="DIR", type=Path)
    samples.add_argument("--at", type=_moment, help="the moment the samples are made for (default: now)")
    samples.set_defaults(run=_guarded(_samples))
    _add_card(subparsers.add_parser("card", help="make the sheet of cards described in JSON"))
    _add_keys(subparsers.add_parser("keys", help="make, list, rotate and withdraw the issuer's keys"))
    _add_pack(subparsers.add_parser("pack", help="build and check the sealed list of cards"))


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", required=True, type=Path, metavar="DIR")
    parser.add_argument("--trust", required=True, type=Path, metavar="FILE")
    parser.add_argument("--at", type=_moment, metavar="ISO-TIME", help="taken as the true time (default: now)")
    parser.add_argument("--stale-days", type=int, default=STALE_DAYS, help="a list older than this is amber")
    parser.add_argument("--text", metavar="T", help="the text of a code instead of pictures")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.set_defaults(run=_guarded(_verify))


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="JSON: one card, or a list of them (default: stdin)")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.pdf")
    parser.add_argument("--paper", choices=["a4", "a4-four", "card"], default="a4")
    parser.add_argument("--turn-back", action="store_true", help="turn the back for folding like a book")
    parser.add_argument("--jurisdiction", default="taipei")
    parser.add_argument("--created", type=_moment, help="the date written into the file (default: now)")
    parser.set_defaults(run=_guarded(_card))


def _add_keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="a fresh root and one key for each use")
    create.add_argument("--prefix", default=DEFAULT_PREFIX, help="the address every card begins with")
    create.add_argument("--first-seq", type=int, default=SEQ_FIRST)
    create.set_defaults(run=_guarded(_keys_create))
    listing = actions.add_parser("list", help="the keys and what they are for")
    listing.set_defaults(run=_guarded(_keys_list))
    rotate = actions.add_parser("rotate", help="add a key; the card key before it ends at the issue number given")
    rotate.add_argument("--use", choices=KEY_USES, required=True)
    rotate.add_argument("--first-seq", type=int, help="for a card key: the first issue number it signs")
    rotate.add_argument("--starts", type=_moment, help="first use; publish 90 days ahead (default: now)")
    rotate.set_defaults(run=_guarded(_keys_rotate))
    withdraw = actions.add_parser("withdraw", help="a leaked key: cards it signed need the list's word from now on")
    withdraw.add_argument("--kid", type=int, required=True)
    withdraw.set_defaults(run=_guarded(_keys_withdraw))
    for action in (create, listing, rotate, withdraw):
        action.add_argument("directory", metavar="DIR", type=Path)
        action.add_argument("--at", type=_moment, help="default: now")
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
    building.add_argument("--as-of", type=_moment, help="default: now")
    building.set_defaults(run=_guarded(_pack_build))
    checking = actions.add_parser("check", help="verify a pack's signature and every bucket")
    checking.add_argument("directory", metavar="DIR", type=Path)
    checking.add_argument("--trust", required=True, type=Path, metavar="FILE")
    checking.add_argument("--high-water", type=int, default=0, help="the highest version used before")
    checking.set_defaults(run=_guarded(_pack_check))


# --- verify ---


def _verify(args: argparse.Namespace) -> int:
    if (args.text is None) == (not args.files):
        print("honorcard verify: give --text or picture files", file=sys.stderr)
        return 2
    trust = Trust.load(args.trust)
    pack = Pack.open(args.pack, trust)
    trust = trust.newest(pack.manifest.key_list)
    interval = Interval.at(args.at or datetime.now(UTC))

    def answer(file: str | None, text: str) -> dict[str, Any]:
        got = decide(text, trust, pack, interval, stale_days=args.stale_days)
        return {
            "file": file,
            "verdict": got.verdict,
            "code": got.code,
            "name": got.name,
            "valid_until": got.valid_until.isoformat() if got.valid_until else None,
            "photo": got.photo is not None,
        }

    if args.text is not None:
        print_json(answer(None, args.text))
        return 0
    status = 0
    for name in args.files:
        try:
            texts = _codes_in(Path(name))
        except ProblemError as trouble:
            line: dict[str, Any] = {"file": name, "error": trouble.code}
        except FileNotFoundError:
            line = {"file": name, "error": "no_such_file"}
        except (OSError, ValueError):  # a folder, no permission, a name with a zero byte
            line = {"file": name, "error": "unreadable_file"}
        else:
            # Where a picture shows several codes, the card's is the one that is a card at all.
            answers = [answer(name, text) for text in texts]
            cards = [found for found in answers if found["code"] != "not_a_card"]
            line = (cards or answers or [{"file": name, "error": "no_code"}])[0]
        status = max(status, int("error" in line))
        print_json(line)
    return status


def _codes_in(path: Path) -> list[str]:
    from scanner import files, qr  # OpenCV takes a while to load, and --text needs none of it

    return qr.decode(files.pixels(path.read_bytes(), min_side=1))


# --- samples ---


def _samples(args: argparse.Namespace) -> int:
    from honorcard.card.samples import write_samples

    for answer in write_samples(args.directory, at=args.at or datetime.now(UTC)):
        print_json(answer)
    return 0


# --- card ---


def _card(args: argparse.Namespace) -> int:
    here = Path(args.file).parent if args.file else Path()
    described = json.loads(Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read())
    cards = described if isinstance(described, list) else [described]
    if not cards:
        raise ProblemError("card_data", field="[]")
    created = args.created or datetime.now(TAIPEI)
    rules = jurisdiction.in_force(args.jurisdiction, created.astimezone(TAIPEI).date())
    faces = [_face(card, here) for card in cards]
    pdf = render(faces, rules, created=created, paper=args.paper, turn_back=args.turn_back)
    args.out.write_bytes(pdf)
    print_json({"file": str(args.out), "cards": len(faces), "bytes": len(pdf)})
    return 0


def _face(card: Any, here: Path) -> CardFace:
    if not isinstance(card, dict):
        raise ProblemError("card_data", field="{}")
    practice = card.get("practice", False)
    if type(practice) is not bool:
        raise ProblemError("card_data", field="practice")
    return CardFace(
        name=_text(card, "name"),
        number=_text(card, "number"),
        valid_until=_date(card, "valid_until"),
        birth_date=_date(card, "birth_date"),
        identity_number=_text(card, "identity_number"),
        photo=_photo(card, here),
        qr_text=_text(card, "qr_text"),
        practice=practice,
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ProblemError("card_data", field=name)
    return value


def _date(fields: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(fields, name))
    except ValueError:
        raise ProblemError("card_data", field=name) from None


def _integer(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if type(value) is not int:
        raise ProblemError("card_data", field=name)
    return value


def _photo(fields: dict[str, Any], here: Path) -> bytes:
    """`photo` is a file, beside the JSON when its path is relative; `photo_base64` the bytes themselves."""
    try:
        if "photo_base64" in fields:
            return base64.b64decode(_text(fields, "photo_base64"), validate=True)
        return (here / _text(fields, "photo")).read_bytes()
    except (OSError, ValueError):
        raise ProblemError("card_data", field="photo") from None


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
        secret = bytes.fromhex(_text(card, "secret"))
    except ValueError:
        raise ProblemError("card_data", field="secret") from None
    if len(secret) != 16:
        raise ProblemError("card_data", field="secret")
    has_photo = "photo" in card or "photo_base64" in card
    photo = thumbnail_webp(_photo(card, here)) if has_photo else b""
    return LiveCard(_integer(card, "seq"), secret, _text(card, "name"), _date(card, "valid_until"), status, photo)


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


# --- shared ---


def _guarded(handler: Handler) -> Handler:
    def run(args: argparse.Namespace) -> int:
        try:
            return handler(args)
        except ProblemError as trouble:
            print_json({"error": trouble.code, **trouble.details})
            print(trouble.sentence("zh"), file=sys.stderr)
        except json.JSONDecodeError:
            print_json({"error": "card_data", "field": "JSON"})
        except OSError as trouble:
            print_json({"error": "unreadable_file", "file": str(trouble.filename or "")})
        return 1

    return run


def _moment(text: str) -> datetime:
    """An ISO time; without an offset it is Taipei's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO time: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=TAIPEI)
