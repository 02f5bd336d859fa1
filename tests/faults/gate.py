"""An issuer, its list and a gate, for the tests that hold hostile cards up to it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose, signing
from honorcard.card.keyring import KeyRing
from honorcard.card.manifest import Manifest
from honorcard.card.pack import LiveCard, Pack, build
from honorcard.card.token import parse
from honorcard.card.trust import Trust
from honorcard.card.verdict import GateVerdict, Interval, decide

NOW = datetime(2026, 11, 21, 2, 42, tzinfo=UTC)
UNTIL = date(2029, 11, 20)
FIRST_SEQ = 100_000
MAX_SEQ = 101_000


@contextmanager
def quick_disk() -> Iterator[None]:
    """Files without the wait for the disk: power cuts are D-3's, and a list is a thousand small files."""
    with mock.patch.object(os, "fsync", lambda _descriptor: None):
        yield


@dataclass
class Issuer:
    """Keys, the cards they signed (text and record by issue number), and where the list lies."""

    folder: Path
    prefix: str = "HTTPS://HC.TAIPEI/"
    version: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    cards: dict[int, LiveCard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ring = KeyRing.create(self.folder / "keys", at=NOW - timedelta(days=100), prefix=self.prefix)

    def sign(
        self, seq: int, *, until: date = UNTIL, kid: int | None = None, secret: bytes = b"", lookup: str = ""
    ) -> str:
        """The text of a card of that number, listed nowhere."""
        signer = self.ring.card_key(seq, NOW) if kid is None else (kid, self.ring.p256(kid))
        return signing.sign(
            self.prefix, lookup or signing.new_lookup(), seq, secret or signing.new_secret(), until, *signer
        )

    def issue(self, seq: int, *, until: date = UNTIL, status: str = "live") -> str:
        """A card that stands in the next list."""
        secret = hashlib.sha256(b"%d of %s" % (seq, self.prefix.encode())).digest()[:16]
        self.texts[seq] = self.sign(seq, until=until, secret=secret)
        self.cards[seq] = LiveCard(seq, secret, "林秀琴", until, status, b"photo")  # type: ignore[arg-type]
        return self.texts[seq]

    def publish(
        self, *, at: datetime = NOW, folder: Path | None = None, max_seq: int = MAX_SEQ, kid: int | None = None
    ) -> Manifest:
        """The next list, where `pack` opens it."""
        self.version += 1
        signer = self.ring.current("pack", NOW).kid if kid is None else kid
        return build(
            folder or self.folder / "pack", self.cards.values(), version=self.version, as_of=at, max_seq=max_seq, kid=signer,
            key=self.ring.p256(signer), trust=self.ring.trust, min_records=400, filler=b"filler of the fault tests",
        )  # fmt: skip

    @property
    def trust(self) -> Trust:
        """The key list as it is now."""
        return self.ring.trust

    def pack(self) -> Pack:
        """The newest list."""
        return Pack.open(self.folder / "pack", self.trust)


@dataclass
class Gate:
    """A verifier with a key list and a list of cards."""

    trust: Trust
    pack: Pack | None
    interval: Interval = field(default_factory=lambda: Interval.at(NOW))

    def answer(self, text: str) -> GateVerdict:
        """What it says of a code."""
        return decide(text, self.trust, self.pack, self.interval)

    def let_in(self, texts: Iterable[str]) -> int:
        """How many of these texts it does not refuse: anything that is not red."""
        return sum(self.answer(text).verdict != "red" for text in texts)


def raw_of(text: str) -> bytes:
    """The signed token in a card's text."""
    number = int(text.partition("#")[2])
    return number.to_bytes((number.bit_length() + 7) // 8, "big")[1:]


def text_of(address: str, raw: bytes) -> str:
    """A card's text with that token in it."""
    return f"{address}#{int.from_bytes(bytes([1]) + raw, 'big')}"


def resigned(
    text: str, key: ec.EllipticCurvePrivateKey, *, kid: int | None = None, payload: bytes | None = None
) -> str:
    """The same card signed by another key, under another kid or with another payload."""
    token = parse(text, text.partition("#")[0][:-16])
    said = token.envelope.payload if payload is None else payload
    return text_of(text.partition("#")[0], cose.sign(said, token.kid if kid is None else kid, token.external, key))
