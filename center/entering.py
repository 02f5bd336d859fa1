"""What the office enters about a volunteer: service, trainings with their certificates, insurance, the English name; and what of it
is void.

A unit officer for the own unit's people and in the unit's name, the administrator for all. Every entry says who made it; what
was wrong is made void with a reason and stays to be seen. What is not here: lists of many (exchange), looking (people), reading
the forms (entries).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from flask import Blueprint, Response, flash, make_response, request
from flask_babel import gettext
from sqlalchemy import Connection

from center import audit_values, auditing, current, entries, photostore, seeing
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import accounts, insurance, members, person_log, service, training, volunteers
from center.store.audit import Change
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.people import Person
from honorcard import names
from honorcard.problems import ProblemError
from scanner import files
from web.clock import now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("entering", __name__)

_ADDRESS = "/people/<string(length=36):person_id>/entries"
CERTIFICATE_LIMIT = 10 * 2**20
# what the audit says of an entry: nothing of it tells who somebody is
_SERVICE = ("unit_id", "start", "end", "half_hours", "category")
_TRAINING = ("kind", "completed_on", "half_hours")
_INSURANCE = ("unit_id", "start", "end")


@bp.get(_ADDRESS)
@right_required("keep_records")
def show(person_id: str) -> Response:
    """What was entered so far, and the forms."""
    seeing.check(person_id)
    auditing.saw("person_seen", "person", person_id)
    return _page(person_id)


@bp.post(f"{_ADDRESS}/english")
@right_required("keep_records")
def english(person_id: str) -> Response:
    """The English name, as the passport spells it; noted with the one before."""
    seeing.check(person_id)
    name = names.tidy(request.form.get("english_name", ""))
    wrong = names.english_problem(name)
    if wrong is not None:
        raise ProblemError(wrong)
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        changed = volunteers.change(conn, found.no, by=me().account_id, now_ms=now_ms(), english_name=name)
        fields = [audit_values.personal(current.settings(), field, *values) for field, values in changed.items()]
        if fields:
            auditing.did(conn, "person_changed", "person", person_id, fields)
    return _done(person_id, gettext("英文姓名改好了"))


@bp.post(f"{_ADDRESS}/service")
@right_required("keep_records")
def add_service(person_id: str) -> Response:
    """One row of service."""
    seeing.check(person_id)
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        new = entries.service(request.form, found.no, _unit(conn), today())
        there = service.of_person(conn, seeing.nos(conn, found))
        if any(entries.is_same(new, row) for row in there):
            raise ProblemError("entry_there_already")
        service.add(conn, [new], _here())
        _joined(conn, found, new.unit_id)
        _note(conn, found, "added_service", said=audit_values.plain(_SERVICE, None, new))
    if new.start < current.settings().rules_on(today()).earliest_service:
        flash(gettext("這筆比志願服務法施行（90.01.20）還早。請再看一次年份，打錯請作廢。"))
    return _done(person_id, gettext("服務登錄好了"))


@bp.post(f"{_ADDRESS}/training")
@right_required("keep_records")
def add_training(person_id: str) -> Response:
    """One training, with a picture of its certificate where there is one (R61)."""
    seeing.check(person_id)
    kept = _certificate(is_needed=False)
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        new = entries.training(request.form, found.no, _unit(conn, is_needed=False), today(), kept)
        (training_id,) = training.add(conn, [new], _here())
        _note(conn, found, "added_training", training_id, audit_values.plain(_TRAINING, None, new))
    return _done(person_id, gettext("訓練登錄好了"))


@bp.post(f"{_ADDRESS}/training/<string(length=36):training_id>/certificate")
@right_required("keep_records")
def add_certificate(person_id: str, training_id: str) -> Response:
    """The certificate of a training that was entered without, or a better picture."""
    seeing.check(person_id)
    kept = _certificate(is_needed=True)
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        held = training.find(conn, training_id)
        if held is None or held.mark.void_ms is not None or held.person_no not in seeing.nos(conn, found):
            raise ProblemError("entry_gone")
        assert kept is not None
        training.keep_file(conn, training_id, kept)
        _note(conn, found, "added_certificate", training_id, [("certificate", _address(held.file_sha256), _address(kept))])
    return _done(person_id, gettext("證書收好了"))


@bp.get("/people/<string(length=36):person_id>/training/<string(length=36):training_id>.jpg")
@right_required("see_records")
def certificate(person_id: str, training_id: str) -> Response:
    """The picture of a certificate, for whoever may see the person's record."""
    with current.store().read() as conn:
        found = seeing.person(conn, person_id)
        held = training.find(conn, training_id)
        if held is None or held.file_sha256 is None or held.person_no not in seeing.nos(conn, found):
            raise ProblemError("entry_gone")
    auditing.saw("certificate_seen", "person", person_id, [("entry", "", training_id)])
    content = photostore.get(current.settings(), "certificate", held.file_sha256.hex())
    if content is None:
        raise ProblemError("entry_gone")
    return make_response(content, 200, {"Content-Type": "image/jpeg", "Cache-Control": "private, no-store"})


