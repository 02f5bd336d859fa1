"""Which column is which: found by its heading, as remembered for the kind, or as the administrator said.

What is not here: what the columns are (fields) and the pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from center.exchange.fields import FIELDS, Kind
from honorcard.roster import Cell, Line, Merged
from honorcard.roster.cells import CellTrouble, is_blank, text

SEARCHED = 40  # headings stand among the first lines that hold anything
LONGEST = 80
_BRACKETS = re.compile(r"[(\[{【〔「《<].*?[)\]}】〕」》>]")
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Head:
    """The headings of a list. line: number of their line, 0 where the list has none that is known; titles: what each column is
    called; at: number of the column (from 0) by field.
    """

    line: int
    titles: tuple[str, ...]
    at: Mapping[str, int] = field(default_factory=dict)


def folded(title: str) -> str:
    """A heading as it is compared: no brackets, blanks, punctuation, capitals; 份 as 分."""
    plain = unicodedata.normalize("NFKC", title).casefold().replace("身份", "身分").replace("臺", "台")
    return _NOISE.sub("", _BRACKETS.sub("", plain)) or _NOISE.sub("", plain)


def find(kind: Kind, lines: Sequence[Line], remembered: Mapping[str, str]) -> Head:
    """The line among the first that names most of the columns. remembered: field by folded heading, empty for one not wanted."""
    best = Head(0, ())
    for line in lines[:SEARCHED]:
        titles = tuple(_title(cell) for cell in line.cells)
        at = matched(kind, titles, remembered)
        if len(at) > len(best.at) or not best.titles:
            best = Head(line.number, titles, at)
    return best


def matched(kind: Kind, titles: Sequence[str], remembered: Mapping[str, str]) -> dict[str, int]:
    """The column of each field that a heading names; of two columns the one with the better name, then the first."""
    ranks = {
        folded(name): (one.code, rank) for one in reversed(FIELDS[kind]) for rank, name in enumerate(one.names.split())
    }
    ranks |= {folded(name): (one.code, 0) for one in FIELDS[kind] for name in (one.zh, one.en)}
    found: dict[str, tuple[int, int]] = {}
    for at, title in enumerate(titles):
        name = folded(title)
        code, rank = (remembered[name], -1) if name in remembered else ranks.get(name, ("", 0))
        if code and (code not in found or rank < found[code][0]):
            found[code] = (rank, at)
    return {code: at for code, (_, at) in found.items()}


def missing(kind: Kind, at: Iterable[str]) -> list[str]:
    """The fields that no list of the kind can do without and that no column stands for."""
    known = set(at)
    lacking = [one.code for one in FIELDS[kind] if one.needed and one.code not in known]
    if kind != "units" and not known & {"identity", "passport"}:
        lacking.insert(0, "identity")
    return lacking


def shown(cell: Cell) -> str:
    """What a cell shows; empty where nobody can tell."""
    try:
        return text(cell)
    except CellTrouble:
        return ""


def _title(cell: Cell) -> str:
    return "" if is_blank(cell) or isinstance(cell, Merged) else " ".join(shown(cell).split())[:LONGEST]
