"""How sharp a flat page is, drawn for the purpose: thin crisp print, moved while it was taken, noisy, nearly empty."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner import sharpness

PAPER, INK = 226, 20
MOVED_PX = 7
# along the rows, along the columns, and both ways aslant (five steps aslant are seven pixels)
STREAKS = {
    "along the rows": np.full((1, MOVED_PX), 1 / MOVED_PX, np.float32),
    "along the columns": np.full((MOVED_PX, 1), 1 / MOVED_PX, np.float32),
    "downhill": np.eye(5, dtype=np.float32) / 5,
    "uphill": np.fliplr(np.eye(5, dtype=np.float32)) / 5,
}


def answer_sheet(noise: float = 0.7, ink: int = INK) -> np.ndarray:
    """Bubbles with a digit in each, some of them filled: lines of one pixel, as crisp as a camera shows them."""
    page = np.full((1000, 720), PAPER, np.uint8)
    for row, y in enumerate(range(60, 950, 34)):
        for column, x in enumerate(range(50, 690, 34)):
            cv2.circle(page, (x, y), 12, ink, 1, cv2.LINE_AA)
            cv2.putText(page, str((row + column) % 10), (x - 5, y + 5), 0, 0.45, ink, 1, cv2.LINE_AA)
            if (row * 7 + column * 3) % 5 == 0:
                cv2.circle(page, (x, y), 11, ink, -1, cv2.LINE_AA)
    seen = cv2.GaussianBlur(page, (0, 0), 0.35) + np.random.default_rng(1).normal(0, noise, page.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)


def score(grey: np.ndarray) -> float:
    measured = sharpness.measure(grey)
    assert measured is not None
    return measured.score


@pytest.mark.parametrize("noise", [0.7, 2.5])
@pytest.mark.parametrize("ink", [INK, 120])
def test_crisp_thin_print_is_sharp(noise: float, ink: int) -> None:
    assert score(answer_sheet(noise, ink)) > 0


@pytest.mark.parametrize("streak", STREAKS.values(), ids=STREAKS)
def test_thin_print_moved_by_seven_pixels_is_blurred(streak: np.ndarray) -> None:
    """Its strokes stay as steep as they were thin: only the waves that are missing tell."""
    assert score(cv2.filter2D(answer_sheet(), -1, streak)) < 0


def test_the_waves_fall_where_the_camera_moved_and_not_where_it_was_still() -> None:
    still, moved = (sharpness._waves(page) for page in (answer_sheet(), cv2.blur(answer_sheet(), (MOVED_PX, 1))))
    assert still is not None and moved is not None
    assert moved[0] > still[0] + 1 and moved[1] < still[1] - 1


def test_with_two_words_on_the_page_the_waves_say_nothing_and_the_edges_alone_are_weighed() -> None:
    page = np.full((1000, 720), PAPER, np.uint8)
    for x in (78, 206):  # each within one tile
        cv2.putText(page, "AB", (x, 255), cv2.FONT_HERSHEY_SIMPLEX, 1.0, INK, 2, cv2.LINE_AA)
    assert sharpness._waves(page) is None
    assert sharpness.measure(page) is not None


def test_a_page_with_nothing_on_it_has_no_sharpness() -> None:
    assert sharpness.measure(np.full((1000, 720), PAPER, np.uint8)) is None
    assert sharpness._waves(np.full((60, 60), PAPER, np.uint8)) is None  # smaller than a tile
