"""How tablet and center get to know each other: versions, limits, the time, and a tablet's enrolment."""

from __future__ import annotations

from typing import Any

import msgspec


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """What the center says of itself to anybody: versions it understands (from, to), its limits, its time.

    schema: of operations' bodies. kinds: operations it knows. min_app: the oldest kiosk it works with, empty for any; older ones
    still push. min_app_from: the first day (ISO) on which older ones begin no new applications, empty for never. time: the
    moment signed as an answer to the nonce that was asked with (sync.signed_time), else empty.
    """

    proto: tuple[int, int]
    schema: tuple[int, int]
    kinds: tuple[str, ...]
    min_app: str
    server_epoch: str | None
    server_time: str
    limits: dict[str, int]
    time: str = ""
    min_app_from: str = ""


class Enrol(msgspec.Struct, frozen=True, kw_only=True):
    """A tablet introduces itself with a one-time code: its signing key (P-256, PEM) and its sealing key (X25519, raw)."""

    code: str
    name: str
    sign_key: str
    seal_key: bytes


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """What the center gives a tablet it has accepted."""

    device_id: str
    profile: str
    unit: str
    server_epoch: str
    center_seal_key: bytes  # X25519 public key that operations and photographs are sealed to
    trust: dict[str, Any]  # the trust list (honorcard.card.trust)
    card_prefix: str
    fingerprint: str  # six digits that both screens show
    self_application: bool = False  # whether volunteers may apply alone at a public tablet (A11)
    name: str = (
        ""  # what the center calls the tablet: its own name, or where the code said that it stands; empty: not said
    )
