"""The kiosk's schema, one step after another, each named by what it brings. STRICT tables; constraints before checks in Python."""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

_STEPS: list[tuple[str, Callable[[Database], None]]] = []


def _step(name: str) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
    def keep(function: Callable[[Database], None]) -> Callable[[Database], None]:
        _STEPS.append((name, function))
        return function

    return keep


def migrate(db: Database) -> None:
    """Brings the schema up to date inside the caller's transaction; a step runs once."""
    # sqlite-utils' own Migrations commits as it goes; a step here lives or dies with the caller's transaction (sync.md K14)
    db.conn.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY) STRICT")
    done = {row[0] for row in db.conn.execute("SELECT name FROM migration")}
    for name, step in _STEPS:
        if name not in done:
            step(db)
            db.conn.execute("INSERT INTO migration (name) VALUES (?)", (name,))


def step_names() -> tuple[str, ...]:
    """Every step this program knows, in order."""
    return tuple(name for name, _ in _STEPS)


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.conn.execute(statement)


@_step("0001 what the tablet keeps")
def _first(db: Database) -> None:
    _run(
        db,
        "CREATE TABLE meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT",
        # --- the outbox (sync.md B.2) ---
        """
        CREATE TABLE op_log (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          op_id TEXT NOT NULL UNIQUE,
          kind TEXT NOT NULL,
          entity_id TEXT NOT NULL,
          base_rev INTEGER,
          schema_v INTEGER NOT NULL,
          body BLOB NOT NULL,
          body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),
          needs_blobs TEXT NOT NULL DEFAULT '[]',
          wall_ms INTEGER, mono_ms INTEGER, boot_id TEXT,
          prev_hash BLOB NOT NULL, hash BLOB NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'durable', 'conflict', 'rejected', 'quarantined')),
          tries INTEGER NOT NULL DEFAULT 0,
          next_try_mono INTEGER,
          result TEXT
        ) STRICT
        """,
        """
        CREATE TABLE blob (
          sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
          size INTEGER NOT NULL,
          mime TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('local', 'stored', 'durable', 'quarantined')),
          upload_url TEXT,
          up_offset INTEGER NOT NULL DEFAULT 0,
          tries INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE TABLE inbox (lsn INTEGER PRIMARY KEY, kind TEXT NOT NULL, entity_id TEXT, rev INTEGER, body BLOB) STRICT",
        # --- drafts ---
        """
        CREATE TABLE draft (
          application_id TEXT PRIMARY KEY,
          answers TEXT NOT NULL,
          created_ms INTEGER NOT NULL,
          touched_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE draft_photo (
          photo_id TEXT PRIMARY KEY,
          application_id TEXT NOT NULL REFERENCES draft (application_id) ON DELETE CASCADE,
          slot TEXT NOT NULL CHECK (slot IN ('headshot', 'cover', 'page', 'previous_card')),
          position INTEGER NOT NULL DEFAULT 0,
          original TEXT NOT NULL,
          original_width INTEGER NOT NULL, original_height INTEGER NOT NULL,
          result TEXT,
          result_sha256 TEXT,
          width INTEGER, height INTEGER,
          outline TEXT,
          hints TEXT NOT NULL DEFAULT '[]',
          taken_ms INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX draft_photo_of ON draft_photo (application_id, slot, position)",
        # --- what the tray shows of what was submitted: nothing readable about a person but a masked name (sync.md B.2) ---
        """
        CREATE TABLE application (
          application_id TEXT PRIMARY KEY,
          receipt TEXT NOT NULL,
          masked_name TEXT NOT NULL,
          kind TEXT NOT NULL,
          state TEXT NOT NULL,
          rev INTEGER NOT NULL DEFAULT 0,
          photos INTEGER NOT NULL DEFAULT 0,
          created_ms INTEGER NOT NULL,
          changed_ms INTEGER NOT NULL,
          returned BLOB,
          identity_mac BLOB
        ) STRICT
        """,
        # --- cards that came back: the sheet is sealed, under the slip or to this device (credential.md C.8) ---
        """
        CREATE TABLE card (
          application_id TEXT PRIMARY KEY,
          number TEXT NOT NULL,
          valid_until TEXT NOT NULL,
          status TEXT NOT NULL,
          slip_idx BLOB,
          slip_sheet BLOB,
          device_sheet BLOB,
          received_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE print_job (
          job_id TEXT PRIMARY KEY,
          application_id TEXT NOT NULL,
          printer TEXT NOT NULL,
          printer_job INTEGER,
          state TEXT NOT NULL,
          trouble TEXT NOT NULL DEFAULT '',
          reason TEXT NOT NULL DEFAULT '',
          started_ms INTEGER NOT NULL,
          changed_ms INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE TABLE gate_count (day TEXT NOT NULL, verdict TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, verdict)) STRICT",
    )


@_step("0002 tries at a slip")
def _slip_tries(db: Database) -> None:
    # by a digest of the slip's secret: how often a birth date was typed for it (credential.md C.8)
    _run(db, "CREATE TABLE slip_try (slip BLOB PRIMARY KEY CHECK (length(slip) = 32), tries INTEGER NOT NULL) STRICT")


@_step("0003 evidence")
def _evidence(db: Database) -> None:
    # certificates of training, and which page of which book a photograph shows; a CHECK is only changed by a new table
    _run(
        db,
        """
        CREATE TABLE draft_photo_new (
          photo_id TEXT PRIMARY KEY,
          application_id TEXT NOT NULL REFERENCES draft (application_id) ON DELETE CASCADE,
          slot TEXT NOT NULL CHECK (slot IN ('headshot', 'cover', 'page', 'certificate', 'previous_card', 'form', 'document')),
          position INTEGER NOT NULL DEFAULT 0,
          original TEXT NOT NULL,
          original_width INTEGER NOT NULL, original_height INTEGER NOT NULL,
          result TEXT,
          result_sha256 TEXT,
          width INTEGER, height INTEGER,
          outline TEXT,
          hints TEXT NOT NULL DEFAULT '[]',
          taken_ms INTEGER NOT NULL,
          evidence TEXT
        ) STRICT
        """,
        """
        INSERT INTO draft_photo_new
        SELECT photo_id, application_id, slot, position, original, original_width, original_height, result, result_sha256,
          width, height, outline, hints, taken_ms, NULL
        FROM draft_photo
        """,
        "DROP TABLE draft_photo",
        "ALTER TABLE draft_photo_new RENAME TO draft_photo",
        "CREATE INDEX draft_photo_of ON draft_photo (application_id, slot, position)",
    )


@_step("0005 service record and sheets")
def _records_and_sheets(db: Database) -> None:
    _run(
        db,
        # a volunteer's service record, sealed under the slip and the birth date like a card's sheet
        """
        CREATE TABLE own_record (
          application_id TEXT PRIMARY KEY,
          slip_idx BLOB NOT NULL,
          sealed BLOB NOT NULL,
          rev INTEGER NOT NULL,
          received_ms INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX own_record_slip ON own_record (slip_idx)",
        # places where the card opens a gate, as the center listed them (R48)
        """
        CREATE TABLE venue (
          code TEXT PRIMARY KEY,
          name TEXT NOT NULL,
          city TEXT NOT NULL,
          kind TEXT NOT NULL,
          accepted_form TEXT NOT NULL,
          note TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        # a unit's application sheets, 申請單: only which applications stand on it; who they are stands in the drafts (R35)
        """
        CREATE TABLE application_sheet (
          sheet_id TEXT PRIMARY KEY,
          number TEXT NOT NULL,
          opened_on TEXT NOT NULL,
          touched_ms INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE sheet_line (
          application_id TEXT PRIMARY KEY,
          sheet_id TEXT NOT NULL REFERENCES application_sheet (sheet_id) ON DELETE CASCADE,
          place INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX sheet_line_of ON sheet_line (sheet_id, place)",
    )


@_step("0007 alarms and the age of what is durable")
def _alarms(db: Database) -> None:
    _run(
        db,
        # what somebody should look at: kind and which one, nothing about a person
        """
        CREATE TABLE alarm (
          alarm_id INTEGER PRIMARY KEY,
          kind TEXT NOT NULL,
          what TEXT NOT NULL,
          at_ms INTEGER NOT NULL,
          seen_ms INTEGER,
          UNIQUE (kind, what)
        ) STRICT
        """,
        # when a backup of the center was first heard to cover the operation, by the center's clock
        "ALTER TABLE op_log ADD COLUMN durable_ms INTEGER",
    )


@_step("0008 the story of each application")
def _story(db: Database) -> None:
    _run(
        db,
        """
        CREATE TABLE story (
          story_id INTEGER PRIMARY KEY,
          application_id TEXT NOT NULL,
          at_ms INTEGER NOT NULL,
          what TEXT NOT NULL,
          code TEXT NOT NULL DEFAULT ''
        ) STRICT
        """,
        "CREATE INDEX story_of ON story (application_id, story_id)",
    )


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
