"""Faces are found where they are drawn, and nowhere else; the portrait is cut where an ID photo has the head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner import face, portrait
from tests.scanner.drawing import desk, person, record_page


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned clockwise about its middle."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def said(picture: np.ndarray) -> list[str]:
    faces = face.find(picture)
    return portrait.problems(picture, faces, portrait.propose(picture, faces))


@pytest.mark.parametrize("head", [150, 250, 330, 450])
def test_one_person_has_one_face(head: int) -> None:
    boxes = face.find(person(head=head))
    assert len(boxes) == 1
    x, y, width, height = boxes[0]
    assert abs(x + width / 2 - 450) < 0.15 * head and abs(y + height / 2 - 504) < 0.35 * head
    assert 0.7 * head < width < 1.4 * head


def test_boxes_grow_with_the_photo() -> None:
    small = face.find(person())[0]
    large = face.find(cv2.resize(person(), None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR))[0]
    assert np.abs(np.array(large) / 4 - small).max() < 25


def test_people_in_the_back_row_are_found_too() -> None:
    row = np.hstack([person(500, 700, head=84) for _ in range(4)])
    boxes = face.find(row)
    assert len(boxes) == 4
    assert sorted(round((x + width / 2) / 500 - 0.5) for x, _, width, _ in boxes) == [0, 1, 2, 3]


def test_the_largest_face_comes_first() -> None:
    pair = np.hstack([person(600, 1200, head=200), person(900, 1200, head=400)])
    boxes = face.find(pair)
    assert len(boxes) == 2 and boxes[0][0] > 600 > boxes[1][0]


@pytest.mark.parametrize("picture", [record_page(), desk(900, 700), np.zeros((10, 10, 3), np.uint8)])
def test_no_face_is_made_up(picture: np.ndarray) -> None:
    assert face.find(picture) == []
    assert portrait.propose(picture) is None
    assert portrait.problems(picture, [], None) == ["no_face"]


def test_the_cut_is_four_by_five_with_the_head_in_place() -> None:
    picture = person(1200, 1600, head=330)
    crop = portrait.propose(picture)
    assert crop is not None and crop.angle == 0
    assert crop.width / crop.height == pytest.approx(0.8, abs=0.01)
    # as drawn: top of the hair 170/200 of a head above the centre, chin 140/200 below it
    hair, chin = 1600 * 0.42 - 330 * 0.85, 1600 * 0.42 + 330 * 0.70
    assert 0.04 < (hair - crop.y) / crop.height < 0.24
    assert 0.55 < (chin - hair) / crop.height < 0.8
    assert abs(crop.x + crop.width / 2 - 600) < 0.05 * crop.width
    narrow = crop.height * 25 / 35  # what is left of it at 25 × 35 mm still holds the head
    assert narrow > 330 * 1.22


def test_the_cut_stays_within_the_photo() -> None:
    for centre in ((250, 300), (650, 320), (450, 900), (450, 330)):
        picture = person(head=330, centre=centre)
        crop = portrait.propose(picture)
        assert crop is not None
        assert crop.x >= 0 and crop.y >= 0 and crop.x + crop.width <= 900 and crop.y + crop.height <= 1200
        assert crop.width / crop.height == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("degrees", [-12, 9])
def test_a_leaning_head_is_set_upright(degrees: int) -> None:
    picture = turned(person(1200, 1600, head=330), degrees)
    crop = portrait.propose(picture)
    assert crop is not None and crop.angle == pytest.approx(degrees, abs=4)


@pytest.mark.parametrize("degrees", [-20, 9])
def test_cutting_at_an_angle_undoes_the_turn(degrees: int) -> None:
    upright = person(1200, 1600, head=330)
    about_the_middle = portrait.Crop(320, 450, 560, 700)  # its centre is the photo's, about which `turned` turns
    leaning = portrait.Crop(320, 450, 560, 700, float(degrees))
    difference = portrait.cut(turned(upright, degrees), leaning).astype(int) - portrait.cut(upright, about_the_middle)
    assert np.abs(difference).mean() < 2


def test_the_portrait_has_the_size_of_the_card() -> None:
    picture = person()
    crop = portrait.propose(picture)
    assert crop is not None
    for size in ((560, 700), (112, 140)):
        done = portrait.cut(picture, crop, size)
        assert done.shape == (size[1], size[0], 3) and done.dtype == np.uint8
        plain = cv2.resize(
            picture[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width], size, interpolation=cv2.INTER_AREA
        )
        assert np.abs(done.astype(int) - plain).mean() < 2.5


def test_a_cut_beyond_the_photo_goes_on_in_the_colour_of_its_edge() -> None:
    grey = np.full((300, 300, 3), 77, np.uint8)
    assert np.unique(portrait.cut(grey, portrait.Crop(-80, -100, 400, 500, 10.0))).tolist() == [77]


def test_without_a_face_the_cut_starts_in_the_middle() -> None:
    crop = portrait.fallback(desk(900, 700))
    assert abs(crop.x + crop.width / 2 - 450) < 2 and crop.width / crop.height == pytest.approx(0.8, abs=0.01)


def test_a_good_portrait_has_no_problems() -> None:
    assert said(person()) == []


def test_each_fault_is_named() -> None:
    good = person()
    assert "two_faces" in said(np.hstack([person(700, 1000, head=260), person(700, 1000, head=240)]))
    assert "too_far" in said(person(1600, 1200, head=110))
    assert "cut_off" in said(person(head=330, centre=(450, 130)))
    assert "dark" in said((good * 0.22).astype(np.uint8))
    assert "burnt_out" in said(np.clip(good.astype(int) + (good > 110) * 120, 0, 255).astype(np.uint8))
    assert "blurred" in said(cv2.GaussianBlur(good, (0, 0), 12))


def test_a_passer_by_far_behind_does_not_matter() -> None:
    picture = person(1400, 1400, head=420, centre=(600, 600))
    picture[100:380, 1150:1390] = person(240, 280, head=84)
    assert len(face.find(picture)) >= 1
    assert "two_faces" not in said(picture)
