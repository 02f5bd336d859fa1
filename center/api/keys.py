"""Keys: made, read from a request, held to their scopes, addresses, end and rate.

A key's text is `hc_` and 256 random bits; only its SHA-256 is kept, so that whoever reads the table has no key. What is not
here: the table (center.store.api_keys), the administrator's page (center.systems).
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import threading
from dataclasses import dataclass

from flask import current_app, g, request

from center import current
from center.limits import Limit
from center.store import api_keys, asked
from center.store.api_keys import Key
from honorcard.problems import ProblemError
from web.clock import now_ms

PREFIX = "hc_"
PER_MINUTE = 600
MOST_PER_MINUTE = 6_000
LONGEST_DAYS = 731
_LENGTH = len(PREFIX) + 43


@dataclass(frozen=True)
class Share:
    """What is left of a key's minute. wait_s: seconds until one more request may go on; 0 now."""

    limit: int
    remaining: int
    wait_s: int

    def headers(self) -> dict[str, str]:
        """RateLimit fields (draft-ietf-httpapi-ratelimit-headers-06)."""
        full_s = math.ceil((self.limit - self.remaining) * 60 / self.limit)
        found = {
            "RateLimit-Limit": str(self.limit), "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(max(full_s, self.wait_s)), "RateLimit-Policy": f"{self.limit};w=60",
        }  # fmt: skip
        return found if self.wait_s == 0 else {**found, "Retry-After": str(self.wait_s)}


class Shares:
    """Token buckets by key in this process's memory, where it is the only one (SQLite)."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: Key, moment: float) -> Share:
        """One request of that key, if there is one left. moment: in seconds, of the app's clock."""
        with self._lock:
            left, since = self._left.get(key.key_id, (float(key.per_minute), moment))
            left = min(float(key.per_minute), left + max(0.0, moment - since) * key.per_minute / 60)
            allowed = left >= 1
            left -= allowed
            self._left[key.key_id] = (left, moment)
        return _share(key, left, allowed)


def new_token() -> str:
    """A fresh key's text, to be shown once."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).digest()


def network(text: str) -> str | None:
    """An address or a network as it is kept; None when it is none."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        return None


def of_request() -> Key:
    """The key that this request bears.

    ProblemError `api_key_missing`, `api_key_wrong` (401: unknown, ended or revoked alike), `api_address` (403: from an address
    that the key is not for), `api_too_many` (429: too many wrong ones from one address).
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise ProblemError("api_key_missing")
    found = None
    if len(token) == _LENGTH and token.isascii():
        with current.store().read() as conn:
            found = api_keys.of_token(conn, digest(token))
    if found is None:
        wrong: Limit = current_app.extensions["api_wrong_keys"]
        if not wrong.allows(request.remote_addr):
            raise ProblemError("api_too_many")
        raise ProblemError("api_key_wrong")
    g.api_key = found
    if found.revoked_ms is not None or found.expires_ms <= now_ms():
        raise ProblemError("api_key_wrong")
    if found.networks and not _is_within(request.remote_addr, found.networks):
        raise ProblemError("api_address")
    return found


def take(key: Key) -> Share:
    """One request of that key's share. ProblemError `api_too_many`, with what is left noted for the headers."""
    store = current.store()
    if store.is_sqlite:
        shares: Shares = current_app.extensions["api_shares"]
        share = shares.take(key, now_ms() / 1000)
    else:
        with store.write(alone=False) as conn:
            left_milli, allowed = asked.draw(
                conn, digest(key.key_id), burst=key.per_minute, per_minute=key.per_minute, now_ms=now_ms()
            )
        share = _share(key, left_milli / 1000, allowed)
    g.api_share = share
    if share.wait_s:
        raise ProblemError("api_too_many")
    return share


def require(key: Key, scope: str) -> None:
    """ProblemError `api_scope` when the key was not made for that."""
    if scope not in key.scopes:
        raise ProblemError("api_scope", scope=scope)


def _share(key: Key, left: float, allowed: bool) -> Share:
    wait_s = 0 if allowed else math.ceil((1 - left) * 60 / key.per_minute)
    return Share(key.per_minute, int(left), max(0 if allowed else 1, wait_s))


def _is_within(address: str | None, networks: tuple[str, ...]) -> bool:
    try:
        here = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    plain = here.ipv4_mapped if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped else here
    return any(plain in ipaddress.ip_network(one) for one in networks)
