"""D-13: databases of every earlier schema, their upgrade killed at every statement; what an old tablet captured, taken in today.

The tablet's steps and the center's (SQLite) are each one transaction: after a death the database is as it was, and the next
start brings it to the newest schema with every row there. An operation spelled in schema 1 then reaches today's center, once.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlite_utils import Database

import kiosk.store
from center.store import Store as CenterStore
from center.store import metadata
from center.store.upgrading import MIGRATIONS
from kiosk.store import Store, data_key, drafts, migrations, sent, syncing
from sync import crash, outbox, wire
from sync.seal import seal
from tests.faults.books import Harm, books, talk
from tests.faults.lanes import quick_folder
from tests.faults.lines import Line, pick
from tests.faults.plant import NeverEnded, Plant, Process, furnish, plant, until

GOLDEN = Path(__file__).parents[1] / "vectors" / "schemas"
HERE = "D13"  # a place of our own for crash.arm: each statement
ROWS = 3
PLAN = 50


def run(full: bool, seed: int) -> Line:
    """For each pair of an earlier schema and ours: the upgrade killed at statement after statement. The plan's 50 of each are all
    there are, be they fewer or more.
    """
    each = pick(full, plan=PLAN, smoke=2, few=1)
    pairs = pick(full, plan=100, smoke=4, few=1)  # of each kind, from the oldest on
    harm, runs, rng = Harm(), 0, random.Random(f"{seed} D-13")
    with quick_folder("d13-") as made, plant(Path(made) / "plant") as at:
        furnish(at, drafts=[])
        at.put_away(Path(made) / "newest")
        for steps in range(1, len(migrations.STEPS))[:pairs]:
            runs += _tablet(at, Path(made), steps, each, rng, harm)
        for revision in _revisions()[:-1][:pairs]:
            runs += _center(Path(made), revision, each, rng, harm)
        talk("D-13", harm, at)
    words = [f"{len(migrations.STEPS)} schemas of the tablet, {len(_revisions())} of the center", *harm.words]
    return Line("D-13", runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join(words))


# --- the tablet ---


def _tablet(at: Plant, made: Path, steps: int, each: int, rng: random.Random, harm: Harm) -> int:
    at.copy_from(made / "newest")
    _old_tablet(at, steps)
    old = made / f"tablet-{steps}"
    at.put_away(old)
    runs = 0
    for turn in _statements(each, rng):
        shutil.rmtree(at.kiosk_dir)
        shutil.copytree(old / "kiosk", at.kiosk_dir)
        killed = _killed_upgrade(at, turn)
        _all_there(at, f"tablet of {steps} steps, statement {turn}", harm)
        runs += killed
        if each >= PLAN and not killed:
            break
    try:
        _arrives(at, harm)
        runs += 1
    except NeverEnded as error:
        harm.say("stuck", str(error))
    at.stop()
    return runs


def _statements(each: int, rng: random.Random) -> Iterator[int]:
    """Which statement is the last one: each in its turn until one is behind the upgrade's end, in the full run."""
    if each >= PLAN:
        yield from itertools.count(1)
    for _ in range(each):
        yield rng.choice((1, 2, 3, 4, 6, 9, 14, 20))


def _old_tablet(at: Plant, steps: int) -> None:
    """The database as the program of that day had made it, with drafts, applications and operations of schema 1."""
    newest = at.kiosk_dir / "kiosk.db"
    key = data_key(at.kiosk_dir / "keys" / "data.key")

    def make() -> None:
        store = Store(newest, key)
        with store.read() as db:
            remembered = db.conn.execute("SELECT k, v FROM meta WHERE k IN ('membership', 'device_id')").fetchall()
            here = syncing.membership(db)
        store.close()
        for part in at.kiosk_dir.glob("kiosk.db*"):
            part.unlink()
        migrations.STEPS[steps:] = []
        outbox.SCHEMA_V = 1
        body = seal((GOLDEN / "application-1.json").read_bytes(), here.center_seal_key, "body")
        with Store(newest, key).write() as db:
            for k, v in remembered:
                db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?)", (k, v))
            for place in range(ROWS):
                db.conn.execute(
                    "INSERT INTO draft (application_id, answers, created_ms, touched_ms) VALUES (?, ?, 1, 1)",
                    (f"draft-{place}", (GOLDEN / "draft-1.json").read_text()),
                )
                db.conn.execute(
                    """
                    INSERT INTO draft_photo (photo_id, application_id, slot, original, original_width, original_height, taken_ms)
                    VALUES (?, ?, 'cover', 'file', 1, 1, 1)
                    """,
                    (f"photo-{place}", f"draft-{place}"),
                )
            entity = json.loads((GOLDEN / "application-1.json").read_text())["application_id"]
            outbox.put(db, kind="application.submit", entity_id=entity, base_rev=None, body=body)
            sent.add(
                db, application_id=entity, receipt="HC-7K3M-22QF", masked_name="王○明", kind="first", photos=0, now_ms=1,
                identity_mac=b"",
            )  # fmt: skip

    Process(make, at.folder / "old.log").join()
    if "Traceback" in (at.folder / "old.log").read_text():
        raise NeverEnded((at.folder / "old.log").read_text())


