"""The words of a checked list: on the page, in the file to take home, and the sample to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext

from honorcard import hours, identity, roc, wording
from honorcard.claims import Reason, Verdict
from honorcard.problems import Language
from honorcard.roster import GROUPS, Group, Person, Roster, trouble_words
from honorcard.roster.columns import label
from web.languages import language, said_date
from web.tables_out import Value

WIDTHS = (8, 14, 16, 14, 30, 14, 16, 60, 60, 14, 14, 12)
SAMPLE_WIDTHS = (14, 16, 16, 16, 16, 12, 16, 14)


@dataclass(frozen=True)
class Told:
    """One person on the page. when: the day of qualifying in both calendars, empty where there is none."""

    name: str
    masked_number: str
    lines: str
    headline: str
    when: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]


def group_names() -> dict[Group, str]:
    """The groups as the page calls them."""
    return {
        "now": gettext("可以申請"),
        "later": gettext("之後可以"),
        "not": gettext("還不行"),
        "wrong": gettext("要改的列"),
    }


def told(person: Person, on: date) -> Told:
    """A person in words."""
    verdict = person.verdict
    spoken = language()
    reasons = _reasons(verdict, spoken, on) if verdict else tuple(trouble_words(it, spoken) for it in person.troubles)
    return Told(
        name=person.name or gettext("（沒有姓名）"),
        masked_number=identity.mask(person.identity_number),
        lines=_lines(person),
        headline=wording.headline(verdict, on, spoken) if verdict else gettext("改好再檢查一次"),
        when=_when(verdict, on),
        reasons=reasons,
        notes=_notes(verdict, spoken, on) if verdict else (),
    )


def _lines(person: Person) -> str:
    """Where a person stands in the file: 「第 7 列」, 「第 7、9、12 列合計」; many are counted."""
    lines = person.lines
    if len(lines) == 1:
        return str(gettext("第 %(line)s 列", line=lines[0]))
    if len(lines) > 4:
        return str(gettext("第 %(first)s 列起共 %(n)s 列合計", first=lines[0], n=len(lines)))
    joint = "、" if language() == "zh" else ", "
    return str(gettext("第 %(lines)s 列合計", lines=joint.join(map(str, lines))))


def _when(verdict: Verdict | None, on: date) -> str:
    """The day from which this person may apply, in both calendars; empty for today and where waiting is not enough."""
    if verdict is None or verdict.eligible_on is None or verdict.eligible_on <= on:
        return ""
    day = verdict.eligible_on
    if language() == "en":
        return f"{said_date(day)} (ROC {roc.dotted(day)})"
    return f"{roc.dotted(day)}（{day.isoformat()}）"


def _reasons(verdict: Verdict, spoken: Language, on: date) -> tuple[str, ...]:
    """Why not, or on a pass what was counted, each with its figures and what to do."""
    if verdict.passed:
        return (_counted(verdict),)
    return tuple(_sentence(reason, spoken, on) for reason in verdict.reasons)


def _counted(verdict: Verdict) -> str:
    first, last = verdict.counting_from, verdict.last_service
    if first is None or last is None:
        return ""
    held = hours.printed(verdict.half_hours or 0)
    return str(
        gettext(
            "採計 %(first)s 到 %(last)s，共 %(hours)s 小時", first=said_date(first), last=said_date(last), hours=held
        )
    )


def _notes(verdict: Verdict, spoken: Language, on: date) -> tuple[str, ...]:
    return tuple(_sentence(note, spoken, on) for note in verdict.notes)


def _sentence(reason: Reason, spoken: Language, on: date) -> str:
    words = wording.reason_words(reason, spoken, on)
    joint = "：" if spoken == "zh" else ": "
    space = "" if spoken == "zh" else " "
    return f"{words.title}{joint}{words.text}{space if words.remedy else ''}{words.remedy}"


def columns_used(roster: Roster) -> str:
    """Which column of the file was taken for what: 「姓名＝志工姓名，服務時數＝累計時數」."""
    spoken = language()
    pairs = [
        f"{label(of, spoken)}＝{title}" if spoken == "zh" else f"{label(of, spoken)} = {title}"
        for of, title in roster.titles.items()
    ]
    return ("，" if spoken == "zh" else ", ").join(pairs)


def rows(roster: Roster) -> Iterator[tuple[Value, ...]]:
    """The result as a table: headings, then every person, those to be mended last."""
    yield (
        gettext("原列"), gettext("姓名"), gettext("身分證字號"), gettext("結果"), gettext("說明"),
        gettext("可申請日（民國）"), gettext("可申請日（西元）"), gettext("原因和做法"), gettext("請再看一下"),
        gettext("採計起日"), gettext("最近服務日"), gettext("採計時數"),
    )  # fmt: skip
    names = group_names()
    for group in GROUPS:
        for person in roster.group(group):
            yield _row(person, names[group], roster.on)


def _row(person: Person, group: str, on: date) -> tuple[Value, ...]:
    said = told(person, on)
    verdict = person.verdict
    day = verdict.eligible_on if verdict else None
    if day is not None and verdict is not None and day <= on and not verdict.passed:
        day = None  # no day brings it, but the next entry in the book
    held = verdict.half_hours if verdict else None
    return (
        person.lines[0] if len(person.lines) == 1 else ", ".join(map(str, person.lines[:50])),
        person.name, person.identity_number, group, said.headline,
        _dotted(day), day.isoformat() if day else "", "\n".join(said.reasons), "\n".join(said.notes),
        _dotted(verdict.counting_from if verdict else None), _dotted(verdict.last_service if verdict else None),
        None if held is None else held / 2 if held % 2 else held // 2,
    )  # fmt: skip


def _dotted(day: date | None) -> str:
    return roc.dotted(day) if day and day.year > roc.ROC_OFFSET else ""


def sample_rows(on: date) -> Iterator[tuple[Value, ...]]:
    """A list of invented people who qualify now, later, not yet, and renew; the headings are those we know best."""
    month = on.replace(day=1)
    settled = month - timedelta(days=1)
    three_years = roc.years_before(month, 3)
    spoken = language()
    yield tuple(
        label(of, spoken) for of in ("name", "identity", "birth", "start", "last", "hours", "previous", "category")
    )
    ordinary = gettext("一般志工")
    soon = roc.months_after(three_years, 2)
    for name, number, birth, start, last, held, previous in (
        ("林秀琴", "A223456781", "047.08.16", three_years, settled, 318.5, None),
        ("陳文雄", "A123456789", "1962/3/5", soon, settled, 342, None),
        ("游錫堃", "F222222222", "069.12.01", three_years, settled, 214.5, None),
        ("夏曼‧藍波安", "Y250000007", "075.01.31", three_years, settled, 300, on.replace(day=28)),
    ):
        card = roc.dotted(previous) if previous else ""
        yield (name, number, birth, roc.dotted(start), last.strftime("%Y/%m/%d"), held, card, ordinary)
