"""The kiosk's schema, one step after another, each named by what it brings. STRICT tables; constraints before checks in Python.

Here the latest steps, and how all are gone through; those before 0009 are in first_steps.
"""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.store import first_steps  # noqa: F401 - before the steps here
from kiosk.store.steps import STEPS
from kiosk.store.steps import run as _run
from kiosk.store.steps import step as _step


def migrate(db: Database) -> None:
    """Brings the schema up to date inside the caller's transaction; a step runs once."""
    # sqlite-utils' own Migrations commits as it goes; a step here lives or dies with the caller's transaction (sync.md K14)
    db.conn.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY) STRICT")
    done = {row[0] for row in db.conn.execute("SELECT name FROM migration")}
    for name, step in STEPS:
        if name not in done:
            step(db)
            db.conn.execute("INSERT INTO migration (name) VALUES (?)", (name,))


def step_names() -> tuple[str, ...]:
    """Every step this program knows, in order."""
    return tuple(name for name, _ in STEPS)


@_step("0009 what an applicant is told besides the state")
def _notices(db: Database) -> None:
    # JSON list of codes (sync.wire.ApplicationState.notices); of another person's application nothing is ever here
    _run(db, "ALTER TABLE application ADD COLUMN notices TEXT NOT NULL DEFAULT '[]'")


@_step("0010 operations that could not be brought")
def _letters(db: Database) -> None:
    # operations that could not be brought. told: the code under which the center keeps them; done: somebody there has dealt with it
    _run(db, "CREATE TABLE letter (op_id TEXT PRIMARY KEY, told TEXT, done INTEGER NOT NULL DEFAULT 0) STRICT")


@_step("0011 what waits is found without reading the whole log")
def _quick_to_find(db: Database) -> None:
    _run(
        db,
        "CREATE INDEX op_log_state ON op_log (state, seq)",
        "CREATE INDEX op_log_entity ON op_log (entity_id, seq)",
        "CREATE INDEX blob_waiting ON blob (sha256) WHERE state = 'local'",
    )


@_step("0012 what broke is found without reading all files' rows")
def _broken_files(db: Database) -> None:
    _run(db, "CREATE INDEX blob_broken ON blob (sha256) WHERE state = 'quarantined'")


@_step("0013 calls for help")
def _calls(db: Database) -> None:
    # who stands at which screen and waits for somebody; nothing about the person
    _run(
        db,
        """
        CREATE TABLE help_call (
          call_id TEXT PRIMARY KEY,
          number INTEGER NOT NULL,
          at_ms INTEGER NOT NULL,
          taken_ms INTEGER,
          done_ms INTEGER
        ) STRICT
        """,
    )


@_step("0014 events")
def _events(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE event (
          event_id TEXT PRIMARY KEY,
          kind TEXT NOT NULL,
          title TEXT NOT NULL,
          place TEXT NOT NULL,
          starts_ms INTEGER NOT NULL,
          ends_ms INTEGER NOT NULL,
          counting TEXT NOT NULL,
          half_hours INTEGER NOT NULL,
          item TEXT NOT NULL,
          course TEXT NOT NULL,
          field TEXT NOT NULL,
          state TEXT NOT NULL
        ) STRICT
        """,
        # check-ins and check-outs on this tablet, in their order. who: keyed digest of what was held up, so that the same card is
        # known again; label: a masked name where the tablet's own list has one
        """
        CREATE TABLE event_act (
          place INTEGER PRIMARY KEY AUTOINCREMENT,
          act_id TEXT NOT NULL UNIQUE,
          event_id TEXT NOT NULL,
          who BLOB NOT NULL,
          what TEXT NOT NULL,
          at_ms INTEGER NOT NULL,
          how TEXT NOT NULL,
          label TEXT NOT NULL,
          undone INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE INDEX event_act_of ON event_act (event_id, who, place)",
        # whom the unit expects, as its list says; gone when the event is closed
        """
        CREATE TABLE event_expected (
          event_id TEXT NOT NULL,
          line INTEGER NOT NULL,
          name TEXT NOT NULL,
          number TEXT NOT NULL,
          who BLOB NOT NULL,
          PRIMARY KEY (event_id, line)
        ) STRICT
        """,
        "CREATE INDEX event_expected_who ON event_expected (event_id, who)",
    )


@_step("0015 the practice room")
def _practice_room(db: Database) -> None:
    # filled in a training device's practice room alone. A seat is a number and the digest of a browser's token: no name
    _run(
        db,
        """
        CREATE TABLE practice_seat (
          number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 40),
          token BLOB NOT NULL UNIQUE,
          taken_ms INTEGER NOT NULL,
          seen_ms INTEGER NOT NULL,
          help_ms INTEGER,
          told INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        """
        CREATE TABLE practice_work (
          application_id TEXT PRIMARY KEY,
          seat INTEGER NOT NULL,
          at_ms INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX practice_work_of ON practice_work (seat)",
        # what leaves no other trace: a result looked at, a card verified
        """
        CREATE TABLE practice_note (
          seat INTEGER NOT NULL,
          what TEXT NOT NULL,
          at_ms INTEGER NOT NULL,
          PRIMARY KEY (seat, what)
        ) STRICT
        """,
        """
        CREATE TABLE practice_card (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          application_id TEXT NOT NULL UNIQUE,
          text TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        # sent: it lies in the machine's own log. It outlives the beginning anew of the room
        """
        CREATE TABLE practice_unclear (
          feedback_id TEXT PRIMARY KEY,
          session TEXT NOT NULL,
          at_ms INTEGER NOT NULL,
          ease INTEGER NOT NULL CHECK (ease BETWEEN 1 AND 3),
          tasks TEXT NOT NULL,
          words TEXT NOT NULL,
          done INTEGER NOT NULL,
          sent INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
    )


@_step("0016 what a place gives")
def _what_a_place_gives(db: Database) -> None:
    for name in ("district", "benefit_zh", "benefit_en"):
        _run(db, f"ALTER TABLE venue ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")


@_step("0017 calls for help from other machines, passports at events, cards found by earlier ones")
def _from_elsewhere(db: Database) -> None:
    # nationality: of a passport's number that was noted here, so that the number alone is enough to leave
    # place: the machine that calls, empty for this one; taken_by: whose staff goes there; told: what the center heard or said of it
    # printed_elsewhere: how often the center knew it printed, where it was found by an earlier card
    _run(
        db,
        "ALTER TABLE help_call ADD COLUMN place TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE help_call ADD COLUMN taken_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE help_call ADD COLUMN told TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE event_act ADD COLUMN nationality TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE card ADD COLUMN printed_elsewhere INTEGER NOT NULL DEFAULT 0",
    )


@_step("0018 the Wi-Fi that phones join")
def _wifi(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE wifi (
          place INTEGER PRIMARY KEY CHECK (place = 1),
          name TEXT NOT NULL,
          password TEXT NOT NULL,
          hidden INTEGER NOT NULL
        ) STRICT
        """,
    )
