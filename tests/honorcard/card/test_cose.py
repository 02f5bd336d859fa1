"""The envelope: what another library makes and reads, and signatures of every bad kind."""

from __future__ import annotations

import base64
import json

import cbor2
import cwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from honorcard.card import cose
from tests.vectors import ecdsa

KEY = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
OTHER = ec.derive_private_key(0xBEEF, ec.SECP256R1())
MESSAGE = b"Signature1 of a card"
HOSTILE = dict(ecdsa.hostile(MESSAGE, KEY))


def test_a_sound_signature_holds_and_not_one_of_the_hostile_does():
    r, s = ecdsa.signed(MESSAGE, KEY)
    assert cose.signature_holds(r.to_bytes(32, "big") + s.to_bytes(32, "big"), MESSAGE, KEY.public_key())
    held = [name for name, raw in HOSTILE.items() if cose.signature_holds(raw, MESSAGE, KEY.public_key())]
    assert held == []
    assert len(HOSTILE) > 750


@pytest.mark.parametrize(
    ("name", "raw"), list(ecdsa.points()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_no_point_of_the_curve_is_no_key(name, raw):
    with pytest.raises(ValueError):
        cose.public_key(raw)


def test_wycheproofs_vectors_are_judged_as_they_say():
    cases, wrong = ecdsa.judged(ecdsa.wycheproof())
    assert cases > 250 and wrong == []


def test_a_file_of_vectors_is_judged_case_by_case(tmp_path):
    r, s = ecdsa.signed(MESSAGE, KEY)
    good, twin = ((r.to_bytes(32, "big") + one.to_bytes(32, "big")).hex() for one in (s, ecdsa.N - s))
    tests = [
        {"tcId": 1, "msg": MESSAGE.hex(), "sig": good, "result": "valid"},
        {"tcId": 2, "msg": MESSAGE.hex(), "sig": twin, "result": "valid"},  # ours is the low half alone
        {"tcId": 3, "msg": MESSAGE.hex(), "sig": good[:-2], "result": "invalid"},
        {"tcId": 4, "msg": MESSAGE.hex(), "sig": good, "result": "invalid"},
    ]
    point = cose.public_bytes(KEY.public_key()).hex()
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps({"testGroups": [{"publicKey": {"uncompressed": point}, "tests": tests}]}))
    assert ecdsa.judged(file) == (4, [4])


def jwk(key: ec.EllipticCurvePrivateKey, *, private: bool) -> cwt.COSEKey:
    """The same key as cwt has it."""

    def told(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")

    numbers = key.private_numbers()
    public = {"x": told(numbers.public_numbers.x), "y": told(numbers.public_numbers.y)}
    secret = {"d": told(numbers.private_value)} if private else {}
    return cwt.COSEKey.from_jwk({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "\x07", **public, **secret})


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=40))
def test_cwt_reads_what_we_sign_and_refuses_what_we_refuse(payload, external):
    raw = cose.sign(payload, 7, external, KEY)
    tagged = cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(raw)))
    reader = cwt.COSE.new(alg_auto_inclusion=False)
    assert reader.decode(tagged, jwk(KEY, private=False), external_aad=external) == payload
    envelope = cose.parse(raw)
    for key, said in ((KEY, external + b"\0"), (OTHER, external)):
        assert not cose.holds(envelope, said, key.public_key())
        with pytest.raises(cwt.VerifyError):
            reader.decode(tagged, jwk(key, private=False), external_aad=said)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=40))
def test_we_read_what_cwt_signs(payload, external):
    writer = cwt.COSE.new(alg_auto_inclusion=False)
    protected = {cwt.COSEHeaders.ALG: cwt.COSEAlgs.ES256, cwt.COSEHeaders.KID: b"\x07"}
    tagged = writer.encode_and_sign(payload, jwk(KEY, private=True), protected=protected, external_aad=external)
    protected, unprotected, body, signature = cbor2.loads(tagged).value
    r, s = signature[:32], int.from_bytes(signature[32:], "big")
    low = min(s, cose.P256_ORDER - s)
    for half, ours in ((low, True), (cose.P256_ORDER - low, False)):
        envelope = cose.parse(cose.encode([protected, unprotected, body, r + half.to_bytes(32, "big")]))
        assert (envelope.kid, envelope.payload) == (7, payload)
        assert cose.holds(envelope, external, KEY.public_key()) is ours
