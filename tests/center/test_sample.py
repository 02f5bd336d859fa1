"""The sample people: drawn faces that the face finder finds, books whose corners are known, rules of names and numbers."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from center.sample import portraits
from center.sample.desk import on_desk
from center.sample.looks import look_for
from scanner import face


def bgr(picture: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[..., ::-1])


@pytest.fixture(scope="module")
def drawn() -> list[Image.Image]:
    return [portraits.draw(look_for(seed, woman=seed % 2 == 0, age=30 + seed * 3), (512, 640)) for seed in range(18)]


def test_the_face_finder_finds_exactly_one_face_on_every_portrait(drawn):
    for portrait in drawn:
        boxes = face.find(bgr(portrait))
        assert len(boxes) == 1
        x, y, w, h = boxes[0]
        assert x < 256 < x + w, "the face is in the middle"
        assert y < 304 < y + h


def test_a_person_further_from_the_camera_is_still_found():
    picture = portraits.draw(look_for(11), (1280, 720), zoom=0.66)
    (x, _y, w, h), *others = face.find(bgr(picture))
    assert not others
    assert x < 640 < x + w
    assert 100 < h < 400


def test_no_two_portraits_look_alike(drawn):
    small = [np.asarray(portrait.resize((32, 40)), dtype=float) for portrait in drawn]
    assert min(np.abs(one - other).mean() for one, other in combinations(small, 2)) > 5


def test_a_seed_draws_the_same_face_every_time():
    assert portraits.draw(4, (112, 140)).tobytes() == portraits.draw(4, (112, 140)).tobytes()


def test_the_corners_of_a_page_on_the_desk_are_where_the_page_is():
    white = Image.new("RGB", (400, 560), "white")
    photo, corners = on_desk(white, angle=9, tilt=0.1, size=(800, 600), desk=(60, 44, 30), light=0.0, shadow=0.0)
    middle = corners.mean(axis=0)
    values = np.asarray(photo, dtype=float).mean(axis=2)
    for corner in corners:
        towards = (middle - corner) / np.hypot(*(middle - corner))
        inside, outside = corner + 6 * towards, corner - 6 * towards
        assert values[int(inside[1]), int(inside[0])] > 200
        assert values[int(outside[1]), int(outside[0])] < 120
    assert corners[0][0] < corners[1][0]
    assert corners[0][1] < corners[3][1]
