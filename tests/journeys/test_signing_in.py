"""Signing in with a second factor, in a browser: set up from the QR on the screen, then asked for, then with a recovery code."""

from __future__ import annotations

import io
import re
import time
from base64 import b32decode
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from center import factor
from center.settings import Settings, save
from center.store import Store, accounts
from scanner import qr
from tests.journeys.stage import Camera, Server, chromium, free_port

PASSWORD = "kite-river-stone"


@pytest.fixture
def center_url(tmp_path: Path) -> Iterator[str]:
    """A center of its own with one administrator, who must have a second factor."""
    settings = Settings(data_dir=tmp_path / "center")
    save(settings)
    store = Store(settings.url)
    store.create()
    with store.write() as conn:
        accounts.add(conn, "chief", "王主任", "administrator", None, PASSWORD)
    store.engine.dispose()
    server = Server("center", settings.data_dir, free_port())
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _password(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-in?next=/accounts")
    page.get_by_label("帳號").fill("chief")
    page.get_by_label("密碼", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登入").click()


def _secret(page: Page) -> bytes:
    """What an app reads from the QR as it stands on the screen."""
    shot = page.locator(".factor-code").screenshot()
    (text,) = qr.decode(np.array(Image.open(io.BytesIO(shot)).convert("RGB")))
    found = re.match(r"otpauth://totp/Honor%20Card:chief\?(?:.*&)?secret=([A-Z2-7]+)", text)
    assert found, text.split("?")[0]
    return b32decode(found[1])


def _sign_out(page: Page) -> None:
    """By keys, on a phone: the head is one line until its menu is opened."""
    leave, menu = page.get_by_role("button", name="登出"), page.locator(".desk-fold summary")
    closed_px = page.locator(".desk-bar").evaluate("one => one.getBoundingClientRect().height")
    assert closed_px < 2 * menu.evaluate("one => one.getBoundingClientRect().height")
    expect(leave).to_be_hidden()
    menu.press("Enter")
    expect(page.get_by_role("navigation", name="主選單")).to_be_visible()
    leave.press("Enter")


def test_a_second_factor_is_set_up_from_the_screen_and_asked_for_ever_after(center_url: str, tmp_path: Path) -> None:
    with chromium(Camera(tmp_path / "camera.mjpeg")) as browser:
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-TW")
        _password(page, center_url)
        expect(page.get_by_role("heading", name="設定驗證碼", level=1)).to_be_visible()
        secret = _secret(page)
        began = int(time.time() * 1000)
        page.get_by_label("6 位數字").fill(factor.code_at(secret, began))
        page.get_by_role("button", name="完成設定").click()
        expect(page.get_by_role("button", name="印出備用碼")).to_be_visible()
        codes = page.locator(".recovery-codes code").all_text_contents()
        assert len(codes) == factor.CODES
        page.get_by_role("link", name="我收好了，繼續").click()
        expect(page).to_have_url(f"{center_url}/accounts")

        _sign_out(page)
        _password(page, center_url)
        # the step after the one that was used: a clock half a minute ahead is allowed
        page.get_by_label("驗證碼").fill(factor.code_at(secret, began + factor.STEP_MS))
        page.get_by_role("button", name="登入").click()
        expect(page).to_have_url(f"{center_url}/accounts")

        _sign_out(page)
        _password(page, center_url)
        page.get_by_label("驗證碼").fill(codes[0].lower())
        page.get_by_role("button", name="登入").click()
        expect(page).to_have_url(f"{center_url}/accounts")
