"""A page photographed upside down or on its side: said, turned upright with one tap, turned by hand; and marks on it."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image, ImageFilter

from center.sample import desk, pages
from center.sample.people import everyone
from kiosk.asking import hints, said
from kiosk.asking.hints import Hint
from tests.kiosk.applying import Applicant, head, jpeg
from tests.kiosk.scene import build

TODAY = date(2026, 11, 21)
FRAGMENT = {"HX-Request": "true"}


@lru_cache
def lying(angle: float) -> bytes:
    """A full page of a record book on a table, turned by so many degrees."""
    made = pages.page(list(everyone(TODAY)[3].rows)[:12], number=1, seed=1)
    return jpeg(desk.on_desk(made, angle=angle, size=(1600, 1600), fill=0.9)[0])


def alike(one: Image.Image, other: Image.Image) -> bool:
    small = [np.asarray(each.convert("L").resize((100, 140)), float).ravel() for each in (one, other)]
    return float(np.corrcoef(*small)[0, 1]) > 0.8


def result(first: Applicant) -> bytes:
    [photo] = first.photos()
    return first.get(f"photos/{photo.photo_id}/result.jpg").data


@pytest.mark.parametrize(("angle", "words", "clockwise"), [(183, "好像上下顛倒", (2,)), (93, "好像橫放了", (1, 3))])
def test_one_tap_sets_a_page_upright(first: Applicant, angle: float, words: str, clockwise: tuple[int, ...]):
    first.photograph("page", lying(angle))
    [photo] = first.photos()
    shown = first.client.get(first.at).text
    assert words in shown and "轉正這一頁" in shown and "照樣使用" not in shown
    before = Image.open(io.BytesIO(result(first)))
    way = re.search(r'<form[^>]+action="([^"]+/turn_\w+)"', shown)[1]
    answer = first.client.post(way)
    assert answer.status_code == 303
    shown = first.client.get(answer.location).text
    assert words not in shown and "轉正這一頁" not in shown
    [after] = first.photos()
    assert after.photo_id == photo.photo_id and after.result != photo.result
    turned = Image.open(io.BytesIO(result(first)))
    [quarters] = [n for n in clockwise if alike(turned, before.rotate(-90 * n, expand=True))]
    assert quarters == hints.turns_to_upright(photo.hints)


def test_by_hand_it_turns_a_quarter_each_way_and_comes_back(first: Applicant):
    first.photograph("page", lying(3))
    [before] = first.photos()
    shown = first.client.get(first.at).text
    assert "轉正這一頁" not in shown and "向左轉" in shown and "向右轉" in shown
    first.post(f"photos/{before.photo_id}/turn_right")
    [right] = first.photos()
    assert (right.width, right.height) == (before.height, before.width)
    assert right.outline == before.outline[-1:] + before.outline[:-1]
    assert not set(right.hints) & set(hints.TURNS)  # a person turned it: nobody contradicts
    first.post(f"photos/{before.photo_id}/turn_left")
    [back] = first.photos()
    assert back.outline == before.outline and (back.width, back.height) == (before.width, before.height)


def test_the_open_camera_turns_a_page_and_hears_the_strip(first: Applicant):
    data = {"photo": (io.BytesIO(lying(183)), "photo.jpg"), "stay": "yes"}
    strip = first.post("take/page", data=data, headers=FRAGMENT).text
    assert 'data-act="turn_over"' in strip and "data-serious" not in strip
    [photo] = first.photos()
    old = re.search(r"result\.jpg\?v=(\w+)", strip)[1]
    answer = first.post(f"photos/{photo.photo_id}/turn_over", data={"stay": "yes"}, headers=FRAGMENT)
    assert 'id="strip"' in answer.text and 'data-act="turn_over"' not in answer.text
    assert re.search(r"result\.jpg\?v=(\w+)", answer.text)[1] != old  # else the strip would show the old picture


def test_turning_is_no_way_round_the_guards(first: Applicant):
    first.photograph("headshot", head())
    [photo] = first.photos()
    assert first.post(f"photos/{photo.photo_id}/turn_left").location.endswith(photo.photo_id)
    assert first.photos() == [photo]
    assert first.post("photos/0190a000-0000-7000-8000-000000000000/turn_left").status_code == 404
    assert first.get(f"photos/{photo.photo_id}/turn_left").status_code in (404, 405)
    assert first.post(f"photos/{photo.photo_id}/turn_inside_out").status_code == 404


def test_a_hint_keeps_its_places():
    for hint in (Hint("page_dark"), Hint("page_glare", ((0, 2),)), Hint("page_blurred", ((2, 0), (2, 1)))):
        assert hints.read(hint.kept()) == hint
    assert Hint("page_blurred", ((2, 0), (2, 1))).kept() == "page_blurred@20.21"


def test_places_are_said_and_framed_on_the_picture(first: Applicant):
    first.photograph("page", lying(3))
    [photo] = first.photos()
    found = replace(photo, hints=("page_blurred@20.21", "page_glare@02.20"))
    with first.scene.app.test_request_context():
        assert said.hint_words(found, found.hints[0]).startswith("第 1 頁左下、下方模糊")
        assert said.hint_words(replace(found, slot="cover"), found.hints[1]).startswith("封面右上、左下反光")
        assert said.marks(found) == [(0, 2, "反光"), (2, 0, "模糊、反光"), (2, 1, "模糊")]
        everywhere = "page_blurred@" + ".".join(f"{row}{column}" for row in range(3) for column in range(2))
        assert said.hint_words(found, everywhere).startswith("第 1 頁模糊")


def test_a_page_blurred_below_shows_where(tmp_path: Path):
    alone = Applicant(build(tmp_path))
    sharp = Image.open(io.BytesIO(lying(3)))
    below = sharp.crop((0, 1050, 1600, 1600)).filter(ImageFilter.GaussianBlur(5))
    sharp.paste(below, (0, 1050))
    alone.photograph("page", jpeg(sharp))
    shown = alone.client.get(alone.at).text
    assert 'class="flat-mark" data-row="2"' in shown and "模糊" in shown and "下" in shown
