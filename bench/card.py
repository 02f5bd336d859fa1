"""The card: signing and reading its token, deciding at the gate."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.timing import HEAD, measure, row
from honorcard.card import pack, signing, token
from honorcard.card.keyring import KeyRing
from honorcard.card.portrait import drawn_portrait
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.verdict import Interval, decide

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
LIVE_CARDS = 15_000  # three years of the city's cards


def run() -> None:
    """Prints the table."""
    print("## Card\n" + HEAD)
    with tempfile.TemporaryDirectory() as folder:
        ring = KeyRing.create(
            Path(folder) / "keys", at=NOW - timedelta(days=1), prefix=token.DEFAULT_PREFIX, first_seq=token.SEQ_FIRST
        )
        kid, key = ring.card_key(token.SEQ_FIRST, NOW)
        lookup, secret, until = signing.new_lookup(), signing.new_secret(), date(2029, 11, 21)
        text = signing.sign(token.DEFAULT_PREFIX, lookup, token.SEQ_FIRST, secret, until, kid, key)
        trusted = ring.trust.key(kid, "card")
        assert trusted is not None
        print(
            row(
                "sign a token",
                measure(
                    lambda: signing.sign(token.DEFAULT_PREFIX, lookup, token.SEQ_FIRST, secret, until, kid, key), 300
                ),
            )
        )
        print(
            row(
                "parse it and check the signature",
                measure(lambda: token.signature_holds(token.parse(text), trusted.verifying_key), 300),
            )
        )

        photo = thumbnail_webp(drawn_portrait(1))
        cards = [pack.LiveCard(token.SEQ_FIRST, secret, "林秀琴", until, photo=photo)]
        cards += [
            pack.LiveCard(token.SEQ_FIRST + n, signing.new_secret(), "王大明", until, photo=photo)
            for n in range(1, LIVE_CARDS)
        ]
        pack_key = ring.current("pack", NOW)
        directory = Path(folder) / "pack"
        build = measure(
            lambda: pack.build(
                directory, cards, version=1, as_of=NOW, max_seq=token.SEQ_FIRST + LIVE_CARDS, kid=pack_key.kid,
                key=ring.p256(pack_key.kid), cap=pack.cap_for(LIVE_CARDS), trust=ring.trust,
            ), 2, 0,
        )  # fmt: skip
        print(row(f"build a pack of {LIVE_CARDS:,} cards", build))
        held = pack.Pack.open(directory, ring.trust)
        interval = Interval.at(NOW)
        assert decide(text, ring.trust, held, interval).verdict == "green"
        print(
            row(
                f"decide at the gate, {LIVE_CARDS:,} cards",
                measure(lambda: decide(text, ring.trust, held, interval), 500),
            )
        )
