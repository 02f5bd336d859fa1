"""The pack comes over a real HTTP server: whole or not at all, never older, by the same root alone."""

from __future__ import annotations

import hashlib
import http.server
import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from honorcard.card.keyring import KeyRing
from honorcard.card.manifest import SignedCount
from honorcard.card.pack import build as build_pack
from honorcard.card.token import parse
from honorcard.card.trust import Trust, sign_list
from honorcard.card.verdict import Interval, decide
from kiosk import packs, timing
from kiosk.store import gate
from sync import wire
from sync.signed_time import sign_time
from tests.kiosk.scene import AS_OF, NOW, PREFIX, Cards, build


class Issuer(Cards):
    """An issuer whose packs are not filled up with dummies, which change every bucket every time."""

    def pack(self, folder, **more):
        super().pack(folder, min_records=0, **more)


class Center:
    """Serves a folder under /pack/ with ETags, and remembers what was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[tuple[str, int]] = []
        self.hello: Callable[[str], bytes] | None = None
        center = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = center.folder / self.path.removeprefix("/pack/")
                hello = center.hello and self.path.startswith("/v1/hello?nonce=")
                body = center.hello(self.path[-32:]) if hello else path.read_bytes() if path.is_file() else b""
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                status = 404 if not body else 304 if self.headers.get("If-None-Match") == tag else 200
                center.asked.append((self.path, status))
                self.send_response(status)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body) if status == 200 else 0))
                self.end_headers()
                if status == 200:
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def buckets_sent(self) -> int:
        return sum(1 for path, status in self.asked if "/buckets/" in path and status == 200)


@pytest.fixture
def issuer(tmp_path):
    cards = Issuer(KeyRing.create(tmp_path / "keys", prefix=PREFIX, at=NOW - timedelta(days=100)))
    cards.add("valid", 100_010, "林秀琴")
    cards.add("other", 100_011, "陳文雄")
    return cards


@pytest.fixture
def center(tmp_path, issuer):
    folder = tmp_path / "served"
    issuer.pack(folder, version=3)
    (folder / "trust.json").write_text(issuer.ring.trust.document())
    held = Center(folder)
    yield held
    held.server.shutdown()


@pytest.fixture
def scene(tmp_path, center, issuer):
    held = build(tmp_path, center_url=center.url)
    shutil.rmtree(held.settings.pack_dir)
    held.settings.trust_file.write_text(issuer.ring.trust.document())
    return held


@pytest.fixture
def http_client():
    with httpx.Client(trust_env=False) as client:
        yield client


def fetch(scene, client):
    return packs.fetch(scene.settings, client, scene.store)


def finds(scene, text):
    _, pack = packs.Shelf(scene.settings, scene.store).open()
    return pack.find(parse(text, PREFIX)) if pack else None


def test_a_first_pack_is_fetched_whole_and_used(scene, center, issuer, http_client):
    assert fetch(scene, http_client) is True
    assert finds(scene, issuer.texts["valid"]).name == "林秀琴"
    with scene.store.read() as db:
        assert gate.high_water(db) == 3


def test_nothing_new_is_one_small_question(scene, center, http_client):
    fetch(scene, http_client)
    center.asked.clear()
    assert fetch(scene, http_client) is False
    assert center.asked == [("/pack/manifest.cose", 304)]


def test_a_newer_pack_brings_only_changed_buckets_and_forgets_old_ones_later(scene, center, issuer, http_client):
    fetch(scene, http_client)
    first = center.buckets_sent()
    issuer.live = [card for card in issuer.live if card.seq != 100_011]
    issuer.add("third", 100_012, "張美華")
    issuer.pack(center.folder, version=4)
    assert fetch(scene, http_client) is True
    assert first in (1, 2)  # two random places in 256 may be one
    assert center.buckets_sent() - first == 1
    assert finds(scene, issuer.texts["third"]).name == "張美華"
    assert finds(scene, issuer.texts["other"]) is None
    assert finds(scene, issuer.texts["valid"]).name == "林秀琴"


def test_an_older_pack_is_never_used_even_where_the_folder_was_wiped(scene, center, issuer, http_client):
    fetch(scene, http_client)
    issuer.pack(center.folder, version=2)
    assert fetch(scene, http_client) is False
    assert finds(scene, issuer.texts["valid"]) is not None
    shutil.rmtree(scene.settings.pack_dir)
    assert fetch(scene, http_client) is False
    assert finds(scene, issuer.texts["valid"]) is None


def test_a_pack_with_a_bucket_missing_or_changed_on_the_way_is_not_used(scene, center, issuer, http_client):
    fetch(scene, http_client)
    issuer.live = [card for card in issuer.live if card.seq != 100_011]
    issuer.add("third", 100_012, "張美華")
    before = set((center.folder / "buckets").iterdir())
    issuer.pack(center.folder, version=4)
    (fresh, *_) = sorted(set((center.folder / "buckets").iterdir()) - before)
    whole = fresh.read_bytes()
    for broken in (None, whole[:-1], bytes(len(whole))):
        fresh.unlink(missing_ok=True)
        if broken is not None:
            fresh.write_bytes(broken)
        assert fetch(scene, http_client) is False
        assert finds(scene, issuer.texts["other"]) is not None  # the old pack still answers
    fresh.write_bytes(whole)
    assert fetch(scene, http_client) is True
    assert finds(scene, issuer.texts["other"]) is None


def test_another_root_is_not_believed(scene, center, issuer, http_client, tmp_path):
    fetch(scene, http_client)
    stranger = Issuer(KeyRing.create(tmp_path / "stranger", prefix=PREFIX, at=NOW - timedelta(days=100)))
    shutil.rmtree(center.folder)
    stranger.pack(center.folder, version=9)
    (center.folder / "trust.json").write_text(stranger.ring.trust.document())
    trust_before = scene.settings.trust_file.read_bytes()
    assert fetch(scene, http_client) is False
    assert scene.settings.trust_file.read_bytes() == trust_before
    assert finds(scene, issuer.texts["valid"]) is not None


def test_a_newer_key_list_of_the_same_root_is_taken_over(scene, center, issuer, http_client):
    fetch(scene, http_client)
    issuer.ring.rotate("pack", at=NOW - timedelta(days=1))
    issuer.pack(center.folder, version=4)
    (center.folder / "trust.json").write_text(issuer.ring.trust.document())
    assert fetch(scene, http_client) is True
    trust, _ = packs.Shelf(scene.settings, scene.store).open()
    assert trust.version == issuer.ring.trust.version


def test_a_key_list_the_pack_brought_is_not_forgotten_with_an_older_file(scene, center, issuer, http_client):
    old_trust = scene.settings.trust_file.read_text()
    leaked = issuer.ring.rotate("pack", at=NOW - timedelta(days=1))
    issuer.ring.withdraw(leaked.kid, at=NOW)
    issuer.pack(center.folder, version=4)  # by the other key; the list of keys travels in it
    assert fetch(scene, http_client) is True
    assert Trust.load(scene.settings.trust_file).key(leaked.kid).withdrawn  # kept apart from the pack
    scene.settings.trust_file.write_text(old_trust)
    stale = sign_list(
        [replace(key, withdrawn=False) for key in issuer.ring.trust.keys], version=2, issued=NOW, prefix=PREFIX,
        root=issuer.ring._root(),
    )  # fmt: skip
    (center.folder / "trust.json").write_text(stale.document())  # of the day before the leak was known
    build_pack(
        center.folder, issuer.live, version=5, as_of=NOW, max_seq=100_100, kid=leaked.kid,
        key=issuer.ring.p256(leaked.kid), trust=stale, min_records=0,
    )  # fmt: skip
    assert fetch(scene, http_client) is False
    with scene.store.read() as db:
        assert gate.high_water(db) == 4


def test_a_damaged_bucket_is_fetched_again_when_the_gate_asked_for_it(scene, center, issuer, http_client):
    fetch(scene, http_client)
    shelf = packs.Shelf(scene.settings, scene.store)
    for path in (scene.settings.pack_dir / "buckets").iterdir():
        path.write_bytes(b"rot" + path.read_bytes()[3:])
    shelf.ask_for_repair()
    assert fetch(scene, http_client) is True
    assert finds(scene, issuer.texts["valid"]).name == "林秀琴"
    assert not (scene.settings.pack_dir / packs.REPAIR).exists()


def publish(issuer, center, cards, version, as_of=AS_OF, **more):
    """A list with more in it than the scene's."""
    key = issuer.ring.current("pack", NOW)
    build_pack(
        center.folder, cards, version=version, as_of=as_of, max_seq=100_100, kid=key.kid, key=issuer.ring.p256(key.kid),
        trust=issuer.ring.trust, min_records=0, **more,
    )  # fmt: skip


