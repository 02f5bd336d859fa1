"""Identifiers: UUID version 7, always rising."""

from __future__ import annotations

import threading
import time
import uuid

from sync.ids import uuid7


def test_an_id_is_a_version_7_uuid_of_this_moment() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(uuid7())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= (made.int >> 80) <= time.time_ns() // 1_000_000 + 1


def test_ids_rise_even_within_a_millisecond_and_over_threads() -> None:
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda own=own: own.extend(uuid7() for _ in range(5_000))) for own in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(own == sorted(own) for own in made)
    assert len({one for own in made for one in own}) == 20_000


def test_ids_rise_when_the_clock_is_set_back(monkeypatch) -> None:
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000)
    assert uuid7() > first
