"""Killed in the middle of an import: nothing half done, and done again at the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from center.exchange import running
from center.store import exchange, service
from tests.center.test_exchange import CHEN, LIN, PEOPLE, SERVED, bring, csv, found, press, send, served

ROOT = Path(__file__).resolve().parents[2]
WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from center.exchange import running
from center.settings import Settings
from center.store import Store
settings = Settings(Path(sys.argv[1]))
running.work(Store(settings.url), settings, sys.argv[2], datetime.fromisoformat(sys.argv[3]))
"""


def killed_at(world, place, batch_id):
    """A process of its own that does the batch's work and dies at that place."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(world.settings.data_dir), batch_id, world.now.isoformat()],
        cwd=ROOT, env={**os.environ, "HONORCARD_CRASH_AT": place}, check=False,
    )  # fmt: skip
    assert done.returncode == -9


@pytest.fixture
def ready(world):
    """Service of two people that is ready to be written."""
    bring(world, "volunteers", *PEOPLE)
    return send(world, "hours", csv(*SERVED))


def test_killed_while_reading_it_reads_anew(world, ready):
    with world.store.write() as conn:
        assert exchange.change(conn, ready.batch_id, if_state="ready", state="reading", done=0)
    killed_at(world, "X1", ready.batch_id)
    assert found(world, ready.batch_id).state == "reading"
    running.step(world.store, world.settings, world.now)
    again = found(world, ready.batch_id)
    assert (again.state, again.counts) == ("ready", ready.counts)
    with world.store.read() as conn:
        assert len(exchange.lines(conn, ready.batch_id)) == 2


def test_killed_while_writing_nothing_is_written_until_all_of_it_is(world, ready):
    with world.store.write() as conn:
        assert exchange.change(conn, ready.batch_id, if_state="ready", state="importing")
    killed_at(world, "X2", ready.batch_id)
    assert served(world, CHEN) == [] == served(world, LIN)
    running.step(world.store, world.settings, world.now)
    assert found(world, ready.batch_id).state == "imported"
    assert [len(served(world, number)) for number in (CHEN, LIN)] == [1, 1]


def test_killed_while_taking_back_everything_stands_until_all_of_it_goes(world, ready):
    press(world, ready, "write")
    with world.store.write() as conn:
        assert exchange.change(conn, ready.batch_id, if_state="imported", state="undoing")
    killed_at(world, "X3", ready.batch_id)
    assert [len(served(world, number)) for number in (CHEN, LIN)] == [1, 1]
    running.step(world.store, world.settings, world.now)
    assert served(world, CHEN) == [] == served(world, LIN)
    with world.store.read() as conn:
        assert service.sums(conn) == []


def test_others_read_what_was_while_a_long_import_is_being_written(world, monkeypatch):
    """SQLite would spill what is changed to its file, and keep everybody from reading it."""
    bring(world, "volunteers", *PEOPLE)
    days = [f"114.{month:02d}.{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    batch = send(world, "hours", csv(SERVED[0], *((CHEN, "U001", day, "", "1") for day in days)))
    assert batch.counts["new"] == len(days)
    seen = []
    monkeypatch.setattr(running, "crash_here", lambda place: seen.append(served(world, CHEN)))
    with world.store.write() as conn:
        assert exchange.change(conn, batch.batch_id, if_state="ready", state="importing")
    world.store.engine.dispose()
    event.listen(world.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA cache_size = 10"))
    running.work(world.store, world.settings, batch.batch_id, world.now)
    assert seen == [[]]
    assert len(served(world, CHEN)) == len(days)
