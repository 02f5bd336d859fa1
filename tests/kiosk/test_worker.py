"""The sync thread: what the feed brings, a returned case's way back and forth, starting, stopping, waking."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from center import devices as codes
from center import facts, pairs
from center.store import devices, feed, intake, proposals, tables
from kiosk.drafting import Answers
from kiosk.store import cards as card_rows
from kiosk.store import drafts
from sync import wire
from sync.device import DeviceKeys
from sync.retry import FIRST_S, Backoff
from tests.sync.loopback import Center, CuttingLine, Kiosk, picture, whole_answers


def _say(
    center: Center, kiosk: Kiosk, kind: str, body: bytes, entity: str = "a", rev: int = 1, label: str = ""
) -> None:
    with center.store.write() as conn:
        if label:
            body = codes.seal_for_device(devices.find(conn, kiosk.device_id), body, label)
        feed.append(conn, kind=kind, entity_id=entity, rev=rev, device_id=kiosk.device_id, body=body, at_ms=1)


def _card(kiosk: Kiosk, application_id: str = "a"):
    with kiosk.store.read() as db:
        return card_rows.find(db, application_id)


def test_a_returned_case_comes_back_sealed_and_goes_again_corrected(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(pages=2, person=0)
    receipt = kiosk.submit(application_id).receipt
    kiosk.sync()
    center.worker.step()
    rev = center.give_back(application_id, kiosk.device_id)
    kiosk.step()
    assert (kiosk.sent(application_id).state, kiosk.sent(application_id).rev) == ("returned", rev)
    ((sealed,),) = kiosk.rows("SELECT returned FROM application")
    assert "王小明".encode() not in sealed
    keys = DeviceKeys.load(kiosk.settings.data_dir)
    told = wire.decode(wire.Returned, keys.open(sealed, "returned"))
    assert (told.reasons, told.slots) == (("page_blurred",), ("page-1",))

    before = told.application
    kept = tuple(photo for photo in before.photos if (photo.slot, photo.position) != ("page", 1))
    answers: Answers = whole_answers(
        "王曉明", "A123456789", amends_rev=rev, receipt=before.receipt, slip_secret=before.slip_secret, kept=kept
    )
    with kiosk.store.write() as db:
        drafts.create(db, application_id, 1, answers)
    kiosk.photograph(application_id, "page", 1, picture("retaken"))
    again = kiosk.submit(application_id)
    assert again.receipt == receipt
    assert again.slip_secret.hex() == before.slip_secret
    assert kiosk.rows("SELECT state, returned FROM application") == [("waiting", None)]
    kiosk.sync()
    center.worker.step()
    kiosk.step()
    row = center.case(application_id)
    assert (row.state, row.name) == ("first_review", "王曉明")
    assert center.photo_states(application_id) == {"opened"}
    assert kiosk.sent(application_id).state == "first_review"
    assert kiosk.rows("SELECT count(*) FROM application") == [(1,)]


def test_a_case_somebody_else_changed_meanwhile_is_a_conflict_and_nothing_is_lost(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    kiosk.sync()
    center.give_back(application_id, kiosk.device_id)
    kiosk.step()
    with center.store.write() as conn:  # while this tablet corrects it, somebody else's correction is taken in
        before = intake.standing(conn, application_id)
        body = msgspec.structs.replace(proposals.says(conn, application_id), name="王大明")
        found = facts.Judge(center.settings, datetime.now(UTC)).of(conn, body, pairs.near(conn, center.settings, body))
        intake.replace(conn, before, body, found, device_id=None, now_ms=2)
    answers = whole_answers("王曉明", "A123456789", amends_rev=before.rev)
    with kiosk.store.write() as db:
        drafts.create(db, application_id, 1, answers)
    for slot in ("headshot", "cover", "page"):
        kiosk.photograph(application_id, slot, 1 if slot == "page" else 0, picture(slot))
    kiosk.submit(application_id)
    kiosk.step()
    assert kiosk.rows("SELECT state FROM op_log ORDER BY seq") == [("accepted",), ("conflict",)]
    assert center.case(application_id).name == "王大明"


def test_an_issued_card_arrives_sealed_for_staff_and_under_the_slip(center: Center, kiosk: Kiosk) -> None:
    until = date(2029, 11, 20)
    issued = wire.CardIssued(number="11500001", valid_until=until, sheet=b"%PDF-1.7 for staff")
    _say(center, kiosk, "card.issued", wire.encode(issued), label="sheet")
    sheet = wire.CardSheet(number="11500001", valid_until=until, idx=b"i" * 16, blob=b"under the slip")
    _say(center, kiosk, "card.sheet", wire.encode(sheet))
    kiosk.step()
    card = _card(kiosk)
    assert (card.number, card.valid_until, card.status) == ("11500001", "2029-11-20", "live")
    assert card.slip_sheet == b"under the slip"
    assert b"%PDF" not in card.device_sheet
    keys = DeviceKeys.load(kiosk.settings.data_dir)
    assert wire.decode(wire.CardIssued, keys.open(card.device_sheet, "sheet")).sheet == issued.sheet
    with kiosk.store.read() as db:
        assert card_rows.by_slip(db, b"i" * 16).application_id == "a"


@pytest.mark.parametrize("status", ["suspended", "revoked", "replaced", "live"])
def test_a_cards_status_follows_the_center(center: Center, kiosk: Kiosk, status: str) -> None:
    sheet = wire.CardSheet(number="11500001", valid_until=date(2029, 11, 20), idx=b"i" * 16, blob=b"x")
    _say(center, kiosk, "card.sheet", wire.encode(sheet))
    _say(center, kiosk, "card.status", wire.encode(wire.CardStatus(number="11500001", status=status)), "a", 2)
    kiosk.step()
    assert _card(kiosk).status == status


def test_a_reissued_card_takes_the_place_of_the_old_one_and_its_sheets(center: Center, kiosk: Kiosk) -> None:
    for number, blob in (("11500001", b"old"), ("11500002", b"new")):
        issued = wire.CardIssued(number=number, valid_until=date(2029, 11, 20), sheet=blob)
        _say(center, kiosk, "card.issued", wire.encode(issued), label="sheet")
        _say(center, kiosk, "card.status", wire.encode(wire.CardStatus(number="11500001", status="replaced")))
    kiosk.step()
    assert (_card(kiosk).number, _card(kiosk).status) == ("11500002", "live")


def test_news_nobody_understands_is_kept_and_does_not_hold_up_the_rest(center: Center, kiosk: Kiosk) -> None:
    _say(center, kiosk, "horoscope", b"\x00\x01")
    _say(center, kiosk, "card.sheet", b"{not json")
    _say(center, kiosk, "card.issued", b"sealed to somebody else")
    _say(center, kiosk, "application.state", b'{"state":"issued"}')
    sheet = wire.CardSheet(number="11500001", valid_until=date(2029, 11, 20), idx=b"i" * 16, blob=b"x")
    _say(center, kiosk, "card.sheet", wire.encode(sheet))
    kiosk.step()
    assert [row[0] for row in kiosk.rows("SELECT kind FROM inbox ORDER BY lsn")] == [
        "horoscope", "card.sheet", "card.issued", "application.state",
    ]  # fmt: skip
    assert _card(kiosk).number == "11500001"
    assert kiosk.facts().line == "good"


def test_old_news_does_not_undo_newer(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    kiosk.sync()

    def said(state: str) -> bytes:
        return wire.encode(wire.ApplicationState(state=state, photos_stored=3, photos=3))

    _say(center, kiosk, "application.state", said("second_review"), application_id, rev=9)
    _say(center, kiosk, "application.state", said("first_review"), application_id, rev=8)
    kiosk.step()
    assert (kiosk.sent(application_id).state, kiosk.sent(application_id).rev) == ("second_review", 9)


def test_the_thread_works_by_itself_wakes_when_nudged_and_stops(center: Center, kiosk: Kiosk) -> None:
    kiosk.worker.start()
    kiosk.worker.start()
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    kiosk.worker.nudge()
    _wait(lambda: center.case(application_id) is not None and not kiosk.facts().unsent)
    center.close()
    later = kiosk.draft()
    kiosk.submit(later)
    _wait(lambda: kiosk.facts().line == "no_line")
    center.serve()
    kiosk.worker.nudge()
    _wait(lambda: center.case(later) is not None)
    kiosk.worker.stop()
    kiosk.worker.stop()


def _wait(until, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_before_enrolment_there_is_nothing_to_do(tmp_path: Path) -> None:
    alone = Kiosk(tmp_path / "alone")
    assert alone.step() == alone.settings.sync_every_s
    assert alone.facts().line == "not_enrolled"


def test_no_name_and_no_number_is_logged(center: Center, kiosk: Kiosk, caplog) -> None:
    caplog.set_level("DEBUG")
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    kiosk.sync()
    center.worker.step()
    center.give_back(application_id, kiosk.device_id)
    _say(center, kiosk, "card.sheet", b"{not json")
    kiosk.step()
    center.close()
    kiosk.step()
    for secret in ("王小明", "A123456789"):
        assert secret not in caplog.text


def test_an_announced_list_is_fetched_and_raises_the_floor_of_time(center: Center, kiosk: Kiosk) -> None:
    kiosk.step()
    assert not (kiosk.settings.pack_dir / "manifest.cose").exists()
    for _ in range(12):
        kiosk.step()
    center.worker.step()  # builds the list and announces it
    kiosk.step()
    assert (kiosk.settings.pack_dir / "manifest.cose").exists()


def test_one_refused_signature_is_a_damaged_request_and_three_are_a_refusal(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    folder = kiosk.settings.key_file.parent
    its_own = DeviceKeys.load(folder)
    DeviceKeys.generate().save(folder)  # every request as if it had been damaged on the way
    lines = []
    for _ in range(3):
        pause = kiosk.step()
        lines.append((kiosk.facts().line, pause > 60))
    assert lines == [("no_line", False), ("no_line", False), ("refused", True)]
    its_own.save(folder)
    Kiosk(kiosk.settings.data_dir).sync()  # started anew: with the keys as they are
    assert center.case(application_id) is not None


def test_photographs_damaged_on_the_way_do_not_make_a_stranger_of_the_tablet(center: Center, tmp_path: Path) -> None:
    line = CuttingLine(center.port)
    kiosk = Kiosk(tmp_path / "other")
    kiosk.enrol(center, line.url)
    application_id = kiosk.draft(weight=300_000)
    kiosk.submit(application_id)
    line.spoils = lambda piece: len(piece) == 4096 and b" HTTP/1.1" not in piece  # what is small comes through, and every head
    told = [(kiosk.step() > 60, kiosk.facts().line) for _ in range(5)]
    assert told == [(False, "no_line")] * 5
    assert kiosk.worker._known.chunks.bytes == 32 * 1024, "what is shorter is less likely to be hit"
    assert center.case(application_id) is not None
    line.spoils = lambda piece: piece.startswith(b"HEAD")  # whose answer has no words
    line.budget = 150_000
    told = [(kiosk.step() > 60, kiosk.facts().line) for _ in range(2)]
    line.budget = None
    told += [(kiosk.step() > 60, kiosk.facts().line) for _ in range(3)]
    assert told == [(False, "no_line")] * 5
    line.spoils = lambda _piece: False
    kiosk.sync()
    center.worker.step()
    assert center.photo_states(application_id) == {"opened"}
    line.close()


def test_a_line_that_breaks_again_and_again_but_carries_something_is_tried_again_soon(
    center: Center, tmp_path: Path
) -> None:
    line = CuttingLine(center.port)
    kiosk = Kiosk(tmp_path / "other")
    kiosk.enrol(center, line.url)
    kiosk.worker._known.backoff = Backoff(lambda _low, high: high)  # the longest pause there may be
    kiosk.submit(kiosk.draft(weight=900_000))
    pauses = []
    for _ in range(4):  # a quarter of a megabyte a time
        line.budget = 250_000
        pauses.append(kiosk.step())
    assert pauses == [FIRST_S] * 4
    line.budget = 0  # and now it carries nothing
    assert [kiosk.step() for _ in range(3)] == [2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
    line.budget = None
    kiosk.sync()
    line.close()


def test_a_tablet_with_much_to_hear_goes_on_without_a_rest(center: Center, kiosk: Kiosk, monkeypatch) -> None:
    monkeypatch.setattr("sync.client.pulling.FEED_LIMIT", 2)
    monkeypatch.setattr("sync.client.pulling._MAX_PAGES", 2)
    state = wire.encode(wire.ApplicationState(state="first_review", photos_stored=1, photos=1))
    kiosk.step()
    for place in range(6):
        _say(center, kiosk, "application.state", state, entity=f"a{place}")
    rests = [kiosk.step() for _ in range(2)]
    assert rests == [0, kiosk.settings.sync_every_s]
    assert kiosk.rows("SELECT v FROM meta WHERE k = 'cursor'") == [(str(center.count(tables.feed)),)]
