"""A returned case becomes a draft again: all as it was sent, the places to retake open, the reviewer's words on top.

What was returned lies sealed to this tablet in the store and is opened here, while the tablet is unlocked. The center
gets an amendment of the revision that was returned (sync.md B.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from honorcard import corrections
from honorcard.jurisdiction import TrainingGate
from honorcard.problems import Language, ProblemError
from kiosk.asking import again, progress, questions, service, trainings
from kiosk.drafting import ABOUT_A_CARD, Answers, Identity, Record, Service
from kiosk.settings import Settings
from kiosk.store import Store, drafts
from sync import wire
from sync.claims import page_of
from sync.device import DeviceKeys
from sync.seal import SealError
from sync.upcasting import decode_returned

# which question a reason is about; `other` is told on the check page alone
_STEPS: dict[str, tuple[str, ...]] = {
    "page_glare": ("book_photos",),
    "page_blurred": ("book_photos",),
    "page_missing": ("book_photos",),
    "headshot_unfit": ("headshot",),
    "hours_differ": ("book",),
    "dates_differ": ("book",),
    "book_number_differs": ("book",),
    "name_differs": ("person",),
    "identity_differs": ("identity", "person"),
    "previous_card_differs": ("previous",),
    "form_unreadable": ("papers",),
    "form_unsigned": ("papers",),
    "cover_unreadable": ("papers",),
    "document_unfit": ("papers",),
    "name_unlike_document": ("person",),
    "identity_unlike_document": ("identity", "person"),
    "old_card_differs": ("old_card",),
}
# which question asks for a photograph
_ROOMS = {"headshot": "headshot", "previous_card": "previous", "certificate": "training"}
_ROOMS_AGAIN = {
    "headshot": "headshot", "cover": "papers", "form": "papers", "document": "papers", "previous_card": "old_card",
}  # fmt: skip
_PAPERS = {
    "headshot_unfit": "headshot",
    "form_unreadable": "form",
    "form_unsigned": "form",
    "cover_unreadable": "cover",
    "document_unfit": "document",
}


def begin(store: Store, settings: Settings, application_id: str, now_ms: int, today: date) -> None:
    """Makes the draft of a returned case, unless it is there already. today: whose rules say which questions are asked.

    ProblemError `case_not_returned`, or `case_does_not_open` when it was sealed to another tablet.
    """
    with store.read() as db:
        if drafts.find(db, application_id) is not None:
            return
        case = drafts.returned_case(db, application_id)
    if case is None:
        raise ProblemError("case_not_returned")
    try:
        clear = DeviceKeys.load(settings.data_dir).open(case.sealed, "returned")
        if case.kind in ABOUT_A_CARD:
            answers = answers_again(wire.decode(wire.ReissueReturned, clear), case.rev)
        else:
            gate = settings.rules_on(today).training_gate
            answers = answers_of(decode_returned(clear), case.rev, gate)
    except (OSError, SealError, msgspec.MsgspecError):
        raise ProblemError("case_does_not_open") from None
    with store.write() as db:
        if drafts.find(db, application_id) is None:
            drafts.create(db, application_id, now_ms, answers)


def answers_of(returned: wire.Returned, rev: int, training_gate: TrainingGate = "off") -> Answers:
    """The answers of a case as it was sent, open where the reviewer wants something done."""
    sent = returned.application
    retake = tuple(dict.fromkeys(_place(slot) for slot in returned.slots))
    if "headshot_unfit" in returned.reasons and "headshot" not in retake:
        retake += ("headshot",)
    answers = msgspec.structs.replace(
        _as_sent(returned, rev, retake),
        previous=sent.previous,
        english_name=sent.english_name,
        record=_record_of(sent),
        books=sent.books,
        service_field=sent.service_field,
        trainings=sent.trainings,
        training_gate=training_gate,
        service=Service(
            rows=sent.rows,
            first_day=sent.first_day,
            last_day=sent.last_day,
            half_hours=sent.half_hours,
            category=sent.category,
        ),
        were=tuple(
            (photo.position, photo.evidence) for photo in sent.photos if photo.slot == "page" and photo.evidence
        ),
    )
    typed = questions.typed_from(answers) | {"book": service.typed_from_service(answers)}
    if answers.trainings is not None or answers.service_field:
        typed["training"] = trainings.typed_from(answers)
    return msgspec.structs.replace(answers, typed=typed | {progress.AGAIN: _asked_again(answers)})


def answers_again(returned: wire.ReissueReturned, rev: int) -> Answers:
    """The same of a card to be issued again."""
    sent = returned.application
    retake = tuple(dict.fromkeys([*map(_place, returned.slots), *_retaken_for(returned.reasons)]))
    answers = msgspec.structs.replace(_as_sent(returned, rev, retake), cause=sent.cause, old_card=sent.card)
    typed = questions.typed_from(answers) | again.typed_from(answers)
    asked = _asked_again(answers)
    asked.pop("papers", None)  # the photographs to retake open it
    return msgspec.structs.replace(answers, typed=typed | {progress.AGAIN: asked})


def _as_sent(returned: wire.Returned | wire.ReissueReturned, rev: int, retake: tuple[str, ...]) -> Answers:
    """What every case has: who it is for, what the reviewer said, and the photographs that stay."""
    sent = returned.application
    return Answers(
        kind=sent.kind,
        identity=Identity(number=sent.identity_number, kind=sent.identity_kind, nationality=sent.nationality),
        name=sent.name,
        birth_date=sent.birth_date,
        email=sent.email,
        applied_by=sent.applied_by,
        amends_rev=rev,
        receipt=sent.receipt,
        slip_secret=sent.slip_secret,
        returned_reasons=returned.reasons,
        returned_text=returned.text,
        kept=tuple(photo for photo in sent.photos if progress.place(photo.slot, photo.position) not in retake),
        retake=retake,
    )


def _asked_again(answers: Answers) -> dict[str, str]:
    """The questions that the reviewer's reasons open again."""
    asked = [step for reason in answers.returned_reasons for step in _STEPS.get(reason, ())]
    if "headshot" in answers.retake:  # an old photograph may be retaken without a reason being pressed
        asked.append("headshot")
    shown = progress.questions(answers)
    return {step: "1" for step in asked if step in shown}


