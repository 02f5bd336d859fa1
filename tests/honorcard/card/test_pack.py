"""The sealed list: it opens for the card held up, and for nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from honorcard.card import signing
from honorcard.card.pack import BUCKETS, MANIFEST, Damaged, Found, LiveCard, bucket_of, cap_for, derive
from honorcard.card.record import RECORD, SLOT, opened_record, plaintext
from honorcard.card.thumbnail import THUMBNAIL_BYTES, thumbnail_webp
from honorcard.card.token import parse
from honorcard.problems import ProblemError

from .conftest import NOW, UNTIL


def test_a_listed_card_opens_and_an_unlisted_one_is_not_there(issuer):
    text, card = issuer.issue(100_000, name="王𡍼名")
    other, _ = issuer.issue(100_001)
    pack = issuer.publish(card)
    assert pack.find(parse(text)) == Found("王𡍼名", UNTIL, "live", card.photo)
    assert pack.find(parse(other)) is None


def test_the_derivation_is_hkdf_as_designed():
    import hmac

    secret = bytes(range(16))
    prk = hmac.new(b"VHC/1", secret, "sha256").digest()
    assert derive(secret) == (
        hmac.new(prk, b"idx\x01", "sha256").digest()[:16],
        hmac.new(prk, b"rec\x01", "sha256").digest(),
    )


def test_no_file_holds_a_name_or_a_photo(issuer):
    _, card = issuer.issue(100_000, name="林秀琴")
    issuer.publish(card)
    everything = b"".join(path.read_bytes() for path in (issuer.directory / "pack").rglob("*") if path.is_file())
    for clear in ("林秀琴".encode(), b"WEBP", b"RIFF", card.secret, UNTIL.isoformat().encode()):
        assert clear not in everything


def test_every_record_has_one_size_and_a_small_pack_is_filled(issuer):
    cards = [issuer.issue(100_000, name="A", photo=b"")[1], issuer.issue(100_001, name="長" * 50)[1]]
    pack = issuer.publish(*cards, min_records=1_024)
    sizes = [path.stat().st_size for path in (issuer.directory / "pack" / BUCKETS).iterdir()]
    assert sum(sizes) == 1_024 * RECORD
    assert pack.manifest.count == 1_024
    assert not pack.damaged_buckets()


def test_the_largest_record_fits_its_slot():
    card = LiveCard(1, bytes(16), "𡍼" * 50, UNTIL, "suspended", bytes(THUMBNAIL_BYTES))
    assert len(plaintext(card)) == SLOT
    assert opened_record(plaintext(card)) == Found("𡍼" * 50, UNTIL, "suspended", bytes(THUMBNAIL_BYTES))
    with pytest.raises(ProblemError, match="photo_too_rich"):
        plaintext(replace(card, photo=bytes(2_000)))


def test_a_rewritten_list_keeps_what_has_not_changed(issuer):
    cards = [issuer.issue(100_000 + number)[1] for number in range(40)]
    issuer.publish(*cards, version=1)
    before = {path.name for path in (issuer.directory / "pack" / BUCKETS).iterdir()}
    news = replace(cards[0], status="suspended")
    pack = issuer.publish(news, *cards[2:], version=2)
    touched = {bucket_of(derive(card.secret)[0], 256) for card in cards[:2]}
    now = {digest.hex() for digest in pack.manifest.bucket_sha256}
    assert len(now - before - {hashlib.sha256(b"").hexdigest()}) <= len(touched)
    assert before <= {path.name for path in (issuer.directory / "pack" / BUCKETS).iterdir()}  # for those still loading
    issuer.publish(news, *cards[2:], version=3)
    kept = {path.name for path in (issuer.directory / "pack" / BUCKETS).iterdir()}
    assert not kept & (before - now)


def test_a_resealed_record_has_a_fresh_nonce(issuer):
    _, card = issuer.issue(100_000, photo=b"")

    def nonce() -> bytes:
        [path] = [p for p in (issuer.directory / "pack" / BUCKETS).iterdir() if p.name in current]
        return path.read_bytes()[16:28]

    current = {digest.hex() for digest in issuer.publish(card).manifest.bucket_sha256}
    first = nonce()
    current = {digest.hex() for digest in issuer.publish(replace(card, name="新名"), version=2).manifest.bucket_sha256}
    assert nonce() != first


def test_a_flipped_bit_anywhere_in_a_bucket_is_noticed(issuer):
    text, card = issuer.issue(100_000)
    pack = issuer.publish(card)
    [path] = (issuer.directory / "pack" / BUCKETS).iterdir()
    sound = path.read_bytes()
    for place in range(0, len(sound), 97):
        changed = bytearray(sound)
        changed[place] ^= 0x10
        path.write_bytes(changed)
        assert pack.find(parse(text)) == Damaged()
    path.unlink()
    assert pack.find(parse(text)) == Damaged()
    assert pack.damaged_buckets() == [bucket_of(derive(card.secret)[0], 256)]
    path.write_bytes(sound)
    assert isinstance(pack.find(parse(text)), Found)


def test_the_secret_with_another_issue_number_does_not_open(issuer):
    text, card = issuer.issue(100_000)
    pack = issuer.publish(card)
    kid, key = issuer.ring.card_key(100_001)
    forged = signing.sign(issuer.ring.trust.prefix, parse(text).lookup, 100_001, card.secret, UNTIL, kid, key)
    assert pack.find(parse(forged)) == Damaged()


def test_a_manifest_that_was_changed_or_signed_by_another_key_is_refused(issuer, tmp_path):
    issuer.publish(issuer.issue(100_000)[1])
    path = issuer.directory / "pack" / MANIFEST
    sound = path.read_bytes()
    for place in range(0, len(sound), 211):
        changed = bytearray(sound)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ProblemError):
            issuer.open()
    path.write_bytes(sound)
    card_key = issuer.ring.current("card")
    with pytest.raises(ProblemError, match="pack_unsigned"):
        issuer.publish(version=2, kid_of=card_key)
    path.unlink()
    with pytest.raises(ProblemError, match="pack_unreadable"):
        issuer.open()


def test_a_pack_by_a_withdrawn_pack_key_is_refused(issuer):
    issuer.publish(issuer.issue(100_000)[1])
    issuer.ring.withdraw(issuer.ring.current("pack").kid, at=NOW)
    with pytest.raises(ProblemError, match="pack_unsigned"):
        issuer.open()


def test_an_older_pack_than_one_used_is_refused(issuer):
    issuer.publish(issuer.issue(100_000)[1], version=7)
    assert issuer.open(high_water=7).manifest.version == 7
    with pytest.raises(ProblemError, match="pack_rolled_back"):
        issuer.open(high_water=8)


def test_the_key_list_travels_in_the_pack(issuer):
    old = issuer.ring.trust
    issuer.ring.withdraw(issuer.ring.current("card").kid, at=NOW)
    pack = issuer.publish()
    assert old.newest(pack.manifest.key_list) == issuer.ring.trust


def test_a_crash_before_the_manifest_leaves_the_old_pack_whole(issuer, monkeypatch):
    text, card = issuer.issue(100_000)
    issuer.publish(card)
    from honorcard.card import pack_build as room

    def crash(path, content, mode=0o644):
        if path.name == MANIFEST:
            raise KeyboardInterrupt
        original(path, content, mode)

    original = room.write_durably
    monkeypatch.setattr(room, "write_durably", crash)
    with pytest.raises(KeyboardInterrupt):
        issuer.publish(replace(card, name="新"), version=2)
    pack = issuer.open()
    assert pack.manifest.version == 1
    assert isinstance(pack.find(parse(text)), Found)


def test_a_card_above_the_watermark_or_a_shared_secret_is_the_issuers_mistake(issuer):
    _, card = issuer.issue(100_000)
    with pytest.raises(ValueError, match="watermark"):
        issuer.publish(card, max_seq=99_999)
    with pytest.raises(ValueError, match="secret"):
        issuer.publish(card, replace(card, seq=100_001))


def test_the_cap_is_fourteen_days_of_issuing_but_never_below_twenty_thousand():
    assert cap_for(900) == 20_000
    assert cap_for(35_000) == 35_000


@pytest.mark.parametrize("size", [(560, 700), (700, 560), (120, 160), (40, 50), (1200, 1500)])
def test_the_thumbnail_is_fitted_and_small_for_any_shape(make_headshot, size):
    small = thumbnail_webp(make_headshot(*size))
    assert len(small) <= THUMBNAIL_BYTES
    picture = Image.open(BytesIO(small))
    assert (picture.format, picture.size) == ("WEBP", (120, 160))


def test_a_busy_photo_is_made_to_fit_and_a_broken_one_refused():
    import random

    noise = Image.frombytes("RGB", (280, 350), random.Random(1).randbytes(280 * 350 * 3)).resize((560, 700))
    out = BytesIO()
    noise.save(out, "JPEG", quality=95)
    assert len(thumbnail_webp(out.getvalue())) <= THUMBNAIL_BYTES
    for broken in (b"", b"GIF89a", b"%PDF-1.4", out.getvalue()[:200]):
        with pytest.raises(ProblemError, match="photo_unreadable"):
            thumbnail_webp(broken)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50), st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.binary(max_size=1700), st.booleans())
def test_any_record_survives_its_slot(name, until, photo, suspended):
    status = "suspended" if suspended else "live"
    if any(0xD800 <= ord(c) <= 0xDFFF for c in name):
        return
    assert opened_record(plaintext(LiveCard(1, bytes(16), name, until, status, photo))) == Found(
        name, until, status, photo
    )


def test_as_of_is_kept_to_the_second(issuer):
    pack = issuer.publish(as_of=NOW + timedelta(microseconds=5))
    assert pack.manifest.as_of == NOW
    assert pack.manifest.valid_until == NOW + timedelta(days=30)


@pytest.mark.parametrize("buckets", [256, 4_096])
def test_records_spilled_to_disk_come_back_in_the_same_buckets(tmp_path, buckets):
    from honorcard.card.pack_parts import Sorter

    records = [signing.new_secret() + bytes(RECORD - 16) for _ in range(300)]
    (tmp_path / "small").mkdir()
    in_memory, spilled = Sorter(tmp_path), Sorter(tmp_path / "small", limit_bytes=50 * RECORD)
    for record in records:
        in_memory.add(record)
        spilled.add(record)
    assert list((tmp_path / "small").iterdir())
    contents = list(spilled.buckets(buckets))
    assert contents == list(in_memory.buckets(buckets))
    assert b"".join(contents) == b"".join(sorted(records))
    for number, content in enumerate(contents):
        assert all(bucket_of(content[at : at + 16], buckets) == number for at in range(0, len(content), RECORD))


def test_a_failed_build_leaves_no_litter(issuer):
    _, card = issuer.issue(100_000)
    with pytest.raises(ValueError, match="watermark"):
        issuer.publish(card, max_seq=1)
    assert [path.name for path in (issuer.directory / "pack").iterdir()] == [BUCKETS]
