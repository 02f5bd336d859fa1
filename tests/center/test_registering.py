"""A unit registers itself, and an administrator lets it in (R26)."""

from __future__ import annotations

import re

import pytest

from center.store import accounts, registrations
from tests.center.conftest import PASSWORD, World

FORM = {
    "unit_name": "青田關懷據點", "unit_code": "北市社志字第1234號", "district": "大安區", "person": "周承辦",
    "mail": "Chou@Example.org", "phone": "02-2720-8889#1612", "password": "moss-lantern-7", "again": "moss-lantern-7",
}  # fmt: skip


def _register(world: World, **changes: str):
    return world.browser().send("/register", see="/register", **{**FORM, **changes})


def _waiting(world: World) -> list[str]:
    with world.store.read() as conn:
        return [one.registration_id for one, _, _ in registrations.waiting(conn)]


def _decide(world: World, what: str, **form: str):
    (first, *_) = _waiting(world)
    return world.browser("admin").send(f"/registrations/{first}/{what}", see="/account", **form)


def _enter(world: World, name: str, password: str = "moss-lantern-7"):
    browser = world.browser()
    return browser, browser.send("/sign-in", see="/sign-in", name=name, password=password).status_code


def test_an_approved_unit_signs_in_with_its_mail_address(world):
    assert _register(world).status_code == 200
    assert _enter(world, "chou@example.org")[1] == 401
    assert _decide(world, "approve").status_code == 303
    browser, status = _enter(world, "chou@example.org")
    assert status == 303
    text = browser.get("/").get_data(as_text=True)
    assert "青田關懷據點" in text
    assert _waiting(world) == []


def test_the_administrator_sees_what_waits_on_the_first_page_and_in_the_list(world):
    _register(world)
    admin = world.browser("admin")
    assert re.search(r"單位申請註冊中</span><strong>1<", admin.get("/").get_data(as_text=True))
    listed = admin.get("/registrations").get_data(as_text=True)
    for said in ("青田關懷據點", "北市社志字第1234號", "大安區", "周承辦", "chou@example.org", "02-2720-8889#1612"):
        assert said in listed
    assert "argon2" not in listed and "moss-lantern-7" not in listed


def test_whoever_registers_is_told_the_same_whether_code_and_address_are_known_or_not(world):
    with world.store.write() as conn:
        accounts.add(conn, "known@example.org", "某人", "first_reviewer", None, PASSWORD)
    pages = []
    for changes in ({}, {"unit_code": "U001"}, {"mail": "known@example.org"}):
        answer = _register(world, **changes)
        assert answer.status_code == 200
        mail = changes.get("mail", FORM["mail"])
        pages.append(re.sub(r"[A-Za-z0-9_.-]{60,}", "", answer.get_data(as_text=True).replace(mail, "")))
    assert len(set(pages)) == 1


def test_a_code_that_a_unit_has_makes_another_officer_of_that_unit(world):
    _register(world, unit_code="U001")
    assert "北門文化導覽志工隊" in world.browser("admin").get("/registrations").get_data(as_text=True)
    _decide(world, "approve")
    browser, _ = _enter(world, "chou@example.org")
    assert "北門文化導覽志工隊" in browser.get("/").get_data(as_text=True)
    with world.store.read() as conn:
        assert sorted(unit.code for unit in accounts.units(conn)) == ["U001", "U002"]


def test_an_address_that_an_officer_has_gives_that_account_one_more_unit_and_no_new_password(world):
    for code in ("U007", "U008"):
        _register(
            world,
            unit_code=code,
            unit_name=f"單位 {code}",
            password=f"{code}-moss-lantern",
            again=f"{code}-moss-lantern",
        )
    for _ in range(2):
        assert _decide(world, "approve").status_code == 303
    browser, status = _enter(world, "chou@example.org", "U007-moss-lantern")
    assert status == 303
    assert _enter(world, "chou@example.org", "U008-moss-lantern")[1] == 401
    page = browser.get("/").get_data(as_text=True)
    assert "單位 U007" in page and "單位 U008" in page


