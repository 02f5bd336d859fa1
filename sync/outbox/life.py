"""How this database is called, so that a copy of it, or one that was set back, shows (sync.md B.1, B.5)."""

from __future__ import annotations

import secrets
from collections.abc import Collection

import msgspec
from sqlite_utils import Database

from sync.outbox import meta


def dev_epoch(db: Database) -> str:
    """The random number of this database's life, made at first use: a restored or copied tablet shows by it (sync.md
    B.1).
    """
    epoch = meta.value(db, "dev_epoch")
    if epoch is None:
        epoch = secrets.token_hex(8)
        meta.note(db, "dev_epoch", epoch)
    return epoch


def part(db: Database, op_ids: Collection[str] = ()) -> None:
    """Gives this database another name: the center has heard more under the present one, so that this is a copy, or was set
    back. What waits here is sent under the new name; by its own ids nothing is taken twice.

    op_ids: the operations whose place in the log was taken; for each this is done once.
    """
    meta.note(db, "dev_epoch", secrets.token_hex(8))
    meta.note(db, "parted", "untold")
    if op_ids:
        meta.note(db, "parted_for", msgspec.json.encode(sorted({*parted_for(db), *op_ids})).decode())


def has_parted(db: Database) -> bool:
    """Whether the center is still to be told that this database has another name now."""
    return meta.value(db, "parted") == "untold"


def told_parted(db: Database) -> None:
    """The center has heard of it."""
    db.conn.execute("UPDATE meta SET v = 'told' WHERE k = 'parted' AND v = 'untold'")


def parted_for(db: Database) -> set[str]:
    """The operations for which it got another name before."""
    known = meta.value(db, "parted_for")
    return set() if known is None else set(msgspec.json.decode(known))
