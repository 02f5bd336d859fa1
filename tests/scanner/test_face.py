"""Faces are found where they are drawn, and nowhere else; the portrait is cut where an ID photo has the head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner import face, face_faults, lean, portrait
from tests.scanner.drawing import desk, person, record_page


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """The picture turned clockwise about its middle."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def said(picture: np.ndarray) -> list[str]:
    faces = face.find_faces(picture)
    return portrait.problems(picture, faces, portrait.propose(picture, faces))


def with_sunglasses(picture: np.ndarray, head: int = 330) -> np.ndarray:
    """`person` of 900 × 1200 with dark glasses on."""
    u = head / 200
    worn = picture.copy()
    for side in (-1, 1):
        centre = (round(450 + side * 42 * u), round(504 - 4 * u))
        cv2.ellipse(worn, centre, (round(36 * u), round(27 * u)), 0, 0, 360, (25, 22, 20), -1, cv2.LINE_AA)
    return worn


def in_front_of_shelves(picture: np.ndarray) -> np.ndarray:
    """The person before a wall full of books."""
    chance = np.random.default_rng(4)
    wall = cv2.resize(chance.integers(20, 235, (60, 60, 3), np.uint8), picture.shape[1::-1], interpolation=0)
    plain = (np.abs(picture.astype(int) - picture[2, 2]).max(axis=2) < 12)[..., None]
    return np.where(plain, wall, picture)


def as_darker_skin(picture: np.ndarray, gamma: float, head: int = 330) -> np.ndarray:
    """The face of `person` of 900 × 1200 in a deeper tone, under the same light and before the same wall."""
    mask = np.zeros(picture.shape[:2], np.float32)
    cv2.ellipse(mask, (450, 520), (round(head * 0.62), round(head * 0.8)), 0, 0, 360, 1, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 12)[..., None]
    return (picture * (1 - soft) + soft * 255 * (picture / 255) ** gamma).astype(np.uint8)


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
    assert "eyes_covered" in said(with_sunglasses(good))
    assert "busy_background" in said(in_front_of_shelves(good))


def test_a_passer_by_far_behind_does_not_matter() -> None:
    picture = person(1400, 1400, head=420, centre=(600, 600))
    picture[100:380, 1150:1390] = person(240, 280, head=84)
    assert len(face.find(picture)) >= 1
    assert "two_faces" not in said(picture)


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.6])
def test_darker_skin_in_good_light_is_never_called_dark(gamma: float) -> None:
    picture = as_darker_skin(person(), gamma)
    assert said(picture) == []
    assert "dark" in said((picture * 0.22).astype(np.uint8))


def test_light_is_judged_by_what_can_be_made_out() -> None:
    ramp = np.tile(np.linspace(20, 110, 200).astype(np.uint8), (200, 1))  # a deep tone with its highlights
    assert not face_faults.is_dark(ramp)
    assert face_faults.is_dark((ramp * 0.4).astype(np.uint8))
    assert not face_faults.is_burnt_out(np.full((200, 200), 245, np.uint8))
    assert face_faults.is_burnt_out(np.full((200, 200), 255, np.uint8))


def test_low_contrast_alone_is_not_blur() -> None:
    picture = person(head=450)
    grey = face_faults.normal(picture, face.find(picture)[0])
    assert grey is not None
    pale = (grey * 0.25 + 110).astype(np.uint8)
    assert not face_faults.is_blurred(grey) and not face_faults.is_blurred(pale)
    assert face_faults.is_blurred(cv2.GaussianBlur(grey, (0, 0), 5))
    streaked = cv2.blur(grey, (25, 1))  # moved sideways while it was taken
    assert face_faults.is_blurred(streaked)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_on_its_side_is_proposed_upright(quarters: int) -> None:
    upright = person(1200, 900, head=260)
    lying = np.ascontiguousarray(np.rot90(upright, -quarters))  # clockwise
    [seen] = face.find_faces(lying)
    assert seen.turn == quarters * 90
    crop, plain = portrait.propose(lying), portrait.propose(upright)
    assert crop is not None and plain is not None
    assert crop.angle == quarters * 90 and (crop.width, crop.height) == pytest.approx(
        (plain.width, plain.height), abs=30
    )
    difference = portrait.cut(lying, crop).astype(int) - portrait.cut(upright, plain)
    assert np.abs(difference).mean() < 8
    assert portrait.problems(lying, [seen], crop) == []


def test_a_face_spoiled_by_its_photographer_is_still_found() -> None:
    good = person(640, 480, head=150)
    noise = np.random.default_rng(2).normal(0, 25, good.shape)
    for spoiled in (
        (good * 0.12).astype(np.uint8),
        ((good.astype(float) - 128) * 0.2 + 128).astype(np.uint8),
        np.clip(good + noise, 0, 255).astype(np.uint8),
        cv2.GaussianBlur(good, (0, 0), 5),
        turned(good, 28),
        (255 * (good / 255.0) ** 3).astype(np.uint8),
    ):
        assert len(face.find(spoiled)) == 1


def test_heaps_of_almost_faces_make_none() -> None:
    chance = np.random.default_rng(6)
    for spread in (3, 9, 25):
        plush = cv2.GaussianBlur(chance.normal(0, 1, (480, 640, 3)).astype(np.float32), (0, 0), spread)
        assert face.find(np.clip(128 + plush / plush.std() * 40, 0, 255).astype(np.uint8)) == []


@pytest.mark.parametrize("degrees", [-18, -7, 0, 11])
def test_a_lean_is_measured(degrees: int) -> None:
    picture = turned(person(head=330, centre=(450, 600)), degrees)
    box = face.find(picture)[0]
    measured = lean.degrees(picture, box)
    assert measured is not None and abs(measured - degrees) < 3.5
    larger = cv2.resize(picture, None, fx=2.5, fy=2.5)
    again = lean.degrees(larger, tuple(round(value * 2.5) for value in box))  # type: ignore[arg-type]
    assert again is not None and abs(again - degrees) < 3.5


def test_a_frame_set_by_hand_is_judged_anew() -> None:
    picture = person(1200, 1600, head=330)
    faces = face.find_faces(picture)
    crop = portrait.propose(picture, faces)
    assert crop is not None and portrait.problems(picture, faces, crop) == []
    high = portrait.Crop(crop.x, crop.y + crop.height // 3, crop.width, crop.height)
    aside = portrait.Crop(crop.x + crop.width // 3, crop.y, crop.width, crop.height)
    wide = portrait.Crop(crop.x - crop.width // 2, crop.y - crop.height // 2, crop.width * 2, crop.height * 2)
    turned_over = portrait.Crop(crop.x, crop.y, crop.width, crop.height, 0.0)
    assert portrait.problems(picture, faces, high) == ["framed_cut"]
    assert portrait.problems(picture, faces, aside) == ["framed_cut"]
    assert portrait.problems(picture, faces, wide) == ["framed_small"]
    assert portrait.problems(picture, faces, turned_over) == []


def test_a_small_frame_of_a_running_camera_needs_one_look() -> None:
    frame = cv2.resize(person(), (240, 320), interpolation=cv2.INTER_AREA)
    [seen] = face.quick_look(frame)
    assert abs(seen.box[0] + seen.box[2] / 2 - 120) < 12
    assert face.quick_look(desk(320, 240)) == []
