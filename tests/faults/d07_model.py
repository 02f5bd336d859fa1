"""D-7: two to five tablets, an office and whatever may go wrong between them, beside a model of a few lines that says what
should have come of it.

Tablets submit, correct the same cases at once and withdraw, with the line down for any time and with wrong clocks; answers
are lost, requests come twice and late; the center is put back from a copy. When all is quiet, center, tablets and model say
the same. Of a case that a restore has touched the model knows only that nothing of it is lost.
"""

from __future__ import annotations

import copy
import random
import shutil
import tempfile
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
from tests.faults.inside import City, Tablet, number, whole
from tests.faults.lines import Line, pick

FIELDS = ("email", "english_name", "service_field")
STATES = {"open": {"first_review"}, "returned": {"returned"}, "second": {"second_review"}}


@dataclass
class Model:
    """One case as it should be."""

    content: dict[str, str]
    state: str = "unsent"  # unsent, open, returned, second, refused, withdrawn
    version: int = 0
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)  # changes that wait for a choice, by their mark
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

    def become(self, content: dict[str, str]) -> None:
        """This stands from now on, and waits for its review."""
        self.content, self.state, self.version = dict(content), "open", self.version + 1


@dataclass(frozen=True)
class Said:
    """One operation of a tablet: on which version and content it was made, and what it says."""

    case: str
    kind: str
    mark: str = ""
    base: dict[str, str] = field(default_factory=dict)
    version: int = 0
    content: dict[str, str] = field(default_factory=dict)


class Counts:
    """What a whole run saw."""

    steps = lost = stuck = 0


class World(RuleBasedStateMachine):
    """What may happen, in any order."""

    @initialize(seed=st.integers(0, 2**32), tablets=st.integers(2, 5))
    def begin(self, seed: int, tablets: int) -> None:
        """A center and its tablets."""
        self.chance = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp(prefix="hc-d07-"))
        self.city = City(self.folder)
        self.tablets = [Tablet(self.city, f"tablet{n}", self.chance, trouble=0.3) for n in range(tablets)]
        self.said: list[list[Said]] = [[] for _ in self.tablets]  # every operation of each tablet
        self.arrived = [0] * tablets  # how many of them the center has
        self.models: dict[str, Model] = {}
        self.bodies: dict[str, wire.ApplicationBody] = {}
        self.returned: dict[str, tuple[int, int, dict[str, str]]] = {}  # rev, version and content as last returned
        self.kept: tuple[Path, Any] | None = None
        self.submit(0)  # something that two tablets can correct at once from the first step on
        self.sync(0)
        self._review(next(iter(self.models)), False)

    # --- tablets ---

    @rule(at=st.integers(0, 4))
    def submit(self, at: int) -> None:
        """A new application, saved on a tablet."""
        Counts.steps += 1
        at %= len(self.tablets)
        content = dict.fromkeys(FIELDS, f"new{self.chance.randrange(10**6)}")
        body = whole(self.tablets[at], number(self.chance), f"{self.chance.randrange(10**9):09d}", **content)
        self.tablets[at].send(body, "application.submit")
        self.bodies[body.application_id], self.models[body.application_id] = body, Model(content)
        self.said[at].append(Said(body.application_id, "submit"))

    @precondition(lambda self: self.returned)
    @rule(
        at=st.integers(0, 4), names=st.sets(st.sampled_from(FIELDS), min_size=1), word=st.integers(0, 2), data=st.data()
    )
    def correct(self, at: int, names: set[str], word: int, data: st.DataObject) -> None:
        """A tablet of the unit corrects what was returned, perhaps long ago."""
        Counts.steps += 1
        at %= len(self.tablets)
        case = data.draw(st.sampled_from(sorted(self.returned)))
        rev, version, base = self.returned[case]
        content = base | {name: f"word{word}" for name in names}
        self.tablets[at].send(msgspec.structs.replace(self.bodies[case], **content), "application.amend", rev)
        mark = f"{at}-{len(self.said[at])}"
        self.said[at].append(Said(case, "amend", mark, base, version, content))

    @precondition(lambda self: self.models)
    @rule(at=st.integers(0, 4), data=st.data())
    def withdraw(self, at: int, data: st.DataObject) -> None:
        """The applicant wants it no more; said at the tablet that sent it, so that it comes behind it."""
        Counts.steps += 1
        case = data.draw(st.sampled_from(sorted(self.models)))
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
        self.returned[case] = (found.rev + 1, model.version, dict(model.content))

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
    @rule(data=st.data(), there=st.booleans())
    def choose(self, data: st.DataObject, there: bool) -> None:
        """A reviewer chooses between what stands and the change that has waited longest."""
        Counts.steps += 1
        case = data.draw(
            st.sampled_from(sorted(case for case, model in self.models.items() if model.waiting and model.sure))
        )
        model = self.models[case]
        with self.city.center.store.read() as conn:
            change = proposals.of_case(conn, case)[0]
        content = {name: getattr(change.body, name) for name in FIELDS}
        mark = next(mark for mark, waits in model.waiting.items() if waits == content)
        there = there and model.state != "refused"
        choosing.choose(
            self.city.center.store, self.city.center.settings, case, change.op_id, self.city.people["first_reviewer"],
            rev=self._found(case).rev, take=FIELDS if there else (), text="看過", now=datetime.now(UTC),
        )  # fmt: skip
        del model.waiting[mark]
        if there and content != model.content:
            model.become(content)
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
                waits = [
                    {name: getattr(change.body, name) for name in FIELDS} for change in proposals.of_case(conn, case)
                ]
            if model.sure:
                seen = {name: getattr(found.body, name) for name in FIELDS}
                assert (seen, len(waits)) == (model.content, len(model.waiting)), (case, model, found.state, waits)
                assert found.state in STATES.get(model.state, {model.state}), (case, model, found.state)
            for tablet in self.tablets:
                assert tablet.state(case) in ("", found.state), (case, tablet.name, tablet.state(case), found.state)
                conflicts = tablet.rows("SELECT 1 FROM op_log WHERE entity_id = ? AND state = 'conflict'", case)
                assert not conflicts or waits, (case, tablet.name, "waits for a choice that was made")


def run(full: bool, seed: int) -> Line:
    """The plan: 50,000 steps."""
    examples = pick(full, plan=1300, smoke=4, few=1)
    steps = pick(full, plan=40, smoke=30, few=20)
    Counts.steps = Counts.lost = Counts.stuck = 0
    told = ""
    try:
        run_state_machine_as_test(
            hypothesis.seed(seed)(World),
            settings=settings(
                max_examples=examples, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
                suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
            ),
        )  # fmt: skip
    except AssertionError as error:
        Counts.lost += 1
        told = f": {str(error)[:400]}"
    return Line("D-7", Counts.steps, Counts.lost, 0, Counts.stuck, seed, f"steps in {examples} lives of a city{told}")
