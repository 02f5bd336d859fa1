"""The stage of a journey: a real center, a real kiosk and a real Chromium whose camera shows what the test holds up."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browsers import SHELL, WHOLE

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--mute-audio",
)  # fmt: skip
FRAME = (1280, 720)
PATIENCE_MS = (
    60_000  # what a browser is waited for at most: no measure, since two cores may be shared with everything else
)

expect.set_options(timeout=PATIENCE_MS)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, seconds: float = 120) -> None:
    """Until the address answers."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{url} did not answer") from error
            time.sleep(0.1)


@dataclass
class Server:
    """One of our servers as a process of its own; stopped and started for real."""

    kind: str
    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.directory / f"{self.kind}.log"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *asked: str) -> None:
        """Starts it, with whatever else is asked on its command line, and waits until it answers."""
        assert self.process is None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cli", self.kind, "--dir", str(self.directory), "--port", str(self.port), *asked],
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for(self.url + "/healthz")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it and everything it started; SIGKILL is a crash."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, how)
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=15)
        except ProcessLookupError:
            pass
        self.process = None


class Camera:
    """The file that Chromium's fake camera plays. What is held up changes when a page opens the camera the next time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.put_down()

    def hold(self, picture: Image.Image) -> None:
        """Holds a picture up, fitted into the frame."""
        frame = Image.new("RGB", FRAME, (70, 62, 54))
        fitted = picture.convert("RGB")
        fitted.thumbnail(FRAME, Image.Resampling.LANCZOS)
        frame.paste(fitted, ((FRAME[0] - fitted.width) // 2, (FRAME[1] - fitted.height) // 2))
        one = io.BytesIO()
        frame.save(one, format="JPEG", quality=93)
        draft = self.file.with_suffix(".new")
        draft.write_bytes(one.getvalue() * 4)
        draft.replace(self.file)

    def put_down(self) -> None:
        """Nobody holds anything up."""
        self.hold(Image.new("RGB", FRAME, (40, 44, 52)))


@contextmanager
def chromium(camera: Camera, flags: Sequence[str] = (), *, whole: bool = False) -> Iterator[Browser]:
    """A Chromium with that camera. flags: of its command line, besides the usual ones; whole: with its viewer for PDF and all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=WHOLE if whole else SHELL,
            args=[*CHROMIUM_FLAGS, f"--use-file-for-fake-video-capture={camera.file}", *flags],
        )
        try:
            yield browser
        finally:
            browser.close()


def keep_screenshot(page: Page, name: str) -> None:
    """A picture of the page as it stands, for whoever reads a failure."""
    directory = ROOT / "test-results"
    directory.mkdir(exist_ok=True)
    page.screenshot(path=str(directory / f"{name}.png"), full_page=True)
