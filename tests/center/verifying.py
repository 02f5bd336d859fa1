"""A center's gate page in a real Chromium, and what is held up to it: for the tests of the verifier."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from center import create_app, keyring
from center.settings import Settings
from honorcard.card import signing
from honorcard.card.pack import LiveCard, build
from honorcard.card.portrait import drawn_portrait
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import SEQ_FIRST, TAIPEI
from tests.browsers import SHELL, WHOLE
from tests.journeys.stage import CHROMIUM_FLAGS, PATIENCE_MS, free_port

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
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Nobody answers there any more, not even on a connection that is open."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Quiet(WSGIRequestHandler):
    def log(self, *_said: Any) -> None:
        """Says nothing."""


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
        str(profile), executable_path=WHOLE, args=flags, **options
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
        browser = playwright.chromium.launch(executable_path=SHELL, args=[*QUIET])
        try:
            context = browser.new_context(locale="zh-TW", service_workers="block")
            context.set_default_timeout(PATIENCE_MS)
            yield opened(context, here.url)
        finally:
            browser.close()


def run(page: Page, code: str, asked: Any) -> Any:
    """What an async function body answers in the page; `asked` is its argument."""
    return page.evaluate(f"async asked => {{ {BYTES} {code} }}", asked)


class Issuer:
    """A center whose list is made by the test: its own keys, and cards whose texts are known."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data_dir=folder)
        self.app = create_app(self.settings)
        self.now = datetime.now(UTC)
        self.ring = keyring.ring(self.settings)
        self.cards: dict[str, LiveCard] = {}
        self.texts: dict[str, str] = {}
        self.version = 0

    def issue(self, name: str, *, days: int = 1000, listed: bool = True, **more: Any) -> str:
        """A card's text; the card is on the next list unless it is not."""
        seq = more.pop("seq", SEQ_FIRST + len(self.texts))
        until = self.now.astimezone(TAIPEI).date() + timedelta(days=days)
        practice = self.ring.current("practice")
        kid, key = (
            (practice.kid, self.ring.p256(practice.kid)) if more.pop("practice", False) else self.ring.card_key(seq)
        )
        secret = signing.new_secret()
        prefix = more.pop("prefix", self.ring.trust.prefix)
        self.texts[name] = signing.sign(prefix, signing.new_lookup(), seq, secret, until, kid, key)
        if listed:
            self.cards[name] = LiveCard(seq, secret, name, until, photo=more.pop("photo", _face()), **more)
        return self.texts[name]

    def publish(self, **more: Any) -> None:
        """The list of the cards there are, as the next version."""
        self.version = more.pop("version", self.version + 1)
        pack = self.ring.current("pack", self.now)
        build(
            self.settings.pack_dir, self.cards.values(), version=self.version, as_of=more.pop("as_of", self.now),
            max_seq=SEQ_FIRST + 500, kid=pack.kid, key=self.ring.p256(pack.kid), trust=self.ring.trust,
            filler=b"secret of this test", **{"min_records": 64, **more},
        )  # fmt: skip


@lru_cache
def _face() -> bytes:
    return thumbnail_webp(drawn_portrait(3))


def code_png(text: str) -> dict[str, Any]:
    """A picture of the code, as a person chooses a file."""
    return {"name": "card.png", "mimeType": "image/png", "buffer": signing.qr_png(text, 8)}


def judged(page: Page, text: str) -> str:
    """The code of the verdict on a picture of that text."""
    if page.locator("#gate").get_attribute("data-shows") != "waiting":
        page.keyboard.press("Escape")
    page.locator("#picture").set_input_files(code_png(text))
    expect(page.locator("#gate[data-code]")).to_have_count(1)
    return str(page.locator("#gate").get_attribute("data-code"))
