"""The practice room's rows: who sits where, whose work is whose, the practice cards, what each found unclear.

A seat is a number and the digest of a browser's token; there is no name anywhere. What is not here: how far a seat has got
(kiosk.practising), the pages (kiosk.training).
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlite_utils import Database

from honorcard.typed import convert
from kiosk.store import drafts, syncing
from kiosk.store.drafts import files_of

SEATS = 40
_SESSION = "practice_session"
# of the work of people; the seats, the room's own facts and what was found unclear stay
_WORK = (
    "print_job", "card", "own_record", "story", "application", "draft_photo", "draft", "sheet_line", "application_sheet",
    "event_act", "event_expected", "event", "help_call", "slip_try", "practice_card",
)  # fmt: skip


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One seat that is taken. help_ms: since when its trainee waits for the trainer. told: what was unclear has been said."""

    number: int
    taken_ms: int
    seen_ms: int
    help_ms: int | None = None
    told: bool = False


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """What one trainee said at the end. ease: 1 hard to 3 easy. tasks: codes of those that were unclear; done: of all tasks."""

    feedback_id: str
    session: str
    at_ms: int
    ease: int
    tasks: tuple[str, ...]
    words: str
    done: int
    sent: bool = False


def send_nothing(db: Database) -> None:
    """From now on this database takes no operation and no file for the center, whoever puts one: a practice store's mark."""
    db.conn.execute(
        "CREATE TRIGGER IF NOT EXISTS practice_sends_nothing BEFORE INSERT ON op_log BEGIN SELECT RAISE(IGNORE); END"
    )
    db.conn.execute(
        "CREATE TRIGGER IF NOT EXISTS practice_keeps_no_file BEFORE INSERT ON blob BEGIN SELECT RAISE(IGNORE); END"
    )


# --- the session ---


def session(db: Database) -> str:
    """What the trainer calls this session; empty before it has a name."""
    return syncing.get(db, _SESSION) or ""


def name_session(db: Database, name: str) -> None:
    """The trainer's name for it."""
    syncing.put(db, _SESSION, name)


# --- seats ---


def seats(db: Database) -> list[Seat]:
    """Those that are taken, by number."""
    return [_seat(row) for row in db.query("SELECT * FROM practice_seat ORDER BY number")]


def of_token(db: Database, token: bytes) -> Seat | None:
    """The seat of the browser whose token has this digest."""
    for row in db.query("SELECT * FROM practice_seat WHERE token = :token", {"token": token}):
        return _seat(row)
    return None


def take(db: Database, number: int | None, token: bytes, now_ms: int) -> int | None:
    """Takes that seat, or the first free one, for a browser; None when it is taken, or there is none."""
    taken = {seat.number for seat in seats(db)}
    free = next((one for one in range(1, SEATS + 1) if one not in taken), None) if number is None else number
    if free is None or free in taken or not 1 <= free <= SEATS:
        return None
    db.table("practice_seat").insert({"number": free, "token": token, "taken_ms": now_ms, "seen_ms": now_ms})
    return free


def see(db: Database, number: int, now_ms: int) -> None:
    """The seat's trainee has done something."""
    db.conn.execute("UPDATE practice_seat SET seen_ms = ? WHERE number = ?", (now_ms, number))


def call(db: Database, number: int, now_ms: int | None) -> None:
    """The trainee asks for the trainer, once for as long as nobody came; None: somebody came, or it is not needed any more."""
    if now_ms is None:
        db.conn.execute("UPDATE practice_seat SET help_ms = NULL WHERE number = ?", (number,))
    else:
        db.conn.execute("UPDATE practice_seat SET help_ms = coalesce(help_ms, ?) WHERE number = ?", (now_ms, number))


# --- whose work it is ---


def owner(db: Database, application_id: str) -> int | None:
    """The seat that this application belongs to."""
    row = db.conn.execute("SELECT seat FROM practice_work WHERE application_id = ?", (application_id,)).fetchone()
    return None if row is None else int(row[0])


def own(db: Database, application_id: str, number: int, now_ms: int) -> None:
    """An application of that seat, from now on; one that has an owner keeps it."""
    db.conn.execute(
        "INSERT OR IGNORE INTO practice_work (application_id, seat, at_ms) VALUES (?, ?, ?)",
        (application_id, number, now_ms),
    )


def work_of(db: Database, number: int) -> list[str]:
    """The applications of a seat, the newest first."""
    sql = "SELECT application_id FROM practice_work WHERE seat = ? ORDER BY at_ms DESC, rowid DESC"
    return [row[0] for row in db.conn.execute(sql, (number,)).fetchall()]


def note(db: Database, number: int, what: str, now_ms: int) -> None:
    """Something that leaves no other trace was done at that seat."""
    db.conn.execute("INSERT OR IGNORE INTO practice_note (seat, what, at_ms) VALUES (?, ?, ?)", (number, what, now_ms))


