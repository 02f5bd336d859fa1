"""The signed text: what it says, and that nothing but the exact text passes."""

from __future__ import annotations

import base64
from datetime import date

import cbor2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from honorcard.card import cose, signing
from honorcard.card.token import DEFAULT_PREFIX, CardToken, TokenError, end_of_day, parse, signature_holds

KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
OTHER = ec.derive_private_key(0xBADBAD, ec.SECP256R1())
W = "ABCDEFGHIJKLMN23"
S = bytes(range(16))
DAY = date(2029, 11, 20)


def card(
    prefix: str = DEFAULT_PREFIX, lookup: str = W, seq: int = 100_000, day: date = DAY, kid: int = 1, key=KEY
) -> str:
    return signing.sign(prefix, lookup, seq, S, day, kid, key)


def raw_of(text: str) -> bytes:
    number = int(text.partition("#")[2])
    return number.to_bytes((number.bit_length() + 7) // 8, "big")[1:]


def text_of(raw: bytes, lookup: str = W, prefix: str = DEFAULT_PREFIX) -> str:
    number = int.from_bytes(b"\x01" + raw, "big")
    return f"{prefix}{lookup}#{number}"


def accepted(text: str) -> bool:
    try:
        token = parse(text)
    except TokenError:
        return False
    return signature_holds(token, KEY.public_key())


def test_a_signed_text_says_what_was_signed():
    token = parse(card())
    assert (token.kid, token.seq, token.secret, token.lookup, token.last_valid_day) == (1, 100_000, S, W, DAY)
    assert token.exp == end_of_day(DAY)
    assert signature_holds(token, KEY.public_key())
    assert not signature_holds(token, OTHER.public_key())


def test_the_end_of_the_last_valid_day_is_midnight_in_taipei():
    assert end_of_day(date(2019, 6, 2)) == 1559491200  # 2019-06-02T16:00:00Z


def test_the_token_is_112_bytes_and_signing_is_repeatable():
    assert len(raw_of(card())) == 112
    assert len(raw_of(card(seq=4_294_967_295))) == 112
    assert card() == card()


@pytest.mark.parametrize("length", [10, 18, 31])
def test_a_prefix_of_up_to_31_characters_stays_version_8(length: int):
    prefix = "HTTPS://" + "H" * (length - 9) + "/"
    assert len(prefix) == length
    assert len(signing.qr_matrix(card(prefix))) == 49


def test_segno_finds_the_same_version_for_the_same_segments():
    from segno import consts, encoder

    text = card()
    address, _, digits = text.partition("#")
    segments = encoder.prepare_data(
        [(address, consts.MODE_ALPHANUMERIC), ("#", consts.MODE_BYTE), (digits, consts.MODE_NUMERIC)], None, None
    )
    version = encoder.find_version(segments, consts.ERROR_LEVEL_M, eci=False, micro=False)
    assert version == 8 == (len(signing.qr_matrix(text)) - 17) // 4


def test_the_symbol_reads_back_as_the_text():
    from io import BytesIO

    text = card()
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(signing.qr_png(text, 4))))
    assert found.text == text
    assert str(found.ec_level) == "M"


def test_an_independent_library_verifies_the_token():
    import cwt

    raw = raw_of(card())
    tagged = cbor2.CBORTag(18, cbor2.loads(raw))
    key = cwt.COSEKey.from_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "alg": "ES256",
            "kid": "\x01",
            "x": base64.urlsafe_b64encode(cose.public_bytes(KEY.public_key())[1:33]).decode().rstrip("="),
            "y": base64.urlsafe_b64encode(cose.public_bytes(KEY.public_key())[33:]).decode().rstrip("="),
        }
    )
    payload = cwt.COSE.new(alg_auto_inclusion=False).decode(cbor2.dumps(tagged), key, external_aad=b"VHC1" + W.encode())
    assert cbor2.loads(payload) == {4: end_of_day(DAY), -65537: [100_000, S]}
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new(alg_auto_inclusion=False).decode(cbor2.dumps(tagged), key, external_aad=b"VHC1" + W[::-1].encode())


def test_every_flipped_bit_is_refused():
    raw = raw_of(card())
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << (bit % 8)
        assert not accepted(text_of(bytes(changed))), bit


def test_every_changed_lookup_character_is_refused():
    text = card()
    for place in range(16):
        lookup = W[:place] + ("A" if W[place] != "A" else "B") + W[place + 1 :]
        assert not accepted(text.replace(W, lookup))


def test_every_truncation_and_append_is_refused():
    text = card()
    for end in range(len(text)):
        assert not accepted(text[:end])
    for more in ["0", "1", "\n", " ", "#", "#1", "٣"]:
        assert not accepted(text + more)
    raw = raw_of(text)
    for tail in [b"\x00", b"\xf6", b"\xff"]:
        assert not accepted(text_of(raw + tail))


def test_the_high_s_twin_is_refused():
    raw = raw_of(card())
    s = int.from_bytes(raw[-32:], "big")
    assert s <= cose.P256_ORDER // 2
    for twin in (cose.P256_ORDER - s, s + cose.P256_ORDER if s + cose.P256_ORDER < 2**256 else 0, 0):
        assert not accepted(text_of(raw[:-32] + twin.to_bytes(32, "big")))


