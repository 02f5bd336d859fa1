"""D-10: uploads cut at every 4 KiB, by our client and by tuspy; wrong offsets and checksums; two at once; twenty megabytes.

What the center holds in the end is the same bytes, and no more than one chunk went twice over the line.
"""

from __future__ import annotations

import hashlib
import random
import sqlite3
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx

from sync import blobs, clock, uploads
from sync.device import DeviceAuth, DeviceKeys
from tests.faults import tuspy_client
from tests.faults.books import Harm, books, reckon, talk
from tests.faults.lines import Line, pick
from tests.faults.plant import Plant, Process, furnish, plant
from tests.sync import loopback

STEP = 4096
SIZE = 80 * STEP + 1234
HEAD_BYTES = 2_500  # of all that is not the file, a request
CHUNK = 128 * 1024


class Cut(loopback.CuttingLine):
    """A line that is cut once."""

    def heal(self) -> None:
        """It is well again."""
        self.budget = None


@dataclass
class Bench:
    """A center that answers, a tablet's keys, and files the tablet has named there."""

    at: Plant
    line: Cut
    keys: DeviceKeys
    device_id: str
    folder: Path
    rng: random.Random
    harm: Harm

    def file(self, size: int) -> tuple[bytes, str]:
        """A new file on the tablet, and its address; the center may be sent it."""
        content = self.rng.randbytes(size)
        address = blobs.put(self.folder, content)
        db = sqlite3.connect(self.at.center_dir / "center.db", timeout=20)
        with db:
            db.execute(
                "INSERT INTO blob_ref (device_id, sha256) VALUES (?, ?)", (self.device_id, bytes.fromhex(address))
            )
        db.close()
        return content, address

    def client(self, *, direct: bool = False) -> httpx.Client:
        """The tablet's signed line."""
        auth = DeviceAuth(self.keys, self.device_id, lambda: clock.read().wall_ms)
        base = self.at.center_url if direct else self.line.url
        return httpx.Client(base_url=base, auth=auth, timeout=30, trust_env=False)

    def is_whole(self, address: str, what: str) -> None:
        """What the center holds is that file."""
        path = self.at.center_dir / "blobs" / address[:2] / address[2:4] / address
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != address:
            self.harm.say("lost", what)

    def must(self, holds: bool, what: str) -> None:
        """Anything else is a false answer."""
        if not holds:
            self.harm.say("lost", what)


def run(full: bool, seed: int) -> Line:
    """The plan's 300 are every boundary of a file of 80 steps by both clients, and each of the others many times."""
    cuts = pick(full, plan=80, smoke=6, few=2)
    others = pick(full, plan=23, smoke=1, few=1)
    harm, runs = Harm(), 0
    with tempfile.TemporaryDirectory(prefix="d10-") as made, plant(Path(made) / "plant") as at:
        at.opens = False
        drafts = furnish(at, drafts=[1])
        at.start_center()
        with books(at) as both:
            ((device_id,),) = both.there("SELECT device_id FROM device")
        runs += _twice_in_one_form(at, drafts, harm)
        line = Cut(at.center_port)
        bench = Bench(
            at,
            line,
            DeviceKeys.load(at.kiosk_dir / "keys"),
            device_id,
            Path(made) / "files",
            random.Random(f"{seed} D-10"),
            harm,
        )
        every = list(range(1, 81))
        for place in sorted(bench.rng.sample(every, cuts)):
            for way in (_cut_ours, _cut_tuspy):
                way(bench, place * STEP)
                runs += 1
        for _ in range(others):
            for trial in (_wrong_offset, _wrong_checksum, _wrong_content, _two_at_once, _thrown_away, _flipped_answer):
                trial(bench)
                runs += 1
        for _ in range(pick(full, plan=5, smoke=1, few=0)):
            _twenty_megabytes(bench)
            runs += 1
        talk("D-10", harm, at)
        line.close()
    return Line(
        "D-10", runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join(["tuspy 1.1 among the clients", *harm.words])
    )


def _cut_ours(bench: Bench, after: int) -> None:
    """The tablet's own client: cut once, asked where it stands, gone on."""
    content, address = bench.file(SIZE)
    bench.line.budget, before = after, bench.line.carried
    breaks = _brought(bench, address)
    bench.is_whole(address, f"cut after {after} bytes")
    bench.must(breaks == 1, f"cut after {after}: {breaks} breaks")
    went = bench.line.carried - before
    bench.must(went <= len(content) + CHUNK + 12 * HEAD_BYTES, f"cut after {after}: {went} bytes for {len(content)}")


