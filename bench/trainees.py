"""Trainees at once on one host: each does a whole application with eight photographs over real TLS, in a lesson of ten minutes
(SIZE=full: forty; else six in one minute). Targets: pages p95 ≤ 300 ms, a photograph's findings ≤ 3 s, none lost.

The host is a process of its own on this machine, the phones are threads beside it, so both share its cores. A phone loads what a
browser loads, asks what an open page asks (the state every ten seconds, whether the kiosk is there before each press, where the
face is while the headshot's camera runs), begins within the first minute and a half, is as slow as people are, and sends a busy
answer's picture again as static/js/capture-queue.js does. Photographs are as large as browsers make them before sending.
"""

from __future__ import annotations

import io
import os
import random
import re
import signal
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import httpx
from PIL import Image

from bench.people import _number
from center.sample import desk, pages, portraits
from kiosk import local_ca
from kiosk.settings import save
from kiosk.store import Store, data_key, syncing
from sync.ids import uuid7
from tests.journeys.stage import ROOT, free_port, wait_for
from tests.kiosk.applying import BOOK
from tests.kiosk.scene import PIN, build

FULL = os.environ.get("SIZE") == "full"
TRAINEES, LESSON_S = (40, 600.0) if FULL else (6, 60.0)
PAGES = 6
PHOTO_PX = (1800, 2400)
FACE_S = 6.0  # so long somebody stands before the camera
STATE_S = 10.0
AGAIN_S = (2.0, 3.0, 5.0, 10.0)
PAGE_GOAL_MS, FINDINGS_GOAL_S = 300.0, 3.0


@dataclass
class Taken:
    """What the phones saw: seconds of each page and each photograph, how often the host was busy, what went wrong."""

    pages: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    photos: list[float] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)
    busy: int = 0
    wrong: list[str] = field(default_factory=list)
    slow: list[tuple[float, str]] = field(default_factory=list)