@bp.post(f"{_ADDRESS}/insurance")
@right_required("keep_records")
def add_insurance(person_id: str) -> Response:
    """One insurance, as information (R63)."""
    seeing.check(person_id)
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        new = entries.insurance(request.form, found.no, _unit(conn))
        (insurance_id,) = insurance.add(conn, [new], _here())
        _note(conn, found, "added_insurance", insurance_id, audit_values.plain(_INSURANCE, None, new))
    return _done(person_id, gettext("保險登錄好了"))


@bp.post(f"{_ADDRESS}/void")
@right_required("keep_records")
def void(person_id: str) -> Response:
    """Makes an entry void, with the reason. An officer only what stands under the own unit or nobody's name."""
    seeing.check(person_id)
    why = entries.text(request.form.get("why", ""), 200)
    if not why:
        raise ProblemError("entry_why_missing")
    kind, entity = request.form.get("kind", ""), request.form.get("id", "")[:36]
    own = seeing.own_unit(me())
    with current.store().write() as conn:
        found = seeing.person(conn, person_id)
        unit_id, person_no = _owner(conn, kind, entity)
        if person_no not in seeing.nos(conn, found):
            raise ProblemError("entry_gone")
        if own is not None and unit_id not in (own, None):
            raise ProblemError("not_allowed")
        by, at = me().account_id, now_ms()
        if kind == "service":
            done = service.void(conn, int(entity), by=by, why=why, now_ms=at)
        elif kind == "training":
            done = training.void(conn, entity, by=by, why=why, now_ms=at)
        else:
            done = insurance.void(conn, entity, by=by, why=why, now_ms=at)
        if not done:
            raise ProblemError("entry_gone")
        person_log.record(
            conn, person_no, by=by, what=f"voided_{kind}", entity=entity, text=why, now_ms=at
        )  # fmt: skip
        auditing.did(conn, f"voided_{kind}", "person", person_id, [("entry", entity, "")])
    return _done(person_id, gettext("作廢了，原因留在紀錄裡"))


@bp.errorhandler(ProblemError)
def _say_above_the_forms(problem: ProblemError) -> Response:
    """What kept an entry from being made, with what was typed still in the fields."""
    kept = problem.code.startswith(("entry_", "insurer_", "certificate_", "english_name_", "picture_"))
    person_id = (request.view_args or {}).get("person_id")
    if request.method != "POST" or not kept or person_id is None:
        return answer(problem, "center/problem.html")
    return _page(person_id, problem.sentence(language()), problem.problem.status)


