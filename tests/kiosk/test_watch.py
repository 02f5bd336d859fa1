"""Who watches over the sync thread, sees a new way out, and counts presses of the button."""

from __future__ import annotations

import threading
import time

import pytest

from kiosk.attempts import Attempts
from kiosk.network import Network, ways_out
from kiosk.turn import AbandonedError, TurnStore
from kiosk.watch import Watch
from kiosk.worker import SyncWorker
from sync import outbox
from sync.retry import Backoff
from tests.sync.loopback import Kiosk


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_two_minutes_without_a_sign_of_life_are_too_long() -> None:
    clock = Clock()
    watch = Watch(120, clock)
    clock.now += 120
    assert not watch.is_stuck
    clock.now += 1
    assert watch.is_stuck
    watch.beat()
    assert not watch.is_stuck


def test_a_rest_on_purpose_is_not_being_stuck_until_it_should_be_over() -> None:
    clock = Clock()
    watch = Watch(120, clock)
    watch.rests(900)
    clock.now += 900 + 119
    assert not watch.is_stuck
    clock.now += 2
    assert watch.is_stuck


def test_a_rest_is_long_after_two_minutes_unless_the_center_asked_for_it() -> None:
    clock = Clock()
    watch = Watch(120, clock)
    watch.rests(900)
    clock.now += 120
    assert not watch.rests_long
    clock.now += 1
    assert watch.rests_long and not watch.is_stuck
    watch.beat()
    assert not watch.rests_long
    watch.rests(900, bidden=True)
    clock.now += 899
    assert not watch.rests_long


@pytest.mark.parametrize(
    ("waits", "bidden", "goes_on"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_a_long_rest_is_cut_short_while_something_waits(tmp_path, waits: bool, bidden: bool, goes_on: bool) -> None:
    tablet = Kiosk(tmp_path)
    clock = Clock()
    worker = SyncWorker(tablet.app)
    worker._watch = Watch(120, clock)
    worker._watch.rests(900, bidden=bidden)
    if waits:
        with tablet.store.write() as db:
            outbox.put(db, kind="card.print_ack", entity_id="a" * 36, base_rev=None, body=b"sealed")
    worker.guard()
    assert not worker._wake.is_set()
    clock.now += 121
    worker.guard()
    assert worker._wake.is_set() == goes_on


def test_after_hours_without_a_line_the_pause_is_long_only_when_nothing_waits(tmp_path) -> None:
    tablet = Kiosk(tmp_path)
    worker = SyncWorker(tablet.app)
    worker._known.backoff = Backoff(lambda low, high: high)
    pauses = [worker._pause() for _ in range(12)]
    assert pauses[-1] == 900
    with tablet.store.write() as db:
        outbox.put(db, kind="card.print_ack", entity_id="a" * 36, base_rev=None, body=b"sealed")
    assert worker._pause() == 120
    assert worker._pause(300) == 300


def test_a_new_way_out_is_told_once() -> None:
    ways = [frozenset(), frozenset(), frozenset({("eth0", "1")}), frozenset({("eth0", "1")}), frozenset(),
            frozenset({("wlan0", "2")}), frozenset({("wlan0", "2"), ("eth0", "1")})]  # fmt: skip
    found = iter(ways)
    network = Network(lambda: next(found))
    assert [network.came_up() for _ in ways[1:]] == [False, True, False, False, True, True]


def test_this_machine_can_be_asked() -> None:
    assert all(len(way) == 2 and way[0] != "lo" for way in ways_out())


def test_presses_count_ten_seconds_apart() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    assert attempts.wish() == 0
    clock.now += 4
    assert attempts.wish() == pytest.approx(6)
    clock.now += 6
    assert attempts.wish() == 0
    assert attempts.last is not None and attempts.last.number == 2


def test_a_round_begun_before_the_wish_says_nothing_about_it() -> None:
    attempts = Attempts(Clock())
    before = attempts.last
    attempts.wish()
    attempts.ended(before, "no_line", sent=0, photos=0, left=3)
    assert not attempts.last.done
    attempts.ended(attempts.last, "good", sent=3, photos=9, left=0)
    assert (attempts.last.done, attempts.last.sent) == (True, 3)


def test_an_abandoned_thread_writes_nothing_more(tmp_path) -> None:
    tablet = Kiosk(tmp_path)
    mine = [True]
    hands = TurnStore(tablet.store, lambda: mine[0])
    with hands.write() as db:
        db.conn.execute("INSERT INTO meta (k, v) VALUES ('one', '1')")
    with pytest.raises(AbandonedError), hands.write() as db:
        db.conn.execute("INSERT INTO meta (k, v) VALUES ('two', '2')")
        mine[0] = False
    with pytest.raises(AbandonedError), hands.write() as db:
        db.conn.execute("INSERT INTO meta (k, v) VALUES ('three', '3')")
    assert tablet.rows("SELECT k FROM meta WHERE k IN ('one', 'two', 'three')") == [("one",)]


def test_a_thread_that_freezes_is_replaced_counted_and_harmless_when_it_thaws(tmp_path) -> None:
    tablet = Kiosk(tmp_path)
    frozen, thaw, went_on, rounds = threading.Event(), threading.Event(), threading.Event(), []

    class Freezing(SyncWorker):
        def _round(self, turn, store, wished):
            rounds.append(turn.number)
            if turn.number == 0:
                frozen.set()
                thaw.wait(60)
                with store.write() as db:
                    db.conn.execute("INSERT INTO meta (k, v) VALUES ('late', '1')")
            went_on.set()
            return 60.0

    worker = Freezing(tablet.app, patience_s=0.05, guard_every_s=0.02)
    worker.start()
    first = worker._thread
    try:
        assert frozen.wait(30)
        assert went_on.wait(30)
        thaw.set()
        first.join(timeout=30)
        assert not first.is_alive()
        assert tablet.rows("SELECT v FROM meta WHERE k = 'late'") == []
        until = time.monotonic() + 30
        while not (counted := tablet.rows("SELECT v FROM meta WHERE k = 'replaced'")) and time.monotonic() < until:
            time.sleep(0.05)
        assert int(counted[0][0]) >= 1
        assert rounds[0] == 0 and rounds[-1] >= 1
    finally:
        thaw.set()
        worker.stop()
