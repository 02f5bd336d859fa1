"""Events on this tablet: what is held, who was checked in and out here, whom the unit's list expects.

Of a person there is a keyed digest of what was held up, and where the unit's own list has it the masked name; the list itself
goes when the event is closed. What is not here: what travels to the center (kiosk.events.marking).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

from sync import wire

_COLUMNS = (
    "event_id", "kind", "title", "place", "starts_ms", "ends_ms", "counting", "half_hours", "item", "course", "field", "state",
)  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One check-in or check-out here. nationality: of whom a passport's number stands for."""

    act_id: str
    who: bytes
    what: str
    at_ms: int
    how: str
    label: str
    nationality: str = ""


@dataclass(frozen=True)
class Counts:
    """came: people who were checked in; here: of them not checked out; out_only: checked out without having come here.

    walk_ins: registered on the spot; unknown: without a name on this tablet's own list.
    """

    came: int = 0
    here: int = 0
    left: int = 0
    out_only: int = 0
    walk_ins: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Expected:
    """A line of the unit's list. what, at_ms: this person's last act here; empty before the first."""

    line: int
    name: str
    number: str
    who: bytes
    what: str = ""
    at_ms: int = 0


def keep(db: Database, event: wire.Event) -> None:
    """An event as it stands from now on. What was closed here stays closed, and its list goes."""
    known = find(db, event.event_id)
    state = "closed" if known is not None and known.state == "closed" else event.state
    row = {**{name: getattr(event, name) for name in _COLUMNS}, "state": state}
    db.table("event").insert(row, pk="event_id", replace=True)
    if state == "closed":
        db.conn.execute("DELETE FROM event_expected WHERE event_id = ?", (event.event_id,))


def find(db: Database, event_id: str) -> wire.Event | None:
    """One event."""
    rows = db.query("SELECT * FROM event WHERE event_id = :id", {"id": event_id})
    return next((wire.Event(**row) for row in rows), None)


def every(db: Database) -> list[wire.Event]:
    """All events, those that are open first, then the latest."""
    rows = db.query("SELECT * FROM event ORDER BY state = 'closed', starts_ms DESC, event_id LIMIT 200")
    return [wire.Event(**row) for row in rows]


def close(db: Database, event_id: str) -> None:
    """Check-in is over; the list of those expected goes."""
    db.conn.execute("UPDATE event SET state = 'closed' WHERE event_id = ?", (event_id,))
    db.conn.execute("DELETE FROM event_expected WHERE event_id = ?", (event_id,))


def add_act(db: Database, event_id: str, act: Act) -> None:
    """Notes an act."""
    db.table("event_act").insert(
        {
            "act_id": act.act_id, "event_id": event_id, "who": act.who, "what": act.what, "at_ms": act.at_ms, "how": act.how,
            "label": act.label, "nationality": act.nationality,
        }
    )  # fmt: skip


def last_of(db: Database, event_id: str, who: bytes) -> Act | None:
    """What this person did last here."""
    return _one(db, "WHERE event_id = :event AND who = :who AND undone = 0", {"event": event_id, "who": who})


def last(db: Database, event_id: str) -> Act | None:
    """What was noted last here; what was taken back does not count."""
    return _one(db, "WHERE event_id = :event AND undone = 0", {"event": event_id})


def act(db: Database, event_id: str, act_id: str) -> Act | None:
    """One act that stands."""
    return _one(db, "WHERE event_id = :event AND act_id = :id AND undone = 0", {"event": event_id, "id": act_id})


def undo(db: Database, act_id: str) -> None:
    """Takes an act back."""
    db.conn.execute("UPDATE event_act SET undone = 1 WHERE act_id = ?", (act_id,))


def people(db: Database, event_id: str) -> list[list[Act]]:
    """Everybody who was here, each with the acts in their order; whoever did something last, first."""
    found: dict[bytes, list[Act]] = {}
    for row in db.query(_ACTS + "WHERE event_id = :event AND undone = 0 ORDER BY place", {"event": event_id}):
        one = Act(**row)
        acts = found.pop(one.who, [])
        found[one.who] = [*acts, one]
    return list(reversed(found.values()))


def counts(db: Database, event_id: str) -> Counts:
    """How many came, are here, left, and who they are to this tablet."""
    row = db.conn.execute(
        """
        SELECT
          count(*) FILTER (WHERE came),
          count(*) FILTER (WHERE last = 'in'),
          count(*) FILTER (WHERE came AND last = 'out'),
          count(*) FILTER (WHERE NOT came),
          count(*) FILTER (WHERE walked_in),
          count(*) FILTER (WHERE NOT known)
        FROM (
          SELECT
            max(a.what = 'in') AS came,
            max(a.how = 'walk_in') AS walked_in,
            max(a.label <> '') AS known,
            (
              SELECT b.what FROM event_act AS b
              WHERE b.event_id = a.event_id AND b.who = a.who AND b.undone = 0
              ORDER BY b.place DESC LIMIT 1
            ) AS last
          FROM event_act AS a
          WHERE a.event_id = :event AND a.undone = 0
          GROUP BY a.who
        )
        """,
        {"event": event_id},
    ).fetchone()
    return Counts(*(int(figure or 0) for figure in row))


def expect(db: Database, event_id: str, people: Iterable[tuple[str, str, bytes]]) -> int:
    """Puts people (name, number, digest) on the list of those expected, each once; says how many were new."""
    there = {bytes(row[0]) for row in db.conn.execute("SELECT who FROM event_expected WHERE event_id = ?", (event_id,))}
    line = db.conn.execute(
        "SELECT coalesce(max(line), 0) FROM event_expected WHERE event_id = ?", (event_id,)
    ).fetchone()[0]
    rows = []
    for name, number, who in people:
        if who not in there:
            there.add(who)
            line += 1
            rows.append({"event_id": event_id, "line": line, "name": name, "number": number, "who": who})
    db.table("event_expected").insert_all(rows)
    return len(rows)


def expected(db: Database, event_id: str) -> list[Expected]:
    """The list of those expected, with what each did last here."""
    rows = db.query(
        """
        SELECT e.line, e.name, e.number, e.who, coalesce(a.what, '') AS what, coalesce(a.at_ms, 0) AS at_ms
        FROM event_expected AS e
        LEFT JOIN event_act AS a ON a.place = (
          SELECT max(b.place) FROM event_act AS b WHERE b.event_id = e.event_id AND b.who = e.who AND b.undone = 0
        )
        WHERE e.event_id = :event
        ORDER BY e.line
        """,
        {"event": event_id},
    )
    return [Expected(**row) for row in rows]


def name_of(db: Database, event_id: str, who: bytes) -> str:
    """The name that the unit's list has for this digest; empty without one."""
    sql = "SELECT name FROM event_expected WHERE event_id = ? AND who = ?"
    row = db.conn.execute(sql, (event_id, who)).fetchone()
    return str(row[0]) if row else ""


_ACTS = "SELECT act_id, who, what, at_ms, how, label, nationality FROM event_act "


def _one(db: Database, where: str, values: dict[str, object]) -> Act | None:
    return next((Act(**row) for row in db.query(f"{_ACTS}{where} ORDER BY place DESC LIMIT 1", values)), None)
