"""Writes token.json: the card's texts and the gate's answers that Python and the browser's page are both held to.

Run `python -m tests.vectors.make_token` from the repository's root. The keys are fixed numbers and the signatures
repeatable; only the sealed records have fresh nonces, so that a new file differs there. Not part of a test run: a
change of this file is a change of the agreement.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, signing
from honorcard.card.manifest import CONTEXT, Manifest, manifest_bytes
from honorcard.card.pack import BUCKETS, MANIFEST, LiveCard, Pack, bucket_of, build, derive
from honorcard.card.portrait import drawn_portrait
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import DEFAULT_PREFIX, TAIPEI, external_data, parse
from honorcard.card.trust import Trust, TrustedKey, sign_list
from honorcard.card.verdict import Interval, decide

FILE = Path(__file__).with_name("token.json")
AT = datetime(2026, 11, 21, 10, 42, tzinfo=TAIPEI)
DAY = timedelta(days=1)
FAR, TODAY, PAST = date(2029, 11, 20), date(2026, 11, 21), date(2026, 11, 20)
LOOKUP = "ABCDEFGHIJKLMN23"
MORNING = Interval.at(datetime(2026, 11, 21, tzinfo=TAIPEI))
EVENING = Interval.at(datetime(2026, 11, 21, 23, 59, 59, tzinfo=TAIPEI))
AFTER = Interval.at(datetime(2026, 11, 22, tzinfo=TAIPEI))
CARD, PACK, PRACTICE, OLD = 1, 2, 3, 4
MAX_SEQ, CAP = 101_050, 20_000


def key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(0x5EED0000 + number, ec.SECP256R1())


def trust_of() -> Trust:
    def entry(kid: int, use: str, **more) -> TrustedKey:
        public = cose.public_bytes(key(kid).public_key())
        return TrustedKey(kid, use, public, AT - 400 * DAY, AT + 1_000 * DAY, **{"seq_min": 1, **more})

    keys = [
        entry(CARD, "card", seq_min=101_000),
        entry(PACK, "pack"),
        entry(PRACTICE, "practice"),
        entry(OLD, "card", seq_min=100_000, seq_max=100_999, withdrawn=True),
    ]
    return sign_list(keys, version=3, issued=AT, prefix=DEFAULT_PREFIX, root=key(99))


def secret(number: int) -> bytes:
    return hashlib.sha256(b"vector %d" % number).digest()[:16]


def text(number: int, seq: int, until: date = FAR, kid=CARD, signer: int | None = None, prefix=DEFAULT_PREFIX) -> str:
    return signing.sign(prefix, LOOKUP, seq, secret(number), until, kid, key(kid if signer is None else signer))


def raw_of(card: str) -> bytes:
    number = int(card.partition("#")[2])
    return number.to_bytes((number.bit_length() + 7) // 8, "big")[1:]


def text_of(raw: bytes, lookup: str = LOOKUP) -> str:
    number = int.from_bytes(b"\x01" + raw, "big")
    return f"{DEFAULT_PREFIX}{lookup}#{number}"


def resigned(payload: bytes, protected: bytes | None = None) -> str:
    """Signed by the true key over a payload or header that the strict parser must refuse."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    head = protected if protected is not None else cbor2.dumps({1: -7, 4: bytes([CARD])})
    signed = cose.Sign1(CARD, head, payload, b"").to_be_signed(external_data(LOOKUP))
    how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key(CARD).sign(signed, how))
    s = min(s, cose.P256_ORDER - s)
    return text_of(cbor2.dumps([head, {}, payload, r.to_bytes(32, "big") + s.to_bytes(32, "big")]))


