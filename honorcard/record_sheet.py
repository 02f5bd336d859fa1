"""The service record on paper: a person's years, what counts towards the next card and why, trainings and cards.

What is not here: the figures (service_record, collected), their words (service_record_words), setting (paper_list).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from honorcard import hours, paper_list, roc, wording
from honorcard import service_record_words as words
from honorcard.collected import Look
from honorcard.paper_list import Block, Column, Heading, Table, Text
from honorcard.problems import Language
from honorcard.service_record import YearLine


@dataclass(frozen=True)
class Holder:
    """Whose record it is. masked_number: never the whole one (A19)."""

    name: str
    masked_number: str


def render(holder: Holder, seen: Look, language: Language, *, created: datetime) -> bytes:
    """The PDF, A4. ProblemError `fonts_missing`."""
    zh = language == "zh"
    on = seen.record.on
    blocks: list[Block] = [
        Text(
            f"{'姓名' if zh else 'Name'}　{holder.name}　　{'證號' if zh else 'Identity number'}　{holder.masked_number}"
        ),
        Heading("服務總計" if zh else "Service so far"),
        *(Text(line) for line in words.summary(seen.record, language)),
    ]
    if seen.record.lines:
        blocks.append(_years(seen.record.lines, language))
    if seen.waiting:
        blocks += [Heading(words.under_review(seen.waiting_total, language)), _years(seen.waiting, language)]
    blocks += [
        Heading("下一張卡" if zh else "The next card"),
        *(Text(line) for line in words.next_card(seen.ahead, on, language)),
        *(Text(line) for line in words.why(seen.ahead, on, language)),
        Heading("訓練" if zh else "Training"),
        *_trainings(seen, language),
        Heading("榮譽卡" if zh else "Cards"),
        *_cards(seen, on, language),
    ]
    title = "志工服務履歷" if zh else "Volunteer service record"
    note = (
        f"{_day(on, language)}{'製作，以紀錄冊和審核結果為準' if zh else '. The record book and the reviews decide.'}"
    )
    return paper_list.render(title, blocks, language, created=created, note=note)


def _years(lines: tuple[YearLine, ...], language: Language) -> Table:
    zh = language == "zh"
    titles = ("年", "單位", "服務期間", "筆數", "時數") if zh else ("Year", "Unit", "Served", "Entries", "Hours")
    shares = (1.0, 4.0, 3.4, 1.0, 1.3)
    columns = tuple(
        Column(title, share, figures=at >= 3) for at, (title, share) in enumerate(zip(titles, shares, strict=True))
    )
    rows = tuple(
        (
            words.year(line.roc_year, language),
            words.unit(line.unit, language),
            _span(line, language),
            str(line.total.rows),
            hours.printed(line.total.half_hours),
        )
        for line in lines
    )
    return Table(columns, rows)


def _trainings(seen: Look, language: Language) -> list[Block]:
    if not seen.record.trainings:
        return [Text("還沒有訓練資料。" if language == "zh" else "No training is on record.", soft=True)]
    return [Text(words.training(done, language)) for done in seen.record.trainings]


def _cards(seen: Look, on: date, language: Language) -> list[Block]:
    if not seen.record.cards:
        return [Text("還沒有領過榮譽卡。" if language == "zh" else "No card yet.", soft=True)]
    return [Text(words.card(held, on, language)) for held in seen.record.cards]


def _span(line: YearLine, language: Language) -> str:
    """The days served; in English without the year, which stands beside them."""
    if language == "zh":
        return f"{roc.dotted(line.first)} – {roc.dotted(line.last)}"
    return f"{wording.day(line.first, 'en', line.last)} – {wording.day(line.last, 'en', line.last)}"


def _day(value: date, language: Language) -> str:
    return roc.dotted(value) if language == "zh" else wording.day(value, language)
