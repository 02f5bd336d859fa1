"""`honorcard check`, `honorcard id` and `honorcard date`: the rules from the command line, one JSON object a line.

The contract is in docs (the command line); scripts outside the project use it. What is not here: the rules (honorcard).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import BinaryIO

from commands import print_json
from honorcard import identity, roc
from honorcard.check_lines import judge_line
from honorcard.jurisdiction import DEFAULT, codes, in_force
from honorcard.problems import ProblemError

PASSPORT_MARK = "PASSPORT:"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers `check`, `id` and `date`."""
    check = subparsers.add_parser("check", help="judge applications: JSON lines in, one verdict a line out")
    check.add_argument("file", nargs="?", default="-", metavar="FILE", help="JSON lines; else standard input")
    check.add_argument("--jurisdiction", default=DEFAULT, metavar="CODE", help=f"whose rules: {', '.join(codes())}")
    check.set_defaults(run=run_check)
    number = subparsers.add_parser("id", help="check identity numbers: kind and check digit")
    number.add_argument("numbers", nargs="+", metavar="NUMBER", help="a number, or passport:NUMBER")
    number.set_defaults(run=run_id)
    day = subparsers.add_parser("date", help="read ROC and Gregorian dates")
    day.add_argument("texts", nargs="+", metavar="TEXT", help="a date; after -- when it begins with -")
    day.set_defaults(run=run_date)


def run_check(args: argparse.Namespace) -> int:
    """Prints one verdict a line, in order. 1 when any line was an error, else 0.

    2, and nothing judged, when the file cannot be read or nobody knows the jurisdiction.
    """
    try:
        in_force(args.jurisdiction, date.max)
    except ProblemError as error:
        print(f"honorcard check: {error.sentence('en')}", file=sys.stderr)
        return 2
    with ExitStack() as stack:
        try:
            stream: BinaryIO = sys.stdin.buffer if args.file == "-" else stack.enter_context(Path(args.file).open("rb"))
        except OSError as error:
            print(f"honorcard check: {args.file}: {error.strerror}", file=sys.stderr)
            return 2
        return _judge(stream, args.jurisdiction)


def _judge(stream: BinaryIO, jurisdiction: str) -> int:
    """Answers as the lines arrive, so that a script can ask one at a time."""
    errors = False
    for line in stream:
        answer = judge_line(line.rstrip(b"\r\n"), jurisdiction)
        errors = errors or answer["outcome"] == "error"
        print_json(answer)
        sys.stdout.flush()
    return 1 if errors else 0


def run_id(args: argparse.Namespace) -> int:
    """Prints number (normalised), kind, valid and problem of each number. A wrong number is an answer, not an error."""
    for text in args.numbers:
        # Normalised first: a passport: typed in full width is one too.
        number = identity.normalise(text)
        if number.startswith(PASSPORT_MARK):
            reading = identity.read(number.removeprefix(PASSPORT_MARK), passport=True)
        else:
            reading = identity.read(text)
        print_json({"number": reading.number, "kind": reading.kind, "valid": reading.valid, "problem": reading.problem})
    return 0


def run_date(args: argparse.Namespace) -> int:
    """Prints text, iso, roc, problem and note of each date; roc is null before 1912, where no ROC year exists."""
    for text in args.texts:
        reading = roc.read(text)
        has_roc_year = reading.date is not None and reading.date.year > roc.ROC_OFFSET
        print_json(
            {
                "text": text,
                "iso": reading.date.isoformat() if reading.date else None,
                "roc": roc.dotted(reading.date) if reading.date and has_roc_year else None,
                "problem": reading.problem,
                "note": reading.note,
            }
        )
    return 0
