"""What became of each card since it was issued, append-only: printed, printed again and why, suspended, ended (R39, A22).

What is not here: the cards themselves (cards), and the signatures (the issue log, written by cards.add).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, insert, or_, select

from center.store.tables import account, application, card, card_event, device


@dataclass(frozen=True)
class Event:
    """Something that was done with a card. actor: an account's person or a tablet's name. reason: a code."""

    edition: int
    at_ms: int
    actor: str
    what: str
    reason: str
    text: str


@dataclass(frozen=True)
class Holder:
    """A case whose tablet was given a card's sheet."""

    application_id: str
    rev: int
    device_id: str | None


def note(conn: Connection, seq: int, *, what: str, actor: str, now_ms: int, reason: str = "", text: str = "") -> None:
    """Adds a line to what became of the card. reason: a code of at most 32 letters."""
    conn.execute(
        insert(card_event).values(seq=seq, at_ms=now_ms, actor=actor, what=what, reason=reason[:32], text=text)
    )


def events(conn: Connection, number: str) -> list[Event]:
    """What became of the card of that number, every edition of it, oldest first."""
    query = (
        select(card_event, card.c.edition, account.c.person, device.c.name.label("device_name"))
        .select_from(
            card_event.join(card, card.c.seq == card_event.c.seq)
            .outerjoin(account, account.c.account_id == card_event.c.actor)
            .outerjoin(device, device.c.device_id == card_event.c.actor)
        )
        .where(card.c.number == number)
        .order_by(card_event.c.event_id)
    )
    return [
        Event(row.edition, row.at_ms, row.person or row.device_name or "", row.what, row.reason, row.text)
        for row in conn.execute(query)
    ]


def handed_out(conn: Connection, seqs: Collection[int]) -> set[int]:
    """Which of these cards were printed, or their sheets taken, before."""
    query = select(card_event.c.seq).where(card_event.c.seq.in_(seqs), card_event.c.what.in_(("printed", "reprinted")))
    return set(conn.execute(query.distinct()).scalars())


def times_printed(conn: Connection, seq: int) -> int:
    """How often the card was printed, or its sheet taken, the first time too."""
    query = select(func.count()).where(card_event.c.seq == seq, card_event.c.what.in_(("printed", "reprinted")))
    return int(conn.execute(query).scalar_one())


def reprints(conn: Connection, seq: int, since_ms: int) -> int:
    """How often the card was printed again since then."""
    query = select(func.count()).where(
        card_event.c.seq == seq, card_event.c.what == "reprinted", card_event.c.at_ms >= since_ms
    )
    return int(conn.execute(query).scalar_one())


def holders(conn: Connection, seq: int, issued_on: str | None) -> list[Holder]:
    """The cases whose tablets hold the card's sheet: the one it was issued on, and those it was printed again for."""
    query = select(application.c.application_id, application.c.rev, application.c.device_id).where(
        or_(
            application.c.application_id == issued_on,
            and_(application.c.card_seq == seq, application.c.state == "issued"),
        )
    )
    return [Holder(row.application_id, row.rev, row.device_id) for row in conn.execute(query)]
