"""Sealed bytes open for their receiver, for their purpose, unchanged; and for nobody else."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as some

from sync.seal import OVERHEAD, SealError, open_sealed, seal

KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()


@given(some.binary(max_size=2000))
def test_what_is_sealed_opens_again(clear: bytes) -> None:
    sealed = seal(clear, PUBLIC, "body")
    assert len(sealed) == len(clear) + OVERHEAD
    assert open_sealed(sealed, KEY, "body") == clear


def test_the_same_bytes_never_look_the_same() -> None:
    assert seal(b"x", PUBLIC, "photo") != seal(b"x", PUBLIC, "photo")


@pytest.mark.parametrize("label", ["photo", "returned", "sheet"])
def test_nothing_opens_for_another_purpose(label) -> None:
    with pytest.raises(SealError):
        open_sealed(seal(b"x", PUBLIC, "body"), KEY, label)


def test_nothing_opens_with_another_key() -> None:
    with pytest.raises(SealError):
        open_sealed(seal(b"x", PUBLIC, "body"), X25519PrivateKey.generate(), "body")


def test_no_flipped_bit_and_no_truncation_opens() -> None:
    sealed = seal(b"abc", PUBLIC, "body")
    spoilt = [sealed[:n] for n in range(len(sealed))]
    for at in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[at] ^= 1
        spoilt.append(bytes(flipped))
    for one in spoilt:
        with pytest.raises(SealError):
            open_sealed(one, KEY, "body")
