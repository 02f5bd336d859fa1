"""Cards that came back, print jobs, and the tries at a slip."""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from honorcard.typed import convert


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """An issued card as this tablet holds it: its sheets are sealed."""

    application_id: str
    number: str
    valid_until: str  # ISO
    status: str
    device_sheet: bytes | None
    slip_sheet: bytes | None
    received_ms: int


class Printable(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of cards to print."""

    application_id: str
    number: str
    valid_until: str
    status: str
    masked_name: str
    receipt: str
    received_ms: int
    printed_ms: int | None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A print job: `sending`, `printing` (with what holds it up in `trouble`), `completed` or `failed`."""

    job_id: str
    application_id: str
    printer: str
    printer_job: int | None
    state: str
    trouble: str
    reason: str  # why it was printed again; empty for the first
    started_ms: int
    changed_ms: int


def find(db: Database, application_id: str) -> Card | None:
    """The card of an application."""
    found = db.query("SELECT * FROM card WHERE application_id = :id", {"id": application_id})
    return next((convert(_without_index(row), Card) for row in found), None)


def live_of_number(db: Database, number: str) -> Card | None:
    """The card of that number that is good and can be printed here by staff."""
    found = db.query(
        "SELECT * FROM card WHERE number = :number AND status = 'live' AND device_sheet IS NOT NULL", {"number": number}
    )
    return next((convert(_without_index(row), Card) for row in found), None)


def by_slip(db: Database, idx: bytes) -> Card | None:
    """The card whose sheet a slip and a birth date lead to."""
    found = db.query("SELECT * FROM card WHERE slip_idx = :idx", {"idx": idx})
    return next((convert(_without_index(row), Card) for row in found), None)


def printable(db: Database) -> list[Printable]:
    """Live cards that staff can print here: those never printed first, then by the day they came."""
    found = db.query(
        """
        SELECT c.application_id, c.number, c.valid_until, c.status, c.received_ms,
          coalesce(a.masked_name, '') AS masked_name,
          coalesce(a.receipt, '') AS receipt,
          (
            SELECT max(j.changed_ms) FROM print_job AS j
            WHERE j.application_id = c.application_id AND j.state = 'completed'
          ) AS printed_ms
        FROM card AS c
        LEFT JOIN application AS a ON a.application_id = c.application_id
        WHERE c.status = 'live' AND c.device_sheet IS NOT NULL
        ORDER BY printed_ms IS NOT NULL, printed_ms DESC, c.received_ms DESC, c.number
        """
    )
    return [convert(row, Printable) for row in found]


# --- print jobs ---


def running_job(db: Database, application_id: str) -> Job | None:
    """The job of a card that is under way."""
    running = db.query(
        "SELECT * FROM print_job WHERE application_id = :id AND state IN ('sending', 'printing')",
        {"id": application_id},
    )
    return next((convert(row, Job) for row in running), None)


def add_job(db: Database, job: Job) -> None:
    """Notes a job, whatever else is under way."""
    db.table("print_job").insert(msgspec.to_builtins(job))


def move_job(
    db: Database, job_id: str, state: str, *, now_ms: int, trouble: str = "", printer_job: int | None = None
) -> None:
    """A job's new state; the printer's number is kept once it is known."""
    db.conn.execute(
        """
        UPDATE print_job
        SET state = ?, trouble = ?, printer_job = coalesce(?, printer_job), changed_ms = ?
        WHERE job_id = ?
        """,
        (state, trouble, printer_job, now_ms, job_id),
    )


def find_job(db: Database, job_id: str) -> Job | None:
    """One job."""
    found = db.query("SELECT * FROM print_job WHERE job_id = :id", {"id": job_id})
    return next((convert(row, Job) for row in found), None)


def running_jobs(db: Database) -> list[Job]:
    """Jobs that are under way, or were when the machine stopped."""
    found = db.query("SELECT * FROM print_job WHERE state IN ('sending', 'printing')")
    return [convert(row, Job) for row in found]


def printed(db: Database, application_id: str) -> list[Job]:
    """The completed jobs of a card, oldest first."""
    found = db.query(
        "SELECT * FROM print_job WHERE application_id = :id AND state = 'completed' ORDER BY changed_ms",
        {"id": application_id},
    )
    return [convert(row, Job) for row in found]


def times_printed(db: Database, application_id: str) -> int:
    """How often the card was printed: here, or as far as the center knew when it was asked last."""
    found = db.conn.execute("SELECT printed_elsewhere FROM card WHERE application_id = ?", (application_id,)).fetchone()
    return max(len(printed(db, application_id)), int(found[0]) if found else 0)


# --- tries at a slip ---


def count_try(db: Database, slip: bytes) -> int:
    """Counts a try at the slip (its digest, 32 bytes) and answers how many there were with this one."""
    row = db.conn.execute(
        """
        INSERT INTO slip_try (slip, tries) VALUES (?, 1)
        ON CONFLICT (slip) DO UPDATE SET tries = tries + 1
        RETURNING tries
        """,
        (slip,),
    ).fetchone()
    return int(row[0])


def forgive_tries(db: Database, slip: bytes) -> None:
    """The slip opened: its tries no longer count."""
    db.conn.execute("DELETE FROM slip_try WHERE slip = ?", (slip,))


def _without_index(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "slip_idx"}
