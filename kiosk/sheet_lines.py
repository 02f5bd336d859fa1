"""The lines of an application sheet: each applicant's standing in words, from the draft or from what was sent.

What is not here: the pages (application_sheets), the rules of a sheet (honorcard.application_sheet).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, cast, get_args

from flask_babel import gettext
from msgspec.structs import replace
from sqlite_utils import Database

from honorcard import application_sheet as rules
from honorcard import hours, identity, wording
from honorcard.application_sheet import Applicant, ApplicationSheet, Standing
from honorcard.claims import Verdict
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import Language
from honorcard.records import Unit, Volunteer
from honorcard.review import State
from honorcard.roster import Person
from kiosk import submitting
from kiosk.asking import judging, progress, questions, service
from kiosk.drafting import ABOUT_A_CARD, Answers, DraftPhoto, Identity, Service
from kiosk.settings import Settings
from kiosk.store import application_sheets, drafts, tray
from kiosk.store.application_sheets import Sheet
from kiosk.store.tray import TrayRow
from sync.ids import uuid7
from sync.wire import PreviousCard, ServiceRow
from web.clock import TAIPEI

_NOBODY = date(1900, 1, 1)  # stands in a sheet for a birth date nobody typed yet


@dataclass(frozen=True)
class Line:
    """One line. place: from 1. name: whole for a draft, masked once sent. hours: that count, empty before it was judged.

    notes: what to look at, or what is missing. can_go_on: there is a draft to fill in.
    """

    place: int
    application_id: str
    standing: Standing
    name: str
    masked_number: str
    kind: str
    words: str
    hours: str
    notes: tuple[str, ...]
    receipt: str
    is_sent: bool
    can_go_on: bool
    applicant: Applicant


@dataclass(frozen=True)
class Shown:
    """A sheet with its lines and the rules' own view of it."""

    sheet: Sheet
    lines: tuple[Line, ...]
    rules: ApplicationSheet

    @property
    def ready(self) -> tuple[str, ...]:
        """Ids of those that can be sent now."""
        return tuple(line.application_id for line in self.lines if line.standing == "ready")


def show(db: Database, settings: Settings, sheet: Sheet, today: date, language: Language, unit: str) -> Shown:
    """The sheet as it stands today."""
    city = settings.rules_on(today)
    words = step_words()  # looked up once for all lines: a dozen sentences each
    lines: list[Line] = []
    for application_id in application_sheets.applications(db, sheet.sheet_id):
        place = len(lines) + 1
        draft, row = drafts.find(db, application_id), tray.find(db, application_id)
        if row is not None:
            lines.append(_sent(place, row, draft is not None, language))
        elif draft is not None:
            photos = drafts.photos(db, application_id)
            lines.append(_draft(place, application_id, draft.answers, photos, city, today, language, words))
    whole = ApplicationSheet(
        sheet.number, Unit("", unit), date.fromisoformat(sheet.opened_on), tuple(line.applicant for line in lines)
    )
    return Shown(sheet, _with_doubles(db, settings, lines, whole), whole)


def _sent(place: int, row: TrayRow, has_draft: bool, language: Language) -> Line:
    state = row.state if row.state in get_args(State) else "incomplete"
    applicant = Applicant(Volunteer("", row.masked_name, _NOBODY), _kind(row.kind), None, cast(State, state))
    words = {
        "waiting": gettext("已送出，還在這台機器等網路"),
        "returned": gettext("退回，請到送件匣修正"),
        "issued": gettext("已核發"),
        "refused": gettext("不符規定，已結案"),
        "withdrawn": gettext("已撤回"),
    }.get(row.state, rules.in_words(applicant.standing, language))
    if row.op_state in ("rejected", "quarantined", "conflict"):
        words = gettext("沒有送成，請看送件匣")
    return Line(
        place, row.application_id, applicant.standing, row.masked_name, "", row.kind, words, "", (), row.receipt,
        True, has_draft, applicant,
    )  # fmt: skip


def _draft(
    place: int, application_id: str, answers: Answers, photos: Sequence[DraftPhoto], city: Jurisdiction, today: date,
    language: Language, words: Mapping[str, str],
) -> Line:  # fmt: skip
    missing = [step for step in progress.missing(answers, photos) if step != "verdict"]
    verdict = _verdict(answers, photos, city, today)
    whole = not missing and verdict is not None and verdict.passed
    number = answers.identity.number if answers.identity else ""
    applicant = Applicant(
        Volunteer(number, answers.name, answers.birth_date or _NOBODY),
        _kind(answers.kind or "first"),
        verdict if whole or (verdict is not None and not verdict.passed) else None,
    )
    notes = []
    if missing:
        names = [words.get(step, step) for step in missing]
        notes.append(gettext("還缺：%(what)s", what=("、" if language == "zh" else ", ").join(names)))
    if verdict is not None and not verdict.passed and verdict.outcome in ("fail", "error"):
        notes.append(wording.headline(verdict, today, language))
    return Line(
        place,
        application_id,
        applicant.standing,
        answers.name or gettext("還沒有姓名"),
        identity.mask(number),
        answers.kind or "",
        rules.in_words(applicant.standing, language),
        "" if verdict is None or verdict.half_hours is None else hours.printed(verdict.half_hours),
        tuple(notes),
        "",
        False,
        True,
        applicant,
    )


