"""Cases about a card that exists (R38, R39, A7, A21, A24): taken in, reviewed by two, issued again."""

from __future__ import annotations

import importlib
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from center import ending, photostore
from center import issue as issuing
from center.card_secrets import unbox
from center.store import card_log, cards, feed
from honorcard.card import slip
from honorcard.problems import ProblemError
from sync import wire
from sync.seal import open_sealed
from tests.center.asking import PAPERS, SLIP, ask, asked, passed_on, send

CORRECTED = (*PAPERS, "document")


def found(world, number):
    with world.store.read() as conn:
        return cards.find(conn, number)


def card_of(world, application_id):
    with world.store.read() as conn:
        return cards.of_application(conn, application_id)


def items(world, *kinds):
    with world.store.read() as conn:
        page, _ = feed.page(conn, world.device_id, 0)
    return [item for item in page if item.kind in kinds]


def log_of(world, number):
    with world.store.read() as conn:
        return [(event.edition, event.what, event.reason) for event in card_log.events(conn, number)]


def issue(world, application_id, **options):
    return issuing.issue(world.store, world.settings, application_id, world.people["second"], now=world.now, **options)


def test_a_correction_keeps_number_and_last_day_and_ends_the_old_code(world):
    """C43, A24."""
    number = world.issued()
    old = found(world, number)
    world.at(world.now + timedelta(days=40))
    application_id = passed_on(world, "birth_date", papers=CORRECTED, birth_date=date(1958, 8, 17))
    assert issue(world, application_id) == number
    new = found(world, number)
    assert (new.number, new.valid_until, new.approved_on) == (number, old.valid_until, old.approved_on)
    assert (new.edition, new.counted_until) == (2, old.counted_until)
    assert new.seq > old.seq
    assert unbox(world.settings, new.seq, new.secret_box) != unbox(world.settings, old.seq, old.secret_box)
    with world.store.read() as conn:
        before = cards.of_seq(conn, old.seq)
    assert (before.status, new.status) == ("replaced", "live")
    assert log_of(world, number) == [(1, "issued", ""), (1, "replaced", ""), (2, "issued", "birth_date")]
    assert world.case(application_id).state == "issued"


def test_the_tablets_hear_of_both_cards(world):
    world.issued()
    (first,) = items(world, "card.issued")
    application_id = passed_on(world, "name", papers=CORRECTED, name="林秀芬")
    issue(world, application_id)
    status, issued, sheet = items(world, "card.status", "card.issued", "card.sheet")[-3:]
    assert (status.kind, status.entity_id) == ("card.status", first.entity_id)
    assert wire.decode(wire.CardStatus, status.body).status == "replaced"
    told = wire.decode(wire.CardIssued, open_sealed(issued.body, world.device_key, "sheet"))
    assert (issued.entity_id, told.number) == (application_id, "11500001")
    sealed = wire.decode(wire.CardSheet, sheet.body)
    assert slip.open_sheet(bytes.fromhex(SLIP), date(1958, 8, 16), sealed.blob) == told.sheet


def test_a_changed_identity_number_finds_the_card_by_the_old_one(world):
    world.issued()
    application_id = passed_on(
        world, "identity_number", papers=CORRECTED, identity_number="A123456789",
        card={"identity_number": "A223456781"},
    )  # fmt: skip
    assert issue(world, application_id) == "11500001"
    # hours used for the card stay used under the new number (A4)
    new = card_of(world, application_id)
    assert new.counted_until == date(2026, 10, 31)
    again = world.application(identity_number="A123456789")
    assert world.case(again).outcome == "fail"


def test_a_number_alone_leads_to_no_strangers_card(world):
    number = world.issued()
    stranger = {"identity_number": "A123456789", "name": "陳文雄", "birth_date": date(1960, 1, 1)}
    application_id = ask(world, "lost", card={"number": number}, **stranger)
    assert world.case(application_id).card_seq is None
    same_name = ask(world, "identity_number", card={"number": number}, identity_number="F131104093")
    assert world.case(same_name).card_seq == 100_000


def test_a_lost_card_of_ours_is_handed_out_as_it_is(world):
    """C42: the case leads to the very same sheet; nothing is signed."""
    number = world.issued()
    old = found(world, number)
    application_id = passed_on(world, "lost")
    assert issue(world, application_id) == number
    assert found(world, number) == old
    issued = items(world, "card.issued")[-1]
    told = wire.decode(wire.CardIssued, open_sealed(issued.body, world.device_key, "sheet"))
    assert issued.entity_id == application_id
    assert told.sheet == photostore.get(world.settings, "sheet", old.sheet_sha256)
    assert log_of(world, number)[-1] == (1, "reprinted", "lost")
    assert [event.move for event in world.case(application_id).history][-1] == "reprinted"
    # the other tablet's copy ends with the card as well
    ending.end_card(world.store, world.settings, number, "revoked", "冒用", world.people["admin"], now=world.now)
    assert {item.entity_id for item in items(world, "card.status")} == {old.application_id, application_id}


