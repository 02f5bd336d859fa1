"""What one center takes in, through its own HTTP server and over real disks: operations, and complete applications with six
photographs, on both stores; PouchDB's server beside it with records of the same weight.

Tablets play in this process and on the same processors: the center's own processor time, database included, is the figure
that compares between runs.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from sqlalchemy import func, select

from bench.sync import peer, pick, place
from center import keyring
from center.store.tables import application
from sync import blobs, uploads, wire
from sync.device import DeviceAuth
from tests.center.signing import Tablet, application_body, sealed_photo
from tests.center.two import Two

TABLETS, A_BATCH = 4, 50
OF_SIX = place.SLOTS[:6]


def run() -> None:
    """Prints both tables."""
    pictures = place.photographs()
    ops: list[tuple[object, ...]] = []
    whole: list[tuple[object, ...]] = []
    batches, each = pick(3, 25), pick(3, 25)
    with place.stores() as both:
        sqlite, (name, url, beside, cluster) = both
        assert cluster is not None
        two_at_work = (f"{name}, two processes", cluster.fresh(), beside, 2)
        for who, database, others, processes in ((*sqlite[:3], 1), (name, url, beside, 1), two_at_work):
            with place.folder() as at, place.center(at, database, processes) as two:
                crowd = [_Player(two, number, at / f"blobs{number}") for number in range(TABLETS)]
                ops.append((f"ours on {who}", *_operations(crowd, two, batches, others)))
                whole.append((f"ours on {who}", *_applications(crowd, two, each, pictures, others)))
    if peer.modules():
        body = len(crowd[0].operation(0, ()).body) * 4 // 3
        records, sizes = batches * A_BATCH, [len(pictures[slot]) + 64 for slot in OF_SIX]
        ops.append(("PouchDB's server on LevelDB", *_pouch(records, body, [], A_BATCH)))
        whole.append(("PouchDB's server on LevelDB", *_pouch(each, body, sizes, 5)))
    columns = ("a second", "ms of the center's processor each", "answer p95 s", "processor to PouchDB's")
    place.table(f"{TABLETS * batches * A_BATCH} applications as operations, {A_BATCH} a batch, {TABLETS} tablets",
                ("who", *columns), _against(ops))  # fmt: skip
    place.table(f"{TABLETS * each} complete applications with six photographs, {TABLETS} tablets, until a reviewer has them",
                ("who", *columns), _against(whole))  # fmt: skip


def _against(rows: list[tuple[Any, ...]]) -> list[tuple[object, ...]]:
    base = rows[-1][2]
    return [
        (who, f"{rate:.1f}", f"{each_ms:.1f}", f"{slow:.2f}", f"{each_ms / base:.2f} ×") for who, rate, each_ms, slow in rows
    ]  # fmt: skip


class _Player:
    """A tablet with operations ready to be sent."""

    def __init__(self, two: Two, number: int, folder: Path) -> None:
        nobody: Any = SimpleNamespace(test_client=lambda: None)
        self._tablet = Tablet(nobody, two.store, keyring.sealing_public(two.settings), two.unit_id)
        self._number = number
        self._seq = 0
        self._folder = folder
        auth = DeviceAuth(self._tablet.keys, self._tablet.device_id, lambda: time.time_ns() // 1_000_000)
        self.http = httpx.Client(base_url=two.urls[0], auth=auth, timeout=120)
        self.taken: list[float] = []
        self.sent_away = 0

    def operation(self, place_of: int, photos: tuple[wire.Photo, ...]) -> wire.Op:
        """An application of somebody who comes only once."""
        self._seq += 1
        number = place.identity_number(self._number * 1_000_000 + self._seq)
        named = photos or tuple(self.photograph(slot, b"none yet")[0] for slot in OF_SIX)
        return self._tablet.op(self._seq, application_body(named, name=f"Volunteer {place_of}", identity_number=number))

    def photograph(self, slot: tuple[str, int], content: bytes) -> tuple[wire.Photo, bytes]:
        """A photograph sealed anew, and its bytes."""
        return sealed_photo(self._tablet, *slot, content)

    def push(self, ops: list[wire.Op]) -> None:
        """A batch, until it is taken."""
        message = wire.Push(
            proto=wire.PROTO, device_id=self._tablet.device_id, dev_epoch=self._tablet.epoch, ops=tuple(ops)
        )
        content = wire.encode(message)
        while True:
            began = time.monotonic()
            answer = self.http.post("/v1/ops", content=content, headers={"Content-Type": "application/json"})
            self.taken.append(time.monotonic() - began)
            if answer.status_code != 503:
                break
            self.sent_away += 1
            time.sleep(1.0)
        answer.raise_for_status()
        said = {result.status for result in wire.decode(wire.PushAnswer, answer.content).results}
        if said != {"applied"}:
            raise AssertionError(said)

    def bring(self, addresses: list[str]) -> None:
        """Photographs, as the sync thread brings them."""
        chunks = uploads.ChunkSize()
        for address in addresses:
            uploads.upload(self.http, self._folder, address, None, chunks, lambda *_: None)

    def keep(self, content: bytes) -> str:
        """A sealed photograph on the tablet's disk."""
        return blobs.put(self._folder, content)


