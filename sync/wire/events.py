"""Events and trainings on the wire: made on a tablet or at the center, people checked in and out, and the end.

A card names nobody to a tablet: what was held up travels sealed, and the center finds out who it is. The body `Event` is that
of `event.new` and of the feed's `event.open`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event or a training. half_hours: for each who came, where `counting` is `fixed`. item: of the service rows.

    course, field: of a training, basic or special and of which field. state: `closed` when check-in is over.
    """

    event_id: str
    kind: Literal["activity", "training"]
    title: str
    place: str
    starts_ms: int
    ends_ms: int
    counting: Literal["clock", "fixed"]
    half_hours: int = 0
    item: str = ""
    course: Literal["", "basic", "special"] = ""
    field: str = ""
    state: Literal["open", "closed"] = "open"


class EventMark(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody came or left: the body of `event.mark`. text: what was read, by `how`: a card's or slip's whole code, or a number.

    mark_id: of this very act; with `undo`, of the act that is taken back. name, birth_date: of somebody who was registered on the
    spot. nationality: where the number is a passport's. clock_doubt: as in ApplicationBody.
    """

    event_id: str
    mark_id: str
    what: Literal["in", "out", "undo"]
    at_ms: int
    how: Literal["card", "slip", "number", "walk_in"]
    text: str = ""
    name: str = ""
    birth_date: date | None = None
    nationality: str = ""
    clock_doubt: bool = False


class EventClose(msgspec.Struct, frozen=True, kw_only=True):
    """Check-in is over: the body of `event.close`. missing_in_ms, missing_out_ms: for all whose coming or leaving nobody noted."""

    event_id: str
    at_ms: int
    missing_in_ms: int | None = None
    missing_out_ms: int | None = None
