"""The database looked at from outside, beside a program that may be at work on it: nothing is stepped up, set aside or written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from kiosk.store.migrations import step_names

WAIT_S = 5.0


@dataclass(frozen=True)
class Inspection:
    """damage: empty, or the first thing that is wrong. behind: steps this program would take at its next start. ahead: steps
    it does not know, taken by a newer one.
    """

    damage: str
    behind: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()


def inspect(path: Path, key: bytes) -> Inspection:
    """How the database of that key stands. sqlcipher.OperationalError while another program holds it for long."""
    conn = sqlcipher.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=WAIT_S, isolation_level=None)
    try:
        conn.execute("PRAGMA cipher_log_level = NONE")
        conn.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        conn.execute("PRAGMA query_only = ON")
        said = str(conn.execute("PRAGMA quick_check(1)").fetchone()[0])
        if said != "ok":
            return Inspection(said)
        taken = [row[0] for row in conn.execute("SELECT name FROM migration ORDER BY rowid")]
    except sqlcipher.OperationalError:
        raise
    except sqlcipher.DatabaseError as error:
        return Inspection(str(error) or type(error).__name__)
    finally:
        conn.close()
    known = step_names()
    return Inspection(
        "", tuple(name for name in known if name not in taken), tuple(name for name in taken if name not in known)
    )