def _operations(crowd: list[_Player], two: Two, batches: int, beside: list[int]) -> tuple[float, float, float]:
    """Operations a second, ms of processor each, p95 of an answer."""
    ready = [[[one.operation(0, ()) for _ in range(A_BATCH)] for _ in range(batches + 1)] for one in crowd]
    for one, (warm, *_rest) in zip(crowd, ready, strict=True):
        one.push(warm)
        one.taken.clear()

    def go(number: int) -> None:
        for batch in ready[number][1:]:
            crowd[number].push(batch)

    rate, each_ms = _timed(two, beside, len(crowd) * batches * A_BATCH, go, lambda: True)
    return rate, each_ms, place.p95([taken for one in crowd for taken in one.taken])


def _applications(
    crowd: list[_Player], two: Two, each: int, pictures: dict[tuple[str, int], bytes], beside: list[int]
) -> tuple[float, float, float]:
    """Complete applications a second, ms of processor each, p95 of an answer to a push."""
    ready = []
    for one in crowd:
        one.taken.clear()
        queue = []
        for _ in range(each + 1):
            made = [one.photograph(slot, pictures[slot]) for slot in OF_SIX]
            queue.append(
                (one.operation(1, tuple(photo for photo, _ in made)), [one.keep(sealed) for _, sealed in made])
            )
        ready.append(queue)

    def bring(number: int, queue: list[tuple[wire.Op, list[str]]]) -> None:
        for op, addresses in queue:
            crowd[number].push([op])
            crowd[number].bring(addresses)

    def go(number: int) -> None:
        bring(number, ready[number][1:])

    def reviewed() -> int:
        with two.store.read() as conn:
            query = select(func.count()).where(application.c.state == "first_review").select_from(application)
            return int(conn.execute(query).scalar_one())

    def all_reviewed() -> bool:
        return reviewed() == len(crowd) * (each + 1)

    for number, queue in enumerate(ready):  # a first one each, so that connections are made and decoders started
        bring(number, queue[:1])
    if not place.until(lambda: reviewed() == len(crowd), 600, 0.1):
        raise RuntimeError("not all came to their review")
    for one in crowd:
        one.taken.clear()
    rate, each_ms = _timed(two, beside, len(crowd) * each, go, all_reviewed)
    return rate, each_ms, place.p95([taken for one in crowd for taken in one.taken])


def _timed(two: Two, beside: list[int], count: int, go: Any, done: Any) -> tuple[float, float]:
    roots = [two.processes[0].pid, *beside]
    before, began = place.processor_s(roots), time.monotonic()
    with ThreadPoolExecutor(TABLETS) as hands:
        list(hands.map(go, range(TABLETS)))
    if not place.until(done, 600, 0.1):
        raise RuntimeError("not all came to their review")
    took = time.monotonic() - began
    return count / took, (place.processor_s(roots) - before) / count * 1000


def _pouch(each: int, body: int, sizes: list[int], batch: int) -> tuple[float, float, float]:
    """Records a second, ms of the server's processor each, p95 of a batch."""
    with place.folder() as at, peer.serving(at / "there") as (port, process):
        names = [f"t{number}" for number in range(TABLETS)]
        for name in names:
            peer.ask("fill", str(at), name, str(each), str(body), ",".join(str(size) for size in sizes))
        url = f"http://127.0.0.1:{port}/{peer.DATABASE}"
        before = place.processor_s([process.pid])
        said = peer.ask("push", str(at), ",".join(names), url, str(batch), "900")
        used = place.processor_s([process.pid]) - before
        count = peer.ask("held", url)["count"]
        if count != each * TABLETS:
            raise RuntimeError(f"PouchDB brought {count}")
        return count / said["ms"] * 1000, used / count * 1000, said["p95"] / 1000
