"""The words of a service record: each line of the years, the sums, what counts, the trainings, the next card.

Figures as a card-holder reads them: hours with halves, ROC dates in Chinese. What is not here: the figures
(service_record), the words of reasons (wording).
"""

from __future__ import annotations

from datetime import date

from honorcard import hours, roc, wording
from honorcard.problems import Language
from honorcard.reason_texts import TRAINING_NAMES
from honorcard.records import Training
from honorcard.service_record import CardHeld, Fate, NextCard, ServiceRecord, Sum, YearLine

_FATES: dict[Fate, tuple[str, str]] = {
    "counts": ("採計", "counts"),
    "used": ("上一張卡已採計", "used for an earlier card"),
    "before_floor": ("採計起日之前", "before the first counted day"),
    "over_floor": ("跨過採計起日，整筆不採計", "reaches over the first counted day; not counted"),
    "excluded": ("民防、義警、義消等，不採計", "excluded service; not counted"),
    "later": ("還沒到的日期", "still to come"),
    "reversed": ("起訖日顛倒", "ends before it begins"),
}
_NO_UNIT = ("未註明單位", "unit not stated")


def fate(its: Fate, language: Language) -> str:
    """What a row is worth for the next card."""
    return _FATES[its][0 if language == "zh" else 1]


def amount(total: Sum, language: Language) -> str:
    """Hours, with the minutes that make no half hour: `12.5 小時（另 10 分鐘）`."""
    printed = hours.printed(total.half_hours)
    if language == "zh":
        return f"{printed} 小時" + (f"（另 {total.minutes_over} 分鐘）" if total.minutes_over else "")
    return f"{printed} hours" + (f" and {total.minutes_over} minutes" if total.minutes_over else "")


def unit(name: str, language: Language) -> str:
    """A unit's name, or that nobody stated it."""
    return name or _NO_UNIT[0 if language == "zh" else 1]


def year(roc_year: int, language: Language) -> str:
    """A year as a heading: `115 年`, `2026`."""
    if language == "en":
        return str(roc_year + roc.ROC_OFFSET)
    return f"{roc_year} 年" if roc_year > 0 else f"西元 {roc_year + roc.ROC_OFFSET} 年"


def year_line(line: YearLine, language: Language) -> str:
    """One unit in one year: `115 年 測試圖書館 12.5 小時`."""
    when, where, how_much = year(line.roc_year, language), unit(line.unit, language), amount(line.total, language)
    if language == "zh":
        return f"{when} {where} {how_much}" + ("，含跨年的一筆" if line.over_new_year else "")
    return f"{when}, {where}: {how_much}" + (", with an entry begun the year before" if line.over_new_year else "")


def under_review(total: Sum, language: Language) -> str:
    """Rows that an open application brought, and that stand nowhere else yet."""
    told = amount(total, language)
    if language == "zh":
        return f"審查中 {total.rows} 筆，{told}，核可後列入"
    return f"Under review: {_entries(total)}, {told}; to count once approved"


def why(ahead: NextCard, on: date, language: Language) -> list[str]:
    """What stands between a person and the next card: each reason in a sentence, with what to do.

    Nothing while a renewal is not open yet: what is missing today says nothing about that day.
    """
    if ahead.opens is not None and ahead.opens > on:
        return []
    told = [wording.reason_words(reason, language, on) for reason in ahead.verdict.reasons]
    return [("" if language == "zh" else " ").join(part for part in (one.text, one.remedy) if part) for one in told]


def training(done: Training, language: Language) -> str:
    """One training: kind, field, day and certificate, as far as they are known."""
    zh = language == "zh"
    name = TRAINING_NAMES[done.kind][0 if zh else 1]
    field = (f"（{done.field}）" if zh else f" ({done.field})") if done.field else ""
    when = "" if done.completed_on is None else wording.day(done.completed_on, language)
    told = [name + field, when or ("日期未註明" if zh else "day not stated")]
    if done.certificate:
        told.append(f"證書 {done.certificate}" if zh else f"certificate {done.certificate}")
    return ("，" if zh else ", ").join(told)


def card(held: CardHeld, on: date, language: Language) -> str:
    """One card: number (none is known of some paper cards) and last day, and whether it is over or was ended."""
    until = wording.day(held.valid_until, language)
    zh = language == "zh"
    number = held.number or ("紙本卡" if zh else "Paper card")
    if not held.standing:
        return f"{number}，已註銷" if zh else f"{number}, cancelled"
    if held.valid_until < on:
        return f"{number}，{until}到期" if zh else f"{number}, ended on {until}"
    return f"{number}，有效到 {until}" if zh else f"{number}, valid until {until}"


def next_card(ahead: NextCard, on: date, language: Language) -> list[str]:
    """The next card in sentences: from when it counts, what counts, what is missing, when its window opens."""
    zh = language == "zh"
    closed = ahead.opens is not None and ahead.opens > on
    told = [] if closed else [wording.headline(ahead.verdict, on, language) + ("。" if zh else ".")]
    if ahead.counting_from is not None:
        since = wording.day(ahead.counting_from, language)
        told.append(f"採計從 {since}開始。" if zh else f"Service counts from {since}.")
    if ahead.national_from is not None:
        since = wording.day(ahead.national_from, language)
        told.append(f"全國系統從 {since}起算。" if zh else f"The national system counts from {since}.")
    counted = hours.printed(ahead.verdict.half_hours or 0)
    if ahead.half_hours_short:
        short = hours.printed(ahead.half_hours_short)
        told.append(
            f"採計 {counted} 小時，還差 {short} 小時。" if zh else f"{counted} hours count; {short} are missing."
        )
    else:
        told.append(f"採計 {counted} 小時，夠了。" if zh else f"{counted} hours count; that is enough.")
    if ahead.opens is not None:
        opens = wording.day(ahead.opens, language)
        if closed:  # before that day nothing else matters
            told.insert(0, f"{opens}起可以換發。" if zh else f"Renewal opens on {opens}.")
        else:
            told.append(f"換發從 {opens}開始，現在可以辦。" if zh else f"Renewal has been open since {opens}.")
    return told


def summary(record: ServiceRecord, language: Language) -> list[str]:
    """The record's head: all hours, those that count, those that do not and why; only what there is."""
    zh = language == "zh"
    total = amount(record.total, language)
    told = [f"共 {record.total.rows} 筆，{total}。" if zh else f"{_entries(record.total)}, {total}."]
    for its, part in record.by_fate.items():
        if part.rows:
            told.append(f"{fate(its, language)}：{amount(part, language)}。" if zh else _sentence(its, part))
    return told


def _entries(total: Sum) -> str:
    return "1 entry" if total.rows == 1 else f"{total.rows} entries"


def _sentence(its: Fate, part: Sum) -> str:
    said = fate(its, "en")
    return f"{said[0].upper()}{said[1:]}: {amount(part, 'en')}."
