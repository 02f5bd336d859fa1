"""研習（活動）參加證明, the certificate of attendance, on A4 in Chinese or English: one person a page, one or all in a file.

Of a training it says the course, of an event the hours; it is no certificate of volunteer service (honorcard.performance). What is
not here: who attended (attendance), setting (paper_list).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from honorcard import hours, paper_list, wording
from honorcard.attendance import Course, EventKind
from honorcard.fonts import missing_glyphs
from honorcard.paper_list import Block, Heading, Text
from honorcard.problems import Language, ProblemError


@dataclass(frozen=True)
class Attended:
    """What is certified of one person. name: as printed; half_hours: 0 where hours are not counted."""

    name: str
    masked_number: str
    start: date
    end: date
    half_hours: int


@dataclass(frozen=True)
class Held:
    """The event. issuer: the unit that held it."""

    kind: EventKind
    title: str
    place: str
    course: Course
    field: str
    issuer: str
    issued_on: date


def render(held: Held, people: Sequence[Attended], language: Language, *, created: datetime) -> bytes:
    """The PDF, a page each. ProblemError `event_nobody` without people, `glyph_missing` for a name that cannot be printed,
    `fonts_missing`.
    """
    if not people:
        raise ProblemError("event_nobody")
    missing = missing_glyphs("".join(one.name for one in people))
    if missing:
        raise ProblemError("glyph_missing", characters=missing)
    title = "參加證明" if language == "zh" else "Certificate of attendance"
    return paper_list.render_each(title, [_blocks(held, one, language) for one in people], language, created=created)


def _blocks(held: Held, one: Attended, language: Language) -> list[Block]:
    zh = language == "zh"
    first = wording.day(one.start, language)
    last = wording.day(one.end, language)
    when = first if one.start == one.end else f"{first}{'到' if zh else ' to '}{last}"
    amount = hours.printed(one.half_hours)
    lines: list[Block] = [
        Heading(one.name),
        Text(f"身分證明文件號碼　{one.masked_number}" if zh else f"Identity number {one.masked_number}"),
        Text(
            f"茲證明上列人員於 {when}參加「{held.title}」。"
            if zh
            else f"This is to certify that the person named above attended “{held.title}” on {when}."
        ),
    ]
    if held.course:
        course = _course(held, zh)
        lines.append(Text(f"課程　{course}" if zh else f"Course: {course}"))
    if held.place:
        lines.append(Text(f"地點　{held.place}" if zh else f"Place: {held.place}"))
    if one.half_hours:
        lines.append(Text(f"時數　{amount} 小時" if zh else f"Hours: {amount}"))
    return [
        *lines,
        Heading("開立" if zh else "Issued by"),
        Text(held.issuer),
        Text(wording.day(held.issued_on, language)),
    ]


def _course(held: Held, zh: bool) -> str:
    if held.course == "basic":
        return "志願服務基礎訓練" if zh else "basic training for volunteers"
    return f"志願服務特殊訓練（{held.field}）" if zh else f"special training for volunteers ({held.field})"
