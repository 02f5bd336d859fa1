"""D-15: whatever a tablet's wall clock says, the gate calls no card green that had ended before the earliest moment it may be,
and none red that is good at the true moment.
"""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import LiveCard, Pack, build
from honorcard.card.token import end_of_day
from honorcard.card.trust import Trust
from honorcard.card.verdict import GateVerdict, Interval, decide
from sync.clock import BUILT_MS, Belief, Evidence, Reading, believe, heard, tick
from tests.faults.lines import Line, pick

HOUR = 3_600_000
DAY = 24 * HOUR
TRUE_MS = BUILT_MS + 200 * DAY + 4 * HOUR
FIRST_SEQ = 100_000
STEP_DAYS = 5
AROUND_DAYS = 420
BOOTS = ("one", "two", "three")

# what the wall clock shows when it is truly `true`
WALLS = {
    "1970": lambda true: 0,
    "ten years back": lambda true: true - 3653 * DAY,
    "a day back": lambda true: true - DAY,
    "right": lambda true: true,
    "a day ahead": lambda true: true + DAY,
    "forty days ahead": lambda true: true + 40 * DAY,
    "four hundred days ahead": lambda true: true + 400 * DAY,
    "2038": lambda true: int(datetime(2038, 1, 20, tzinfo=UTC).timestamp() * 1000),
    "another time zone": lambda true: true - 8 * HOUR,  # the local time was set under the wrong zone
}
UNTIL_DAYS = {"expired": -10, "last day": 0, "valid": 20, "future": 400}
AGES_DAYS = (0, 2, 10, 40)


@dataclass(frozen=True)
class Gate:
    """The cards that are held up, by their last day, and the list they stand in."""

    trust: Trust
    pack: Pack
    texts: dict[date, str]

    def verdict(self, until: date, age_ms: int, true_ms: int, belief: Belief) -> GateVerdict:
        """What the gate says of that card with a list of that age, believing that about the time."""
        as_of = _moment(true_ms - age_ms)
        manifest = replace(self.pack.manifest, as_of=as_of, valid_until=as_of + timedelta(days=60))
        lo, hi = belief.lo_ms, belief.hi_ms
        interval = Interval(_moment(lo), None if hi is None else _moment(hi))
        return decide(self.texts[until], self.trust, Pack(self.pack.directory, manifest), interval)


@dataclass
class Seen:
    """What went wrong so far, and how often the gate was asked."""

    asked: int = 0
    false: int = 0
    unusable: int = 0

    def judge(self, answer: GateVerdict, until: date, belief: Belief, true_ms: int, *, must_be_green: bool) -> None:
        """Holds one answer to the two promises, and to being of use where everything is in order."""
        ends_ms = end_of_day(until) * 1000
        self.asked += 1
        self.false += answer.verdict == "green" and ends_ms <= belief.lo_ms
        self.false += answer.verdict == "red" and true_ms < ends_ms
        self.unusable += must_be_green and answer.verdict != "green"


def run(full: bool, seed: int) -> Line:
    """The plan's matrix, always whole, then histories by chance."""
    with tempfile.TemporaryDirectory(prefix="hc-d15-") as folder:
        gate, seen = _gate(Path(folder)), Seen()
        for days in UNTIL_DAYS.values():
            for age_days in AGES_DAYS:
                for name, wall in WALLS.items():
                    _of_the_matrix(gate, seen, days, age_days * DAY, name, wall(TRUE_MS))
        by_chance = random.Random(seed)
        for _ in range(pick(full, plan=10_000, smoke=2_000, few=500)):
            _of_chance(gate, seen, by_chance)
    return Line(
        "D-15", seen.asked, lost=seen.false, stuck=seen.unusable, seed=seed, note="false green or red, unusable"
    )