def resigned(payload: bytes, protected: dict[int, object] | None = None, unprotected: object = None) -> str:
    head = cbor2.dumps(protected if protected is not None else {1: -7, 4: b"\x01"})
    envelope = cose.Sign1(1, head, payload, b"")
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(KEY.sign(envelope.to_be_signed(b"VHC1" + W.encode()), ec.ECDSA(hashes.SHA256())))
    s = min(s, cose.P256_ORDER - s)
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return text_of(cbor2.dumps([head, {} if unprotected is None else unprotected, payload, signature]))


def payload_of(exp: object = 1_900_000_000, seq: object = 100_000, secret: object = S, **more: object) -> bytes:
    return cbor2.dumps({4: exp, -65537: [seq, secret], **{int(k[1:]): v for k, v in more.items()}})


def test_a_signature_by_the_true_key_does_not_save_another_shape():
    assert accepted(resigned(payload_of()))
    refused = {
        "bool for a number": payload_of(seq=True),
        "float exp": payload_of(exp=1.9e9),
        "text secret": payload_of(secret="0123456789abcdef"),
        "short secret": payload_of(secret=S[:15]),
        "negative seq": payload_of(seq=-1),
        "seq above uint32": payload_of(seq=2**32),
        "another claim": payload_of(k6=1),
        "three values": cbor2.dumps({4: 1_900_000_000, -65537: [100_000, S, 1]}),
        "keys out of order": b"\xa2"
        + cbor2.dumps(-65537)
        + cbor2.dumps([100_000, S])
        + b"\x04"
        + cbor2.dumps(1_900_000_000),
        "long integer": payload_of().replace(cbor2.dumps(1_900_000_000), b"\x1b" + (1_900_000_000).to_bytes(8, "big")),
        "list": cbor2.dumps([1, 2]),
        "indefinite map": b"\xbf\x04"
        + cbor2.dumps(1_900_000_000)
        + cbor2.dumps(-65537)
        + cbor2.dumps([100_000, S])
        + b"\xff",
        "empty": b"",
    }
    for name, payload in refused.items():
        assert not accepted(resigned(payload)), name
    for protected in (
        {1: -8, 4: b"\x01"},
        {1: -35, 4: b"\x01"},
        {4: b"\x01"},
        {1: -7},
        {1: -7, 4: b"\x01\x02"},
        {1: -7, 4: 1},
        {1: -7, 2: [], 4: b"\x01"},
    ):
        assert not accepted(resigned(payload_of(), protected)), protected
    assert not accepted(resigned(payload_of(), unprotected={4: b"\x01"}))
    assert not accepted(resigned(payload_of(), unprotected=[]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_card"),
        ("hello", "not_a_card"),
        ("HTTPS://HC.TAIPEI/", "not_a_card"),
        ("HTTPS://HC.TAIPEI/HELP#3", "not_a_card"),
        ("https://example.com/", "not_a_card"),
        ("https://example.com/ABCDEFGHIJKLMN23", "not_a_card"),
        ("HTTP://HC.EXAMPLE/ABCDEFGHIJKLMN23#123", "not_a_card"),
        ("HTTPS://HC.EXAMPLE/ABCDEFGHIJKLMN23#12345", "foreign"),
        ("https://hc.example/v/ABCDEFGHIJKLMN23#12345", "foreign"),
        ("HTTPS://HC.EXAMPLE/ABCDEFGHIJKLMN23#12345x", "not_a_card"),
        ("HTTPS://HC.EXAMPLE/ABCDEFGHIJKLMN23#" + "1" * 400, "not_a_card"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN23", "bad_signature"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN23#", "bad_signature"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN23#1", "bad_signature"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN23#0" + "1" * 269, "bad_signature"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN#" + "1" * 270, "bad_signature"),
        ("HTTPS://HC.TAIPEI/ABCDEFGHIJKLMN23#" + "1" * 400, "bad_signature"),
        ("HTTPS://HC.TAIPEI/abcdefghijklmn23#" + "1" * 270, "bad_signature"),
        ("https://hc.taipei/ABCDEFGHIJKLMN23#" + "1" * 270, "bad_signature"),
    ],
)
def test_what_is_no_sound_card_is_told_apart(text: str, code: str):
    with pytest.raises(TokenError) as caught:
        parse(text)
    assert caught.value.code == code


def test_another_hosts_card_is_foreign_under_our_prefix():
    with pytest.raises(TokenError) as caught:
        parse(card(prefix="HTTPS://HC.EXAMPLE/"))
    assert caught.value.code == "foreign"


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=140))
def test_arbitrary_bytes_never_pass_and_never_crash(raw: bytes):
    assert not accepted(text_of(raw))


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 2**32 - 1),
    st.dates(date(1980, 1, 1), date(2100, 1, 1)),
    st.integers(0, 255),
    st.binary(min_size=16, max_size=16),
)
def test_any_card_survives_the_round_trip(seq: int, day: date, kid: int, secret: bytes):
    token: CardToken = parse(signing.sign(DEFAULT_PREFIX, W, seq, secret, day, kid, KEY))
    assert (token.seq, token.last_valid_day, token.kid, token.secret) == (seq, day, kid, secret)
