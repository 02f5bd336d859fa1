"""The forms of an entry at the office, read and checked: what was typed becomes a row, or a sentence that says what is wrong.

What is not here: writing them down (entering).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from center.store.insurance import NewInsurance
from center.store.service import NewService, Service
from center.store.training import NewTraining
from honorcard import hours, roc
from honorcard.problems import Language, ProblemError
from honorcard.records import CATEGORIES

LONGEST_TEXT = 100
HALF_HOURS_A_DAY = 48

_CATEGORIES = {
    "ordinary": ("一般志願服務", "Ordinary volunteer service"),
    "civil_defence": ("民防", "Civil defence"),
    "volunteer_police": ("義勇警察", "Volunteer police"),
    "volunteer_traffic_police": ("義勇交通警察", "Volunteer traffic police"),
    "volunteer_fire": ("義勇消防", "Volunteer fire brigade"),
    "neighbourhood_watch": ("守望相助", "Neighbourhood watch"),
    "mountain_police": ("山地義勇警察", "Mountain volunteer police"),
    "disaster_relief_group": ("災害防救團體", "Disaster relief group"),
    "disaster_relief_organisation": ("災害防救志願組織", "Disaster relief organisation"),
}


def categories(language: Language) -> list[tuple[str, str]]:
    """Each category with its name; all but the first bring no card here (R12)."""
    return [(code, _CATEGORIES[code][0 if language == "zh" else 1]) for code in CATEGORIES]


def text(typed: str, longest: int = LONGEST_TEXT) -> str:
    """What was typed, on one line. ProblemError `entry_text_too_long`."""
    squeezed = " ".join("".join(one if one.isprintable() else " " for one in typed).split())
    if len(squeezed) > longest:
        raise ProblemError("entry_text_too_long", most=longest)
    return squeezed


def day(typed: str) -> date:
    """The day that was typed, in any spelling. ProblemError `entry_date_unreadable`."""
    read = roc.read(typed)
    if read.date is None:
        raise ProblemError("entry_date_unreadable")
    return read.date


def day_of_ours(typed: str) -> date:
    """As `day`, of the time in which this program keeps anything: what lies outside is a slip of the fingers."""
    found = day(typed)
    if not 2000 < found.year < 2200:
        raise ProblemError("entry_date_unreadable")
    return found


def service(form: Mapping[str, str], person_no: int, unit_id: str | None, today: date) -> NewService:
    """A row of service: days up to today, hours in halves, no more than the days have."""
    start = day(form.get("start", ""))
    end = day(form["end"]) if form.get("end", "").strip() else start
    if end < start:
        raise ProblemError("entry_days_reversed")
    if end > today:
        raise ProblemError("entry_day_ahead")
    read = hours.read(form.get("hours", ""))
    if not read.half_hours or read.half_hours < 0:
        raise ProblemError("entry_hours_wrong")
    days = (end - start).days + 1
    if read.half_hours > days * HALF_HOURS_A_DAY:
        raise ProblemError("entry_hours_too_many", days=days, most=days * 24)
    category = form.get("category") or "ordinary"
    if category not in CATEGORIES:
        raise ProblemError("entry_choice_missing")
    return NewService(
        person_no, unit_id, start, end, read.half_hours, text(form.get("item", "")), text(form.get("content", "")), category
    )  # fmt: skip


def is_same(new: NewService, row: Service) -> bool:
    """Whether a row stands there already, to the letter."""
    return (new.unit_id, new.start, new.end, new.half_hours, new.item, new.content, new.category) == (
        row.unit_id, row.start, row.end, row.half_hours, row.item, row.content, row.category,
    )  # fmt: skip


def training(
    form: Mapping[str, str], person_no: int, unit_id: str | None, today: date, file_sha256: bytes | None
) -> NewTraining:
    """A training; its hours and its day where they are known."""
    kind = form.get("kind", "")
    if kind not in ("basic", "special"):
        raise ProblemError("entry_choice_missing")
    completed = day(form["completed"]) if form.get("completed", "").strip() else None
    if completed is not None and completed > today:
        raise ProblemError("entry_day_ahead")
    length: int | None = None
    if form.get("hours", "").strip():
        length = hours.read(form["hours"]).half_hours
        if not length or length < 0:
            raise ProblemError("entry_hours_wrong")
    return NewTraining(
        person_no, "basic" if kind == "basic" else "special", text(form.get("field", "")) if kind == "special" else "",
        text(form.get("course", "")), length, completed, text(form.get("certificate", "")), file_sha256, unit_id,
    )  # fmt: skip


def insurance(form: Mapping[str, str], person_no: int, unit_id: str | None) -> NewInsurance:
    """An insurance; its days may lie ahead."""
    insurer = text(form.get("insurer", ""))
    if not insurer:
        raise ProblemError("insurer_missing")
    start, end = day(form.get("start", "")), day(form.get("end", ""))
    if end < start:
        raise ProblemError("entry_days_reversed")
    return NewInsurance(person_no, unit_id, insurer, start, end, text(form.get("policy", "")))
