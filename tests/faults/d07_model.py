"""D-7: two to five tablets, an office and whatever may go wrong between them, beside a model of a few lines that says what
should have come of it.

Tablets submit, correct the same cases at once and withdraw, with the line down for any time and with wrong clocks; answers
are lost, requests come twice and late; the center is put back from a copy. Much of it is quarrels: several tablets change the
same few fields of one case from what was once returned to them, and have a line one after the other. Some people apply again at
another tablet. When all is quiet, center, tablets and model say the same. Of a case that a restore has touched the model knows
only that nothing of it is lost.

The model is the table of sync.md B.6, and B.7 (tests/faults/twice.py). That it bites is shown by parts of the center spoiled on
purpose (tests/faults/mutants.py): each must be found.
"""

from __future__ import annotations

import copy
import importlib
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from center import choosing, decisions
from center.store import cases, proposals
from sync import wire
from tests import memory
from tests.faults import twice
from tests.faults.books import Harm, talk_of
from tests.faults.inside import City, Tablet, number, whole
from tests.faults.lanes import in_lanes
from tests.faults.lines import Line, pick

PHOTOS = ("photo headshot", "photo page-1")
FIELDS = ("email", "english_name", "service_field", "service", *PHOTOS)  # each as a whole: `service` is a pair
CASES = 4  # at once, so that much happens to each
LIVES, LANES = 10, 2  # of one seed in one process; processes
TWICE = 2  # more, of people who have applied
CARDS = 0.3  # of the lives, in the end: making a card takes as long as twenty steps
STATES = {"open": {"first_review"}, "returned": {"returned"}, "second": {"second_review"}}


Content = dict[str, Any]


@dataclass
class Model:
    """One case as it should be."""

    content: Content
    state: str = "unsent"  # unsent, open, returned, second, refused, withdrawn
    version: int = 0
    waiting: dict[str, Content] = field(default_factory=dict)  # changes that wait for a choice, by their mark
    sure: bool = True

    def arrive(self, said: Said) -> None:
        """What an operation does when it arrives."""
        if said.kind == "submit":
            self.state, self.version = ("open", 1) if self.state == "unsent" else (self.state, self.version)
        elif said.kind == "withdraw":
            if self.state in ("open", "returned", "second"):
                self.state, self.waiting = "withdrawn", {}
        elif self.state in ("second", "refused"):
            if said.content != self.content:
                self.waiting[said.mark] = said.content
        elif self.state != "withdrawn":
            self._change(said)

    def _change(self, said: Said) -> None:
        if said.version == self.version:
            self.become(said.content)
            return
        differ = [name for name in FIELDS if said.content[name] != self.content[name]]
        mine = [name for name in differ if self.content[name] == said.base[name]]
        if any(said.content[name] != said.base[name] for name in differ if name not in mine):
            self.waiting[said.mark] = said.content
        elif mine:
            self.become(self.content | {name: said.content[name] for name in mine})

    def become(self, content: Content) -> None:
        """This stands from now on, and waits for its review."""
        self.content, self.state, self.version = dict(content), "open", self.version + 1


@dataclass(frozen=True)
class Said:
    """One operation of a tablet: on which version and content it was made, and what it says."""

    case: str
    kind: str
    mark: str = ""
    base: Content = field(default_factory=dict)
    version: int = 0
    content: Content = field(default_factory=dict)


@dataclass(frozen=True)
class Returned:
    """A case as it was returned to the unit's tablets: its revision, the model's version, the body and what it says."""

    rev: int
    version: int
    body: wire.ApplicationBody
    content: Content


def _field_of(photo: wire.Photo) -> str:
    return f"photo {photo.slot}-{photo.position}" if photo.position else f"photo {photo.slot}"


def content_of(body: wire.ApplicationBody) -> Content:
    """What the fields say."""
    said: Content = {name: getattr(body, name) for name in ("email", "english_name", "service_field")}
    said["service"] = (body.rows[0].content, body.half_hours)
    for photo in body.photos:
        if (name := _field_of(photo)) in PHOTOS:
            said[name] = photo.clear_sha256
    return said


class Counts:
    """What a whole run saw."""

    steps = stuck = 0


