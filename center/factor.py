"""The second factor: six digits from an authenticator app (RFC 6238: SHA-1, 30 seconds), and recovery codes on paper.

Values in, values out. What is not here: where secrets are kept (store.factors, sealed by secrets_box), pages (second_factor).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_MS = 30_000
DIGITS = 6
DRIFT = 1  # steps that a telephone's clock may be away, either side
SECRET_BYTES = 20  # RFC 4226, 4: 160 bits
CODES = 10
CODE_LETTERS = 10  # of 32: 50 bits, and the tries are counted
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: none that is taken for another
_TAKEN_FOR = str.maketrans("OIL", "011")


def new_secret() -> bytes:
    """A secret for one account."""
    return secrets.token_bytes(SECRET_BYTES)


def spelled(secret: bytes) -> str:
    """The secret to be typed into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address(secret: bytes, name: str, issuer: str) -> str:
    """What the QR says: the otpauth address that apps read."""
    made = TOTP(secret, DIGITS, SHA1(), STEP_MS // 1000)  # noqa: S303 - what every app computes
    return made.get_provisioning_uri(name, issuer)


def code_at(secret: bytes, now_ms: int) -> str:
    """The code an app shows at that moment."""
    return _code(secret, now_ms // STEP_MS)


def step_of(secret: bytes, typed: str, now_ms: int, used: int) -> int | None:
    """The step whose code was typed: of this moment or one beside it, and after `used`, the last one that was taken.

    None when it is no code of ours, or one that was used before.
    """
    code = fold(typed)
    here = now_ms // STEP_MS
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):  # all of them, whichever fits: no time tells how near it was
        if hmac.compare_digest(_code(secret, step).encode(), code.encode()) and step > used:
            found = step
    return found


def is_code(typed: str) -> bool:
    """Whether this looks like the six digits, not like a recovery code."""
    text = fold(typed)
    return len(text) == DIGITS and text.isascii() and text.isdigit()


def new_recovery_codes() -> list[str]:
    """Ten codes that each open once: `7QK2M-X0D4R`."""
    half = CODE_LETTERS // 2
    letters = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LETTERS)) for _ in range(CODES)]
    return [f"{text[:half]}-{text[half:]}" for text in letters]


def recovery_hash(key: bytes, account_id: str, typed: str) -> bytes:
    """A recovery code as it is kept: a keyed digest, so that the database alone gives none away."""
    text = fold(typed).translate(_TAKEN_FOR)
    return hmac.digest(key, f"recovery {account_id} {text}".encode(), hashlib.sha256)


def fold(typed: str) -> str:
    """What was typed, without blanks and hyphens, in capitals of plain width."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(character for character in text if character.isalnum())[:40]


def _code(secret: bytes, step: int) -> str:
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode("ascii")  # noqa: S303
