"""What both rooms that work on a draft need of it: find it, keep it, with its photographs and the photo box.

Shared by kiosk.apply (the questions) and kiosk.capture (the photographs), which do not import each other.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from honorcard.problems import ProblemError
from kiosk import ageing
from kiosk.current import settings as settings
from kiosk.current import store as store
from kiosk.drafting import Answers, Draft, DraftPhoto
from kiosk.photos import PhotoBox
from kiosk.store import data_key, drafts, syncing
from sync.wire import Slot
from web.clock import now, today
from web.clock import now_ms as now_ms


@dataclass(frozen=True)
class Work:
    """One draft as it stands, with its photographs in order."""

    draft: Draft
    photos: tuple[DraftPhoto, ...]

    @property
    def id(self) -> str:
        """The application's id."""
        return self.draft.application_id

    @property
    def answers(self) -> Answers:
        """The answers so far."""
        return self.draft.answers

    def of_slot(self, slot: Slot) -> tuple[DraftPhoto, ...]:
        """The photographs of one place, in order."""
        return tuple(photo for photo in self.photos if photo.slot == slot)

    def kept_in(self, slot: Slot) -> tuple[int, ...]:
        """Positions in that place whose photograph stays as it was sent (a returned case)."""
        return tuple(sorted(photo.position for photo in self.answers.kept if photo.slot == slot))


def may_begin() -> None:
    """Whether this tablet begins new applications. ProblemError `device_disabled` (the center has stopped it), `app_too_old`,
    `storage_low`. What was begun is finished all the same.
    """
    with store().read() as db:
        if syncing.standing(db) == "disabled":
            raise ProblemError("device_disabled")
        ageing.check(db, today())
    if shutil.disk_usage(settings().data_dir).free < settings().free_bytes_stop:
        raise ProblemError("storage_low")


def moment() -> datetime:
    """This moment, aware, Taipei time."""
    return now()


def box() -> PhotoBox:
    """The photo box of this kiosk."""
    app: Flask = current_app
    held: PhotoBox | None = app.extensions.get("photo_box")
    if held is None:
        held = PhotoBox(settings().photos_dir, data_key(settings().key_file))
        app.extensions["photo_box"] = held
    return held


def find(application_id: str) -> Work:
    """The draft with its photographs. ProblemError `draft_gone`."""
    with store().read() as db:
        draft = drafts.find(db, application_id)
        if draft is None:
            raise ProblemError("draft_gone")
        return Work(draft, tuple(drafts.photos(db, application_id)))


def change(application_id: str, how: Callable[[Answers], Answers]) -> Answers:
    """The answers changed from what they are at that moment, and saved (K1): a page of the same draft that saves
    itself at the same time takes nothing back. ProblemError `draft_gone`.
    """
    with store().write() as db:
        draft = drafts.find(db, application_id)
        if draft is None:
            raise ProblemError("draft_gone")
        answers = how(draft.answers)
        if answers != draft.answers:
            drafts.save(db, application_id, answers, now_ms())
    return answers


@contextmanager
def room_on_disk() -> Iterator[None]:
    """Says ProblemError `disk_full` where a file finds no room (the store says so by itself)."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ProblemError("disk_full") from error
        raise
