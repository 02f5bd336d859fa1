"""The sheets of a venue's morning self-test, with a trust list and a pack of their own: made once, by keys thrown away.

A true verifier answers them red; only its self-test believes their root, and judges them as of the day they were made, so
that sheets once printed serve for good. What is not here: handing them out (verifier), the samples (honorcard.card.samples).
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from datetime import datetime
from pathlib import Path

from center.settings import Settings
from honorcard.card import samples

NAME = "selftest"
_one_at_a_time = threading.Lock()


def folder(settings: Settings, *, now: datetime) -> Path:
    """The folder with trust.json, pack/, marks.json and sheets.pdf; whole or not there at all. ProblemError
    `fonts_missing`.
    """
    place = settings.files / NAME
    with _one_at_a_time:
        if not place.exists():
            _make(place, now)
    return place


def _make(place: Path, now: datetime) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{NAME}-", dir=place.parent))
    try:
        samples.write_samples(draft, at=now, as_one=True)
        draft.rename(place)
    except OSError:
        if not place.exists():  # else another process of this center was first: its sheets are the ones
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
