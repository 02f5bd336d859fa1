"""D-16: codes that were flipped, cut, glued, forged, taken from elsewhere or out of date are refused, every one, and no
input breaks the gate.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, islice
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, signing
from honorcard.card.pack import Pack
from honorcard.card.token import CLAIM_CARD, CLAIM_EXP, parse
from honorcard.card.verdict import Interval
from tests.faults.gate import FIRST_SEQ, MAX_SEQ, NOW, UNTIL, Gate, Issuer, quick_disk, raw_of, resigned, text_of
from tests.faults.lines import Line, pick
from tests.vectors import ecdsa

HEAD_BITS = 40 * 8
TWO_FLIPS = HEAD_BITS * (HEAD_BITS - 1) // 2  # 51,040


def run(full: bool, seed: int) -> Line:
    """Every class, then as many of the large ones as asked for; a sound card before and after each class is let in."""
    by = random.Random(seed)
    with quick_disk(), tempfile.TemporaryDirectory(prefix="hc-d16-") as folder:
        scene = Scene(Path(folder), by)
        chance = pick(full, plan=40_000, smoke=20_000, few=1_500)
        pairs = list(combinations(range(HEAD_BITS), 2))
        classes: list[Iterable[str]] = [
            scene.one_bit(), scene.cut_and_glued(), scene.of_the_address(), scene.signatures(), scene.shapes(),
            scene.two_bits(pairs if full else by.sample(pairs, pick(full, plan=0, smoke=10_000, few=1_500))),
            islice(scene.by_chance(), chance),
        ]  # fmt: skip
        runs = accepted = broken = shut_out = 0
        for texts in classes:
            shut_out += scene.gate.answer(scene.text).code != "valid"
            for text in texts:
                runs += 1
                try:
                    accepted += scene.gate.answer(text).verdict != "red"
                except Exception:
                    broken += 1
        for gate, text, code in scene.out_of_date():
            runs += 1
            accepted += gate.answer(text).code != code
        shut_out += scene.gate.answer(scene.text).code != "valid"
    return Line(
        "D-16", runs, lost=accepted, stuck=broken + shut_out, seed=seed, note="let in, broke the gate or shut out"
    )


class Scene:
    """One listed card, a gate that knows it, and what can be made of it by somebody without the key."""

    def __init__(self, folder: Path, by: random.Random) -> None:
        self.by = by
        self.ours = Issuer(folder / "ours")
        self.stranger = Issuer(folder / "stranger")
        self.foreign = Issuer(folder / "foreign", prefix="HTTPS://HC.EXAMPLE/")
        self.text = self.ours.issue(FIRST_SEQ)
        self.ours.publish()
        self.gate = Gate(self.ours.trust, self.ours.pack())
        self.raw = raw_of(self.text)
        self.address = self.text.partition("#")[0]

    def one_bit(self) -> Iterator[str]:
        """Each bit of the token flipped."""
        for bit in range(len(self.raw) * 8):
            yield text_of(self.address, _flipped(self.raw, bit))

    def two_bits(self, pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
        """Two bits of the token's first forty bytes flipped."""
        for one, other in pairs:
            yield text_of(self.address, _flipped(self.raw, one, other))

    def cut_and_glued(self) -> Iterator[str]:
        """Text and token cut short at each place, and with something more on either end."""
        for end in range(len(self.text)):
            yield self.text[:end]
        for end in range(1, len(self.raw)):
            yield text_of(self.address, self.raw[:end])
            yield text_of(self.address, self.raw[end:])
        for number in range(256):
            yield text_of(self.address, self.raw + bytes([number]))
            yield text_of(self.address, bytes([number]) + self.raw)
            yield self.text + chr(number)
            yield f"{self.address}#{number}{self.text.partition('#')[2]}"
        for more in ("\n", " ", "#", "#1", "٣", "１", "\0", "\u200b", "?x", "&" + self.text):
            yield from (
                self.text + more,
                more + self.text,
                self.text.replace("#", "#" + more),
                f"{self.address}{more}#1",
            )
        yield self.text + self.text
        yield text_of(self.address, self.raw + self.raw)
        yield text_of(self.address, cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(self.raw))))
        yield text_of(self.address, cbor2.dumps(cbor2.CBORTag(61, cbor2.CBORTag(18, cbor2.loads(self.raw)))))

    def of_the_address(self) -> Iterator[str]:
        """Another host, another look-up token, another case."""
        rest = self.text.partition("#")[2]
        lookup = self.address[-16:]
        for place in range(16):
            for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
                if letter != lookup[place]:
                    yield f"{self.address[:-16]}{lookup[:place]}{letter}{lookup[place + 1 :]}#{rest}"
        for prefix in (
            "HTTPS://HC.EXAMPLE/", "HTTPS://HC.TAIPEl/", "HTTPS://HC.TAIPEI.EXAMPLE/", "HTTPS://EVIL.EXAMPLE/HC.TAIPEI/",
            "HTTP://HC.TAIPEI/", "https://hc.taipei/", "HTTPS://HC.TAIPEI:443/", "HTTPS://HC.TAIPEI//", "HTTPS://HC.TAIPEI/X/",
            "HTTPS://X@HC.TAIPEI/", "HTTPS://HC.TAIPEI\u3002EXAMPLE/", "HTTPS://HC\u2024TAIPEI/", "HTTPS:///HC.TAIPEI/",
            "HC.TAIPEI/", "HTTPS://\u041d\u0421.TAIPEI/", "JAVASCRIPT:", "", " HTTPS://HC.TAIPEI/",
        ):  # fmt: skip
            yield f"{prefix}{lookup}#{rest}"
        yield self.address.lower() + "#" + rest
        yield self.text.lower()
        yield self.foreign.issue(FIRST_SEQ)
        other = self.ours.sign(FIRST_SEQ + 1)
        yield other.partition("#")[0] + "#" + rest  # one card's address, another's token
        yield self.address + "#" + other.partition("#")[2]

    def signatures(self) -> Iterator[str]:
        """Everything that can be written where the signature is, and cards by keys that may not sign them."""
        token = parse(self.text)
        envelope = token.envelope
        for _, signature in ecdsa.hostile(token.signed, self.ours.ring.p256(token.kid)):
            yield text_of(self.address, cbor2.dumps([envelope.protected, {}, envelope.payload, signature]))
        for kid in range(256):
            yield resigned(self.text, self.stranger.ring.p256(1), kid=kid)
            if kid != token.kid:  # the true key's own hand under another name
                yield resigned(self.text, self.ours.ring.p256(token.kid), kid=kid)
        for use in ("pack", "practice"):
            signer = self.ours.ring.current(use)  # type: ignore[arg-type]
            yield resigned(self.text, self.ours.ring.p256(signer.kid))
            if use == "pack":
                yield resigned(self.text, self.ours.ring.p256(signer.kid), kid=signer.kid)
        root = self.ours.ring._root()
        yield from (resigned(self.text, root), resigned(self.text, root, kid=0))
        for seq in (1, FIRST_SEQ - 1):  # before the key's range, by the true key
            payload = cose.encode({CLAIM_EXP: token.exp, CLAIM_CARD: [seq, token.secret]})
            yield resigned(self.text, self.ours.ring.p256(token.kid), payload=payload)

    def shapes(self) -> Iterator[str]:
        """Payloads and envelopes of another shape that the true key signed, as if the issuer had been tricked."""
        token = parse(self.text)
        key = self.ours.ring.p256(token.kid)
        exp, card = token.exp, [token.seq, token.secret]
        odd: list[object] = [
            None, True, 0, -1, 1.5, "", b"", [], {}, "x" * 40, 2**32, 2**64, -(2**63), [card], {1: 2}, float("nan"), float("inf"),
        ]  # fmt: skip
        for value in odd:
            for claims in (
                {CLAIM_EXP: value, CLAIM_CARD: card}, {CLAIM_EXP: exp, CLAIM_CARD: value},
                {CLAIM_EXP: exp, CLAIM_CARD: [value, token.secret]}, {CLAIM_EXP: exp, CLAIM_CARD: [token.seq, value]},
                {CLAIM_EXP: exp, CLAIM_CARD: [*card, value]}, {CLAIM_EXP: exp, CLAIM_CARD: card, 6: value},
            ):  # fmt: skip
                yield resigned(self.text, key, payload=cbor2.dumps(claims))
        good = cose.encode({CLAIM_EXP: exp, CLAIM_CARD: card})
        long_exp, pair = cbor2.dumps(exp), cbor2.dumps(card)
        for payload in (
            good.replace(long_exp, b"\x1b" + exp.to_bytes(8, "big")), b"\xbf" + good[1:] + b"\xff",
            b"\xa2" + cbor2.dumps(CLAIM_CARD) + pair + b"\x04" + long_exp, good + b"\0", good[:-1],
            b"\xa3\x04" + long_exp + good[1:], good.replace(pair, b"\x9f" + pair[1:] + b"\xff"), b"\xd8\x18" + good,
            b"\x81" * 200 + b"\x00", b"\xa1" * 200, b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8,
        ):  # fmt: skip
            yield resigned(self.text, key, payload=payload)
        for protected in (
            {1: -8, 4: b"\1"}, {1: -35, 4: b"\1"}, {1: -7}, {4: b"\1"}, {1: -7, 4: b"\1\2"}, {1: -7, 4: 1}, {1: 0, 4: b"\1"},
            {1: None, 4: b"\1"}, {1: -7, 2: [], 4: b"\1"}, {1: "ES256", 4: b"\1"}, {},
        ):  # fmt: skip
            head = cbor2.dumps(protected)
            for unprotected in ({}, {4: b"\1"}, [], None):
                signature = token.signature
                yield text_of(self.address, cbor2.dumps([head, unprotected, token.envelope.payload, signature]))

    def by_chance(self) -> Iterator[str]:
        """Bytes, digits and mutations as chance has them."""
        while True:
            kind = self.by.randrange(4)
            if kind == 0:
                yield text_of(self.address, self.by.randbytes(self.by.randrange(160)))
            elif kind == 1:
                yield f"{self.address}#{self.by.randrange(1, 10 ** self.by.randrange(1, 300))}"
            elif kind == 2:
                changed = bytearray(self.raw)
                for _ in range(self.by.randrange(1, 8)):
                    changed[self.by.randrange(len(changed))] = self.by.randrange(256)
                if bytes(changed) != self.raw:
                    yield text_of(self.address, bytes(changed))
            else:
                letters = list(self.text)
                for _ in range(self.by.randrange(1, 6)):
                    letters[self.by.randrange(len(letters))] = chr(
                        self.by.choice((self.by.randrange(128), self.by.randrange(0xD7FF)))
                    )
                if "".join(letters) != self.text:
                    yield "".join(letters)

    def out_of_date(self) -> Iterator[tuple[Gate, str, str]]:
        """Genuine cards whose time is over: gate, text, and the one answer that is right."""
        ours = self.ours
        yesterday = ours.issue(FIRST_SEQ + 10, until=(NOW + timedelta(hours=8)).date() - timedelta(days=1))
        suspended = ours.issue(FIRST_SEQ + 11, status="suspended")
        replaced, successor = ours.issue(FIRST_SEQ + 12), ours.issue(FIRST_SEQ + 13)
        old = Gate(ours.trust, None)
        ours.publish(folder=ours.folder / "before")
        old.pack = Pack.open(ours.folder / "before", ours.trust)
        del ours.cards[FIRST_SEQ + 12]
        ours.publish()
        gate = Gate(ours.trust, ours.pack())
        yield gate, yesterday, "expired"
        yield gate, suspended, "suspended"
        yield gate, replaced, "revoked_or_replaced"
        yield gate, successor, "valid"
        yield gate, ours.sign(MAX_SEQ), "revoked_or_replaced"
        yield gate, ours.sign(MAX_SEQ + 20_001), "suspected_forgery"
        # a list that was replayed: its age is told, and beyond a month nothing is green by it
        month = NOW + timedelta(days=31)
        yield replace(old, interval=Interval.at(month)), replaced, "list_stale"
        longer = cose.encode(
            {CLAIM_EXP: parse(yesterday).exp + 86_400 * 365, CLAIM_CARD: [FIRST_SEQ + 10, parse(yesterday).secret]}
        )
        yield gate, resigned(yesterday, ours.ring.p256(parse(yesterday).kid), payload=longer), "expired"
        other = signing.sign(
            ours.prefix,
            signing.new_lookup(),
            FIRST_SEQ + 14,
            parse(successor).secret,
            UNTIL,
            *ours.ring.card_key(1 + FIRST_SEQ, NOW),
        )
        yield gate, other, "list_damaged"  # a listed secret under another number opens nothing
        yield Gate(ours.trust, None), successor, "list_damaged"
        outsider = ec.generate_private_key(ec.SECP256R1())
        yield gate, resigned(successor, outsider), "bad_signature"


def _flipped(raw: bytes, *bits: int) -> bytes:
    changed = bytearray(raw)
    for bit in bits:
        changed[bit // 8] ^= 0x80 >> bit % 8
    return bytes(changed)
