"""A tablet's log grows for years: what every page and every round asks of it does not cost more for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.store import letters, sent, story, syncing
from sync import outbox
from tests.sync.loopback import Kiosk


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    return Kiosk(tmp_path / "kiosk")


def _grow(kiosk: Kiosk, to: int) -> None:
    """That many operations that the center has, each with its photographs."""
    with kiosk.store.write() as db:
        for at in range(outbox.last_seq(db), to):
            named = [f"{at:062x}{photo:02x}" for photo in range(4)]
            for address in named:
                outbox.add_blob(db, address, 1000)
                outbox.settle_blob(db, address, "stored")
            sent.add(
                db, application_id=f"{at}", receipt=f"HC-{at}", masked_name="", kind="first", photos=4, now_ms=1,
                identity_mac=b"",
            )  # fmt: skip
            story.note(db, f"{at}", "taken", 1)
            outbox.put(
                db, kind="application.submit", entity_id=f"{at}", base_rev=None, body=b"sealed", needs_blobs=named
            )
        db.conn.execute("UPDATE op_log SET state = 'accepted'")


def _steps(kiosk: Kiosk, ask) -> int:
    """How many steps of SQLite's machine an answer takes."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with kiosk.store.write() as db:
        db.conn.set_progress_handler(count, 1)
        try:
            ask(db)
        finally:
            db.conn.set_progress_handler(None, 1)
    return taken


@pytest.mark.parametrize(
    "ask",
    [
        lambda db: syncing.facts(db, 1),
        outbox.offered_blobs,
        lambda db: outbox.take(db, 1),
        outbox.blobs_left,
        lambda db: letters.untold(db, 50, 1),
    ],
    ids=["the header", "photographs to offer", "operations to push", "photographs left", "what to tell of"],
)
def test_an_answer_costs_the_same_on_a_log_ten_times_as_long(kiosk: Kiosk, ask) -> None:
    _grow(kiosk, 20)
    short = _steps(kiosk, ask)
    _grow(kiosk, 200)
    assert _steps(kiosk, ask) <= short * 1.5 + 50


def test_looking_for_whole_applications_grows_no_faster_than_the_log(kiosk: Kiosk) -> None:
    _grow(kiosk, 20)
    short = _steps(kiosk, lambda db: story.note_whole(db, 1))
    _grow(kiosk, 200)
    assert _steps(kiosk, lambda db: story.note_whole(db, 1)) < short * 15


def test_a_photograph_that_waits_counts_as_unsent(kiosk: Kiosk) -> None:
    _grow(kiosk, 3)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE blob SET state = 'local' WHERE sha256 = ?", (bytes.fromhex(f"{1:062x}00"),))
    facts = kiosk.facts()
    assert (facts.unsent, facts.photos_left) == (1, 1)
    with kiosk.store.read() as db:
        assert [blob.sha256 for blob in outbox.offered_blobs(db)] == [f"{1:062x}00"]
