"""Finding the page on a desk, laying it flat, evening its light; on pages drawn at known corners."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner import page
from tests.scanner.drawing import desk, lay, record_page

DESKS = {
    "wood": (60, 90, 120),
    "dark": (30, 30, 35),
    "grey": (150, 150, 150),
    "green": (70, 120, 60),
    "pale": (196, 204, 208),
}
POSES = {
    "straight": [(200, 120), (1000, 120), (1000, 1250), (200, 1250)],
    "turned": [(330, 110), (1080, 330), (800, 1330), (80, 1120)],
    "aslant": [(290, 180), (930, 160), (1120, 1280), (110, 1320)],
    "lying": [(120, 380), (1100, 420), (1080, 1090), (90, 1060)],
}


def overlap(one: np.ndarray, other: list[tuple[float, float]]) -> float:
    """Area of the cut by area of the union."""
    a, b = page.order_corners(one), page.order_corners(np.array(other))
    common, _ = cv2.intersectConvexConvex(a, b)
    return common / (cv2.contourArea(a) + cv2.contourArea(b) - common)


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("colour", DESKS)
def test_finds_the_corners_to_the_pixel(pose: str, colour: str) -> None:
    sheet = record_page(1480, 1050) if pose == "lying" else record_page()
    photo = lay(desk(1200, 1440, DESKS[colour]), sheet, POSES[pose])
    found = page.find_corners(photo)
    assert found is not None and found.shape == (4, 2) and found.dtype == np.float32
    assert overlap(found, POSES[pose]) > 0.985
    wanted = page.order_corners(np.array(POSES[pose]))
    assert np.linalg.norm(found - wanted, axis=1).max() < 4


@pytest.mark.parametrize(
    ("seed", "pose"), [(1, "turned"), (9, "straight"), (10, "turned"), (15, "straight"), (35, "aslant")]
)
def test_a_table_printed_on_white_paper_on_a_white_table_is_not_taken_for_the_page(seed: int, pose: str) -> None:
    chance = np.random.default_rng(seed)
    sheet = np.full((1480, 1050, 3), 222, np.uint8)
    cv2.putText(sheet, "ANSWER SHEET", (200, 110), cv2.FONT_HERSHEY_SIMPLEX, 2, (40, 40, 40), 4, cv2.LINE_AA)
    top = 170 + int(chance.integers(0, 160))
    cv2.rectangle(sheet, (60, top), (990, 1340), (30, 30, 30), int(chance.integers(3, 9)))
    if seed % 2:  # tinted, too
        sheet[top:1340, 60:990] = (sheet[top:1340, 60:990] * 0.93).astype(np.uint8)
    for y in range(top + 90, 1330, 70):
        cv2.putText(
            sheet, "1 A B C D   2 A B C D", (150, y), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (60, 60, 60), 2, cv2.LINE_AA
        )
    cv2.putText(sheet, "page 1 of 2", (400, 1420), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (60, 60, 60), 2, cv2.LINE_AA)
    grey = 222 - int(chance.integers(0, 9))
    photo = cv2.GaussianBlur(lay(desk(1200, 1440, (grey, grey, grey), seed), sheet, POSES[pose]), (0, 0), 1.5)
    found = page.find_corners(photo)
    assert found is None or overlap(found, POSES[pose]) > 0.9


def test_corners_come_clockwise_from_the_top_left() -> None:
    photo = lay(desk(1200, 1440), record_page(), POSES["aslant"])
    found = page.find_corners(photo)
    assert found is not None
    assert np.abs(found - np.array(POSES["aslant"])).max() < 4
    for shuffle in ([2, 0, 3, 1], [3, 2, 1, 0], [1, 2, 3, 0]):
        assert page.order_corners(found[shuffle]).tolist() == found.tolist()


def test_corners_scale_with_the_photo() -> None:
    photo = lay(desk(1200, 1440), record_page(), POSES["turned"])
    large = cv2.resize(photo, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(photo, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    for picture, factor in ((large, 2.5), (small, 0.4)):
        found = page.find_corners(picture)
        assert found is not None and overlap(found / factor, POSES["turned"]) > 0.97


def test_one_side_may_lie_on_the_edge_of_the_frame() -> None:
    cut = [(-250.0, 200.0), (820.0, 180.0), (840.0, 1250.0), (-240.0, 1230.0)]
    found = page.find_corners(lay(desk(1200, 1440), record_page(1480, 1480), cut))
    assert found is not None
    assert overlap(found, [(0, 195), (820, 180), (840, 1250), (0, 1234)]) > 0.95
    assert found.min() >= 0


@pytest.mark.parametrize(
    "photo",
    [
        desk(1200, 900),
        np.zeros((600, 800, 3), np.uint8),
        record_page()[300:1100, 100:900],
        np.zeros((20, 20, 3), np.uint8),
    ],
    ids=["desk", "black", "only paper", "tiny"],
)
def test_no_page_is_made_up(photo: np.ndarray) -> None:
    assert page.find_corners(photo) is None


def test_default_corners_lie_inside_the_frame() -> None:
    corners = page.default_corners((1000, 500, 3))
    assert np.allclose(corners, [[20, 40], [479, 40], [479, 959], [20, 959]])


def seen_by_a_camera(width_mm: float, height_mm: float, pitch: float, yaw: float) -> np.ndarray:
    """Corners in a 1600 × 1200 photo (focal length 1400 pixels) of a page tilted by so many degrees."""
    turn_x, _ = cv2.Rodrigues(np.array([np.radians(pitch), 0, 0]))
    turn_y, _ = cv2.Rodrigues(np.array([0, np.radians(yaw), 0]))
    flat = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [width_mm / 2, height_mm / 2, 0]
    placed = flat @ (turn_x @ turn_y).T + [15, -10, 420]
    return np.stack([1400 * placed[:, 0] / placed[:, 2] + 800, 1400 * placed[:, 1] / placed[:, 2] + 600], axis=1)


@pytest.mark.parametrize(("width", "height"), [(148, 210), (210, 148), (105, 148), (90, 60), (150, 150)])
@pytest.mark.parametrize(("pitch", "yaw"), [(0, 0), (35, 0), (0, -30), (25, 20), (-15, 30)])
def test_the_flat_page_has_its_true_proportions(width: int, height: int, pitch: int, yaw: int) -> None:
    corners = seen_by_a_camera(width, height, pitch, yaw)
    flat = page.flatten(np.full((1200, 1600, 3), 200, np.uint8), corners, long_side=800)
    assert max(flat.shape[:2]) == 800
    tolerance = 0.04 if bool(pitch) != bool(yaw) else 0.02  # tilted one way only, the lens has to be guessed
    assert flat.shape[1] / flat.shape[0] == pytest.approx(width / height, rel=tolerance)


def test_the_flat_page_shows_what_was_on_the_page() -> None:
    sheet = record_page()
    photo = lay(desk(1200, 1440), sheet, POSES["aslant"])
    flat = page.flatten(photo, np.array(POSES["aslant"]), long_side=740, even=False)
    wanted = cv2.resize(sheet, flat.shape[1::-1], interpolation=cv2.INTER_AREA)
    alike = cv2.matchTemplate(flat[20:-20, 20:-20], wanted[20:-20, 20:-20], cv2.TM_CCOEFF_NORMED)[0, 0]
    assert alike > 0.85


def test_a_shadow_over_the_page_is_taken_out_and_colour_stays() -> None:
    sheet = record_page()
    cv2.circle(sheet, (820, 1340), 70, (60, 60, 210), 12)  # a red stamp
    shade = np.clip(np.linspace(1.25, 0.35, sheet.shape[1]), 0.35, 1)[None, :, None]
    flat = page.even_light((sheet * shade).astype(np.uint8))
    paper = [float(np.percentile(flat[:, x : x + 100], 80)) for x in (20, 500, 900)]
    assert max(paper) - min(paper) < 22 and min(paper) > 215
    stamp = flat[1340 - 72 : 1340 - 66, 815:825].reshape(-1, 3).mean(axis=0)
    assert stamp[2] > stamp[0] + 60


def test_a_dark_cover_stays_dark() -> None:
    cover = np.full((900, 640, 3), (90, 40, 25), np.uint8)
    cv2.putText(cover, "RECORD BOOK", (90, 200), cv2.FONT_HERSHEY_SIMPLEX, 2, (180, 200, 210), 4)
    assert page.even_light(cover).mean() < 90


def shaded(picture: np.ndarray, corners: list[tuple[int, int]], depth: float = 0.5) -> np.ndarray:
    """The picture with a hard shadow over these corners."""
    shade = cv2.fillPoly(np.zeros(picture.shape[:2], np.float32), [np.array(corners)], 1.0)
    return (picture * (1 - depth * cv2.GaussianBlur(shade, (0, 0), 4))[:, :, None]).astype(np.uint8)


@pytest.mark.parametrize("colour", ["wood", "dark", "pale"])
def test_a_hard_shadow_across_the_page_is_not_taken_for_its_side(colour: str) -> None:
    photo = lay(desk(1200, 1440, DESKS[colour]), record_page(), POSES["straight"])
    found = page.find_corners(shaded(photo, [(0, 760), (1200, 620), (1200, 1440), (0, 1440)]))
    assert found is None or overlap(found, POSES["straight"]) > 0.9
    assert colour == "pale" or found is not None


@pytest.mark.parametrize("colour", ["wood", "dark", "green"])
def test_both_pages_of_an_open_book_are_one_outline(colour: str) -> None:
    spread = np.concatenate([record_page(), record_page(seed=4)], axis=1)
    gutter = 1 - 0.5 * np.exp(-((np.arange(2100) - 1050.0) ** 2) / 40**2)
    lying = [(60.0, 300.0), (1140.0, 320.0), (1130.0, 1080.0), (70.0, 1060.0)]
    found = page.find_corners(lay(desk(1200, 1440, DESKS[colour]), (spread * gutter[:, None]).astype(np.uint8), lying))
    assert found is not None and overlap(found, lying) > 0.95


def test_a_finger_on_the_edge_does_not_move_it() -> None:
    photo = lay(desk(1200, 1440), record_page(), POSES["straight"])
    cv2.line(photo, (0, 800), (260, 760), (140, 170, 220), 70, cv2.LINE_AA)
    found = page.find_corners(photo)
    assert found is not None and overlap(found, POSES["straight"]) > 0.97


@pytest.mark.parametrize("usual", [0.5**0.5, 2**0.5, 2 / 3, 1.5])
def test_nearly_the_proportions_of_a_usual_sheet_become_its_own(usual: float) -> None:
    assert page.snapped(usual) == pytest.approx(usual)
    for off in (-0.018, -0.01, 0.012, 0.018):
        assert page.snapped(usual * (1 + off)) == pytest.approx(usual)
    for off in (-0.2, -0.04, 0.12, 0.5):
        if min(abs(usual * (1 + off) / other - 1) for other in (0.7071, 1.4142, 0.6667, 1.5, 0.6308, 1.585)) > 0.031:
            assert page.snapped(usual * (1 + off)) == pytest.approx(usual * (1 + off))


def test_snapping_never_turns_the_order_of_proportions_round() -> None:
    given = np.linspace(0.5, 2.0, 3001)
    assert (np.diff([page.snapped(float(one)) for one in given]) >= -1e-9).all()
