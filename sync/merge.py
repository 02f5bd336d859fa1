"""Two people changed one application: what becomes of the second change (sync.md B.6). Pure: no clock is read, no store asked.

Nobody wins by the time of a clock. A change names the revision it was made on; what it says is compared, field by field,
with that revision and with what stands now. What one person alone changed is taken; what both changed differently is for
a person at the center. What is not here: writing it (center.taking), and who decides (center.choosing).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from honorcard.review import State
from sync.wire import ApplicationBody, Photo, ReissueBody

Outcome = Literal["apply", "merge", "same", "propose", "request", "late"]

Body = ApplicationBody | ReissueBody

# a reviewer has acted on what stands: it is changed no more without them
UNDER_REVIEW: Final[frozenset[State]] = frozenset({"second_review", "approved", "issued", "refused"})

# what belongs together is one field: half of the one and half of the other would be nobody's
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "kind": ("kind", "previous"),
    "cause": ("cause",),
    "card": ("card",),
    "identity": ("identity_kind", "identity_number", "nationality"),
    "name": ("name",),
    "english_name": ("english_name",),
    "birth_date": ("birth_date",),
    "email": ("email",),
    "books": ("books",),
    "service": ("rows", "first_day", "last_day", "half_hours", "category"),
    "service_field": ("service_field",),
    "trainings": ("trainings",),
}
_ABSENT: Final = object()


@dataclass(frozen=True)
class Settled:
    """What becomes of a change. body: what stands from now on, for `apply` and `merge`. taken: the fields that came from the
    change. clashes: those that both changed, differently.
    """

    outcome: Outcome
    body: Body | None = None
    taken: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()


def settle(state: str, rev: int, base_rev: int | None, base: Body | None, mine: Body, theirs: Body) -> Settled:
    """What becomes of the change `mine`, made on the revision base_rev, whose content was base; theirs stands now, at rev.

    `apply` on the revision that stands; `merge` for fields nobody else changed; `same` when it says nothing new;
    `propose` when both changed a field differently, or nobody knows what it was made on (base None); `request` once a
    reviewer has acted; `late` when the case was withdrawn.
    """
    if state == "withdrawn":
        return Settled("late")
    if state in UNDER_REVIEW:
        unlike = differing(mine, theirs)
        return Settled("request", clashes=unlike) if unlike else Settled("same")
    if base_rev == rev:
        return Settled("apply", body=mine, taken=differing(mine, theirs))
    taken, clashes = _three_ways(base, mine, theirs)
    if clashes:
        return Settled("propose", taken=taken, clashes=clashes)
    if not taken:
        return Settled("same")
    merged = combine(theirs, mine, taken)
    if not rows_have_their_pages(merged):
        return Settled("propose", taken=taken, clashes=taken)
    return Settled("merge", body=merged, taken=taken)


def fields(body: Body) -> dict[str, Any]:
    """What an application says, field by field; each photograph is a field: `photo headshot`, `photo page-2`.

    Left out is what nobody decides about: the receipt, the slip's secret, the day, the tablet's own verdict.
    """
    found: dict[str, Any] = {}
    for name, members in PARTS.items():
        values = tuple(getattr(body, member, _ABSENT) for member in members)
        if any(value is not _ABSENT for value in values):
            found[name] = values
    for photo in body.photos:
        found[photo_field(photo)] = (photo.clear_sha256, photo.evidence)
    return found


def photo_field(photo: Photo) -> str:
    """The field a photograph is."""
    return f"photo {photo.slot}-{photo.position}" if photo.position else f"photo {photo.slot}"


def differing(one: Body, other: Body) -> tuple[str, ...]:
    """The fields in which two bodies differ, in the order of PARTS, then the photographs."""
    here, there = fields(one), fields(other)
    names = [*here, *(name for name in there if name not in here)]
    return tuple(name for name in names if here.get(name, _ABSENT) != there.get(name, _ABSENT))


def combine(theirs: Body, mine: Body, take: Collection[str]) -> Body:
    """What stands, with these fields as the change has them; a photograph that the change has not, goes.

    The later of the two days counts, and a doubt about either clock; the tablet's verdict is on neither and is left out.
    """
    values: dict[str, Any] = {
        member: getattr(mine, member) for name in take for member in PARTS.get(name, ()) if hasattr(mine, member)
    }
    photos = {photo_field(photo): photo for photo in theirs.photos}
    for name in (name for name in take if name.startswith("photo ")):
        photos.pop(name, None)
    photos |= {photo_field(photo): photo for photo in mine.photos if photo_field(photo) in take}
    values["photos"] = tuple(sorted(photos.values(), key=lambda photo: (photo.slot, photo.position)))
    values["submitted_on"] = max(theirs.submitted_on, mine.submitted_on)
    values["clock_doubt"] = theirs.clock_doubt or mine.clock_doubt
    if isinstance(theirs, ApplicationBody):
        values["verdict"] = {}
    return msgspec.structs.replace(theirs, **values)


def _three_ways(base: Body | None, mine: Body, theirs: Body) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields that the change alone changed, and those that both did."""
    unlike = differing(mine, theirs)
    if base is None:
        return (), unlike
    was, said, stands = fields(base), fields(mine), fields(theirs)
    taken, clashes = [], []
    for name in unlike:
        before = was.get(name, _ABSENT)
        if stands.get(name, _ABSENT) == before:
            taken.append(name)
        elif said.get(name, _ABSENT) != before:
            clashes.append(name)
    return tuple(taken), tuple(clashes)


def rows_have_their_pages(body: Body) -> bool:
    """Whether every row's page is photographed: the one may have taken out a page that the other's rows stand on."""
    if not isinstance(body, ApplicationBody):
        return True
    pages = {photo.position for photo in body.photos if photo.slot == "page"}
    return all(row.page is None or row.page in pages for row in body.rows)
