"""D-30: the gate's decision on a list of a million live cards, a hundred thousand of them with a photograph: at most 5 ms of
processor time for 99 of 100, and every answer right. The way from the camera to the screen is measured in bench/gate.py.
"""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import CAP_FLOOR, LiveCard, Pack, build
from honorcard.card.portrait import drawn_portrait
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import SEQ_FIRST
from honorcard.card.trust import Trust
from honorcard.card.verdict import Interval, decide
from tests.faults.lines import Line, pick

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
UNTIL = date(2029, 11, 20)
PREFIX = "HTTPS://HC.TAIPEI/"
LIMIT_MS = 5.0
PHOTOS = 10  # one card in so many has one


@dataclass(frozen=True)
class Listed:
    """A pack, and the texts of some cards with the code that each must be answered."""

    trust: Trust
    pack: Pack
    texts: list[tuple[str, str]]
    build_s: float


def run(full: bool, seed: int) -> Line:
    """So many scans. lost: wrong answers; stuck: 1 when the 99th percentile lies over the limit."""
    cards = pick(full, plan=1_000_000, smoke=20_000, few=5_000)
    scans = pick(full, plan=10_000, smoke=3_000, few=600)
    folder = Path(tempfile.mkdtemp(prefix="hc-d30-"))
    try:
        listed = make(folder, cards, kinds=min(scans, 2_000), seed=seed)
        wrong, taken = scan(listed, scans, seed)
    finally:
        shutil.rmtree(folder)
    p50, p99 = taken[len(taken) // 2], taken[int(0.99 * len(taken))]
    note = f"{cards:,} cards, p50 {p50:.2f} ms, p99 {p99:.2f} ms of processor time"
    return Line("D-30", scans, lost=wrong, stuck=int(p99 > LIMIT_MS), seed=seed, note=note)


def make(folder: Path, cards: int, *, kinds: int, seed: int) -> Listed:
    """A pack of so many live cards in `folder`, and the texts of about `kinds` cards: listed, revoked, expired, newer, forged."""
    ring = KeyRing.create(folder / "keys", at=NOW - timedelta(days=100), prefix=PREFIX)
    forger = KeyRing.create(folder / "forger", at=NOW - timedelta(days=100), prefix=PREFIX)
    photo = thumbnail_webp(drawn_portrait(1))
    last = SEQ_FIRST + cards - 1
    dice = random.Random(seed)
    signed: dict[int, tuple[str, bytes]] = {}

    def text(seq: int, secret: bytes, until: date = UNTIL, by: KeyRing = ring) -> str:
        kid, key = by.card_key(seq, NOW)
        return signing.sign(PREFIX, signing.new_lookup(), seq, secret, until, kid, key)

    for seq in dice.sample(range(SEQ_FIRST, last + 1), min(cards, kinds)):
        secret = signing.new_secret()
        signed[seq] = text(seq, secret), secret

    def live() -> Iterator[LiveCard]:
        plain = LiveCard(0, b"", "林秀琴", UNTIL)
        for seq in range(SEQ_FIRST, last + 1):
            secret = signed[seq][1] if seq in signed else signing.new_secret()
            yield replace(plain, seq=seq, secret=secret, photo=photo if seq % PHOTOS == 0 else b"")

    pack_key = ring.current("pack", NOW)
    begun = time.process_time()
    build(
        folder / "pack", live(), version=1, as_of=NOW - timedelta(hours=2), max_seq=last, kid=pack_key.kid,
        key=ring.p256(pack_key.kid), trust=ring.trust,
    )  # fmt: skip
    build_s = time.process_time() - begun
    texts = [(said, "valid" if seq % PHOTOS == 0 else "photo_missing") for seq, (said, _) in signed.items()]
    for n in range(max(4, kinds // 20)):
        fresh = signing.new_secret
        texts += [
            (text(SEQ_FIRST + n, fresh()), "revoked_or_replaced"),
            (text(SEQ_FIRST + n, fresh(), date(2026, 11, 20)), "expired"),
            (text(last + 1 + n, fresh()), "newer_than_list"),
            (text(last + CAP_FLOOR + 1 + n, fresh()), "suspected_forgery"),
            (text(SEQ_FIRST + n, fresh(), by=forger), "bad_signature"),
        ]
    return Listed(ring.trust, Pack.open(folder / "pack", ring.trust), texts, build_s)


def scan(listed: Listed, scans: int, seed: int) -> tuple[int, list[float]]:
    """(wrong answers, milliseconds of processor time of each scan, sorted)."""
    dice, interval, taken, wrong = random.Random(seed), Interval.at(NOW), [], 0
    for said, _ in listed.texts[:3]:
        decide(said, listed.trust, listed.pack, interval)
    for _ in range(scans):
        said, code = dice.choice(listed.texts)
        begun = time.thread_time_ns()
        got = decide(said, listed.trust, listed.pack, interval)
        taken.append((time.thread_time_ns() - begun) / 1e6)
        wrong += got.code != code
    return wrong, sorted(taken)
