"""What the pages of the practice room share: the blueprint, a view for those who have a seat, a task's address, and the panel that
stands on every page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, request, url_for

from honorcard import practice_mark
from honorcard.practice import TASKS, Task
from kiosk import current, guard, practising
from kiosk.pages import see_other
from kiosk.practising import Standing
from kiosk.store import practice
from kiosk.store.practice import Seat
from web.languages import language

P = ParamSpec("P")
bp = Blueprint("training", __name__)

_UNMARKED = frozenset({"printing.pdf", "training.books"})  # drawn with the mark already


@dataclass(frozen=True)
class Line:
    """A task as a page shows it. state: done, here, later."""

    task: Task
    name: str
    how: str
    state: str
    address: str


@dataclass(frozen=True)
class Panel:
    """What stands at the head of every page: the seat, the task to do next, how many are done. back: the page it stands on."""

    seat: Seat
    standing: Standing
    lines: tuple[Line, ...]
    next: Line | None
    back: str
    total: int = len(TASKS)


def seated(view: Callable[P, Any]) -> Callable[P, Any]:
    """The view, for browsers that have a seat; others choose one first."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        return view(*args, **kwargs) if practising.seat() is not None else see_other(url_for("training.sit"))

    return guarded


def look() -> Panel | None:
    """The panel of this browser; None where it has no seat."""
    held = practising.seat()
    if held is None:
        return None
    with current.store().read() as db:
        standing = practising.standing(db, held.number)
    here = standing.here
    lines = tuple(
        Line(
            task, task.name(language()), task.how(language()),
            "done" if task.code in standing.done else "here" if task is here else "later", address(task, standing),
        )
        for task in TASKS
    )  # fmt: skip
    return Panel(held, standing, lines, next((line for line in lines if line.state == "here"), None), _back())


def _back() -> str:
    """The path of the page that the panel stands on, also where it asks for itself anew."""
    page = urlsplit(request.headers.get("HX-Current-URL", "")).path or (request.path if request.method == "GET" else "")
    return guard.local_path(page, url_for("training.show"))


def address(task: Task, standing: Standing) -> str:
    """Where a task is done, as far as that seat has got."""
    if task.code in ("progress", "verify"):
        return url_for("training.card", _anchor=task.code) if standing.sent_id else url_for("training.show")
    if standing.draft_id is None:
        return url_for("apply.new")
    step = {"headshot": "headshot", "book_photos": "book_photos", "hours": "book", "verdict": "verdict"}.get(
        task.code, ""
    )
    return f"/apply/{standing.draft_id}/{step}" if step else f"/apply/{standing.draft_id}"


@bp.app_context_processor
def _panel() -> dict[str, Any]:
    """`practice_panel()`: asked by whole pages alone."""
    return {"practice_panel": look}


@bp.after_app_request
def _mark(answer: Any) -> Any:
    """No sheet leaves a practice room without its mark."""
    if answer.mimetype == "application/pdf" and practising.is_on() and request.endpoint not in _UNMARKED:
        answer.direct_passthrough = False
        answer.set_data(practice_mark.marked(answer.get_data()))
    return answer


def number_of(text: str) -> int | None:
    """A seat's number as typed; None for what is none."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and 1 <= int(digits[:4]) <= practice.SEATS else None
