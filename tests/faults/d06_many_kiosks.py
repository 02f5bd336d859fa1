"""D-6: many tablets come online within a minute, each with its applications and a photograph; two center processes on one
PostgreSQL, with real files. Everything is there once, nobody hears anything worse than "come again", and a tablet's operations are
answered quickly.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from sqlalchemy import func, select

from center import keyring, photostore
from center.store.tables import application, blob, dedup
from honorcard import identity
from sync import uploads as tus
from sync import wire
from sync.device import sign
from tests.center.signing import Tablet, application_body, sealed_photo
from tests.center.two import HOST, Two, two_centers
from tests.faults.lanes import part_of
from tests.faults.lines import Line, pick
from tests.postgres import cluster
from tests.sync.loopback import picture

PHOTO_BYTES = 60_000
WITHIN_S = 60.0  # all of them are online by then
HANDS = 64  # requests at once on this side: this machine plays the thousand tablets and both centers
ACK_S, RSS_BYTES = 5.0, 2**30  # the plan's: p95 of an answer to a batch, memory of a center process


@dataclass
class Seen:
    """What the tablets saw, together."""

    acks: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    bare: int = 0  # 503 without Retry-After
    broken: int = 0  # lines that broke before an answer: a tablet asks again then, the same thing
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Kiosk:
    """One tablet: some applications in its log, a photograph each."""

    def __init__(self, two: Two, center_key: bytes, number: int, ops: int, photo: bytes) -> None:
        nobody: Any = SimpleNamespace(test_client=lambda: None)
        self.tablet = Tablet(nobody, two.store, center_key, two.unit_id)
        self.ops: list[wire.Op] = []
        self.photos: dict[str, bytes] = {}
        for seq in range(1, ops + 1):
            # one picture, sealed anew each time: other bytes, another address; the others are named and never sent
            headshot, sealed = sealed_photo(self.tablet, "headshot", 0, photo)
            self.photos[headshot.sealed_sha256] = sealed
            named = [
                headshot,
                *(sealed_photo(self.tablet, slot, at, b"x")[0] for slot, at in (("cover", 0), ("page", 1))),
            ]
            person = number * ops + seq
            body = application_body(named, name=f"志工{person}", identity_number=_identity_number(person))
            self.ops.append(self.tablet.op(seq, body))

    def ask(
        self, http: httpx.Client, seen: Seen, method: str, path: str, body: bytes, **headers: str
    ) -> httpx.Response:
        """The answer that is not 503; waits as it is told to (but not as long: it is a busy minute). Where the line broke,
        as it may when a center that sheds load answers before it has read everything, it asks the same again.
        """
        for _ in range(600):
            request = SimpleNamespace(method=method, url=f"http://{HOST}{path}", headers={})
            now_ms = int(datetime.now(UTC).timestamp() * 1000)
            sign(request, self.tablet.keys.sign, self.tablet.device_id, now_ms, body)
            sent = {**request.headers, "Host": HOST, **{name.replace("_", "-"): text for name, text in headers.items()}}
            try:
                answer = http.request(method, path, content=body, headers=sent)
            except httpx.TransportError:
                with seen.lock:
                    seen.broken += 1
                time.sleep(1.0)
                continue
            with seen.lock:
                seen.statuses[answer.status_code] += 1
                seen.bare += answer.status_code == 503 and "Retry-After" not in answer.headers
            if answer.status_code != 503:
                return answer
            time.sleep(min(5.0, float(answer.headers.get("Retry-After", "1"))))
        raise TimeoutError("no answer but 503 without end")

    def drain(self, http: httpx.Client, seen: Seen) -> None:
        """Its whole queue, as the sync thread would: one batch, then the photographs."""
        message = wire.Push(
            proto=wire.PROTO, device_id=self.tablet.device_id, dev_epoch="epoch-1", ops=tuple(self.ops)
        )  # fmt: skip
        began = time.monotonic()
        answer = self.ask(http, seen, "POST", "/v1/ops", wire.encode(message), Content_Type="application/json")
        with seen.lock:
            seen.acks.append(time.monotonic() - began)
        said = wire.decode(wire.PushAnswer, answer.content)
        if {result.status for result in said.results} != {"applied"}:
            raise AssertionError("an operation was not taken")
        for address, content in self.photos.items():
            self.ask(
                http, seen, "POST", "/v1/uploads", content, Tus_Resumable=tus.VERSION, Upload_Length=str(len(content)),
                Upload_Metadata=tus.metadata({"sha256": address}), Content_Type=tus.CONTENT_TYPE,
            )  # fmt: skip


def _identity_number(person: int) -> str:
    """A number that nobody else has: under one number everybody would be everybody's pair, which is D-31's."""
    return next(number for last in range(10) if identity.read(number := f"A1{person:07}{last}").valid)


def run(full: bool, seed: int) -> Line:
    """The plan: 1,000 tablets × 20 applications × one photograph of 60 kB, three times."""
    kiosks, ops = pick(full, plan=1000, smoke=30, few=12), pick(full, plan=20, smoke=3, few=2)
    lost = doubled = stuck = 0
    notes: list[str] = []
    rounds = part_of(range(pick(full, plan=3, smoke=1, few=1)))
    with cluster() as running:
        for turn in rounds:
            found = storm(running.fresh(), kiosks, ops, random.Random(seed + turn))
            lost, doubled, stuck = lost + found[0], doubled + found[1], stuck + found[2]
            notes.append(found[3])
    return Line("D-6", kiosks * ops * len(rounds), lost, doubled, stuck, seed, "; ".join(notes))


def storm(url: str, kiosks: int, ops: int, chance: random.Random) -> tuple[int, int, int, str]:
    """One of them; gives lost, doubled, stuck and figures."""
    folder = Path(tempfile.mkdtemp(prefix="hc-d06-"))
    within = WITHIN_S * min(1.0, kiosks / 300)
    photo = picture(f"{chance.random()}", PHOTO_BYTES)
    seen = Seen()
    try:
        with two_centers(folder / "center", url) as two:
            key = keyring.sealing_public(two.settings)
            with ThreadPoolExecutor(os.cpu_count() or 2) as making:
                tablets = list(making.map(lambda n: _Kiosk(two, key, n, ops, photo), range(kiosks)))
            lines = [httpx.Client(base_url=base, timeout=120) for base in two.urls]
            peak, done = [0], threading.Event()
            watch = threading.Thread(target=_watch, args=([p.pid for p in two.processes], peak, done))
            watch.start()
            began = time.monotonic()
            online = sorted(chance.random() * within for _ in tablets)

            def go(place: int) -> bool:
                time.sleep(max(0.0, online[place] - (time.monotonic() - began)))
                try:
                    tablets[place].drain(lines[place % len(lines)], seen)
                except (httpx.HTTPError, AssertionError, TimeoutError):
                    return False
                return True

            with ThreadPoolExecutor(min(HANDS, kiosks)) as hands:
                ended = list(hands.map(go, range(kiosks)))
            took = time.monotonic() - began
            done.set()
            watch.join()
            return _judged(two, tablets, ended, seen, took, peak[0])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _judged(
    two: Two, tablets: list[_Kiosk], ended: list[bool], seen: Seen, took: float, peak: int
) -> tuple[int, int, int, str]:
    wanted = {op.entity_id for tablet in tablets for op in tablet.ops}
    with two.store.read() as conn:
        there = Counter(conn.execute(select(application.c.application_id)).scalars())
        answered = conn.execute(select(func.count()).select_from(dedup)).scalar_one()
        stored = {bytes(found).hex() for found in conn.execute(select(blob.c.sha256)).scalars()}
    lost = len(wanted - set(there))
    for tablet in tablets:
        for address, content in tablet.photos.items():
            kept = photostore.get(two.settings, "sealed", address) if address in stored else None
            lost += kept != content
    doubled = sum(there.values()) - len(there) + len(set(there) - wanted) + abs(answered - len(wanted))
    p95 = statistics.quantiles(seen.acks, n=20)[-1] if len(seen.acks) > 1 else 0.0
    worse = sum(number for status, number in seen.statuses.items() if status >= 500 and status != 503) + seen.bare
    stuck = ended.count(False) + worse + int(peak > RSS_BYTES)
    note = (
        f"{len(tablets)} tablets drained in {took:.0f} s, answer to a batch p95 {p95:.2f} s, "
        f"{seen.statuses[503]} times 503, {seen.broken} lines broke, {peak / 2**20:.0f} MiB"
    )
    return lost, doubled, stuck + int(p95 > ACK_S and len(tablets) >= 1000), note


def _watch(groups: list[int], peak: list[int], done: threading.Event) -> None:
    """The most memory any one process of the centers had."""
    while not done.wait(0.5):
        for pid in _members(groups):
            with contextlib.suppress(OSError, IndexError, ValueError):
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
                peak[0] = max(peak[0], pages * os.sysconf("SC_PAGE_SIZE"))


def _members(groups: list[int]) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ProcessLookupError):
            if os.getpgid(int(path.name)) in groups:
                yield int(path.name)