def _page(person_id: str, sentence: str = "", status: int = 200) -> Response:
    account = me()
    own = seeing.own_unit(account)
    with current.store().read() as conn:
        found = seeing.person(conn, person_id)
        nos = seeing.nos(conn, found)
        volunteer = volunteers.of_no(conn, found.no)
        rows = service.of_person(conn, nos, with_void=True)
        trainings = [one for some in training.of_people(conn, nos, with_void=True).values() for one in some]
        insurances = [one for some in insurance.of_people(conn, nos, with_void=True).values() for one in some]
        units = accounts.units(conn) if own is None else []
        said = {one.account_id: one.person for one in accounts.everyone(conn)}
        events = person_log.events(conn, nos)
    return page(
        "center/person_entries.html", "main", status=status, person=found, volunteer=volunteer, rows=rows[::-1],
        trainings=trainings, insurances=insurances, units=units, said=said, events=events, own=own, sentence=sentence,
        typed=request.form, at_form=request.path.rpartition("/")[2] if sentence else "", today=today(),
        categories=entries.categories(language()), done_words=_done_words,
    )  # fmt: skip


def _done_words(what: str) -> str:
    """What was done, in words."""
    words: dict[str, str] = {
        "added_service": gettext("登錄服務"),
        "added_training": gettext("登錄訓練"),
        "added_certificate": gettext("收下證書"),
        "added_insurance": gettext("登錄保險"),
        "voided_service": gettext("作廢一筆服務："),
        "voided_training": gettext("作廢一項訓練："),
        "voided_insurance": gettext("作廢一份保險："),
        "changed_name": gettext("改姓名："),
        "changed_english_name": gettext("改英文姓名："),
        "changed_birth_date": gettext("改出生日期："),
    }
    return words.get(what, what)


def _certificate(*, is_needed: bool) -> bytes | None:
    """The picture that was handed in, decoded safely and encoded afresh; its address. ProblemError of scanner.files."""
    given = request.files.get("file")
    data = given.read(CERTIFICATE_LIMIT + 1) if given is not None else b""
    if not data:
        if is_needed:
            raise ProblemError("certificate_file_missing")
        return None
    if len(data) > CERTIFICATE_LIMIT:
        raise ProblemError("picture_too_heavy")
    jpeg = files.sanitise(data)
    digest = hashlib.sha256(jpeg)
    photostore.put(current.settings(), "certificate", digest.hexdigest(), jpeg)
    return digest.digest()


def _unit(conn: Connection, *, is_needed: bool = True) -> str | None:
    """The unit an entry is made for: an officer's own, or the one that was chosen. ProblemError `entry_unit_missing`."""
    own = seeing.own_unit(me())
    if own is not None:
        return own
    chosen = request.form.get("unit", "")
    known = next((unit.unit_id for unit in accounts.units(conn) if unit.unit_id == chosen), None)
    if known is None and is_needed:
        raise ProblemError("entry_unit_missing")
    return known


def _here() -> Origin:
    return Origin("office", me().account_id, now_ms())


def _joined(conn: Connection, found: Person, unit_id: str | None) -> None:
    """Who serves a unit is its volunteer."""
    if unit_id is not None:
        members.join(conn, [NewMember(found.no, unit_id)], _here())


def _note(conn: Connection, found: Person, what: str, entity: str = "", said: Iterable[Change] = ()) -> None:
    person_log.record(conn, found.no, by=me().account_id, what=what, entity=entity, now_ms=now_ms())
    named = [("entry", "", entity)] if entity else []
    auditing.did(conn, what, "person", found.person_id, [*named, *said])


def _address(sha256: bytes | None) -> str:
    return sha256.hex()[:16] if sha256 else ""


def _owner(conn: Connection, kind: str, entity: str) -> tuple[str | None, int]:
    """Under whose name an entry stands, and whose it is. ProblemError `entry_gone`."""
    if kind == "service" and entity.isascii() and entity.isdigit() and len(entity) <= 15:
        row = service.find(conn, int(entity))
        if row is not None:
            return row.unit_id, row.person_no
    elif kind == "training":
        held = training.find(conn, entity)
        if held is not None:
            return held.unit_id, held.person_no
    elif kind == "insurance":
        insured = insurance.find(conn, entity)
        if insured is not None:
            return insured.unit_id, insured.person_no
    raise ProblemError("entry_gone")


def _done(person_id: str, words: str) -> Response:
    flash(words)
    return see_other(f"/people/{person_id}/entries")
