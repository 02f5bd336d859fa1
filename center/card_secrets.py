"""A card's look-up token W and secret S as the center keeps them: boxed under a server key, W findable by its hash
alone.
"""

from __future__ import annotations

import hashlib

from center.secrets_box import close_box, open_box, server_secret
from center.settings import Settings
from honorcard.card.token import LOOKUP_CHARACTERS


def box(settings: Settings, seq: int, lookup: str, secret: bytes) -> bytes:
    """W and S under the server's card key; bound to the issue number."""
    return close_box(server_secret(settings.keys_dir, "cards"), lookup.encode() + secret, _label(seq))


def unbox(settings: Settings, seq: int, boxed: bytes) -> tuple[str, bytes]:
    """(W, S) again."""
    clear = open_box(server_secret(settings.keys_dir, "cards"), boxed, _label(seq))
    return clear[:LOOKUP_CHARACTERS].decode(), clear[LOOKUP_CHARACTERS:]


def lookup_hash(lookup: str) -> bytes:
    """What the index holds instead of W."""
    return hashlib.sha256(lookup.encode()).digest()


def _label(seq: int) -> bytes:
    return b"card %d" % seq
