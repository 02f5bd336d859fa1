"""研習意見: what trainees found unclear, session by session, and the same as CSV. For the city's administrator.

What is not here: how it arrives (arriving), the questions (the practice room of a tablet).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, make_response
from flask_babel import gettext

from center import auditing, current
from center.guard import right_required
from center.pages import page
from center.store import training_feedback
from center.store.training_feedback import Said
from honorcard.practice import EASE, ease_words, task
from web.clock import TAIPEI, today
from web.languages import language
from web.tables_out import csv_bytes

bp = Blueprint("practice", __name__)


@dataclass(frozen=True)
class Session:
    """A training: the room's tablet, the trainer's name for it, the day; what was said. eases: how many said which, hard first.

    unclear: tasks by how many found them so.
    """

    name: str
    room: str
    unit: str
    day: datetime
    said: tuple[Said, ...]
    eases: tuple[tuple[int, str, int], ...]
    unclear: tuple[tuple[str, int], ...]
    done: int
    of: int


@bp.get("/training")
@right_required("manage")
def show() -> Response:
    """All sessions, the newest first."""
    with current.store().read() as conn:
        everything = training_feedback.everything(conn)
    return page("center/practice/list.html", "main", sessions=sessions(everything), count=len(everything))


@bp.get("/training/feedback.csv")
@right_required("manage")
def listing() -> Response:
    """All of it as a table."""
    with current.store().read() as conn:
        everything = training_feedback.everything(conn)
    head = [
        gettext("時間"), gettext("場次"), gettext("平板"), gettext("單位"), gettext("懂不懂"), gettext("哪幾項"),
        gettext("寫的話"), gettext("完成幾項"),
    ]  # fmt: skip
    rows = [
        [
            f"{_moment(one):%Y-%m-%d %H:%M}", one.session, one.room, one.unit, ease_words(one.ease, language()),
            gettext("、").join(map(name_of, one.tasks)), one.words, one.done,
        ]
        for one in everything
    ]  # fmt: skip
    auditing.saw("training_exported", "list", "training", [("count", "", str(len(rows)))], every=True)
    named = f'attachment; filename="training-{today():%Y%m%d}.csv"'
    return make_response(
        csv_bytes([head, *rows]), {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": named}
    )


def sessions(everything: Sequence[Said]) -> list[Session]:
    """What was said, by room, name and day; the newest session first."""
    groups: dict[tuple[str, str, str], list[Said]] = {}
    for one in everything:
        groups.setdefault((one.session, one.room, f"{_moment(one):%Y-%m-%d}"), []).append(one)
    return [_session(said) for said in groups.values()]


def _session(said: Sequence[Said]) -> Session:
    first = said[0]
    eases, unclear = Counter(one.ease for one in said), Counter(code for one in said for code in one.tasks)
    return Session(
        first.session, first.room, first.unit, _moment(first), tuple(said),
        tuple((ease, ease_words(ease, language()), eases[ease]) for ease in EASE),
        tuple((name_of(code), number) for code, number in unclear.most_common()),
        sum(one.done for one in said), sum(one.of for one in said),
    )  # fmt: skip


def name_of(code: str) -> str:
    """A task's name; the code itself of one that only a newer tablet knows."""
    known = task(code)
    return known.name(language()) if known is not None else code


def _moment(said: Said) -> datetime:
    return datetime.fromtimestamp(said.at_ms / 1000, TAIPEI)
