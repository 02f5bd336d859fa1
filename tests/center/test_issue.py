from __future__ import annotations

import hashlib
import subprocess
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from sqlalchemy import select

from center import digital_address, ending, keyring, packing, photostore
from center import issue as issuing
from center.store import cards, feed, metadata
from honorcard.card import slip, token
from honorcard.problems import ProblemError
from sync import wire
from sync.seal import open_sealed


def items(world, kind=None):
    with world.store.read() as conn:
        found, _ = feed.page(conn, world.device_id, 0)
    return [item for item in found if kind in (None, item.kind)]


def card_of(world, application_id):
    with world.store.read() as conn:
        return cards.of_application(conn, application_id)


def issue(world, application_id, **options):
    return issuing.issue(world.store, world.settings, application_id, world.people["second"], now=world.now, **options)


def qr_texts(pdf: bytes, folder: Path) -> set[str]:
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "300", "-png", folder / "sheet.pdf", folder / "sheet"], check=True)
    texts = set()
    for page in sorted(folder.glob("sheet*.png")):
        image = cv2.imdecode(np.frombuffer(page.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        texts |= {found.text for found in zxingcpp.read_barcodes(image)}
    return texts


def test_the_second_approval_issues_a_numbered_card(world):
    application_id = world.application(state="second_review")
    number = issue(world, application_id)
    card, case = card_of(world, application_id), world.case(application_id)
    assert number == card.number == "11500001"
    assert (card.seq, card.status) == (100_000, "live")
    assert (card.approved_on, card.valid_until) == (date(2026, 11, 21), date(2029, 11, 21))
    assert (case.state, case.second_reviewer) == ("issued", world.people["second"])
    assert [event.move for event in case.history] == ["submitted", "completed", "approved", "issued"]
    assert case.history[-1].actor == "王複審"


def test_the_sheets_qr_code_is_a_token_that_verifies(world, tmp_path):
    application_id = world.application(state="second_review")
    issue(world, application_id)
    card = card_of(world, application_id)
    sheet = photostore.get(world.settings, "sheet", card.sheet_sha256)
    (text,) = qr_texts(sheet, tmp_path)
    read = token.parse(text, world.settings.card_prefix)
    key = keyring.trust(world.settings).key(read.kid, "card")
    assert token.signature_holds(read, key.verifying_key)
    assert (read.seq, read.last_valid_day) == (card.seq, card.valid_until)


def test_the_tablet_gets_the_card_sealed_to_itself_and_the_sheet_sealed_under_the_slip(world):
    application_id = world.application(state="second_review")
    number = issue(world, application_id)
    (issued,) = items(world, "card.issued")
    told = wire.decode(wire.CardIssued, open_sealed(issued.body, world.device_key, "sheet"))
    assert (told.number, told.valid_until) == (number, date(2029, 11, 21))
    assert told.sheet.startswith(b"%PDF")
    assert told.digital == digital_address.address(world.settings, card_of(world, application_id))
    (sealed,) = items(world, "card.sheet")
    assert sealed.entity_id == issued.entity_id == application_id
    body = wire.decode(wire.CardSheet, sealed.body)
    secret, birth = bytes.fromhex("00112233445566778899aabbccddeeff"), date(1958, 8, 16)
    assert body.idx == slip.sheet_index(secret, birth)
    assert slip.open_sheet(secret, birth, body.blob) == told.sheet
    with pytest.raises(ProblemError):
        slip.open_sheet(secret, date(1958, 8, 17), body.blob)
    for item in items(world):
        assert "林秀琴".encode() not in item.body
        assert b"A223456781" not in item.body


def everything_in(store) -> bytes:
    """Every value of every row."""
    with store.read() as conn:
        rows = [row for table in metadata.sorted_tables for row in conn.execute(select(table))]
    return b"\n".join(bytes(it) if isinstance(it, bytes) else str(it).encode() for row in rows for it in row)


def test_the_secrets_of_a_card_are_nowhere_in_the_database_in_clear(world, tmp_path):
    application_id = world.application(state="second_review")
    issue(world, application_id)
    card = card_of(world, application_id)
    (text,) = qr_texts(photostore.get(world.settings, "sheet", card.sheet_sha256), tmp_path)
    read = token.parse(text, world.settings.card_prefix)
    content = everything_in(world.store)
    assert card.number.encode() in content
    assert read.lookup.encode() not in content
    assert read.secret not in content
    with world.store.read() as conn:
        found = cards.shown_to_public(conn, hashlib.sha256(read.lookup.encode()).digest(), date(2026, 11, 21))
    assert found.number == card.number


@pytest.mark.parametrize(
    ("approved", "previous", "until"),
    [
        pytest.param(date(2023, 12, 13), None, date(2026, 12, 13), id="C37"),
        pytest.param(date(2019, 11, 15), date(2019, 11, 30), date(2022, 11, 30), id="C38"),
        pytest.param(date(2019, 12, 5), date(2019, 11, 30), date(2022, 12, 5), id="C39"),
        pytest.param(date(2016, 2, 29), None, date(2019, 2, 28), id="C40"),
        pytest.param(date(2013, 2, 28), None, date(2016, 2, 28), id="C41"),
    ],
)
def test_the_last_valid_day(make_world, approved, previous, until):
    world = make_world(at=datetime(approved.year, approved.month, approved.day, 1, 0, tzinfo=UTC))
    card = None if previous is None else {"valid_until": previous, "source": "typed", "seq": None, "number": ""}
    application_id = world.application(
        state="first_review", kind="renewal" if card else "first", previous=card, submitted_on=approved
    )
    world.browser("first").decide(application_id, "approve", text="照紙本")
    issue(world, application_id, text="照紙本")
    assert card_of(world, application_id).valid_until == until


def test_the_day_of_approval_is_taipeis(make_world):
    world = make_world(at=datetime(2026, 11, 20, 16, 30, tzinfo=UTC))  # half past midnight on the 21st in Taipei
    application_id = world.application(state="second_review")
    issue(world, application_id)
    assert card_of(world, application_id).approved_on == date(2026, 11, 21)


def test_numbers_run_on_within_a_year_and_begin_anew_with_the_next(make_world):
    world = make_world(at=datetime(2026, 12, 31, 2, 0, tzinfo=UTC))
    people = ["A223456781", "A123456789", "F222222222"]
    first = [
        issue(world, world.application(state="second_review", identity_number=number), text="x")
        for number in people[:2]
    ]
    world.at(datetime(2027, 1, 1, 2, 0, tzinfo=UTC))
    next_year = world.application(state="second_review", identity_number=people[2])
    assert [*first, issue(world, next_year, text="x")] == ["11500001", "11500002", "11600001"]
    assert card_of(world, next_year).seq == 100_002  # the issue number never begins anew


def test_a_new_card_retires_the_earlier_one_in_the_same_transaction(world):
    first = world.application(state="second_review", receipt="HC-AAAA-AAAA")
    issue(world, first)
    world.at(world.now + timedelta(days=3 * 366))
    second = world.application(state="first_review", receipt="HC-BBBB-BBBB", submitted_on=world.now.date())
    world.browser("first").decide(second, "approve", text="看過紀錄冊")
    issue(world, second, text="看過紀錄冊")
    old, new = card_of(world, first), card_of(world, second)
    assert (old.status, new.status) == ("replaced", "live")
    assert world.case(first).history[-1].move == "replaced"
    (told,) = items(world, "card.status")
    assert told.entity_id == first
    assert wire.decode(wire.CardStatus, told.body) == wire.CardStatus(number=old.number, status="replaced")


def test_issuing_twice_is_refused_and_gives_no_second_number(world):
    application_id = world.application(state="second_review")
    issue(world, application_id)
    with pytest.raises(ProblemError) as refused:
        issue(world, application_id)
    assert refused.value.code == "review_move_impossible"
    with world.store.read() as conn:
        assert len(cards.listing(conn)) == 1


def test_two_approvals_at_the_same_moment_issue_one_card(world):
    application_id = world.application(state="second_review")
    rev = world.case(application_id).rev
    said: list[str] = []
    start = threading.Barrier(2)

    def approve():
        start.wait()
        try:
            said.append(issue(world, application_id, rev=rev))
        except ProblemError as problem:
            said.append(problem.code)

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["11500001", "case_moved_on"]


@pytest.mark.parametrize(
    ("name", "code"), [("first", "review_wrong_role"), ("admin", "review_wrong_role"), ("officer", "review_wrong_role")]
)
def test_only_a_second_reviewer_issues(world, name, code):
    application_id = world.application(state="second_review")
    with pytest.raises(ProblemError) as refused:
        issuing.issue(world.store, world.settings, application_id, world.people[name], now=world.now)
    assert refused.value.code == code
    assert card_of(world, application_id) is None


def test_a_name_that_cannot_be_printed_stops_the_approval_with_its_sentence(world):
    application_id = world.application(state="second_review", name="林\U0003134a琴")  # CJK extension H: in no font here
    browser = world.browser("second")
    answer = browser.decide(application_id, "approve")
    assert answer.status_code == 422
    assert "這台機器印不出來" in answer.get_data(as_text=True)
    assert world.case(application_id).state == "second_review"
    assert items(world, "card.issued") == []


def test_without_a_headshot_no_card(world):
    from sqlalchemy import update

    from center.store.tables import application_photo

    application_id = world.application(state="second_review")
    with world.store.write() as conn:
        conn.execute(update(application_photo).where(application_photo.c.slot == "headshot").values(state="refused"))
    with pytest.raises(ProblemError) as refused:
        issue(world, application_id)
    assert refused.value.code == "case_headshot_missing"


def test_a_tablets_useless_slip_secret_does_not_withhold_the_card(world):
    for secret, number in (("", "A223456781"), ("zz", "A123456789"), ("0011", "F222222222")):
        application_id = world.application(state="second_review", slip_secret=secret, identity_number=number)
        assert issue(world, application_id)
    assert items(world, "card.sheet") == []
    assert len(items(world, "card.issued")) == 3


def test_a_case_whose_tablet_is_unknown_is_issued_all_the_same(world):
    application_id = world.application(state="second_review", device_id=None)
    assert issue(world, application_id)
    assert items(world, "card.issued") == []


def test_a_second_application_of_a_card_holder_never_makes_a_second_number(world):
    """C51: not even with a reviewer's written reason."""
    issue(world, world.application(state="second_review", receipt="HC-AAAA-AAAA"))
    again = world.application(state="first_review", receipt="HC-BBBB-BBBB")
    world.browser("first").decide(again, "approve", text="看過了")
    answer = world.browser("second").decide(again, "approve", text="看過了")
    assert answer.status_code == 409
    assert "11500001" in answer.get_data(as_text=True)
    assert card_of(world, again) is None
    assert world.browser("second").decide(again, "refuse", reason="duplicate").status_code == 303


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("center.issue", "render"),
        ("center.photostore", "put"),
        ("center.store.cards", "add"),
        ("center.store.cards", "end"),
        ("center.store.cases", "record"),
        ("center.store.feed", "append"),
        ("center.issue", "_tell_issued"),
    ],
)
def test_a_crash_in_the_middle_leaves_no_half_card(world, monkeypatch, module, name):
    """S4: one transaction. The crash comes right after each part has done its work."""
    import importlib

    first = world.application(state="second_review", receipt="HC-AAAA-AAAA")
    issue(world, first)
    world.at(datetime(2029, 11, 1, 2, 0, tzinfo=UTC))  # the window of the renewal is open
    second = world.application(state="first_review", receipt="HC-BBBB-BBBB", submitted_on=world.now.date())
    world.browser("first").decide(second, "approve", text="看過紀錄冊")
    before = (world.case(first), world.case(second), card_of(world, first), items(world))
    room = importlib.import_module(module)
    real = getattr(room, name)

    def power_cut(*args, **kwargs):
        real(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(room, name, power_cut)
        with pytest.raises(KeyboardInterrupt):
            issue(world, second, text="看過紀錄冊")
    assert (world.case(first), world.case(second), card_of(world, first), items(world)) == before
    assert card_of(world, second) is None
    assert issue(world, second, text="看過紀錄冊") == "11800001"
    assert card_of(world, second).seq == 100_001


def test_every_signature_is_in_the_log(world):
    from sqlalchemy import select

    from center.store.tables import issue_log

    application_id = world.application(state="second_review")
    issue(world, application_id)
    with world.store.read() as conn:
        (line,) = conn.execute(select(issue_log)).all()
    assert (line.seq, line.by_account) == (100_000, world.people["second"])
    assert len(line.token_sha256) == 32


def test_issue_numbers_stay_above_the_floor_set_after_a_restore(world):
    from sqlalchemy import insert

    from center.store.tables import meta

    with world.store.write() as conn:
        conn.execute(insert(meta).values(k="seq_floor", v="123456"))
    application_id = world.application(state="second_review")
    issue(world, application_id)
    assert card_of(world, application_id).seq == 123_457


def test_the_desk_issues_and_rebuilds_the_pack(world):
    application_id = world.application(state="second_review")
    browser = world.browser("second")
    answer = browser.decide(application_id, "approve")
    assert answer.headers["Location"] == "/desk/second"
    assert "已發卡，卡號 11500001" in browser.get("/desk/second").get_data(as_text=True)
    assert not packing.is_stale(world.store, world.settings, now=world.now)


def test_ending_a_card_tells_the_tablet_and_writes_history(world):
    application_id = world.application(state="second_review")
    number = issue(world, application_id)

    def end(status):
        ending.end_card(world.store, world.settings, number, status, "原因", world.people["admin"], now=world.now)

    end("suspended")
    assert card_of(world, application_id).status == "suspended"
    end("live")
    assert (card_of(world, application_id).status, card_of(world, application_id).ended_ms) == ("live", None)
    end("revoked")
    assert [wire.decode(wire.CardStatus, item.body).status for item in items(world, "card.status")] == [
        "suspended",
        "live",
        "revoked",
    ]
    assert world.case(application_id).history[-1].text == "原因"
    for status in ("live", "suspended", "revoked"):
        with pytest.raises(ProblemError) as refused:
            end(status)
        assert refused.value.code == "card_ended_already"
    with pytest.raises(ProblemError) as refused:
        ending.end_card(world.store, world.settings, "11599999", "revoked", "x", world.people["admin"], now=world.now)
    assert refused.value.code == "card_unknown"
