"""A kiosk and a Chromium whose camera plays a film that the test draws: pages that lie still, move, are dark or blurred."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import waitress
from PIL import Image, ImageEnhance, ImageFilter
from playwright.sync_api import Browser, Playwright

from center.sample import pages
from center.sample.desk import on_desk
from commands.serve import KIOSK_THREADS
from tests.browsers import SHELL, WHOLE
from tests.journeys.stage import CHROMIUM_FLAGS, PATIENCE_MS
from tests.kiosk.applying import Applicant
from tests.kiosk.scene import PIN, Scene

FRAME = (1280, 720)
PER_SECOND = 30  # what Chromium plays an MJPEG file at
ANSWERS = """() => { window.answers = []; const page = document.querySelector('[data-shoot]');
  new MutationObserver(() => window.answers.push([performance.now(), page.dataset.seen]))
    .observe(page, {attributes: true, attributeFilter: ['data-seen']}); }"""


@lru_cache
def sheet(number: int) -> Image.Image:
    """An inside page, each number's own."""
    day = date(2024, number % 12 + 1, 1)
    return pages.page([pages.BookRow(day, day, "導覽", "展場導覽", 5, "花博", "王")] * 8, number=number, seed=number)


@lru_cache
def lying(number: int = 1, angle: float = 90, fill: float = 0.9, glare: float = 0) -> Image.Image:
    """A page as the camera sees it; turned, so that it fills a frame that is wider than high."""
    return on_desk(sheet(number), size=FRAME, angle=angle, tilt=0.03, sway=0.02, fill=fill, glare=glare, seed=number)[0]


def dark(picture: Image.Image) -> Image.Image:
    """The same in a dark room."""
    return ImageEnhance.Brightness(picture).enhance(0.22)


def blurred(picture: Image.Image) -> Image.Image:
    """The same out of focus."""
    return picture.filter(ImageFilter.GaussianBlur(4))


def moving(picture: Image.Image, seconds: float = 1.0) -> list[Image.Image]:
    """The same in a hand that does not hold still."""
    return [
        picture.rotate(2.5 * np.sin(n), translate=(round(60 * np.sin(1.7 * n)), round(40 * np.cos(n))))
        for n in range(round(seconds * PER_SECOND))
    ]


def still(picture: Image.Image, seconds: float) -> list[Image.Image]:
    """The same, unmoved."""
    return [picture] * round(seconds * PER_SECOND)


def film(file: Path, frames: Sequence[Image.Image]) -> Path:
    """The film as a file for Chromium's fake camera, which plays it again and again."""
    known: dict[int, bytes] = {}
    with file.open("wb") as out:
        for frame in frames:
            if id(frame) not in known:
                one = io.BytesIO()
                # Chromium takes the file's full range of brightness for a video's narrow one and stretches it
                frame.convert("RGB").point(lambda value: 16 + value * 219 / 255).save(one, "JPEG", quality=88)
                known[id(frame)] = one.getvalue()
            out.write(known[id(frame)])
    return file


@dataclass
class Kiosk:
    """A kiosk that answers on loopback, and an application begun at it."""

    scene: Scene
    url: str

    def applicant(self) -> Applicant:
        """A new application."""
        return Applicant(self.scene)


@contextmanager
def served(scene: Scene) -> Iterator[Kiosk]:
    """The scene's kiosk on a port of its own."""
    server = waitress.create_server(scene.app, host="127.0.0.1", port=0, threads=KIOSK_THREADS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Kiosk(scene, f"http://127.0.0.1:{server.effective_port}")
    finally:
        server.close()


@contextmanager
def filmed(
    playwright: Playwright, file: Path | None, *, allowed: bool = True, whole: bool = False
) -> Iterator[Browser]:
    """A Chromium whose camera plays that film; None is a machine without one. Who is not allowed is asked, by the whole browser."""
    flags = [one for one in CHROMIUM_FLAGS if "fake" not in one]
    if allowed:
        flags.append("--use-fake-ui-for-media-stream")
    if file:
        flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={file}"]
    browser = playwright.chromium.launch(executable_path=WHOLE if whole or not allowed else SHELL, args=flags)
    try:
        yield browser
    finally:
        browser.close()


def unlocked(kiosk: Kiosk, browser: Browser, *, width: int = 820, height: int = 1180, language: str = "zh", **more):
    """A page of a browser that the PIN has opened, and its context."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-TW", **more)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "language", "value": language, "url": kiosk.url}])
    page = context.new_page()
    page.goto(f"{kiosk.url}/unlock")
    token = page.locator("[name=csrf_token]").first.input_value()
    answer = context.request.post(f"{kiosk.url}/unlock", form={"csrf_token": token, "pin": PIN, "next": "/"})
    assert answer.ok
    return page
