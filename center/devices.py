"""Tablets: one-time codes to let one in, and what is sealed to one. The routes are in `center.enrolment`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime

from center.store import Store, devices
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync.seal import Label, seal

# The first characters of a code name it and are no secret; the others are, 25 bits of them. A wrong try counts against the code
# that was named; with five tries for each code, and so many a minute for each address, guessing does not pay.
NAME_LENGTH = 3
_NAMING_TRIES = 500
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
CODE_LENGTH = 8
CODE_LIFE_MS = 15 * 60 * 1000
PROFILES = ("staff", "public", "verifier", "hosted", "training")
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code(
    store: Store, unit_id: str | None, site: str, profile: str, now: datetime, venue_code: str | None = None
) -> str:
    """A fresh code (`7K3M-22QF`) that enrols one tablet within fifteen minutes; only its hash is kept. Shown once. venue_code:
    of the place at whose gate the tablet will stand.
    """
    if profile not in PROFILES:
        raise ProblemError("enrol_profile_unknown", profile=profile)
    secret = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH - NAME_LENGTH))
    with store.write() as conn:
        name = _new_name(devices.code_names(conn))
        code_hash, until_ms = hash_code(name + secret), int(now.timestamp() * 1000) + CODE_LIFE_MS
        devices.add_code(conn, code_hash, name, unit_id, site, profile, until_ms, venue_code)
    code = name + secret
    return f"{code[:4]}-{code[4:]}"


def name_of(code: str) -> str:
    """Which code is meant: its public part."""
    return code[:NAME_LENGTH]


def _new_name(taken: Collection[str]) -> str:
    """A name that nobody who mistypes it turns into one of the others: two characters apart from each, and not the same
    ones in another order. Where so many codes are about that none is left, one that is at least new.
    """
    name = ""
    for _ in range(_NAMING_TRIES):
        name = "".join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH))
        if not any(_is_near(name, other) for other in taken):
            return name
    while name in taken:
        name = "".join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH))
    return name


def _is_near(name: str, other: str) -> bool:
    unlike = sum(one != two for one, two in zip(name, other, strict=True))
    return unlike < 2 or sorted(name) == sorted(other)


def read_code(text: str) -> str | None:
    """The eight characters of a code as typed (any case, spaces, hyphens, look-alikes); None when it cannot be one."""
    code = "".join(text.upper().split()).replace("-", "").translate(_LOOKALIKES)
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def hash_code(code: str) -> bytes:
    """What is kept of a code: slow enough that 40 bits do not fall within its life to somebody who reads the table."""
    return hashlib.scrypt(code.encode(), salt=b"honorcard/1 enrolment code", n=2**14, r=8, p=1, dklen=32)


def seal_for_device(device: Device, clear: bytes, label: Label) -> bytes:
    """`clear` for that tablet alone (HPKE to its sealing key)."""
    return seal(clear, device.seal_key, label)
