"""Tablets: one-time codes to let one in, and what is sealed to one. The routes are in `center.enrolment`."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from center.store import Store, devices
from center.store.devices import Device
from honorcard.problems import ProblemError
from sync.seal import Label, seal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
CODE_LENGTH = 8
CODE_LIFE_MS = 15 * 60 * 1000
PROFILES = ("staff", "public", "verifier", "hosted", "training")
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code(store: Store, unit_id: str | None, site: str, profile: str, now: datetime) -> str:
    """A fresh code (`7K3M-22QF`) that enrols one tablet within fifteen minutes; only its hash is kept. Shown once."""
    if profile not in PROFILES:
        raise ProblemError("enrol_profile_unknown", profile=profile)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with store.write() as conn:
        devices.add_code(conn, hash_code(code), unit_id, site, profile, int(now.timestamp() * 1000) + CODE_LIFE_MS)
    return f"{code[:4]}-{code[4:]}"


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
