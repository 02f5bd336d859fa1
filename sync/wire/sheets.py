"""Printing by an earlier card: what a tablet asks while somebody waits at it, and the center's answer.

With no line a sheet opens by the slip alone (credential.md C.8): an earlier card's code was made before the new sheet was sealed.
"""

from __future__ import annotations

from datetime import date

import msgspec


class SheetAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The whole text of a card's code, and the birth date that its holder typed; sealed to the center as `ask`."""

    text: str
    birth_date: date


class SheetFound(msgspec.Struct, frozen=True, kw_only=True):
    """The card its holder has today. printed: how often it was printed already, anywhere. sealed: a CardIssued without the
    address of its digital form, sealed to the tablet as `sheet`.
    """

    application_id: str
    number: str
    valid_until: date
    printed: int
    sealed: bytes
