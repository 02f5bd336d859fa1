"""What is said about photos of pages: each fault alone is named, a good photo is left in peace."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest
from PIL import Image

from center.sample import pages
from center.sample.desk import on_desk
from center.sample.people import everyone
from honorcard.problems import CATALOGUE
from scanner import page, portrait, quality, words
from tests.scanner.drawing import desk, lay, record_page

TODAY = date(2026, 11, 21)
CORNERS = [(150.0, 90.0), (1050.0, 100.0), (1040.0, 1370.0), (160.0, 1360.0)]


def photo(corners: list[tuple[float, float]] = CORNERS) -> np.ndarray:
    return lay(desk(1200, 1440), record_page(), corners)


def said(picture: np.ndarray, corners: list[tuple[float, float]] = CORNERS) -> list[str]:
    return quality.page_problems(picture, np.array(corners, np.float32))


def book_page(seed: int) -> Image.Image:
    return pages.page(list(everyone(TODAY)[3].rows)[:12], number=1, seed=seed)


def cover(seed: int) -> Image.Image:
    return pages.cover("游錫堃", "北市志", "043871", "臺北市政府社會局", issued_on=TODAY, seed=seed)


def lying(paper: Image.Image, *, glare: float = 0.0, seed: int = 0) -> np.ndarray:
    """The sample's paper as a camera sees it on a desk, flattened."""
    seen, corners = on_desk(paper, angle=4 + seed, tilt=0.06, glare=glare, seed=seed)
    return page.flatten(np.asarray(seen)[:, :, ::-1].copy(), corners.astype(np.float32), 1000, even=False)


def brighter(picture: np.ndarray, exposure: float) -> np.ndarray:
    return np.clip(picture.astype(np.float32) * exposure, 0, 255).astype(np.uint8)


def test_a_good_photo_has_no_problems() -> None:
    assert said(photo()) == []


def test_without_corners_there_is_no_page() -> None:
    assert quality.page_problems(photo(), None) == ["no_page"]


