"""A camera that stays open: what it sends and hears while a whole book is photographed page after page."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, ImageFilter

from honorcard.problems import sentence
from kiosk.asking import pictures
from sync.ids import uuid7
from tests.kiosk.applying import Applicant, cover, inside, nothing
from tests.kiosk.scene import build

FRAGMENT = {"HX-Request": "true"}


def shoot(applicant: Applicant, slot: str, picture: bytes, **fields: str):
    """As the open camera sends a picture."""
    data = {"photo": (io.BytesIO(picture), "photo.jpg"), "stay": "yes"} | fields
    return applicant.post(f"take/{slot}", data=data, headers=FRAGMENT)


def order(applicant: Applicant) -> list[str]:
    return [photo.photo_id for photo in applicant.photos()]


def test_the_open_camera_hears_the_strip_and_what_was_found(first: Applicant):
    answer = shoot(first, "cover", cover())
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<ol class="page-strip" id="strip"')
    assert 'data-next="1"' in answer.text and "data-ready" not in answer.text
    answer = shoot(first, "page", nothing())
    assert 'data-next="2"' in answer.text and "data-ready" in answer.text
    assert "data-serious" in answer.text and "第 1 頁找不到四個邊" in answer.text


def test_a_bad_file_is_said_and_the_strip_stays(first: Applicant):
    answer = shoot(first, "page", b"%PDF-1.7")
    assert answer.status_code == 415
    assert sentence("picture_not_a_picture", "zh", {"looks_zh": " PDF"}) in answer.text
    assert 'id="strip"' not in answer.text and first.photos() == []


def test_a_picture_whose_answer_was_lost_is_kept_once(first: Applicant):
    shot = uuid7()
    for _ in range(2):
        assert shoot(first, "page", inside(1), shot=shot).status_code == 200
    assert order(first) == [shot]


@pytest.mark.parametrize(
    "shot", ["", "x", "../../etc", "01a20044-92a9-1651-90e1-89e04398522d", "'; DROP TABLE draft_photo"]
)
def test_an_id_that_is_none_is_not_taken(first: Applicant, shot: str):
    assert shoot(first, "page", inside(1), shot=shot).status_code == 200
    assert order(first) != [shot] and len(order(first)) == 1


def test_a_retaken_page_takes_the_place_its_page_has_by_then(first: Applicant):
    for number in (1, 2, 3):
        shoot(first, "page", inside(number))
    one, two, three = order(first)
    answer = first.client.post(first.url(f"photos/{one}/down"), data={"stay": "yes"}, headers=FRAGMENT)
    assert answer.status_code == 200 and 'id="strip"' in answer.text
    shoot(first, "page", inside(4), replaces=one)
    assert [order(first)[0], order(first)[2]] == [two, three]
    assert one not in order(first)
    answer = first.client.post(first.url(f"photos/{two}/remove"), data={"stay": "yes"}, headers=FRAGMENT)
    assert 'data-next="3"' in answer.text
    assert shoot(first, "page", inside(5), replaces=two).status_code == 404


def test_a_cover_retaken_from_the_strip_stays_a_cover(first: Applicant):
    shoot(first, "cover", cover())
    shoot(first, "page", inside(1))
    shoot(first, "page", cover(), replaces=order(first)[0])
    assert [photo.slot for photo in first.photos()] == ["cover", "page"]


def test_several_files_at_once_are_a_page_each_without_a_script_too(first: Applicant):
    files = [(io.BytesIO(picture), f"{n}.jpg") for n, picture in enumerate((cover(), inside(1), inside(2)))]
    assert first.post("take/cover", data={"photo": files}).status_code == 303
    assert [(photo.slot, photo.position) for photo in first.photos()] == [("cover", 0), ("page", 1), ("page", 2)]


def test_several_files_for_one_place_are_one(first: Applicant):
    files = [(io.BytesIO(inside(n)), f"{n}.jpg") for n in (1, 2)]
    first.post("take/headshot", data={"photo": files})
    assert len(first.photos()) == 1


class Together:
    """Two requests are looked over at the same time, both begun before either is kept."""

    def __init__(self) -> None:
        self.met = threading.Barrier(2, timeout=60)

    @contextmanager
    def take(self) -> Iterator[None]:
        self.met.wait()
        yield


@pytest.mark.parametrize("same", [False, True], ids=["two-pages", "one-page-sent-again"])
def test_two_cameras_at_one_book_keep_every_page_once(
    first: Applicant, shared: Scene, monkeypatch: pytest.MonkeyPatch, same: bool
):
    monkeypatch.setitem(shared.app.extensions, "picture_turns", Together())
    shots = [uuid7()] * 2 if same else [uuid7(), uuid7()]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda n: shoot(first, "page", inside(n + 1), shot=shots[n]).status_code, range(2)))
    assert answers == [200, 200]
    assert sorted(order(first)) == sorted(set(shots))
    assert [photo.position for photo in first.photos()] == list(range(1, len(set(shots)) + 1))


@pytest.mark.parametrize(
    ("path", "stays"),
    [("take/page", True), ("take/cover", True), ("take/page?position=1", False), ("take/headshot", False)],
)
def test_the_camera_stays_open_for_a_book_and_not_for_one_picture(first: Applicant, path: str, stays: bool):
    assert ("data-row" in first.client.get(first.url(path)).text) is stays


@pytest.mark.parametrize(
    ("hints", "again"), [((), False), (("page_tilted",), False), (("page_tilted", "page_blurred"), True)]
)
def test_what_is_mild_is_no_reason_to_take_it_again(first: Applicant, hints: tuple[str, ...], again: bool):
    shoot(first, "page", inside(1))
    [photo] = first.photos()
    assert pictures.needs_retake(replace(photo, hints=hints)) is again
    assert pictures.needs_retake(replace(photo, hints=hints, result=None))


def test_a_serious_finding_offers_the_retake_first_and_lets_a_person_keep_it(tmp_path: Path):
    alone = Applicant(build(tmp_path))
    soft = Image.open(io.BytesIO(inside(1))).filter(ImageFilter.GaussianBlur(5))
    out = io.BytesIO()
    soft.save(out, "JPEG", quality=88)
    alone.photograph("page", out.getvalue())
    text = alone.client.get(alone.at).text
    assert alone.photos()[0].finished and "page_blurred" in alone.photos()[0].hints
    dock = text[text.index('<footer class="dock"') :]
    assert dock.index("照樣使用") < dock.index('data-kind="lead"') < dock.index("重拍")
    assert dock.count('data-kind="lead"') == 1
