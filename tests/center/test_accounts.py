from __future__ import annotations

import pytest

from center.store import accounts
from honorcard.problems import ProblemError


def sign_in(world, name, password, **form):
    browser = world.browser()
    return browser, browser.send("/sign-in", see="/sign-in", name=name, password=password, **form)


PASSWORD = "kite-river-stone"


def test_a_page_leads_to_the_sign_in_and_back(world):
    browser = world.browser()
    answer = browser.get("/cards")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/cards"
    browser, answer = sign_in(world, "admin", PASSWORD, next="/cards")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cards")
    assert browser.get("/cards").status_code == 200


@pytest.mark.parametrize(
    "onward",
    ["//evil.example/x", "https://evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil", "", "javascript:1"],
)
def test_signing_in_never_leads_to_another_site(world, onward):
    _, answer = sign_in(world, "admin", PASSWORD, next=onward)
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("name", "leads_to"),
    [("first", "/desk/first"), ("second", "/desk/second"), ("auditor", "/history")],
)
def test_the_first_page_leads_each_role_to_its_work(world, name, leads_to):
    assert world.browser(name).get("/").headers["Location"] == leads_to


@pytest.mark.parametrize(
    ("name", "words"),
    [("officer", "北門文化導覽志工隊"), ("venue", "打開驗證頁"), ("admin", "單位申請註冊中")],
)
def test_other_roles_are_told_what_they_can_do_here(world, name, words):
    answer = world.browser(name).get("/")
    assert answer.status_code == 200
    assert words in answer.get_data(as_text=True)


def test_width_and_case_of_the_name_do_not_matter(world):
    _, answer = sign_in(world, " Ａdmin ", PASSWORD)
    assert answer.status_code == 303


def test_unknown_name_wrong_password_closed_and_locked_account_get_the_same_answer(world):
    from sqlalchemy import update

    from center.store.tables import account

    bodies = []
    for name in ("admin", "nobody-here"):
        _, answer = sign_in(world, name, "wrong-password")
        assert answer.status_code == 401
        bodies.append(answer.get_data(as_text=True).replace(name, "…"))
    with world.store.write() as conn:
        conn.execute(update(account).where(account.c.name == "venue").values(active=0))
        locked = int(world.now.timestamp() * 1000) + 60_000
        conn.execute(update(account).where(account.c.name == "auditor").values(locked_until_ms=locked))
    for name in ("venue", "auditor"):
        _, answer = sign_in(world, name, PASSWORD)
        assert answer.status_code == 401
        bodies.append(answer.get_data(as_text=True).replace(name, "…"))
    import re

    assert len({re.sub(r"[A-Za-z0-9_.-]{60,}", "TOKEN", body) for body in bodies}) == 1


def test_the_tenth_failure_locks_for_fifteen_minutes(world):
    now_ms = int(world.now.timestamp() * 1000)

    def attempt(password, at=now_ms):
        with world.store.write() as conn:
            counted = accounts.count_attempt(conn, "admin", at)
        return accounts.password_fits(counted, password)

    for _ in range(9):
        assert not attempt("wrong-password")
    assert not attempt("wrong-password")
    assert not attempt(PASSWORD)
    assert not attempt(PASSWORD, now_ms + 15 * 60 * 1000 - 1)
    assert attempt(PASSWORD, now_ms + 15 * 60 * 1000 + 1)


def test_a_try_counts_although_it_was_broken_off_before_the_check(world):
    now_ms = int(world.now.timestamp() * 1000)
    for _ in range(10):
        with world.store.write() as conn:
            accounts.count_attempt(conn, "admin", now_ms)
    with world.store.write() as conn:
        assert accounts.count_attempt(conn, "admin", now_ms).account_id is None


def test_success_forgets_earlier_failures(world):
    for _ in range(2):
        for _ in range(6):
            sign_in(world, "admin", "wrong-password")
        _, answer = sign_in(world, "admin", PASSWORD)
        assert answer.status_code == 303


def test_signing_out_ends_the_session(world):
    browser = world.browser("admin")
    assert browser.send("/sign-out", see="/cards").status_code == 303
    assert browser.get("/cards").headers["Location"].startswith("/sign-in")


def test_a_closed_account_or_a_new_password_ends_its_sessions(world):
    from sqlalchemy import update

    from center.store.tables import account

    browser, other = world.browser("admin"), world.browser("first")
    with world.store.write() as conn:
        conn.execute(update(account).where(account.c.name == "admin").values(active=0))
        conn.execute(update(account).where(account.c.name == "first").values(password_hash="another"))
    assert browser.get("/cards").status_code == 303
    assert other.get("/cards").status_code == 303


def test_a_form_without_its_token_is_refused(world):
    answer = world.app.test_client().post("/sign-in", data={"name": "admin", "password": PASSWORD})
    assert answer.status_code == 400


def test_passwords_are_kept_as_argon2id_and_have_a_least_length(world):
    from sqlalchemy import select

    from center.store.tables import account

    with world.store.read() as conn:
        kept = conn.execute(select(account.c.password_hash)).scalars().all()
    assert all(text.startswith("$argon2id$") for text in kept)
    with world.store.write() as conn, pytest.raises(ProblemError) as refused:
        accounts.add(conn, "short", "某人", "auditor", None, "seven77")
    assert refused.value.code == "password_short"


OTHERS = ("first", "second", "officer", "auditor", "venue")


@pytest.mark.parametrize("path", ["/units", "/accounts", "/tablets"])
def test_lists_of_units_accounts_and_tablets_are_the_administrators(world, path):
    assert world.browser("admin").get(path).status_code == 200
    for name in OTHERS:
        assert world.browser(name).get(path).status_code == 403


