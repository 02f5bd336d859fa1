"""The administrator's page of the mail: what did not go out is sent again or cancelled, addresses are kept, mail is tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from center import postman
from center.store import mail
from tests.center.postbox import HOST, postbox


@pytest.fixture
def world(make_world):
    return make_world(mail_from="card@hc.example.gov.tw", smtp_host=HOST, smtp_security="none")


def save_address(world, whose, address):
    return world.browser("admin").send("/mail/addresses", see="/mail", whose=whose, address=address)


def letters(world):
    with world.store.read() as conn:
        return mail.listing(conn)


def test_an_address_is_saved_shown_and_taken_away_again(world):
    whose = f"unit:{world.units['shezi']}"
    page = world.browser("admin").get("/mail").text
    assert "社子島環境隊" in page.split("收不到信")[1].split("</p>")[0]
    assert save_address(world, whose, " box@shezi.example ").status_code == 303
    page = world.browser("admin").get("/mail").text
    assert "社子島環境隊 – box@shezi.example" in page
    assert "社子島環境隊" not in page.split("收不到信")[1].split("</p>")[0]
    assert save_address(world, whose, "").status_code == 303
    assert "box@shezi.example" not in world.browser("admin").get("/mail").text


@pytest.mark.parametrize(
    ("whose", "address", "status"),
    [
        ("account", "no address", 422), ("account", "a@b.tw\r\nBcc: c@d.tw", 422), ("account:nobody", "a@b.tw", 404),
        ("", "a@b.tw", 404), ("card:1", "a@b.tw", 404),
    ],
)  # fmt: skip
def test_what_is_no_address_or_nobodys_is_said(world, whose, address, status):
    whose = f"account:{world.people['officer']}" if whose == "account" else whose
    answer = save_address(world, whose, address)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text


def test_a_letter_that_was_refused_waits_with_the_reason_and_is_sent_again_or_cancelled(world):
    save_address(world, f"account:{world.people['officer']}", "gone@north.example")
    number = world.issued()
    with postbox() as box:
        box.after_rcpt = ["550 no such user"]
        settings = replace(world.settings, smtp_port=box.port)
        postman.deliver(world.store, settings, now_is=lambda: world.now)
        admin = world.browser("admin")
        page = admin.get("/mail").text
        assert '/mail" aria-current="page">郵件<span class="count">1</span>' in page
        assert "對方說沒有這個信箱（550）" in page
        assert number in page
        assert "林" not in page.split("<table")[1].split("</table>")[0]
        (letter,) = letters(world)
        assert admin.send(f"/mail/{letter.mail_id}/again", see="/mail").status_code == 303
        postman.deliver(world.store, settings, now_is=lambda: world.now)
        assert [one.state for one in letters(world)] == ["sent"]
        for what in ("again", "cancel"):
            answer = admin.send(f"/mail/{letter.mail_id}/{what}", see="/mail")
            assert answer.status_code == 409
            assert "已經寄出" in answer.text
    assert len(box.messages) == 1


def test_a_letter_that_no_server_can_carry_says_why_and_goes_to_the_mended_address(world):
    whose = f"account:{world.people['officer']}"
    save_address(world, whose, "黃志工＠北門.台灣")
    world.issued()
    with postbox() as box:
        settings = replace(world.settings, smtp_port=box.port)
        postman.deliver(world.store, settings, now_is=lambda: world.now)
        admin = world.browser("admin")
        row = admin.get("/mail?state=dead").text.split("<tbody>")[1]
        assert "黃志工@北門.台灣" in row and "沒有 SMTPUTF8" in row
        save_address(world, whose, "huang@北門.台灣")
        (letter,) = letters(world)
        assert (letter.state, letter.address) == ("dead", "huang@北門.台灣")
        assert admin.send(f"/mail/{letter.mail_id}/again", see="/mail").status_code == 303
        postman.deliver(world.store, settings, now_is=lambda: world.now)
    assert box.to == [["huang@xn--djr885m.xn--kpry57d"]]
    assert [one.state for one in letters(world)] == ["sent"]


def test_a_mended_address_takes_no_letter_twice_and_none_of_a_volunteers(world):
    with world.store.write() as conn:
        for kind, address in (("returned", "old@x.tw"), ("returned", "new@x.tw"), ("own_card_issued", "old@x.tw")):
            mail.put(conn, kind, address, {}, about="one", now_ms=1)
        assert mail.readdress(conn, "old@x.tw", "new@x.tw") == 0
        mail.put(conn, "refused", "old@x.tw", {}, about="one", now_ms=1)
        assert mail.readdress(conn, "old@x.tw", "new@x.tw") == 1
        assert not mail.put(conn, "refused", "new@x.tw", {}, about="one", now_ms=1)


def test_a_letter_that_waits_is_cancelled_and_the_list_is_filtered(world):
    save_address(world, f"account:{world.people['officer']}", "huang@north.example")
    world.issued()
    (letter,) = letters(world)
    admin = world.browser("admin")
    assert admin.send(f"/mail/{letter.mail_id}/cancel", see="/mail").status_code == 303
    with postbox() as box:
        postman.deliver(world.store, world.settings, now_is=lambda: world.now)
        assert box.messages == []
    assert "吳管理" in admin.get("/mail?state=cancelled").text
    for asked in ("state=open", "state=dead", f"unit={world.units['shezi']}"):
        assert "這樣找不到信" in admin.get(f"/mail?{asked}").text
    assert "huang@north.example" in admin.get(f"/mail?unit={world.units['north_gate']}").text
    assert admin.send("/mail/" + "0" * 36 + "/cancel", see="/mail").status_code == 404


def test_a_trial_letter_is_sent_each_time(world):
    admin = world.browser("admin")
    for _ in range(2):
        assert admin.send("/mail/trial", see="/mail", address="me@city.example").status_code == 303
    assert admin.send("/mail/trial", see="/mail", address="").status_code == 422
    assert [one.kind for one in letters(world)] == ["trial", "trial"]


def test_a_center_without_a_mail_server_says_so_and_tries_nothing(make_world):
    world = make_world()
    admin = world.browser("admin")
    assert "寄信沒有開" in admin.get("/mail").text
    assert "試寄一封" not in admin.get("/mail").text
    assert admin.send("/mail/trial", see="/mail", address="me@city.example").status_code == 409
    with world.store.write() as conn:
        mail.put(conn, "trial", "me@city.example", {}, about="one", now_ms=1)
        mail.set_off(conn, 2)
    (letter,) = letters(world)
    assert "/again" not in admin.get("/mail").text  # it would be put aside at once
    assert admin.send(f"/mail/{letter.mail_id}/again", see="/mail").status_code == 409
    assert [one.state for one in letters(world)] == ["off"]


def test_settings_that_cannot_work_are_said(make_world):
    world = make_world(smtp_host=HOST, mail_from="nobody")
    assert "mail_from" in world.browser("admin").get("/mail").text
