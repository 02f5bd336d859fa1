"""Places where the card opens a gate, as the center last listed them; kept here so that the list is there without a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sqlite_utils import Database

from honorcard.venues import ACCEPTED_FORMS, VENUE_KINDS, AcceptedForm, Venue, VenueKind
from sync import wire


def replace_all(db: Database, listed: Iterable[wire.Venue]) -> None:
    """The whole list in place of the one before. A place of a kind this version does not know is left out; of a form,
    not stated.
    """
    db.conn.execute("DELETE FROM venue")
    for one in listed:
        if one.kind in VENUE_KINDS:
            form = one.accepted_form if one.accepted_form in ACCEPTED_FORMS else "unknown"
            db.conn.execute(
                """
                INSERT OR REPLACE INTO venue (code, name, city, kind, accepted_form, note, district, benefit_zh, benefit_en)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    one.code, one.name, one.city, one.kind, form, one.note if one.own_note is None else one.own_note,
                    one.district, one.benefit_zh, one.benefit_en,
                ),
            )  # fmt: skip


def everywhere(db: Database) -> list[Venue]:
    """All of them, by city and name."""
    return [
        Venue(
            row["code"], row["name"], row["city"], cast(VenueKind, row["kind"]),
            cast(AcceptedForm, row["accepted_form"]), row["note"], row["district"], row["benefit_zh"], row["benefit_en"],
        )
        for row in db.query("SELECT * FROM venue ORDER BY city, name, code")
    ]  # fmt: skip
