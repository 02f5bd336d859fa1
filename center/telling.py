"""What tablets are told of a case: where it stands, and what the applicant is to know besides.

Every tablet that has sent anything of the case hears it. Of another application of the same person nothing is said but
that there is one (sync.md B.7). What is not here: what is sealed to a tablet (decisions, issue).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from center.store import feed, intake, photographs, proposals, twins
from sync.wire import ApplicationState, Decided, encode


def state(
    conn: Connection, application_id: str, said: str, rev: int, now_ms: int, device_id: str | None = None
) -> None:
    """Puts the case's state into the feed of its tablets; of one alone when device_id is given."""
    photos = photographs.count(conn, application_id)
    here = photos["stored"] + photos["opened"] + photos["refused"]
    body = encode(
        ApplicationState(
            state=said, photos_stored=here, photos=sum(photos.values()), notices=notices(conn, application_id)
        )
    )
    tablets = [device_id] if device_id is not None else proposals.tablets_of(conn, application_id)
    for tablet in tablets:
        feed.append(
            conn, kind="application.state", entity_id=application_id, rev=rev, device_id=tablet, body=body, at_ms=now_ms
        )


@dataclass(frozen=True)
class Begun:
    """An application that has just come in. here: how many of its photographs have arrived before it. is_double: whether it
    was linked with one of the same number.
    """

    application_id: str
    here: int
    photos: int
    is_double: bool


def first(conn: Connection, begun: Sequence[Begun], device_id: str, now_ms: int) -> None:
    """The state of applications that have just come in, for the only tablet that knows of them: incomplete."""
    said = []
    for one in begun:
        told = ("duplicate",) if one.is_double else ()
        state = ApplicationState(state="incomplete", photos_stored=one.here, photos=one.photos, notices=told)
        said.append((one.application_id, encode(state)))
    feed.append_all(conn, said, kind="application.state", rev=1, device_id=device_id, at_ms=now_ms)


def again(conn: Connection, application_id: str, now_ms: int) -> None:
    """The same state once more, because what is to be known besides has changed."""
    found = intake.standing(conn, application_id)
    if found is not None:
        state(conn, application_id, found.state, found.rev, now_ms)


def notices(conn: Connection, application_id: str) -> tuple[str, ...]:
    """What the applicant is to know besides the state (sync.wire.ApplicationState)."""
    found = []
    pairs = twins.kinds_of(conn, application_id)
    if ("same", "open") in pairs:
        found.append("duplicate")
    if any(decided == "merged" for _, decided in pairs):
        standing = intake.standing(conn, application_id)
        if standing is not None and standing.state == "withdrawn":
            found.append("merged")
    if proposals.is_waiting(conn, application_id):
        found.append("deciding")
    return tuple(found)


def decided(conn: Connection, application_id: str, op_id: str, used: str, rev: int, now_ms: int) -> None:
    """What became of a change, for every tablet of the case."""
    body = encode(Decided(op_id=op_id, used=used))  # type: ignore[arg-type]
    for tablet in proposals.tablets_of(conn, application_id):
        feed.append(
            conn, kind="application.decided", entity_id=application_id, rev=rev, device_id=tablet, body=body,
            at_ms=now_ms,
        )  # fmt: skip


def end_open_changes(conn: Connection, application_id: str, rev: int, now_ms: int, by: str | None = None) -> None:
    """The case has come to its end: changes that waited are overtaken by it, and the tablets hear so."""
    for waiting in proposals.of_case(conn, application_id):
        proposals.decide(conn, waiting.op_id, "overtaken", by=by, rev=rev, now_ms=now_ms)
        decided(conn, application_id, waiting.op_id, "overtaken", rev, now_ms)
