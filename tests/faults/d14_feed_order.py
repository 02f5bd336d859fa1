"""D-14: a reader that follows the feed by its cursor never passes an item that is committed later."""

from __future__ import annotations

import itertools
import random
import threading
import time

from center.store import Store, feed
from tests.faults.lines import Line, pick
from tests.postgres import cluster

WRITERS = 16
PAUSE_S = 0.004


def run(full: bool, seed: int) -> Line:
    """16 writers, each sleeping a little before it commits or gives up, in transactions that did not ask to be alone; one
    reader. The plan: half an hour.
    """
    seconds = pick(full, plan=1800, smoke=8, few=2)
    with cluster() as running:
        stores = [Store(running.fresh())]
        stores.append(Store(stores[0].engine.url.render_as_string(hide_password=False)))  # as a second process
        try:
            written, read = follow(stores, seconds, seed)
        finally:
            for store in stores:
                store.engine.dispose()
    skipped = len(set(written) - set(read))
    out_of_order = sum(later <= before for before, later in itertools.pairwise(read))
    return Line(
        "D-14", len(written), lost=skipped, doubled=len(read) - len(set(read)), stuck=out_of_order + int(not written),
        seed=seed, note=f"items committed by {WRITERS} writers while one reader followed",
    )  # fmt: skip


def follow(stores: list[Store], seconds: float, seed: int) -> tuple[list[int], list[int]]:
    """(numbers committed, numbers read in their order)."""
    until, written, read, lock = time.monotonic() + seconds, [], [], threading.Lock()
    done = threading.Event()

    def write(number: int) -> None:
        chance, store = random.Random(seed * 100 + number), stores[number % len(stores)]
        while time.monotonic() < until:
            lsns: list[int] = []
            give_up = chance.random() < 0.1
            try:
                with store.write(alone=False) as conn:
                    time.sleep(chance.random() * PAUSE_S)
                    lsns.extend(_append(conn) for _ in range(chance.randint(1, 3)))
                    time.sleep(chance.random() * PAUSE_S)
                    if give_up:
                        raise _GaveUpError
            except _GaveUpError:
                continue
            with lock:
                written.extend(lsns)

    def reader() -> None:
        cursor = 0
        while True:
            last = done.is_set()
            with stores[0].read() as conn:
                items, more = feed.page(conn, "tablet", cursor)
            read.extend(item.lsn for item in items)
            cursor = items[-1].lsn if items else cursor
            if last and not more:
                return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    following = threading.Thread(target=reader)
    for thread in [*threads, following]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    following.join()
    return written, read


def _append(conn) -> int:
    return feed.append(conn, kind="config", entity_id="x", rev=1, device_id=None, body=b"{}", at_ms=1)


class _GaveUpError(Exception):
    """The transaction is rolled back: its numbers are never committed."""