class Phone:
    """One trainee's browser."""

    def __init__(self, place: int, base: str, authority: ssl.SSLContext, taken: Taken, until_s: float) -> None:
        self.place, self.taken = place, taken
        self.draw = random.Random(place)
        self.client = httpx.Client(base_url=base, verify=authority, timeout=60, headers={"Accept-Encoding": "gzip"})
        self.beside = httpx.Client(base_url=base, verify=authority, timeout=60)
        self.token, self.begun, self.until_s = "", time.monotonic(), until_s
        self.pace = self.draw.uniform(0.65, 0.95)  # of the lesson: some are done early
        self.seen: set[str] = set()
        self.ended = threading.Event()
        self.left = 24  # presses still to come

    def go(self) -> None:
        """The whole application."""
        watching = threading.Thread(target=self._watch, daemon=True)
        try:
            time.sleep(self.draw.uniform(0, 0.15) * self.until_s)
            self.page("/")
            self.page("/unlock?next=/apply/new")
            self.press("/unlock", pin=PIN)
            watching.start()
            self._application()
        except Exception as error:
            self.taken.wrong.append(f"{type(error).__name__}: {error}")
        finally:
            self.ended.set()
            self.client.close()

    def _application(self) -> None:
        at = self.press("/apply/new", kind="first").rsplit("/", 1)[0]
        self.press(f"{at}/identity", document="id", number=_number(self.place), twin_seen="yes")
        self.press(f"{at}/person", name="陳受訓", birth="047.08.16", email="")
        self.page(f"{at}/take/headshot")
        self._face()
        stage = self.photo(f"{at}/take/headshot", HEAD)
        shown = self.page(stage)
        fields: dict[str, str] = dict(re.findall(r'name="(x|y|height|angle)" value="([^"]+)"', shown))
        self.press(stage, fields=fields | {"anyway": "yes"}, of=self.taken.cuts)
        self.page(f"{at}/take/cover")
        self.photo(f"{at}/take/cover", COVER, stay="yes")
        for number in range(PAGES):
            self.photo(f"{at}/take/page", INSIDE[(self.place + number) % len(INSIDE)], stay="yes")
        self.press(f"{at}/book_photos")
        self.press(f"{at}/book", **BOOK)
        self.press(f"{at}/verdict")
        self.press(f"{at}/consent")
        slip = self.press(f"{at}/submit")
        if "/slip/" not in slip:
            self.taken.wrong.append(f"ended at {slip}")

    def page(self, path: str) -> str:
        """A page with all that a browser fetches for it and has not yet."""
        text = self._timed("GET", path)[1]
        for asset in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
            if asset not in self.seen:
                self.seen.add(asset)
                self.client.get(asset).raise_for_status()
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        self.token = found[1] if found else self.token
        return text

    def press(
        self, path: str, *, fields: dict[str, str] | None = None, of: list[float] | None = None, **more: str
    ) -> str:
        """A form, after some thought; where it leads, whose page is loaded too. of: whose times its answer's are."""
        self._think()
        self.client.head("/healthz", headers={"X-Poll": "1"})
        data = {"csrf_token": self.token, **(fields or {}), **more}
        answer = self._timed("POST", path, of, data=data)[0]
        while answer.status_code == 503:  # the page says so, and whoever reads it presses again
            self.taken.busy += 1
            time.sleep(5.0)
            answer = self._timed("POST", path, of, data=data)[0]
        if answer.status_code != 303:
            raise RuntimeError(f"{path.rsplit('/', 1)[-1]} answered {answer.status_code}")
        where = answer.headers["location"]
        while (shown := self._timed("GET", where)[0]).status_code in (302, 303):
            where = shown.headers["location"]
        found = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
        self.token = found[1] if found else self.token
        return str(where)

    def photo(self, path: str, picture: bytes, **fields: str) -> str:
        """A photograph, sent until it is taken; the time to its findings is from the first sending."""
        self._think()
        begun, shot = time.monotonic(), uuid7()
        for wait in (*AGAIN_S, *[AGAIN_S[-1]] * 10):
            answer = self.client.post(
                path, data={"csrf_token": self.token, "shot": shot, **fields}, files={"photo": ("photo.jpg", picture)},
                headers={"HX-Request": "true"},
            )  # fmt: skip
            where = answer.headers.get("HX-Redirect") or answer.headers.get("location", "")
            if answer.status_code < 400 and (where or "data-strip" in answer.text):
                self.taken.photos.append(time.monotonic() - begun)
                return str(where)
            if answer.status_code != 503:
                raise RuntimeError(f"a photograph was answered {answer.status_code}")
            self.taken.busy += 1
            time.sleep(wait)
        raise RuntimeError("a photograph was never taken")

    def _face(self) -> None:
        """Small frames while somebody stands before the camera (static/js/framing.js)."""
        until, misses = time.monotonic() + FACE_S, 0
        while time.monotonic() < until and misses < 3:
            begun = time.monotonic()
            answer = self.client.post(
                "/capture/frame-face", content=FRAME,
                headers={"Content-Type": "image/jpeg", "X-CSRFToken": self.token, "X-Poll": "1"},
            )  # fmt: skip
            self.taken.frames.append(time.monotonic() - begun)
            misses = 0 if "ok" in answer.json() else misses + 1
            time.sleep(max(0.02, 0.25 * 2**misses - (time.monotonic() - begun)))

    def _watch(self) -> None:
        """What an open page asks by itself."""
        self.beside.cookies = self.client.cookies
        while not self.ended.wait(STATE_S * self.draw.uniform(0.9, 1.1)):
            begun = time.monotonic()
            answer = self.beside.get("/state", headers={"HX-Request": "true", "X-Poll": "1"})
            self.taken.beside.append(time.monotonic() - begun)
            if answer.status_code not in (200, 303):
                self.taken.wrong.append(f"the state answered {answer.status_code}")
        self.beside.close()

    def _timed(
        self, method: str, path: str, of: list[float] | None = None, **more: object
    ) -> tuple[httpx.Response, str]:
        begun = time.monotonic()
        answer = self.client.request(method, path, **more)  # type: ignore[arg-type]
        took = time.monotonic() - begun
        (self.taken.pages if of is None else of).append(took)
        self.taken.slow.append((took, f"{method} {re.sub(r'[0-9a-f-]{36}', '…', path)}"))
        if answer.status_code >= 400 and answer.status_code != 503:
            raise RuntimeError(f"{method} {path.rsplit('/', 1)[-1]} answered {answer.status_code}")
        return answer, answer.text

    def _think(self) -> None:
        """Until the next press: what is left of the lesson, shared out over the presses still to come."""
        rest = self.begun + self.pace * self.until_s - time.monotonic()
        time.sleep(max(1.0, rest / max(1, self.left) * self.draw.uniform(0.3, 1.7)))
        self.left -= 1


