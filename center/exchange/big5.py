"""What Big5 cannot write of an export: characters it lacks are named with the national standard's code (cns), or their lines
are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from center import current
from center.exchange import cns, layout
from center.exchange.layout import OutKind
from center.store import exchange, exchange_out
from center.store.exchange_out import Wanted

CODEC = "cp950"  # as Windows in Taiwan writes Big5
SHOWN_RARE = 200

Line = list[str]


@dataclass(frozen=True)
class Rare:
    """A character that Big5 lacks: in which line of the file (its headings are line 1), whose, in which column."""

    line: int
    name: str
    heading: str
    character: str
    code: str


def lines_in(lines: Iterable[Line], rare: str) -> Iterator[Line]:
    """Lines that Big5 can write: with the national standard's code for what it lacks, or without lines that have any of it."""
    for line in lines:
        if all(_is_big5(text) for text in line):
            yield line
        elif rare != "leave":
            yield [coded(text) for text in line]


def coded(text: str) -> str:
    """A text with the national standard's code in brackets for each character that Big5 lacks."""
    return "".join(one if _is_big5(one) else f"[{cns.code(one)}]" for one in text)


def look_for_rare(kind: OutKind, wanted: Wanted) -> tuple[list[Rare], int, int]:
    """The first characters that Big5 lacks, in how many lines there are such, and how many of them."""
    store = current.store()
    with store.read() as conn:
        held = layout.read(kind, exchange.columns(conn, "out", kind))
    found: list[Rare] = []
    in_lines = count = 0
    rows = exchange_out.rows(store, kind, wanted)
    write = layout.writer(held, lambda row: "", wanted.today)
    for at, row in enumerate(rows, start=2):
        line = write(row)
        if all(_is_big5(text) for text in line):
            continue
        in_lines += 1
        for column, text in zip(held, line, strict=True):
            for one in text:
                if not _is_big5(one):
                    count += 1
                    if len(found) < SHOWN_RARE:
                        found.append(Rare(at, row["name"], column.heading, one, cns.code(one)))
    for column in held:  # a heading cannot be left out: it is written by its code
        count += sum(not _is_big5(one) for one in column.heading)
    return found, in_lines, count


def _is_big5(text: str) -> bool:
    try:
        text.encode(CODEC)
    except UnicodeEncodeError:
        return False
    return True