def _retaken_for(reasons: Sequence[str]) -> list[str]:
    """The photographs that a reason alone asks for anew."""
    return [_PAPERS[reason] for reason in reasons if reason in _PAPERS]


def _record_of(sent: wire.ApplicationBody) -> Record:
    """What the service was read from, by the pages that were sent."""
    kinds = {
        photo.evidence is not None and photo.evidence.kind == "printout"
        for photo in sent.photos
        if photo.slot == "page"
    }
    if kinds == {True}:
        return "both" if sent.books else "printout"
    return "both" if True in kinds else "paper"


def _place(slot: str) -> str:
    """A slot as named in a return; `cover-0` and `page-2` both occur in the wild."""
    return slot.removesuffix("-0")


@dataclass(frozen=True)
class Returned:
    """What a reviewer said, for a page: sentences for the reasons, the reviewer's own text, the places to retake."""

    sentences: tuple[str, ...]
    text: str
    places: tuple[str, ...]


def words_for(step: str, answers: Answers, language: Language) -> Returned | None:
    """What a reviewer said about that question; everything on the check page; None when nothing was said about it."""
    if answers.amends_rev is None:
        return None
    whole = step == "check"
    reasons = [reason for reason in answers.returned_reasons if whole or step in _STEPS.get(reason, ())]
    steps = _ROOMS_AGAIN if answers.kind in ABOUT_A_CARD else _ROOMS
    wanted = [place for place in answers.retake if whole or steps.get(place.partition("-")[0], "book_photos") == step]
    if not reasons and not wanted and not (whole and answers.returned_text):
        return None
    pages = {position: page_of(page) for position, page in answers.were}
    return Returned(
        tuple(corrections.words(reason, language) for reason in reasons),
        answers.returned_text,
        tuple(corrections.slot_words(place, language, pages) for place in wanted),
    )
