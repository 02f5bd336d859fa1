"""Keys and the list that the root signs."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest

from honorcard.card.keyring import KeyRing
from honorcard.card.token import SEQ_LIMIT, TAIPEI
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError


def test_a_fresh_ring_has_a_key_for_each_use_and_its_files_are_private(issuer):
    assert {key.use for key in issuer.ring.trust.keys} == {"card", "pack", "practice", "sealing"}
    pems = list(issuer.ring.directory.glob("*.pem"))
    assert len(pems) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in pems} == {0o600}
    assert issuer.ring.x25519(issuer.ring.current("sealing").kid).public_key().public_bytes_raw() == (
        issuer.ring.current("sealing").public
    )


def test_a_second_ring_never_overwrites_the_first(issuer):
    with pytest.raises(ProblemError, match="keys_exist"):
        KeyRing.create(issuer.ring.directory, at=issuer.ring.trust.issued)


def test_the_file_survives_the_round_trip(issuer):
    trust = Trust.load(issuer.ring.directory / "trust.json")
    assert trust == issuer.ring.trust
    assert Trust.read(trust.document()) == trust


def test_any_change_to_the_file_that_counts_is_refused(issuer):
    document = json.loads(issuer.ring.trust.document())
    signed = bytearray(issuer.ring.trust.signed_list)
    for place in range(0, len(signed), 7):
        changed = bytearray(signed)
        changed[place] ^= 1
        with pytest.raises(ProblemError):
            Trust.of(issuer.ring.trust.root, bytes(changed))
    with pytest.raises(ProblemError, match="trust_unsigned"):
        Trust.read(json.dumps({**document, "prefix": "HTTPS://EVIL.EXAMPLE/"}))
    for broken in ("", "[]", "{}", json.dumps({**document, "signed": "!"}), json.dumps({**document, "root": "AAAA"})):
        with pytest.raises(ProblemError, match="trust_unreadable"):
            Trust.read(broken)


def test_a_pinned_root_refuses_another_root_that_signs_well(issuer, tmp_path):
    other = KeyRing.create(tmp_path / "other", at=issuer.ring.trust.issued)
    with pytest.raises(ProblemError, match="trust_unsigned"):
        Trust.read(other.trust.document(), root=issuer.ring.trust.root)
    assert issuer.ring.trust.newest(other.trust.signed_list) is issuer.ring.trust


def test_rotation_closes_the_old_keys_range_where_the_new_one_begins(issuer):
    at = issuer.ring.trust.issued + timedelta(days=300)
    old = issuer.ring.current("card")
    before = issuer.ring.trust
    new = issuer.ring.rotate("card", at=at, starts=at + timedelta(days=90), first_seq=105_000)
    closed = issuer.ring.trust.key(old.kid)
    assert closed is not None and (closed.seq_min, closed.seq_max) == (100_000, 104_999)
    assert (new.seq_min, new.seq_max) == (105_000, SEQ_LIMIT)
    assert issuer.ring.card_key(104_999)[0] == old.kid
    assert issuer.ring.card_key(105_000)[0] == new.kid
    with pytest.raises(ProblemError, match="key_unknown"):
        issuer.ring.card_key(105_000, at + timedelta(days=89))
    assert before.newest(issuer.ring.trust.signed_list) == issuer.ring.trust
    assert issuer.ring.trust.newest(before.signed_list) == issuer.ring.trust


def test_a_withdrawn_key_signs_nothing_more_and_stays_in_the_list(issuer):
    kid = issuer.ring.current("card").kid
    assert issuer.ring.withdraw(kid, at=issuer.ring.trust.issued).withdrawn
    with pytest.raises(ProblemError, match="key_unknown"):
        issuer.ring.card_key(100_000)
    reopened = KeyRing.open(issuer.ring.directory)
    assert reopened.trust.key(kid).withdrawn and reopened.trust.version == 2
    with pytest.raises(ProblemError, match="key_unknown"):
        issuer.ring.withdraw(99, at=issuer.ring.trust.issued)


def test_a_passphrase_guards_the_root(tmp_path, issuer):
    at = issuer.ring.trust.issued.astimezone(TAIPEI)
    KeyRing.create(tmp_path / "locked", at=at, passphrase=b"two holders")
    with pytest.raises(ProblemError, match="key_unreadable"):
        KeyRing.open(tmp_path / "locked").rotate("pack", at=at)
    assert KeyRing.open(tmp_path / "locked", b"two holders").rotate("pack", at=at).use == "pack"
