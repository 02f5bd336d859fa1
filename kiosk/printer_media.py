"""Which paper a card is printed on: card stock that lies ready in the printer, else A4.

Read before anything is sent (PWG 5100.7 `media-col-ready`, RFC 8011 `media-ready`). Only stock that is there counts: a job
for paper that somebody would have to fetch waits at the printer while a volunteer waits in front of it. What is not here:
how a sheet is put on another paper (honorcard.card.sheet_paper).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from honorcard.card.sheet import Paper
from kiosk import ipp

A4 = "iso_a4_210x297mm"
_NAME = re.compile(r"(?:.*_)?([0-9.]+)x([0-9.]+)(mm|in)\Z")
_NEAR_MM = 0.8
_NOT_FOR_CARDS = re.compile(
    r"envelope|labels?|transparency|photographic.*|stationery-letterhead|continuous.*|film|disc"
)
# Card stock, best first: short side, long side, and which form of the sheet it takes.
_STOCK: tuple[tuple[float, float, Paper], ...] = (
    (90.0, 120.0, "card"),
    (60.0, 90.0, "two-pages"),
    (105.0, 148.0, "folded"),  # A6
)


@dataclass(frozen=True)
class Loaded:
    """A paper that lies in the printer: its self-describing name (PWG 5101.1), sides in mm, its type (may be empty)."""

    name: str
    short_mm: float
    long_mm: float
    kind: str = ""


@dataclass(frozen=True)
class Choice:
    """A paper to print on, in the printer's words, and the form of the sheet."""

    media: str
    paper: Paper


def loaded(facts: Mapping[str, Any]) -> tuple[Loaded, ...]:
    """What lies in the printer, from its attributes; empty when it does not say."""
    found: list[Loaded] = []
    for entry in ipp.every(facts.get("media-col-ready")):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("media-size"), Mapping):
            continue
        sides = [entry["media-size"].get(f"{axis}-dimension") for axis in "xy"]
        if not all(isinstance(side, int) and side > 0 for side in sides):  # a range: a roll, or a tray of any size
            continue
        short, long = sorted(side / 100 for side in sides)  # hundredths of a millimetre
        name = str(entry.get("media-size-name") or "") or _called(short, long, ipp.words(facts.get("media-ready")))
        found.append(Loaded(name, short, long, str(entry.get("media-type") or "")))
    if found:
        return tuple(found)
    return tuple(one for name in ipp.words(facts.get("media-ready")) if (one := _named(name)) is not None)


def choices(
    ready: tuple[Loaded, ...], supported: list[str], *, fits: bool, upright: bool = False, stock: bool = True
) -> list[Choice]:
    """Papers to try, in this order; empty when not even A4 is to be had.

    `supported`: names of every size the printer knows, none when it does not say. `fits`: whether the sheet can be put on
    other paper; `upright`: whether its faces stand upright, which A6 is too small for. `stock`: whether card stock is wanted.
    """
    out = []
    for short, long, paper in _STOCK if stock and fits else ():
        if upright and paper == "folded":
            continue
        for one in ready:
            sized = abs(one.short_mm - short) < _NEAR_MM and abs(one.long_mm - long) < _NEAR_MM
            if sized and one.name and not _NOT_FOR_CARDS.fullmatch(one.kind):
                out.append(Choice(one.name, paper))
                break
    if not supported or A4 in supported or any(one.name == A4 for one in ready):
        out.append(Choice(A4, "a4"))
    return out


def _named(name: str) -> Loaded | None:
    sized = _NAME.match(name)
    if sized is None:
        return None
    unit = 25.4 if sized[3] == "in" else 1.0
    try:
        short, long = sorted(float(side) * unit for side in sized.group(1, 2))
    except ValueError:
        return None
    return Loaded(name, short, long)


def _called(short: float, long: float, names: list[str]) -> str:
    """The name among the ready ones that has this size."""
    for name in names:
        one = _named(name)
        if one is not None and abs(one.short_mm - short) < _NEAR_MM and abs(one.long_mm - long) < _NEAR_MM:
            return name
    return ""
