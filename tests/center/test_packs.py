from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from center import card_secrets, keyring, packing, packs
from center.store import cards, feed
from center.store.tables import card
from honorcard.card import pack, signing, token, verdict
from honorcard.card.thumbnail import THUMBNAIL_BYTES
from sync import wire


def text_of(world, number):
    """The QR text of an issued card, signed again from what the center keeps."""
    with world.store.read() as conn:
        card = cards.find(conn, number)
    lookup, secret = card_secrets.unbox(world.settings, card.seq, card.secret_box)
    kid, key = keyring.card_key(world.settings, card.seq, world.now)
    return signing.sign(world.settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, key)


def judged(world, number):
    trust = keyring.trust(world.settings)
    opened = pack.Pack.open(world.settings.pack_dir, trust)
    return verdict.decide(text_of(world, number), trust, opened, verdict.Interval(world.now, world.now))


def test_an_issued_card_is_green_with_name_and_photo_and_a_revoked_one_red(world):
    number = world.issued()
    found = judged(world, number)
    assert (found.verdict, found.code, found.name) == ("green", "valid", "林秀琴")
    assert found.photo
    world.browser("admin").send(f"/cards/{number}/revoke", text="冒用")
    found = judged(world, number)
    assert (found.verdict, found.code, found.name) == ("red", "revoked_or_replaced", None)


def test_a_suspended_card_is_told_apart(world):
    from center import ending

    number = world.issued()
    ending.end_card(world.store, world.settings, number, "suspended", "查證中", world.people["admin"], now=world.now)
    assert packing.keep_fresh(world.store, world.settings, now=world.now)
    assert judged(world, number).code == "suspended"


def test_a_card_whose_name_and_photo_do_not_fit_keeps_no_other_one_from_being_revoked(world):
    from center import photostore

    long, other = world.issued(), world.issued(identity_number="A123456789", name="王小明")
    with world.store.write() as conn:
        portrait = cards.find(conn, long).portrait_sha256
        conn.execute(update(card).where(card.c.number == long).values(name="𠮷" * 60))
    (world.settings.data_dir / "faces" / portrait[:2] / portrait[2:4] / portrait).unlink()
    photostore.put(world.settings, "face", portrait, bytes(THUMBNAIL_BYTES))
    world.browser("admin").send(f"/cards/{other}/revoke", text="冒用")
    assert judged(world, other).code == "revoked_or_replaced"
    found = judged(world, long)
    assert (found.verdict, found.code, found.name) == ("amber", "photo_missing", "𠮷" * 60)


def test_a_pack_is_built_when_it_is_missing_behind_or_a_day_old_and_else_not(world):
    assert packs.is_stale(world.store, world.settings, now=world.now)
    first = packs.rebuild(world.store, world.settings, now=world.now)
    assert not packs.keep_fresh(world.store, world.settings, now=world.now)
    assert packs.keep_fresh(world.store, world.settings, now=world.now + timedelta(hours=21))
    world.issued()  # no worker here: the desk builds it
    assert not packs.is_stale(world.store, world.settings, now=world.now)
    trust = keyring.trust(world.settings)
    assert pack.Pack.open(world.settings.pack_dir, trust).manifest.version == first + 2


def test_every_new_pack_is_told_to_all_tablets(world):
    version = packs.rebuild(world.store, world.settings, now=world.now)
    with world.store.read() as conn:
        items, _ = feed.page(conn, "a tablet nobody knows", 0)
    assert [wire.decode(wire.PackManifest, item.body).version for item in items] == [version]


def test_a_crash_while_building_leaves_the_pack_before_and_the_next_round_makes_it(world, monkeypatch):
    number = world.issued()
    before = (world.settings.pack_dir / pack.MANIFEST).read_bytes()

    def power_cut(*_args, **_kwargs):
        raise OSError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr(packing.pack, "build", power_cut)
        answer = world.browser("admin").send(f"/cards/{number}/revoke", text="冒用")
    assert answer.status_code == 303  # the card is revoked whatever becomes of the list
    assert (world.settings.pack_dir / pack.MANIFEST).read_bytes() == before
    assert packs.keep_fresh(world.store, world.settings, now=world.now)
    assert judged(world, number).code == "revoked_or_replaced"


