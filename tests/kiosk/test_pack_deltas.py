"""Deltas over a real HTTP server: they spare bytes, and whatever is wrong with them the list comes whole."""

from __future__ import annotations

import hashlib
import logging
import shutil
from datetime import date, timedelta

import httpx
import pytest

from honorcard.card import pack
from honorcard.card.keyring import KeyRing
from honorcard.card.manifest import BUCKETS, DELTAS, EMPTY_BUCKET, MANIFEST, read_manifest
from honorcard.card.record import LiveCard
from kiosk import packs
from kiosk.store import gate
from tests.kiosk.scene import NOW, PREFIX, build
from tests.kiosk.test_packs import Center


class City:
    """A center whose list has sixty cards among four hundred records, and publishes deltas."""

    def __init__(self, folder, root):
        self.ring = KeyRing.create(folder / "keys", prefix=PREFIX, at=root)
        self.folder = folder / "served"
        self.cards = [self.live(100_000 + place) for place in range(60)]
        self.version = 0
        self.publish()
        (self.folder / "trust.json").write_text(self.ring.trust.document())
        self.line = Center(self.folder)

    @staticmethod
    def live(seq: int) -> LiveCard:
        secret = hashlib.sha256(b"card %d" % seq).digest()[:16]  # so that the same buckets change in every run
        return LiveCard(seq, secret, "林秀琴", date(2029, 11, 20))

    def publish(self, *, drop: int = 0, add: int = 0) -> pack.Manifest:
        self.version += 1
        first = self.cards[-1].seq + 1
        self.cards = [*self.cards[drop:], *(self.live(first + place) for place in range(add))]
        key = self.ring.current("pack", NOW)
        return pack.build(
            self.folder, self.cards, version=self.version, as_of=NOW, max_seq=200_000, kid=key.kid,
            key=self.ring.p256(key.kid), trust=self.ring.trust, min_records=400, filler=b"a secret",
        )  # fmt: skip

    def fetched(self, what: str) -> list[str]:
        return [path for path, status in self.line.asked if f"/{what}/" in path and status == 200]

    def delta_file(self):
        raw = (self.folder / MANIFEST).read_bytes()
        return self.folder / DELTAS / read_manifest(raw, self.ring.trust).deltas[-1].sha256.hex()


@pytest.fixture
def city(tmp_path):
    held = City(tmp_path, NOW - timedelta(days=100))
    yield held
    held.line.server.shutdown()
    held.line.server.server_close()


@pytest.fixture
def scene(tmp_path, city):
    held = build(tmp_path, center_url=city.line.url)
    shutil.rmtree(held.settings.pack_dir)
    held.settings.trust_file.write_text(city.ring.trust.document())
    return held


@pytest.fixture
def fetch(scene, city):
    with httpx.Client(trust_env=False) as client:

        def bring() -> bool:
            city.line.asked.clear()
            return packs.fetch(scene.settings, client, scene.store)

        assert bring()
        yield bring


def in_use(scene, city) -> pack.Pack:
    _, opened = packs.Shelf(scene.settings, scene.store).open()
    assert opened is not None
    assert opened.damaged_buckets() == []
    return opened


def test_a_days_news_come_as_one_delta_and_no_bucket(scene, city, fetch):
    city.publish(drop=1, add=2)
    assert fetch()
    assert (len(city.fetched(DELTAS)), city.fetched(BUCKETS)) == (1, [])
    assert in_use(scene, city).manifest.version == city.version


def test_a_tablet_that_was_away_follows_the_chain(scene, city, fetch):
    for _ in range(4):
        city.publish(drop=1, add=1)
    assert fetch()
    assert (len(city.fetched(DELTAS)), city.fetched(BUCKETS)) == (4, [])
    assert in_use(scene, city).manifest.version == city.version


