"""What is told, to whom, and in which transaction: issue, return and refusal write to the unit (R30, R51)."""

from __future__ import annotations

import pytest

from center import mail_message
from center.store import mail
from tests.center.asking import passed_on


@pytest.fixture
def world(make_world):
    return make_world(mail_from="card@hc.example.gov.tw")


def write_to(world, name: str = "officer", address: str = "huang@north.example") -> None:
    with world.store.write() as conn:
        assert mail.set_account_address(conn, world.people[name], address)


def letters(world) -> list[mail.Letter]:
    with world.store.read() as conn:
        return list(reversed(mail.listing(conn)))


def test_a_second_approval_writes_to_every_officer_and_the_units_own_box_once(world):
    write_to(world)
    write_to(world, "stranger", "zhang@shezi.example")
    with world.store.write() as conn:
        mail.set_unit_address(conn, world.units["north_gate"], "HUANG@north.example")
    number = world.issued()
    (letter,) = letters(world)
    assert (letter.kind, letter.state, letter.unit) == ("card_issued", "waiting", "北門文化導覽志工隊")
    said = mail_message.write(world.settings, letter).as_string()
    assert number in said
    assert "A223456781" not in said


def test_no_letter_names_anybody_or_bears_an_identity_number(world):
    write_to(world)
    world.issued(name="林秀琴")
    for letter in letters(world):
        message = mail_message.write(world.settings, letter)
        texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
        assert len(texts) == 2
        for text in texts:
            assert "林○琴" in text
            assert "林秀琴" not in text
            assert "A223456781" not in text


def test_a_returned_case_says_what_to_correct_and_leaves_the_reviewers_words_on_the_tablet(world):
    write_to(world)
    application_id = world.application()
    world.browser("first").decide(application_id, "return", reason=["page_glare", "other"], text="王小明的頁面")
    (letter,) = letters(world)
    text = mail_message.write(world.settings, letter).get_body(("plain",)).get_content()
    assert "請關掉上方的燈，重拍" in text
    assert "Turn off the light above" in text
    assert "審查人員另有說明" in text
    assert "王小明" not in text


def test_a_refusal_names_the_rule(world):
    write_to(world)
    application_id = world.application(state="second_review")
    world.browser("second").decide(application_id, "refuse", reason="hours_short")
    (letter,) = letters(world)
    text = mail_message.write(world.settings, letter).get_body(("plain",)).get_content()
    assert "時數不滿 300 小時" in text
    assert "Fewer than 300 hours" in text


def test_a_card_handed_out_again_says_that_it_stays_as_it_is(world):
    write_to(world)
    world.issued()
    application_id = passed_on(world, "lost")
    world.browser("second").decide(application_id, "approve")
    assert [one.kind for one in letters(world)] == ["card_issued", "card_reprinted"]


def test_nobody_with_an_address_is_no_reason_to_hold_anything_up(world):
    world.issued()
    assert letters(world) == []


def test_a_closed_account_is_written_to_no_more(world):
    write_to(world)
    world.browser("admin").send(f"/accounts/{world.people['officer']}/close", see="/accounts")
    world.issued()
    assert letters(world) == []


def test_the_city_may_say_that_a_card_is_told_of_by_no_letter(make_world):
    world = make_world(mail_card="none")
    write_to(world)
    world.issued()
    assert letters(world) == []


def test_an_issue_that_fails_has_written_to_nobody(world, monkeypatch):
    from center import issue

    write_to(world)
    application_id = world.application(state="second_review")

    class PowerCutError(BaseException):
        pass

    def cut(_place: str) -> None:
        raise PowerCutError

    monkeypatch.setattr(issue, "crash_here", cut)
    with pytest.raises(PowerCutError):
        world.browser("second").decide(application_id, "approve")
    assert letters(world) == []


def test_a_revoked_card_is_to_be_taken_back_and_of_a_holder_who_died_nothing_is_said(world):
    write_to(world)
    first, second = world.issued(), world.issued(identity_number="A123456789", name="陳文雄", receipt="HC-2222-2222")
    admin = world.browser("admin")
    admin.send(f"/cards/{first}/revoke", ground="misused", text="王小明持卡入園")
    admin.send(f"/cards/{second}/revoke", ground="deceased")
    (letter,) = [one for one in letters(world) if one.kind == "card_ended"]
    text = mail_message.write(world.settings, letter).get_body(("plain",)).get_content()
    assert "轉借或冒用" in text
    assert first in text
    assert "王小明" not in text


def test_the_volunteer_who_gave_an_address_hears_of_the_card_and_gets_neither_sheet_nor_secret(make_world):
    world = make_world(smtp_host="127.0.0.1", mail_from="center@honor.example", mail_card="attachment")
    write_to(world)
    number = world.issued(email="lin@volunteer.example")
    world.issued(email="陳志工@例子.台灣", identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    world.issued(email="no address", identity_number="B123456780", name="張美玉", receipt="HC-EEEE-FFFF")
    own = [one for one in letters(world) if one.kind == "own_card_issued"]
    assert [(one.address, one.sheet_sha256) for one in own] == [
        ("lin@volunteer.example", None),
        ("陳志工@例子.台灣", None),
    ]
    text = mail_message.write(world.settings, own[0]).get_body(("plain",)).get_content()
    assert "HC-7K3M-22QF" in text and "林○琴您好" in text and "/venues" in text
    assert "林秀琴" not in text and "A223456781" not in text and f"/cards/{number}" not in text
