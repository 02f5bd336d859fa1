"""Keys of the API: made and shown once, hashed, limited, counted, revoked; what is asked wrongly is refused in a sentence."""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from center.api import keys
from center.api.declared import OPERATIONS
from center.store import api_keys
from center.store.tables import api_key
from honorcard.problems import CATALOGUE
from tests.center.calling import System, system
from tests.center.conftest import World
from web.clock import TAIPEI

FORM = {
    "name": "臺北卡",
    "scope": ["cards.status", "cards.changes"],
    "until": "2027-11-21",
    "networks": "",
    "per_minute": "60",
}


def code(answer: object) -> str:
    return str(answer.get_json()["type"]).rsplit(":", 1)[-1]  # type: ignore[attr-defined]


def test_a_key_is_shown_once_works_and_only_its_hash_is_kept(world: World) -> None:
    admin = world.browser("admin")
    page = admin.send("/systems", see="/systems", **FORM).get_data(as_text=True)
    (token,) = re.findall(r"hc_[\w-]{43}", page)
    assert token not in admin.get("/systems").get_data(as_text=True)
    with world.store.read() as conn:
        (row,) = conn.execute(select(api_key)).all()
    assert bytes(row.token_sha256) == keys.digest(token)
    assert token not in str(tuple(row))
    asking = System(world, token, row.key_id)
    assert asking.get("/card-changes").status_code == 200
    assert code(asking.get("/units")) == "api_scope"
    assert "取得卡片異動" in world.browser("auditor").get("/systems/uses").get_data(as_text=True)


def test_a_revoked_key_and_one_that_is_over_are_good_for_nothing(world: World) -> None:
    asking, short = system(world), system(world, days=1, name="短")
    assert asking.get("/units").status_code == short.get("/units").status_code == 200
    world.browser("admin").send(f"/systems/{asking.key_id}/revoke", see="/systems")
    world.at(world.now + timedelta(days=1))
    for one in (asking, short):
        answer = one.get("/units")
        assert (answer.status_code, code(answer)) == (401, "api_key_wrong")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


WRONG_KEYS = [
    ({"name": ""}, "api_key_name"), ({"scope": []}, "api_key_scopes"), ({"scope": ["everything"]}, "api_key_scopes"),
    ({"until": "2026-11-21"}, "api_key_until"), ({"until": "2036-01-01"}, "api_key_until"), ({"until": "x"}, "api_key_until"),
    ({"until": "115.11.21"}, "api_key_until"), ({"until": "125.01.01"}, "api_key_until"),
    ({"networks": "10.0.0.0/8\nmars"}, "api_key_networks"), ({"per_minute": "0"}, "api_key_rate"),
    ({"per_minute": "9999999999"}, "api_key_rate"), ({"unit_id": ["no such unit"]}, "office_field_missing"),
]  # fmt: skip


def test_a_key_that_is_asked_for_wrongly_is_not_made_and_the_form_is_kept(world: World) -> None:
    admin = world.browser("admin")
    for change, wanted in WRONG_KEYS:
        answer = admin.send("/systems", see="/systems", **{**FORM, "networks": "192.0.2.1", **change})
        page = answer.get_data(as_text=True)
        assert answer.status_code == CATALOGUE[wanted].status
        assert CATALOGUE[wanted].zh[:8].split("{")[0] in page
        assert 'value="臺北卡"' in page or change.get("name") == ""
        with world.store.read() as conn:
            assert conn.execute(select(api_key)).all() == []


def test_a_second_key_of_a_name_waits_until_the_first_is_revoked(world: World) -> None:
    asking = system(world)
    admin = world.browser("admin")
    assert admin.send("/systems", see="/systems", **FORM).status_code == 422
    admin.send(f"/systems/{asking.key_id}/revoke", see="/systems")
    assert admin.send("/systems", see="/systems", **FORM).status_code == 200


ADDRESSES = [
    ("203.0.113.7", 200), ("203.0.113.8", 403), ("2001:db8::5", 200), ("2001:db9::5", 403), ("::ffff:203.0.113.7", 200),
]  # fmt: skip


def test_a_key_for_some_addresses_works_from_no_other(world: World) -> None:
    asking = system(world, networks=["203.0.113.7/32", "2001:db8::/32"])
    for address, status in ADDRESSES:
        asking.address = address
        assert asking.get("/units").status_code == status


def test_the_share_of_a_minute_is_said_and_held_for_each_key(world: World) -> None:
    asking, other = system(world, per_minute=3), system(world, per_minute=3, name="關懷據點")
    left = [asking.get("/units").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = asking.get("/units")
    assert (answer.status_code, code(answer)) == (429, "api_too_many")
    assert answer.headers["Retry-After"] == "20"
    assert answer.headers["RateLimit-Policy"] == "3;w=60"
    assert other.get("/units").status_code == 200
    world.at(world.now + timedelta(seconds=20))
    assert [asking.get("/units").status_code for _ in range(2)] == [200, 429]


def test_guessing_keys_is_slowed_down(world: World) -> None:
    client = world.app.test_client()
    seen: list[int] = []
    while 429 not in seen and len(seen) < 200:  # the bucket fills again while a busy machine asks
        seen.append(client.get("/api/v1/units", headers={"Authorization": f"Bearer {keys.new_token()}"}).status_code)
    assert set(seen[:20]) == {401}
    assert seen[-1] == 429


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ({}, "api_key_missing"), ({"Authorization": "Basic eDp5"}, "api_key_missing"),
        ({"Authorization": "Bearer x"}, "api_key_wrong"),
    ],
)  # fmt: skip
def test_without_a_key_nothing_is_told(world: World, header: dict[str, str], wanted: str) -> None:
    for one in OPERATIONS:
        path = f"/api/v1{one.path}".replace("{number}", "11500001").replace("{receipt}", "HC-7K3M-22QF")
        if one.scope is not None:
            assert code(world.app.test_client().open(path, method=one.method, headers=header, json={})) == wanted


