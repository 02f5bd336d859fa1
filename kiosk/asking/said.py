"""What the questions' pages say beside the fields: live checks, the verdict in words, sums and notices.

Asks honorcard's rules and honorcard's wording; nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from flask_babel import gettext

from honorcard import eligibility, evidence, hours, identity, roc, wording
from honorcard.claims import Verdict
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import sentence
from honorcard.reason_texts import CATEGORY_NAMES
from kiosk.asking import forms, hints, judging, places, rows
from kiosk.asking.drafted import Work
from kiosk.drafting import Answers, DraftPhoto
from kiosk.settings import Settings
from scanner import words as scanner_words
from sync.claims import page_of
from sync.wire import Evidence
from web.languages import language

LIVE = ("number", "birth", "valid_until", "first_day", "last_day", "hours")
_FURTHER = re.compile(r"sum|row-[0-9]{1,3}|printed_on|basic_day|(book_issued|special_day)(-[0-9]{1,2})?")
_WEEKDAYS = "一二三四五六日"
_IDENTITY_LENGTH = identity.LENGTH


@dataclass(frozen=True)
class Live:
    """One live check: its state, what it says, and for a short year the day that `<field>_sure` takes back; a row has
    several fields that may ask, by name.
    """

    field: str
    state: Literal["good", "stop", "ask", ""]
    words: str
    sure: str = ""
    sures: tuple[tuple[str, str], ...] = ()


def is_live(field: str) -> bool:
    """Whether a field is looked at while it is typed."""
    return field in LIVE or bool(_FURTHER.fullmatch(field))


def page_words(place: Evidence | None, position: int) -> str:
    """Which page a photograph shows, in words: 「第 2 本第 5 頁（加頁）」; its number among the photographs when nobody knows."""
    if place is None:
        return str(gettext("第 %(n)s 頁", n=position))
    return evidence.words(page_of(place), language())


def page_sums(answers: Answers, photos: Sequence[DraftPhoto]) -> list[tuple[str, str]]:
    """The hours of the rows on each photographed page, with the page's words; empty when no row stands on a page."""
    if answers.service is None:
        return []
    shown = places.shown(answers, photos)
    found = rows.sum_of(places.rows_placed(answers.service.rows, shown))
    return [(page_words(shown.get(page), page), hours.printed(half_hours)) for page, half_hours in found.pages]


def rows_said(typed: Mapping[str, str], today: date) -> list[Live]:
    """What each row says as it stands; an empty one says nothing."""
    return [_row(f"row-{at}", typed, today) for at in range(rows.count(typed))]


def _row(field: str, typed: Mapping[str, str], today: date) -> Live:
    """A row while it is typed: its days and hours in full; a month says which days it stands for, and is asked by that."""
    at = int(field.partition("-")[2])
    # asked here already, so that going on takes no second press; the hidden fields say that it was
    reading, sure = rows.read_shown(typed, at, today)
    if reading.row is None:
        # what is not typed yet is no mistake
        wrong = next((trouble for trouble in reading.troubles if not trouble.code.endswith("_missing")), None)
        words = sentence(wrong.code, language(), wrong.details) if wrong is not None else ""
        return Live(field, "stop" if wrong is not None else "", words)
    row = reading.row
    span = both(row.start) if row.start == row.end else gettext(
        "%(first)s 到 %(last)s（%(days)s 天）", first=_day_words(row.start, bool(sure)), last=_day_words(row.end, bool(sure)),
        days=(row.end - row.start).days + 1,
    )  # fmt: skip
    words = gettext("%(span)s，%(hours)s 小時", span=span, hours=hours_words(row.minutes))
    keep = {name: typed[name] for name in (f"start-{at}_sure", f"end-{at}_sure") if typed.get(name)}
    return Live(field, "ask" if sure else "good", words, sures=tuple({**keep, **sure}.items()))


def _day_words(day: date, in_both: bool) -> str:
    """A day of a row in short; in both calendars where it is asked whether it was meant so."""
    if language() == "en":
        return day.isoformat()
    return str(gettext("%(roc)s（西元 %(year)s）", roc=roc.dotted(day), year=day.year)) if in_both else roc.dotted(day)


