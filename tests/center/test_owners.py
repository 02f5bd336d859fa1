"""Role × owner (R34, in full): what each role reaches of its own unit's people, of another unit's, and of those no unit
applied for; and docs/roles.md, which shows the three tables and is held to the code here.
"""

from __future__ import annotations

import pytest

from center.store import people
from honorcard import review, roles
from tests.center.conftest import World
from tests.journeys.stage import ROOT

OWNERS = {"own": "north_gate", "other": "shezi", "none": "none"}
NUMBERS = {"own": "A223456781", "other": "A123456789", "none": "F131104093"}
RECEIPTS = {"own": "HC-7K3M-22QF", "other": "HC-CCCC-DDDD", "none": "HC-2345-6789"}
NAMES = {
    "first": "first_reviewer", "second": "second_reviewer", "admin": "administrator", "officer": "unit_officer",
    "auditor": "auditor", "venue": "venue",
}  # fmt: skip
# what belongs to a person, by the right that opens it
PAGES = {
    "/cards/{number}": "see_cards",
    "/cards/{number}/sheet.pdf": "print_card",
    "/people/{person_id}": "see_records",
    "/people/{person_id}/record-zh.pdf": "see_records",
    "/people/case/{application_id}": "see_records",
}
ACTS = {
    "/cards/{number}/reprint": ("print_card", {"reason": "lost"}),
    "/cards/{number}/digital": ("print_card", {}),
    "/cards/{number}/suspend": ("suspend", {"text": "查證中"}),
    "/cards/{number}/revoke": ("revoke", {"ground": "other", "text": "查證屬實"}),
}


@pytest.fixture
def three(world: World) -> tuple[World, dict[str, dict[str, str]]]:
    """A card of the officer's own unit, one of another unit, and one that no unit applied for."""
    world.units["none"] = None  # type: ignore[assignment]
    owned = {}
    for owner, unit in OWNERS.items():
        number = world.issued(unit=unit, identity_number=NUMBERS[owner], receipt=RECEIPTS[owner])
        with world.store.read() as conn:
            from center.store import cards

            application_id = str(cards.find(conn, number).application_id)
            person_id = people.of_application(conn, application_id)
        owned[owner] = {"number": number, "application_id": application_id, "person_id": person_id}
    return world, owned


@pytest.mark.parametrize("name", list(NAMES))
def test_what_belongs_to_a_person_opens_by_role_and_owner(three, name):
    world, owned = three
    browser, role = world.browser(name), NAMES[name]
    for owner, of in owned.items():
        for path, right in PAGES.items():
            status = browser.get(path.format(**of)).status_code
            if not roles.may(role, right):
                assert status == 403, (owner, path)
            elif role == "unit_officer" and owner != "own":
                assert status == 404, (owner, path)
            else:
                assert status in (200, 303), (owner, path)
    token = browser.token("/account")
    for owner, of in owned.items():
        for path, (right, form) in ACTS.items():
            answer = browser.client.post(path.format(**of), data={"csrf_token": token, **form})
            if not roles.may(role, right):
                assert answer.status_code == 403, (owner, path)
            elif role == "unit_officer" and owner != "own":
                assert answer.status_code == 404, (owner, path)
            else:
                assert answer.status_code not in (401, 403, 404), (owner, path)


@pytest.mark.parametrize("name", list(NAMES))
def test_lists_hold_what_the_role_may_see_of_each_owner(three, name):
    world, owned = three
    browser, role = world.browser(name), NAMES[name]
    for path, right in (("/cards", "see_cards"), ("/applications", "see_records")):
        if not roles.may(role, right):
            assert browser.get(path).status_code == 403
            continue
        text = browser.get(path).get_data(as_text=True)
        seen = {owner for owner, of in owned.items() if (of["number"] if path == "/cards" else RECEIPTS[owner]) in text}
        assert seen == ({"own"} if role == "unit_officer" else set(OWNERS)), path


# --- docs/roles.md ---


def rights_table() -> str:
    """Role × right, as honorcard.roles has it."""
    lines = ["| right | " + " | ".join(roles.ROLES) + " |", "|---|" + "---|" * len(roles.ROLES)]
    for right in roles.RIGHTS:
        cells = ["yes" if roles.may(role, right) else "" for role in roles.ROLES]
        lines.append(f"| `{right}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def moves_table() -> str:
    """State × action: where it leads and who may, as honorcard.review has it."""
    lines = ["| state | action | leads to | by |", "|---|---|---|---|"]
    for (state, action), found in review.MOVES.items():
        to = f"`{found.to}`" if found.to else "whoever returned it"
        lines.append(f"| `{state}` | `{action}` | {to} | {', '.join(sorted(found.roles))} |")
    return "\n".join(lines)


@pytest.mark.parametrize("table", [rights_table, moves_table])
def test_the_page_of_roles_shows_the_tables_of_the_code(table):
    """What it should say is in the message; put it into docs/roles.md."""
    assert table() in (ROOT / "docs" / "roles.md").read_text(encoding="utf-8"), table()
