"""Telling a photo of a screen from one of paper, on screens drawn pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner import page, quality, screens, words
from tests.scanner.drawing import code, desk, lay, record_page

SIZE = (800, 1000)  # of the photo, width and height
CELLS = 6  # drawn for one pixel of the screen
CORNERS = [(60.0, 50.0), (740.0, 60.0), (735.0, 950.0), (65.0, 940.0)]
STRIPES = np.zeros((CELLS, CELLS, 3), np.float32)
for _channel in range(3):
    STRIPES[: CELLS - 1, 4 - 2 * _channel : 6 - 2 * _channel, _channel] = 3  # red, green and blue beside each other
SQUARES = np.ones((CELLS, CELLS, 3), np.float32)
SQUARES[-1], SQUARES[:, -1] = 0.3, 0.3


def camera(seen: np.ndarray, blur: float = 0.6, noise: float = 2.0, quality: int = 86) -> np.ndarray:
    """The scene as a camera stores it."""
    soft = cv2.GaussianBlur(seen, (0, 0), blur) + np.random.default_rng(4).normal(0, noise, seen.shape)
    data = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def on_a_screen(pitch: float, angle: float, pixel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A record page on a screen whose pixels are `pitch` pixels of the photo wide; and its corners."""
    sheet = cv2.resize(record_page(), (round(560 / pitch), round(760 / pitch)), interpolation=cv2.INTER_AREA)
    lit = np.repeat(np.repeat(sheet.astype(np.float32), CELLS, 0), CELLS, 1)
    lit *= np.tile(pixel, (sheet.shape[0], sheet.shape[1], 1)) * 0.8 / pixel.mean()
    height, width = lit.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = np.radians(angle)
    centred = (flat - [width / 2, height / 2]) * pitch / CELLS * [[0.95], [0.95], [1], [1]]
    turned = centred @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    corners = (turned + np.array(SIZE) / 2).astype(np.float32)
    twice = (2 * SIZE[0], 2 * SIZE[1])
    seen = cv2.warpPerspective(lit, cv2.getPerspectiveTransform(flat, corners * 2), twice, borderValue=(30, 30, 30))
    return camera(cv2.resize(seen, SIZE, interpolation=cv2.INTER_AREA)), corners


@pytest.mark.parametrize("pixel", [STRIPES, SQUARES], ids=["stripes", "squares"])
@pytest.mark.parametrize(("pitch", "angle"), [(2.3, 3.0), (2.9, -5.0), (3.7, 7.0), (5.2, 1.5)])
def test_a_page_on_a_screen_is_told(pitch: float, angle: float, pixel: np.ndarray) -> None:
    photo, corners = on_a_screen(pitch, angle, pixel)
    assert screens.is_screen(photo, corners)
    assert "screen" in quality.page_problems(photo, corners)


@pytest.mark.parametrize("blur", [0.5, 1.5])
@pytest.mark.parametrize("stored", [86, 60])
def test_a_page_of_paper_is_not(blur: float, stored: int) -> None:
    photo = camera(lay(desk(*SIZE), record_page(), CORNERS), blur=blur, quality=stored)
    assert not screens.is_screen(photo, np.array(CORNERS))


def test_ruled_squared_and_woven_paper_is_not() -> None:
    rng = np.random.default_rng(2)
    squared = np.full((1400, 1000, 3), 238, np.uint8)
    squared[::28], squared[:, ::28] = (190, 160, 140), (190, 160, 140)
    ruled = np.full((1400, 1000, 3), 238, np.uint8)
    ruled[::9] = (150, 150, 150)
    woven = np.clip(225 + cv2.GaussianBlur(rng.normal(0, 30, (1400, 1000, 3)), (0, 0), 1.2), 0, 255).astype(np.uint8)
    for sheet in (squared, ruled, woven):
        photo = camera(lay(desk(*SIZE), sheet, CORNERS))
        assert not screens.is_screen(photo, np.array(CORNERS))


def test_a_code_on_the_page_is_not() -> None:
    sheet = record_page()
    symbol = cv2.resize(code("HTTPS://CARD.EXAMPLE.ORG/V/" + "A" * 90), (420, 420), interpolation=cv2.INTER_AREA)
    sheet[500:920, 300:720] = symbol
    assert not screens.is_screen(camera(lay(desk(*SIZE), sheet, CORNERS)), np.array(CORNERS))


def test_a_screen_that_fills_the_frame_is_told_too_and_in_words() -> None:
    photo, _ = on_a_screen(2.9, 2.0, STRIPES)
    inner = np.ascontiguousarray(photo[200:800, 200:600])
    assert quality.page_problems(inner, None) == ["no_page", "screen"]
    assert "螢幕" in words.hint("page", "screen", "zh") and "screen" in words.hint("page", "screen", "en", 2)


def test_a_picture_too_small_to_tell_is_not() -> None:
    assert not screens.is_screen(desk(200, 240), page.default_corners((240, 200, 3)))
