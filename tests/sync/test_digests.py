"""An answer that was damaged on the way is not believed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync import digests


@given(st.binary(min_size=1), st.data())
def test_any_flipped_bit_shows(body: bytes, data: st.DataObject) -> None:
    headers = {digests.HEADER: digests.digest(body)}
    assert digests.holds(headers, body)
    at = data.draw(st.integers(0, len(body) * 8 - 1))
    damaged = bytearray(body)
    damaged[at // 8] ^= 1 << at % 8
    assert not digests.holds(headers, bytes(damaged))


def test_an_older_center_says_none() -> None:
    assert digests.holds({}, b"anything")


def test_the_form_is_that_of_rfc_9530() -> None:
    body = b'{"hello": "world"}'  # RFC 9530, B.1: the digest of this and a line end
    assert digests.digest(body + b"\n") == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
