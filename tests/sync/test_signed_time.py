"""Only what the center's key signed, as an answer to this very question, tells a tablet the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from honorcard.card.keyring import KeyRing
from sync.signed_time import is_nonce, new_nonce, nonce_of, read_time, sign_time

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
MS = int(NOW.timestamp() * 1000)


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing.create(tmp_path_factory.mktemp("ours"), at=NOW - timedelta(days=1))


def said(ring: KeyRing, nonce: str, use: str = "pack", moment: int = MS) -> str:
    kid = ring.current(use).kid
    return sign_time(moment, nonce, kid, ring.p256(kid))


def test_the_centers_word_on_our_question_is_believed(ring: KeyRing) -> None:
    nonce = new_nonce()
    assert is_nonce(nonce) and nonce != new_nonce()
    assert read_time(said(ring, nonce), nonce, ring.trust) == MS


def test_an_old_answer_to_another_question_is_not(ring: KeyRing) -> None:
    assert read_time(said(ring, new_nonce()), new_nonce(), ring.trust) is None


def test_another_centers_word_and_another_keys_word_are_not(ring: KeyRing, tmp_path: Path) -> None:
    other, nonce = KeyRing.create(tmp_path, at=NOW), new_nonce()
    assert read_time(said(other, nonce), nonce, ring.trust) is None
    assert read_time(said(ring, nonce, "card"), nonce, ring.trust) is None


def test_no_changed_letter_is_believed(ring: KeyRing) -> None:
    nonce = new_nonce()
    text = said(ring, nonce)
    for place in range(0, len(text) - 4, 7):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        assert read_time(changed, nonce, ring.trust) is None


@pytest.mark.parametrize("text", ["", None, 5, "x" * 5000, "e30=", "é", {"ms": MS}])
def test_anything_else_is_nothing(ring: KeyRing, text: object) -> None:
    assert read_time(text, new_nonce(), ring.trust) is None


@pytest.mark.parametrize("text", ["", "ab", "A" * 32, "g" * 32, "a" * 33, "é" * 32])
def test_what_is_no_nonce_is_not_signed_along(text: str) -> None:
    assert not is_nonce(text)


def test_a_refused_request_asked_with_its_signature() -> None:
    assert is_nonce(nonce_of("device=:abc=:"))
    assert nonce_of("device=:abc=:") != nonce_of("device=:abd=:")