def layered(issuer, center, version):
    """A list that keeps its photos apart."""
    publish(issuer, center, [replace(card, layer="63000") for card in issuer.live], version, photo_layers=("63000",))


def held_up(scene, text):
    """The code of the gate's answer, and the photo its page shows."""
    client = scene.client(unlocked=False)
    answer = client.post("/verify/text", data={"text": text}, headers={"HX-Request": "true"})
    shown = re.search(r'src="(/verify/photo/[^"]+)"', answer.text)
    trust, pack = packs.Shelf(scene.settings, scene.store).open()
    found = decide(text, trust, pack, Interval.at(NOW))
    assert f'data-verdict="{found.verdict}"' in answer.text
    return found.code, client.get(shown[1]).data if shown else b""


def test_photos_in_a_layer_of_their_own_come_after_the_list_and_are_shown(scene, center, issuer, http_client):
    layered(issuer, center, 4)
    photos, away = center.folder / "photos", center.folder / "away"
    photos.rename(away)
    fetch(scene, http_client)  # the line breaks before they are here: the list is in use without them
    assert finds(scene, issuer.texts["valid"]).name == "林秀琴"
    assert held_up(scene, issuer.texts["valid"]) == ("photo_missing", b"")
    away.rename(photos)
    fetch(scene, http_client)
    assert held_up(scene, issuer.texts["valid"]) == ("valid", issuer.live[0].photo)
    center.asked.clear()
    fetch(scene, http_client)
    assert center.asked == [("/pack/manifest.cose", 304)]