def refused() -> dict[str, str]:
    """Texts with the address of a card of ours that no verifier may accept."""
    good = text(1, 101_001)
    raw = raw_of(good)
    s = int.from_bytes(raw[-32:], "big")
    claims = {4: 1_900_000_000, -65537: [101_001, secret(1)]}
    number = cbor2.dumps(1_900_000_000)
    flipped = {f"bit {bit} flipped": text_of(_flip(raw, bit)) for bit in range(3, len(raw) * 8, 37)}
    return {
        "the lookup of another card": good.replace(LOOKUP, LOOKUP[::-1]),
        "lower-case lookup": good.replace(LOOKUP, LOOKUP.lower()),
        "lower-case address": good.replace("HTTPS://HC.TAIPEI/", "https://hc.taipei/"),
        "no fragment": good.partition("#")[0],
        "a digit less": good[:-1],
        "a digit more": good + "0",
        "a leading zero": good.replace("#", "#0"),
        "a line end": good + "\n",
        "Arabic digits": _arabic(good),
        "beyond 400 characters": good + "1" * 200,
        "high-S twin": text_of(raw[:-32] + (cose.P256_ORDER - s).to_bytes(32, "big")),
        "a trailing byte": text_of(raw + b"\x00"),
        "tagged": text_of(b"\xd2" + raw),
        "indefinite list": text_of(b"\x9f" + raw[1:] + b"\xff"),
        "EdDSA named": resigned(cbor2.dumps(claims), cbor2.dumps({1: -8, 4: bytes([CARD])})),
        "no algorithm": resigned(cbor2.dumps(claims), cbor2.dumps({4: bytes([CARD])})),
        "kid of two bytes": resigned(cbor2.dumps(claims), cbor2.dumps({1: -7, 4: bytes([CARD, 0])})),
        "another claim": resigned(cbor2.dumps({**claims, 6: 1})),
        "true for a number": resigned(cbor2.dumps({4: 1_900_000_000, -65537: [True, secret(1)]})),
        "float date": resigned(cbor2.dumps({4: 1.9e9, -65537: [101_001, secret(1)]})),
        "long number": resigned(cbor2.dumps(claims).replace(number, b"\x1b" + (1_900_000_000).to_bytes(8, "big"))),
        "keys out of order": resigned(b"\xa2" + cbor2.dumps(-65537) + cbor2.dumps(claims[-65537]) + b"\x04" + number),
        "short secret": resigned(cbor2.dumps({4: 1_900_000_000, -65537: [101_001, secret(1)[:15]]})),
        "issue number above its key's range": text(1, 101_000, kid=OLD, signer=OLD),
        "issue number below its key's range": text(1, 100_999),
        "another key under the same kid": text(1, 101_001, signer=50),
        "a pack key": text(1, 101_001, kid=PACK),
        "an unknown kid": text(1, 101_001, kid=200, signer=CARD),
        **flipped,
    }


def _arabic(card: str) -> str:
    address, mark, digits = card.partition("#")
    return address + mark + digits.translate({ord("0") + digit: 0x660 + digit for digit in range(10)})


def _flip(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)


def grid_texts() -> dict[str, str]:
    """A card for every way through the table; those that are listed are so by `main`."""
    good = text(1, 101_001)
    return {
        "other text": "hello",
        "foreign": text(1, 101_001, prefix="HTTPS://HC.EXAMPLE/"),
        "altered": good[:-1] + ("1" if good[-1] != "1" else "2"),
        "practice": text(20, 101_001, kid=PRACTICE),
        "listed": good,
        "ends today": text(2, 101_002, TODAY),
        "over": text(3, 101_003, PAST),
        "over by the list alone": text(3, 101_003, FAR),
        "over by the card alone": text(1, 101_001, PAST),
        "suspended": text(4, 101_004),
        "no photo": text(5, 101_005),
        "old key, listed": text(6, 100_001, kid=OLD),
        "old key, not listed": text(31, 100_002, kid=OLD),
        "bucket missing": text(7, 101_007),
        "record of another number": text(1, 101_009),
        "gone": text(32, 101_020),
        "gone and over": text(30, 101_030, PAST),
        "above the watermark": text(34, MAX_SEQ + 1),
        "beyond the cap": text(36, MAX_SEQ + CAP + 1),
    }


