"""Cases as reviewers see them: one case whole, what was decided about it and by whom.

A decision is written by `move` with the rev its reviewer saw: when somebody else was first, nothing is written. What
is not here: the queues (queue), how a case comes in (intake) and whether a move is allowed (honorcard.review).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from center.store import audit, bulk
from center.store.audit import Act, Change
from center.store.tables import account, application, application_photo, card, device, history, unit
from honorcard.problems import ProblemError
from sync import wire
from sync.upcasting import decode_application

SLOTS = ("headshot", "cover", "page", "certificate", "previous_card", "form", "document")
ABOUT_A_CARD = ("reissue", "correction")  # kinds of case whose body is a wire.ReissueBody


@dataclass(frozen=True)
class CasePhoto:
    """One photograph of a case: where it belongs, its address once opened, and what is wrong with it."""

    slot: str
    position: int
    clear_sha256: str
    state: str
    problem: str


@dataclass(frozen=True)
class HistoryRow:
    """One event of a case. `actor` is an account's or tablet's name, or `center`."""

    at_ms: int
    actor: str
    move: str
    reasons: tuple[str, ...]
    text: str
    rev: int


@dataclass(frozen=True)
class Case:
    """One application with all that a reviewer needs.

    reissue: what is asked for when the case is about a card that exists; body then holds the person and the papers, and
    no service.
    """

    application_id: str
    receipt: str
    rev: int
    state: str
    kind: str
    unit_id: str | None
    unit: str
    device_id: str | None
    device: str
    idbx: bytes
    body: wire.ApplicationBody
    outcome: str
    flags: tuple[str, ...]
    submitted_on: date
    received_ms: int
    first_reviewer: str | None
    first_person: str
    second_reviewer: str | None
    photos: tuple[CasePhoto, ...]
    history: tuple[HistoryRow, ...]
    reissue: wire.ReissueBody | None = None
    card_seq: int | None = None

    def photo(self, slot: str, position: int | None = None) -> CasePhoto | None:
        """The photograph of that slot (the first one, when no position is given)."""
        return next((found for found in self.photos if found.slot == slot and position in (None, found.position)), None)


@dataclass(frozen=True)
class Relative:
    """Another application of the same person."""

    application_id: str
    receipt: str
    state: str
    submitted_on: date


def find(conn: Connection, application_id: str) -> Case | None:
    """The case, whole."""
    first = account.alias("first")
    query = (
        select(
            application,
            unit.c.name.label("unit_name"),
            device.c.name.label("device_name"),
            first.c.person.label("first_person"),
        )
        .select_from(
            application.outerjoin(unit, unit.c.unit_id == application.c.unit_id)
            .outerjoin(device, device.c.device_id == application.c.device_id)
            .outerjoin(first, first.c.account_id == application.c.first_reviewer)
        )
        .where(application.c.application_id == application_id)
    )
    row = conn.execute(query).first()
    if row is None:
        return None
    reissue = wire.decode(wire.ReissueBody, row.body.encode()) if row.kind in ABOUT_A_CARD else None
    return Case(
        application_id=row.application_id,
        receipt=row.receipt,
        rev=row.rev,
        state=row.state,
        kind=row.kind,
        unit_id=row.unit_id,
        unit=row.unit_name or "",
        device_id=row.device_id,
        device=row.device_name or "",
        idbx=bytes(row.idbx),
        body=decode_application(row.body) if reissue is None else _as_application(reissue),
        outcome=row.outcome,
        flags=_list(row.flags),
        submitted_on=row.submitted_on,
        received_ms=row.received_ms,
        first_reviewer=row.first_reviewer,
        first_person=row.first_person or "",
        second_reviewer=row.second_reviewer,
        photos=_photos(conn, application_id),
        history=_history(conn, application_id),
        reissue=reissue,
        card_seq=row.card_seq,
    )


def _as_application(asked: wire.ReissueBody) -> wire.ApplicationBody:
    """The person and the papers of a reissue or correction, in the shape every case is read in."""
    return wire.ApplicationBody(
        application_id=asked.application_id,
        receipt=asked.receipt,
        kind="first",  # nobody asks: the case's own kind says what it is
        identity_kind=asked.identity_kind,
        identity_number=asked.identity_number,
        nationality=asked.nationality,
        name=asked.name,
        birth_date=asked.birth_date,
        email=asked.email,
        books=(),
        rows=(),
        first_day=None,
        last_day=None,
        half_hours=None,
        category="ordinary",
        previous=None,
        photos=asked.photos,
        submitted_on=asked.submitted_on,
        language=asked.language,
        notice=asked.notice,
        slip_secret=asked.slip_secret,
        verdict={},
        clock_doubt=asked.clock_doubt,
    )


def link_card(conn: Connection, application_id: str, seq: int) -> None:
    """The card of ours that the case turned out to be about."""
    conn.execute(update(application).where(application.c.application_id == application_id).values(card_seq=seq))


def photo_address(conn: Connection, application_id: str, slot: str, position: int | None = None) -> str | None:
    """The address (hex) of an opened photograph of that case, the first of its slot when no position is given; None when
    there is none yet.
    """
    query = select(application_photo.c.clear_sha256).where(
        application_photo.c.application_id == application_id,
        application_photo.c.slot == slot,
        application_photo.c.state == "opened",
    )
    if position is not None:
        query = query.where(application_photo.c.position == position)
    found = conn.execute(query.order_by(application_photo.c.position).limit(1)).scalar_one_or_none()
    return bytes(found).hex() if found is not None else None


def photo_places(conn: Connection, application_id: str) -> list[tuple[str, int]]:
    """Slot and position of the opened photographs of that case, in the order they are shown."""
    query = select(application_photo.c.slot, application_photo.c.position).where(
        application_photo.c.application_id == application_id, application_photo.c.state == "opened"
    )
    found = [(row.slot, row.position) for row in conn.execute(query)]
    return sorted(found, key=lambda place: (SLOTS.index(place[0]), place[1]))


def relatives(conn: Connection, idbx: bytes, but: str) -> list[Relative]:
    """Other applications of the same person, newest first."""
    query = (
        select(application.c.application_id, application.c.receipt, application.c.state, application.c.submitted_on)
        .where(application.c.idbx == idbx, application.c.application_id != but)
        .order_by(application.c.received_ms.desc())
        .limit(20)
    )
    return [Relative(row.application_id, row.receipt, row.state, row.submitted_on) for row in conn.execute(query)]


def returned_from(conn: Connection, application_id: str) -> str:
    """The review a corrected case goes back to: the second once the first has passed it on, else the first
    (sync.md B.6).
    """
    query = select(application.c.first_reviewer).where(application.c.application_id == application_id)
    return "first_review" if conn.execute(query).scalar_one_or_none() is None else "second_review"


def move(
    conn: Connection, case: Case, *, state: str, now_ms: int, first: str | None = None, second: str | None = None
) -> int:
    """Brings the case to `state` and counts its rev up; returns the new rev.

    ProblemError `case_moved_on` when the case is not at the rev that was seen. `first`, `second`: the reviewer to note.
    """
    values: dict[str, Any] = {"state": state, "rev": case.rev + 1, "changed_ms": now_ms}
    if first is not None:
        values |= {"first_reviewer": first, "first_ms": now_ms}
    if second is not None:
        values |= {"second_reviewer": second, "second_ms": now_ms}
    changed = conn.execute(
        update(application)
        .where(application.c.application_id == case.application_id, application.c.rev == case.rev)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise ProblemError("case_moved_on")
    return case.rev + 1


_COUNTED_UNTIL = select(func.max(card.c.counted_until)).where(card.c.idbx == bindparam("idbx"))


def record(
    conn: Connection,
    application_id: str,
    *,
    actor: str,
    what: str,
    rev: int,
    now_ms: int,
    reasons: Iterable[str] = (),
    text: str = "",
    for_unit: str | None = None,
    changed: Sequence[Change] = (),
) -> None:
    """Adds an event to the case's history, and to the audit with the fields that changed. for_unit: of an officer, the unit
    acted for.
    """
    record_all(
        conn, [application_id], actor=actor, what=what, rev=rev, now_ms=now_ms, reasons=reasons, text=text,
        for_unit=for_unit, changed=changed,
    )  # fmt: skip


def record_all(
    conn: Connection,
    application_ids: Iterable[str],
    *,
    actor: str,
    what: str,
    rev: int,
    now_ms: int,
    reasons: Iterable[str] = (),
    text: str = "",
    for_unit: str | None = None,
    changed: Sequence[Change] = (),
) -> None:
    """Adds the same event to the history of each of these cases, and to the audit."""
    given = list(reasons)
    codes = json.dumps(given)
    rows = [
        {
            "application_id": application_id,
            "at_ms": now_ms,
            "actor": actor,
            "move": what,
            "reasons": codes,
            "text": text,
            "rev": rev,
            "for_unit": for_unit,
        }
        for application_id in application_ids
    ]
    bulk.add(conn, history, rows)
    fields = (*changed, *([("reasons", "", " ".join(given))] if given else []), ("rev", "", str(rev)))
    acts = [Act(what, "application", str(row["application_id"]), fields) for row in rows]
    audit.note_all(conn, acts, actor=actor, now_ms=now_ms)


def counted_until(conn: Connection, idbx: bytes) -> date | None:
    """The last service day that an earlier card of ours used up (A4); None when there is none."""
    latest: date | None = conn.execute(_COUNTED_UNTIL, {"idbx": idbx}).scalar_one()
    return latest


def _photos(conn: Connection, application_id: str) -> tuple[CasePhoto, ...]:
    rows = conn.execute(select(application_photo).where(application_photo.c.application_id == application_id))
    found = [
        CasePhoto(row.slot, row.position, bytes(row.clear_sha256).hex(), row.state, row.problem or "") for row in rows
    ]
    return tuple(sorted(found, key=lambda photo: (SLOTS.index(photo.slot), photo.position)))


def _history(conn: Connection, application_id: str) -> tuple[HistoryRow, ...]:
    query = (
        select(history, account.c.person, device.c.name.label("device_name"))
        .select_from(
            history.outerjoin(account, account.c.account_id == history.c.actor).outerjoin(
                device, device.c.device_id == history.c.actor
            )
        )
        .where(history.c.application_id == application_id)
        .order_by(history.c.history_id)
    )
    return tuple(
        HistoryRow(row.at_ms, row.person or row.device_name or "", row.move, _list(row.reasons), row.text, row.rev)
        for row in conn.execute(query)
    )


def _list(text: str) -> tuple[str, ...]:
    return tuple(str(entry) for entry in json.loads(text))