def test_a_photo_that_rots_on_the_tablet_is_fetched_again(scene, center, issuer, http_client):
    layered(issuer, center, 4)
    fetch(scene, http_client)
    for path in (scene.settings.pack_dir / "photos").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert held_up(scene, issuer.texts["valid"])[0] == "photo_missing"  # and asks for repair
    assert fetch(scene, http_client) is True
    assert held_up(scene, issuer.texts["valid"]) == ("valid", issuer.live[0].photo)


def test_photos_of_a_layer_go_when_no_list_in_use_names_them(scene, center, issuer, http_client):
    layered(issuer, center, 4)
    fetch(scene, http_client)
    assert list((scene.settings.pack_dir / "photos").iterdir())
    for version in (5, 6):
        issuer.pack(center.folder, version=version)
        assert fetch(scene, http_client) is True
        assert held_up(scene, issuer.texts["valid"]) == ("valid", issuer.live[0].photo)
    assert not list((scene.settings.pack_dir / "photos").iterdir())


def test_a_day_of_unusually_many_signatures_is_told_at_the_gate(scene, center, issuer, http_client):
    for day in range(9):
        last_day = 900 if day == 8 else 14
        count = SignedCount(10_000 + 14 * day + last_day - 14, last_day, bytes(32))
        publish(issuer, center, issuer.live, 10 + day, NOW - timedelta(days=9 - day), signed=count)
        assert "簽發了" not in scene.client(unlocked=False).get("/verify").text
        assert fetch(scene, http_client) is True
    assert "115.11.20 一天簽發了 900 張卡，平常一天約 14 張。" in scene.client(unlocked=False).get("/verify").text
    assert "usually it is about 14 a day" in scene.client(unlocked=False).get("/verify?language=en").text


def test_a_tablet_that_does_not_know_the_date_asks_the_center_for_it(scene, center, issuer, http_client):
    later = NOW + timedelta(days=3)
    issuer.pack(center.folder, version=4, as_of=later)
    fetch(scene, http_client)  # the list shows that the wall clock is days behind
    client = scene.client(unlocked=False)
    answer = client.post("/verify/text", data={"text": issuer.texts["valid"]}, headers={"HX-Request": "true"}).text
    assert 'data-verdict="amber"' in answer and "無法確認卡片過期沒有" in answer
    assert "請按「連線對時」" in answer and "連線對時</button>" in answer
    key = issuer.ring.current("pack", NOW)

    def hello(nonce):
        moment_ms = int((later + timedelta(minutes=1)).timestamp() * 1000)
        signed = sign_time(moment_ms, nonce, key.kid, issuer.ring.p256(key.kid))
        said = wire.Hello(
            proto=(1, 1), schema=(1, 1), kinds=(), min_app="", server_epoch=None, server_time="", limits={}, time=signed
        )
        return wire.encode(said)

    center.hello = hello
    assert "再掃一次" in client.post("/verify/update", headers={"HX-Request": "true"}).text
    answer = client.post("/verify/text", data={"text": issuer.texts["valid"]}, headers={"HX-Request": "true"}).text
    assert 'data-verdict="green"' in answer


def test_the_lists_date_moves_what_time_it_may_be(scene, center, issuer, http_client):
    issuer.pack(center.folder, version=4, as_of=NOW + timedelta(days=3))
    fetch(scene, http_client)
    assert timing.interval(scene.store, NOW).lo >= NOW + timedelta(days=3)


def test_without_a_line_or_enrolment_nothing_happens_and_nothing_is_raised(scene, center, http_client):
    center.server.shutdown()
    center.server.server_close()
    assert fetch(scene, http_client) is False
    scene.settings.trust_file.unlink()
    assert fetch(scene, http_client) is False


def test_the_worker_may_call_it_without_a_store(scene, center, issuer, http_client):
    assert packs.fetch(scene.settings, http_client) is True
    assert finds(scene, issuer.texts["valid"]).name == "林秀琴"