def _brought(bench: Bench, address: str) -> int:
    """Gives how often the line broke."""
    url: str | None = None
    chunks, breaks = uploads.ChunkSize(), 0

    def progress(now: str | None, _offset: int) -> None:
        nonlocal url
        url = now

    while breaks < 8:
        with bench.client() as http:
            try:
                uploads.upload(http, bench.folder, address, url, chunks, progress)
                return breaks
            except httpx.TransportError:
                breaks += 1
                bench.line.heal()
    bench.harm.say("stuck", "an upload")
    return breaks


def _cut_tuspy(bench: Bench, after: int) -> None:
    """A client written elsewhere, with checksums by SHA-1 and its own way of going on."""
    content, address = bench.file(SIZE)
    bench.line.budget = after
    with tuspy_client.signing(bench.keys, bench.device_id, lambda: clock.read().wall_ms):
        try:
            breaks = tuspy_client.upload(bench.line.url, content, address, 64 * 1024, broke=bench.line.heal)
            bench.must(breaks >= 1, f"tuspy, cut after {after}: the line never broke")
        except ConnectionError as error:
            bench.harm.say("stuck", str(error))
    bench.is_whole(address, f"tuspy, cut after {after} bytes")


def _begun(bench: Bench, http: httpx.Client, address: str, chunk: bytes) -> str:
    answer = http.post(
        "/v1/uploads", content=chunk,
        headers=_headers(chunk, **{"Upload-Length": str(SIZE), "Upload-Metadata": uploads.metadata({"sha256": address})}),
    )  # fmt: skip
    bench.must(answer.status_code == 201, f"creation answered {answer.status_code}")
    return answer.headers["Location"]


def _headers(chunk: bytes, **more: str) -> dict[str, str]:
    checked = {"Upload-Checksum": uploads.checksum(chunk), "Content-Type": uploads.CONTENT_TYPE}
    return {"Tus-Resumable": uploads.VERSION, **checked, **more}


def _stands_at(http: httpx.Client, url: str) -> int:
    return int(http.head(url, headers={"Tus-Resumable": uploads.VERSION}).headers["Upload-Offset"])


def _wrong_offset(bench: Bench) -> None:
    """Bytes that do not begin where the file ends are not taken, and what was held stays."""
    content, address = bench.file(SIZE)
    held = bench.rng.randrange(1, 100_000)
    with bench.client(direct=True) as http:
        url = _begun(bench, http, address, content[:held])
        for at in (0, held - 1, held + 1, SIZE, 10**14):
            chunk = content[held : held + 5_000]
            answer = http.patch(url, content=chunk, headers=_headers(chunk, **{"Upload-Offset": str(at)}))
            bench.must(answer.status_code == 409, f"offset {at} of {held} answered {answer.status_code}")
            bench.must(_stands_at(http, url) == held, "the offset moved")
        uploads.upload(http, bench.folder, address, url, uploads.ChunkSize(), lambda *_: None)
    bench.is_whole(address, "wrong offset")


def _wrong_checksum(bench: Bench) -> None:
    """A chunk that is not what its checksum says is thrown away whole."""
    content, address = bench.file(SIZE)
    held = bench.rng.randrange(1, 100_000)
    with bench.client(direct=True) as http:
        url = _begun(bench, http, address, content[:held])
        chunk = bytearray(content[held : held + 50_000])
        said = _headers(bytes(chunk), **{"Upload-Offset": str(held)})
        chunk[bench.rng.randrange(len(chunk))] ^= 1
        answer = http.patch(url, content=bytes(chunk), headers=said)
        bench.must(answer.status_code == 460, f"wrong checksum answered {answer.status_code}")
        bench.must(_stands_at(http, url) == held, "a damaged chunk was kept")
        uploads.upload(http, bench.folder, address, url, uploads.ChunkSize(), lambda *_: None)
    bench.is_whole(address, "wrong checksum")