def test_nobody_becomes_officer_and_reviewer_in_one(world):
    with world.store.write() as conn:
        accounts.add(conn, "known@example.org", "某人", "first_reviewer", None, PASSWORD)
    _register(world, mail="known@example.org")
    answer = _decide(world, "approve")
    assert answer.status_code == 409
    assert "不能同時是承辦人" in answer.get_data(as_text=True)
    with world.store.read() as conn:
        assert accounts.unit_with_code(conn, FORM["unit_code"]) is None  # nothing half done


def test_a_refusal_needs_its_reason_and_opens_nothing(world):
    _register(world)
    assert _decide(world, "refuse", reason=" ").status_code == 422
    assert _decide(world, "refuse", reason="代碼查無此單位").status_code == 303
    assert "代碼查無此單位" in world.browser("admin").get("/registrations").get_data(as_text=True)
    assert _enter(world, "chou@example.org")[1] == 401
    with world.store.read() as conn:
        assert accounts.unit_with_code(conn, FORM["unit_code"]) is None


def test_it_is_decided_once(world):
    _register(world)
    (one,) = _waiting(world)
    admin = world.browser("admin")
    assert admin.send(f"/registrations/{one}/approve", see="/account").status_code == 303
    for what in ("approve", "refuse"):
        again = admin.send(f"/registrations/{one}/{what}", see="/account", reason="x")
        assert again.status_code == 409, what


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("unit_name", " ", "還沒有填"),
        ("unit_name", "長" * 101, "最多 100"),
        ("unit_code", "a/b?c", "代碼只能有"),
        ("person", "", "還沒有填"),
        ("mail", "not an address", "不像電子郵件"),
        ("mail", "a@b", "不像電子郵件"),
        ("mail", "周@example.org", "不像電子郵件"),
        ("phone", "call me", "電話請填數字"),
        ("password", "short", "至少要 8 個字"),
        ("again", "another-one-9", "不一樣"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(world, name, typed, says):
    answer = _register(world, **{name: typed, **({"again": typed} if name == "password" else {})})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert says in text
    assert "周承辦" in text or name == "person"
    assert "moss-lantern-7" not in text
    assert _waiting(world) == []


def test_an_address_that_registers_without_end_is_told_to_wait(world):
    browser = world.browser()
    token = browser.token("/register")
    answers = [browser.client.post("/register", data={"csrf_token": token, **FORM}).status_code for _ in range(9)]
    assert answers == [200] * 8 + [429]


def test_no_more_wait_than_can_be_looked_at(world, monkeypatch):
    monkeypatch.setattr(registrations, "MOST_WAITING", 1)
    assert _register(world).status_code == 200
    assert _register(world, unit_code="U055").status_code == 503


def _letters(world: World) -> list[tuple[str, str, str]]:
    from center.store.tables import mail

    with world.store.read() as conn:
        return [(row.kind, row.address, row.facts) for row in conn.execute(mail.select().order_by(mail.c.at_ms))]


def test_an_address_is_confirmed_by_the_link_in_its_letter_and_a_press(world):
    _register(world)
    ((kind, address, facts),) = _letters(world)
    assert (kind, address) == ("address_proof", "Chou@Example.org")
    (path,) = re.findall(r"/register/confirm/[\w-]{43}", facts)
    admin = world.browser("admin")
    browser = world.browser()
    assert browser.get(path).status_code == 200
    assert "信箱還沒確認" in admin.get("/registrations").get_data(as_text=True)  # opening the link alone is not enough
    assert browser.send(path, see=path).status_code == 200
    assert "信箱確認過" in admin.get("/registrations").get_data(as_text=True)
    assert browser.get("/register/confirm/" + "A" * 43).status_code == 404


@pytest.mark.parametrize(("what", "kind"), [("approve", "unit_approved"), ("refuse", "unit_refused")])
def test_what_became_of_it_is_written_to_the_officer(world, what, kind):
    _register(world)
    _decide(world, what, reason="代碼查無此單位")
    assert [(one, to) for one, to, _ in _letters(world)][1:] == [(kind, "chou@example.org")]


def test_an_officer_is_written_to_about_every_unit_acted_for(world):
    from center.store import mail

    for code in ("U001", "U002"):
        _register(world, unit_code=code)
        _decide(world, "approve")
    with world.store.read() as conn:
        for unit in ("north_gate", "shezi"):
            assert mail.addresses_of_unit(conn, world.units[unit]) == ["chou@example.org"]
