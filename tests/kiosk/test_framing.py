"""Face framing: one instruction for a small frame, for unlocked tablets, never in the way of anything else."""

from __future__ import annotations

import threading

import cv2
import numpy as np
import pytest

from kiosk.framing import EVERY_S, RESTS, Turns, words
from scanner import face_guide
from tests.kiosk.scene import Scene, build
from tests.scanner.drawing import desk, person


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("framing"))


def sent(picture: np.ndarray, side: int = 320) -> bytes:
    """The picture as the browser sends a frame of it."""
    scale = side / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()


@pytest.fixture(scope="module")
def tablet(scene: Scene):
    return scene.client()


def ask(scene: Scene, body: bytes, client):
    scene.app.extensions.pop("framing", None)  # nobody else's turn
    return client.post("/capture/frame-face", data=body, content_type="image/jpeg")


# --- what is said ---


def placed(x: float, y: float, head: float) -> np.ndarray:
    """A frame of 1280 × 960 with a person's face there; head: its width in shares of the frame's height."""
    return person(1280, 960, head=round(head * 960), centre=(round(x * 1280), round(y * 960)))


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        pytest.param(placed(0.5, 0.45, 0.38), "good", id="as it should be"),
        pytest.param(desk(1280, 960), "no_face", id="nobody"),
        pytest.param(placed(0.5, 0.45, 0.2), "too_far", id="far"),
        pytest.param(placed(0.5, 0.5, 0.62), "too_close", id="close"),
        pytest.param(placed(0.25, 0.45, 0.36), "move_left", id="at the frame's left, which is the person's right"),
        pytest.param(placed(0.76, 0.45, 0.36), "move_right", id="at the frame's right"),
        pytest.param(placed(0.5, 0.28, 0.38), "move_down", id="hair outside"),
        pytest.param(placed(0.5, 0.78, 0.38), "move_up", id="chin at the edge"),
        pytest.param((placed(0.5, 0.45, 0.38) * 0.2).astype(np.uint8), "dark", id="dark"),
    ],
)
def test_one_thing_is_said_at_a_time(scene: Scene, tablet, picture: np.ndarray, code: str) -> None:
    answer = ask(scene, sent(picture), tablet)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json["words"] == words_of(scene, code)
    assert answer.json["ok"] is (code == "good")
    assert (answer.json["box"] is None) is (code == "no_face")


def words_of(scene: Scene, code: str) -> str:
    with scene.app.test_request_context("/"):
        return words(code)


def test_two_people_are_told_so() -> None:
    pair = np.hstack([person(640, 960, head=240), person(640, 960, head=250)])
    assert face_guide.guide(cv2.resize(pair, (320, 240), interpolation=cv2.INTER_AREA)).code == "two_faces"


def test_the_box_comes_in_shares_of_the_frame(scene: Scene, tablet) -> None:
    x, y, width, height = ask(scene, sent(placed(0.5, 0.45, 0.38)), tablet).json["box"]
    assert abs(x + width / 2 - 0.5) < 0.03 and 0.3 < y + height / 2 < 0.55
    assert 0.2 < width < 0.4 and 0.3 < height < 0.5


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"\xff\xd8\xff" + b"\0" * 50, sent(person())[:900], sent(person(), 1600), b"\xff\xd8\xff" * 90_000],
    ids=["nothing", "no picture", "no header", "torn", "too many pixels", "too many bytes"],
)
def test_what_is_no_small_frame_has_no_face(scene: Scene, tablet, body: bytes) -> None:
    answer = ask(scene, body, tablet)
    assert answer.status_code == 200
    assert answer.json == {"words": words_of(scene, "no_face"), "box": None, "ok": False}


def test_the_instruction_is_said_in_the_reader_s_language(scene: Scene) -> None:
    client = scene.client()
    client.set_cookie("language", "en")
    said = ask(scene, sent(desk(320, 240)), client).json["words"]
    assert said and said.isascii()


def test_a_locked_tablet_looks_at_nothing(scene: Scene) -> None:
    answer = ask(scene, sent(person()), scene.client(unlocked=False))
    assert answer.location.startswith("/unlock")


# --- whose turn it is ---


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_one_frame_is_looked_at_at_a_time_then_the_machine_rests() -> None:
    clock = Clock()
    turns = Turns(clock)
    with turns.take("one") as first, turns.take("two") as second:
        assert first and not second
        clock.now += 0.05
    with turns.take("two") as mine:
        assert not mine  # resting
    clock.now += RESTS * 0.05 + 0.001
    with turns.take("two") as mine:
        assert mine


def test_a_browser_gets_four_answers_a_second() -> None:
    clock = Clock()
    turns = Turns(clock)
    got = 0
    for _ in range(200):
        with turns.take("one") as mine:
            got += mine
        clock.now += 0.01
    assert got <= 2 / EVERY_S + 1
    with turns.take("another") as mine:
        assert mine


def test_a_look_that_fails_gives_the_turn_back() -> None:
    clock = Clock()
    turns = Turns(clock)
    with pytest.raises(ValueError, match="torn"), turns.take("one"):
        raise ValueError("torn")
    clock.now += 1
    with turns.take("one") as mine:
        assert mine


def test_many_phones_at_once_are_answered_at_once_and_cost_few_looks(scene: Scene) -> None:
    scene.app.extensions.pop("framing", None)
    body, answers, gate = sent(placed(0.5, 0.45, 0.38)), [], threading.Barrier(40)
    phones = [scene.client() for _ in range(5)]

    def ask_once(client) -> None:
        gate.wait()
        answers.append(client.post("/capture/frame-face", data=body, content_type="image/jpeg").json)

    threads = [threading.Thread(target=ask_once, args=(phones[number % 5],)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    looked = [answer for answer in answers if "ok" in answer]
    assert len(answers) == 40 and looked
    assert all(answer == {"busy": True} for answer in answers if "ok" not in answer)
    assert len(looked) < 20  # each look is followed by a rest; all of them would be forty