def noted(db: Database, number: int) -> set[str]:
    """What was noted of a seat."""
    return {row[0] for row in db.conn.execute("SELECT what FROM practice_note WHERE seat = ?", (number,)).fetchall()}


# --- cards ---


def next_card(db: Database, application_id: str) -> int:
    """The issue number of the practice card of that application; the same one when it has one."""
    db.conn.execute("INSERT OR IGNORE INTO practice_card (application_id) VALUES (?)", (application_id,))
    row = db.conn.execute("SELECT seq FROM practice_card WHERE application_id = ?", (application_id,)).fetchone()
    return int(row[0])


def keep_card(db: Database, application_id: str, text: str) -> None:
    """What its QR code says."""
    db.conn.execute("UPDATE practice_card SET text = ? WHERE application_id = ?", (text, application_id))


def card_text(db: Database, application_id: str) -> str:
    """What the QR code of that application's practice card says; empty when there is none."""
    row = db.conn.execute("SELECT text FROM practice_card WHERE application_id = ?", (application_id,)).fetchone()
    return str(row[0]) if row else ""


def card_owner(db: Database, seq: int) -> int | None:
    """The seat whose practice card has this issue number."""
    sql = """
        SELECT w.seat FROM practice_card AS c
        JOIN practice_work AS w ON w.application_id = c.application_id
        WHERE c.seq = ?
        """
    row = db.conn.execute(sql, (seq,)).fetchone()
    return None if row is None else int(row[0])


# --- beginning anew ---


def clear_seat(db: Database, number: int, *, leave: bool) -> list[str]:
    """Everything of that seat's work goes; with `leave` the seat too. Gives the names in the photo box that are free then."""
    freed = _forget(db, work_of(db, number))
    db.conn.execute("DELETE FROM practice_note WHERE seat = ?", (number,))
    if leave:
        db.conn.execute("DELETE FROM practice_seat WHERE number = ?", (number,))
    else:
        db.conn.execute("UPDATE practice_seat SET help_ms = NULL WHERE number = ?", (number,))
    return freed


def clear_room(db: Database) -> list[str]:
    """Everybody's work, and the seats; what was found unclear stays. Gives the names in the photo box that are free then."""
    freed = sorted(drafts.files_in_use(db))
    for table in (*_WORK, "practice_note", "practice_work", "practice_seat"):
        db.conn.execute(f"DELETE FROM [{table}]")  # noqa: S608 - names are ours
    return freed


def _forget(db: Database, applications: Collection[str]) -> list[str]:
    freed: list[str] = []
    for application_id in applications:
        freed += [name for photo in drafts.photos(db, application_id) for name in files_of(photo)]
        for table in (
            "print_job",
            "card",
            "own_record",
            "story",
            "application",
            "draft",
            "sheet_line",
            "practice_card",
        ):
            db.conn.execute(f"DELETE FROM [{table}] WHERE application_id = ?", (application_id,))  # noqa: S608 - ours
        db.conn.execute("DELETE FROM practice_work WHERE application_id = ?", (application_id,))
    return freed


# --- what was unclear ---


def tell(db: Database, number: int, said: Unclear) -> None:
    """Keeps what the trainee of that seat said; said again, the newest counts for nothing: one trainee, one word."""
    row = msgspec.to_builtins(said)
    db.table("practice_unclear").insert(
        {**row, "tasks": msgspec.json.encode(said.tasks).decode(), "sent": int(said.sent)}
    )
    db.conn.execute("UPDATE practice_seat SET told = 1 WHERE number = ?", (number,))


def unclear(db: Database) -> list[Unclear]:
    """All of it, the newest first."""
    rows = db.query("SELECT * FROM practice_unclear ORDER BY at_ms DESC, feedback_id")
    return [_unclear(row) for row in rows]


def unsent(db: Database) -> list[Unclear]:
    """What the center has not been told yet, the oldest first."""
    rows = db.query("SELECT * FROM practice_unclear WHERE sent = 0 ORDER BY at_ms, feedback_id")
    return [_unclear(row) for row in rows]


def note_sent(db: Database, feedback_id: str) -> None:
    """It lies in the machine's own log now."""
    db.conn.execute("UPDATE practice_unclear SET sent = 1 WHERE feedback_id = ?", (feedback_id,))


def _seat(row: dict[str, object]) -> Seat:
    return convert(
        {**{name: row[name] for name in ("number", "taken_ms", "seen_ms", "help_ms")}, "told": bool(row["told"])}, Seat
    )


def _unclear(row: dict[str, object]) -> Unclear:
    return convert({**row, "tasks": msgspec.json.decode(str(row["tasks"])), "sent": bool(row["sent"])}, Unclear)
