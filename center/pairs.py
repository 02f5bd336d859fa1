"""Cases that may be one person's: how a pair is found as a case comes in, and what parting it does to both (sync.md B.7).

What is not here: a reviewer's decision about a pair (choosing), the rows (center.store.twins).
"""

from __future__ import annotations

from sqlalchemy import Connection

from center import records, telling
from center.indices import identity_index, index_of
from center.settings import Settings
from center.store import cases, intake, twins
from center.store.intake import Body
from honorcard import identity, names


def link(conn: Connection, settings: Settings, body: Body, now_ms: int) -> None:
    """Links the case with those that may be the same person's: under the same number, and not decided; or one unseen slip
    away and under the same name. The others are flagged as well, and their tablets hear that there is another one, no more.

    A corrected number undoes what the wrong one had linked.
    """
    idbx, name_key = identity_index(settings, body), names.fold(body.name)
    same = intake.others_open(conn, idbx, body.application_id)
    for other in twins.open_of(conn, body.application_id, "same"):
        if not intake.is_under(conn, other, idbx):
            part(conn, body.application_id, other, "over", now_ms)
    for other in same:
        twins.link(conn, body.application_id, other, "same", now_ms)
        intake.add_flag(conn, other, "possible_duplicate")
        telling.again(conn, other, now_ms)
    for other in intake.under(conn, lookalikes(settings, body), name_key):
        twins.link(conn, body.application_id, other, "alike", now_ms)


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


def lookalikes(settings: Settings, body: Body) -> list[bytes]:
    """The indices under which the person would stand, had the number been mistyped where no check digit sees it."""
    number = identity.read(body.identity_number, passport=body.identity_kind == "passport")
    return (
        [] if number.kind == "passport" else [index_of(settings, other) for other in identity.lookalikes(number.number)]
    )
