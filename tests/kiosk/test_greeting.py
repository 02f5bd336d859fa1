"""What a tablet makes of the center's word about itself: its time only when signed, its versions, what it understands now."""

from __future__ import annotations

import pytest

from center.store.tables import application
from kiosk import timing
from kiosk.greeting import SLOWEST_S, greet
from kiosk.store import syncing
from tests.sync.loopback import Center, Kiosk


def greet_anew(kiosk: Kiosk) -> None:
    kiosk.worker.errands.greeted_at = -1e9
    kiosk.step()


def test_the_signed_time_moves_the_clock(kiosk: Kiosk) -> None:
    assert timing.center_ms(kiosk.store) is None
    kiosk.step()
    assert timing.center_ms(kiosk.store) is not None


def test_an_unsigned_time_does_not(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("center.keyring.signed_moment", lambda *_: "")
    kiosk.step()
    assert kiosk.facts().line == "good"
    assert timing.center_ms(kiosk.store) is None


def test_a_moment_signed_for_another_question_does_not(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    from center import keyring

    signed = keyring.signed_moment
    monkeypatch.setattr(
        "center.keyring.signed_moment", lambda settings, moment, nonce: signed(settings, moment, "ab" * 16)
    )
    kiosk.step()
    assert timing.center_ms(kiosk.store) is None


def test_a_moment_that_was_long_on_its_way_does_not(kiosk: Kiosk) -> None:
    kiosk.step()
    with kiosk.store.write() as db:
        db.conn.execute("DELETE FROM meta WHERE k = 'time'")
    ticks = iter((0.0, SLOWEST_S + 1))
    assert greet(kiosk.worker._turn.http, kiosk.store, kiosk.settings, 1, ticks.__next__) is None
    assert timing.center_ms(kiosk.store) is None


def test_what_an_older_center_refused_goes_again_once_it_was_updated(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.outbox.log.SCHEMA_V", 99)  # this tablet was updated first
    application_id = kiosk.submit(kiosk.draft()).application_id
    kiosk.step()
    greet_anew(kiosk)
    assert kiosk.rows("SELECT state FROM op_log") == [("rejected",)]
    assert center.count(application) == 0
    for room in ("center.intake", "center.taking"):
        monkeypatch.setattr(f"{room}.SCHEMA_V", 99)
    greet_anew(kiosk)
    kiosk.sync()
    assert center.case(application_id) is not None
    told = [row[0] for row in kiosk.rows("SELECT what FROM story ORDER BY story_id")]
    assert told[:3] == ["refused", "again", "taken"] and "photos" in told


def test_a_center_that_wants_a_newer_program_still_gets_everything(center: Center, kiosk: Kiosk) -> None:
    from dataclasses import replace

    center.app.config["SETTINGS"] = replace(center.settings, min_app="999.0")
    application_id = kiosk.submit(kiosk.draft()).application_id
    kiosk.sync()
    assert center.case(application_id) is not None
    with kiosk.store.read() as db:
        assert syncing.trouble(db).min_app == "999.0"
