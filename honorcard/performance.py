"""服務績效證明書, the certificate of volunteer service performance, on A4 in Chinese or English.

Hours by year and unit within the days that were asked for. Source: Volunteer Service Act art. 17; R49 (its name may stand in
English). A number and a check code make it possible to ask the center whether it was issued so. What is not here: the rows
(collected), setting (paper_list), the register (the center's store).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from honorcard import hours, paper_list, wording
from honorcard import service_record_words as words
from honorcard.fonts import missing_glyphs
from honorcard.jurisdiction import Jurisdiction
from honorcard.paper_list import Block, Column, Heading, Table, Text
from honorcard.problems import Language, ProblemError
from honorcard.records import ServiceRow
from honorcard.service_record import Person, Sum, YearLine, compile_record


@dataclass(frozen=True)
class Served:
    """What is certified. lines: by year and unit, newest year first; left_out: rows that reach over either end of the days."""

    lines: tuple[YearLine, ...]
    total: Sum
    left_out: int


@dataclass(frozen=True)
class Certificate:
    """A certificate as printed. name: in its language; shown_number: the identity number, masked or whole, as was chosen.

    issuer: who makes it; check_at: the address at which it can be checked.
    """

    number: str
    check_code: str
    name: str
    shown_number: str
    start: date
    end: date
    served: Served
    issuer: str
    issued_on: date
    check_at: str


def served(rows: Iterable[ServiceRow], start: date, end: date, on: date, rules: Jurisdiction) -> Served:
    """The service within these days, both inclusive: rows that lie wholly in them and behind `on`.

    Service of excluded organisations is service, and certified; only no card comes of it (R12).
    """
    given = [row for row in rows if row.start <= row.end <= on and row.end >= start and row.start <= end]
    inside = tuple(row for row in given if start <= row.start and row.end <= end)
    record = compile_record(Person(rows=inside), on, rules)
    return Served(record.lines, record.total, len(given) - len(inside))


def render(given: Certificate, language: Language, *, created: datetime) -> bytes:
    """The PDF. ProblemError `performance_nothing` without service, `glyph_missing` for a name that cannot be printed,
    `fonts_missing`.
    """
    if not given.served.lines:
        raise ProblemError("performance_nothing")
    missing = missing_glyphs(given.name)
    if missing:
        raise ProblemError("glyph_missing", characters=missing)
    zh = language == "zh"
    total = words.amount(given.served.total, language)
    span = f"{wording.day(given.start, language)}{' 到 ' if zh else ' to '}{wording.day(given.end, language)}"
    blocks: list[Block] = [
        Text(f"證明書編號　{given.number}" if zh else f"Certificate number {given.number}"),
        Heading(given.name),
        Text(f"身分證明文件號碼　{given.shown_number}" if zh else f"Identity number {given.shown_number}"),
        Text(
            f"茲證明上列志工於 {span}從事志願服務，服務時數共 {total}。明細如下。"
            if zh
            else f"This is to certify that the person named above served as a volunteer from {span}, {total} in all, as follows."
        ),
        _table(given.served.lines, language),
        Text(
            "時數以紀錄冊和系統的紀錄為準，以 0.5 小時為單位。"
            if zh
            else "Hours as recorded, in steps of half an hour."
        ),
    ]
    if given.served.left_out:
        blocks.append(
            Text(
                f"另有 {given.served.left_out} 筆跨過這段期間的起日或迄日，沒有列入。"
                if zh
                else f"Entries that reach over the first or the last day are left out: {given.served.left_out}.",
                soft=True,
            )
        )
    blocks += [
        Heading("開立" if zh else "Issued by"),
        Text(given.issuer),
        Text(wording.day(given.issued_on, language)),
        Text(
            f"查驗：到 {given.check_at} 輸入編號 {given.number} 和檢查碼 {given.check_code}。"
            if zh
            else f"To check: enter number {given.number} and code {given.check_code} at {given.check_at}.",
            soft=True,
        ),
    ]
    title = "志願服務績效證明書" if zh else "Certificate of Volunteer Service Performance"
    return paper_list.render(title, blocks, language, created=created, note=f"{given.number} {given.check_code}")


def _table(lines: tuple[YearLine, ...], language: Language) -> Table:
    zh = language == "zh"
    columns = (
        Column("年" if zh else "Year", 1.2), Column("單位" if zh else "Unit", 5.0),
        Column("筆數" if zh else "Entries", 1.0, figures=True), Column("時數" if zh else "Hours", 1.3, figures=True),
    )  # fmt: skip
    rows = tuple(
        (
            words.year(line.roc_year, language), words.unit(line.unit, language), str(line.total.rows),
            hours.printed(line.total.half_hours),
        )
        for line in lines
    )  # fmt: skip
    return Table(columns, rows)
