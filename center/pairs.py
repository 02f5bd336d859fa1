"""Cases that may be one person's: how a pair is found as a case comes in, and what parting it does to both (sync.md B.7).

What is not here: a reviewer's decision about a pair (choosing), the rows (center.store.twins).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from center import records, telling
from center.indices import identity_index, indices_of
from center.settings import Settings
from center.store import cases, intake, twins
from center.store.intake import Body
from honorcard import identity, names

ALIKE_AT_MOST = 10  # the newest of them


@dataclass(frozen=True)
class Near:
    """The other applications that may be the same person's: with the same number and not decided, each with its flags; and
    one unseen slip away under the same name. idbx, name_key: under what the person is found.
    """

    idbx: bytes
    name_key: str
    same: dict[str, tuple[str, ...]]
    alike: list[str]


@dataclass(frozen=True)
class Person:
    """Under what an application's person is found. alike: the indices under which they would stand, had the number been
    mistyped where no check digit sees it.
    """

    idbx: bytes
    name_key: str
    alike: tuple[bytes, ...]


def person_of(settings: Settings, body: Body) -> Person:
    """The person of an application."""
    number = identity.read(body.identity_number, passport=body.identity_kind == "passport")
    slips = () if number.kind == "passport" else identity.lookalikes(number.number)
    return Person(identity_index(settings, body), names.fold(body.name), tuple(indices_of(settings, slips)))


def near(conn: Connection, settings: Settings, body: Body) -> Near:
    """Which applications a case is linked with, whether it is here already or not."""
    return near_each(conn, [(body.application_id, person_of(settings, body))])[0]


def near_each(conn: Connection, cases: Sequence[tuple[str, Person]]) -> list[Near]:
    """For each of these cases, by id and person, which others it is linked with."""
    people = [person for _, person in cases]
    found = intake.under(
        conn,
        {person.idbx for person in people},
        {index for person in people for index in person.alike},
        {person.name_key for person in people},
    )
    by_index: dict[bytes, list[intake.Under]] = {}
    for one in found:
        by_index.setdefault(one.idbx, []).append(one)
    return [_near(application_id, person, by_index) for application_id, person in cases]


def _near(application_id: str, person: Person, by_index: Mapping[bytes, Sequence[intake.Under]]) -> Near:
    same = {
        other.application_id: other.flags
        for other in by_index.get(person.idbx, ())
        if other.state in intake.OPEN_STATES and other.application_id != application_id
    }
    alike = [
        other.application_id
        for index in person.alike
        for other in by_index.get(index, ())
        if other.name_key == person.name_key and other.state != "withdrawn" and other.application_id != application_id
    ]
    return Near(person.idbx, person.name_key, same, alike[-ALIKE_AT_MOST:])


def link(conn: Connection, body: Body, close: Near, now_ms: int, *, is_new: bool = False) -> None:
    """Links the case with those that may be the same person's: under the same number, and not decided; or one unseen slip
    away and under the same name. The others are flagged as well, and their tablets hear that there is another one, no more.

    A corrected number undoes what the wrong one had linked. is_new: the case has just come in, and nothing was linked with it.
    """
    known = [] if is_new else twins.of_case(conn, body.application_id)
    wrong = [pair.other for pair in known if pair.state == "open" and pair.why == "same"]
    wrong = [other for other in wrong if not intake.is_under(conn, other, close.idbx)]
    for other in wrong:
        part(conn, body.application_id, other, "over", now_ms)
    if wrong:
        known = twins.of_case(conn, body.application_id)
    twins.link_all(conn, body.application_id, close.same, "same", now_ms, known)
    for other, flags in close.same.items():
        if is_new and "possible_duplicate" in flags:
            continue  # its tablets know already that there is another one
        intake.add_flag(conn, other, "possible_duplicate")
        telling.again(conn, other, now_ms)
    twins.link_all(conn, body.application_id, set(close.alike) - set(close.same), "alike", now_ms, known)


def part(conn: Connection, one: str, other: str, state: str, now_ms: int, by: str | None = None) -> bool:
    """Decides a pair, and takes away what it had put on the other; False when it was decided before."""
    if not twins.decide(conn, one, other, state, by=by, now_ms=now_ms):
        return False
    for application_id in (one, other):
        if not twins.open_of(conn, application_id, "same"):
            intake.drop_flag(conn, application_id, "possible_duplicate")
        if not twins.open_of(conn, application_id, "alike"):
            intake.drop_flag(conn, application_id, "number_alike")
        case = cases.find(conn, application_id)
        if case is not None and case.state in ("second_review", "approved", "issued"):
            records.tell(conn, case, case.rev, now_ms)  # it waited until it was known whose service it is
    telling.again(conn, other, now_ms)
    return True


def leave(conn: Connection, application_id: str, rev: int, now_ms: int, by: str | None = None) -> None:
    """The case came to its end without a card: nothing about it waits for anybody any more."""
    telling.end_open_changes(conn, application_id, rev, now_ms, by)
    for other in twins.open_of(conn, application_id):
        part(conn, application_id, other, "over", now_ms)