def _of_the_matrix(gate: Gate, seen: Seen, days: int, age_ms: int, name: str, wall_ms: int) -> None:
    """A tablet that fetched its list so long ago, was switched off, and starts with that wall clock."""
    until = _day(TRUE_MS) + timedelta(days=days)
    known = heard(Evidence(), TRUE_MS - age_ms, Reading(wall_ms, 5 * HOUR, "before"), live=False)
    belief = believe(known, Reading(wall_ms, 60_000, "now"))
    answer = gate.verdict(until, age_ms, TRUE_MS, belief)
    in_order = name == "right" and age_ms < 30 * DAY and days > 0
    seen.judge(answer, until, belief, TRUE_MS, must_be_green=in_order)


def _of_chance(gate: Gate, seen: Seen, by: random.Random) -> None:
    """A tablet's life: synchronised, switched off, its clock set wrong, lists fetched; then a card close to its end."""
    until = by.choice(tuple(gate.texts))
    end_ms = end_of_day(until) * 1000
    near = (0, -1, 1, -1000, 1000, by.randrange(-DAY, DAY), by.randrange(-60 * DAY, 60 * DAY))
    until_then = max(BUILT_MS + DAY, end_ms + by.choice(near))
    steps = by.randrange(1, 9)
    true = max(BUILT_MS, until_then - by.randrange(90 * DAY))
    left, powered, boot, off, as_of = until_then - true, 0, 0, 0, true
    known = Evidence()
    for step in range(steps):
        passed = left if step == steps - 1 else by.randrange(left + 1)
        left, true, powered = left - passed, true + passed, powered + passed
        match by.choice(("live", "list", "boot", "wall", "tick")):
            case "live":
                known = heard(known, true, Reading(true + off, powered, BOOTS[boot]), live=True)
            case "list":
                as_of = max(as_of, true - by.randrange(40 * DAY))
                known = heard(known, max(as_of, BUILT_MS), Reading(true + off, powered, BOOTS[boot]), live=False)
            case "boot":
                boot, powered = min(boot + 1, len(BOOTS) - 1), 0 if boot < len(BOOTS) - 1 else powered
            case "wall":
                off = by.choice(tuple(WALLS.values()))(true) - true
            case "tick":
                known = tick(known, Reading(true + off, powered, BOOTS[boot]))
    reading = Reading(true + off, powered, BOOTS[boot])
    belief = believe(known, reading)
    seen.judge(gate.verdict(until, max(0, true - as_of), true, belief), until, belief, true, must_be_green=False)


def _gate(folder: Path) -> Gate:
    """Cards of every last day that is asked for, listed with a photograph."""
    started = _moment(BUILT_MS - 400 * DAY)
    ring = KeyRing.create(folder / "keys", at=started)
    today = _day(TRUE_MS)
    far = range(-AROUND_DAYS, AROUND_DAYS + 1, STEP_DAYS)
    days = sorted({today + timedelta(days=day) for day in (*far, *UNTIL_DAYS.values())})
    texts, listed = {}, []
    for place, until in enumerate(day for day in days if end_of_day(day) * 1000 > BUILT_MS + 2 * DAY):
        seq, secret = FIRST_SEQ + place, signing.new_secret()
        kid, key = ring.card_key(seq)
        texts[until] = signing.sign(ring.trust.prefix, signing.new_lookup(), seq, secret, until, kid, key)
        listed.append(LiveCard(seq=seq, secret=secret, name="林秀琴", valid_until=until, photo=b"photo"))
    signer = ring.current("pack")
    build(
        folder / "pack", listed, version=1, as_of=_moment(TRUE_MS), max_seq=FIRST_SEQ + len(listed), kid=signer.kid,
        key=ring.p256(signer.kid), trust=ring.trust, min_records=0,
    )  # fmt: skip
    return Gate(ring.trust, Pack.open(folder / "pack", ring.trust), texts)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _day(milliseconds: int) -> date:
    return (_moment(milliseconds) + timedelta(hours=8)).date()
