"""Every view of the kiosk × every profile, by the one table: what a device is not for is refused at the address too, with the PIN
and without.

A room that is not in the table fails the first test: whoever adds one says in kiosk/profiles.py whose it is.
"""

from __future__ import annotations

from typing import get_args

import pytest

from kiosk import profiles
from kiosk.settings import Profile
from tests.kiosk.scene import build

PROFILES: tuple[Profile, ...] = get_args(Profile)
NOBODYS = "019ab3c0-0000-7000-8000-000000000000"
# what must stay shut whatever else changes (sync.md B.14): a verifier holds nothing of applications, a public kiosk no lists
SHUT = {
    "verifier": (
        "/apply/new",
        "/tray",
        "/print",
        "/print/slip",
        "/record",
        "/progress",
        "/roster",
        "/sheets",
        f"/slip/{NOBODYS}",
    ),
    "public": ("/roster", "/roster/result", "/sheets", f"/sheets/{NOBODYS}"),
}


@pytest.fixture(scope="module", params=PROFILES)
def scene(request, tmp_path_factory):
    return build(tmp_path_factory.mktemp(request.param), profile=request.param)


def test_every_room_is_in_the_table(scene):
    assert sorted(set(scene.app.blueprints) - set(profiles.ROOMS)) == []


def test_a_view_answers_as_the_table_says(scene):
    """Each rule is asked with its placeholders filled; what it answers otherwise is other tests' business."""
    profile = scene.settings.profile
    client = scene.client(unlocked=False)
    wrong = []
    for rule in scene.app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        values = {name: NOBODYS for name in rule.arguments}
        for name, converter in rule._converters.items():  # there is no public way to them
            items = sorted(getattr(converter, "items", ()))
            values[name] = items[0] if items else 1 if type(converter).__name__ == "IntegerConverter" else NOBODYS
        with scene.app.test_request_context():
            address = scene.app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(address, method=method, data={} if method == "POST" else None)
            refused = answer.status_code == 403 and "這台機器不辦這一項" in answer.text
            if refused == profiles.may(profile, rule.endpoint):
                wrong.append(f"{method} {address}")
    assert wrong == []


def test_what_a_device_must_not_hold_is_shut_even_with_the_pin(scene):
    client = scene.client()
    for path in SHUT.get(scene.settings.profile, ()):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "這台機器不辦這一項" in answer.text, path


def test_a_room_nobody_has_placed_is_the_officers_alone():
    assert [profile for profile in PROFILES if profiles.may(profile, "a_new_room.show")] == [
        "staff",
        "hosted",
        "training",
    ]
