"""One face has one place and one size, whatever size the photo has and wherever the detector's steps fall."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from center.sample import portraits
from scanner import face, face_place, portrait
from tests.scanner.drawing import desk

FACTORS = (1.0, 0.95, 0.9, 0.86, 0.82)


@cache
def photo(seed: int) -> np.ndarray:
    """A drawn person, (1000, 800, 3) uint8 BGR, to be read only: drawing takes longer than looking."""
    drawn = np.ascontiguousarray(np.array(portraits.draw(seed, (800, 1000), zoom=0.75))[:, :, ::-1])
    drawn.flags.writeable = False
    return drawn


@cache
def seen(seed: int) -> face.Box:
    """Where the detector sees the drawn person."""
    return face.find(photo(seed))[0]


def shrunk(picture: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("seed", [1, 4, 5, 9])
def test_a_face_is_as_large_in_every_size_of_its_photo_from_whichever_box_one_begins(seed: int) -> None:
    whole = photo(seed)
    x, y, width, height = seen(seed)
    widths, middles = [], []
    for factor, wrong in zip(FACTORS, (1.0, 1.15, 0.87, 1.08, 0.94), strict=True):
        begun = np.array([x - (wrong - 1) * width / 2, y - (wrong - 1) * height / 2, wrong * width, wrong * height])
        left, top, wide, tall = face_place.settled(shrunk(whole, factor), tuple(np.round(begun * factor).astype(int)))
        widths.append(wide / factor)
        middles.append(((left + wide / 2) / factor, (top + tall / 2) / factor))
    assert max(widths) < 1.06 * min(widths)
    assert np.ptp(middles, axis=0).max() < 0.06 * width


@pytest.mark.parametrize("seed", [1, 5, 9])
def test_the_same_cut_is_proposed_for_a_photo_in_every_size(seed: int) -> None:
    whole = photo(seed)
    crops = [portrait.propose(shrunk(whole, factor)) for factor in FACTORS]
    heights = [crop.height / factor for crop, factor in zip(crops, FACTORS, strict=True) if crop]
    assert len(heights) == len(FACTORS) and max(heights) < 1.05 * min(heights)


def test_where_nobody_is_the_box_stays_as_it_was() -> None:
    assert face_place.settled(desk(900, 1200), (300, 300, 200, 200)) == (300, 300, 200, 200)


def test_a_box_at_the_photos_edge_stays_there() -> None:
    picture = photo(4)
    x, y, width, height = seen(4)
    cut = np.ascontiguousarray(picture[:, x - round(0.1 * width) :])
    left, top, wide, tall = face_place.settled(cut, (round(0.1 * width), y, width, height))
    assert abs(left + wide / 2 - 0.6 * width) < 0.12 * width and abs(top + tall / 2 - y - height / 2) < 0.12 * height
