"""Memory of a tablet while it brings a long queue of photographs; PouchDB beside it with as many bytes in attachments."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import func, select

from bench.sync import peer, pick, place
from center.store.tables import blob
from tests.center.two import Two, _port

APPLICATIONS = (30, 820)  # of 1.22 MB


def run() -> None:
    """Prints the table."""
    wanted = pick(*APPLICATIONS)
    sizes = [len(content) + 64 for content in place.photographs().values()]
    mb = wanted * sum(sizes) / 1e6
    rows: list[tuple[object, ...]] = []
    with place.folder() as at:
        with place.center(at) as two:
            idle, peak, took = _ours(place.queue(at / "tablet", two.urls[0], two, wanted), two, wanted)
        rows.append(("ours, the whole kiosk", f"{idle:.0f}", f"{peak:.0f}", f"{peak - idle:.0f}", f"{took:.0f}"))
        if peer.modules():
            for batch in (1, 100):
                with peer.serving(at / f"pouch{batch}") as (port, _):
                    name = f"m{batch}"
                    peer.ask("fill", str(at), name, str(wanted), "2000", ",".join(str(size) for size in sizes))
                    url = f"http://127.0.0.1:{port}/{peer.DATABASE}"
                    said = peer.ask("push", str(at), name, url, str(batch), "900")
                    there = peer.ask("held", url)["count"]
                who = f"PouchDB, batches of {batch}{' (its default)' if batch == 100 else ''}"
                took_s = (
                    f"{said['ms'] / 1000:.0f}"
                    if there == wanted
                    else f"{there} of {wanted} after {said['ms'] / 1000:.0f}"
                )
                rows.append((who, said["before"], said["mib"], said["mib"] - said["before"], took_s))
    place.table(
        f"Memory of a tablet that brings {mb:.0f} MB of photographs",
        ("who", "MiB before", "MiB at most", "growth", "seconds"), rows,
    )  # fmt: skip


def _ours(folder: Path, two: Two, wanted: int) -> tuple[float, float, float]:
    """MiB once it answers, MiB at most, seconds."""

    def stored() -> int:
        with two.store.read() as conn:
            return int(conn.execute(select(func.count()).select_from(blob)).scalar_one())

    with place.tablet(folder, _port()) as process:
        place.until(lambda: stored() > 0, 120, 0.05)
        began, idle = time.monotonic(), place.memory_mib(process.pid)
        if not place.until(lambda: stored() == wanted * len(place.SLOTS), 120 + wanted * 3):
            raise RuntimeError(f"{stored()} photographs arrived")
        return idle, place.memory_mib(process.pid), time.monotonic() - began
