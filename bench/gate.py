"""The gate, in one run: the decision on a long list, making and bringing the list, reading printed cards, camera to screen in
Chromium, and the public page's answers for a card that is good and for one that is not.

SIZE=full: a million live cards and a hundred thousand photographs, 400 drawn frames a cell, 24 cards before the camera a film.
Milliseconds are processor time of the thread, but where they are said to be by the wall. Frames are drawn from the raster of
the real sheet (tests/prints.py): a simulation, not photographs.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import cv2
import zxingcpp

from bench import gate_film, gate_public
from honorcard.card import signing
from honorcard.card.manifest import BUCKETS, MANIFEST, Manifest
from honorcard.card.pack import LiveCard, Pack, build
from honorcard.card.samples import write_samples
from honorcard.card.verdict import Interval, decide
from scanner import qr
from tests import prints
from tests.faults import d30_gate_speed as listing

FULL = os.environ.get("SIZE") == "full"
LINE_BITS_S = 20e6  # of a venue's line
SEED = 20261122
SIDES = (150, 200, 250, 300, 400, 600)  # of the code in the frame, in pixels
LEAST = 0.99  # of the frames, from 250 pixels on


def run() -> None:
    """Prints the tables."""
    with tempfile.TemporaryDirectory(prefix="hc-gate-") as folder:
        _listed(Path(folder))
        samples = Path(folder) / "samples"
        write_samples(samples, at=listing.NOW)
        _frames(samples / "valid.pdf")
        _answers(samples)
    gate_film.run(cards=24 if FULL else 8)
    _public()


def _listed(folder: Path) -> None:
    """Decision, build, delta, first load, memory."""
    cards, scans = (1_000_000, 10_000) if FULL else (50_000, 2_000)
    listed = listing.make(folder, cards, kinds=2_000, seed=SEED)
    wrong, taken = listing.scan(listed, scans, SEED)
    size = sum(path.stat().st_size for path in (folder / "pack" / BUCKETS).iterdir())
    opening = _median_ms(lambda: Pack.open(folder / "pack", listed.trust), 20)
    print(f"## The gate's list: {cards:,} live cards, {cards // listing.PHOTOS:,} with a photograph\n")
    print("| what | |\n|---|---|")
    print(f"| decision, p50 / p99 / longest of {scans:,} | {_spread(taken)} ms, wrong answers {wrong} |")
    print(f"| building it | {listed.build_s:.1f} s |")
    print(f"| opening it | {opening:.2f} ms |")
    print(f"| memory for {scans:,} decisions | {_memory(listed, scans):.1f} MB more |")
    print(f"| first load | {size / 1e6:,.1f} MB, {size * 8 / LINE_BITS_S:,.0f} s at 20 Mbit/s |")
    _delta(folder, cards, size)


def _delta(folder: Path, cards: int, size: int) -> None:
    """What a day of issuing changes: three years' cards, so many a day come and go."""
    daily = max(1, cards // (3 * 365))
    ring_folder, day = folder / "day", listing.NOW
    shutil.rmtree(ring_folder, ignore_errors=True)
    made = listing.KeyRing.create(ring_folder / "keys", at=day - timedelta(days=100), prefix=listing.PREFIX)
    key = made.current("pack", day)
    small = min(cards, 50_000)  # the share of buckets touched is worked out from here
    many = [LiveCard(listing.SEQ_FIRST + n, signing.new_secret(), "林秀琴", listing.UNTIL) for n in range(small)]
    change = max(1, small * daily // cards)

    def build_with(live: list[LiveCard], version: int, top: int) -> tuple[float, Manifest]:
        begun = time.process_time()
        manifest = build(
            ring_folder / "pack", live, version=version, as_of=day, max_seq=top, kid=key.kid, key=made.p256(key.kid),
            trust=made.trust,
        )  # fmt: skip
        return time.process_time() - begun, manifest

    top = listing.SEQ_FIRST + small
    build_with(many, 1, top)
    before = {path.name for path in (ring_folder / "pack" / BUCKETS).iterdir()}
    fresh = [LiveCard(top + n, signing.new_secret(), "王大明", listing.UNTIL) for n in range(change)]
    again, newest = build_with(many[change:] + fresh, 2, top + change)
    news = [path for path in (ring_folder / "pack" / BUCKETS).iterdir() if path.name not in before]
    signed = (ring_folder / "pack" / MANIFEST).stat().st_size
    brought = sum(path.stat().st_size for path in news) + signed
    print(f"| a day's change on {small:,} cards ({change} come, {change} go): built anew | {again:.1f} s |")
    print(f"| … what a tablet fetches: delta and manifest | {(newest.deltas[-1].size + signed) / 1e3:,.0f} kB |")
    print(
        f"| … as whole buckets, where the delta does not serve | {brought / 1e6:.2f} MB in {len(news)} buckets"
        f" ({100 * brought / (size * small / cards):.1f} % of the list) |\n"
    )


def _memory(listed: listing.Listed, scans: int) -> float:
    """Megabytes that a process grows by, which opens the list and decides so often."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        listing.scan(listed, scans, SEED)
        os.write(writing, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before).encode())
        os._exit(0)
    os.close(writing)
    grown = int(os.read(reading, 64) or b"0")
    os.close(reading)
    os.waitpid(pid, 0)
    return grown / 1024


def _frames(pdf: Path) -> None:
    """D-18's simulated part: how many single frames are read, by the size of the code in them."""
    runs = 400 if FULL else 40
    sheet = prints.printed(pdf)
    readers: dict[str, Callable[..., list[str]]] = {
        "zxing-cpp, its default (the peer; what the page runs first)": _plain,
        "a frame at the kiosk (qr.decode_fast)": qr.decode_fast,
        "a picture (qr.decode)": qr.decode,
    }
    print(
        f"## Printed cards in single frames, {runs} a cell\n\n"
        "1280 × 720, from 600 px on 1920 × 1080; tilt to 40°, turn to 25°, blur, noise, glare in a quarter\n"
    )
    print("| side of the code, px | " + " | ".join(map(str, SIDES)) + " | median ms |\n|" + "---|" * (len(SIDES) + 2))
    read = {name: dict.fromkeys(SIDES, 0) for name in readers}
    took: dict[str, list[float]] = {name: [] for name in readers}
    for side in SIDES:
        for n in range(runs):
            size = prints.HD if side <= 400 else prints.FULL_HD  # a larger one, turned, does not fit into 720 lines
            frame = prints.seen(sheet, prints.any_view(side / sheet.modules, seed=n), size, seed=n)
            for name, reader in readers.items():
                begun = time.thread_time_ns()
                read[name][side] += bool(reader(frame))
                took[name].append((time.thread_time_ns() - begun) / 1e6)
    for name in readers:
        shares = " | ".join(f"{100 * read[name][side] / runs:.0f} %" for side in SIDES)
        print(f"| {name} | {shares} | {statistics.median(took[name]):.1f} |")
    held = all(read["a picture (qr.decode)"][side] >= LEAST * runs for side in SIDES if side >= 250)
    print(f"\n≥ 99 % from 250 px on: {'yes' if held else 'MISSED'}\n")


def _plain(frame: object) -> list[str]:
    return [one.text for one in zxingcpp.read_barcodes(frame, formats=zxingcpp.BarcodeFormat.QRCode)]


def _answers(samples: Path) -> None:
    """Every sheet of `honorcard samples`, printed, scanned and photographed, judged by the samples' own list."""
    trust = listing.Trust.load(samples / "trust.json")
    pack, at = Pack.open(samples / "pack", trust), Interval.at(listing.NOW)
    expected = _codes(samples)
    photos = 10 if FULL else 2
    print("## Every sheet of `honorcard samples`: right answers\n")
    print("| printed at | scanned whole | photographed at 4 to 7 px a module |\n|---|---|---|")
    for dpi in (150, 200, 300):
        scanned = photographed = 0
        for n, (file, code) in enumerate(expected.items()):
            texts = qr.decode(prints.raster(samples / file, dpi))
            scanned += len(texts) == 1 and decide(texts[0], trust, pack, at).code == code
            sheet = prints.printed(samples / file, dpi)
            for k in range(photos):
                view = prints.any_view(4 + k % 4, seed=1000 * n + k)
                frame = prints.seen(sheet, view, prints.FULL_HD, seed=k)
                _, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 85])
                texts = qr.decode(cv2.imdecode(jpeg, cv2.IMREAD_COLOR))
                photographed += len(texts) == 1 and decide(texts[0], trust, pack, at).code == code
        print(f"| {dpi} dpi | {scanned} of {len(expected)} | {photographed} of {photos * len(expected)} |")
    print()


def _codes(samples: Path) -> dict[str, str]:
    """The code that each sheet must be answered."""
    return {row["file"]: row["code"] for row in json.loads((samples / "answers.json").read_text())}


def _public() -> None:
    """Whether the time of an answer tells a card that ended from one that never was."""
    gate_public.run(rounds=400 if FULL else 60)


def _median_ms(call: Callable[[], object], runs: int) -> float:
    taken = []
    for _ in range(runs):
        begun = time.thread_time_ns()
        call()
        taken.append((time.thread_time_ns() - begun) / 1e6)
    return statistics.median(taken)


def _spread(taken: list[float]) -> str:
    return f"{taken[len(taken) // 2]:.2f} / {taken[int(0.99 * len(taken))]:.2f} / {taken[-1]:.2f}"
