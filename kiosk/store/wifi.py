"""The Wi-Fi that phones join to reach this host, as staff typed it: in the encrypted store, since its password is nobody else's."""

from __future__ import annotations

from sqlite_utils import Database

from honorcard.joining import Wifi


def held(db: Database) -> Wifi | None:
    """The network; None when none was said."""
    row = db.conn.execute("SELECT name, password, hidden FROM wifi").fetchone()
    return Wifi(name=row[0], password=row[1], hidden=bool(row[2])) if row else None


def keep(db: Database, wifi: Wifi) -> None:
    """Keeps it in place of what was there."""
    forget(db)
    db.conn.execute(
        "INSERT INTO wifi (place, name, password, hidden) VALUES (1, ?, ?, ?)", (wifi.name, wifi.password, wifi.hidden)
    )


def forget(db: Database) -> None:
    """There is none any more."""
    db.conn.execute("DELETE FROM wifi")