class World(RuleBasedStateMachine):
    """What may happen, in any order."""

    @initialize(seed=st.integers(0, 2**32), tablets=st.integers(2, 5))
    def begin(self, seed: int, tablets: int) -> None:
        """A center and its tablets."""
        self.chance = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="hc-d07-", dir=memory.roomy()))  # nobody pulls a plug in here
        self.city = City(self.folder)
        self.tablets = [Tablet(self.city, f"tablet{n}", self.chance, trouble=0.3) for n in range(tablets)]
        self.said: list[list[Said]] = [[] for _ in self.tablets]  # every operation of each tablet
        self.arrived = [0] * tablets  # how many of them the center has
        self.models: dict[str, Model] = {}
        self.returned: dict[str, Returned] = {}  # as last returned
        self.kept: tuple[Path, Any] | None = None
        self.bodies: dict[str, wire.ApplicationBody] = {}  # as they were submitted
        self.submit(0)  # something that two tablets can correct at once from the first step on
        self.sync(0)
        self._review(next(iter(self.models)), False)
        self._again(1, next(iter(self.models)))
        self._quarrel()

    # --- tablets ---

    @precondition(lambda self: len(self.models) < CASES)
    @rule(at=st.integers(0, 4))
    def submit(self, at: int) -> None:
        """A new application, saved on a tablet."""
        self._submit(at % len(self.tablets), number(self.chance))

    @precondition(lambda self: len(self.models) < CASES + TWICE)
    @rule(at=st.integers(0, 4), data=st.data())
    def submit_again(self, at: int, data: st.DataObject) -> None:
        """Somebody who has applied applies once more, at any tablet, which knows nothing of the first."""
        self._again(at % len(self.tablets), data.draw(st.sampled_from(sorted(self.bodies))))

    def _again(self, at: int, case: str) -> None:
        self._submit(at, self.bodies[case].identity_number)

    def _submit(self, at: int, identity_number: str) -> None:
        Counts.steps += 1
        body = whole(self.tablets[at], identity_number, f"{self.chance.randrange(10**9):09d}", half_hours=0)
        self.tablets[at].send(body, "application.submit")
        self.models[body.application_id] = Model(content_of(body))
        self.bodies[body.application_id] = body
        self.said[at].append(Said(body.application_id, "submit"))

    @precondition(lambda self: self.returned)
    @rule(at=st.integers(0, 4), data=st.data())
    def correct(self, at: int, data: st.DataObject) -> None:
        """A tablet of the unit corrects what was returned, perhaps long ago."""
        self._correct(at % len(self.tablets), data.draw(st.sampled_from(sorted(self.returned))))

    @rule()
    def quarrel(self) -> None:
        """Several tablets at once, about one case."""
        self._quarrel()

    def _quarrel(self) -> None:
        """All without a line; then one after the other, while the office goes on."""
        cases_ = sorted(case for case in self.returned if self.models[case].state in ("returned", "open", "second"))
        if not cases_:
            return
        case = self.chance.choice(cases_)
        if self.models[case].state == "open" and self.models[case].sure and self.chance.random() < 0.5:
            self._review(case, False)  # a base that all of them share
        some = self.chance.sample(range(len(self.tablets)), self.chance.randint(2, len(self.tablets)))
        few = tuple(self.chance.sample(FIELDS, self.chance.randint(1, len(FIELDS))))
        for at in some + self.chance.sample(some, self.chance.randrange(2)):
            self._correct(at, case, few)
        if self.chance.random() < 0.2:
            self._withdraw(case)
        self.chance.shuffle(some)
        for at in some:
            self.sync(at)
            model = self.models[case]
            if model.state == "open" and model.sure and self.chance.random() < 0.3:
                self._review(case, self.chance.random() < 0.5)

    def _correct(self, at: int, case: str, of: tuple[str, ...] = FIELDS) -> None:
        """One to three fields, of few, with few words: others say the same, or something else, of the same."""
        Counts.steps += 1
        before, tablet = self.returned[case], self.tablets[at]
        body = before.body
        for name in self.chance.sample(of, self.chance.randint(1, min(3, len(of)))):
            word = f"word{self.chance.randrange(3)}"
            if name in PHOTOS:
                place = next(n for n, photo in enumerate(body.photos) if _field_of(photo) == name)
                photos = list(body.photos)
                old = photos[place]
                photos[place] = tablet.photo_of(old.slot, old.position, f"{case} {name} {word}")
                body = msgspec.structs.replace(body, photos=tuple(photos))
            elif name == "service" and self.chance.random() < 0.5:  # half of what belongs together
                body = msgspec.structs.replace(body, half_hours=600 + int(word[-1]))
            elif name == "service":
                rows = (msgspec.structs.replace(body.rows[0], content=word), *body.rows[1:])
                body = msgspec.structs.replace(body, rows=rows)
            else:
                body = msgspec.structs.replace(body, **{name: word})
        tablet.send(body, "application.amend", before.rev)
        mark = f"{at}-{len(self.said[at])}"
        self.said[at].append(Said(case, "amend", mark, before.content, before.version, content_of(body)))

    @precondition(lambda self: len(self.models) > 1)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """The applicant wants it no more; said at the tablet that sent it, so that it comes behind it."""
        Counts.steps += 1
        self._withdraw(data.draw(st.sampled_from(sorted(self.models))))

    def _withdraw(self, case: str) -> None:
        at = next(
            n for n, said in enumerate(self.said) if any(one.case == case and one.kind == "submit" for one in said)
        )
        self.tablets[at].send(wire.Withdraw(application_id=case), "application.withdraw")
        self.said[at].append(Said(case, "withdraw"))

    @rule(at=st.integers(0, 4), hours=st.integers(-90_000, 90_000))
    def move_clock(self, at: int, hours: int) -> None:
        """A tablet's clock is anywhere within ten years."""
        Counts.steps += 1
        self.tablets[at % len(self.tablets)].clock_off_ms = hours * 3_600_000

    @rule(at=st.integers(0, 4))
    def sync(self, at: int) -> None:
        """A tablet has a line for a while."""
        Counts.steps += 1
        at %= len(self.tablets)
        for _ in range(200):
            if self.tablets[at].round():
                break
        else:
            Counts.stuck += 1
        for said in self.said[at][self.arrived[at] :]:
            self.models[said.case].arrive(said)
        self.arrived[at] = len(self.said[at])
        self.city.open_all()

    # --- the office ---

    def _here(self, *states: str) -> list[str]:
        return sorted(case for case, model in self.models.items() if model.state in states and model.sure)

    def _found(self, case: str) -> cases.Case:
        with self.city.center.store.read() as conn:
            found = cases.find(conn, case)
        assert found is not None, f"{case} is lost"
        return found

    @precondition(lambda self: self._here("open"))
    @rule(data=st.data(), well=st.booleans())
    def first_review(self, data: st.DataObject, well: bool) -> None:
        """Passed on, or returned."""
        Counts.steps += 1
        self._review(data.draw(st.sampled_from(self._here("open"))), well)

    def _review(self, case: str, well: bool) -> None:
        model, found = self.models[case], self._found(case)
        who, now = self.city.people["first_reviewer"], datetime.now(UTC)
        assert found.state == "first_review"
        model.version += 1
        if well and not model.waiting:
            decisions.approve(
                self.city.center.store, self.city.center.settings, case, who, rev=found.rev, text="看過", now=now
            )
            model.state = "second"
            return
        decisions.send_back(
            self.city.center.store, self.city.center.settings, case, who,
            rev=found.rev, reasons=["name_differs"], slots=[], text="", now=now,
        )  # fmt: skip
        model.state = "returned"
        assert isinstance(found.body, wire.ApplicationBody)
        self.returned[case] = Returned(found.rev + 1, model.version, found.body, dict(model.content))

    @precondition(lambda self: self._here("second"))
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        """The second reviewer refuses."""
        Counts.steps += 1
        case = data.draw(st.sampled_from(self._here("second")))
        decisions.refuse(
            self.city.center.store, self.city.center.settings, case, self.city.people["second_reviewer"],
            rev=self._found(case).rev, reasons=["hours_short"], text="", now=datetime.now(UTC),
        )  # fmt: skip
        self.models[case].state, self.models[case].waiting = "refused", {}

    @precondition(lambda self: any(model.waiting and model.sure for model in self.models.values()))
    @rule(data=st.data(), take=st.sets(st.sampled_from(FIELDS)))
    def choose(self, data: st.DataObject, take: set[str]) -> None:
        """A reviewer chooses, field by field, between what stands and the change that has waited longest."""
        Counts.steps += 1
        case = data.draw(
            st.sampled_from(sorted(case for case, model in self.models.items() if model.waiting and model.sure))
        )
        model = self.models[case]
        with self.city.center.store.read() as conn:
            change = proposals.of_case(conn, case)[0]
        assert isinstance(change.body, wire.ApplicationBody)
        content = content_of(change.body)
        mark = next(mark for mark, waits in model.waiting.items() if waits == content)
        taken = {} if model.state == "refused" else {name: content[name] for name in sorted(take)}
        choosing.choose(
            self.city.center.store, self.city.center.settings, case, change.op_id, self.city.people["first_reviewer"],
            rev=self._found(case).rev, take=tuple(taken), text="看過", now=datetime.now(UTC),
        )  # fmt: skip
        del model.waiting[mark]
        if model.content | taken != model.content:
            model.become(model.content | taken)
        self.city.open_all()

    # --- the center's life ---

    @rule()
    def copy_center(self) -> None:
        """A backup."""
        Counts.steps += 1
        kept = copy.deepcopy((self.models, self.returned, self.arrived))
        self.kept = (self.city.copy(), kept)

    @precondition(lambda self: self.kept is not None)
    @rule()
    def restore_center(self) -> None:
        """The center is put back; what came since comes again from the tablets."""
        Counts.steps += 1
        assert self.kept is not None
        made, (models, returned, arrived) = copy.deepcopy(self.kept)
        touched = {case for case, model in self.models.items() if models.get(case) != model}
        self.city.put_back(made)
        for tablet in self.tablets:
            tablet.line.forget()
        for case in touched:
            models.setdefault(case, Model(dict(self.models[case].content)))
            models[case].sure = False
        self.models, self.arrived = models, arrived
        self.returned = {case: kept for case, kept in returned.items() if self.models[case].sure}

    def teardown(self) -> None:
        """When all is quiet everybody says the same."""
        if not hasattr(self, "folder"):
            return
        try:
            self._compare()
        finally:
            for tablet in self.tablets:
                tablet.close()
            self.city.center.store.engine.dispose()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _compare(self) -> None:
        for _ in range(3):
            for at in range(len(self.tablets)):
                self.sync(at)
        Counts.stuck += sum(not tablet.quiet() for tablet in self.tablets)
        for case, model in self.models.items():
            found = self._found(case)
            with self.city.center.store.read() as conn:
                waits = [content_of(change.body) for change in proposals.of_case(conn, case)]
            if model.sure:
                assert content_of(found.body) == model.content, (case, "says something else", found.state)
                assert _sorted(waits) == _sorted(model.waiting.values()), (case, "waits for other choices", found.state)
                assert found.state in STATES.get(model.state, {model.state}), (case, model, found.state)
            for tablet in self.tablets:
                assert tablet.state(case) in ("", found.state), (case, tablet.name, tablet.state(case), found.state)
                conflicts = tablet.rows("SELECT 1 FROM op_log WHERE entity_id = ? AND state = 'conflict'", case)
                assert not conflicts or waits, (case, tablet.name, "waits for a choice that was made")
        self._compare_people()

    def _compare_people(self) -> None:
        lucky = self._with_two_to_review() if self.chance.random() < CARDS else ""
        people: dict[str, list[str]] = defaultdict(list)
        for case, body in self.bodies.items():
            people[body.identity_number].append(case)
        undecided = {person: twice.are_linked(self.city, ids) for person, ids in people.items()}
        if lucky:
            twice.have_one_card(self.city, undecided[lucky])
            for tablet in self.tablets:
                while not tablet.round():
                    pass
        for ids in people.values():
            twice.say_nothing_of_each_other(self.city, self.tablets, {case: self.bodies[case] for case in ids})

    def _with_two_to_review(self) -> str:
        """Somebody who in the end applies at two tablets more: a card could be given twice, whatever became of the others."""
        case = self.chance.choice(sorted(self.bodies))
        for at in range(2):
            self._again(at, case)
            self.sync(at)
        return self.bodies[case].identity_number


