"""One person at two tablets (sync.md B.7), beside the model of D-7: what must hold of a pair whatever has happened to its two.

Their applications are linked for as long as nothing is decided about them; in the end there is one live card; and what a tablet
hears of the one says nothing of the other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from center import decisions, issue
from center.choosing import DECIDED
from center.store import cases, proposals, twins
from center.store.tables import application, card
from honorcard.problems import ProblemError
from sync import wire
from tests.faults.inside import City, Tablet, told


def are_linked(city: City, ids: Sequence[str]) -> list[str]:
    """Holds that a person's undecided cases are each other's pairs and flagged, and no others are; gives them."""
    with city.center.store.read() as conn:
        found = {one: case for one in ids if (case := cases.find(conn, one)) is not None}
        assert set(found) == set(ids), "one of a person's applications is lost"
        undecided = [one for one in ids if found[one].state not in DECIDED]
        for one in undecided:
            others = set(undecided) - {one}
            assert set(twins.open_of(conn, one, "same")) == others, (one, "is linked with others than", others)
            assert ("possible_duplicate" in found[one].flags) == bool(others), (one, "flagged", found[one].flags)
    return undecided


def have_one_card(city: City, ids: Sequence[str]) -> None:
    """The office tries to give a card for each of them: one comes of it."""
    store, settings, now = city.center.store, city.center.settings, datetime.now(UTC)
    first, second = city.people["first_reviewer"], city.people["second_reviewer"]
    tries, given = 0, 0
    for one in ids:
        with store.read() as conn:
            case, waits = cases.find(conn, one), proposals.of_case(conn, one)
        assert case is not None
        if waits or case.state not in ("first_review", "second_review"):
            continue
        if case.state == "first_review":
            decisions.approve(store, settings, one, first, rev=case.rev, text="看過", now=now)
        with contextlib.suppress(ProblemError):  # said in words: there is a live card
            issue.issue(store, settings, one, second.account_id, now=now, text="看過")
            given += 1
        tries += 1
    with store.read() as conn:
        idbx = conn.execute(select(application.c.idbx).where(application.c.application_id == ids[0])).scalar_one()
        held = conn.execute(select(card.c.seq).where(card.c.idbx == idbx, card.c.status == "live")).all()
    said = (ids, f"{given} cards given and {len(held)} live after {tries} tries")
    assert given == len(held) == min(1, tries), said  # a second one that ends the first is one too many


def say_nothing_of_each_other(
    city: City, tablets: Sequence[Tablet], bodies: Mapping[str, wire.ApplicationBody]
) -> None:
    """What any tablet was told of one of them, opened, has no word of another."""
    for one, mine in bodies.items():
        strange = [
            word.encode()
            for other, body in bodies.items()
            if other != one
            for word in (other, body.receipt, body.books[0].number, body.photos[0].clear_sha256)
        ]
        for tablet in tablets:
            for said in told(city, tablet, mine, of_it_alone=True):
                assert not any(word in said for word in strange), (one, tablet.name, "was told of the other")
