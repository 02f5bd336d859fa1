"""What each question makes of its form: kind, earlier card, identity number, person. The book is in `service`.

Each takes the answers so far and the typed fields and gives a Reading. What cannot be read leaves its answer empty, so
that the question stays open; the typed text is kept by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import identity, names, roc
from kiosk.asking.forms import Reading, Trouble, day_of, email_of
from kiosk.drafting import Answers, Identity
from sync.wire import PreviousCard
from web.countries import is_country


def read_kind(answers: Answers, typed: Mapping[str, str], _today: date) -> Reading:
    """First card, renewal, or a card that exists: to be issued again or corrected."""
    match typed.get("kind"):
        case "first":
            return Reading(replace(answers, kind="first", previous=None))
        case "renewal":
            return Reading(replace(answers, kind="renewal"))
        case "reissue":
            return Reading(replace(answers, kind="reissue"))
        case "correction":
            return Reading(replace(answers, kind="correction"))
    return Reading(replace(answers, kind=None), (Trouble("kind", gettext("申請種類"), "kind_missing"),))


def read_previous(answers: Answers, typed: Mapping[str, str], _today: date) -> Reading:
    """The day to which the earlier card is valid, typed (R21); what its QR said stays while the day is the same."""
    troubles: list[Trouble] = []
    day = day_of(typed, "valid_until", gettext("舊卡的有效期限"), troubles)
    known = answers.previous
    if day is None:
        return Reading(replace(answers, previous=None), tuple(troubles))
    if known is not None and known.source == "qr" and known.valid_until == day:
        return Reading(answers)
    return Reading(replace(answers, previous=PreviousCard(valid_until=day, source="typed")))


def read_identity(answers: Answers, typed: Mapping[str, str], _today: date) -> Reading:
    """The identity number with its kind; a passport is what the person says is one, and needs its nationality (§3)."""
    label = gettext("證件號碼")
    passport = typed.get("document") == "passport"
    nationality = typed.get("nationality", "") if passport else ""
    read = identity.read(typed.get("number", ""), passport=passport)
    troubles = []
    if not read.number:
        troubles.append(Trouble("number", label, "identity_missing"))
    elif read.problem_code is not None:
        troubles.append(Trouble("number", label, read.problem_code))
    if passport and not is_country(nationality):
        troubles.append(Trouble("nationality", gettext("國籍"), "passport_nationality_missing"))
        nationality = ""
    if troubles or read.kind == "unknown":
        return Reading(replace(answers, identity=None), tuple(troubles))
    return Reading(replace(answers, identity=Identity(number=read.number, kind=read.kind, nationality=nationality)))


def read_person(answers: Answers, typed: Mapping[str, str], today: date) -> Reading:
    """Name, birth date; e-mail address (R35) and English name (R49) if wished."""
    troubles: list[Trouble] = []
    name = names.tidy(typed.get("name", ""))
    trouble = names.problem(name)
    if trouble is not None:
        troubles.append(Trouble("name", gettext("姓名"), trouble))
    birth = day_of(typed, "birth", gettext("出生年月日"), troubles, latest=today, too_late="birth_in_future")
    email = email_of(typed, troubles)
    english = names.tidy(typed.get("english_name", ""))
    english_trouble = names.english_problem(english)
    if english_trouble is not None:
        troubles.append(Trouble("english_name", gettext("英文姓名"), english_trouble))
        english = ""
    read = replace(answers, name="" if trouble else name, birth_date=birth, email=email, english_name=english)
    return Reading(read, tuple(troubles))


def typed_from(answers: Answers) -> dict[str, dict[str, str]]:
    """The fields filled in from answers that were not typed here: a returned case, a card's QR."""
    typed: dict[str, dict[str, str]] = {}
    if answers.kind is not None:
        typed["kind"] = {"kind": answers.kind}
    if answers.previous is not None:
        typed["previous"] = {"valid_until": roc.dotted(answers.previous.valid_until)}
    if answers.identity is not None:
        document = "passport" if answers.identity.kind == "passport" else "id"
        typed["identity"] = {
            "document": document,
            "number": answers.identity.number,
            "nationality": answers.identity.nationality,
        }
    if answers.name and answers.birth_date is not None:
        typed["person"] = {
            "name": answers.name,
            "birth": roc.dotted(answers.birth_date),
            "email": answers.email,
            "english_name": answers.english_name,
        }
    return typed
