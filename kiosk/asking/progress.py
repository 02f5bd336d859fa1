"""Where a draft stands: which questions it is asked, which are answered, which comes next.

Answered is what could be sent as it is; a field that holds something unreadable leaves its question open. What is not
here: the reading of answers (questions, service) and the verdict (judging).
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from honorcard.card.cases import CORRECTIONS, Need, papers
from honorcard.jurisdiction import TrainingGate
from kiosk.drafting import Answers, DraftPhoto, Kind
from sync.wire import Slot

AGAIN = "again"  # typed[AGAIN][step] while a reviewer wants that question looked at again
SEEN = "seen"  # typed["verdict"][SEEN] while the verdict on these very answers has been read


_STEPS: dict[Kind, tuple[str, ...]] = {
    "first": ("kind", "identity", "person", "headshot", "book_photos", "book", "verdict", "consent", "check"),
    "renewal": (
        "kind",
        "previous",
        "identity",
        "person",
        "headshot",
        "book_photos",
        "book",
        "verdict",
        "consent",
        "check",
    ),
    "reissue": ("kind", "cause", "old_card", "identity", "person", "headshot", "papers", "consent", "check"),
    "correction": ("kind", "cause", "old_card", "identity", "person", "headshot", "papers", "consent", "check"),
}


def steps_of(kind: Kind | None, training_gate: TrainingGate = "off") -> tuple[str, ...]:
    """The questions asked for that kind of application, in order; before the kind is known those of a first card.

    training_gate: under `enforce` the trainings are one of them (A16); under `warn` whoever wishes fills them in, since a
    plain case is to stay short (R67).
    """
    steps = _STEPS[kind or "first"]
    if training_gate != "enforce" or "book" not in steps:
        return steps
    after = steps.index("book") + 1
    return (*steps[:after], "training", *steps[after:])


def questions(answers: Answers) -> tuple[str, ...]:
    """The questions this application is asked, in order: a first card is not asked for an older one."""
    return steps_of(answers.kind, answers.training_gate)


def place(slot: Slot, position: int) -> str:
    """The name of a photograph's place, `cover` or `page-2`, as reviewers' returns spell it (sync.wire.Returned).

    The second book's cover is `cover-2`, a training's certificate `certificate-1`.
    """
    return f"{slot}-{position}" if position else slot


def taken(answers: Answers, photos: Sequence[DraftPhoto]) -> set[str]:
    """The places that are filled: by a finished photograph, or by one that stays as it was sent."""
    done = {place(photo.slot, photo.position) for photo in photos if photo.finished}
    return done | {place(photo.slot, photo.position) for photo in answers.kept}


def is_answered(step: str, answers: Answers, photos: Sequence[DraftPhoto]) -> bool:
    """Whether that question needs nothing more."""
    if step in answers.typed.get(AGAIN, {}):
        return False
    places = taken(answers, photos)
    match step:
        case "kind":
            return answers.kind is not None
        case "previous":
            known = answers.previous
            return known is not None and (known.source == "qr" or "previous_card" in places)
        case "cause":
            return answers.cause is not None and (answers.kind == "correction") == (answers.cause in CORRECTIONS)
        case "old_card":
            known_card = answers.old_card
            return known_card is not None and (answers.cause != "identity_number" or bool(known_card.identity_number))
        case "papers":
            return all(need in places for need in papers_of(answers) if need != "headshot") and all(
                photo.finished for photo in photos if photo.slot in ("cover", "form", "document", "previous_card")
            )
        case "identity":
            known_as = answers.identity
            return known_as is not None and (known_as.kind != "passport" or bool(known_as.nationality))
        case "person":
            return bool(answers.name) and answers.birth_date is not None
        case "headshot":
            return "headshot" in places
        case "book_photos":
            whole = all(photo.finished for photo in photos if photo.slot in ("cover", "page"))
            again = all(wanted in places for wanted in answers.retake if wanted.startswith(("cover", "page-")))
            shown = "cover" in places or answers.record == "printout"
            return whole and again and shown and any(name.startswith("page-") for name in places)
        case "book":
            return answers.service is not None and (bool(answers.books) or answers.record == "printout")
        case "training":
            return answers.trainings is not None
        case "verdict":
            return SEEN in answers.typed.get("verdict", {})
        case "consent":
            return answers.consent
    return True


def papers_of(answers: Answers) -> tuple[Need, ...]:
    """The papers that a reissue or correction needs (R38), in the order of the form; none before its cause is known."""
    return papers(answers.cause) if answers.cause is not None else ()


def looked_at(step: str, answers: Answers) -> Answers:
    """The answers with that question looked at again, as the reviewer wanted."""
    again = {name: mark for name, mark in answers.typed.get(AGAIN, {}).items() if name != step}
    return replace(answers, typed={**answers.typed, AGAIN: again}) if AGAIN in answers.typed else answers


def missing(answers: Answers, photos: Sequence[DraftPhoto]) -> list[str]:
    """The questions that are still open, in order; `check` is never one."""
    return [step for step in questions(answers) if not is_answered(step, answers, photos)]


def next_question(answers: Answers, photos: Sequence[DraftPhoto]) -> str:
    """The first open question, `check` when all are answered."""
    return next(iter(missing(answers, photos)), "check")


def before(step: str, answers: Answers) -> str | None:
    """The question asked before that one, None before the first."""
    asked = questions(answers)
    if step == "training" and step not in asked:
        return "book"
    at = asked.index(step) if step in asked else 0
    return asked[at - 1] if at else None
