"""The second factor: set up at the first sign-in, asked for ever after, each code good once."""

from __future__ import annotations

import re
from base64 import b32decode
from datetime import timedelta

import pytest
from sqlalchemy import select

from center import factor
from center.store import factors
from center.store.tables import account, recovery_code
from tests.center.conftest import PASSWORD, Browser, World

ROLES = ("first_reviewer", "second_reviewer", "administrator", "auditor")
# RFC 6238, appendix B, the last six of its eight digits
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.fixture
def strict(make_world) -> World:
    return make_world(second_factor=ROLES)


def _password(world: World, name: str = "admin", onward: str = "") -> tuple[Browser, str]:
    browser = world.browser()
    answer = browser.send("/sign-in", see="/sign-in", name=name, password=PASSWORD, next=onward)
    return browser, answer.headers.get("Location", "")


def _set_up(world: World, name: str = "admin", onward: str = "") -> tuple[Browser, bytes, list[str]]:
    """Signs in for the first time: browser, secret, recovery codes."""
    browser, _ = _password(world, name, onward)
    text = browser.get("/second-factor").get_data(as_text=True)
    secret = b32decode(re.search(r"factor-secret\">([A-Z2-7 ]+)<", text)[1].replace(" ", ""))
    answer = browser.send("/second-factor", see="/second-factor", code=_now(world, secret))
    assert answer.status_code == 200
    return browser, secret, re.findall(r"<li><code>([0-9A-Z-]{11})</code>", answer.get_data(as_text=True))


def _now(world: World, secret: bytes, away: int = 0) -> str:
    return factor.code_at(secret, int((world.now + timedelta(seconds=30 * away)).timestamp() * 1000))


def _code(world: World, code: str, name: str = "admin", onward: str = "") -> tuple[Browser, int]:
    browser, leads_to = _password(world, name, onward)
    assert leads_to == "/sign-in/code"
    return browser, browser.send("/sign-in/code", see="/sign-in/code", code=code).status_code


@pytest.mark.parametrize(("seconds", "code"), RFC)
def test_the_codes_are_those_of_the_standard(seconds, code):
    assert factor.code_at(b"12345678901234567890", seconds * 1000) == code


