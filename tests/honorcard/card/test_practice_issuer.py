"""The issuer of a practice room: what it signs is practice there, and nothing anywhere else; its keys outlive a restart."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime

import pytest

from honorcard.card import practice_issuer
from honorcard.card.keyring import KeyRing
from honorcard.card.verdict import Interval, decide

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
UNTIL = date(2029, 11, 21)


def test_its_card_is_practice_in_the_room_and_never_good_elsewhere(tmp_path):
    issuer = practice_issuer.open_or_make(tmp_path / "room", at=NOW)
    text = issuer.card(7, UNTIL)
    assert decide(text, issuer.trust, None, Interval.at(NOW)).code == "practice"
    center = KeyRing.create(tmp_path / "center", at=NOW)
    other = practice_issuer.open_or_make(tmp_path / "other", at=NOW)
    assert decide(text, center.trust, None, Interval.at(NOW)).code == "foreign"
    assert decide(text, other.trust, None, Interval.at(NOW)).code == "bad_signature"


def test_no_clock_and_no_list_is_needed(tmp_path):
    issuer = practice_issuer.open_or_make(tmp_path, at=NOW)
    assert decide(issuer.card(1, UNTIL), issuer.trust, None, Interval(None, None)).code == "practice"
    assert [key.use for key in issuer.trust.keys] == ["practice"]


def test_the_keys_are_the_same_after_a_restart_and_their_owners_alone(tmp_path):
    first, again = (practice_issuer.open_or_make(tmp_path, at=NOW) for _ in range(2))
    assert first.trust.root == again.trust.root
    assert stat.S_IMODE((tmp_path / practice_issuer.KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", [practice_issuer.KEY_FILE, "trust.json"])
def test_keys_that_cannot_be_read_are_made_anew(tmp_path, broken):
    first = practice_issuer.open_or_make(tmp_path, at=NOW)
    (tmp_path / broken).write_bytes(b"nonsense")
    again = practice_issuer.open_or_make(tmp_path, at=NOW)
    assert again.trust.root != first.trust.root
    assert decide(again.card(1, UNTIL), again.trust, None, Interval.at(NOW)).code == "practice"