def test_a_tablet_that_was_away_too_long_fetches_buckets(scene, city, fetch):
    before = set(in_use(scene, city).manifest.bucket_sha256) | {EMPTY_BUCKET}
    for _ in range(32):
        city.publish()
    after = city.publish(drop=1, add=1)
    assert fetch()
    assert city.fetched(DELTAS) == []
    assert 1 <= len(city.fetched(BUCKETS)) == len(set(after.bucket_sha256) - before)
    assert in_use(scene, city).manifest.version == city.version


@pytest.mark.parametrize("broken", ["missing", "cut short", "another byte", "longer", "empty"])
def test_a_delta_that_is_not_what_the_manifest_says_is_left_and_the_buckets_come_whole(scene, city, fetch, broken):
    city.publish(drop=1, add=2)
    path = city.delta_file()
    raw = path.read_bytes()
    path.write_bytes(
        {"cut short": raw[:-1], "another byte": raw[:-1] + bytes([raw[-1] ^ 1]), "longer": raw + b"\0"}.get(broken, b"")
    )
    if broken == "missing":
        path.unlink()
    assert fetch()
    assert city.fetched(BUCKETS)
    assert in_use(scene, city).manifest.version == city.version


def test_a_bucket_the_delta_does_not_lead_to_is_fetched_alone_and_named_by_number(scene, city, fetch, caplog):
    before = in_use(scene, city).manifest
    after = city.publish(drop=1, add=2)
    touched = [n for n, (a, b) in enumerate(zip(before.bucket_sha256, after.bucket_sha256, strict=True)) if a != b]
    files = {n: scene.settings.pack_dir / BUCKETS / before.bucket_sha256[n].hex() for n in touched}
    number, path = next(
        (n, file) for n, file in files.items() if file.exists() and after.bucket_sha256[n] != EMPTY_BUCKET
    )
    path.write_bytes(path.read_bytes()[:-1] + b"?")  # rotted on this tablet
    with caplog.at_level(logging.WARNING, "honorcard.packs"):
        assert fetch()
    assert city.fetched(BUCKETS) == [f"/pack/{BUCKETS}/{after.bucket_sha256[number].hex()}"]
    assert [record.getMessage() for record in caplog.records] == [
        f"bucket {number} is fetched whole: the delta does not lead to it"
    ]
    assert in_use(scene, city).manifest.version == city.version


def test_a_power_cut_between_two_made_buckets_leaves_the_old_list_and_the_next_try_the_new(
    scene, city, fetch, monkeypatch
):
    old = in_use(scene, city).manifest.version
    city.publish(drop=2, add=2)
    with monkeypatch.context() as cut:

        def power(_point):
            raise KeyboardInterrupt

        cut.setattr(packs, "crash_here", power)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert in_use(scene, city).manifest.version == old
    assert fetch()
    assert city.fetched(BUCKETS) == []
    assert in_use(scene, city).manifest.version == city.version


def test_after_the_number_of_buckets_changed_they_come_whole(scene, city, fetch, monkeypatch):
    monkeypatch.setattr("honorcard.card.pack_build.buckets_for", lambda count: 4_096)
    city.publish(drop=1)
    assert fetch()
    assert city.fetched(DELTAS) == []
    assert len(in_use(scene, city).manifest.bucket_sha256) == 4_096


def test_where_the_gate_asked_for_repair_no_delta_is_trusted_with_it(scene, city, fetch):
    city.publish(drop=1, add=1)
    packs.Shelf(scene.settings, scene.store).ask_for_repair()
    assert fetch()
    assert city.fetched(DELTAS) == []
    assert in_use(scene, city).manifest.version == city.version
    with scene.store.read() as db:
        assert gate.high_water(db) == city.version


def test_old_files_go_once_no_list_in_use_names_them(scene, city, fetch):
    for _ in range(3):
        city.publish(drop=1, add=1)
        fetch()
    held = {path.name for path in (scene.settings.pack_dir / BUCKETS).iterdir()}
    named = {digest.hex() for digest in in_use(scene, city).manifest.bucket_sha256}
    assert named - held == {EMPTY_BUCKET.hex()}
    assert len(held - named) <= 4  # those of the list before
