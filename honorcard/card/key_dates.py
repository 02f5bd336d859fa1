"""When the issuer's keys are to be changed (credential.md C.6): periods of use, and what is due by the key list alone.

A key is published ninety days before its first use, so that no tablet meets an unknown one on a genuine card: by then
every tablet in use has had a newer list. What is not here: making keys (keyring.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from honorcard.card.token import SEQ_LIMIT
from honorcard.card.trust import KEY_USES, KeyUse, Trust, TrustedKey

AHEAD = timedelta(days=90)
WARN = timedelta(days=14)  # so long before a key is to be published its holders are told
# How long a key signs or is sealed to. What it signed is believed beyond that, for as long as the cards live.
PERIOD: dict[KeyUse, timedelta] = {
    "card": timedelta(days=365),
    "practice": timedelta(days=3 * 365),
    "pack": timedelta(days=91),
    "sealing": timedelta(days=91),
}
DueWhat = Literal["publish", "over", "close"]


@dataclass(frozen=True)
class DueKey:
    """Something to be done about a key. `publish`: its successor, by `by`; `over`: its period ended at `by`, or there is no
    key of that use at all; `close`: its range of issue numbers, since its successor signs now."""

    what: DueWhat
    use: KeyUse
    kid: int | None
    by: datetime


def in_use(trust: Trust, use: KeyUse, at: datetime) -> TrustedKey | None:
    """The newest key of a use that has begun, has not ended and is not withdrawn."""
    usable = [key for key in _not_withdrawn(trust, use) if key.not_before <= at < key.not_after]
    return max(usable, key=lambda key: (key.not_before, key.kid), default=None)


def follows(trust: Trust, use: KeyUse, at: datetime) -> TrustedKey | None:
    """The key of that use that has been published and has not begun."""
    return min(
        (key for key in _not_withdrawn(trust, use) if key.not_before > at), key=lambda key: key.not_before, default=None
    )


def ends(key: TrustedKey) -> datetime:
    """When this key's period of use is over."""
    return min(key.not_before + PERIOD[key.use], key.not_after)


def superseded(trust: Trust, at: datetime) -> list[TrustedKey]:
    """Card keys that sign no more, because a newer one has begun, and whose range of issue numbers is still open."""
    now = in_use(trust, "card", at)
    return [
        key
        for key in _not_withdrawn(trust, "card")
        if now is not None and key.seq_max == SEQ_LIMIT and (key.not_before, key.kid) < (now.not_before, now.kid)
    ]


def due(trust: Trust, at: datetime, within: timedelta = WARN) -> list[DueKey]:
    """What is to be done about the keys by `at + within`."""
    found: list[DueKey] = []
    for use in KEY_USES:
        key, successor = in_use(trust, use, at), follows(trust, use, at)
        if key is None:
            found.append(DueKey("over", use, None, at))
        elif successor is None and ends(key) <= at:
            found.append(DueKey("over", use, key.kid, ends(key)))
        elif successor is None and ends(key) - AHEAD <= at + within:
            found.append(DueKey("publish", use, key.kid, ends(key) - AHEAD))
    return found + [DueKey("close", "card", key.kid, at) for key in superseded(trust, at)]


def _not_withdrawn(trust: Trust, use: KeyUse) -> list[TrustedKey]:
    return [key for key in trust.keys if key.use == use and not key.withdrawn]
