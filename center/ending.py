"""The end of a card: revoked, suspended or restored by a person, or replaced by the next one; told to every tablet that
holds a copy of its state.

What is not here: the pack (packing), which follows from the rows; issuing the card that replaces it (issue).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from center import mail
from center.settings import Settings
from center.store import Store, card_log, cards, cases, feed
from center.store.cards import Card
from honorcard.problems import ProblemError
from sync import wire


def end_card(
    store: Store, settings: Settings, number: str, status: str, why: str, by_account: str, *, now: datetime,
    ground: str = "",
) -> None:  # fmt: skip
    """Revokes, suspends or revives a card, with the reason; ground: its code, when it has one.

    ProblemError `card_unknown`; `card_ended_already` for one that was revoked or replaced: that is for good (sync.md
    B.6); `card_status_same`.
    """
    if status not in ("revoked", "suspended", "live"):
        raise ValueError("a card is replaced by issuing another one")
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        found = cards.find(conn, number)
        if found is None:
            raise ProblemError("card_unknown")
        if found.status not in cards.LIVE:
            raise ProblemError("card_ended_already")
        if found.status == status:
            raise ProblemError("card_status_same")
        cards.end(conn, found.seq, status=status, why=why, now_ms=now_ms, by=by_account, ground=ground)
        tell_ended(conn, found, status, now_ms, by=by_account, why=why)
        if status == "revoked":
            mail.tell_revoked(conn, found, ground, now_ms)


def tell_ended(conn: Connection, card: Card, status: str, now_ms: int, *, by: str, why: str = "") -> None:
    """History, and every tablet's copy of the card's state."""
    for holder in card_log.holders(conn, card.seq, card.application_id):
        cases.record(conn, holder.application_id, actor=by, what=status, text=why, rev=holder.rev, now_ms=now_ms)
        if holder.device_id is not None:
            body = wire.encode(wire.CardStatus(number=card.number, status=status))  # type: ignore[arg-type]
            feed.append(
                conn,
                kind="card.status",
                entity_id=holder.application_id,
                rev=holder.rev,
                device_id=holder.device_id,
                body=body,
                at_ms=now_ms,
            )