WRONG_REQUESTS = [
    ("GET", "/cards/115", {}, 422, "api_field"), ("GET", "/cards/11500001%0A", {}, 422, "api_field"),
    ("GET", "/card-changes?limit=0", {}, 422, "api_field"), ("GET", "/card-changes?limit=1&limit=2", {}, 422, "api_field"),
    ("GET", "/units?city=x", {}, 422, "api_field"), ("GET", "/card-changes?cursor=x", {}, 422, "api_field"),
    ("POST", "/card-checks", {"data": b"{", "content_type": "application/json"}, 400, "api_body"),
    ("POST", "/card-checks", {"data": b'{"qr": ' + b"[" * 100_000, "content_type": "application/json"}, 422, "api_field"),
    ("POST", "/card-checks", {"data": b'{"qr": "\xff"}', "content_type": "application/json"}, 400, "api_body"),
    ("POST", "/card-checks", {"data": b"qr=x", "content_type": "text/plain"}, 415, "api_media_type"),
    ("POST", "/card-checks", {"json": {"qr": "x" * 401}}, 422, "api_field"),
    ("POST", "/card-checks", {"data": b" " * (2**20 + 1), "content_type": "application/json"}, 413, "too_large"),
    ("DELETE", "/units", {}, 405, "method_unknown"), ("GET", "/nothing", {}, 404, "not_found"),
]  # fmt: skip


def test_what_is_asked_wrongly_is_a_problem_in_a_sentence(world: World) -> None:
    asking = system(world)
    for method, path, options, status, wanted in WRONG_REQUESTS:
        answer = asking.ask(method, path, **options)
        assert (answer.status_code, code(answer), answer.get_json()["status"]) == (status, wanted, status)
        assert answer.content_type == "application/problem+json"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_problem_is_said_in_the_language_that_was_asked_for(world: World) -> None:
    asking = system(world)
    field = CATALOGUE["api_field"]
    for header, said in (("en-GB,en;q=0.9", field.en), ("zh-TW", field.zh), ("fr", field.zh)):
        title = asking.get("/cards/1", headers={"Accept-Language": header}).get_json()["title"]
        assert title == said.format(field="number")


def test_no_log_holds_a_key_a_number_or_a_code(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asking = system(world)
    world.application()
    for body in (
        {"identity_number": "A223456781", "purpose": "award"},
        {"identity_number": "A223456781", "purpose": "林秀琴"},
    ):
        asking.post("/service-records", body)
    asking.post("/card-checks", {"qr": "HTTPS://HC.TAIPEI/AAAABBBBCCCCDDDD#123"})
    for secret in (asking.token, "A223456781", "林秀琴", "AAAABBBBCCCCDDDD"):
        assert secret not in caplog.text


def test_document_and_addresses_are_the_same(world: World) -> None:
    answer = world.app.test_client().get("/api/openapi.json")
    told = json.loads(answer.get_data())
    assert told["openapi"].startswith("3.1")
    registered = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1"), method.lower())
        for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD"}
    }  # fmt: skip
    assert {(path, method) for path, methods in told["paths"].items() for method in methods} == registered
    for methods in told["paths"].values():
        for one in methods.values():
            codes = re.findall(r"`(\w+)`", " ".join(reply["description"] for reply in one["responses"].values()))
            assert set(codes) <= set(CATALOGUE)
    references = set(re.findall(r'"#/components/schemas/(\w+)"', answer.get_data(as_text=True)))
    assert references == set(told["components"]["schemas"])


def test_the_readable_page_shows_every_operation_in_both_languages(world: World) -> None:
    client = world.app.test_client()
    for language, at in (("zh", 0), ("en", 1)):
        page = client.get(f"/api/?language={language}").get_data(as_text=True)
        for one in OPERATIONS:
            assert one.summary[at] in page
            assert f"{one.method} /api/v1{one.path}" in page


def test_the_last_day_of_a_key_may_be_typed_as_it_is_said(world: World) -> None:
    page = world.browser("admin").send("/systems", see="/systems", **{**FORM, "until": "116.05.01"}).get_data(as_text=True)
    with world.store.read() as conn:
        ends_ms = api_keys.everything(conn)[0].expires_ms
    assert datetime.fromtimestamp(ends_ms / 1000, TAIPEI) == datetime(2027, 5, 2, tzinfo=TAIPEI)
    assert "116.05.01" in page
