"""D-29: how long after a card is revoked a tablet with a line answers red, over the real ways: the center's worker makes the
list, the feed tells the tablet, the tablet's own worker fetches it. One without a line is right with its next round, and by a
list older than thirty days nothing is green.
"""

from __future__ import annotations

import hashlib
import logging
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from center import card_secrets, ending, keyring, packing, photostore
from center.store import accounts, cards
from honorcard.card import signing
from honorcard.card.verdict import Interval, decide
from kiosk import packs
from kiosk.settings import Settings
from tests.faults.lines import Line, pick
from tests.sync.loopback import Center, Kiosk

TARGET_S = 60.0  # p95
LIMIT_S = 120.0  # of one
UNTIL = date(2035, 1, 1)
EVERY_S = 0.6  # one revocation after the other, so that a round carries one or several, as chance has it


def run(full: bool, seed: int) -> Line:
    """Cards revoked one after the other while the tablet runs as it does at a gate; then with the line cut."""
    logging.disable(logging.CRITICAL)
    by = random.Random(seed)
    with (
        tempfile.TemporaryDirectory(prefix="hc-d29-") as folder,
        _city(Path(folder), pick(full, plan=100, smoke=4, few=4)) as city,
    ):
        green = [city.answer(number) for number in city.texts]
        never_green = sum(code != "valid" for code in green)
        began: dict[str, float] = {}
        took: dict[str, float] = {}
        *online, last = city.texts
        waiting = list(online)
        while len(took) < len(online):
            if waiting:
                number = waiting.pop()
                city.revoke(number)
                began[number] = time.monotonic()
            until = time.monotonic() + by.uniform(0, 2 * EVERY_S)
            while True:
                for number in set(began) - set(took):
                    if city.answer(number) == "revoked_or_replaced":
                        took[number] = time.monotonic() - began[number]
                if time.monotonic() > until:
                    break
                time.sleep(0.05)
            if any(time.monotonic() - begun > LIMIT_S for number, begun in began.items() if number not in took):
                break
        late = sorted(took.values())
        p95 = late[min(len(late) - 1, int(0.95 * len(late)))] if late else LIMIT_S
        never = len(online) - len(took)
        # without a line: as the list says until the next round, and not green for ever
        city.center.close()
        city.revoke(last)
        time.sleep(1.0)
        offline = city.answer(last)
        month = city.answer(last, datetime.now(UTC) + timedelta(days=31))
        city.center.serve()
        city.kiosk.worker.try_now()
        back = time.monotonic()
        while city.answer(last) != "revoked_or_replaced" and time.monotonic() - back < LIMIT_S:
            time.sleep(0.05)
        after = city.answer(last)
    lost = (p95 > TARGET_S) + (month != "list_stale")
    stuck = never + never_green + (offline != "valid") + (after != "revoked_or_replaced")
    note = (
        f"revoked to red: p50 {late[len(late) // 2]:.1f} s, p95 {p95:.1f} s, longest {late[-1]:.1f} s"
        if late
        else "none"
    )
    return Line("D-29", len(city.texts), lost=lost, stuck=stuck, seed=seed, note=note)


class City:
    """A center with a few live cards, and a tablet at a gate."""

    def __init__(self, folder: Path, count: int) -> None:
        self.center = Center(folder / "center")
        settings, store = self.center.settings, self.center.store
        self.texts: dict[str, str] = {}
        portrait = hashlib.sha256(b"portrait").digest()
        photostore.put(settings, "face", portrait.hex(), b"a small face")
        now = datetime.now(UTC)
        with store.write() as conn:
            self.by = accounts.add(conn, "administrator", "吳管理", "administrator", None, "a password of this test")
            for place in range(count):
                seq, number = 100_000 + place, f"115{place + 1:05d}"
                lookup, secret = signing.new_lookup(), signing.new_secret()
                kid, key = keyring.card_key(settings, seq, now)
                text = signing.sign(settings.card_prefix, lookup, seq, secret, UNTIL, kid, key)
                self.texts[number] = text
                new = cards.NewCard(
                    seq=seq, number=number, roc_year=115, serial=place + 1, application_id=None,  # type: ignore[arg-type]
                    idbx=b"%d" % seq, name="林秀琴", approved_on=now.date(), valid_until=UNTIL, counted_until=None,
                    lookup_hash=card_secrets.lookup_hash(lookup), secret_box=card_secrets.box(settings, seq, lookup, secret),
                    portrait_sha256=portrait, sheet_sha256=portrait,
                )  # fmt: skip
                token = hashlib.sha256(text.encode()).digest()
                cards.add(conn, new, kid=kid, token_sha256=token, by=self.by, now_ms=int(now.timestamp() * 1000))
        packing.rebuild(store, settings, now=now)
        self.kiosk = Kiosk(folder / "kiosk")
        self.shelf = packs.Shelf(self.kiosk.settings, self.kiosk.store)

    def revoke(self, number: str) -> None:
        """As the administrator's page does it."""
        ending.end_card(
            self.center.store, self.center.settings, number, "revoked", "冒用", self.by, now=datetime.now(UTC)
        )
        self.center.worker.nudge()

    def answer(self, number: str, at: datetime | None = None) -> str:
        """What the gate says of that card."""
        trust, pack = self.shelf.open()
        return (
            decide(self.texts[number], trust, pack, Interval.at(at or datetime.now(UTC))).code if trust else "no trust"
        )


@contextmanager
def _city(folder: Path, count: int) -> Iterator[City]:
    city = City(folder, count)
    city.center.serve()
    city.kiosk.enrol(city.center)
    shipped = Settings(data_dir=folder).sync_every_s
    city.kiosk.app.config["SETTINGS"] = replace(city.kiosk.settings, sync_every_s=shipped)
    city.center.worker.start()
    city.kiosk.worker.start()
    try:
        until = time.monotonic() + LIMIT_S
        while any(city.answer(number) != "valid" for number in city.texts) and time.monotonic() < until:
            time.sleep(0.05)
        yield city
    finally:
        city.kiosk.worker.stop()
        city.center.worker.stop()
        city.center.close()
        city.center.store.engine.dispose()