def grid_intervals() -> dict[str, Interval]:
    """What may be known of the time: nothing, one end, a moment, some days; at every edge of the table."""
    second = timedelta(seconds=1)
    ends = datetime(2029, 11, 21, tzinfo=TAIPEI)  # of the cards that live long
    return {
        "now": Interval.at(AT),
        "nothing": Interval(None, None),
        "no end": Interval(AT, None),
        "no beginning": Interval(None, AT),
        "three days": Interval(AT, AT + 3 * DAY),
        "weeks": Interval(AT - 40 * DAY, AT + 8 * DAY),
        "midnight": Interval.at(datetime(2026, 11, 22, tzinfo=TAIPEI)),
        "before midnight": Interval.at(datetime(2026, 11, 22, tzinfo=TAIPEI) - second),
        "seven days less": Interval.at(AT + 7 * DAY - second),
        "seven days": Interval.at(AT + 7 * DAY),
        "eleven days": Interval.at(AT + 11 * DAY),
        "thirty days": Interval.at(AT + 30 * DAY),
        "thirty days more": Interval.at(AT + 30 * DAY + second),
        "the last second": Interval.at(ends - second),
        "over": Interval.at(ends),
    }


def grid_manifests(manifest: Manifest) -> dict[str, Manifest]:
    """The same buckets under other dates and watermarks."""
    return {
        "ends soon": replace(manifest, valid_until=manifest.as_of + 10 * DAY),
        "made before": replace(manifest, as_of=manifest.as_of - 29 * DAY),
        "low watermark": replace(manifest, max_seq=101_010, cap=15),
        "lives long": replace(manifest, valid_until=manifest.as_of + 4_000 * DAY),
    }


def grid(trust: Trust, pack: Pack) -> dict[str, object]:
    """Every text × interval × list; a row is `text|interval|list|code|name|valid until|photo's SHA-256|age|note`."""
    asked = grid_texts()
    times = grid_intervals()
    signed: dict[str, str] = {}
    packs: dict[str, Pack | None] = {"the list": pack, "no list": None}
    for name, other in grid_manifests(pack.manifest).items():
        signed[name] = base64.b64encode(cose.sign(manifest_bytes(other), PACK, CONTEXT, key(PACK))).decode()
        packs[name] = Pack(pack.directory, other)
    rows = []
    for list_name, held in packs.items():
        for time_name, interval in times.items():
            for text_name, one in asked.items():
                got = decide(one, trust, held, interval)
                photo = hashlib.sha256(got.photo).hexdigest()[:16] if got.photo else ""
                said = (got.code, got.name or "", got.valid_until or "", photo, got.list_age_days, got.note or "")
                shown = ("" if part is None else str(part) for part in said)
                rows.append("|".join((text_name, time_name, list_name, *shown)))
    return {
        "texts": asked,
        "intervals": {name: [end.isoformat() if end else None for end in (it.lo, it.hi)] for name, it in times.items()},
        "manifests": signed,
        "rows": rows,
    }


