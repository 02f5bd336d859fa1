"""`honorcard verify`, `samples`, `card`: the card on the command line, JSON lines out.

A problem of the catalogue is a line `{"error": code, …}`, its sentence on standard error, and exit status 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands import described, print_each, print_json
from honorcard import jurisdiction
from honorcard.card.pack import Pack
from honorcard.card.sheet import PAPERS, CardFace, render
from honorcard.card.token import TAIPEI
from honorcard.card.trust import Trust
from honorcard.card.verdict import STALE_DAYS, Interval, decide
from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Declare the three commands."""
    _add_verify(subparsers.add_parser("verify", help="judge cards in pictures, or the text of one, with no line"))
    samples = subparsers.add_parser("samples", help="write a card for every answer of the gate, with fresh keys")
    samples.add_argument("directory", metavar="DIR", type=Path)
    samples.add_argument("--at", type=described.moment, help="the moment the samples are made for (default: now)")
    samples.set_defaults(run=described.guarded(_samples))
    _add_card(subparsers.add_parser("card", help="make the sheet of cards described in JSON"))


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", required=True, type=Path, metavar="DIR")
    parser.add_argument("--trust", required=True, type=Path, metavar="FILE")
    parser.add_argument("--at", type=described.moment, metavar="ISO-TIME", help="taken as the true time (default: now)")
    parser.add_argument("--stale-days", type=int, default=STALE_DAYS, help="a list older than this is amber")
    parser.add_argument("--text", metavar="T", help="the text of a code instead of pictures")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.set_defaults(run=described.guarded(_verify))


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="JSON: one card, or a list of them (default: stdin)")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.pdf")
    parser.add_argument(
        "--paper", choices=PAPERS, default="folded",
        help="folded: the sheet of 9 by 12 cm with marks; card: a page of just that; two-pages: front and back, for card "
        "printers; a4, a4-four: one or up to four on A4, with marks",
    )  # fmt: skip
    parser.add_argument("--turn-back", action="store_true", help="the back upside down, for folding the other way")
    parser.add_argument("--jurisdiction", default="taipei")
    parser.add_argument("--created", type=described.moment, help="the date written into the file (default: now)")
    parser.set_defaults(run=described.guarded(_card))


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

    def shown(name: str, texts: list[str]) -> dict[str, Any]:
        """Where a picture shows several codes, the card's is the one that is a card at all."""
        answers = [answer(name, text) for text in texts]
        cards = [found for found in answers if found["code"] != "not_a_card"]
        return (cards or answers or [{"file": name, "error": "no_code"}])[0]

    return print_each(args.files, _codes_in, shown)


def _codes_in(name: str) -> list[str]:
    from scanner import files, qr  # OpenCV takes a while to load, and --text needs none of it

    return qr.decode(files.pixels(Path(name).read_bytes(), min_side=1))


# --- samples ---


def _samples(args: argparse.Namespace) -> int:
    from honorcard.card.samples import write_samples

    for answer in write_samples(args.directory, at=args.at or datetime.now(UTC)):
        print_json(answer)
    return 0


# --- card ---


def _card(args: argparse.Namespace) -> int:
    here = Path(args.file).parent if args.file else Path()
    told = json.loads(Path(args.file).read_bytes() if args.file else sys.stdin.buffer.read())
    cards = told if isinstance(told, list) else [told]
    if not cards:
        raise ProblemError("card_data", field="[]")
    created = args.created or datetime.now(TAIPEI)
    rules = jurisdiction.in_force(args.jurisdiction, created.astimezone(TAIPEI).date())
    faces = [_face(card, here) for card in cards]
    pdf = render(faces, rules, created=created, paper=args.paper, turn_back=args.turn_back or None)
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
        name=described.text(card, "name"),
        number=described.text(card, "number"),
        valid_until=described.day(card, "valid_until"),
        birth_date=described.day(card, "birth_date"),
        identity_number=described.text(card, "identity_number"),
        photo=described.photo(card, here),
        qr_text=described.text(card, "qr_text"),
        practice=practice,
    )
