"""Sessions end: by themselves, by their owner, and when what they stand on changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from center import browsers
from center.store.tables import account_session
from tests.center.conftest import PASSWORD, World

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _is_in(browser, path="/cards") -> bool:
    return browser.get(path).status_code == 200


def _later(world: World, **by: float) -> None:
    world.at(world.now + timedelta(**by))


def test_a_session_ends_after_half_an_hour_without_a_page(world):
    browser = world.browser("admin")
    _later(world, minutes=29)
    assert _is_in(browser)
    _later(world, minutes=29)
    assert _is_in(browser)
    _later(world, minutes=31)
    assert not _is_in(browser)
    assert "30 分鐘沒有動作" in browser.get("/sign-in").get_data(as_text=True)


def test_what_a_page_loads_by_itself_keeps_nobody_signed_in(world):
    browser = world.browser("admin")
    for _ in range(2):
        _later(world, minutes=20)
        browser.get("/cards", headers={"Sec-Fetch-Dest": "image"})
    assert not _is_in(browser)


def test_a_session_ends_after_twelve_hours_whatever_is_done(world):
    browser = world.browser("admin")
    for _ in range(36):
        _later(world, minutes=20)
        browser.get("/cards")
    _later(world, minutes=1)
    assert not _is_in(browser)
    assert "登入滿 12 小時" in browser.get("/sign-in").get_data(as_text=True)


def test_how_long_is_the_citys_to_say(make_world):
    world = make_world(session_idle_minutes=5, session_hours=1)
    browser = world.browser("admin")
    _later(world, minutes=6)
    assert not _is_in(browser)


def test_one_is_led_back_to_where_one_was(world):
    browser = world.browser("admin")
    _later(world, minutes=31)
    assert browser.get("/cards?unit=x").headers["Location"] == "/sign-in?next=/cards%3Funit%3Dx"
    # a form is sent to an address below its page
    token = browser.token("/sign-in")
    gone = browser.client.post(f"/accounts/{world.people['first']}/role", data={"csrf_token": token})
    assert gone.headers["Location"] == f"/sign-in?next=/accounts/{world.people['first']}"


def test_a_fragment_is_answered_with_the_whole_sign_in_page(world):
    browser = world.browser("first")
    _later(world, minutes=31)
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/desk/queue?kind=first"}
    answer = browser.get("/desk/queue", headers=asked)
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/desk/queue%3Fkind%3Dfirst"
    assert answer.data == b""


def test_ones_devices_are_listed_and_ended_one_by_one(world):
    other = world.browser()
    other.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    other.send("/sign-in", see="/sign-in", name="admin", password=PASSWORD)
    here = world.browser("admin")
    text = here.get("/account").get_data(as_text=True)
    assert "Firefox, Windows" in text
    (path,) = re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/end)"', text)
    assert world.browser("first").send(path, see="/account").status_code == 404  # nobody else's
    assert _is_in(other)
    assert here.send(path, see="/account").status_code == 303
    assert not _is_in(other)
    assert "從別的裝置結束" in other.get("/sign-in").get_data(as_text=True)
    assert _is_in(here)


def test_all_others_are_ended_at_once(world):
    others, here = [world.browser("admin") for _ in range(2)], world.browser("admin")
    assert here.send("/account/sessions/end", see="/account").status_code == 303
    assert not any(_is_in(other) for other in others)
    assert _is_in(here)


def test_a_session_that_was_left_opens_nothing_to_who_kept_its_cookie(world):
    browser = world.browser("admin")
    kept = browser.client.get_cookie("center").value
    browser.send("/sign-out", see="/cards")
    browser.client.set_cookie("center", kept)
    assert not _is_in(browser)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"old": "not-the-password"}, "現在的密碼不對"),
        ({"again": "another-one-9"}, "不一樣"),
        ({"password": "short", "again": "short"}, "至少要 8 個字"),
        ({"password": "12345678", "again": "12345678"}, "太容易猜到"),
        ({"password": "aaaaaaaaaa", "again": "aaaaaaaaaa"}, "太容易猜到"),
        ({"password": PASSWORD, "again": PASSWORD}, "和現在的一樣"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words(world, form, says):
    typed = {"old": PASSWORD, "password": "moss-lantern-7", "again": "moss-lantern-7", **form}
    answer = world.browser("first").send("/account/password", see="/account/password", **typed)
    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


def test_a_new_password_ends_every_other_session_and_this_one_goes_on(world):
    here, other = world.browser("first"), world.browser("first")
    form = {"old": PASSWORD, "password": "moss-lantern-7", "again": "moss-lantern-7"}
    assert here.send("/account/password", see="/account/password", **form).status_code == 303
    assert _is_in(here, "/desk/queue")
    assert not _is_in(other, "/desk/queue")
    old = world.browser().send("/sign-in", see="/sign-in", name="first", password=PASSWORD)
    assert old.status_code == 401


def test_another_role_ends_the_sessions_and_brings_other_rights(world):
    admin, other = world.browser("admin"), world.browser("auditor")
    their = world.people["auditor"]
    answer = admin.send(f"/accounts/{their}/role", see="/account", role="unit_officer", unit_id=world.units["shezi"])
    assert answer.status_code == 303
    assert not _is_in(other, "/history")
    again = world.browser("auditor")
    assert again.get("/history").status_code == 403
    assert _is_in(again)
    for form in ({"role": "king"}, {"role": "unit_officer", "unit_id": "none"}):
        assert admin.send(f"/accounts/{their}/role", see="/account", **form).status_code == 422
    own = world.people["admin"]
    assert admin.send(f"/accounts/{own}/role", see="/account", role="auditor").status_code == 403


def test_a_password_from_the_administrator_is_changed_before_anything_else(world):
    admin, their = world.browser("admin"), world.people["first"]
    text = admin.send(f"/accounts/{their}/password", see="/account").get_data(as_text=True)
    fresh = re.search(r"factor-secret\">([^<]+)<", text)[1]
    assert fresh not in admin.get(f"/accounts/{their}").get_data(as_text=True)
    browser = world.browser()
    assert browser.send("/sign-in", see="/sign-in", name="first", password=fresh).status_code == 303
    assert browser.get("/desk/queue").headers["Location"] == "/account/password"
    form = {"old": fresh, "password": "moss-lantern-7", "again": "moss-lantern-7"}
    assert browser.send("/account/password", see="/account/password", **form).status_code == 303
    assert _is_in(browser, "/desk/queue")


def test_the_administrator_signs_a_colleague_out(world):
    admin, other = world.browser("admin"), world.browser("first")
    assert admin.send(f"/accounts/{world.people['first']}/sign-out", see="/account").status_code == 303
    assert not _is_in(other, "/desk/queue")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Linux"),
        ("curl/8", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_called_by_browser_and_system(said, words):
    assert browsers.words(said) == words


def test_what_was_typed_when_a_session_had_ended_is_offered_again_to_the_same_person(world):
    browser = world.browser("admin")
    token = browser.token("/units")
    _later(world, minutes=31)
    form = {"csrf_token": token, "name": "青田關懷據點", "code": "U009", "password": "never-kept-9"}
    assert browser.client.post("/units", data=form).headers["Location"] == "/sign-in?next=/units"
    with world.store.read() as conn:
        boxes = [bytes(box) for box in conn.execute(select(account_session.c.kept)).scalars() if box]
    assert len(boxes) == 1 and "青田".encode() not in boxes[0]
    answer = browser.send("/sign-in", see="/sign-in", name="admin", password=PASSWORD, next="/units")
    assert answer.headers["Location"] == "/sign-in/kept?next=/units"
    text = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "青田關懷據點" in text and "never-kept-9" not in text and 'action="/units"' in text
    assert browser.send("/units", see="/sign-in/kept", name="青田關懷據點", code="U009").status_code == 303
    assert "青田關懷據點" in browser.get("/units").get_data(as_text=True)


def test_nobody_else_is_offered_what_somebody_typed(world):
    browser = world.browser("admin")
    token = browser.token("/units")
    _later(world, minutes=31)
    browser.client.post("/units", data={"csrf_token": token, "name": "青田關懷據點", "code": "U009"})
    answer = browser.send("/sign-in", see="/sign-in", name="first", password=PASSWORD)
    assert answer.headers["Location"] == "/"
    assert browser.get("/sign-in/kept").status_code == 303