def main() -> None:
    trust = trust_of()
    photo = thumbnail_webp(drawn_portrait(1))
    listed = {
        1: LiveCard(101_001, secret(1), "林秀琴", FAR, "live", photo),
        2: LiveCard(101_002, secret(2), "王𡍼名", TODAY, "live", photo),
        3: LiveCard(101_003, secret(3), "陳文雄", PAST, "live", photo),
        4: LiveCard(101_004, secret(4), "黃淑芬", FAR, "suspended", photo),
        5: LiveCard(101_005, secret(5), "夏曼‧藍波安", FAR, "live", b""),
        6: LiveCard(100_001, secret(6), "謝李陳美玉", FAR, "live", photo),
        7: LiveCard(101_007, secret(7), "李志明", FAR, "live", photo),
    }
    at = Interval.at(AT)
    questions: list[tuple[str, str, Interval]] = [
        ("no text", "", at),
        ("some text", "hello", at),
        ("another page", "https://example.com/", at),
        ("our own page", "HTTPS://HC.TAIPEI/", at),
        ("a slip", "HCS1:7K3M22QF:AAAAAAAAAAAAAAAAAAAAAAAAAA", at),
        ("another host", text(1, 101_001, prefix="HTTPS://HC.EXAMPLE/"), at),
        ("practice", text(20, 101_001, kid=PRACTICE), at),
        ("practice, long over", text(20, 101_001, kid=PRACTICE, until=PAST), at),
        ("valid", text(1, 101_001), at),
        ("last day, first second", text(2, 101_002, TODAY), MORNING),
        ("last day, last second", text(2, 101_002, TODAY), EVENING),
        ("the second after", text(2, 101_002, TODAY), AFTER),
        ("expired", text(3, 101_003, PAST), at),
        ("expired and not listed", text(30, 101_030, PAST), at),
        ("a listed card with a later date signed", text(3, 101_003, FAR), at),
        ("suspended", text(4, 101_004), at),
        ("no photo", text(5, 101_005), at),
        ("withdrawn key, listed", text(6, 100_001, kid=OLD), at),
        ("withdrawn key, not listed", text(31, 100_002, kid=OLD), at),
        ("bucket missing", text(7, 101_007), at),
        ("a listed secret with another issue number", text(1, 101_009), at),
        ("revoked", text(32, 101_020), at),
        ("at the watermark", text(33, MAX_SEQ), at),
        ("above the watermark", text(34, MAX_SEQ + 1), at),
        ("at the cap", text(35, MAX_SEQ + CAP), at),
        ("beyond the cap", text(36, MAX_SEQ + CAP + 1), at),
        ("date unknown", text(2, 101_002, TODAY), Interval(AT, AT + 3 * DAY)),
        ("no upper bound", text(1, 101_001), Interval(AT, None)),
        ("nothing known of the time", text(1, 101_001), Interval(None, None)),
        ("no lower bound", text(1, 101_001), Interval(None, AT)),
        ("unlisted with nothing known of the time", text(32, 101_020), Interval(None, None)),
        ("list six days old", text(1, 101_001), Interval.at(AT + 6 * DAY)),
        ("list seven days old", text(1, 101_001), Interval.at(AT + 7 * DAY)),
        ("list thirty days old", text(1, 101_001), Interval.at(AT + 30 * DAY)),
        ("list over thirty days old", text(1, 101_001), Interval.at(AT + 30 * DAY + timedelta(seconds=1))),
        *((f"refused: {name}", bad, at) for name, bad in refused().items()),
    ]
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        build(
            directory,
            listed.values(),
            version=12,
            as_of=AT,
            max_seq=MAX_SEQ,
            cap=CAP,
            kid=PACK,
            key=key(PACK),
            name="vectors",
            trust=trust,
            min_records=0,
        )
        pack = Pack.open(directory, trust)
        lost = pack.manifest.bucket_sha256[bucket_of(derive(secret(7))[0], 256)].hex()
        (directory / BUCKETS / lost).unlink()
        document = {
            "about": "VHC/1: see tests/vectors/make_token.py. lo and hi are ISO times, null where nothing is known.",
            "prefix": DEFAULT_PREFIX,
            "trust": json.loads(trust.document()),
            "pack": {
                "manifest": base64.b64encode((directory / MANIFEST).read_bytes()).decode(),
                "buckets": {
                    path.name: base64.b64encode(path.read_bytes()).decode()
                    for path in sorted((directory / BUCKETS).iterdir())
                },
            },
            "tokens": [_token(text(1, 101_001)), _token(text(2, 101_002, TODAY)), _token(text(36, 4_294_967_295))],
            "cases": [_case(name, asked, interval, trust, pack) for name, asked, interval in questions],
            "grid": grid(trust, pack),
        }
    FILE.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _token(card: str) -> dict[str, object]:
    token = parse(card)
    idx, record_key = derive(token.secret)
    return {
        "text": card,
        "kid": token.kid,
        "exp": token.exp,
        "seq": token.seq,
        "lookup": token.lookup,
        "secret": token.secret.hex(),
        "last_valid_day": token.last_valid_day.isoformat(),
        "idx": idx.hex(),
        "record_key": record_key.hex(),
    }


def _case(name: str, asked: str, interval: Interval, trust: Trust, pack: Pack) -> dict[str, object]:
    got = decide(asked, trust, pack, interval)
    return {
        "case": name,
        "text": asked,
        "lo": interval.lo.isoformat() if interval.lo else None,
        "hi": interval.hi.isoformat() if interval.hi else None,
        "verdict": got.verdict,
        "code": got.code,
        "name": got.name,
        "valid_until": got.valid_until.isoformat() if got.valid_until else None,
        "photo_sha256": hashlib.sha256(got.photo).hexdigest() if got.photo else None,
        "list_age_days": got.list_age_days,
        "note": got.note,
    }


if __name__ == "__main__":
    main()
