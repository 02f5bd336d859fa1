"""Cards described as JSON, and troubles told as a line: what the commands about cards share."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from commands import print_json
from honorcard.card.token import TAIPEI
from honorcard.problems import ProblemError

Handler = Callable[[argparse.Namespace], int]


def text(fields: dict[str, Any], name: str) -> str:
    """The text of that name. ProblemError `card_data` with the field, here and below, for anything else."""
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ProblemError("card_data", field=name)
    return value


def day(fields: dict[str, Any], name: str) -> date:
    """The ISO date of that name."""
    try:
        return date.fromisoformat(text(fields, name))
    except ValueError:
        raise ProblemError("card_data", field=name) from None


def integer(fields: dict[str, Any], name: str) -> int:
    """The whole number of that name."""
    value = fields.get(name)
    if type(value) is not int:
        raise ProblemError("card_data", field=name)
    return value


def photo(fields: dict[str, Any], here: Path) -> bytes:
    """`photo` is a file, beside the JSON when its path is relative; `photo_base64` the bytes themselves."""
    try:
        if "photo_base64" in fields:
            return base64.b64decode(text(fields, "photo_base64"), validate=True)
        return (here / text(fields, "photo")).read_bytes()
    except (OSError, ValueError):
        raise ProblemError("card_data", field="photo") from None


def guarded(handler: Handler) -> Handler:
    """The handler, with a problem told as a line `{"error": code, …}`, its sentence on standard error, and status 1."""

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


def moment(text: str) -> datetime:
    """An ISO time; without an offset it is Taipei's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO time: {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=TAIPEI)
