"""A tablet killed in the middle of check-in: what was answered is there, once, with the operation that tells the center."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from kiosk.settings import save
from kiosk.store import Store, data_key, events
from sync import wire
from sync.seal import open_sealed
from tests.kiosk.scene import build

ANSWERED = 12  # check-ins before the kill; which write it falls into is left to chance

CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kiosk import create_app
from kiosk.events import marking, shared
from kiosk.settings import load
from kiosk.store import events
app = create_app(load(Path(sys.argv[1])))
with app.app_context():
    event = shared.find(sys.argv[2])
    number = 0
    while True:
        number += 1
        person = marking.Person("card", number.to_bytes(32, "big"), f"card {number}")
        print(marking.mark(event, person, "in", datetime.now(UTC)).act.act_id, flush=True)
"""


def test_a_check_in_that_was_answered_survives_a_kill_and_is_told_once(tmp_path):
    scene = build(tmp_path)
    save(scene.settings)
    client = scene.client()
    form = {"kind": "activity", "title": "花博", "day": "115.11.21", "from": "09:00", "to": "12:00"}
    event_id = client.post("/events/new", data=form).location.rpartition("/")[2]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(scene.settings.data_dir), event_id], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).resolve().parents[2],
    ) as child:  # fmt: skip
        assert child.stdout is not None
        answered = [child.stdout.readline().strip() for _ in range(ANSWERED)]
        os.kill(child.pid, signal.SIGKILL)
    store = Store(scene.settings.database, data_key(scene.settings.key_file))
    with store.read() as db:
        kept = {act.act_id for acts in events.people(db, event_id) for act in acts}
        rows = db.conn.execute("SELECT body FROM op_log WHERE kind = 'event.mark'").fetchall()
        assert db.conn.execute("PRAGMA cipher_integrity_check").fetchall() == []
    told = [wire.decode(wire.EventMark, open_sealed(row[0], scene.center, "body")).mark_id for row in rows]
    assert all(answered) and set(answered) <= kept
    assert sorted(told) == sorted(kept)
