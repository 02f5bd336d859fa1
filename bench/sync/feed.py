"""A tablet that was away for long hears everything since: time, memory, and what it costs the center; PouchDB's replication
of as many records beside it.
"""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import func, insert, select, text

from bench.sync import peer, pick, place
from center.store import tables
from sync import wire
from sync.ids import uuid7
from tests.center.two import Two, _port
from tests.sync.loopback import Kiosk

OTHERS = 4  # items of other tablets for each of ours, in between


def run() -> None:
    """Prints the table."""
    items = pick(5_000, 100_000)
    rows: list[tuple[object, ...]] = []
    with place.stores() as both:
        for name, url, beside, _ in both:
            with place.folder() as at, place.center(at, url) as two:
                folder = place.queue(at / "tablet", two.urls[0], two, 0)
                last = _say(two, folder, items)
                rows.append((f"ours, center on {name}", *_hear(folder, two, last, items, beside)))
    if peer.modules():
        rows.append(("PouchDB", *_pouch(items)))
    place.table(
        f"{items} items of the feed, {OTHERS * items} of other tablets between them",
        ("who", "s", "items/s", "s of the tablet's processor", "s of the center's", "MiB of the tablet at most", "growth"),
        [(who, *(f"{figure:.1f}" for figure in figures)) for who, *figures in rows],
    )  # fmt: skip


def _say(two: Two, folder: Path, items: int) -> int:
    """Fills the center's feed; gives the lsn of the tablet's last item."""
    device_id = Kiosk(folder).device_id
    strangers = [uuid7() for _ in range(200)]
    ids = [uuid7() for _ in range(max(1, items // 10))]
    body = wire.encode(wire.ApplicationState(state="first_review", photos_stored=8, photos=8))
    with two.store.write() as conn:
        for start in range(0, items, 1000):
            rows = []
            for at in range(start, min(items, start + 1000)):
                for whose in (device_id, *(strangers[(at * OTHERS + more) % len(strangers)] for more in range(OTHERS))):
                    rows.append({"kind": "application.state", "entity_id": ids[at % len(ids)], "rev": 1 + at // len(ids),
                                 "device_id": whose, "body": body, "at_ms": 1})  # fmt: skip
            conn.execute(insert(tables.feed), rows)
        if not two.store.is_sqlite:  # as its own housekeeping does after a while
            conn.execute(text("ANALYZE feed"))
        query = select(func.max(tables.feed.c.lsn)).where(tables.feed.c.device_id == device_id)
        return int(conn.execute(query).scalar_one())


def _hear(folder: Path, two: Two, last: int, items: int, beside: list[int]) -> tuple[float, ...]:
    roots = [two.processes[0].pid, *beside]

    def cursor() -> int:
        said = here.rows("SELECT v FROM meta WHERE k = 'cursor'")
        return int(said[0][0]) if said else 0

    here = Kiosk(folder)
    center_s = place.processor_s(roots)
    with place.tablet(folder, _port()) as process:
        place.until(lambda: cursor() > 0, 120, 0.02)
        began, heard = time.monotonic(), cursor()
        tablet_s, idle = place.processor_s([process.pid]), place.memory_mib(process.pid)
        if not place.until(lambda: cursor() >= last, 900, 0.05):
            raise RuntimeError(f"heard up to {cursor()} of {last}")
        took = (time.monotonic() - began) / max(0.01, 1 - heard / last)
        used = place.processor_s([process.pid]) - tablet_s
        peak = place.memory_mib(process.pid)
    return took, items / took, used, place.processor_s(roots) - center_s, peak, peak - idle


def _pouch(items: int) -> tuple[float, ...]:
    with place.folder() as at, peer.serving(at / "there") as (port, process):
        url = f"http://127.0.0.1:{port}/{peer.DATABASE}"
        peer.ask("fill", str(at), "all", str(items), "100", "")
        peer.ask("push", str(at), "all", url, "1000", "900")
        before = place.processor_s([process.pid])
        said = peer.ask("pull", url, str(at), "500")
        used = place.processor_s([process.pid]) - before
        return (
            said["ms"] / 1000,
            items / said["ms"] * 1000,
            said["cpu"] / 1000,
            used,
            said["mib"],
            said["mib"] - said["before"],
        )
