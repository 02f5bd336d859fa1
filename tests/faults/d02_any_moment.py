"""D-2: kiosk, center or both killed at any moment while applications are submitted, sent and received."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.books import Harm, reckon, talk
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick
from tests.faults.plant import NeverEnded, Plant, furnish, plant, preload, until

DRAFTS = 5
KILLS = 4  # of one copy of the folders, before the books are compared
WITHIN_S = 0.060
LANES = 4


def run(full: bool, seed: int) -> Line:
    """Each kill is a run."""
    wanted = pick(full, plan=2000, smoke=12, few=4)
    preload()
    harm = in_lanes(range(-(-wanted // KILLS)), lambda some: _lane(some, full, seed), LANES if full else 1)
    return Line("D-2", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join(harm.words))


def _lane(turns: Sequence[int], full: bool, seed: int) -> Harm:
    harm = Harm()
    with quick_folder("d02-") as made, plant(Path(made) / "plant") as at:
        drafts = furnish(at, drafts=[1 + place % 2 for place in range(DRAFTS)], weight=30_000)
        at.put_away(Path(made) / "drafts")
        at.opens = at.fetches = full
        for turn in turns:
            at.copy_from(Path(made) / "drafts")
            found = Harm()
            try:
                _load(at, drafts, random.Random(f"{seed} D-2 {turn}"))
                told = set(at.lines_told()) - {"begun"}
                found.add(reckon(at, told, drafts))
            except NeverEnded as error:
                found.say("stuck", str(error))
            at.stop()
            talk(f"D-2 turn {turn}", found, at)
            harm.add(found, f"turn {turn}")
            harm.runs += KILLS
    return harm


def _load(at: Plant, drafts: list[str], rng: random.Random) -> None:
    center, kiosk = at.start_center(), at.start_kiosk(wait=False, hands=drafts)
    starts = 1
    for _ in range(KILLS):
        until(lambda begun=starts: at.lines_told().count("begun") >= begun, what="the hands")
        time.sleep(rng.uniform(0, WITHIN_S))
        who = rng.choice(("kiosk", "center", "both"))
        if who != "center":
            kiosk.kill()
        if who != "kiosk":
            center.kill()
            center = at.start_center()
        if who != "center":
            kiosk = at.start_kiosk(wait=False, hands=drafts)
            starts += 1
    until(lambda: set(drafts) <= set(at.lines_told()), what="everything submitted")