def test_a_card_that_is_not_ours_gets_our_number_and_keeps_its_verified_last_day(world):
    """A7, A21."""
    application_id = passed_on(world, "lost", card={"valid_until": date(2028, 5, 31), "number": "11203456"})
    with pytest.raises(ProblemError) as refused:
        issue(world, application_id)
    assert refused.value.code == "old_card_day_missing"
    for typed, code in (("119.12.31", "old_card_day_far"), ("115.11.20", "card_over"), ("nonsense", "old_card_day_missing")):
        with pytest.raises(ProblemError) as refused:
            issue(world, application_id, valid_until=typed)
        assert refused.value.code == code
    assert issue(world, application_id, valid_until="117.05.31") == "11500001"
    new = card_of(world, application_id)
    assert (new.valid_until, new.approved_on, new.edition) == (date(2028, 5, 31), date(2026, 11, 21), 1)


def test_the_second_reviewer_types_the_last_day_on_the_page(world):
    application_id = passed_on(world, "damaged", card={"valid_until": date(2028, 5, 31)})
    browser = world.browser("second")
    page = browser.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert 'name="valid_until" value="117.05.31"' in page
    assert browser.decide(application_id, "approve").status_code == 422
    assert browser.decide(application_id, "approve", valid_until="117.05.31").status_code == 303
    assert card_of(world, application_id).valid_until == date(2028, 5, 31)


@pytest.mark.parametrize(
    ("status", "days", "code"),
    [
        ("revoked", 0, "card_ended_already"),
        ("suspended", 0, "card_suspended"),
        ("live", 3 * 366, "card_over"),
    ],
)
def test_a_card_that_ended_is_neither_corrected_nor_printed_again(world, status, days, code):
    number = world.issued()
    if status != "live":
        ending.end_card(world.store, world.settings, number, status, "查", world.people["admin"], now=world.now)
    world.at(world.now + timedelta(days=days))
    for cause, papers in (("name", CORRECTED), ("lost", PAPERS)):
        application_id = ask(world, cause, papers=papers, receipt=f"HC-{cause}")
        browser = world.browser("first")
        answer = browser.decide(application_id, "approve", text="看過了")
        assert answer.status_code == 409
        sentence = ProblemError(code, valid_until=date(2029, 11, 21)).sentence("zh")
        assert sentence in answer.get_data(as_text=True)
        assert "/approve" not in browser.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert len(log_of(world, number)) == (1 if status == "live" else 2)


def test_a_card_that_ends_between_the_reviews_is_not_issued_again(world):
    number = world.issued()
    application_id = passed_on(world, "photo")
    ending.end_card(world.store, world.settings, number, "revoked", "冒用", world.people["admin"], now=world.now)
    with pytest.raises(ProblemError) as refused:
        issue(world, application_id)
    assert refused.value.code == "card_ended_already"
    assert world.case(application_id).state == "second_review"


def test_without_the_papers_nothing_is_approved(world):
    world.issued()
    application_id = ask(world, "name", papers=("headshot", "cover"))
    answer = world.browser("first").decide(application_id, "approve", text="看過了")
    assert answer.status_code == 409
    assert "還沒交齊" in answer.get_data(as_text=True)


def test_the_same_person_does_not_review_twice(world):
    """C50."""
    from sqlalchemy import update

    from center.store.tables import account

    world.issued()
    application_id = passed_on(world, "photo")
    with world.store.write() as conn:
        conn.execute(
            update(account).where(account.c.account_id == world.people["first"]).values(role="second_reviewer")
        )
    with pytest.raises(ProblemError) as refused:
        issuing.issue(world.store, world.settings, application_id, world.people["first"], now=world.now)
    assert refused.value.code == "review_same_person"


