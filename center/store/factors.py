"""The second factor of each account: its sealed secret, the last step that was accepted, recovery codes.

As with passwords a try is counted, and that is committed, before the code is looked at. What is not here: what a code is
(center.factor), sealing, pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from center.store.tables import account, recovery_code

TRIES = 6
LOCK_MS = 15 * 60 * 1000


@dataclass(frozen=True)
class Factor:
    """What an account's code is checked against. box: the sealed secret, None where there is none. locked: no try now."""

    box: bytes | None
    new_box: bytes | None
    step: int
    since_ms: int | None
    locked: bool


def find(conn: Connection, account_id: str, now_ms: int) -> Factor | None:
    """The account's factor as it stands; None for no such account."""
    row = conn.execute(select(account).where(account.c.account_id == account_id)).first()
    if row is None:
        return None
    locked = row.factor_locked_until_ms is not None and row.factor_locked_until_ms > now_ms
    return Factor(row.totp_box, row.totp_new_box, row.totp_step, row.totp_since_ms, locked)


def count_attempt(conn: Connection, account_id: str, now_ms: int) -> Factor | None:
    """Counts a try before any code is looked at (commit before checking): the sixth without success locks for 15 minutes.
    None where nothing may be checked.
    """
    found = find(conn, account_id, now_ms)
    if found is None or found.locked:
        return None
    failed = conn.execute(select(account.c.factor_failed).where(account.c.account_id == account_id)).scalar_one() + 1
    locks = failed >= TRIES
    conn.execute(
        update(account)
        .where(account.c.account_id == account_id)
        .values(factor_failed=0 if locks else failed, factor_locked_until_ms=now_ms + LOCK_MS if locks else None)
    )
    return found


def accept(conn: Connection, account_id: str, step: int) -> bool:
    """Takes a step as used; False when it, or a later one, was used before (also by somebody who came first)."""
    taken = conn.execute(
        update(account)
        .where(account.c.account_id == account_id, account.c.totp_step < step)
        .values(totp_step=step, factor_failed=0, factor_locked_until_ms=None)
    )
    return bool(taken.rowcount)


def spend(conn: Connection, account_id: str, code_hash: bytes, now_ms: int) -> bool:
    """Takes a recovery code as used; False for none of theirs, or one that was used before."""
    spent = conn.execute(
        update(recovery_code)
        .where(
            recovery_code.c.account_id == account_id, recovery_code.c.code_hash == code_hash,
            recovery_code.c.used_ms.is_(None),
        )
        .values(used_ms=now_ms)
    )  # fmt: skip
    if spent.rowcount:
        conn.execute(
            update(account)
            .where(account.c.account_id == account_id)
            .values(factor_failed=0, factor_locked_until_ms=None)
        )
    return bool(spent.rowcount)


def codes_left(conn: Connection, account_id: str) -> int:
    """How many recovery codes were not used yet."""
    query = select(func.count()).select_from(recovery_code)
    unused = (recovery_code.c.account_id == account_id, recovery_code.c.used_ms.is_(None))
    return int(conn.execute(query.where(*unused)).scalar_one())


def prepare(conn: Connection, account_id: str, box: bytes) -> bytes:
    """Keeps the sealed secret that is being set up, and gives the one that is kept: an earlier one stays, so that a page
    that is opened again shows the same code.
    """
    kept = conn.execute(select(account.c.totp_new_box).where(account.c.account_id == account_id)).scalar_one()
    if kept is not None:
        return bytes(kept)
    conn.execute(update(account).where(account.c.account_id == account_id).values(totp_new_box=box))
    return box


def put_in_force(
    conn: Connection, account_id: str, box: bytes, step: int, hashes: Iterable[bytes], now_ms: int
) -> None:
    """The prepared secret is the account's from now on, with recovery codes of its own; what was before is forgotten."""
    conn.execute(
        update(account)
        .where(account.c.account_id == account_id)
        .values(
            totp_box=box, totp_new_box=None, totp_step=step, totp_since_ms=now_ms, factor_failed=0,
            factor_locked_until_ms=None,
        )
    )  # fmt: skip
    new_codes(conn, account_id, hashes)


def new_codes(conn: Connection, account_id: str, hashes: Iterable[bytes]) -> None:
    """These are the account's recovery codes from now on, and no others."""
    conn.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    conn.execute(insert(recovery_code), [{"account_id": account_id, "code_hash": one} for one in hashes])


def forget_prepared(conn: Connection, account_id: str) -> None:
    """What was being set up is given up."""
    conn.execute(update(account).where(account.c.account_id == account_id).values(totp_new_box=None))


def remove(conn: Connection, account_id: str) -> bool:
    """Takes the factor away; False where there was none."""
    had = conn.execute(
        update(account)
        .where(account.c.account_id == account_id, account.c.totp_box.is_not(None))
        .values(totp_box=None, totp_since_ms=None)
    )
    conn.execute(
        update(account)
        .where(account.c.account_id == account_id)
        .values(totp_new_box=None, totp_step=0, factor_failed=0, factor_locked_until_ms=None)
    )
    conn.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    return bool(had.rowcount)
