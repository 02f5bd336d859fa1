"""A unit's application sheets, 申請單: which applications stand on one, in their order.

Who they are stands in the drafts and, once sent, masked in the tray's rows; a sheet holds ids alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True)
class Sheet:
    """One sheet. number: as the unit calls it. opened_on: ISO. lines: how many applications stand on it."""

    sheet_id: str
    number: str
    opened_on: str
    touched_ms: int
    lines: int


_SHEETS = """
    SELECT s.*,
      (
        SELECT count(*) FROM sheet_line AS l
        WHERE l.sheet_id = s.sheet_id
          AND (
            EXISTS (SELECT 1 FROM draft AS d WHERE d.application_id = l.application_id)
            OR EXISTS (SELECT 1 FROM application AS a WHERE a.application_id = l.application_id)
          )
      ) AS lines
    FROM application_sheet AS s
"""


def begin(db: Database, sheet_id: str, number: str, opened_on: str, now_ms: int) -> None:
    """A new, empty sheet."""
    db.table("application_sheet").insert(
        {"sheet_id": sheet_id, "number": number, "opened_on": opened_on, "touched_ms": now_ms}
    )


def every(db: Database) -> list[Sheet]:
    """All sheets, the one touched last first."""
    return [Sheet(**row) for row in db.query(_SHEETS + "ORDER BY s.touched_ms DESC, s.sheet_id")]


def find(db: Database, sheet_id: str) -> Sheet | None:
    """One sheet."""
    return next((Sheet(**row) for row in db.query(_SHEETS + "WHERE s.sheet_id = :id", {"id": sheet_id})), None)


def of_application(db: Database, application_id: str) -> Sheet | None:
    """The sheet an application stands on."""
    line = "WHERE s.sheet_id = (SELECT sheet_id FROM sheet_line WHERE application_id = :id)"
    return next((Sheet(**row) for row in db.query(_SHEETS + line, {"id": application_id})), None)


def applications(db: Database, sheet_id: str) -> list[str]:
    """Ids on the sheet, in the order in which they were put there; also of drafts thrown away since."""
    sql = "SELECT application_id FROM sheet_line WHERE sheet_id = ? ORDER BY place, application_id"
    return [str(row[0]) for row in db.conn.execute(sql, (sheet_id,))]


def put_on(db: Database, sheet_id: str, application_id: str, now_ms: int) -> None:
    """Adds an application at the end; one that stood on another sheet moves."""
    db.conn.execute(
        """
        INSERT INTO sheet_line (application_id, sheet_id, place)
        VALUES (:id, :sheet, (SELECT coalesce(max(place), 0) + 1 FROM sheet_line WHERE sheet_id = :sheet))
        ON CONFLICT (application_id) DO UPDATE SET sheet_id = excluded.sheet_id, place = excluded.place
        """,
        {"id": application_id, "sheet": sheet_id},
    )
    touch(db, sheet_id, now_ms)


def take_off(db: Database, application_id: str) -> None:
    """Takes an application off its sheet; the draft itself stays."""
    db.conn.execute("DELETE FROM sheet_line WHERE application_id = ?", (application_id,))


def remove(db: Database, sheet_id: str) -> None:
    """The sheet goes with its lines; drafts and what was sent stay."""
    db.conn.execute("DELETE FROM sheet_line WHERE sheet_id = ?", (sheet_id,))
    db.conn.execute("DELETE FROM application_sheet WHERE sheet_id = ?", (sheet_id,))


def touch(db: Database, sheet_id: str, now_ms: int) -> None:
    """Somebody worked on the sheet."""
    db.conn.execute("UPDATE application_sheet SET touched_ms = ? WHERE sheet_id = ?", (now_ms, sheet_id))


def on_sheets(db: Database) -> set[str]:
    """Ids of every application that stands on a sheet."""
    return {str(row[0]) for row in db.conn.execute("SELECT application_id FROM sheet_line")}


def of_person(db: Database, identity_mac: bytes) -> list[str]:
    """Receipts of applications of that person that were sent from here and are not decided yet."""
    sql = """
        SELECT receipt FROM application
        WHERE identity_mac = ? AND state NOT IN ('issued', 'refused', 'withdrawn')
        ORDER BY created_ms
        """
    return [str(row[0]) for row in db.conn.execute(sql, (identity_mac,))]
