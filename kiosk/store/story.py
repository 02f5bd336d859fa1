"""What happened to each application since it was submitted here, for its page in the queue. States and moments only,
nothing about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils import Database


@dataclass(frozen=True)
class Event:
    """One thing that happened, at that moment (milliseconds since 1970).

    what: `taken` (the center answered), `photos` (and has every photograph), `state` (its word on the case, in `code`),
    `refused` (in `code` why), `again` (offered once more to a restored or updated center), `card` (its number came).
    """

    at_ms: int
    what: str
    code: str


def note(db: Database, application_id: str, what: str, now_ms: int, code: str = "") -> None:
    """Adds an event, unless it says what the last one said."""
    db.conn.execute(
        """
        INSERT INTO story (application_id, at_ms, what, code)
        SELECT :id, :now, :what, :code
        WHERE (:what, :code) IS NOT (
          SELECT what, code FROM story WHERE application_id = :id ORDER BY story_id DESC LIMIT 1
        )
        """,
        {"id": application_id, "now": now_ms, "what": what, "code": code},
    )


def note_whole(db: Database, now_ms: int) -> int:
    """Notes for each application whose last photograph has arrived since; gives how many there were."""
    done = db.conn.execute(
        """
        INSERT INTO story (application_id, at_ms, what, code)
        SELECT a.application_id, :now, 'photos', ''
        FROM application AS a
        JOIN op_log AS o ON o.seq = (
          SELECT max(seq) FROM op_log
          WHERE entity_id = a.application_id AND kind IN ('application.submit', 'application.amend', 'application.reissue')
        )
        WHERE o.state IN ('accepted', 'durable')
          AND NOT EXISTS (
            SELECT 1 FROM json_each(o.needs_blobs) AS named
            JOIN blob AS b ON b.sha256 = unhex(named.value)
            WHERE b.state IN ('local', 'quarantined')
          )
          AND (
            SELECT max(story_id) FROM story WHERE application_id = a.application_id AND what = 'taken'
          ) > (
            SELECT coalesce(max(story_id), 0) FROM story WHERE application_id = a.application_id AND what = 'photos'
          )
        """,
        {"now": now_ms},
    )
    return int(done.rowcount)


def note_offered_again(db: Database, now_ms: int) -> None:
    """Notes for each application whose operation a restored center is offered once more."""
    found = db.conn.execute(
        """
        SELECT DISTINCT entity_id FROM op_log
        WHERE state = 'pending' AND result IS NOT NULL AND kind LIKE 'application.%'
        """
    )
    for (application_id,) in found.fetchall():
        note(db, application_id, "again", now_ms, "restored")


def saved(db: Database, application_id: str) -> list[tuple[int, str]]:
    """When each of its operations was saved here, and of what kind it was."""
    found = db.conn.execute(
        "SELECT wall_ms, kind FROM op_log WHERE entity_id = ? AND wall_ms IS NOT NULL ORDER BY seq", (application_id,)
    )
    return [(row[0], row[1]) for row in found]


def events(db: Database, application_id: str) -> list[Event]:
    """All that happened, the first thing first."""
    found = db.conn.execute(
        "SELECT at_ms, what, code FROM story WHERE application_id = ? ORDER BY story_id", (application_id,)
    )
    return [Event(*row) for row in found]
