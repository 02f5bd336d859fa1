"""Every view of the center × every role, by the one table of rights (R34): whoever lacks the right is refused.

A view that is not in VIEWS fails the first test: whoever adds one says here whose it is.
"""

from __future__ import annotations

import pytest

from center.store import people
from honorcard import roles
from sync.ids import uuid7
from tests.center.asking import ask, passed_on
from tests.center.conftest import World

NAMES = {
    "first": "first_reviewer",
    "second": "second_reviewer",
    "admin": "administrator",
    "officer": "unit_officer",
    "stranger": "unit_officer",
    "auditor": "auditor",
    "venue": "venue",
}
PLACE = {
    "code": "V1",
    "name": "故宮",
    "city": "臺北市",
    "kind": "culture_education",
    "accepted_form": "paper",
    "note": "",
}
ANYBODY: tuple[str, ...] = ()
# (method, rule): the rights of which one is needed; nothing for pages of whoever is signed in
VIEWS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "/"): ANYBODY,
    ("GET", "/account"): ANYBODY,
    ("GET", "/sign-in/kept"): ANYBODY,
    ("GET", "/account/password"): ANYBODY,
    ("POST", "/account/password"): ANYBODY,
    ("POST", "/account/sessions/end"): ANYBODY,
    ("POST", "/account/sessions/<string(length=36):session_id>/end"): ANYBODY,
    ("POST", "/account/factor/<any(begin, codes, off):what>"): ANYBODY,
    ("POST", "/account/unit"): ANYBODY,
    ("GET", "/applications"): ("see_records",),
    ("GET", "/desk/first"): ("first_review",),
    ("GET", "/desk/second"): ("second_review",),
    ("GET", "/desk/queue"): ("first_review", "second_review"),
    ("GET", "/desk/together"): ("second_review",),
    ("POST", "/desk/together"): ("second_review",),
    ("GET", "/desk/undo/<string(length=36):pending_id>"): ("first_review", "second_review"),
    ("POST", "/desk/undo/<string(length=36):pending_id>"): ("first_review", "second_review"),
    ("POST", "/desk/undo/<string(length=36):pending_id>/read"): ("first_review", "second_review"),
    ("GET", "/desk/case/<string(length=36):application_id>"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/attention"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/leave"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/number"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/approve"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/return"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/refuse"): ("first_review", "second_review"),
    ("GET", "/desk/case/<string(length=36):application_id>/photo/<slot>/<int:position>.jpg"): (
        "first_review", "second_review",
    ),
    ("GET", "/desk/case/<string(length=36):application_id>/face.webp"): ("first_review", "second_review"),
    ("GET", "/desk/case/<string(length=36):application_id>/card_face.webp"): ("first_review", "second_review"),
    ("POST", "/desk/case/<string(length=36):application_id>/renewal"): ("first_review", "second_review"),
    ("GET", "/decide"): ("first_review", "second_review"),
    ("GET", "/decide/<string(length=36):application_id>/<string(length=36):op_id>"): ("first_review", "second_review"),
    ("POST", "/decide/<string(length=36):application_id>/<string(length=36):op_id>"): ("first_review", "second_review"),
    ("GET", "/decide/<string(length=36):application_id>/<string(length=36):op_id>/photo/<slot>/<int:position>.jpg"): (
        "first_review", "second_review",
    ),
    ("GET", "/decide/<string(length=36):application_id>/twin/<string(length=36):other>"): ("first_review", "second_review"),
    ("POST", "/decide/<string(length=36):application_id>/twin/<string(length=36):other>/<any(join, apart, refuse):what>"): (
        "first_review", "second_review",
    ),
    ("GET", "/cards"): ("see_cards",),
    ("GET", "/cards/<number>"): ("see_cards",),
    ("GET", "/cards/<number>/sheet.pdf"): ("print_card",),
    ("POST", "/cards/<number>/reprint"): ("print_card",),
    ("POST", "/cards/<number>/digital"): ("print_card",),
    ("GET", "/cards/<number>/digital.png"): ("print_card",),
    ("POST", "/cards/<number>/revoke"): ("revoke",),
    ("POST", "/cards/<number>/<any(suspend, reinstate):what>"): ("suspend",),
    ("GET", "/history"): ("read_history",),
    ("GET", "/statistics"): ("statistics",),
    ("GET", "/statistics/<code>.csv"): ("statistics",),
    ("GET", "/statistics/report-<any(zh, en):said>.pdf"): ("statistics",),
    ("GET", "/retention"): ("retention",),
    ("GET", "/training"): ("manage",),
    ("GET", "/training/feedback.csv"): ("manage",),
    ("GET", "/audit"): ("audit",),
    ("POST", "/audit"): ("audit",),
    ("POST", "/audit/verify"): ("audit",),
    ("POST", "/audit/compare"): ("audit",),
    ("POST", "/audit/export.csv"): ("audit",),
    ("GET", "/people"): ("see_records",),
    ("POST", "/people"): ("see_records",),
    ("GET", "/people/case/<string(length=36):application_id>"): ("see_records",),
    ("GET", "/people/<string(length=36):person_id>"): ("see_records",),
    ("GET", "/people/<string(length=36):person_id>/record-<any(zh, en):said>.pdf"): ("see_records",),
    ("GET", "/people/<string(length=36):person_id>/entries"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/english"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/service"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/training"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/training/<string(length=36):training_id>/certificate"): (
        "keep_records",
    ),
    ("GET", "/people/<string(length=36):person_id>/training/<string(length=36):training_id>.jpg"): ("see_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/insurance"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/entries/void"): ("keep_records",),
    ("GET", "/events"): ("keep_records",),
    ("GET", "/events/new"): ("keep_records",),
    ("POST", "/events/new"): ("keep_records",),
    ("GET", "/events/<string(length=36):event_id>"): ("keep_records",),
    ("GET", "/events/<string(length=36):event_id>/counts"): ("keep_records",),
    ("POST", "/events/<string(length=36):event_id>/close"): ("keep_records",),
    ("POST", "/events/<string(length=36):event_id>/match"): ("keep_records",),
    ("POST", "/events/<string(length=36):event_id>/fix"): ("keep_records",),
    ("GET", "/events/<string(length=36):event_id>/certificates-<any(zh, en):said>.pdf"): ("keep_records",),
    ("GET", "/people/<string(length=36):person_id>/performance"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/performance"): ("keep_records",),
    ("GET", "/people/<string(length=36):person_id>/performance/<string(length=36):certificate_id>.pdf"): ("keep_records",),
    ("POST", "/people/<string(length=36):person_id>/performance/<string(length=36):certificate_id>/void"): (
        "keep_records",
    ),
    ("GET", "/exchange"): ("exchange",),
    ("POST", "/exchange"): ("exchange",),
    ("GET", "/exchange/sample/<any(units, volunteers, hours, training, cards):kind>.<any(csv, xlsx):form>"): ("exchange",),
    ("GET", "/exchange/import/<string(length=36):batch_id>"): ("exchange",),
    ("GET", "/exchange/import/<string(length=36):batch_id>/errors.csv"): ("exchange",),
    ("GET", "/exchange/import/<string(length=36):batch_id>/columns"): ("exchange",),
    ("POST", "/exchange/import/<string(length=36):batch_id>/columns"): ("exchange",),
    ("POST", "/exchange/import/<string(length=36):batch_id>/write"): ("exchange",),
    ("POST", "/exchange/import/<string(length=36):batch_id>/undo"): ("exchange",),
    ("POST", "/exchange/import/<string(length=36):batch_id>/drop"): ("exchange",),
    ("GET", "/exchange/export"): ("exchange",),
    ("GET", "/exchange/export/<any(volunteers, hours, training, cards):kind>"): ("exchange",),
    ("POST", "/exchange/export/<any(volunteers, hours, training, cards):kind>"): ("exchange",),
    ("GET", "/exchange/export/<any(volunteers, hours, training, cards):kind>/columns"): ("exchange",),
    ("POST", "/exchange/export/<any(volunteers, hours, training, cards):kind>/columns"): ("exchange",),
    ("GET", "/exchange/log"): ("read_exchanges",),
    ("GET", "/venues/list"): ("manage",),
    ("POST", "/venues/list"): ("manage",),
    ("GET", "/venues/list/<code>"): ("manage",),
    ("POST", "/venues/list/<code>"): ("manage",),
    ("POST", "/venues/list/<code>/off"): ("manage",),
    ("POST", "/venues/list/<code>/tablet"): ("manage",),
    ("POST", "/venues/list/<code>/account"): ("manage",),
    ("GET", "/venues/mine"): ("verify",),
    ("GET", "/reminders"): ("see_cards",),
    ("GET", "/reminders/letters.pdf"): ("see_cards",),
    ("GET", "/reminders/cards.csv"): ("exchange",),
    ("POST", "/reminders"): ("manage",),
    ("GET", "/mail"): ("manage",),
    ("POST", "/mail/<string(length=36):mail_id>/<any(again, cancel):what>"): ("manage",),
    ("POST", "/mail/trial"): ("manage",),
    ("POST", "/mail/addresses"): ("manage",),
    ("GET", "/units"): ("manage",),
    ("POST", "/units"): ("manage",),
    ("GET", "/accounts"): ("manage",),
    ("POST", "/accounts"): ("manage",),
    ("POST", "/accounts/<account_id>/<any(open, close):what>"): ("manage",),
    ("GET", "/accounts/<string(length=36):account_id>"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/role"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/units"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/units/<string(length=36):unit_id>/remove"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/factor"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/password"): ("manage",),
    ("POST", "/accounts/<string(length=36):account_id>/sign-out"): ("manage",),
    ("GET", "/registrations"): ("manage",),
    ("POST", "/registrations/<string(length=36):registration_id>/approve"): ("manage",),
    ("POST", "/registrations/<string(length=36):registration_id>/refuse"): ("manage",),
    ("GET", "/tablets"): ("manage",),
    ("GET", "/tablets/letters"): ("manage",),
    ("POST", "/tablets/letters/<string(length=36):op_id>/again"): ("manage",),
    ("POST", "/tablets/letters/<string(length=36):op_id>/settle"): ("manage",),
    ("GET", "/systems"): ("manage",),
    ("POST", "/systems"): ("manage",),
    ("POST", "/systems/<string(length=36):key_id>/revoke"): ("manage",),
    ("GET", "/systems/uses"): ("read_history",),
    ("GET", "/rescue"): ("manage",),
    ("POST", "/rescue"): ("manage",),
    ("POST", "/tablets/code"): ("manage",),
    ("POST", "/tablets/<device_id>/disable"): ("manage",),
    ("POST", "/tablets/<device_id>/wipe"): ("manage",),
    ("POST", "/tablets/<device_id>/looked"): ("manage",),
}  # fmt: skip
PUBLIC = {
    "/register/confirm/<string(length=43):proof>",
    "/venues", "/performance", "/register", "/sign-in/code", "/second-factor", "/second-factor/code.png",
    "/sign-in", "/sign-out", "/healthz", "/metrics", "/<string(length=16):lookup>", "/<string(length=16):lookup>/photo.jpg",
    "/language/<language>", "/my/<string(length=32):token>", "/my/<string(length=32):token>/photo.jpg",
    "/my/<string(length=32):token>/code.png",
}  # fmt: skip
# of one card or one person: for another unit's officer there is no such thing
OF_ONE = {rule for _, rule in VIEWS if rule.startswith(("/cards/<number>", "/people/"))}


def doors(world: World) -> dict[tuple[str, str], str]:
    """(method, rule) → endpoint of every view for people."""
    found = {}
    for rule in world.app.url_map.iter_rules():
        path = rule.rule
        if path in PUBLIC or path.startswith(("/static/", "/v1/", "/pack/", "/gate/", "/api/")):
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            found[method, path] = rule.endpoint
    return found


def test_every_view_is_in_the_table(world):
    assert set(doors(world)) == set(VIEWS)


@pytest.mark.parametrize("name", list(NAMES))
def test_each_role_enters_what_its_rights_open_and_nothing_else(world, name):
    number = world.issued()
    application_id = world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    world.browser("admin").send("/venues/list", see="/venues/list", **PLACE)
    with world.store.read() as conn:
        person_id = people.of_application(conn, application_id)
    browser = world.browser(name)
    token = browser.token("/")
    with world.app.test_request_context("/"):
        adapter = world.app.url_map.bind("localhost")
        endpoints = doors(world)
        paths = {}
        for (method, rule), endpoint in endpoints.items():
            values = {"application_id": application_id, "number": number, "slot": "cover", "position": 0}
            # of none that there is: who may ask is asked first
            values |= {"registration_id": uuid7(), "session_id": uuid7(), "unit_id": world.units["shezi"]}
            values |= {"op_id": uuid7(), "other": uuid7(), "pending_id": uuid7(), "mail_id": uuid7(), "key_id": uuid7()}
            values |= {"training_id": uuid7(), "certificate_id": uuid7(), "event_id": uuid7()}
            values |= {"person_id": person_id, "said": "en"}
            values |= {"code": "months" if rule.startswith("/statistics") else PLACE["code"]}
            values |= {"batch_id": uuid7(), "kind": "hours", "form": "csv"}
            values |= {"account_id": world.people["venue"], "device_id": world.device_id, "what": _what(rule)}
            needed = {key: values[key] for key in _arguments(world, endpoint, rule)}
            paths[method, rule] = adapter.build(endpoint, needed)
    for (method, rule), path in paths.items():
        if rule in ("/", "/account/unit") or (rule == "/accounts/<account_id>/<any(open, close):what>"):
            continue
        send = browser.client.get if method == "GET" else browser.client.post
        answer = send(path) if method == "GET" else send(path, data={"csrf_token": token})
        rights = VIEWS[method, rule]
        allowed = rights == ANYBODY or any(roles.may(NAMES[name], right) for right in rights)
        if not allowed:
            assert answer.status_code == 403, (method, rule)
        elif name == "stranger" and rule in OF_ONE:
            assert answer.status_code == 404, (method, rule)  # another unit's: for them there is no such card
        else:
            assert answer.status_code not in (401, 403), (method, rule)
            assert "/sign-in" not in answer.headers.get("Location", ""), (method, rule)


def test_nobody_enters_without_signing_in(world):
    number = world.issued()
    browser = world.browser()
    for path in ("/desk/first", "/cards", f"/cards/{number}", "/history", "/units"):
        assert browser.get(path).headers["Location"].startswith("/sign-in")


def test_a_unit_officer_cannot_review_and_sees_no_other_units_case(world):
    """R34: own unit's people only, no review; C49's neighbour: nothing of the city's."""
    world.issued()
    for application_id in (ask(world, "photo"), world.application(identity_number="A123456789")):
        for name in ("officer", "stranger", "venue", "auditor", "admin"):
            assert world.browser(name).get(f"/desk/case/{application_id}").status_code == 403


def test_the_first_reviewer_neither_issues_nor_refuses(world):
    world.issued()
    application_id = passed_on(world, "photo")
    browser = world.browser("first")
    for action in ("approve", "refuse", "return"):
        answer = browser.decide(application_id, action, reason="other", text="x")
        assert answer.status_code in (403, 409), action
    assert world.case(application_id).state == "second_review"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "admin"])
