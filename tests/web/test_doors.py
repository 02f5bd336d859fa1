"""Every address of both apps, as they are registered: what changes something asks for its token, what a tablet asks is
signed, what is about people asks who one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

import center
import center.settings
from tests.kiosk.scene import build

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
VALUES = {
    "application_id": "0" * 36, "slot": "cover", "position": 1, "number": "11500001", "lookup": "A" * 16,
    "what": "close", "name": "0" * 64, "filename": "icon.svg", "step": "person", "language": "en",
    "proof": "A" * 43,
}  # fmt: skip
OF_ANYBODY = {  # the center's pages for people who are not signed in
    "/sign-in", "/sign-in/code", "/second-factor", "/second-factor/code.png", "/register", "/venues", "/performance",
    "/healthz", "/metrics", "/register/confirm/<string(length=43):proof>",
    "/v1/hello", "/pack/manifest.cose", "/pack/trust.json", "/pack/buckets/<name>", "/pack/deltas/<name>",
    "/pack/audit-heads.json",
    "/pack/photos/<name>", "/gate/", "/gate/en", "/gate/sw.js", "/gate/manifest.webmanifest", "/gate/venues.json",
    "/gate/v/<string(length=16):version>/<path:name>", "/gate/selftest/<path:name>", "/my/<string(length=32):token>",
    "/my/<string(length=32):token>/photo.jpg", "/my/<string(length=32):token>/code.png",
    "/api/", "/api/openapi.json", "/api/v1/venues",
    "/static/<path:filename>", "/<string(length=16):lookup>", "/<string(length=16):lookup>/photo.jpg",
}  # fmt: skip
UNSIGNED = {("/v1/hello", "GET"), ("/v1/enrol", "POST"), ("/v1/uploads", "OPTIONS")}


@pytest.fixture(scope="module")
def at_center(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return center.create_app(center.settings.Settings(data_dir=tmp_path_factory.mktemp("center")))


@pytest.fixture(scope="module")
def on_tablet(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return build(tmp_path_factory.mktemp("kiosk"), csrf=True).app


def _doors(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, an address of it) of everything but what Flask answers by itself."""
    with app.test_request_context("/"):
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: VALUES.get(name, "0" * 36) for name in rule.arguments}
            values |= {name: min(one.items) for name, one in rule._converters.items() if isinstance(one, AnyConverter)}
            path = adapter.build(rule.endpoint, values)
            methods = set(rule.methods or ())
            by_itself = ({"HEAD"} if "GET" in methods else set()) | (
                {"OPTIONS"} if rule.provide_automatic_options else set()
            )
            for method in sorted(methods - by_itself):
                yield rule, method, path


@pytest.mark.parametrize("where", ["at_center", "on_tablet"])
def test_whatever_changes_something_wants_the_forms_token(where: str, request: pytest.FixtureRequest) -> None:
    app: Flask = request.getfixturevalue(where)
    forms = [
        (method, path) for rule, method, path in _doors(app) if method in WRITES and not rule.rule.startswith(("/v1/", "/api/v1/"))
    ]
    assert len(forms) > 5
    client = app.test_client()
    # read as it streams in, only once somebody has signed in; then it wants the token as well (tests/center/test_rescue.py)
    streamed = client.post("/rescue") if where == "at_center" else None
    assert streamed is None or streamed.headers["Location"].startswith("/sign-in")
    answers = {f"{method} {path}": client.open(path, method=method) for method, path in forms if path != "/rescue"}
    assert {door: answer.status_code for door, answer in answers.items() if answer.status_code != 400} == {}


def test_whatever_a_tablet_asks_is_signed(at_center: Flask) -> None:
    doors = [(rule.rule, method, path) for rule, method, path in _doors(at_center) if rule.rule.startswith("/v1/")]
    client = at_center.test_client()
    answers = {
        (rule, method): client.open(path, method=method, data=b"{}").status_code
        for rule, method, path in doors
        if (rule, method) not in UNSIGNED
    }
    assert len(answers) >= 7
    assert set(answers.values()) == {401}


def test_whatever_another_system_asks_bears_a_key(at_center: Flask) -> None:
    doors = [
        (method, path)
        for rule, method, path in _doors(at_center)
        if rule.rule.startswith("/api/v1/") and rule.rule not in OF_ANYBODY
    ]
    client = at_center.test_client()
    answers = {(method, path): client.open(path, method=method, json={}).status_code for method, path in doors}
    assert len(answers) >= 5
    assert set(answers.values()) == {401}


def test_at_the_center_nobody_sees_anything_but_what_is_for_anybody(at_center: Flask) -> None:
    client = at_center.test_client()
    for rule, method, path in _doors(at_center):
        if method == "GET" and rule.rule not in OF_ANYBODY and not rule.rule.startswith(("/v1/", "/api/v1/")):
            answer = client.get(path)
            assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (303, "/sign-in"), path


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_go_to_no_script_and_no_other_site(tmp_path: Path, secure: bool) -> None:
    app = center.create_app(center.settings.Settings(data_dir=tmp_path, secure_cookies=secure))
    answer = app.test_client().get("/sign-in?language=en")
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.split("=")[0] for cookie in cookies) == ["center", "language"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert ("Secure" in cookie) == secure


def test_what_a_page_loads_puts_no_earlier_session_back(tmp_path: Path) -> None:
    app = center.create_app(center.settings.Settings(data_dir=tmp_path))
    client = app.test_client()
    with client.session_transaction() as session:
        session.permanent = True
        session["stamp"] = "before"
    for kind, renewed in (("document", True), ("image", False), ("empty", False)):
        answer = client.get("/healthz", headers={"Sec-Fetch-Dest": kind})
        assert any(one.startswith("center=") for one in answer.headers.getlist("Set-Cookie")) == renewed
