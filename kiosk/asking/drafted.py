"""What both rooms that work on a draft need of it: find it, keep it, with its photographs and the photo box.

Shared by kiosk.apply (the questions) and kiosk.capture (the photographs), which do not import each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from honorcard.problems import ProblemError
from kiosk.drafting import Answers, Draft, DraftPhoto
from kiosk.photos import PhotoBox
from kiosk.settings import Settings
from kiosk.store import Store, data_key, drafts
from sync.wire import Slot
from web.clock import now


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


def store() -> Store:
    """The kiosk's store."""
    held: Store = current_app.extensions["store"]
    return held


def settings() -> Settings:
    """The kiosk's settings."""
    held: Settings = current_app.config["SETTINGS"]
    return held


def now_ms() -> int:
    """This moment as the store keeps it, milliseconds since 1970."""
    return int(now().timestamp() * 1000)


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


def keep(application_id: str, answers: Answers) -> None:
    """Saves the answers, so that they survive whatever comes next (K1)."""
    with store().write() as db:
        drafts.save(db, application_id, answers, now_ms())
