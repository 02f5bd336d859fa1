"""The issuer of these tests: keys, a pack, and cards for every row of the gate's table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import LiveCard, Pack, build
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import TAIPEI

NOW = datetime(2026, 11, 21, 10, 42, tzinfo=TAIPEI)
UNTIL = date(2029, 11, 20)


def headshot(width: int = 560, height: int = 700) -> bytes:
    """A drawn head and shoulders, JPEG."""
    picture = Image.new("RGB", (width, height), "#cfe0ee")
    draw = ImageDraw.Draw(picture)
    w, h = width / 80, height / 100
    draw.ellipse((10 * w, 70 * h, 70 * w, 140 * h), fill="#e8743b")
    draw.ellipse((24 * w, 18 * h, 56 * w, 66 * h), fill="#f0c9a6")
    draw.ellipse((31 * w, 42 * h, 34 * w, 45 * h), fill="#2a2320")
    draw.ellipse((46 * w, 42 * h, 49 * w, 45 * h), fill="#2a2320")
    draw.arc((33 * w, 48 * h, 47 * w, 58 * h), 20, 160, fill="#b8524e", width=max(1, int(2 * w)))
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@dataclass
class Issuer:
    """A key ring with a directory for its pack; `issue` signs a card, `publish` writes the pack of some of them."""

    ring: KeyRing
    directory: Path

    def issue(self, seq: int, *, until: date = UNTIL, name: str = "林秀琴", **more) -> tuple[str, LiveCard]:
        secret = signing.new_secret()
        kid, key = self.ring.card_key(seq)
        text = signing.sign(self.ring.trust.prefix, signing.new_lookup(), seq, secret, until, kid, key)
        return text, LiveCard(seq, secret, name, until, **{"photo": thumbnail_webp(headshot()), **more})

    def publish(self, *cards: LiveCard, max_seq=100_100, version=1, as_of=NOW, kid_of=None, **more) -> Pack:
        key = kid_of or self.ring.current("pack")
        build(
            self.directory / "pack",
            cards,
            version=version,
            as_of=as_of,
            max_seq=max_seq,
            kid=key.kid,
            key=self.ring.p256(key.kid),
            trust=self.ring.trust,
            **{"min_records": 0, "cap": 20_000, **more},
        )
        return self.open()

    def open(self, **more) -> Pack:
        return Pack.open(self.directory / "pack", self.ring.trust, **more)


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(KeyRing.create(tmp_path / "keys", at=NOW - timedelta(days=100)), tmp_path)


@pytest.fixture(scope="session")
def photo() -> bytes:
    return headshot()


@pytest.fixture
def make_headshot() -> Callable[..., bytes]:
    return headshot