@pytest.mark.parametrize(("away", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_one_step_away(away, fits):
    secret, now_ms = b"x" * 20, 1_800_000_015_000
    assert (factor.step_of(secret, factor.code_at(secret, now_ms + away * 30_000), now_ms, 0) is not None) == fits


def test_a_step_that_was_used_and_every_one_before_it_are_refused():
    secret, now_ms = b"x" * 20, 1_800_000_015_000
    here = now_ms // factor.STEP_MS
    for away in (-1, 0):
        assert factor.step_of(secret, factor.code_at(secret, now_ms + away * 30_000), now_ms, here) is None
    assert factor.step_of(secret, factor.code_at(secret, now_ms + 30_000), now_ms, here) == here + 1


@pytest.mark.parametrize("typed", [" 287 082 ", "２８７０８２", "287-082"])
def test_blanks_hyphens_and_width_do_not_matter(typed):
    assert factor.step_of(b"12345678901234567890", typed, 59_000, 0) == 1


@pytest.mark.parametrize("typed", ["", "28708", "2870822", "28708é", "۲۸۷۰۸۲", "x" * 500])
def test_what_is_no_code_is_refused_without_a_fuss(typed):
    assert factor.step_of(b"12345678901234567890", typed, 59_000, 0) is None


def test_who_must_have_one_sets_it_up_before_anything_else(strict):
    browser, leads_to = _password(strict)
    assert leads_to == "/second-factor"
    assert browser.get("/accounts").headers["Location"].startswith("/sign-in")
    assert browser.get("/second-factor/code.png").data.startswith(b"\x89PNG")


def test_other_roles_sign_in_as_before(strict):
    assert strict.browser("officer").get("/cards").status_code == 200


def test_the_secret_stays_the_same_while_it_is_set_up_and_is_not_shown_after(strict):
    browser, _ = _password(strict)
    shown = [
        re.search(r"factor-secret\">([^<]+)<", browser.get("/second-factor").get_data(as_text=True))[1] for _ in "ab"
    ]
    assert shown[0] == shown[1]
    browser, _, _ = _set_up(strict)
    assert browser.get("/second-factor").headers["Location"] == "/sign-in"
    assert browser.get("/second-factor/code.png").status_code == 404


def test_a_wrong_first_code_sets_nothing_up(strict):
    browser, _ = _password(strict)
    answer = browser.send("/second-factor", see="/second-factor", code="abcdef")
    assert answer.status_code == 422
    assert browser.get("/accounts").status_code == 303


def test_it_is_asked_for_at_the_next_sign_in_and_leads_on(strict):
    _, secret, _ = _set_up(strict)
    browser, _ = _password(strict, onward="/accounts")
    answer = browser.send("/sign-in/code", see="/sign-in/code", code=_now(strict, secret, 1))
    assert answer.headers["Location"] == "/accounts"
    assert browser.get("/accounts").status_code == 200


def test_each_code_is_good_once(strict):
    _, secret, _ = _set_up(strict)
    assert _code(strict, _now(strict, secret))[1] == 401  # the one it was set up with
    fresh = _now(strict, secret, 1)
    assert _code(strict, fresh)[1] == 303
    assert _code(strict, fresh)[1] == 401


def test_ten_recovery_codes_open_once_each_however_they_are_typed(strict):
    _, _, codes = _set_up(strict)
    assert len(set(codes)) == factor.CODES
    assert _code(strict, codes[0].lower().replace("-", " "))[1] == 303
    assert _code(strict, codes[0])[1] == 401
    assert _code(strict, codes[1])[1] == 303
    with strict.store.read() as conn:
        assert factors.codes_left(conn, strict.people["admin"]) == factor.CODES - 2


def test_nothing_kept_gives_a_secret_or_a_code_away(strict):
    _, secret, codes = _set_up(strict)
    with strict.store.read() as conn:
        row = conn.execute(select(account).where(account.c.name == "admin")).one()
        hashes = conn.execute(select(recovery_code.c.code_hash)).scalars().all()
    assert secret not in row.totp_box
    assert not {code.replace("-", "").encode() for code in codes} & {bytes(one) for one in hashes}


def test_the_sixth_wrong_code_locks_the_right_ones_out_for_a_while(strict):
    _, secret, codes = _set_up(strict)
    for _ in range(factors.TRIES):
        assert _code(strict, "000000" if _now(strict, secret, 1) != "000000" else "111111")[1] == 401
    assert _code(strict, _now(strict, secret, 1))[1] == 401
    assert _code(strict, codes[0])[1] == 401
    strict.at(strict.now + timedelta(minutes=16))
    assert _code(strict, _now(strict, secret))[1] == 303


def test_a_try_counts_although_it_was_broken_off_before_the_check(strict):
    _set_up(strict)
    now_ms = int(strict.now.timestamp() * 1000)
    for _ in range(factors.TRIES):
        with strict.store.write() as conn:
            factors.count_attempt(conn, strict.people["admin"], now_ms)
    with strict.store.write() as conn:
        assert factors.count_attempt(conn, strict.people["admin"], now_ms) is None


def test_the_page_for_the_code_opens_only_after_a_right_password_and_for_ten_minutes(strict):
    _set_up(strict)
    assert strict.browser().get("/sign-in/code").headers["Location"] == "/sign-in"
    browser, _ = _password(strict)
    assert browser.get("/sign-in/code").status_code == 200
    strict.at(strict.now + timedelta(minutes=11))
    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_an_address_that_tries_codes_without_end_is_told_to_wait(strict):
    _set_up(strict)
    browser, _ = _password(strict)
    token = browser.token("/sign-in/code")
    statuses = [
        browser.client.post("/sign-in/code", data={"csrf_token": token, "code": "1"}).status_code for _ in range(32)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_an_administrator_resets_a_colleagues_factor_and_not_the_own(strict):
    admin, _, _ = _set_up(strict)
    colleague, _, _ = _set_up(strict, "first")
    their, own = strict.people["first"], strict.people["admin"]
    assert admin.send(f"/accounts/{own}/factor", see="/account").status_code == 403
    assert admin.send(f"/accounts/{their}/factor", see="/account").status_code == 303
    assert colleague.get("/desk/queue").status_code == 303  # signed out
    assert _password(strict, "first")[1] == "/second-factor"
    assert "管理員取消驗證碼" in admin.get(f"/accounts/{their}").get_data(as_text=True)


def test_another_phone_new_codes_and_off_ask_for_the_password_again(strict):
    browser, secret, codes = _set_up(strict)
    for what in ("begin", "codes", "off"):
        wrong = browser.send(f"/account/factor/{what}", see="/account", password="not-the-password")
        assert wrong.status_code == 422, what
    assert browser.get("/second-factor").headers["Location"] == "/sign-in"
    assert browser.send("/account/factor/off", see="/account", password=PASSWORD).status_code == 422  # the role must
    fresh = browser.send("/account/factor/codes", see="/account", password=PASSWORD).get_data(as_text=True)
    assert not set(codes) & set(re.findall(r"<code>([0-9A-Z-]{11})</code>", fresh))
    assert (
        browser.send("/account/factor/begin", see="/account", password=PASSWORD).headers["Location"] == "/second-factor"
    )
    text = browser.get("/second-factor").get_data(as_text=True)
    other = b32decode(re.search(r"factor-secret\">([A-Z2-7 ]+)<", text)[1].replace(" ", ""))
    assert _code(strict, _now(strict, secret, 1))[1] == 303  # the old one holds until the new one is confirmed
    assert browser.send("/second-factor", see="/account", code=_now(strict, other)).status_code == 200
    assert _code(strict, _now(strict, other, 1))[1] == 303


def test_who_need_not_have_one_may_and_may_turn_it_off(strict):
    browser = strict.browser("officer")
    browser.send("/account/factor/begin", see="/account", password=PASSWORD)
    text = browser.get("/second-factor").get_data(as_text=True)
    secret = b32decode(re.search(r"factor-secret\">([A-Z2-7 ]+)<", text)[1].replace(" ", ""))
    assert browser.send("/second-factor", see="/account", code=_now(strict, secret)).status_code == 200
    assert _password(strict, "officer")[1] == "/sign-in/code"
    assert browser.send("/account/factor/off", see="/account", password=PASSWORD).status_code == 303
    assert _password(strict, "officer")[1] == "/"
