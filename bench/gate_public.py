"""The public page behind the code: does the time of its answer tell a card that ended from one that never was?

Answers are asked for in turn, in random order; processor time of the thread. "Told apart" is how often somebody who knew both
distributions would guess rightly from one answer's time: one half is a coin.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert

from center import create_app
from center.card_secrets import lookup_hash
from center.settings import Settings
from center.store import metadata
from center.store.tables import card
from honorcard.card import signing

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
CARDS = 2_000
ENDED = ("revoked", "suspended", "replaced", "expired")


def run(rounds: int) -> None:
    """Prints the table: so many answers of each kind."""
    with tempfile.TemporaryDirectory(prefix="hc-public-") as folder:
        app = create_app(Settings(data_dir=Path(folder) / "center"), now_is=lambda: NOW)
        store = app.extensions["store"]
        metadata.create_all(store.engine)
        lookups = {kind: signing.new_lookup() for kind in ("live", *ENDED)}
        with store.write() as conn:
            for n in range(CARDS):
                kind = list(lookups)[n] if n < len(lookups) else "live"
                lookup = lookups[kind] if n < len(lookups) else signing.new_lookup()
                conn.execute(insert(card).values(**_row(n, kind, lookup)))
        lookups |= {"never issued": "ABCDEFGHIJKLMNOP", "no look-up text": "abcdefghijklmno1"}
        app.extensions["public_limit"].allows = lambda _: True  # the limit is not what is measured
        taken: dict[str, list[float]] = {kind: [] for kind in lookups}
        client = app.test_client()
        order = [kind for kind in lookups for _ in range(rounds)]
        random.Random(7).shuffle(order)
        for kind in [*list(lookups) * 3, *order]:
            begun = time.thread_time_ns()
            client.get(f"/{lookups[kind]}")
            taken[kind].append((time.thread_time_ns() - begun) / 1e6)
    taken = {kind: times[3:] for kind, times in taken.items()}
    chance = 0.5 + 0.68 * (2 / rounds) ** 0.5  # 95 of 100 times, where there is no difference at all
    print(f"## The public page, {rounds} answers of each kind, {CARDS:,} cards\n")
    print(f"By chance alone up to {chance:.2f} would be seen.\n")
    print("| look-up | median ms | p95 ms | told apart from one never issued |\n|---|---|---|---|")
    for kind, times in taken.items():
        apart = (
            ""
            if kind == "never issued"
            else "shown: another page"
            if kind == "live"
            else f"{_guessed(times, taken['never issued']):.2f}"
        )
        times.sort()
        print(f"| {kind} | {statistics.median(times):.2f} | {times[int(0.95 * len(times))]:.2f} | {apart} |")


def _guessed(one: list[float], other: list[float]) -> float:
    """The best guess by a threshold: 0.5 is a coin, 1 is certainty (half of one plus the Kolmogorov-Smirnov distance)."""
    every = sorted(one + other)
    far = max(
        abs(sum(t <= at for t in one) / len(one) - sum(t <= at for t in other) / len(other))
        for at in every[:: max(1, len(every) // 200)]
    )
    return 0.5 + far / 2


def _row(n: int, kind: str, lookup: str) -> dict[str, object]:
    expired = kind == "expired"
    return {
        "seq": 100_000 + n, "number": f"115{n + 1:05d}", "roc_year": 115, "serial": n + 1, "idbx": n.to_bytes(32), "name": "林秀琴",
        "approved_on": date(2026, 11, 1), "valid_until": date(2026, 11, 20) if expired else date(2029, 11, 20),
        "status": "live" if expired else kind, "lookup_hash": lookup_hash(lookup), "secret_box": b"-", "portrait_sha256": bytes(32),
        "issued_ms": 0,
    }  # fmt: skip
