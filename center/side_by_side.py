"""Two versions of what an application says, beside each other in words, field by field (sync.md B.6, B.7).

What differs is said by a word and a sign, never by a colour alone. What is not here: choosing (choosing), the pages
(deciding).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import format_decimal, gettext

from center import words
from honorcard import identity, roc
from honorcard.card import cases as card_cases
from sync import merge
from sync.wire import ApplicationBody, Photo, ReissueBody
from web.languages import language

Body = ApplicationBody | ReissueBody


@dataclass(frozen=True)
class Row:
    """One field of two bodies. here, there: its lines in words. differs: whether they say something else. both: whether both
    people changed it. photo: of a photograph its (slot, position).
    """

    field: str
    title: str
    here: tuple[str, ...]
    there: tuple[str, ...]
    differs: bool
    both: bool = False
    photo: tuple[str, int] | None = None
    in_both: tuple[bool, bool] = (True, True)

    @property
    def preset(self) -> str:
        """What is chosen until somebody chooses: what stands where both changed it; of a photograph the newer arrival."""
        return "here" if self.both and self.photo is None else "there"


def rows(here: Body, there: Body, clashes: Iterable[str] = (), *, photos: bool = True) -> list[Row]:
    """The fields of both, what differs first. Whole identity numbers are shown only where they differ: they are what has
    to be compared then.
    """
    unlike, both = merge.differing(here, there), set(clashes)
    names = [*merge.fields(here), *(name for name in merge.fields(there) if name not in merge.fields(here))]
    found = []
    for name in sorted(names, key=lambda name: name not in unlike):
        at = _photo_of(here, name) or _photo_of(there, name)
        if at is not None and not photos:
            continue
        one, other = _said(here, name, name in unlike), _said(there, name, name in unlike)
        if not (one or other):
            continue
        found.append(
            Row(
                name, words.field(name), one, other, name in unlike, name in both,
                (at.slot, at.position) if at is not None else None,
                (_photo_of(here, name) is not None, _photo_of(there, name) is not None),
            )
        )  # fmt: skip
    return found


def _said(body: Body, field: str, whole: bool) -> tuple[str, ...]:
    """A field's value, line by line."""
    if field.startswith("photo "):
        photo = _photo_of(body, field)
        return () if photo is None else (words.field(field),)
    lines: tuple[str, ...] = ()
    match field:
        case "kind" if isinstance(body, ApplicationBody):
            lines = (words.kind(body.kind),)
            if body.previous is not None:
                lines += (f"{body.previous.number} {roc.dotted(body.previous.valid_until)}".strip(),)
        case "cause" if isinstance(body, ReissueBody):
            lines = (card_cases.name(body.cause, language()),)
        case "card" if isinstance(body, ReissueBody):
            until = body.card.valid_until
            lines = (f"{body.card.number} {roc.dotted(until) if until else ''}".strip(),)
        case "identity":
            number = identity.normalise(body.identity_number)
            lines = (number if whole else identity.mask(number),)
            if body.identity_kind == "passport":
                lines += (words.country(body.nationality),)
        case "name":
            lines = (body.name,)
        case "birth_date":
            lines = (roc.dotted(body.birth_date),)
        case "email":
            lines = (body.email,)
        case "english_name" | "service_field":
            lines = (str(getattr(body, field, "")),)
        case "books" if isinstance(body, ApplicationBody):
            lines = tuple(
                gettext("%(prefix)s字第 %(number)s 號", prefix=book.prefix, number=book.number) for book in body.books
            )
        case "service" if isinstance(body, ApplicationBody):
            lines = _service(body)
        case "trainings" if isinstance(body, ApplicationBody):
            lines = tuple(
                f"{gettext('基礎訓練') if training.kind == 'basic' else gettext('特殊訓練')} "
                f"{roc.dotted(training.completed_on) if training.completed_on else ''} {training.field}".strip()
                for training in body.trainings or ()
            )
    return tuple(line for line in lines if line)


def _service(body: ApplicationBody) -> tuple[str, ...]:
    """The sum, then every row."""
    if not body.rows:
        if body.first_day is None or body.last_day is None or body.half_hours is None:
            return ()
        hours = format_decimal(body.half_hours / 2)
        return (gettext("%(hours)s 小時", hours=hours), f"{roc.dotted(body.first_day)}–{roc.dotted(body.last_day)}")
    total = format_decimal(sum(row.minutes for row in body.rows) // 30 / 2)
    return (
        gettext("%(n)s 列，共 %(hours)s 小時", n=len(body.rows), hours=total),
        *(
            f"{roc.dotted(row.start)}–{roc.dotted(row.end)} {words.minutes(row.minutes)} {row.item or row.content}".strip()
            for row in body.rows
        ),
    )


def _photo_of(body: Body, field: str) -> Photo | None:
    return next((photo for photo in body.photos if merge.photo_field(photo) == field), None)
