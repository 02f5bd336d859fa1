"""Threads write in the order in which they came."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk.store import Store
from kiosk.store.keys import KEY_BYTES
from kiosk.store.line import Line


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_who_came_first_is_served_first_and_who_has_had_a_turn_stands_behind() -> None:
    line, order = Line(60), []

    def wait(name: str) -> None:
        with line.turn():
            order.append(name)

    threads = []
    with line.turn():
        for place, name in enumerate(("first", "second", "third"), 1):
            threads.append(threading.Thread(target=wait, args=(name,)))
            threads[-1].start()
            until(lambda standing=place: len(line) == standing)
    with line.turn():
        order.append("again")
    for thread in threads:
        thread.join()
    assert order == ["first", "second", "third", "again"]


def test_after_its_patience_a_thread_goes_on_without_a_turn_and_takes_none_away() -> None:
    line, went_on = Line(0.01), threading.Event()

    def impatient() -> None:
        with line.turn():
            went_on.set()

    with line.turn():
        thread = threading.Thread(target=impatient)
        thread.start()
        assert went_on.wait(60)
        thread.join()
        assert len(line) == 0
    with line.turn():  # it is free again
        assert len(line) == 0


def test_a_turn_that_fails_is_handed_on() -> None:
    line = Line(60)
    for _ in range(2):
        try:
            with line.turn():
                raise ValueError
        except ValueError:
            continue
    with line.turn():
        assert len(line) == 0


def test_who_writes_again_at_once_lets_who_waits_write_first(tmp_path: Path) -> None:
    store, order = Store(tmp_path / "kiosk.db", secrets.token_bytes(KEY_BYTES)), []

    def write(name: str) -> None:
        with store.write() as db:
            order.append(name)
            db.conn.execute("INSERT INTO meta (k, v) VALUES (?, 'x')", (name,))

    def apart() -> None:
        write("who waited")
        store.close()

    with store.write():
        waiting = threading.Thread(target=apart)
        waiting.start()
        until(lambda: len(store._line) == 1)
    write("who had written")
    waiting.join()
    store.close()
    assert order == ["who waited", "who had written"]
