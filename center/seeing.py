"""Whose record an account may look at: a unit officer the own unit's people, others everybody (R34).

For the pages about one person (people, entering, performing). What is not here: which roles may enter a page (guard).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from center import current, records
from center.guard import me
from center.settings import Settings
from center.store import people, volunteers
from center.store.accounts import Account
from center.store.people import Person
from center.store.volunteers import Volunteer
from honorcard.collected import History, Look, look
from honorcard.problems import ProblemError
from web.clock import today


@dataclass(frozen=True)
class Seen:
    """One person as an account may see them. nos: every number their rows stand under."""

    person: Person
    volunteer: Volunteer
    history: History
    look: Look
    nos: tuple[int, ...]


def own_unit(account: Account) -> str | None:
    """The only unit whose people an officer may see; None for those who see all. An officer always has a unit."""
    return account.unit_id if account.role == "unit_officer" else None


def person(conn: Connection, person_id: str) -> Person:
    """The person, when this account may know of them. ProblemError `person_unknown` otherwise."""
    found = people.find(conn, person_id, own_unit(me()))
    if found is None:
        raise ProblemError("person_unknown")
    return found


def check(person_id: str) -> None:
    """Nothing when this account may know of the person; asked before a form is read. ProblemError `person_unknown`."""
    with current.store().read() as conn:
        person(conn, person_id)


def record(conn: Connection, settings: Settings, person_id: str) -> Seen:
    """The person with the record as of today. ProblemError `person_unknown`."""
    found = person(conn, person_id)
    volunteer = volunteers.of_no(conn, found.no)
    assert volunteer is not None
    history = records.history_of(conn, found.idbx)
    seen = look(history, today(), settings.rules_on(today()))
    return Seen(found, volunteer, history, seen, tuple(nos(conn, found)))


def nos(conn: Connection, found: Person) -> list[int]:
    """Every number the person's rows stand under."""
    return volunteers.nos_of(conn, people.indices_of(conn, found.idbx))
