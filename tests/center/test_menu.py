"""The menu shows each role what it may open, in the order of its work, and which page is open."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import Babel

from center.menu import IN_ONE_ROW, Group, Tab, menu
from center.store.accounts import ROLES
from tests.center.conftest import World


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask(__name__)
    Babel(made)
    return made


def flat(role: str, path: str = "/") -> list[Tab]:
    return [tab for one in menu(role, path) for tab in (one.tabs if isinstance(one, Group) else [one])]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_more_than_fits_beside_each_other_and_nothing_twice(app, role):
    with app.test_request_context("/"):
        shown, every = menu(role, "/"), [tab.address for tab in flat(role)]
    assert 1 <= len(shown) <= IN_ONE_ROW
    assert len(every) == len(set(every))
    assert all(len(one.tabs) > 1 for one in shown if isinstance(one, Group))


@pytest.mark.parametrize(
    ("role", "path", "here"),
    [
        ("administrator", "/accounts/0190", ["/accounts"]),
        ("administrator", "/registrations", ["/units"]),
        ("administrator", "/tablets/letters", ["/tablets"]),
        ("administrator", "/rescue", ["/tablets"]),
        ("administrator", "/exchange/log", ["/exchange"]),
        ("auditor", "/exchange/log", ["/exchange/log"]),
        ("administrator", "/systems/uses", ["/systems"]),
        ("administrator", "/account", []),
        ("administrator", "/unitsx", []),
        ("first_reviewer", "/desk/case/0190", ["/desk/first"]),
        ("second_reviewer", "/desk/together", ["/desk/second"]),
        ("first_reviewer", "/desk/first", ["/desk/first"]),
    ],
)
def test_the_tab_of_the_open_page_is_marked_and_no_other(app, role, path, here):
    with app.test_request_context("/"):
        assert [tab.address for tab in flat(role, path) if tab.here] == here
        groups = [one for one in menu(role, path) if isinstance(one, Group)]
    assert sum(one.here for one in groups) == sum(any(tab.address in here for tab in one.tabs) for one in groups)


def test_every_tab_of_every_role_leads_to_a_page_it_may_enter(world: World):
    for name in ("admin", "auditor", "first", "second", "officer", "venue"):
        browser = world.browser(name)
        text = browser.get("/account").get_data(as_text=True)
        nav = text[text.index('class="desk-tabs"') : text.index("</nav>")]
        addresses = re.findall(r'href="([^"]+)"', nav)
        assert addresses
        for address in addresses:
            answer = browser.get(address)
            assert answer.status_code == 200, (name, address)
            assert 'aria-current="page"' in answer.get_data(as_text=True).partition("</nav>")[0], (name, address)
