"""Figures of a year as people read them: pictures drawn in lines and text, each with its table; and what small numbers are kept
from leaving, so that nobody can be told from them.

Values in, PDF out. What is not here: where the figures come from (center.statistics), setting of pages (paper_list).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from honorcard import paper_list
from honorcard.paper_list import Bars, Block, Column, Heading, Table, Text
from honorcard.problems import Language

WITHHELD = "—"
Value = int | float | str | None  # None: withheld; text: already said


@dataclass(frozen=True)
class Series:
    """One row of figures under the labels. counts: they count people, so that small ones are withheld."""

    words: str
    values: tuple[Value, ...]
    counts: bool = True


@dataclass(frozen=True)
class Figure:
    """A picture with its table. title: what it shows, as a sentence; first: the title of the column of labels.

    shape: columns over months, or a bar a row. drawn: how many of the series are in the picture; the others only in the table.
    """

    code: str
    title: str
    first: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    note: str = ""
    shape: Literal["columns", "rows"] = "rows"
    drawn: int = 1

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for one in self.series[: self.drawn] for value in one.values)

    @property
    def highest(self) -> float:
        """The largest value in the picture; 1 at least."""
        drawn = [value for one in self.series[: self.drawn] for value in one.values if isinstance(value, int | float)]
        return max([1.0, *map(float, drawn)])


@dataclass(frozen=True)
class Report:
    """The report of a year: its title, the figures said in words first, then the pictures."""

    title: str
    summary: tuple[str, ...]
    figures: tuple[Figure, ...]
    note: str = ""


def withheld(values: Sequence[Value], least: int) -> tuple[Value, ...]:
    """The values with counts of fewer than `least` people taken out. Where that is only one, the next smallest goes too: the sum
    would tell it. 0 stays: it is nobody.
    """
    small = [at for at, value in enumerate(values) if isinstance(value, int) and 0 < value < least]
    if len(small) == 1:
        others = [(value, at) for at, value in enumerate(values) if isinstance(value, int) and value >= least]
        small += [min(others)[1]] if others else []
    return tuple(None if at in small else value for at, value in enumerate(values))


def to_leave(figure: Figure, least: int) -> Figure:
    """The figure as it may leave: along each series, and along each label where a line adds up to a sum."""
    series = [
        replace(one, values=withheld(one.values, least)) if one.counts else one
        for one in figure.series
    ]  # fmt: skip
    hidden = {at for one in series if one.counts for at, value in enumerate(one.values) if value is None}
    # a share or a median of a line whose count is withheld would give the count away
    closed = [
        one
        if one.counts
        else replace(one, values=tuple(None if at in hidden else v for at, v in enumerate(one.values)))
        for one in series
    ]
    return replace(figure, series=tuple(closed))


def said(value: Value) -> str:
    """A value in a table: thousands apart, what is withheld as a dash."""
    if value is None:
        return WITHHELD
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def table_rows(figure: Figure) -> list[tuple[str, ...]]:
    """The figure's table: a line for each label."""
    return [
        (label, *(said(one.values[at]) for one in figure.series)) for at, label in enumerate(figure.labels)
    ]  # fmt: skip


def _nothing_shown(figure: Figure, language: Language) -> str:
    """Why a figure has no picture: few people are not nobody."""
    if any(value is None for one in figure.series[: figure.drawn] for value in one.values):
        return "人數太少，不列出，以免認出是誰。" if language == "zh" else "Too few people to be shown: they might be recognised."
    return "這段期間沒有資料。" if language == "zh" else "There is nothing from that time."


def render(report: Report, language: Language, *, created: datetime) -> bytes:
    """The PDF, A4. ProblemError `fonts_missing`."""
    blocks: list[Block] = [Text(line) for line in report.summary]
    for figure in report.figures:
        blocks.append(Heading(figure.title))
        if figure.note:
            blocks.append(Text(figure.note, soft=True))
        if figure.is_empty:
            blocks.append(Text(_nothing_shown(figure, language), soft=True))
            continue
        drawn = figure.series[: figure.drawn]
        blocks.append(
            Bars(
                figure.labels,
                tuple(tuple(float(v) if isinstance(v, int | float) else 0.0 for v in one.values) for one in drawn),
                tuple(one.words for one in drawn),
                tuple(tuple(said(value) for value in one.values) for one in drawn),
                upright=figure.shape == "columns",
            )
        )
        if figure.shape == "columns" or len(figure.series) > figure.drawn:
            columns = (Column(figure.first, 2.2), *(Column(one.words, 1.0, figures=True) for one in figure.series))
            blocks.append(Table(columns, tuple(table_rows(figure))))
    return paper_list.render(report.title, blocks, language, created=created, note=report.note)
