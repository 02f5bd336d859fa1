"""Photographs wait for each other, and pages never for photographs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from commands.serve import KIOSK_THREADS
from honorcard.problems import ProblemError, sentence
from kiosk.capture.turns import IN_ALL, Turns
from tests.kiosk.applying import Applicant, head, inside
from tests.kiosk.scene import Scene, build


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("turns"))


def test_so_many_work_at_once_and_the_others_stand_in_line() -> None:
    turns = Turns(at_once=2, in_all=6, patience_s=30)
    lock, here, most = threading.Lock(), 0, 0
    met = threading.Barrier(2, timeout=30)

    def work(_: int) -> None:
        nonlocal here, most
        with turns.take():
            with lock:
                here += 1
                most = max(most, here)
            met.wait()  # two are here at once, or this never ends well
            with lock:
                here -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert (most, here) == (2, 0)


def test_who_comes_when_the_line_is_full_is_told_so_at_once_and_gets_in_later() -> None:
    turns = Turns(at_once=1, in_all=1, patience_s=30)
    with turns.take(), pytest.raises(ProblemError) as caught, turns.take():
        pass
    assert caught.value.code == "picture_decoder_busy"
    with turns.take():
        pass


def test_nobody_waits_for_ever_and_a_fall_gives_the_place_back() -> None:
    turns = Turns(at_once=1, in_all=2, patience_s=0.05)
    with turns.take(), pytest.raises(ProblemError, match="picture_decoder_busy"), turns.take():
        pass
    with pytest.raises(ValueError, match="fell"), turns.take():
        raise ValueError("fell")
    with turns.take():
        pass


def test_some_of_the_servers_threads_are_always_free_for_pages() -> None:
    assert KIOSK_THREADS - IN_ALL >= 3


def test_on_a_busy_kiosk_photographs_are_asked_to_wait_while_pages_are_served(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    applicant = Applicant(scene)
    applicant.photograph("headshot", head())
    (photo,) = applicant.photos()
    turns = Turns(at_once=1, in_all=1)
    monkeypatch.setitem(scene.app.extensions, "picture_turns", turns)
    with turns.take():
        assert applicant.client.get(applicant.url("take/page")).status_code == 200
        assert applicant.client.get(applicant.url(f"photos/{photo.photo_id}")).status_code == 200
        answer = applicant.photograph("page", inside())
        assert answer.status_code == 503 and sentence("picture_decoder_busy", "zh") in answer.text
        crop = {"x": 10, "y": 10, "height": 300, "angle": 0}
        for way in (f"photos/{photo.photo_id}", f"photos/{photo.photo_id}/crop"):
            answer = applicant.client.post(applicant.url(way), data=crop)
            assert answer.status_code == 503 and sentence("picture_decoder_busy", "zh") in answer.text
    assert [one.slot for one in applicant.photos()] == ["headshot"]
    applicant.photograph("page", inside())
    assert [one.slot for one in applicant.photos()] == ["headshot", "page"]
