"""Under what a person is found: an index of the identity number, so that no table holds the number itself as a key.

HMAC of the normalised number under the server's own key (sync.md B.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from center.secrets_box import server_secret
from center.settings import Settings
from honorcard import identity
from sync.wire import ApplicationBody, ReissueBody


def identity_index(settings: Settings, body: ApplicationBody | ReissueBody) -> bytes:
    """The person's index."""
    return index_of(settings, body.identity_number, body.nationality if body.identity_kind == "passport" else None)


def index_of(settings: Settings, number: str, passport_of: str | None = None) -> bytes:
    """The index of a number. passport_of: the nationality when it is a passport's: two states may give the same one."""
    read = identity.read(number, passport=passport_of is not None).number
    whose = read if passport_of is None else f"passport {passport_of.strip().upper()} {read}"
    return _index(server_secret(settings.keys_dir, "idbx"), whose)


def indices_of(settings: Settings, numbers: Iterable[str]) -> list[bytes]:
    """The indices of national or UI numbers that are written as they are stored."""
    key = server_secret(settings.keys_dir, "idbx")
    return [_index(key, number) for number in numbers]


def _index(key: bytes, whose: str) -> bytes:
    return hmac.digest(key, whose.encode(), hashlib.sha256)