def test_returned_and_corrected_it_keeps_its_receipt_and_its_place(world):
    world.issued()
    body = asked(world, "name", papers=CORRECTED, name="林秀芬")
    send(world, body)
    answer = world.browser("first").decide(
        body.application_id, "return", reason="form_unreadable", slot="form", text="請簽名"
    )
    assert answer.status_code == 303
    item = items(world, "application.returned")[-1]
    returned = wire.decode(wire.ReissueReturned, open_sealed(item.body, world.device_key, "returned"))
    assert (returned.reasons, returned.slots, returned.text) == (("form_unreadable",), ("form",), "請簽名")
    assert returned.application == body
    fresh = asked(world, "name", papers=CORRECTED, name="林秀芬", application_id=body.application_id, take="2")
    with pytest.raises(ProblemError) as refused:  # not a second case of that id
        send(world, fresh, base_rev=None, seq=2)
    assert refused.value.code == "op_application_exists"
    amended = msgspec.structs.replace(fresh, receipt="HC-9999-9999")
    answered = send(world, amended, base_rev=item.rev, seq=3)
    assert (answered.status, answered.receipt) == ("applied", "HC-2222-3333")
    assert world.case(body.application_id).state == "first_review"


def test_a_case_stays_what_it_was_begun_as(world):
    application_id = world.application()
    world.browser("first").decide(application_id, "return", reason="page_blurred")
    body = asked(world, "lost", application_id=application_id)
    with pytest.raises(ProblemError) as refused:
        send(world, body, base_rev=world.case(application_id).rev)
    assert refused.value.code == "op_malformed"
    with pytest.raises(ProblemError) as refused:
        send(world, body)
    assert refused.value.code == "op_application_exists"


def test_the_desk_shows_old_beside_new_and_says_what_differs_in_words(world):
    world.issued()
    application_id = ask(world, "name", papers=CORRECTED, name="林秀芬")
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "更正換發：姓名更正" in page
    assert "<del>林秀琴</del>" in page
    assert "<ins>林秀芬</ins>" in page
    assert page.count("不同</span>") == 1
    assert "A223456781" not in page
    for paper in ("補發申請表", "一寸半身照片", "紀錄冊封面", "更正後的證件"):
        assert paper in page
    assert "申請表看不清楚" in page
    assert "年資不滿三年" not in page
    assert world.browser("first").get(f"/desk/case/{application_id}/card_face.webp").mimetype == "image/webp"


def test_typed_data_of_the_old_card_that_is_not_ours_needs_a_word(world):
    world.issued()
    application_id = ask(world, "photo", card={"number": "11500009"})
    browser = world.browser("first")
    assert browser.decide(application_id, "approve").status_code == 422
    assert browser.decide(application_id, "approve", text="卡號少看一碼").status_code == 303


def test_somebody_elses_live_card_under_the_corrected_number_stops_it(world):
    world.issued()
    world.issued(identity_number="A123456789", name="陳文雄")
    application_id = passed_on(
        world, "identity_number", papers=CORRECTED, identity_number="A123456789",
        card={"identity_number": "A223456781"},
    )  # fmt: skip
    with pytest.raises(ProblemError) as refused:
        issue(world, application_id)
    assert refused.value.code == "card_live_already"
    with world.store.read() as conn:
        assert {card.status for card in cards.listing(conn)} == {"live"}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("center.issue", "render"),
        ("center.photostore", "put"),
        ("center.store.cards", "end"),
        ("center.store.cards", "add"),
        ("center.store.cases", "record"),
        ("center.store.feed", "append"),
        ("center.issue", "_tell_issued"),
    ],
)
def test_a_crash_in_the_middle_of_a_correction_leaves_the_old_card(world, monkeypatch, module, name):
    number = world.issued()
    application_id = passed_on(world, "photo")
    before = (found(world, number), world.case(application_id), items(world, "card.status", "card.issued"))
    room = importlib.import_module(module)
    real = getattr(room, name)

    def power_cut(*args, **kwargs):
        real(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(room, name, power_cut)
        with pytest.raises(KeyboardInterrupt):
            issue(world, application_id)
    assert (found(world, number), world.case(application_id), items(world, "card.status", "card.issued")) == before
    assert issue(world, application_id) == number
    assert found(world, number).edition == 2


def test_a_number_lives_on_through_several_corrections_and_a_renewal_takes_a_new_one(world):
    number = world.issued()
    for edition, name in ((2, "林秀芬"), (3, "林秀芳")):
        application_id = passed_on(world, "name", papers=CORRECTED, name=name)
        assert issue(world, application_id) == number
        assert found(world, number).edition == edition
    world.at(datetime(2029, 11, 1, 2, 0, tzinfo=UTC))
    renewal = world.application(name="林秀芳", submitted_on=world.now.date(), receipt="HC-BBBB-BBBB")
    world.browser("first").decide(renewal, "approve", text="看過紀錄冊")
    assert issue(world, renewal, text="看過紀錄冊") == "11800001"
    assert found(world, number).status == "replaced"