def _verdict(answers: Answers, photos: Sequence[DraftPhoto], city: Jurisdiction, today: date) -> Verdict | None:
    """None while the service is not typed; a card to be issued again is judged by nobody but the reviewers."""
    if answers.kind in ABOUT_A_CARD:
        return Verdict("pass")
    if answers.service is None or (answers.kind == "renewal" and answers.previous is None):
        return None
    return judging.judge(answers, photos, city, today)


def _with_doubles(db: Database, settings: Settings, lines: Sequence[Line], whole: ApplicationSheet) -> tuple[Line, ...]:
    """The lines with what is odd about their numbers: twice on the sheet, sent before, one unseen slip apart."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for line in lines:
        number = identity.normalise(line.applicant.volunteer.identity_number)
        if number:
            places[number].append(line.place)
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for one, other in whole.alike:
        alike[one].append(other)
        alike[other].append(one)
    told = []
    for line in lines:
        number = identity.normalise(line.applicant.volunteer.identity_number)
        notes = list(line.notes)
        same = [str(other) for other in places[number] if other != line.place] if number else []
        if same:
            notes.append(gettext("和第 %(n)s 位是同一個證號，請拿掉一位", n=gettext("、").join(same)))
        for other in alike[line.place]:
            notes.append(gettext("證號和第 %(n)s 位很像，請再對一次證件", n=other))
        if number and not line.is_sent:
            for receipt in application_sheets.of_person(db, submitting.identity_mac(settings, number)):
                notes.append(gettext("這個人已經送過一件，還沒有結果：收據 %(receipt)s", receipt=receipt))
        told.append(_noted(line, tuple(notes)))
    return tuple(told)


def _noted(line: Line, notes: tuple[str, ...]) -> Line:
    values = {name: getattr(line, name) for name in line.__dataclass_fields__}
    return Line(**{**values, "notes": notes})


def step_words() -> dict[str, str]:
    """What a question is about, for the list of what is missing."""
    return {
        "kind": gettext("申請種類"),
        "previous": gettext("舊卡"),
        "cause": gettext("原因"),
        "old_card": gettext("原來的卡"),
        "identity": gettext("證號"),
        "person": gettext("姓名和生日"),
        "headshot": gettext("大頭照"),
        "book_photos": gettext("紀錄冊相片"),
        "book": gettext("編號和時數"),
        "training": gettext("訓練"),
        "papers": gettext("文件相片"),
        "consent": gettext("同意"),
    }


def kind_words(kind: str) -> str:
    """A kind of application, for the list on paper."""
    words: dict[str, str] = {
        "first": gettext("首次申請"), "renewal": gettext("換發"), "reissue": gettext("補發"), "correction": gettext("更正"),
    }  # fmt: skip
    return words.get(kind, "")


def moment(milliseconds: int) -> datetime:
    """A stored moment, Taipei time."""
    return datetime.fromtimestamp(milliseconds / 1000, TAIPEI)


def _kind(kind: str) -> Literal["first", "renewal"]:
    return "renewal" if kind == "renewal" else "first"


# --- from a unit's list ---


def answers_from(person: Person, city: Jurisdiction) -> Answers:
    """A draft's answers from a person of a checked list: what the list says need not be typed again.

    A number that needs more than the list says (a passport's country) is left to be typed.
    """
    claim = person.claim
    number = identity.read(person.identity_number)
    known = number.valid and number.kind in ("national", "ui_new", "ui_old")
    held: Service | None = None
    previous: PreviousCard | None = None
    if claim is not None:
        if claim.previous_valid_until is not None:
            previous = PreviousCard(valid_until=claim.previous_valid_until, source="typed")
        rows = tuple(
            ServiceRow(
                start=row.start, end=row.end, minutes=row.minutes, item=row.item, content=row.content, unit=row.unit,
                category=row.category,
            )
            for row in claim.entries or ()
        )  # fmt: skip
        held = (
            Service(rows=rows)
            if rows
            else Service(
                first_day=claim.first_service, last_day=claim.last_service, half_hours=claim.half_hours,
                category=claim.category,
            )
        )  # fmt: skip
    answers = Answers(
        kind="first" if previous is None else "renewal",
        previous=previous,
        identity=Identity(number=number.number, kind=cast(Literal["national"], number.kind)) if known else None,
        name=person.name,
        birth_date=person.birth,
        service=held,
        training_gate=city.training_gate,
    )
    typed = questions.typed_from(answers) | {"book": service.typed_from_service(answers)}
    if person.birth is None:
        typed["person"] = {"name": person.name}
    if not known and person.identity_number:
        typed["identity"] = {"document": "passport" if number.kind == "passport" else "id", "number": number.number}
    return replace(answers, typed=typed)


def put_people_on(
    db: Database, sheet_id: str, people: Sequence[Person], city: Jurisdiction, now_ms: int
) -> tuple[int, int]:
    """A draft for each of them on the sheet. Gives how many were added, and how many stood on it already."""
    there = {
        identity.normalise(draft.answers.identity.number)
        for application_id in application_sheets.applications(db, sheet_id)
        if (draft := drafts.find(db, application_id)) is not None and draft.answers.identity is not None
    }
    added = skipped = 0
    for person in people:
        number = identity.normalise(person.identity_number)
        if number and number in there:
            skipped += 1
            continue
        there.add(number)
        application_id = uuid7()
        drafts.create(db, application_id, now_ms, answers_from(person, city))
        application_sheets.put_on(db, sheet_id, application_id, now_ms)
        added += 1
    return added, skipped
