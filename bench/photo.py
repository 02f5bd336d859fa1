"""One photograph's way through the kiosk: what each step of it costs, and how long many at once wait for their findings."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from center.sample.desk import on_desk
from kiosk.asking import pictures
from scanner import decode_pool, files, page, quality
from tests.journeys.filming import sheet
from tests.kiosk.applying import Applicant
from tests.kiosk.scene import build

SIZE = (1800, 2400)  # what a browser sends
CLIENTS, EACH = 12, 3
GOAL_S = 3.0


def _photo(number: int) -> bytes:
    out = io.BytesIO()
    on_desk(sheet(number), size=SIZE, angle=4, tilt=0.05, sway=0.03, fill=0.85, seed=number)[0].save(
        out, "JPEG", quality=92
    )
    return out.getvalue()


def _children_s() -> float:
    """Processor time of the decoders so far."""
    spent = 0
    for one in decode_pool.process_ids():
        after_name = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        spent += int(after_name[11]) + int(after_name[12])
    return spent / 100


def _cost(work: Callable[[], object], runs: int = 5) -> tuple[float, float]:
    """Median milliseconds of processor time here, mean of it in the decoders."""
    own, children = [], _children_s()
    for _ in range(runs):
        begun = time.process_time()
        work()
        own.append(1000 * (time.process_time() - begun))
    return statistics.median(own), 1000 * (_children_s() - children) / runs


def _steps(data: bytes) -> None:
    pixels = files.pixels(data)
    corners = page.find_corners(pixels)
    assert corners is not None
    flat = page.flatten(pixels, corners, pictures.PAGE_LONG_SIDE_PX)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("opened, in a child process", lambda: files.read(data)),
        ("kept as it was taken", lambda: files.to_jpeg(pixels, 90, pictures.ORIGINAL_LONG_SIDE_PX, quickly=True)),
        ("its corners", lambda: page.find_corners(pixels)),
        ("laid flat, evenly lit", lambda: page.flatten(pixels, corners, pictures.PAGE_LONG_SIDE_PX)),
        ("fitted to its bytes", lambda: files.to_jpeg(flat, pictures.PAGE_QUALITY, max_bytes=pictures.PAGE_BYTES)),
        ("what is wrong with it", lambda: quality.findings(pixels, corners)),
    ]
    print(f"| a page of {SIZE[0]} × {SIZE[1]} | ms here | ms in the child |\n|{'---|' * 3}")
    costs = [_cost(work) for _, work in steps]
    for (name, _), (own, child) in zip(steps, costs, strict=True):
        print(f"| {name} | {own:.0f} | {child:.0f} |")
    own, child = np.sum(costs, axis=0)
    print(f"| all | {own:.0f} | {child:.0f} |")


def run() -> None:
    """Prints the tables."""
    print("## One photograph's way (processor time)\n")
    data = _photo(1)
    _steps(data)
    with tempfile.TemporaryDirectory() as folder:
        scene = build(Path(folder) / "kiosk")
        applicants = [Applicant(scene) for _ in range(CLIENTS)]
        applicants[0].photograph("page", data)

        def trainee(place: int) -> list[float]:
            took = []
            for _ in range(EACH):
                begun = time.perf_counter()
                while (
                    applicants[place].photograph("page", data).status_code == 503
                ):  # the page's script asks again likewise
                    time.sleep(0.5)
                took.append(time.perf_counter() - begun)
            return took

        with ThreadPoolExecutor(CLIENTS) as pool:
            waits = sorted(wait for one in pool.map(trainee, range(CLIENTS)) for wait in one)
        kept = sum(len(one.photos()) for one in applicants) - 1
    print(
        f"\n| {CLIENTS} people, {EACH} photographs each, all at once | median s | p95 s | goal | kept |\n|{'---|' * 5}"
    )
    p95 = waits[int(0.95 * (len(waits) - 1))]
    print(
        f"| findings | {statistics.median(waits):.1f} | {p95:.1f} | {'≤' if p95 <= GOAL_S else 'MISSED'} {GOAL_S:.0f} |"
        f" {kept} of {CLIENTS * EACH} |"
    )
