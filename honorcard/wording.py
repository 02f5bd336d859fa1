"""The words of a verdict: a headline, sentences for each reason and note, and the rows of requirements a screen shows.

Every sentence gives the figure, the limit, the day and the next step; both languages stand together, to stay the same.
What is not here: the sentences of problems (problems) and the labels of screens (templates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from honorcard import evidence, hours, roc
from honorcard.claims import Claim, Reason, Verdict
from honorcard.evidence import Evidence
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import Language
from honorcard.reason_texts import CATEGORY_NAMES, REASON_TEXTS, TRAINING_NAMES

RequirementState = Literal["good", "stop", "wait"]

_RULES = {"tenure": "R2", "hours": "R3", "recency": "R22", "window": "R20", "book": "R1"}
PAGES_NAMED = 6  # of many pages, how many are named one by one

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class ReasonWords:
    """A reason or note for a person: a short title, what was found, and what to do (empty when there is nothing)."""

    title: str
    text: str
    remedy: str


@dataclass(frozen=True)
class Requirement:
    """One row of the list of requirements. state: met (`good`), to be mended (`stop`), met by waiting (`wait`)."""

    code: Literal["tenure", "hours", "recency", "window", "book"]
    state: RequirementState
    title: str
    text: str

    @property
    def rule(self) -> str:
        """The rule it comes from."""
        return _RULES[self.code]


def day(value: date, language: Language, today: date | None = None) -> str:
    """A day as people say it: `12 月 14 日`, with the ROC year where it is not this year; `14 December 2026`."""
    this_year = today is not None and value.year == today.year
    if language == "en":
        month = f"{value.day} {_MONTHS[value.month - 1]}"
        return month if this_year else f"{month} {value.year}"
    month = f"{value.month} 月 {value.day} 日"
    if this_year:
        return month
    if value.year <= roc.ROC_OFFSET:
        return f"西元 {value.year} 年 {month}"
    return f"{roc.roc_year(value)} 年 {month}"


def reason_words(reason: Reason, language: Language, today: date | None = None) -> ReasonWords:
    """The words of a reason or a note; a day of this year loses its year when `today` is given."""
    code = reason.code
    if code == "tenure_short" and "needs" not in reason.details:
        code = "tenure_none"
    title, text, remedy = REASON_TEXTS[code][0 if language == "zh" else 1]
    figures = _figures(reason.details, language, today)
    return ReasonWords(title.format_map(figures), text.format_map(figures), remedy.format_map(figures))


def _figures(details: Mapping[str, Any], language: Language, today: date | None) -> dict[str, str]:
    """The details of a reason as a sentence holds them: days in words, half hours in hours, categories by name."""
    figures: dict[str, str] = {}
    if len({value.year for value in details.values() if isinstance(value, date)}) > 1:
        today = None  # days of different years, side by side: each says its own
    for name, value in {"missing": ("basic", "special"), **details}.items():
        if isinstance(value, date):
            figures[name] = day(value, language, today)
        elif name.startswith("half_hours"):
            figures[name.replace("half_hours", "hours")] = hours.printed(value)
        elif name == "missing":
            named = (TRAINING_NAMES[kind][0 if language == "zh" else 1] for kind in value)
            figures[name] = ("和" if language == "zh" else " and ").join(named)
        elif name == "category":
            figures[name] = CATEGORY_NAMES[value][0 if language == "zh" else 1]
        elif name == "pages":
            figures[name] = _pages(value, language)
        elif isinstance(value, list):
            figures[name] = ("、" if language == "zh" else ", ").join(map(str, value))
        else:
            figures[name] = str(value)
    if "half_hours_short" in details:
        figures["hours_needed"] = hours.printed(details["half_hours"] + details["half_hours_short"])
    return figures


def _pages(pages: list[list[Any]], language: Language) -> str:
    """Pages by name, the first few of many."""
    zh = language == "zh"
    named = [evidence.words(Evidence(kind, book, page), language) for kind, book, page in pages[:PAGES_NAMED]]
    if len(pages) > PAGES_NAMED:
        named.append(f"等共 {len(pages)} 頁" if zh else f"{len(pages)} in all")
    return ("、" if zh else "; ").join(named)


def headline(verdict: Verdict, today: date, language: Language) -> str:
    """The one sentence above a verdict: that it passes, the day to come again, or the first thing that is missing."""
    zh = language == "zh"
    if verdict.passed:
        return "可以申請了" if zh else "You can apply now"
    if verdict.outcome == "out_of_scope":
        return "這類服務請向警察或消防單位申請" if zh else "Apply to the police or fire service instead"
    if verdict.outcome == "error":
        return "有一個地方要改" if zh else "One thing needs correcting"
    if verdict.reason("no_record_book"):
        return "先領紀錄冊，再來申請" if zh else "First get a record book, then apply"
    if verdict.last_service is None:
        return "還沒有可以採計的服務紀錄" if zh else "There is no service that counts yet"
    if verdict.eligible_on is not None:
        return _waiting(verdict, verdict.eligible_on, today, language)
    return _missing(verdict, today, language)


def _waiting(verdict: Verdict, eligible_on: date, today: date, language: Language) -> str:
    """The headline when waiting, and going on serving, is all that is needed."""
    zh = language == "zh"
    if eligible_on > today:
        when = day(eligible_on, language, today)
        return f"再等一下，{when}起可以申請" if zh else f"Not yet. You can apply from {when}"
    short = verdict.reason("tenure_short")
    if short is None:  # the window has opened since
        return "可以申請了，請重新送出" if zh else "You can apply now. Send it again"
    needs = day(short.details["needs"], language, today)
    if zh:
        return f"還差一筆 {needs}或之後的服務紀錄"
    return f"One more entry is needed, dated {needs} or later"


def _missing(verdict: Verdict, today: date, language: Language) -> str:
    """The headline when something besides time is missing."""
    zh = language == "zh"
    short = verdict.reason("hours_short")
    if short is not None:
        lacking = hours.printed(short.details["half_hours_short"])
        if verdict.reason("tenure_short") is not None:
            both = ("時數還差 {} 小時，年資也還沒滿", "{} more hours are needed, and the years are not full yet")
            return both[not zh].format(lacking)
        return f"時數還差 {lacking} 小時" if zh else f"{lacking} more hours are needed"
    stale = verdict.reason("not_recent")
    if stale is not None:
        cutoff = day(stale.details["cutoff"], language, today)
        return f"{cutoff}以後還沒有服務紀錄" if zh else f"There is no service since {cutoff}"
    return reason_words(verdict.reasons[0], language, today).title


def requirements(
    verdict: Verdict, claim: Claim, rules: Jurisdiction, language: Language, today: date | None = None
) -> list[Requirement]:
    """The rows of requirements, figure and limit side by side; empty where nothing was judged (out of scope, error)."""
    if verdict.outcome not in ("pass", "fail"):
        return []
    has_book = claim.record_book and verdict.reason("no_record_book") is None
    book = _book(has_book, language)
    if not has_book:
        return [book]
    rows = [
        _tenure(verdict, rules, language, today),
        _hours(verdict, rules, language),
        _recency(verdict, rules, language, today),
    ]
    if verdict.opens is not None:
        rows.append(_window(verdict, verdict.opens, language, today))
    return [*rows, book]


def _tenure(verdict: Verdict, rules: Jurisdiction, language: Language, today: date | None) -> Requirement:
    zh = language == "zh"
    title = f"服務滿 {rules.years} 年" if zh else f"{rules.years} full years of service"
    if verdict.counting_from is None or verdict.last_service is None or verdict.years_complete_on is None:
        text = "還沒有可以採計的服務紀錄" if zh else "No service that counts yet"
        return Requirement("tenure", "stop", title, text)
    if verdict.counting_from.year != verdict.last_service.year:
        today = None  # 「112 年 11 月 1 日到 10 月 31 日」 would be read as one year
    first, last = day(verdict.counting_from, language, today), day(verdict.last_service, language, today)
    span = f"{first}到 {last}" if zh else f"{first} to {last}"
    if verdict.reason("tenure_short") is None:
        return Requirement("tenure", "good", title, span)
    needs = day(verdict.years_complete_on, language, today)
    short = f"，要到 {needs}" if zh else f"; it must reach {needs}"
    return Requirement("tenure", "wait", title, span + short)


def _hours(verdict: Verdict, rules: Jurisdiction, language: Language) -> Requirement:
    zh = language == "zh"
    needed, held = hours.printed(rules.half_hours_needed), hours.printed(verdict.half_hours or 0)
    state: RequirementState = "stop" if verdict.reason("hours_short") else "good"
    title = f"時數滿 {needed} 小時" if zh else f"{needed} hours"
    return Requirement("hours", state, title, f"{held} ／ {needed} 小時" if zh else f"{held} / {needed} hours")


def _recency(verdict: Verdict, rules: Jurisdiction, language: Language, today: date | None) -> Requirement:
    zh = language == "zh"
    months = rules.recency_months
    title = f"最近 {months} 個月有服務" if zh else f"Service within the last {months} months"
    last = verdict.last_service
    if last is None or verdict.cutoff is None:
        return Requirement("recency", "stop", title, "還沒有可以採計的服務紀錄" if zh else "No service that counts yet")
    text = f"最近一次 {day(last, language, today)}" if zh else f"Last on {day(last, language, today)}"
    if verdict.reason("not_recent") is None:
        return Requirement("recency", "good", title, text)
    cutoff = day(verdict.cutoff, language, today)
    return Requirement(
        "recency", "stop", title, text + (f"，要在 {cutoff}或之後" if zh else f"; needed {cutoff} or later")
    )


def _window(verdict: Verdict, opens: date, language: Language, today: date | None) -> Requirement:
    zh = language == "zh"
    state: RequirementState = "wait" if verdict.reason("window_not_open") else "good"
    title = "換發期間" if zh else "Time of renewal"
    when = day(opens, language, today)
    return Requirement("window", state, title, f"{when}起" if zh else f"From {when}")


def _book(has_book: bool, language: Language) -> Requirement:
    zh = language == "zh"
    title = "志願服務紀錄冊" if zh else "Volunteer record book"
    if has_book:
        return Requirement("book", "good", title, "有" if zh else "Yes")
    return Requirement("book", "stop", title, "還沒有" if zh else "Not yet")
