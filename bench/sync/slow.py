"""A queue drained over a slow line that is reset every half minute: ours, whole files, whole applications, PouchDB.

Each has a line of its own and all run at the same time. Whole files: a POST each, one application's after the other's, begun
anew after a reset; whole applications: all photographs in one POST, as form collectors send them.
"""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import waitress
from sqlalchemy import func, select

from bench.sync import peer, pick, place
from bench.sync.line import SlowLine
from center.store.tables import blob
from tests.center.two import Two, _port

BYTES_PER_S, RESET_EVERY_S = 128_000, 30.0
PATIENCE = 2.0  # times what the bytes alone take; then it is called unfinished
Note = Callable[..., None]  # name, seconds or None, line, words
_CONNECT = httpx.Timeout(60.0, connect=5.0)


def run() -> None:
    """Prints the table."""
    wanted = pick(4, 100)
    photographs = place.photographs()
    sizes = [len(content) + 64 for content in photographs.values()]
    ideal_s = wanted * sum(sizes) / BYTES_PER_S
    results: dict[str, tuple[float | None, int, int, str]] = {}

    def note(name: str, seconds: float | None, line: SlowLine, how: str = "") -> None:
        results[name] = (seconds, sum(line.carried), line.resets, how)

    with place.folder() as at, contextlib.ExitStack() as stack:
        two = stack.enter_context(place.center(at))
        ours = stack.enter_context(SlowLine(int(two.urls[0].rpartition(":")[2]), BYTES_PER_S, 10**6))
        folder = place.queue(at / "tablet", ours.url, two, wanted)
        ours.slow_from_now(RESET_EVERY_S)
        racers = [threading.Thread(target=_ours, args=(folder, two, ours, wanted, ideal_s, note))]
        for name, parts in (
            ("a POST for each photograph", sizes * wanted),
            ("a POST for each application", [sum(sizes)] * wanted),
        ):
            port = stack.enter_context(_sink())
            line = stack.enter_context(SlowLine(port, BYTES_PER_S, RESET_EVERY_S))
            racers.append(threading.Thread(target=_posts, args=(name, parts, line, ideal_s, note)))
        if peer.modules():
            for batch in (1, 100):
                port, _ = stack.enter_context(peer.serving(at / f"pouch{batch}"))
                peer.ask("fill", str(at), f"r{batch}", str(wanted), "2000", ",".join(str(size) for size in sizes))
                line = stack.enter_context(SlowLine(port, BYTES_PER_S, RESET_EVERY_S))
                racers.append(threading.Thread(target=_pouch, args=(at, batch, wanted, port, line, ideal_s, note)))
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
    our_s = results["ours"][0]
    place.table(
        f"{wanted} applications of eight photographs ({sum(sizes) / 1e6:.2f} MB each) over {BYTES_PER_S // 1000} kB/s, "
        f"reset every {RESET_EVERY_S:.0f} s; the bytes alone take {ideal_s:.0f} s",
        ("who", "drained in s", "to the bytes alone", "to ours", "carried to what was to be carried", "resets", ""),
        [
            (
                name, f"{took:.0f}" if took else "not within that time", f"{took / ideal_s:.2f} ×" if took else "",
                f"{took / our_s:.2f} ×" if took and our_s else "", f"{carried / (wanted * sum(sizes)):.2f} ×", resets, how,
            )
            for name, (took, carried, resets, how) in results.items()
        ],
    )  # fmt: skip


def _ours(folder: Path, two: Two, line: SlowLine, wanted: int, ideal_s: float, note: Note) -> None:
    def stored() -> int:
        with two.store.read() as conn:
            return int(conn.execute(select(func.count()).select_from(blob)).scalar_one())

    with place.tablet(folder, _port()):
        place.until(lambda: line.carried[0] > 0, 120, 0.05)  # it has started
        began = time.monotonic()
        done = place.until(lambda: stored() == wanted * len(place.SLOTS), ideal_s * PATIENCE + 60)
        note("ours", time.monotonic() - began if done else None, line, f"{stored()} photographs there")


def _posts(name: str, parts: list[int], line: SlowLine, ideal_s: float, note: Note) -> None:
    began = time.monotonic()
    done = 0
    with httpx.Client(base_url=line.url, timeout=_CONNECT) as http:
        for size in parts:
            content = random.randbytes(size)
            while time.monotonic() - began < ideal_s * PATIENCE + 60:
                try:
                    if http.post(f"/{done}", content=content).status_code == 204:
                        done += 1
                        break
                except httpx.HTTPError:
                    time.sleep(random.uniform(0, 2))  # as ours waits after a break
    note(name, time.monotonic() - began if done == len(parts) else None, line, f"{done} of {len(parts)} requests")


def _pouch(at: Path, batch: int, wanted: int, port: int, line: SlowLine, ideal_s: float, note: Note) -> None:
    url = f"{line.url}/{peer.DATABASE}"
    said = peer.ask("push", str(at), f"r{batch}", url, str(batch), f"{ideal_s * PATIENCE + 60:.0f}")
    there = peer.ask("held", f"http://127.0.0.1:{port}/{peer.DATABASE}")["count"]
    how = f"{there} of {wanted} records there, {said['breaks']} failures"
    name = f"PouchDB, batches of {batch}{' (its default)' if batch == 100 else ''}"
    note(name, said["ms"] / 1000 if there == wanted else None, line, how)


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    """A server that takes whole bodies and nothing less."""

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        wanted = int(environ["CONTENT_LENGTH"])
        got = 0
        while piece := environ["wsgi.input"].read(min(65536, wanted - got)):
            got += len(piece)
        start_response("204 No Content" if got == wanted else "400 Bad Request", [])
        return []

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    server = waitress.create_server(app, host="127.0.0.1", port=port, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        server.close()
