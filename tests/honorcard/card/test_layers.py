"""A list whose photos lie apart: read today, published the day a whole country's do not fit every tablet."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from honorcard.card import cose
from honorcard.card.manifest import CONTEXT, MANIFEST, PHOTOS, SignedCount, manifest_bytes, manifest_from
from honorcard.card.pack import BUCKETS
from honorcard.card.record import RECORD, SLOT, SMALL_SLOT, Found, LiveCard, opened_record, small_plaintext
from honorcard.card.token import parse
from honorcard.card.verdict import Interval, decide
from honorcard.problems import ProblemError

from .conftest import NOW, UNTIL

LAYERS = ("63000", "65000")
SMALL_RECORD = RECORD - SLOT + SMALL_SLOT


@pytest.fixture
def cards(issuer):
    """Two cards of one county and one of another: texts and records."""
    return [issuer.issue(100_000 + place, layer=layer) for place, layer in enumerate(("63000", "63000", "65000"))]


def answer(issuer, pack, text):
    return decide(text, issuer.ring.trust, pack, Interval.at(NOW))


def test_a_card_opens_with_the_photo_from_its_layer(issuer, cards):
    pack = issuer.publish(*(card for _, card in cards), photo_layers=LAYERS)
    for text, card in cards:
        assert pack.find(parse(text)) == Found("林秀琴", UNTIL, "live", card.photo, card.layer)
        assert answer(issuer, pack, text).code == "valid"
    sizes = [path.stat().st_size for path in (issuer.directory / "pack" / BUCKETS).iterdir()]
    assert sum(sizes) == 3 * SMALL_RECORD


def test_a_photo_that_is_not_on_this_tablet_is_amber_with_the_name_and_so_is_a_damaged_one(issuer, cards):
    pack = issuer.publish(*(card for _, card in cards), photo_layers=LAYERS)
    folder = issuer.directory / "pack" / PHOTOS
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    for path, content in whole.items():
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert {answer(issuer, pack, text).code for text, _ in cards} == {"photo_missing"}
    assert set(pack.damaged_photos()) == set(LAYERS)
    shutil.rmtree(folder)
    got = answer(issuer, pack, cards[0][0])
    assert (got.verdict, got.code, got.name, got.photo) == ("amber", "photo_missing", "林秀琴", None)
    assert pack.damaged_buckets() == []  # the list itself is whole
    folder.mkdir()
    for path, content in whole.items():  # brought later, on demand
        path.write_bytes(content)
    assert {answer(issuer, pack, text).code for text, _ in cards} == {"valid"}
    assert pack.damaged_photos() == {}


def test_a_county_is_a_layer_of_its_own(issuer, cards):
    pack = issuer.publish(*(card for _, card in cards), photo_layers=LAYERS)
    [ours, theirs] = pack.manifest.photo_layers
    for digest in theirs.bucket_sha256:
        (issuer.directory / "pack" / PHOTOS / digest.hex()).unlink(missing_ok=True)
    assert [answer(issuer, pack, text).code for text, _ in cards] == ["valid", "valid", "photo_missing"]
    assert ours.name == "63000"


def test_what_has_not_changed_stays_in_both_layers_and_deltas_fit_the_small_records(issuer, cards):
    filled = {"photo_layers": LAYERS, "min_records": 400, "filler": b"secret of this test"}
    before = issuer.publish(*(card for _, card in cards), **filled).manifest
    pack = issuer.publish(replace(cards[0][1], status="suspended"), cards[1][1], cards[2][1], version=2, **filled)
    assert pack.manifest.photo_layers == before.photo_layers
    assert sum(a != b for a, b in zip(before.bucket_sha256, pack.manifest.bucket_sha256, strict=True)) == 1
    [entry] = pack.manifest.deltas
    assert entry.size == 20 + 6 + 16 + SMALL_RECORD
    assert answer(issuer, pack, cards[0][0]).code == "suspended"
    assert answer(issuer, pack, cards[1][0]).code == "valid"


def test_going_from_one_layer_to_two_and_back_seals_everything_anew(issuer, cards):
    listed = [card for _, card in cards]
    for version, layers in ((1, ()), (2, LAYERS), (3, ())):
        pack = issuer.publish(*listed, version=version, photo_layers=layers)
        assert {answer(issuer, pack, text).code for text, _ in cards} == {"valid"}
        assert pack.manifest.deltas == ()


def test_fifty_of_the_longest_characters_fit_the_small_record():
    card = LiveCard(1, bytes(16), "𡍼" * 50, UNTIL, "suspended", b"", "6300000")
    assert opened_record(small_plaintext(card)) == Found("𡍼" * 50, UNTIL, "suspended", b"", "6300000")
    with pytest.raises(ProblemError, match="photo_too_rich"):
        small_plaintext(replace(card, name="𡍼" * 60))
    for layer in ("", "63000000", "臺北"):
        with pytest.raises(ValueError, match="layer"):
            small_plaintext(replace(card, layer=layer))


def test_layers_and_counts_of_the_wrong_shape_are_refused(issuer, cards):
    count = SignedCount(12, 3, bytes(32))
    pack = issuer.publish(*(card for _, card in cards), photo_layers=LAYERS, signed=count)
    body = cose.decode(manifest_bytes(pack.manifest))
    assert manifest_from(body) == pack.manifest
    assert pack.manifest.signed == count
    [one, other] = body["photos"]
    for wrong in (
        {"photos": [one, one]}, {"photos": {}}, {"photos": []}, {"photos": [{**one, "name": 7}, other]},
        {"photos": [{**one, "slot": 99}]}, {"photos": [{**one, "bucket_sha256": [bytes(32)] * 255}]}, {"slot": SLOT},
        {"photos": [{"name": "63000"}]}, {"signed": {**body["signed"], "head": b""}},
        {"signed": {**body["signed"], "entries": -1}}, {"signed": {**body["signed"], "last_day": True}}, {"signed": 1},
    ):  # fmt: skip
        with pytest.raises((ValueError, KeyError, TypeError)):
            manifest_from({**body, **wrong})
    key = issuer.ring.current("pack")
    spoilt = cose.sign(cose.encode({**body, "slot": SLOT}), key.kid, CONTEXT, issuer.ring.p256(key.kid))
    (pack.directory / MANIFEST).write_bytes(spoilt)
    with pytest.raises(ProblemError, match="pack_unreadable"):
        issuer.open()