@pytest.mark.parametrize("path", ["/units", "/accounts", "/tablets/code"])
def test_only_the_administrator_adds(world, path):
    for name in OTHERS:
        assert world.browser(name).send(path, name="x", code="x", site="x", profile="staff").status_code == 403


def test_a_unit_is_added_once(world):
    browser = world.browser("admin")
    assert browser.send("/units", code="U009", name="青田關懷據點").status_code == 303
    assert "青田關懷據點" in browser.get("/units").get_data(as_text=True)
    answer = browser.send("/units", code="U009", name="另一個")
    assert answer.status_code == 409
    assert "U009" in answer.get_data(as_text=True)
    assert browser.send("/units", code=" ", name="x").status_code == 422


def test_an_added_account_can_sign_in_and_a_closed_one_cannot(world):
    from center.store.tables import account

    browser = world.browser("admin")
    form = {"name": "Lee", "person": "李初審", "role": "first_reviewer", "unit_id": "", "password": "long-enough-1"}
    assert browser.send("/accounts", **form).status_code == 303
    assert sign_in(world, "lee", "long-enough-1")[1].status_code == 303
    assert browser.send("/accounts", **form).status_code == 409
    with world.store.read() as conn:
        account_id = conn.execute(account.select().where(account.c.name == "lee")).one().account_id
    assert browser.send(f"/accounts/{account_id}/close").status_code == 303
    assert sign_in(world, "lee", "long-enough-1")[1].status_code == 401
    assert browser.send(f"/accounts/{account_id}/open").status_code == 303
    assert sign_in(world, "lee", "long-enough-1")[1].status_code == 303


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"password": "short"}, 422),
        ({"role": "king"}, 422),
        ({"role": "unit_officer"}, 422),  # an officer needs a unit
        ({"role": "auditor", "unit_id": "not-a-unit"}, 303),  # and others have none
        ({"person": ""}, 422),
        ({"name": "ADMIN"}, 409),
    ],
)
def test_an_account_is_added_whole_or_not_at_all(world, change, status):
    form = {"name": "new", "person": "某人", "role": "auditor", "unit_id": "", "password": "long-enough-1"}
    assert world.browser("admin").send("/accounts", **{**form, **change}).status_code == status


def test_nobody_closes_the_own_account(world):
    me = world.people["admin"]
    assert world.browser("admin").send(f"/accounts/{me}/close").status_code == 403


def test_a_tablets_code_is_shown_once_and_lets_one_tablet_in(world):
    import re

    from center.devices import hash_code, read_code
    from center.store import devices

    browser = world.browser("admin")
    answer = browser.send("/tablets/code", site="花博", profile="staff", unit_id=world.units["shezi"])
    alone = r"(?<![\w-])[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}(?![\w-])"  # no part of an id
    code = re.search(alone, answer.get_data(as_text=True))[0]
    assert "給「花博」，用途：工作人員。" in answer.get_data(as_text=True)
    assert code not in browser.get("/tablets").get_data(as_text=True)
    with world.store.write() as conn:
        spent = devices.take_code(conn, hash_code(read_code(code)), "tablet-1", int(world.now.timestamp() * 1000))
    assert (spent.unit_id, spent.site, spent.profile) == (world.units["shezi"], "花博", "staff")


def test_a_lost_tablet_is_disabled(world):
    from center.store import devices

    browser = world.browser("admin")
    assert browser.send(f"/tablets/{world.device_id}/disable").status_code == 303
    with world.store.read() as conn:
        assert devices.find(conn, world.device_id).disabled_ms is not None
    assert browser.send("/tablets/unknown/disable").status_code == 404


def test_only_a_disabled_tablet_is_told_to_empty_itself_and_once(world):
    from center.store import devices, feed

    browser = world.browser("admin")
    assert browser.send(f"/tablets/{world.device_id}/wipe", see="/tablets").status_code == 404
    with world.store.write() as conn:
        devices.disable(conn, world.device_id, 1)
    for _ in range(2):
        assert browser.send(f"/tablets/{world.device_id}/wipe", see="/tablets").status_code == 303
    with world.store.read() as conn:
        assert [item.kind for item in feed.page_of_stopped(conn, world.device_id, 0)] == ["wipe"]
        (item,) = feed.page_of_stopped(conn, world.device_id, 0)
        assert feed.page_of_stopped(conn, world.device_id, item.lsn) == []
    assert "已停用，送完就清空" in browser.get("/tablets").get_data(as_text=True)


def test_an_alarm_about_a_copied_tablet_is_cleared_by_a_person(world):
    from center.store import devices

    browser = world.browser("admin")
    with world.store.write() as conn:
        devices.sound_alarm(conn, world.device_id, devices.CLONED)
    assert "輪流連線" in browser.get("/tablets").get_data(as_text=True)
    assert browser.send(f"/tablets/{world.device_id}/looked", see="/tablets").status_code == 303
    with world.store.read() as conn:
        assert devices.find(conn, world.device_id).standing == "good"


def test_an_address_that_tries_without_end_is_told_to_wait(world):
    browser = world.browser()
    token = browser.token("/sign-in")
    answers = [
        browser.client.post("/sign-in", data={"csrf_token": token, "name": f"n{n}", "password": "x"}).status_code
        for n in range(62)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429


def test_no_list_shows_a_password_hash(world):
    assert "argon2" not in world.browser("admin").get("/accounts").get_data(as_text=True)


def test_the_pages_speak_english_too(world):
    page = world.browser("admin").get("/units?language=en").get_data(as_text=True)
    assert '<html lang="en"' in page
