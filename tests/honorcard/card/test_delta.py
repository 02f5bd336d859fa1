"""The delta: it leads from one list to the next, or it is refused; it is never believed."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from honorcard.card import cose, delta, signing
from honorcard.card.manifest import CONTEXT, DELTAS, MANIFEST, DeltaEntry, bucket_of, manifest_bytes, manifest_from
from honorcard.card.pack import BUCKETS, Pack
from honorcard.card.record import IDX, RECORD, LiveCard
from honorcard.problems import ProblemError
from tests.vectors import make_delta

from .conftest import UNTIL

DOCUMENT = json.loads(make_delta.FILE.read_text(encoding="utf-8"))


def contents(pack: Pack) -> list[bytes]:
    return [pack.bucket(digest) for digest in pack.manifest.bucket_sha256]


def led(pack: Pack, old: list[bytes], from_version: int) -> list[bytes]:
    """The buckets after every delta from that version on."""
    made = list(old)
    for entry in delta.chain_to(pack.manifest, from_version):
        raw = (pack.directory / DELTAS / entry.sha256.hex()).read_bytes()
        assert (len(raw), hashlib.sha256(raw).digest()) == (entry.size, entry.sha256)
        for number, change in delta.decode(raw, entry, len(made)).items():
            made[number] = delta.applied(made[number], change)
    return made


def live(seq: int) -> LiveCard:
    return LiveCard(seq, signing.new_secret(), "林秀琴", UNTIL)


@pytest.fixture
def many() -> list[LiveCard]:
    """Sixty cards for a list that is filled up."""
    return [live(100_000 + place) for place in range(60)]


FILLED = {"min_records": 400, "filler": b"secret of this test"}


def test_the_chain_of_deltas_leads_from_every_version_to_the_newest(issuer, many):
    seen = {}
    cards = list(many)
    for version in range(1, 8):
        pack = issuer.publish(*cards, version=version, **FILLED)
        seen[version] = contents(pack)
        cards = [replace(cards[1], name=f"改名{version}"), *cards[2:], live(100_060 + version)]
    chain = pack.manifest.deltas
    assert [(entry.from_version, entry.to_version) for entry in chain] == [(v, v + 1) for v in range(1, 7)]
    for version, old in seen.items():
        assert led(pack, old, version) == contents(pack)
    assert delta.chain_to(pack.manifest, 0) == delta.chain_to(pack.manifest, 7) == ()


def test_a_days_delta_is_no_larger_than_its_news(issuer, many):
    issuer.publish(*many, **FILLED)
    pack = issuer.publish(*many[1:], live(100_070), version=2, **FILLED)
    [entry] = pack.manifest.deltas
    assert entry.size < RECORD + 3 * (IDX + 6) + 20


def test_a_quiet_day_costs_twenty_bytes(issuer, many):
    issuer.publish(*many, **FILLED)
    assert [entry.size for entry in issuer.publish(*many, version=2, **FILLED).manifest.deltas] == [20]


def test_dummies_stay_where_they_are_as_cards_do(issuer, many):
    first = contents(issuer.publish(*many, **FILLED))
    second = contents(issuer.publish(*many[:-1], version=2, **FILLED))
    places = [
        {content[at : at + IDX] for content in one for at in range(0, len(content), RECORD)} for one in (first, second)
    ]
    assert len(places[0] - places[1]) == len(places[1] - places[0]) == 1


def test_no_more_than_thirty_versions_and_a_tenth_of_the_pack_are_kept(issuer, many):
    for version in range(1, 35):
        pack = issuer.publish(*many, version=version, **FILLED)
    assert [entry.from_version for entry in pack.manifest.deltas] == list(range(4, 34))
    assert len(list((issuer.directory / "pack" / DELTAS).iterdir())) == 31  # and the oldest of the list before
    pack = issuer.publish(*[replace(card, name="新") for card in many[:30]], *many[30:], version=35, **FILLED)
    assert sum(entry.size for entry in pack.manifest.deltas) <= 400 * RECORD // 10
    pack = issuer.publish(*[replace(card, name="再") for card in many], version=36, **FILLED)
    assert pack.manifest.deltas == ()


@pytest.mark.parametrize(
    "break_it", ["skipped version", "other number of buckets", "old bucket damaged", "other pack gone"]
)
def test_where_nothing_leads_there_is_no_delta(issuer, many, break_it, monkeypatch):
    pack = issuer.publish(*many, version=1, **FILLED)
    version = 2
    if break_it == "skipped version":
        version = 3
    elif break_it == "other number of buckets":
        monkeypatch.setattr("honorcard.card.pack_build.buckets_for", lambda count: 4_096)
    elif break_it == "old bucket damaged":
        number = bucket_of(bytes.fromhex("00" * 16), 256)
        for digest in pack.manifest.bucket_sha256[number : number + 200]:
            (pack.directory / BUCKETS / digest.hex()).write_bytes(b"rot") if pack.bucket(digest) else None
    else:
        (pack.directory / MANIFEST).unlink()
    pack = issuer.publish(*many[1:], version=version, **FILLED)
    assert pack.manifest.deltas == ()
    assert pack.damaged_buckets() == []


def test_a_manifest_without_deltas_reads_as_before_and_one_with_a_broken_chain_not_at_all(issuer, many):
    issuer.publish(*many, **FILLED)
    pack = issuer.publish(*many[1:], version=2, **FILLED)
    body = cose.decode(manifest_bytes(pack.manifest))
    assert manifest_from(body) == pack.manifest
    [entry] = body.pop("deltas")
    assert manifest_from(body) == replace(pack.manifest, deltas=())
    for wrong in (
        {**entry, "to": 3}, {**entry, "from": 2}, {**entry, "from": -1}, {**entry, "size": 0}, {**entry, "size": True},
        {**entry, "sha256": bytes(31)}, {**entry, "sha256": "0" * 32}, {"from": 1}, 7,
    ):  # fmt: skip
        with pytest.raises((ValueError, KeyError, TypeError)):
            manifest_from({**body, "deltas": [wrong]})
    with pytest.raises(ValueError, match="no chain"):
        manifest_from({**body, "deltas": [entry, entry]})
    key = issuer.ring.current("pack")
    signed = cose.sign(cose.encode({**body, "deltas": {}}), key.kid, CONTEXT, issuer.ring.p256(key.kid))
    (pack.directory / MANIFEST).write_bytes(signed)
    with pytest.raises(ProblemError, match="pack_unreadable"):
        issuer.open()


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["name"])
def test_the_vectors_that_the_browser_is_held_to_as_well(case):
    raw = make_delta.told_again(case["delta"])
    assert (len(raw), hashlib.sha256(raw).hexdigest()) == (case["size"], case["sha256"])
    made = make_delta.check(case)
    expected = case["new"]
    if expected is None:
        assert made is None
        return
    assert made == {number: [tuple(told) for told in one["records"]] for number, one in expected.items()}
    for one in expected.values():
        assert hashlib.sha256(b"".join(map(make_delta.record, one["records"]))).hexdigest() == one["sha256"]


def test_the_file_of_vectors_is_what_its_maker_writes():
    assert json.loads(json.dumps({"record": RECORD, "cases": make_delta.cases()})) == DOCUMENT


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 39), max_size=25), st.lists(st.integers(0, 39), max_size=25), st.integers(0, 2**32))
def test_any_two_buckets_are_led_from_one_to_the_other_and_changed_bytes_never_crash(old, new, seed):
    by = random.Random(seed)

    def bucket(numbers: list[int]) -> bytes:
        return b"".join(make_delta.record((make_delta.place(7, n), by.randrange(2))) for n in sorted(set(numbers)))

    before, after = bucket(old), bucket(new)
    change = delta.change_between(before, after)
    assert change is not None and delta.applied(before, change) == after
    if before == after:
        return
    raw = delta.encode(1, 2, 256, {7: change})
    entry = DeltaEntry(1, 2, b"", len(raw))
    assert delta.decode(raw, entry, 256) == {7: change}
    spoilt = bytearray(raw)
    spoilt[by.randrange(len(raw))] ^= 1 << by.randrange(8)
    for hostile in (bytes(spoilt), raw[: by.randrange(len(raw))], by.randbytes(200)):
        try:
            changes = delta.decode(hostile, entry, 256)
        except delta.DeltaUnfit:
            continue
        assert delta.encode(1, 2, 256, changes) == hostile