def test_nobody_but_the_city_brings_in_or_takes_out(world, name):
    """C49, R60: refused, and told why."""
    browser = world.browser(name)
    for path in ("/exchange", "/exchange/export"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "縣市政府" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("name", "status"), [("auditor", 200), ("first", 200), ("admin", 200), ("officer", 403)])
def test_the_auditor_reads_what_happened_without_a_volunteers_name(world, name, status):
    world.issued()
    page = world.browser(name).get("/history")
    assert page.status_code == status
    if status == 200:
        text = page.get_data(as_text=True)
        assert "複審核可，發卡" in text
        assert "HC-7K3M-22QF" in text
        assert "林秀琴" not in text
        assert "A223456781" not in text


def test_history_is_found_by_receipt_and_by_card_and_goes_on_over_pages(world, monkeypatch):
    from center import history

    number = world.issued()
    world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    browser = world.browser("auditor")
    for find in ("HC-7K3M-22QF", number):
        text = browser.get(f"/history?find={find}").get_data(as_text=True)
        assert "複審核可，發卡" in text
        assert "HC-CCCC-DDDD" not in text
    assert "沒有這個號碼的紀錄" in browser.get("/history?find=nobody").get_data(as_text=True)
    monkeypatch.setattr(history, "PAGE", 2)
    first = browser.get("/history").get_data(as_text=True)
    assert "更早的紀錄" in first


def _what(rule: str) -> str:
    """One of the words that an address may have in that place."""
    words = {"suspend": "suspend", "join": "join", "begin": "begin", "cancel": "again"}
    return next((word for part, word in words.items() if part in rule), "close")


def _arguments(world: World, endpoint: str, rule: str) -> set[str]:
    return next(found.arguments for found in world.app.url_map.iter_rules(endpoint) if found.rule == rule)
