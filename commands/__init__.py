"""The parts of the `honorcard` command, one module a group; each offers `add(subparsers)` to cli.py."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from honorcard.problems import ProblemError

Content = TypeVar("Content")


def print_json(row: dict[str, Any]) -> None:
    """Prints one JSON object on one line, in Chinese where the terminal can show it, else in ASCII escapes."""
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):  # a terminal without Chinese, or half a surrogate pair in what was given
        line = json.dumps(row, allow_nan=False)
    print(line)


def print_each(
    files: Iterable[str], read: Callable[[str], Content], look: Callable[[str, Content], dict[str, Any]]
) -> int:
    """Prints what `look` answers about what `read` gave, one line a file in order; 1 when any has an `error`.

    A file that cannot be read is told as `{"file", "error"}`, and the others are still done.
    """
    status = 0
    for name in files:
        try:
            content = read(name)
        except ProblemError as trouble:
            answer: dict[str, Any] = {"file": name, "error": trouble.code}
        except FileNotFoundError:
            answer = {"file": name, "error": "no_such_file"}
        except (OSError, ValueError):  # a folder, no permission, a name with a zero byte
            answer = {"file": name, "error": "unreadable_file"}
        else:
            answer = look(name, content)
        status = max(status, int("error" in answer))
        print_json(answer)
    return status
