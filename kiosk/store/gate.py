"""How many cards were held up on a day, by outcome. Nothing about a person or a card is kept."""

from __future__ import annotations

from datetime import date

from sqlite_utils import Database

HIGH_WATER = "pack_high_water"


def count(db: Database, day: date, verdict: str) -> None:
    """One more of that outcome (green, amber, red, or `mismatch` when the face was not the photo's)."""
    db.conn.execute(
        "INSERT INTO gate_count (day, verdict, n) VALUES (?, ?, 1) ON CONFLICT (day, verdict) DO UPDATE SET n = n + 1",
        (day.isoformat(), verdict),
    )


def counts(db: Database, day: date) -> dict[str, int]:
    """The day's counts by outcome."""
    rows = db.conn.execute("SELECT verdict, n FROM gate_count WHERE day = ?", (day.isoformat(),))
    return {str(verdict): int(n) for verdict, n in rows}


def high_water(db: Database) -> int:
    """The highest pack version this tablet ever used (an older one is refused)."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (HIGH_WATER,)).fetchone()
    return int(row[0]) if row else 0


def raise_high_water(db: Database, version: int) -> None:
    """Notes a version as used; never lowers it."""
    db.conn.execute(
        """
        INSERT INTO meta (k, v) VALUES (?, ?)
        ON CONFLICT (k) DO UPDATE SET v = CASE WHEN CAST(v AS INTEGER) < ? THEN excluded.v ELSE v END
        """,
        (HIGH_WATER, str(version), version),
    )
