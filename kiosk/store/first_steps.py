"""The first steps of the kiosk's schema, 0001 to 0008, as they were; later ones are in migrations."""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.store.steps import run as _run
from kiosk.store.steps import step as _step


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
