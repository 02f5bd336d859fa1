"""The drawing of figures as SVG without a style of its own: places and sizes as attributes, looks by class
(static/css/statistics.css).

Series differ in their filling and their frame, not by colour alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from honorcard.yearly_report import Figure, said

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _FOOT = 52.0, 8.0, 22.0, 36.0
BAR_WIDTH = 200.0


@dataclass(frozen=True)
class Column:
    """A column: its place, its size, which series."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Label:
    """Words at a place."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Plot:
    """Columns over months, with a scale at the left."""

    columns: tuple[Column, ...]
    labels: tuple[Label, ...]
    scale: tuple[Label, ...]
    highest: Label | None
    foot: float


def columns(figure: Figure) -> Plot:
    """The plot of a figure of columns."""
    top = _round_up(figure.highest)
    room = HEIGHT - _TOP - _FOOT
    foot = HEIGHT - _FOOT
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(figure.labels))
    wide = step * 0.8 / figure.drawn
    drawn: list[Column] = []
    highest: tuple[float, Label] | None = None
    for at in range(len(figure.labels)):
        for place, series in enumerate(figure.series[: figure.drawn]):
            value = series.values[at]
            if not isinstance(value, int | float) or not value:
                continue
            tall = room * value / top
            x = _LEFT + at * step + place * wide + step * 0.1
            drawn.append(Column(round(x, 1), round(foot - tall, 1), round(wide * 0.92, 1), round(tall, 1), place))
            if highest is None or value > highest[0]:
                middle = min(max(x + wide / 2, _LEFT + 24), WIDTH - 30)
                highest = (value, Label(round(middle, 1), round(foot - tall - 6, 1), said(value)))
    every = 1 if len(figure.labels) <= 12 else 3
    labels = [
        Label(round(_LEFT + (at + 0.5) * step, 1), HEIGHT - 14, words)
        for at, words in enumerate(figure.labels) if at % every == 0
    ]  # fmt: skip
    scale = [Label(_LEFT - 6, round(foot - room * part / 4, 1), said(_whole(top * part / 4))) for part in range(5)]
    return Plot(tuple(drawn), tuple(labels), tuple(scale), highest[1] if highest else None, foot)


def bar(figure: Figure, at: int) -> float:
    """How long the bar of a line is, of BAR_WIDTH."""
    value = figure.series[0].values[at]
    return round(BAR_WIDTH * value / figure.highest, 1) if isinstance(value, int | float) and value > 0 else 0.0


def _round_up(value: float) -> float:
    """The end of a scale: four whole steps of 1, 2, 2.5 or 5 times a power of ten."""
    step = max(1.0, value / 4)
    power = 10 ** math.floor(math.log10(step))
    return float(4 * next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= step))


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value
