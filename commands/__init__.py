"""The parts of the `honorcard` command, one module a group; each offers `add(subparsers)` to cli.py."""

from __future__ import annotations

import json
import sys
from typing import Any


def print_json(row: dict[str, Any]) -> None:
    """Prints one JSON object on one line, in Chinese where the terminal can show it, else in ASCII escapes."""
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):  # a terminal without Chinese, or half a surrogate pair in what was given
        line = json.dumps(row, allow_nan=False)
    print(line)
