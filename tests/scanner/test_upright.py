"""Which way up a page lies and how level its rows are: told of record books, covers and running text at any turn; never guessed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from center.sample import pages, paper
from center.sample.desk import on_desk
from center.sample.people import everyone
from scanner import page, quality, upright
from tests.scanner.drawing import record_page

TODAY = date(2026, 11, 21)


def grey(picture: Image.Image | np.ndarray) -> np.ndarray:
    values = np.asarray(picture.convert("L")) if isinstance(picture, Image.Image) else picture
    scale = 1000 / max(values.shape[:2])
    return cv2.resize(values, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


@lru_cache
def book_page(rows: int = 12, seed: int = 1) -> Image.Image:
    return pages.page(list(everyone(TODAY)[3].rows)[:rows], number=1, seed=seed)


def turned(flat: np.ndarray, quarters: int) -> np.ndarray:
    """The page as it comes when it must be turned clockwise by so many quarters."""
    return np.ascontiguousarray(np.rot90(flat, quarters))


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("softness", [0.0, 1.6])
def test_a_page_of_a_record_book_is_told_at_every_turn(quarters: int, softness: float) -> None:
    flat = grey(book_page())
    soft = cv2.GaussianBlur(flat, (0, 0), softness) if softness else flat
    noise = np.random.default_rng(2).normal(0, 4, soft.shape)
    dim = np.clip(soft * 0.7 + noise, 0, 255).astype(np.uint8)
    assert upright.turns_needed(turned(dim, quarters)) == quarters


@pytest.mark.parametrize("quarters", range(4))
def test_a_book_begun_with_three_rows_is_told_or_left_alone(quarters: int) -> None:
    assert upright.turns_needed(turned(grey(book_page(3)), quarters)) in (quarters, None)


@pytest.mark.parametrize("quarters", range(4))
def test_a_dark_cover_is_told_or_left_alone(quarters: int) -> None:
    cover = pages.cover("游錫堃", "北市志", "043871", "臺北市政府社會局", issued_on=TODAY, seed=2)
    assert upright.turns_needed(turned(grey(cover), quarters)) in (quarters, None)


@pytest.mark.parametrize("quarters", range(4))
def test_columns_written_downwards_are_no_page_on_its_side(quarters: int) -> None:
    sheet = Image.new("RGB", (1100, 1500), (250, 248, 240))
    pen = ImageDraw.Draw(sheet)
    words = "志願服務人員依法執行職務時應遵守倫理守則並參與主管機關辦理之教育訓練妥善保管服務證書及紀錄冊"
    for column in range(12):
        for place, letter in enumerate(words[column:] + words[:column]):
            if place < 24:
                paper.write(pen, (1000 - column * 84, 60 + place * 58), letter, "serif", 48, (40, 40, 44))
    assert upright.turns_needed(turned(grey(sheet), quarters)) in (quarters, None)


@pytest.mark.parametrize("seed", range(6))
def test_lines_spots_and_scribble_say_nothing(seed: int) -> None:
    chance = np.random.default_rng(seed)
    sheet = np.full((1000, 720), 235, np.uint8)
    for _ in range(180):
        x, y = (int(one) for one in chance.integers((30, 30), (690, 970)))
        away = chance.integers(-14, 14, (5, 2)) + np.array([x, y])
        cv2.polylines(sheet, [away.astype(np.int32)], False, 60, 2, cv2.LINE_AA)
    assert upright.turns_needed(sheet) is None


def test_a_blank_page_says_nothing() -> None:
    assert upright.turns_needed(np.full((1000, 700), 230, np.uint8)) is None


@pytest.mark.parametrize(("angle", "code"), [(4, None), (184, "upside_down"), (94, "sideways"), (-86, "sideways")])
def test_a_page_lying_wrongly_on_the_desk_is_said(angle: float, code: str | None) -> None:
    seen, truth = on_desk(book_page(), angle=angle, size=(1600, 1600), fill=0.9)
    photo = np.asarray(seen)[:, :, ::-1].copy()
    found = quality.page_problems(photo, page.order_corners(truth))
    named = [one for one in found if one.startswith(("upside", "sideways"))]
    assert len(named) == (code is not None) and all(one.startswith(str(code)) for one in named)


def test_latin_capitals_upright_raise_no_alarm() -> None:
    assert upright.turns_needed(grey(cv2.cvtColor(record_page(), cv2.COLOR_BGR2GRAY))) in (0, None)


def leaning(flat: np.ndarray, angle: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((flat.shape[1] / 2, flat.shape[0] / 2), -angle, 1)
    return cv2.warpAffine(flat, matrix, flat.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("angle", [-6.0, -4.0, 0.0, 5.0])
def test_rows_that_run_downhill_are_measured(angle: float) -> None:
    found = upright.lean(leaning(grey(book_page()), angle))
    assert found is not None and abs(found - angle) <= 1


def test_a_blank_page_leans_nowhere() -> None:
    assert upright.lean(np.full((1000, 700), 230, np.uint8)) is None


def test_corners_beside_the_paper_are_told_by_the_leaning_rows() -> None:
    seen, truth = on_desk(book_page(), angle=6, size=(1600, 1600), fill=0.9)
    photo = np.asarray(seen)[:, :, ::-1].copy()
    assert "askew" not in quality.page_problems(photo, truth.astype(np.float32))
    (left, top), (right, bottom) = truth.min(axis=0), truth.max(axis=0)
    level = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    assert "askew" in quality.page_problems(photo, level)
