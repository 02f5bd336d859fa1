"""The receipt's number, `HC-XXXX-XXXX`: minted on the tablet, so that it is on the slip before the center has heard
of it.

Seven random characters of Crockford's base 32 and one check character of the same alphabet. The check is a sum over
the field of 32 elements with a different weight for each place: one wrong character or two exchanged ones never pass.
Not a key: two equal numbers are both kept (sync B.1).
"""

from __future__ import annotations

import secrets
from functools import reduce

from honorcard.problems import ProblemError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_MEANT = str.maketrans("OIL", "011")
_RANDOM = 7
_FIELD = 0b100101  # x^5 + x^2 + 1
_OFFSET = 0b11000  # so that HC-0000-0000 does not pass


def new_receipt() -> str:
    """A fresh receipt number."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _printed(body + _check(body))


def read_receipt(text: str) -> str:
    """The receipt number a person typed, as printed: lower case, spaces, O for 0, I or L for 1 and a missing HC are
    forgiven.

    ProblemError `receipt_unreadable` when the check character does not agree.
    """
    typed = "".join(character for character in text.upper() if not character.isspace() and character not in "-‐‑–—－")
    if len(typed) == _RANDOM + 3 and typed.startswith("HC"):
        typed = typed[2:]
    typed = typed.translate(_MEANT)
    if len(typed) != _RANDOM + 1 or any(character not in ALPHABET for character in typed):
        raise ProblemError("receipt_unreadable")
    if _check(typed[:_RANDOM]) != typed[_RANDOM]:
        raise ProblemError("receipt_unreadable")
    return _printed(typed)


def _printed(characters: str) -> str:
    return f"HC-{characters[:4]}-{characters[4:]}"


def _check(body: str) -> str:
    """Σ value × α^place, place counted from the right the check character itself having weight 1."""
    total = reduce(lambda total, character: _double(total ^ ALPHABET.index(character)), body, 0)
    return ALPHABET[total ^ _OFFSET]


def _double(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value & 0b100000 else value
