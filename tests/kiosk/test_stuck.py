"""Dead letters: what a tablet cannot bring is owned by somebody at the center, who looks again or deals with it; both ends
know, and a tablet that is to be emptied does not wait for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from center import second_try, stuck
from center.store import backups, devices, feed, refused
from center.store.tables import blob
from honorcard.problems import ProblemError
from kiosk.store import letters, story, syncing
from sync import outbox
from tests.sync.loopback import Center, Kiosk


def refuse(monkeypatch: pytest.MonkeyPatch, code: str = "op_malformed") -> None:
    """From now on the center takes no application."""

    def never(*_said: object) -> None:
        raise ProblemError(code)

    monkeypatch.setattr("center.taking.Desk._begin", never)


def submitted(kiosk: Kiosk) -> str:
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    return application_id


def refused_once(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> str:
    """An application that the center refuses; the next ones it takes."""
    with monkeypatch.context() as patched:
        refuse(patched)
        application_id = submitted(kiosk)
        kiosk.step()
    return application_id


def waiting(center: Center) -> list[refused.Letter]:
    with center.store.read() as conn:
        return refused.waiting(conn)


def states(kiosk: Kiosk) -> list[str]:
    return [state for (state,) in kiosk.rows("SELECT state FROM op_log ORDER BY seq")]


def told(kiosk: Kiosk, application_id: str) -> list[tuple[str, str]]:
    with kiosk.store.read() as db:
        return [(event.what, event.code) for event in story.events(db, application_id)]


def again(center: Center, op_id: str):
    return second_try.again(center.store, center.settings, op_id, "chief", datetime.now(UTC))


def stop_and_wipe(center: Center, kiosk: Kiosk) -> None:
    with center.store.write() as conn:
        devices.disable(conn, kiosk.device_id, 1)
        feed.append(
            conn, kind=feed.WIPE, entity_id=kiosk.device_id, rev=0, device_id=kiosk.device_id, body=b"{}", at_ms=1
        )


def is_empty(kiosk: Kiosk) -> bool:
    return kiosk.rows("SELECT count(*) FROM op_log") == [(0,)]


def test_what_was_refused_is_a_letter_at_the_center_with_its_bytes_and_receipt(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = refused_once(kiosk, monkeypatch)
    (letter,) = waiting(center)
    assert (letter.entity_id, letter.code, letter.device, letter.tries) == (application_id, "op_malformed", "1 號機", 1)
    assert letter.op is not None and letter.receipt == kiosk.sent(application_id).receipt
    assert states(kiosk) == ["rejected"]
    assert kiosk.rows("SELECT told FROM letter") == [("op_malformed",)]


def test_one_that_the_center_cannot_read_keeps_no_other_from_it_and_is_not_told_every_round(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch)
    spoiled, sound = submitted(kiosk), submitted(kiosk)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE application SET receipt = ? WHERE application_id = ?", ("X" * 40, spoiled))
    asked: list[int] = []
    with monkeypatch.context() as patched:
        patched.setattr("center.stuck._report", lambda device, own=stuck._report: asked.append(1) or own(device))
        for _ in range(3):
            kiosk.step()
    assert kiosk.rows("SELECT o.entity_id FROM letter JOIN op_log AS o USING (op_id)") == [(sound,)]
    assert [(one.entity_id, one.receipt) for one in waiting(center)] == [
        (spoiled, ""), (sound, kiosk.sent(sound).receipt)
    ]  # fmt: skip
    assert len(asked) == 3  # both at once, then each by itself; the next rounds leave it in peace


def test_a_second_look_takes_it_and_the_tablet_brings_the_photographs(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        refuse(patched)
        application_id = submitted(kiosk)
        kiosk.step()
        (letter,) = waiting(center)
        assert again(center, letter.op_id).status == "rejected"
        assert [one.tries for one in waiting(center)] == [2]
    assert again(center, letter.op_id).status == "applied"
    assert waiting(center) == []
    assert center.case(application_id).state == "incomplete"
    with pytest.raises(ProblemError, match="letter_settled"):
        again(center, letter.op_id)
    kiosk.sync()
    kiosk.step()
    assert states(kiosk) == ["accepted"]
    assert center.photo_states(application_id) == {"stored"}
    assert center.moves(application_id).count("submitted") == 1
    assert ("again", "asked") in told(kiosk, application_id)


def test_what_was_dealt_with_otherwise_is_over_on_the_tablet_too(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch)
    application_id = submitted(kiosk)
    kiosk.step()
    (letter,) = waiting(center)
    with pytest.raises(ProblemError, match="letter_unexplained"):
        second_try.settle(center.store, letter.op_id, "chief", "", datetime.now(UTC))
    second_try.settle(center.store, letter.op_id, "chief", "紙本補件", datetime.now(UTC))
    kiosk.step()
    assert waiting(center) == []
    assert kiosk.rows("SELECT done FROM letter") == [(1,)]
    assert ("settled", "") in told(kiosk, application_id)
    kiosk.step()  # and it is not told again
    assert waiting(center) == []


def test_a_photograph_that_breaks_after_its_operation_was_dealt_with_and_taken_all_the_same_is_told(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        refuse(patched, "op_kind_unknown")
        submitted(kiosk)
        kiosk.step()
        (letter,) = waiting(center)
        second_try.settle(center.store, letter.op_id, "chief", "紙本補件", datetime.now(UTC))
        kiosk.step()
    sorted(path for path in kiosk.settings.blobs_dir.rglob("*") if path.is_file())[0].write_bytes(b"rotten")
    with kiosk.store.write() as db:  # the center was brought up to date
        assert outbox.offer_understood(db, ["application.submit"], 99)
    kiosk.step()
    kiosk.step()
    assert states(kiosk) == ["accepted"]
    assert [letter.code for letter in waiting(center)] == ["op_photo_damaged"]
    assert kiosk.rows("SELECT told, done FROM letter") == [("op_photo_damaged", 0)]


def test_what_was_asked_for_in_vain_twenty_times_is_told_and_does_not_hold_up_the_log(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:

        def breaks(*_said: object) -> None:
            raise RuntimeError

        patched.setattr("center.taking.Desk._begin", breaks)
        lost = submitted(kiosk)
        for _ in range(outbox.MAX_RETRIES + 1):
            with kiosk.store.write() as db:
                db.conn.execute("UPDATE op_log SET next_try_mono = NULL")
            kiosk.step()
    assert states(kiosk) == ["rejected"]
    (letter,) = waiting(center)
    assert (letter.entity_id, letter.code, letter.op is not None) == (lost, "op_never_taken", True)
    submitted(kiosk)
    kiosk.sync()
    with center.store.read() as conn:
        assert devices.find(conn, kiosk.device_id).contiguous == 2
    assert again(center, letter.op_id).status == "applied"
    kiosk.sync()
    kiosk.step()
    assert states(kiosk) == ["accepted", "accepted"]


def test_what_broke_on_the_tablet_is_told_without_bytes(center: Center, kiosk: Kiosk) -> None:
    submitted(kiosk)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00'")
    kiosk.step()
    (letter,) = waiting(center)
    assert (letter.code, letter.op) == ("op_damaged", None)
    with pytest.raises(ProblemError, match="letter_without_bytes"):
        again(center, letter.op_id)


def test_a_photograph_that_broke_is_told_with_how_many(center: Center, kiosk: Kiosk) -> None:
    application_id = submitted(kiosk)
    victim = sorted(path for path in kiosk.settings.blobs_dir.rglob("*") if path.is_file())[0]
    victim.write_bytes(b"rotten")
    kiosk.step()
    kiosk.step()
    (letter,) = waiting(center)
    assert (letter.entity_id, letter.code, letter.details) == (application_id, "op_photo_damaged", {"n": 1})


def test_a_wipe_goes_on_once_the_refused_lies_at_the_center_with_its_photographs(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        refuse(patched)
        application_id = submitted(kiosk)
        kiosk.step()
        assert center.count(blob) == 0
        stop_and_wipe(center, kiosk)
        for _ in range(4):
            kiosk.step()
    assert is_empty(kiosk)
    assert center.count(blob) == 3
    (letter,) = waiting(center)
    assert again(center, letter.op_id).status == "applied"  # without the tablet, whole
    center.worker.step()
    assert center.case(application_id).state == "first_review"


def test_a_wipe_goes_on_past_what_broke_here_once_the_center_knows(center: Center, kiosk: Kiosk) -> None:
    submitted(kiosk)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00'")
    stop_and_wipe(center, kiosk)
    for _ in range(4):
        kiosk.step()
    assert is_empty(kiosk)
    assert [letter.code for letter in waiting(center)] == ["op_damaged"]


def test_what_broke_here_after_the_center_had_taken_it_is_asked_about_once_and_lets_a_wipe_go_on(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = submitted(kiosk)
    with monkeypatch.context() as patched:
        patched.setattr("sync.client.bringing.Bringing.all", lambda _self: None)  # its photographs are still here
        kiosk.step()
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00'")
        assert outbox.quarantine_damaged(db) == [1]
    kiosk.step()
    assert waiting(center) == []  # the center has it whole
    with kiosk.store.read() as db:
        assert letters.untold(db, 50, 1) == []
    assert told(kiosk, application_id)[-1] == ("taken", "")
    stop_and_wipe(center, kiosk)
    for _ in range(3):
        kiosk.step()
    assert is_empty(kiosk)
    assert center.count(blob) == 3


def test_photographs_of_what_broke_after_it_was_taken_come_also_from_a_tablet_enrolled_anew(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = submitted(kiosk)
    with monkeypatch.context() as patched:
        patched.setattr("sync.client.bringing.Bringing.all", lambda _self: None)
        kiosk.step()
    kiosk.enrol(center, name="2 號機")
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00'")
        assert len(outbox.quarantine_damaged(db)) == 1
    for _ in range(3):
        kiosk.step()
    assert center.photo_states(application_id) == {"stored"}
    assert center.count(blob) == 3


def test_a_wipe_waits_while_the_center_was_not_told(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch)
    monkeypatch.setattr("center.stuck._keep", lambda *_said: 1 / 0)
    submitted(kiosk)
    stop_and_wipe(center, kiosk)
    for _ in range(4):
        kiosk.step()
    assert not is_empty(kiosk)
    with kiosk.store.read() as db:
        assert syncing.wipe_state(db) == "asked"
        assert letters.in_the_way(db) > 0


def test_a_letter_taken_late_is_not_durable_by_an_older_backup_and_is_offered_to_a_restored_center(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = refused_once(kiosk, monkeypatch)
    with center.store.write() as conn:
        backups.note(conn, backups.Made(1, True, 1, 1, 1), backups.complete_through(conn))
    with center.store.read() as conn:
        known = devices.find(conn, kiosk.device_id)
        assert (known.contiguous, backups.durable_through(conn, kiosk.device_id, known.dev_epoch)) == (1, 1)
    again(center, waiting(center)[0].op_id)
    kiosk.sync()
    kiosk.step()
    assert states(kiosk) == ["accepted"]  # and not durable
    center.restore_to_nothing()
    with center.store.write() as conn:  # of before: it was answered, and refused
        conn.exec_driver_sql("DELETE FROM dead_letter")
        conn.exec_driver_sql("UPDATE device SET contiguous = 1, high_seq = 1")
    kiosk.sync()
    kiosk.step()
    assert center.case(application_id) is not None


def test_a_tablet_enrolled_anew_tells_again(center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch)
    submitted(kiosk)
    kiosk.step()
    kiosk.enrol(center)
    kiosk.step()
    assert [letter.device_id for letter in waiting(center)] == [kiosk.device_id]


def test_the_queue_says_that_the_center_knows_and_when_it_is_over(
    center: Center, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk import pins

    refuse(monkeypatch)
    submitted(kiosk)
    kiosk.step()
    pins.set_pin(kiosk.store, "246810")
    browser = kiosk.app.test_client()
    kiosk.app.config["WTF_CSRF_ENABLED"] = False
    browser.post("/unlock", data={"pin": "246810"})
    page = browser.get("/queue").text
    assert "要您看一下" in page and "志推中心也看得到這一筆" in page
    second_try.settle(center.store, waiting(center)[0].op_id, "chief", "x", datetime.now(UTC))
    kiosk.step()
    page = browser.get("/queue").text
    assert "志推中心處理好了" in page and "要您看一下" not in page
