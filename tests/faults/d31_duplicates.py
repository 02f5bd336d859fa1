"""D-31: the same person applies at two to ten tablets that have no line. They come in in any order, some twice; in the end
there is one live card, every application is linked with every other, and no tablet has learned anything of another's.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from center import choosing, decisions, issue
from center.store import cases, twins
from center.store.tables import application, card
from honorcard.problems import ProblemError
from sync import wire
from tests.faults.books import Harm, talk_of
from tests.faults.inside import City, Tablet, number, told, whole
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick

MOST = 10
LISTED_EVERY = 20  # people, then the list of cards is made too
LANES = 2


def run(full: bool, seed: int) -> Line:
    """The plan: 1,000 people."""
    people = pick(full, plan=1000, smoke=4, few=1)
    harm = in_lanes(range(people), lambda some: _lane(some, MOST if full else 4, seed), LANES if full else 1)
    note = f"2 to {MOST} tablets each, one live card, all others linked, nothing of another's file on any of them"
    return Line("D-31", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join([note, *harm.words]))


def _lane(turns: Sequence[int], most: int, seed: int) -> Harm:
    harm = Harm()
    with quick_folder("hc-d31-") as made:
        chance = random.Random(f"{seed} D-31 {turns[0]}")
        city = City(Path(made))
        tablets = [Tablet(city, f"tablet{n}", chance, trouble=0.2) for n in range(MOST)]
        for turn in turns:
            chance.seed(f"{seed} D-31 {turn}")
            lost, doubled, stuck, leaked = one_person(
                city, chance.sample(tablets, chance.randint(2, most)), chance, turn
            )
            if turn % LISTED_EVERY == 0:
                city.open_all()
            found = Harm(lost + leaked, doubled, stuck, [f"{leaked} leaked"] if leaked else [], runs=1)
            harm.add(found, f"person {turn}")
            talk_of(f"D-31 person {turn}", found)
        for tablet in tablets:
            tablet.close()
        city.center.store.engine.dispose()
    return harm


def one_person(city: City, tablets: list[Tablet], chance: random.Random, turn: int) -> tuple[int, int, int, int]:
    """One person's applications; gives lost (or not linked), doubled cards, stuck, leaked words."""
    who, since = number(chance), city.last()
    words = {tablet.name: f"{turn:04d}Q{place}{chance.randrange(16**4):04X}" for place, tablet in enumerate(tablets)}
    bodies = {tablet.name: whole(tablet, who, words[tablet.name]) for tablet in tablets}
    for tablet in tablets:
        tablet.send(bodies[tablet.name], "application.submit")
    stuck = _settle(city, tablets, chance)
    ids = [body.application_id for body in bodies.values()]
    with city.center.store.read() as conn:
        here = set(
            conn.execute(select(application.c.application_id).where(application.c.application_id.in_(ids))).scalars()
        )
        lost = len(set(ids) - here)
        lost += sum(set(twins.open_of(conn, one)) != set(ids) - {one} for one in here)
        lost += sum("possible_duplicate" not in found.flags for one in here if (found := cases.find(conn, one)))
    _office(city, ids, chance)
    stuck += _settle(city, tablets, chance)
    with city.center.store.read() as conn:
        idbx = conn.execute(select(application.c.idbx).where(application.c.application_id == ids[0])).scalar_one()
        held = conn.execute(select(card.c.seq).where(card.c.idbx == idbx, card.c.status == "live")).all()
    leaked = sum(_leaks(city, tablet, bodies, words, since) for tablet in tablets)
    return lost + (not held), max(0, len(held) - 1), stuck, leaked


def _settle(city: City, tablets: list[Tablet], chance: random.Random) -> int:
    """Rounds in any order until nothing waits; how many tablets still have something waiting."""
    for _ in range(60):
        for tablet in chance.sample(tablets, len(tablets)):
            tablet.round()
        city.open_photographs()
        if all(tablet.quiet() for tablet in tablets):
            break
    for tablet in tablets:
        while not tablet.round():
            pass
    return sum(not tablet.quiet() for tablet in tablets)


def _office(city: City, ids: list[str], chance: random.Random) -> None:
    """Reviewers who pass several of them on, merge some and try to issue them all."""
    store, settings, now = city.center.store, city.center.settings, datetime.now(UTC)
    first, second = city.people["first_reviewer"], city.people["second_reviewer"]
    order = chance.sample(ids, len(ids))
    for one in order:
        if chance.random() < 0.3:
            with store.read() as conn:
                case, other = (
                    cases.find(conn, one),
                    cases.find(conn, chance.choice([rest for rest in ids if rest != one])),
                )
            if case is not None and other is not None:
                with contextlib.suppress(ProblemError):  # merged before
                    choosing.join(
                        store, other.application_id, one, first, revs=(other.rev, case.rev), text="同一人", now=now
                    )
    for one in order:
        with store.read() as conn:
            case = cases.find(conn, one)
        if case is not None and case.state == "first_review":
            decisions.approve(store, settings, one, first, rev=case.rev, text="", now=now)
    for one in chance.sample(order, len(order)):
        with contextlib.suppress(ProblemError):  # said in words: there is a live card, or the case was merged
            issue.issue(store, settings, one, second.account_id, now=now, text="")


def _leaks(
    city: City, tablet: Tablet, bodies: dict[str, wire.ApplicationBody], words: dict[str, str], since: int
) -> int:
    """How many words of the other tablets' applications this one has been told, sealed or not."""
    strange = [
        word.encode()
        for name, body in bodies.items()
        if name != tablet.name
        for word in (words[name], body.application_id, body.photos[0].clear_sha256)
    ]
    heard = told(city, tablet, bodies[tablet.name], since=since)
    heard += [
        repr(row).encode()
        for table in ("application", "inbox", "story")
        for row in tablet.rows(f"SELECT * FROM {table}")
    ]
    return sum(word in said for said in heard for word in strange)