def hours_words(minutes: int) -> str:
    """Minutes of one row as the book writes them: `8`, `2.5`, or `2:10` where that is no half hour."""
    return hours.printed(minutes // 30) if minutes % 30 == 0 else f"{minutes // 60}:{minutes % 60:02d}"


def live(field: str, typed: Mapping[str, str], today: date) -> Live:
    """What the rules say of a field as it stands."""
    if field == "number":
        return _number(typed.get("number", ""), typed.get("document") == "passport")
    if field == "hours":
        return _hours(typed.get("hours", ""))
    if field == "sum":
        found = rows.sum_of(rows.shown(typed, today))
        words = gettext("%(rows)s 列，共 %(hours)s 小時", rows=found.rows, hours=hours.printed(found.half_hours))
        return Live(field, "good" if found.rows else "", words)
    if field.startswith("row-"):
        return _row(field, typed, today)
    return _day(field, typed, today)


def _number(text: str, passport: bool) -> Live:
    read = identity.read(text, passport=passport)
    if not read.number:
        return Live("number", "", gettext("請看著證件輸入"))
    if passport:
        if read.valid:
            return Live("number", "good", gettext("寫法正確，審查人員會再核對護照"))
        return Live("number", "" if len(read.number) < 5 else "stop", sentence(read.problem_code or "", language()))
    if not read.number[0].isascii() or not read.number[0].isalpha():
        return Live("number", "stop", gettext("第 1 個字是英文字母，請看一下證件"))
    if len(read.number) < _IDENTITY_LENGTH:
        return Live("number", "", gettext("還差 %(n)s 個字", n=_IDENTITY_LENGTH - len(read.number)))
    if not read.valid:
        return Live("number", "stop", sentence(read.problem_code or "id_characters", language()))
    return Live("number", "good", gettext("號碼正確（%(kind)s）", kind=kind_words(read.kind)))


def _hours(text: str) -> Live:
    if not text.strip():
        return Live("hours", "", gettext("以 0.5 小時為單位"))
    read = hours.read(text)
    if read.half_hours is None:
        return Live("hours", "stop", sentence(read.problem_code or "hours_unreadable", language()))
    return Live("hours", "good", gettext("%(hours)s 小時", hours=hours.printed(read.half_hours)))


def _day(field: str, typed: Mapping[str, str], today: date) -> Live:
    text = typed.get(field, "")
    if not text.strip():
        return Live(field, "", gettext("民國或西元都可以"))
    latest = None if field == "valid_until" else today
    troubles: list[forms.Trouble] = []
    too_late = "birth_in_future" if field == "birth" else "date_in_future"
    day = forms.day_of(typed, field, "", troubles, latest=latest, too_late=too_late)
    back = forms.asked_back(text)
    if back is not None and (day is not None or troubles[0].asks):
        # asked here already, so that going on takes no second press; the hidden field says that it was
        words = gettext("您說的是民國 %(roc)s 年嗎？", roc=back["roc_year"])
        return Live(field, "ask", f"{words} {both(back['day'])}", back["sure"])
    if day is None:
        return Live(field, "stop", sentence(troubles[0].code, language(), troubles[0].details))
    return Live(field, "good", both(day))


def both(day: date) -> str:
    """A day in both calendars with its weekday: 「民國 47 年 8 月 16 日（西元 1958 年），星期六」."""
    if language() == "en":
        return f"{day:%A}, {day.day} {day:%B} {day.year} (ROC {roc.roc_year(day)})"
    weekday = _WEEKDAYS[day.weekday()]
    return f"民國 {roc.roc_year(day)} 年 {day.month} 月 {day.day} 日（西元 {day.year} 年），星期{weekday}"


def kind_words(kind: str) -> str:
    """What kind of number it is, in words."""
    words: dict[str, str] = {
        "national": gettext("國民身分證"),
        "ui_new": gettext("居留證"),
        "ui_old": gettext("舊式居留證"),
        "passport": gettext("護照"),
    }
    return words.get(kind, "")


def category_words(category: str) -> str:
    """An organisation's category (R12) in words."""
    zh, en = CATEGORY_NAMES[category]
    return zh if language() == "zh" else en[0].upper() + en[1:]


def hint_words(photo: DraftPhoto, code: str) -> str:
    """What is wrong with a photo, in words, and where on it; only pages are numbered, all else is named."""
    hint = hints.read(code)
    where = scanner_words.where(hint.places, language())
    words = sentence(f"{hint.code}_at" if where else hint.code, language(), {"page": photo.position, "where": where})
    if photo.slot == "page":
        return words
    name = {
        "cover": gettext("封面"),
        "previous_card": gettext("舊卡"),
        "certificate": gettext("結業證書"),
        "form": gettext("補發申請表"),
    }.get(photo.slot) or gettext("證件")
    return words.replace(f"第 {photo.position} 頁", name).replace(f"Page {photo.position}", name)


def marks(photo: DraftPhoto) -> list[tuple[int, int, str]]:
    """What is to be framed on the picture of a flat page: row and column of the ninth (0 to 2), and the word on it."""
    words = {"page_blurred": gettext("模糊"), "page_glare": gettext("反光")}
    by_place: dict[tuple[int, int], list[str]] = {}
    for hint in (hints.read(kept) for kept in photo.hints):
        for place in hint.places if hint.code in words else ():
            by_place.setdefault(place, []).append(words[hint.code])
    return [(row, column, "、".join(said)) for (row, column), said in sorted(by_place.items())]


def notice(settings: Settings, today: date) -> str:
    """The purpose notice that is agreed to (R36, item 9), as the authority words it; said in English where read so."""
    if language() == "en":
        translated: str = gettext("本資料僅用於申請志願服務卡等相關志工服務。")
        return translated
    return settings.rules_on(today).purpose_notice


def floor(answers: Answers, rules: Jurisdiction) -> date | None:
    """The first day a renewal may count (R18), for the hint beside the hours; None for a first card."""
    if answers.kind != "renewal" or answers.previous is None:
        return None
    return eligibility.counting_floor(answers.previous.valid_until, rules)


@dataclass(frozen=True)
class Sum:
    """The service in one line: rows (0 when it was typed as totals), half hours, first and last day."""

    rows: int
    half_hours: int
    first: date | None
    last: date | None
    hours: str


def service_sum(answers: Answers) -> Sum | None:
    """The service an application rests on, for the check page; None while it is not answered."""
    found = answers.service
    if found is None:
        return None
    half_hours = found.half_hours or 0
    if found.rows:
        half_hours = hours.from_minutes(sum(row.minutes for row in found.rows))
    first = min((row.start for row in found.rows), default=found.first_day)
    last = max((row.end for row in found.rows), default=found.last_day)
    return Sum(len(found.rows), half_hours, first, last, hours.printed(half_hours))


def verdict(found: Verdict, rules: Jurisdiction, work: Work, today: date) -> dict[str, Any]:
    """The verdict page's words: headline, reasons, requirements, what to do next, remarks a reviewer will see too."""
    speak = language()
    reasons = [wording.reason_words(reason, speak, today) for reason in found.reasons]
    opening = ""
    if found.passed:
        opening = gettext("條件都符合。再核對一次資料就能送出。")
    elif found.outcome == "fail":
        opening = gettext("資料已存好，下次不用重填。")
    rows = wording.requirements(found, judging.claim_of(work.answers, work.photos, today), rules, speak, today)
    return {
        "headline": wording.headline(found, today, speak),
        "opening": opening,
        "reasons": reasons,
        # what is not met stands at the top, in a sentence, and is not said a second time
        "requirements": rows if found.passed else [row for row in rows if row.state == "good"],
        "remedies": list(dict.fromkeys(words.remedy for words in reasons if words.remedy)),
        "rule_of": {
            wording.reason_words(reason, speak, today): reason.rule for reason in (*found.reasons, *found.notes)
        },
        "notes": [wording.reason_words(note, speak, today) for note in found.notes],
        "waits_until": found.eligible_on if found.eligible_on and found.eligible_on > today else None,
        "year_rooms": [gettext("第 %(n)s 年", n=year) for year in range(1, rules.years + 1)][:10],
        "hour_rooms": [hours.printed(rules.half_hours_needed * third // 3) for third in (1, 2, 3)],
        "held_hours": hours.printed(found.half_hours or 0),
        "needed_hours": hours.printed(rules.half_hours_needed),
        "both": both,
    }


def training_words(answers: Answers) -> list[str]:
    """The trainings for the check page, one line each, and what is not shown."""
    if answers.trainings is None:
        return [gettext("沒有填")]
    lines = []
    for training in answers.trainings:
        name = gettext("基礎訓練") if training.kind == "basic" else gettext("特殊訓練")
        if training.field:
            name = gettext("%(name)s（%(field)s）", name=name, field=training.field)
        day = roc.dotted(training.completed_on) if training.completed_on else gettext("日期不清楚")
        lines.append(gettext("%(name)s：%(day)s", name=name, day=day))
    return lines or [gettext("還沒有受過訓練")]
