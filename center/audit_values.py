"""What a change of somebody's data is in the audit: which fields, and of a personal value its digest under the server's own key.

Two equal values have equal digests, so that the auditor sees what came back and what differs; without the key nobody finds out a
value by trying all of them. What is not here: the log itself (center.store.audit).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

import msgspec

from center.secrets_box import server_secret
from center.settings import Settings
from center.store.audit import Change

SHOWN = 16  # hexadecimal figures of a digest: enough to tell values apart
# fields of a body that say nothing about who somebody is
PLAIN = frozenset(
    {"kind", "category", "first_day", "last_day", "half_hours", "submitted_on", "language", "clock_doubt", "identity_kind", "cause"}
)  # fmt: skip
# neither of the person's doing: a secret, what the tablet made of it, what cannot change
_LEFT_OUT = frozenset({"slip_secret", "application_id", "receipt", "verdict", "notice"})


def digest(settings: Settings, field: str, value: object) -> str:
    """The digest of a personal value; nothing for nothing."""
    if value in (None, "", (), []):
        return ""
    said = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    key = server_secret(settings.keys_dir, "audit")
    return "#" + hmac.digest(key, f"{field}\0{said}".encode(), hashlib.sha256).hex()[:SHOWN]


def personal(settings: Settings, field: str, before: object, after: object) -> Change:
    """The change of a personal value."""
    return (field, digest(settings, field, before), digest(settings, field, after))


def differing(settings: Settings, before: msgspec.Struct, after: msgspec.Struct) -> list[Change]:
    """Every field that two bodies do not have in common."""
    found: list[Change] = []
    for field in sorted({*before.__struct_fields__, *after.__struct_fields__} - _LEFT_OUT):
        old, new = getattr(before, field, None), getattr(after, field, None)
        if old == new:
            continue
        found.append((field, _plain(old), _plain(new)) if field in PLAIN else personal(settings, field, old, new))
    return found


def plain(names: Iterable[str], before: Any, after: Any) -> list[Change]:
    """The fields of two records of ours that differ; nothing of a volunteer's may be among them."""
    changes = [(name, _plain(getattr(before, name, None)), _plain(getattr(after, name, None))) for name in names]
    return [change for change in changes if change[1] != change[2]]


def _plain(value: object) -> str:
    return "" if value is None else str(value)[:200]
