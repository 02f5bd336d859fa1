"""D-9: a tablet's folder copied and both used, or an older copy put back: noticed at the first round that shows it, and every
application arrives, once.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

from center.store import devices
from tests.faults.lines import Line, pick
from tests.sync.loopback import Center, Kiosk, running

ROUNDS = 12


def run(full: bool, seed: int) -> Line:
    """Copies and set-backs in turn, each with a tablet of its own."""
    by = random.Random(seed)
    runs = pick(full, plan=50, smoke=4, few=2)
    lost = doubled = stuck = 0
    with tempfile.TemporaryDirectory(prefix="hc-d09-") as folder, running(Path(folder) / "center") as center:
        for number in range(runs):
            sent, seen, waiting = _one(center, Path(folder) / str(number), by, set_back=number % 2 == 1)
            for application_id in sent:
                times = center.moves(application_id).count("submitted")
                lost += times == 0 or center.photo_states(application_id) != {"stored"}
                doubled += times > 1
            lost += not seen
            stuck += waiting
    return Line(
        "D-9", runs, lost=lost, doubled=doubled, stuck=stuck, seed=seed, note="lost counts those not noticed too"
    )


def _one(center: Center, folder: Path, by: random.Random, *, set_back: bool) -> tuple[list[str], bool, int]:
    """One tablet's story: the applications it and its copy made, whether it was noticed, and what still waits."""
    one = Kiosk(folder / "one")
    one.enrol(center)
    sent: list[str] = []
    _capture(one, sent, by.randrange(0, 2))
    _rounds(one)
    with one.store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(folder / "one", folder / "other")
    _capture(one, sent, by.randrange(1, 3))
    _rounds(one)
    other = Kiosk(folder / "other")
    if by.random() < 0.5 or not set_back:
        _capture(other, sent, 1)
    other.step()
    with center.store.read() as conn:
        seen = bool(devices.find(conn, other.device_id).alarm)
    both = [other] if set_back else [one, other]
    for tablet in both:
        _capture(tablet, sent, by.randrange(0, 2))
        _rounds(tablet)
    return sent, seen, sum(tablet.facts().unsent for tablet in both)


def _capture(tablet: Kiosk, sent: list[str], times: int) -> None:
    for _ in range(times):
        application_id = tablet.draft()
        tablet.submit(application_id)
        sent.append(application_id)


def _rounds(tablet: Kiosk) -> None:
    for _ in range(ROUNDS):
        tablet.step()
        if not tablet.facts().unsent:
            return