@pytest.mark.parametrize("sigma", [3.0, 5.0])
def test_out_of_focus_is_blurred(sigma: float) -> None:
    assert said(cv2.GaussianBlur(photo(), (0, 0), sigma)) == ["blurred"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_moved_camera_is_blurred(turned: bool) -> None:
    streak = np.full((1, 15), 1 / 15, np.float32)
    assert said(cv2.filter2D(photo(), -1, streak.T if turned else streak)) == ["blurred"]


def test_a_lamp_in_the_page_is_glare() -> None:
    lamp = np.zeros((1440, 1200, 1), np.float32)
    cv2.circle(lamp, (600, 500), 130, 1.0, -1)
    lamp = cv2.GaussianBlur(lamp, (0, 0), 25)[:, :, None]
    dim = photo() * 0.85
    assert said(np.clip(dim * (1 - lamp) + 300 * lamp, 0, 255).astype(np.uint8)) == ["glare"]


@pytest.mark.parametrize("strength", [1.0, 1.2])
@pytest.mark.parametrize("seed", [0, 3, 8])
def test_a_lamp_is_glare_on_a_bright_page_of_the_sample_too(seed: int, strength: float) -> None:
    assert quality.has_glare(lying(book_page(seed), glare=strength, seed=seed))


def test_a_lamp_on_a_dark_cover_is_glare() -> None:
    assert quality.has_glare(lying(cover(5), glare=1.0, seed=5))


@pytest.mark.parametrize("seed", [0, 3, 8])
@pytest.mark.parametrize("exposure", [1.0, 1.08, 1.15, 1.25])
def test_the_white_label_of_a_dark_cover_is_no_glare(seed: int, exposure: float) -> None:
    assert not quality.has_glare(brighter(lying(cover(seed), seed=seed), exposure))


@pytest.mark.parametrize("seed", [0, 3, 8])
@pytest.mark.parametrize("exposure", [1.0, 1.08, 1.15, 1.25])
def test_a_page_taken_too_bright_is_no_glare(seed: int, exposure: float) -> None:
    assert not quality.has_glare(brighter(lying(book_page(seed), seed=seed), exposure))


@pytest.mark.parametrize("ground", [40, 130])
def test_an_empty_white_label_is_no_glare(ground: int) -> None:
    sheet = np.full((1000, 700, 3), ground, np.uint8)
    cv2.rectangle(sheet, (150, 500), (550, 800), (255, 255, 255), -1)
    assert not quality.has_glare(sheet)


def test_white_paper_in_good_light_is_no_glare() -> None:
    assert said(np.clip(photo() * 1.12, 0, 255).astype(np.uint8)) == []


def test_too_little_light_is_dark() -> None:
    assert "dark" in said((photo() * 0.28).astype(np.uint8))


def test_a_page_outside_the_frame_is_cut_off() -> None:
    reaching = [(-90.0, 90.0), (800.0, 100.0), (790.0, 1370.0), (-80.0, 1360.0)]
    seen = [(0.0, 91.0), (800.0, 100.0), (790.0, 1370.0), (0.0, 1361.0)]
    assert said(photo(reaching), seen) == ["cut_off"]


def test_a_page_far_away_is_too_small() -> None:
    far = [(500.0, 500.0), (800.0, 500.0), (800.0, 920.0), (500.0, 920.0)]
    assert said(photo(far), far) == ["too_small"]


def test_a_page_seen_from_far_aside_is_tilted() -> None:
    aside = [(370.0, 250.0), (830.0, 250.0), (1130.0, 1250.0), (70.0, 1250.0)]
    assert "tilted" in said(photo(aside), aside)


def test_an_empty_page_is_not_called_blurred() -> None:
    blank = np.full((1480, 1050, 3), (225, 235, 238), np.uint8)
    assert said(lay(desk(1200, 1440), blank, CORNERS)) == []


def test_the_sharper_of_two_shots_scores_higher() -> None:
    grey = cv2.cvtColor(record_page(), cv2.COLOR_BGR2GRAY)
    scores = [quality.sharpness(cv2.GaussianBlur(grey, (0, 0), sigma)) for sigma in (0.3, 0.8, 1.4, 2.5)]
    assert all(score is not None for score in scores)
    assert sorted(scores, reverse=True) == scores  # type: ignore[type-var]


def test_every_finding_has_words_in_both_languages() -> None:
    for subject, findings in (("page", words.PAGE_FINDINGS), ("face", words.FACE_FINDINGS)):
        for finding in findings:
            assert words.problem_code(subject, finding) in CATALOGUE
            for language in ("zh", "en"):
                for number in (None, 3):
                    assert "{" not in words.hint(subject, finding, language, number)
    assert words.hint("page", "glare", "zh", 2) == "第 2 頁反光，請關掉上方的燈，重拍。"
    assert words.hint("page", "glare", "zh").startswith("這一頁反光")


def test_portraits_say_only_what_has_words() -> None:
    assert portrait.problems(photo(), [], None) == ["no_face"]


def test_a_blurred_corner_is_named_by_its_place() -> None:
    sharp = photo()
    soft = cv2.GaussianBlur(sharp, (0, 0), 4)
    sharp[960:, :] = soft[960:, :]  # the lower third
    [found] = quality.findings(sharp, np.array(CORNERS, np.float32))
    assert found.code == "blurred"
    assert found.places and {row for row, _ in found.places} == {2}
    assert words.where(found.places[:1], "zh") in ("左下", "下方", "右下")


def test_a_page_blurred_all_over_has_no_place() -> None:
    [found] = quality.findings(cv2.GaussianBlur(photo(), (0, 0), 3), np.array(CORNERS, np.float32))
    assert found == quality.Finding("blurred")
    assert words.where(found.places, "zh") == ""


def test_glare_is_named_by_its_place() -> None:
    lamp = np.zeros((1440, 1200), np.float32)
    cv2.circle(lamp, (600, 720), 120, 1.0, -1)
    lit = cv2.GaussianBlur(lamp, (0, 0), 25)[:, :, None]
    [found] = quality.findings(
        np.clip(photo() * 0.85 * (1 - lit) + 300 * lit, 0, 255).astype(np.uint8), np.array(CORNERS, np.float32)
    )
    assert (found.code, words.where(found.places, "zh"), words.where(found.places, "en")) == ("glare", "中間", "middle")


@pytest.mark.parametrize("ink", [60, 150, 190])
def test_pencil_and_pale_print_are_judged_by_their_strokes(ink: int) -> None:
    """Ink of any darkness: sharp is kept, out of focus is named."""
    pale = record_page().astype(np.float32)
    pale = (232 - (232 - pale) * (232 - ink) / 190).clip(0, 255).astype(np.uint8)
    seen = lay(desk(1200, 1440), pale, CORNERS)
    assert said(seen) == []
    assert said(cv2.GaussianBlur(seen, (0, 0), 3.5)) == ["blurred"]


@pytest.mark.parametrize(("glare", "expected"), [(0.0, []), (1.2, ["glare"])])
@pytest.mark.parametrize("seed", [0, 2])
def test_a_lamp_on_a_dark_cover_is_glare_and_no_blur(glare: float, expected: list[str], seed: int) -> None:
    seen, corners = on_desk(cover(seed), angle=7, desk=(60, 44, 32), size=(1200, 1600), seed=7 * seed + 1, glare=glare)
    assert said(np.asarray(seen)[:, :, ::-1].copy(), corners.tolist()) == expected
