"""What people are written to about: each letter is put in the transaction of what it tells, so that neither is without the other.

Nothing is sent here: the postman does that (postman), from the rows. Who has no address hears nothing; the page of the mail tells
which units those are (mail_page).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from center.store import mail
from center.store.cards import Card
from center.store.cases import Case
from honorcard import names
from honorcard.card import cases as card_cases
from honorcard.mails import address_is_right, kept_address
from honorcard.problems import ProblemError

put = mail.put


def address(text: str) -> str:
    """A mail address as it is kept; empty where none was typed. ProblemError `mail_address_wrong`."""
    typed = kept_address(text)
    if typed and not address_is_right(typed):
        raise ProblemError("mail_address_wrong")
    return typed


def to_unit(
    conn: Connection, unit_id: str | None, kind: str, facts: Mapping[str, Any], *, about: str, now_ms: int,
    again: str = "", sheet_sha256: str | None = None,
) -> int:  # fmt: skip
    """The same letter to each address of a unit; gives to how many that had not got it."""
    if unit_id is None:
        return 0
    return sum(
        mail.put(
            conn, kind, to, facts, about=about, again=again, unit_id=unit_id, sheet_sha256=sheet_sha256, now_ms=now_ms
        )
        for to in mail.addresses_of_unit(conn, unit_id)
    )


def tell_issued(
    conn: Connection, case: Case, number: str, valid_until: date, rev: int, now_ms: int, *, sheet_sha256: str | None,
    reprinted: bool = False,
) -> None:  # fmt: skip
    """A card can be printed (R30, R51); reprinted: one that there was before (R39). To the unit, and to the volunteer who gave
    an address for it (R35): without the sheet and without a link to it, since they cannot sign in here.
    """
    facts = {**_whose(case), "number": number, "valid_until": valid_until.isoformat()}
    to_unit(
        conn, case.unit_id, "card_reprinted" if reprinted else "card_issued", facts, about=case.application_id,
        again=str(rev), sheet_sha256=sheet_sha256, now_ms=now_ms,
    )  # fmt: skip
    own = kept_address(case.body.email)
    if address_is_right(own):
        kind = "own_card_reprinted" if reprinted else "own_card_issued"
        mail.put(
            conn, kind, own, facts, about=case.application_id, again=str(rev), unit_id=case.unit_id, now_ms=now_ms
        )  # fmt: skip


def tell_returned(conn: Connection, case: Case, reasons: Sequence[str], text: str, rev: int, now_ms: int) -> None:
    """What has to be corrected. The reviewer's own words, which may name people, stay on the tablet."""
    facts = {**_whose(case), "reasons": list(reasons), "more": bool(text)}
    to_unit(conn, case.unit_id, "returned", facts, about=case.application_id, again=str(rev), now_ms=now_ms)


def tell_refused(conn: Connection, case: Case, reasons: Sequence[str], rev: int, now_ms: int) -> None:
    """That it was not granted, and by which rule."""
    facts = {**_whose(case), "reasons": list(reasons)}
    to_unit(conn, case.unit_id, "refused", facts, about=case.application_id, again=str(rev), now_ms=now_ms)


def tell_revoked(conn: Connection, card: Card, ground: str, now_ms: int) -> None:
    """That a card ended for good and is to be taken back, by the ground's name alone (A22); not of a holder who has died."""
    known = card_cases.revocation_ground(ground)
    if known is None or known.told:
        facts = {"name": names.mask(card.name), "number": card.number, "ground": ground}
        to_unit(conn, card.unit_id, "card_ended", facts, about=card.application_id or card.number, again=str(card.seq),
                now_ms=now_ms)  # fmt: skip


def _whose(case: Case) -> dict[str, str]:
    return {"name": names.mask(case.body.name), "receipt": case.receipt}