def _killed_upgrade(at: Plant, statement: int) -> bool:
    """The start of today's program, dead at that statement; whether it died (a shorter upgrade comes to its end)."""

    def start() -> None:
        def dying(db: Database) -> None:
            db.conn.set_trace_callback(lambda _sql: crash.crash_here(HERE))
            migrations.migrate(db)

        kiosk.store.migrate = dying
        crash.arm(f"{HERE}:{statement}")
        Store(at.kiosk_dir / "kiosk.db", data_key(at.kiosk_dir / "keys" / "data.key"))

    upgrade = Process(start, at.folder / "upgrade.log")
    upgrade.join()
    return upgrade.was_killed


def _all_there(at: Plant, where: str, harm: Harm) -> None:
    store = Store(at.kiosk_dir / "kiosk.db", data_key(at.kiosk_dir / "keys" / "data.key"))
    try:
        with store.read() as db:
            done = [row[0] for row in db.conn.execute("SELECT name FROM migration")]
            waiting = drafts.waiting(db)
            shots = sum(len(drafts.photos(db, draft.application_id)) for draft in waiting)
            ops = db.conn.execute("SELECT count(*) FROM op_log WHERE state = 'pending'").fetchone()[0]
            if sorted(done) != sorted(name for name, _ in migrations.STEPS):
                harm.say("stuck", f"{where}: {len(done)} steps")
            if len(waiting) != ROWS or shots != ROWS or ops != 1 or outbox.damaged(db):
                harm.say("lost", f"{where}: {len(waiting)} drafts, {shots} photographs, {ops} operations")
            if any(draft.answers.name != "林秀琴" or not draft.answers.books for draft in waiting):
                harm.say("lost", f"{where}: a draft says something else")
    finally:
        store.close()


def _arrives(at: Plant, harm: Harm) -> None:
    """The old operation reaches today's center once, and is read as today's."""
    at.start_center()
    at.start_kiosk(wait=False)
    with books(at) as both:
        until(both.at_rest, what="the old operation")
        rows = both.there("SELECT body FROM application")
        states = both.here("SELECT state FROM op_log")
    if len(rows) != 1 or states != [("accepted",)]:
        harm.say("lost", f"the old operation: {states}, {len(rows)} applications")
    elif not wire.decode(wire.ApplicationBody, rows[0][0].encode()).books:
        harm.say("lost", "the old operation's book")


# --- the center ---


def _center(made: Path, revision: str, each: int, rng: random.Random, harm: Harm) -> int:
    old, now = made / f"center-{revision}.db", made / "center.db"
    Process(lambda: _old_center(old, revision), made / "center.log").join()
    runs = 0
    for turn in _statements(each, rng):
        for part in made.glob("center.db*"):
            part.unlink()
        shutil.copyfile(old, now)
        upgrade = Process(lambda statement=turn: _dying_center(now, statement), made / "center.log")
        upgrade.join()
        Process(lambda: CenterStore(f"sqlite:///{now}").create(), made / "center.log").join()
        runs += upgrade.was_killed
        ended = each >= PLAN and not upgrade.was_killed
        where = f"center of {revision}, statement {turn}"
        with sqlite3.connect(now) as db:
            cards = db.execute("SELECT seq, number FROM card ORDER BY seq").fetchall()
            kept = db.execute("SELECT v FROM meta WHERE k = 'kept'").fetchall()
        db.close()
        if cards != [(100_000 + place, f"1150000{place}") for place in range(ROWS)] or kept != [("yes",)]:
            harm.say("lost", f"{where}: {cards} {kept}")
        if difference := _difference(now):
            harm.say("stuck", f"{where}: {difference}")
        if ended:
            break
    return runs


def _old_center(path: Path, revision: str) -> None:
    store = CenterStore(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, _revisions()[0])
        conn.exec_driver_sql("INSERT INTO meta (k, v) VALUES ('kept', 'yes')")
        for place in range(ROWS):
            conn.exec_driver_sql(
                """
                INSERT INTO card (seq, number, roc_year, serial, idbx, name, approved_on, valid_until, status,
                  lookup_hash, secret_box, portrait_sha256, issued_ms)
                VALUES (?, ?, 115, ?, ?, '林秀琴', '2026-11-21', '2029-11-21', 'live', ?, x'00', x'00', 7)
                """,
                (100_000 + place, f"1150000{place}", place, b"%d" % place, b"%d" % place),
            )
        command.upgrade(config, revision)


def _dying_center(path: Path, statement: int) -> None:
    store = CenterStore(f"sqlite:///{path}")

    @event.listens_for(store.engine, "connect")
    def _traced(raw: Any, _record: Any) -> None:
        raw.set_trace_callback(lambda _sql: crash.crash_here(HERE))

    crash.arm(f"{HERE}:{statement + 2}")  # the pragmas come first
    store.create()


def _difference(path: Path) -> str:
    store = CenterStore(f"sqlite:///{path}")
    try:
        with store.read() as conn:
            return str(compare_metadata(MigrationContext.configure(conn), metadata) or "")
    finally:
        store.engine.dispose()


def _revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [step.revision for step in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]
