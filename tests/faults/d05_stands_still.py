"""D-5: the center stands still, the line takes everything and says nothing, the sync thread itself hangs, or rests for long
after hours without a line.

Once it goes on, so does the tablet, within 180 s. Every pause and deadline of sync is shortened by the same share, and so are
those 180 s and the ten minutes; on a busy machine not below what a start takes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tests.faults import proxy
from tests.faults.books import Harm, books, reckon, talk
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick
from tests.faults.plant import NeverEnded, Plant, furnish, plant, preload, submit_all, until

STILL_S, WITHIN_S = 600.0, 180.0
LEAST_S = 18.0
LEAST_PACE = 0.05  # of the long rest: 45 s, far above LEAST_S
LANES = 6
KINDS = ("thread hangs", "rests long", "center stands still", "line is deaf")


def run(full: bool, seed: int) -> Line:
    """Each kind in turn."""
    wanted = pick(full, plan=50, smoke=2, few=1)
    pace = 0.1 if full else 0.02
    preload()
    harm = in_lanes(range(wanted), lambda some: _lane(some, pace, seed), LANES if full else 1)
    words = [f"pauses shortened to {pace:g}; went on within {harm.slowest:.1f} s", *harm.words]
    return Line("D-5", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join(words))


def _lane(turns: Sequence[int], pace: float, seed: int) -> Harm:
    harm = Harm()
    with quick_folder("d05-") as made, plant(Path(made) / "plant") as at:
        sent = submit_all(at, furnish(at, drafts=[1, 1], weight=30_000))
        at.put_away(Path(made) / "sent")
        at.opens = at.fetches = False
        for turn in turns:
            at.copy_from(Path(made) / "sent")
            found, rng = Harm(runs=1), random.Random(f"{seed} D-5 {turn}")
            try:
                found.slowest = _run(at, KINDS[turn % len(KINDS)], pace, rng, sent, found)
            except NeverEnded as error:
                found.say("stuck", str(error))
            at.stop()
            talk(f"D-5 turn {turn} {KINDS[turn % len(KINDS)]}", found, at)
            harm.add(found, f"turn {turn}")
    return harm


def _run(at: Plant, kind: str, pace: float, rng: random.Random, sent: list[str], found: Harm) -> float:
    """Gives the seconds from the moment all is well to an empty queue."""
    if kind == "rests long":
        return _rested(at, max(pace, LEAST_PACE), sent, found)
    center = at.start_center(behind=True)
    with closing(at.start_bad_line(str(rng.random()))) as control:
        if kind == "line is deaf":
            proxy.tell(control, proxy.Faults(deaf=True))
        if kind == "center stands still":
            center.freeze()
        hangs = kind == "thread hangs"
        at.start_kiosk(wait=hangs, pace=pace, wedged=hangs)  # its start is no part of the time
        if not hangs:
            time.sleep(STILL_S * pace * rng.uniform(0.5, 1.0))
        center.thaw()
        proxy.tell(control, proxy.GOOD)
        well = time.monotonic()
        with books(at) as both:
            until(both.at_rest, max(LEAST_S, WITHIN_S * pace), "the queue")
        took = time.monotonic() - well
        found.add(reckon(at, sent, sent))
    return took


def _rested(at: Plant, pace: float, sent: list[str], found: Harm) -> float:
    """No center for hours; it comes back when the tablet has just begun its longest rest."""
    at.start_kiosk(wait=False, pace=pace, rests=True)
    log = at.folder / "kiosk.log"
    until(lambda: log.exists() and "no line" in log.read_text(), what="a round without a line")
    at.start_center()
    well = time.monotonic()
    with books(at) as both:
        until(both.at_rest, max(LEAST_S, WITHIN_S * pace), "the queue")
    took = time.monotonic() - well
    found.add(reckon(at, sent, sent))
    return took
