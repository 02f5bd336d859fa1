"""The PIN: counted before it is looked at, waits that no clock shortens, a lock that only the recovery code opens."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from honorcard.problems import ProblemError
from kiosk import pins
from kiosk.store import Store
from kiosk.store import pins as records

PIN = "204680"
KEY = bytes(32)


class Clock:
    """A machine's boot clock in a test's hands."""

    def __init__(self) -> None:
        self.boot, self.seconds = "boot-1", 100.0

    def __call__(self) -> tuple[str, float]:
        return self.boot, self.seconds

    def restart(self) -> None:
        self.boot, self.seconds = self.boot + "'", 1.0


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kiosk.db", KEY)


@pytest.fixture
def clock():
    return Clock()


def fail(store, clock, times):
    for _ in range(times):
        result = pins.check(store, "000000", clock=clock)
        assert result.counted
        clock.seconds += result.wait_s
    return result


def test_the_right_pin_opens_and_clears_the_count(store, clock):
    pins.set_pin(store, PIN)
    fail(store, clock, 4)
    assert pins.check(store, PIN, clock=clock).ok
    assert pins.status(store, clock=clock).tries_left == pins.LOCKED_AT


@pytest.mark.parametrize("pin", ["", "12345", "1234567890123", "12345a", "一二三四五六"])
def test_a_pin_has_six_to_twelve_digits(store, pin):
    with pytest.raises(ProblemError) as refused:
        pins.set_pin(store, pin)
    assert refused.value.code == "pin_too_short"


def test_full_width_digits_are_digits(store, clock):
    pins.set_pin(store, "２０４６８０")
    assert pins.check(store, PIN, clock=clock).ok


def test_five_tries_are_free_then_waits_grow_and_the_tenth_locks(store, clock):
    pins.set_pin(store, PIN)
    waits = []
    for _ in range(10):
        result = pins.check(store, "111111", clock=clock)
        waits.append(result.wait_s)
        clock.seconds += result.wait_s
    assert waits == [0, 0, 0, 0, 30, 60, 300, 900, 3600, 0]
    assert result.locked
    assert not pins.check(store, PIN, clock=clock).ok


def test_while_a_wait_runs_nothing_is_tried_and_nothing_counted(store, clock):
    pins.set_pin(store, PIN)
    for _ in range(5):
        pins.check(store, "111111", clock=clock)
    before = pins.status(store, clock=clock)
    refused = pins.check(store, PIN, clock=clock)
    assert (refused.ok, refused.counted, refused.wait_s) == (False, False, 30)
    clock.seconds += 29
    assert not pins.check(store, PIN, clock=clock).ok
    assert pins.status(store, clock=clock).tries_left == before.tries_left
    clock.seconds += 1
    assert pins.check(store, PIN, clock=clock).ok


def test_a_restart_of_the_machine_never_shortens_a_wait(store, clock):
    pins.set_pin(store, PIN)
    fail(store, clock, 8)
    pins.check(store, "111111", clock=clock)  # the ninth: an hour
    clock.seconds += 1800
    clock.restart()
    assert pins.check(store, PIN, clock=clock).wait_s == 3600
    clock.seconds += 3599
    assert pins.check(store, PIN, clock=clock).wait_s == 1
    clock.seconds += 1
    assert pins.check(store, PIN, clock=clock).ok


def test_a_try_is_on_the_disk_before_the_pin_is_looked_at(store, clock, monkeypatch):
    pins.set_pin(store, PIN)

    class PowerCut(BaseException):
        pass

    def cut(*_):
        raise PowerCut

    monkeypatch.setattr(pins, "_fits", cut)
    for _ in range(4):
        with pytest.raises(PowerCut):
            pins.check(store, PIN, clock=clock)
    with Store(store.path, KEY).read() as db:
        assert records.find(db).failed == 4


def test_twenty_at_once_get_no_more_than_five_looks(store, clock, monkeypatch):
    pins.set_pin(store, PIN)
    looks = []
    fits = pins._fits
    monkeypatch.setattr(pins, "_fits", lambda *a: looks.append(1) or fits(*a))
    tries = [(store, f"{number:06d}") for number in range(20)]
    threads = [threading.Thread(target=pins.check, args=one, kwargs={"clock": clock}) for one in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks) == 5


def test_the_recovery_code_opens_a_locked_tablet_once(store, clock):
    code = pins.set_pin(store, PIN)
    fail(store, clock, 10)
    assert pins.status(store, clock=clock).locked
    assert pins.recover(store, "0000-0000-0000", "135791") is None
    assert pins.status(store, clock=clock).locked
    following = pins.recover(store, code.lower().replace("-", " "), "135791")
    assert following not in (None, code)
    assert pins.check(store, "135791", clock=clock).ok
    assert pins.recover(store, code, "999999") is None
    assert not pins.check(store, "999999", clock=clock).ok


def test_neither_pin_nor_recovery_code_stands_in_the_database(store):
    code = pins.set_pin(store, PIN)
    with store.read() as db:
        kept = db.conn.execute("SELECT v FROM meta WHERE k = 'pin'").fetchone()[0]
    assert PIN not in kept
    assert code.replace("-", "") not in kept
    assert "argon2id" in kept and "m=47104,t=1" in kept
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(store.path).execute("SELECT * FROM meta")
