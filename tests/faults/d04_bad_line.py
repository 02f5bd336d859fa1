"""D-4: a line that is slow, cut, truncated, repeats and flips bits; once it is well again, everything has arrived once."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.faults import proxy
from tests.faults.books import Books, Harm, books, reckon, talk
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick
from tests.faults.plant import NeverEnded, Plant, furnish, plant, preload, submit_all, until

LANES = 12  # a turn is ten seconds of bad line, on average


def run(full: bool, seed: int) -> Line:
    """Each run: one to five faults at once for a while, then a good line."""
    wanted = pick(full, plan=2000, smoke=8, few=2)
    preload()
    harm = in_lanes(range(wanted), lambda some: _lane(some, full, seed), LANES if full else 1)
    note = "; ".join([f"drained within {harm.slowest:.1f} s", *harm.words])
    return Line("D-4", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, note)


def _lane(turns: Sequence[int], full: bool, seed: int) -> Harm:
    harm = Harm()
    with quick_folder("d04-") as made, plant(Path(made) / "plant") as at:
        sent = submit_all(at, furnish(at, drafts=[1, 1], weight=150_000))  # more than one chunk each
        at.put_away(Path(made) / "sent")
        at.opens = at.fetches = full
        for turn in turns:
            at.copy_from(Path(made) / "sent")
            rng, found = random.Random(f"{seed} D-4 {turn}"), Harm(runs=1)
            faults = proxy.draw(rng, 5.0 if full else 0.2, 5.0 if full else 0.3)
            try:
                found.slowest = _run(at, faults, rng, sent, found, full)
            except NeverEnded as error:
                found.say("stuck", str(error))
            at.stop()
            talk(f"D-4 turn {turn} {faults}", found, at)
            harm.add(found, f"turn {turn}")
    return harm


def _run(at: Plant, faults: proxy.Faults, rng: random.Random, sent: list[str], found: Harm, full: bool) -> float:
    """Gives the seconds from a good line to an empty queue."""
    at.start_center(behind=True)
    with closing(at.start_bad_line(str(rng.random()))) as control:
        proxy.tell(control, faults)
        at.start_kiosk(wait=False)
        time.sleep(rng.uniform(1.0, 20.0) if full else rng.uniform(0.3, 1.0))
        proxy.tell(control, proxy.GOOD)
        well = time.monotonic()
        found.add(reckon(at, sent, sent))
        drained = time.monotonic() - well
        with books(at) as both:
            until(lambda: _heard_all(both), what="the feed")
    return drained


def _heard_all(both: Books) -> bool:
    """Whether the tablet's cursor stands where the feed ends, not before and not beyond."""
    ((last,),) = both.there("SELECT coalesce(max(lsn), 0) FROM feed")
    return both.here("SELECT v FROM meta WHERE k = 'cursor'") == [(str(last),)]
