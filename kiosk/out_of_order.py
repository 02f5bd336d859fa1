"""A printer that failed stays out of order until a person has looked at it.

Kept in the store, so that a restart does not send the next volunteer into the same jam. Staff clears it on the printer's page,
which asks the printer first, or by printing again; a card that comes out clears it as well. Volunteers may take the PDF
meanwhile.
"""

from __future__ import annotations

from sqlite_utils import Database

from kiosk.printer_reasons import Trouble
from kiosk.store import syncing

_KEY = "printer_out_of_order"
# What does not pass by itself and is not about the one document.
HALTING: frozenset[Trouble] = frozenset(
    {
        "no_paper", "wrong_paper", "jam", "feed", "door", "no_ink", "waste_full", "tray_full", "paused", "stopped", "memory",
        "service", "attention", "unreachable", "not_a_printer", "no_pdf", "no_a4", "too_long", "lost_track",
    }
)  # fmt: skip


def note(db: Database, done: bool, trouble: Trouble) -> None:
    """A job has ended: with a card in the tray the printer is in order, with a trouble that stays it is not."""
    if done:
        clear(db)
    elif trouble in HALTING:
        syncing.put(db, _KEY, trouble)


def look(db: Database) -> Trouble:
    """What it is out of order with; empty when it is not."""
    found = syncing.get(db, _KEY)
    return next((trouble for trouble in HALTING if trouble == found), "")


def clear(db: Database) -> None:
    """A person has seen to it."""
    if syncing.get(db, _KEY):
        syncing.put(db, _KEY, "")