def _wrong_content(bench: Bench) -> None:
    """Chunks that are each what they say and together another file: thrown away at the end, then the right one is taken."""
    content, address = bench.file(SIZE)
    wrong = bytearray(content)
    wrong[bench.rng.randrange(SIZE)] ^= 0x10
    with bench.client(direct=True) as http:
        url = _begun(bench, http, address, bytes(wrong[:100_000]))
        chunk = bytes(wrong[100_000:])
        answer = http.patch(url, content=chunk, headers=_headers(chunk, **{"Upload-Offset": "100000"}))
        bench.must(answer.status_code == 460, f"another file answered {answer.status_code}")
        path = bench.at.center_dir / "blobs" / address[:2] / address[2:4] / address
        bench.must(not path.exists(), "another file was kept under the address")
        uploads.upload(http, bench.folder, address, url, uploads.ChunkSize(), lambda *_: None)
    bench.is_whole(address, "wrong content")


def _two_at_once(bench: Bench) -> None:
    """Two connections bring the same file at the same time; both come to their end."""
    _, address = bench.file(SIZE)
    stuck: list[str] = []

    def bring() -> None:
        for _ in range(20):
            with bench.client(direct=True) as http:
                try:
                    return uploads.upload(http, bench.folder, address, None, uploads.ChunkSize(), lambda *_: None)
                except (uploads.UploadRefusedError, httpx.HTTPError):
                    if not _missing(http, address):
                        return None
        stuck.append(address)
        return None

    two = [threading.Thread(target=bring) for _ in range(2)]
    for thread in two:
        thread.start()
    for thread in two:
        thread.join()
    for one in stuck:
        bench.harm.say("stuck", f"two at once: {one[:12]}")
    bench.is_whole(address, "two at once")


def _missing(http: httpx.Client, address: str) -> bool:
    answer = http.post("/v1/blobs/need", json={"hashes": [address]})
    return address in answer.json()["hashes"]


def _thrown_away(bench: Bench) -> None:
    """An upload that is gone at the center (expired, ended) is begun anew."""
    content, address = bench.file(SIZE)
    with bench.client(direct=True) as http:
        url = _begun(bench, http, address, content[:60_000])
        bench.must(http.delete(url, headers={"Tus-Resumable": uploads.VERSION}).status_code == 204, "not ended")
        uploads.upload(http, bench.folder, address, url, uploads.ChunkSize(), lambda *_: None)
    bench.is_whole(address, "thrown away")


def _flipped_answer(bench: Bench) -> None:
    """A header that lies about the offset makes nobody believe that a file has arrived: the center is asked about it."""
    _, address = bench.file(SIZE)

    def lie(answer: httpx.Response) -> None:
        if answer.headers.get("Upload-Offset"):
            answer.headers["Upload-Offset"] = str(SIZE)

    with bench.client(direct=True) as http:
        http.event_hooks = {"response": [lie]}
        uploads.upload(http, bench.folder, address, None, uploads.ChunkSize(), lambda *_: None)
        bench.must(_missing(http, address), "a file that did not arrive is said to be there")
        http.event_hooks = {}
        uploads.upload(http, bench.folder, address, None, uploads.ChunkSize(), lambda *_: None)
        bench.must(not _missing(http, address), "a file that arrived is missing")
    bench.is_whole(address, "lying offset")


def _twenty_megabytes(bench: Bench) -> None:
    """The largest file there may be, cut three times; one byte more is refused."""
    content, address = bench.file(uploads.MAX_SIZE)
    url: str | None = None
    chunks = uploads.ChunkSize()

    def progress(now: str | None, _offset: int) -> None:
        nonlocal url
        url = now

    for cut in (*sorted(bench.rng.sample(range(100_000, 6_000_000), 3)), None):
        bench.line.budget = cut
        with bench.client() as http:
            try:
                uploads.upload(http, bench.folder, address, url, chunks, progress)
            except httpx.TransportError:
                continue
    bench.line.budget = None
    bench.is_whole(address, "twenty megabytes")
    with bench.client(direct=True) as http:
        headers = {"Upload-Length": str(len(content) + 1), "Upload-Metadata": uploads.metadata({"sha256": address})}
        answer = http.post("/v1/uploads", headers={"Tus-Resumable": uploads.VERSION, **headers})
        bench.must(answer.status_code == 413, f"a larger file answered {answer.status_code}")


def _twice_in_one_form(at: Plant, drafts: list[str], harm: Harm) -> int:
    """The same photograph as two pages of one application."""

    def make() -> None:
        here = loopback.Kiosk(at.kiosk_dir)
        same = loopback.picture("the same", 40_000)
        for position in (1, 2):
            here.photograph(drafts[0], "page", position, same)
        here.submit(drafts[0])
        here.sync(60)

    Process(make, at.folder / "twice.log").join()
    harm.add(reckon(at, drafts, drafts))
    return 1