def run() -> None:
    """Prints the table."""
    _draw()
    print(f"## {TRAINEES} trainees, eight photographs each, over TLS, in {LESSON_S / 60:.0f} minutes\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, tls, plain = (free_port() for _ in range(3))
        scene = build(folder, profile="hosted", lan=True, port=here, lan_port=tls, lan_http_port=plain)
        save(replace(scene.settings))
        host = subprocess.Popen(
            [sys.executable, "-m", "cli", "kiosk", "--dir", str(scene.settings.data_dir)],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{here}/healthz")
            authority = ssl.create_default_context(cadata=local_ca.authority_der(scene.settings.lan_keys) or b"")
            taken, begun, busy_s = Taken(), time.monotonic(), _machine_s() - time.process_time()
            with ThreadPoolExecutor(TRAINEES) as room:
                phones = [Phone(at, f"https://127.0.0.1:{tls}", authority, taken, LESSON_S) for at in range(TRAINEES)]
                list(room.map(Phone.go, phones))
            took_s, cpu_s = time.monotonic() - begun, _cpu_s(host.pid)
            others = (_machine_s() - time.process_time() - cpu_s - busy_s) / (took_s * (os.cpu_count() or 1))
        finally:
            host.send_signal(signal.SIGTERM)
            host.wait(30)
        store = Store(scene.settings.database, data_key(scene.settings.key_file))
        with store.read() as db:
            facts = syncing.facts(db, int(time.time() * 1000))
        store.close()
    _print(taken, facts.unsent, facts.photos_left)
    print(
        f"\nLasted {took_s:.0f} s; the host used {cpu_s:.0f} s of processor time, its decoders included; others used "
        f"{others:.0%} of the machine meanwhile; photographs of {len(COVER) // 1000} to {max(map(len, INSIDE)) // 1000} kB."
    )
    for said in sorted(set(taken.wrong)):
        print(f"WRONG: {said} ({taken.wrong.count(said)} ×)")


def _print(taken: Taken, applications: int, photos: int) -> None:
    print(f"| what | times | p50 | p95 | most | goal |\n|{'---|' * 6}")
    for what, times, unit, goal in (
        ("pages and forms", taken.pages, 1000.0, PAGE_GOAL_MS), ("findings of a photograph", taken.photos, 1.0, FINDINGS_GOAL_S),
        ("a headshot cut", taken.cuts, 1.0, FINDINGS_GOAL_S), ("the state, by itself", taken.beside, 1000.0, None),
        ("where the face is", taken.frames, 1000.0, None),
    ):  # fmt: skip
        half, most, worst = (value * unit for value in _quantiles(times))
        suffix = "ms" if unit == 1000.0 else "s"
        shape = ".0f" if unit == 1000.0 else ".2f"
        met = "" if goal is None else f"p95 {'≤' if most <= goal else 'MISSED'} {goal:g} {suffix}"
        print(
            f"| {what} | {len(times)} | {half:{shape}} {suffix} | {most:{shape}} {suffix} | {worst:{shape}} {suffix} | {met} |"
        )
    wanted = TRAINEES * (PAGES + 2)
    lost = "none lost" if (applications, photos) == (TRAINEES, wanted) else f"MISSED {TRAINEES}, {wanted}"
    print(f"| applications, photographs in the store | {applications}, {photos} | | | | {lost} |")
    print(f"| pictures sent again because the host was busy | {taken.busy} | | | | |")
    for took, what in sorted(taken.slow, reverse=True)[:5]:
        print(f"| slowest: {what} | | | | {took * 1000:.0f} ms | |")


def _quantiles(times: Sequence[float]) -> tuple[float, float, float]:
    if not times:
        return 0.0, 0.0, 0.0
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))], ordered[-1]


def _cpu_s(pid: int) -> float:
    """Processor time of a process and of all its living children."""
    spent = 0
    for one in [pid, *_children(pid)]:
        parts = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        spent += int(parts[11]) + int(parts[12])
    return spent / os.sysconf("SC_CLK_TCK")


def _machine_s() -> float:
    """Processor time that all programs of the machine have used, on all cores."""
    user, nice, system, _idle, _waits, *hardware = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + sum(hardware)) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_children(int(child))]
    return found


def _jpeg(picture: Image.Image, quality: int = 70) -> bytes:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def _page(number: int) -> bytes:
    from tests.journeys.filming import sheet

    laid = desk.on_desk(sheet(number), size=PHOTO_PX, angle=3 - number, tilt=0.05, sway=0.03, fill=0.85, seed=number)[0]
    return _jpeg(laid)


HEAD = COVER = FRAME = b""
INSIDE: tuple[bytes, ...] = ()


def _draw() -> None:
    global HEAD, COVER, FRAME, INSIDE
    person = portraits.draw(3, (1800, 2400), zoom=0.7)
    HEAD, FRAME = _jpeg(person), _jpeg(person.resize((240, 320)), 70)
    bound = pages.cover("陳受訓", "北市志", "043871", "臺北市政府社會局", issued_on=date(2023, 10, 1))
    COVER = _jpeg(desk.on_desk(bound, size=PHOTO_PX)[0])
    INSIDE = tuple(_page(number) for number in range(1, 5))