def test_two_builds_at_once_publish_one_sound_pack(world):
    world.issued()
    threads = [
        threading.Thread(target=packs.rebuild, args=(world.store, world.settings), kwargs={"now": world.now})
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened = pack.Pack.open(world.settings.pack_dir, keyring.trust(world.settings))
    assert opened.manifest.version == 4
    assert opened.damaged_buckets() == []


def test_the_pack_is_given_to_anybody_with_an_etag(world):
    world.issued()
    browser = world.browser()
    answer = browser.get("/pack/manifest.cose")
    assert answer.status_code == 200
    etag = answer.headers["ETag"]
    assert browser.get("/pack/manifest.cose", headers={"If-None-Match": etag}).status_code == 304
    manifest = pack.read_manifest(answer.data, keyring.trust(world.settings))
    empty = hashlib.sha256(b"").digest()
    name = next(digest.hex() for digest in manifest.bucket_sha256 if digest != empty)
    bucket = browser.get(f"/pack/buckets/{name}")
    assert bucket.data == (world.settings.pack_dir / "buckets" / name).read_bytes()
    assert "immutable" in bucket.headers["Cache-Control"]
    trust = browser.get("/pack/trust.json")
    assert trust.json["prefix"] == "HTTPS://HC.TAIPEI/"
    assert browser.get("/pack/trust.json", headers={"If-None-Match": trust.headers["ETag"]}).status_code == 304


def test_the_days_news_are_given_as_a_delta(world):
    world.issued()
    packs.rebuild(world.store, world.settings, now=world.now)
    browser = world.browser()
    manifest = pack.read_manifest(browser.get("/pack/manifest.cose").data, keyring.trust(world.settings))
    assert [delta.to_version for delta in manifest.deltas] == [manifest.version]
    [entry] = manifest.deltas
    answer = browser.get(f"/pack/deltas/{entry.sha256.hex()}")
    assert (len(answer.data), hashlib.sha256(answer.data).digest()) == (entry.size, entry.sha256)
    assert "immutable" in answer.headers["Cache-Control"]
    number = world.issued(identity_number="A123456789", name="王小明")
    manifest = pack.read_manifest(browser.get("/pack/manifest.cose").data, keyring.trust(world.settings))
    assert manifest.deltas[-1].size < 3 * 2_092  # a card more, a dummy less
    assert judged(world, number).code == "valid"


def test_photos_of_a_layer_are_given_by_their_digest(world):
    world.issued()
    folder = world.settings.pack_dir / "photos"
    folder.mkdir()
    name = hashlib.sha256(b"photos").hexdigest()
    (folder / name).write_bytes(b"photos")
    answer = world.browser().get(f"/pack/photos/{name}")
    assert (answer.data, answer.headers["ETag"]) == (b"photos", f'"{name}"')
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/pack/photos/..",
        "/pack/photos/" + "0" * 64,
        "/pack/deltas/..",
        "/pack/deltas/" + "0" * 64,
        "/pack/buckets/..",
        "/pack/buckets/../manifest.cose",
        "/pack/buckets/" + "0" * 64,
        "/pack/center.json",
    ],
)
def test_nothing_else_is_given(world, path):
    assert world.browser().get(path).status_code == 404


def test_before_the_first_pack_there_is_a_sentence(world):
    answer = world.browser().get("/pack/manifest.cose")
    assert answer.status_code == 404
    assert "離線名單還沒有產生" in answer.get_data(as_text=True)


def test_no_name_stands_in_the_published_files(world):
    number = world.issued()
    read = token.parse(text_of(world, number), world.settings.card_prefix)
    for path in world.settings.pack_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert "林秀琴".encode() not in content
            assert read.secret not in content


def test_pack_and_sealing_keys_are_renewed_before_they_end(world):
    root, sealing = keyring.trust(world.settings).root, keyring.sealing_public(world.settings)
    for year in range(1, 4):
        moment = world.now + timedelta(days=300 * year)
        packs.rebuild(world.store, world.settings, now=moment)
        trust = keyring.trust(world.settings)
        assert trust.root == root
        assert pack.Pack.open(world.settings.pack_dir, trust).manifest.as_of <= moment
    assert keyring.sealing_public(world.settings) != sealing
    kept = [key.public_key().public_bytes_raw() for key in keyring.sealing_privates(world.settings)]
    assert sealing in kept  # a tablet that was away may still seal to it
    assert keyring.renew(world.settings, at=world.now + timedelta(days=901)) == []


def test_where_the_root_is_kept_elsewhere_nothing_is_renewed_here(world):
    (world.settings.keys_dir / "issuer" / "root.pem").unlink()
    before = keyring.trust(world.settings).version
    assert keyring.renew(world.settings, at=world.now + timedelta(days=300)) == []
    assert keyring.trust(world.settings).version == before


def test_a_first_start_that_ends_between_two_looks_of_another_is_no_lost_ring(tmp_path, monkeypatch):
    from center.settings import Settings

    settings = Settings(data_dir=tmp_path / "fresh")
    first, looks = [], Path.exists

    def overtaken(path: Path) -> bool:
        there = looks(path)
        if path.name == keyring.FOLDER and not first:  # the other's whole start, right after our look at the folder
            first.append(None)
            first[0] = keyring.ring(settings).trust.root
        return there

    monkeypatch.setattr(Path, "exists", overtaken)
    assert keyring.ring(settings).trust.root == first[0]


def test_two_first_starts_at_once_end_up_with_one_ring(make_world, tmp_path):
    from center.settings import Settings

    settings = Settings(data_dir=tmp_path / "fresh")
    start, roots = threading.Barrier(4), []

    def begin():
        start.wait()
        roots.append(keyring.ring(settings).trust.root)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(roots) == 4
    assert len(set(roots)) == 1
    assert [path.name for path in settings.keys_dir.iterdir()] == ["issuer"]
    assert keyring.sealing_private(settings).public_key().public_bytes_raw() == keyring.sealing_public(settings)