def run(full: bool, seed: int) -> Line:
    """The plan: 50,000 steps."""
    lives = pick(full, plan=800, smoke=2, few=1)
    steps = pick(full, plan=40, smoke=30, few=20)
    turns: list[tuple[str, int]] = [("", place) for place in range(-(-lives // LIVES))]
    if full:
        mutants = importlib.import_module("tests.faults.mutants")  # which needs this module
        turns += [(name, more) for more in range(10) for name in mutants.MUTANTS]
    harm = in_lanes(turns, lambda some: _lane(some, min(lives, LIVES), steps, seed), LANES if full else 1)
    spoiled = sum(bool(name) for name, _ in turns)
    note = f"steps in {lives} lives of a city" + (
        f", {spoiled} runs with a spoiled one, each noticed" if spoiled else ""
    )
    return Line("D-7", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join([note, *harm.words]))


def _lane(turns: Sequence[tuple[str, int]], lives: int, steps: int, seed: int) -> Harm:
    harm = Harm()
    for mutant, turn in turns:
        found = Harm()
        if mutant:
            mutants = importlib.import_module("tests.faults.mutants")
            if not mutants.finds(mutant, seed + turn):
                found.say("stuck", f"{mutant} is not noticed with seed {seed + turn}")
        else:
            Counts.steps = Counts.stuck = 0
            if said := live(seed + turn, lives, steps):
                found.say("lost", said)
            found.runs, found.stuck = Counts.steps, found.stuck + Counts.stuck
        talk_of(f"D-7 {mutant or 'lives'} {turn}", found)
        harm.add(found, f"seed {seed + turn}")
    return harm


def live(seed: int, lives: int, steps: int) -> str:
    """So many lives; what went wrong in the first that went wrong, empty when none did."""
    try:
        run_state_machine_as_test(
            hypothesis.seed(seed)(World),
            settings=settings(
                max_examples=lives, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
            ),
        )  # fmt: skip
    except Exception as error:  # what falls over is as wrong as what says something else
        return str(error)[:400] or type(error).__name__
    return ""


def _sorted(said: Iterable[Content]) -> list[Content]:
    return sorted(said, key=repr)
