"""How the kiosk's schema is written down: steps, kept in the order in which their modules name them. The steps: first_steps,
then migrations.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

STEPS: list[tuple[str, Callable[[Database], None]]] = []


def step(name: str) -> Callable[[Callable[[Database], None]], Callable[[Database], None]]:
    """Keeps a function as the next step; once released, neither changes: tablets have gone through it."""

    def keep(function: Callable[[Database], None]) -> Callable[[Database], None]:
        STEPS.append((name, function))
        return function

    return keep


def run(db: Database, *statements: str) -> None:
    """One statement after the other, inside the caller's transaction."""
    for statement in statements:
        db.conn.execute(statement)
