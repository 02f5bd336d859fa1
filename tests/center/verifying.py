"""A center's gate page in a real Chromium, and what is held up to it: for the tests of the verifier."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright

from center import create_app
from center.settings import Settings
from tests.journeys.stage import CHROMIUM_FLAGS, PATIENCE_MS, free_port

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = tuple(flag for flag in CHROMIUM_FLAGS if "fake" not in flag)


class Served:
    """The app on a port that stays its own, so that a browser finds it again after it was away."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.port = free_port()
        self._server: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = waitress.create_server(self.app, host="127.0.0.1", port=self.port, threads=8)
        threading.Thread(target=self._server.run, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


@contextmanager
def served(app: Flask | Any) -> Iterator[Served]:
    """The app, answering."""
    here = Served(app)
    here.start()
    try:
        yield here
    finally:
        here.stop()


@contextmanager
def device(playwright: Playwright, profile: Path, *, film: Path | None = None, **more: Any) -> Iterator[BrowserContext]:
    """A browser with a profile of its own; closed and opened again with the same profile it is the same device."""
    flags = [*QUIET]
    if film is not None:
        flags += [
            "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}",
        ]  # fmt: skip
    options: dict[str, Any] = {"viewport": {"width": 820, "height": 1180}, "locale": "zh-TW", **more}
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, args=flags, **options
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        context.close()


def opened(context: BrowserContext, url: str, path: str = "/gate/") -> Page:
    """The gate's page, ready."""
    page = context.pages[0] if context.pages else context.new_page()
    page.goto(url + path)
    expect(page.locator("body[data-ready]")).to_have_count(1)
    return page


BYTES = """const bytes = text => Uint8Array.from(atob(text), one => one.charCodeAt(0));
  const hex = bytes => Array.from(bytes, one => one.toString(16).padStart(2, '0')).join('');
  const load = name => import(`/gate/v/${document.body.dataset.words.split('/')[3]}/js/verifier/${name}.js`);
  const ms = text => text === null ? null : Date.parse(text);
  const sha = async content => hex(new Uint8Array(await crypto.subtle.digest('SHA-256', content)));"""


@pytest.fixture(scope="module")
def gate_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("center")))
    with served(app) as here, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        try:
            context = browser.new_context(locale="zh-TW", service_workers="block")
            context.set_default_timeout(PATIENCE_MS)
            yield opened(context, here.url)
        finally:
            browser.close()


def run(page: Page, code: str, asked: Any) -> Any:
    """What an async function body answers in the page; `asked` is its argument."""
    return page.evaluate(f"async asked => {{ {BYTES} {code} }}", asked)
