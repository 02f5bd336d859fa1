"""The filters of the queue as an address says them, so that a reviewer's choice stays while case follows case, and in a bookmark.

What is not here: what they let through (center.store.queue).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from center.store.queue import AGES, KINDS, Within, is_flag
from center.words import FLAGS

NAMES = ("unit", "district", "kind", "age", "flag")


def read(said: Mapping[str, str]) -> Within:
    """The filters of an address; what is no filter of ours is left out."""
    age = said.get("age", "")
    kind, flag = said.get("kind", ""), said.get("flag", "")
    return Within(
        unit=_printable(said.get("unit", ""))[:36],
        district=_printable(said.get("district", ""))[:40],
        kind=kind if kind in KINDS else "",
        age=int(age) if age in {str(days) for days in AGES} else 0,
        flag=flag if is_flag(flag, FLAGS) else "",
    )


def parse(query: str) -> Within:
    """The filters that a form carries as one text."""
    return read(dict(parse_qsl(query[:400])))


def address(within: Within, **instead: str) -> str:
    """The filters as the part of an address after its question mark; empty when there are none. instead: these values in the
    place of what is chosen.
    """
    chosen = {name: str(getattr(within, name) or "") for name in NAMES} | instead
    return urlencode({name: value for name, value in chosen.items() if value})


def path(to: str, within: Within) -> str:
    """A path of the desk with its filters."""
    query = address(within)
    return f"{to}?{query}" if query else to


def _printable(text: str) -> str:
    """Without what no name has, and what PostgreSQL does not take."""
    return "".join(character for character in text if character.isprintable())
