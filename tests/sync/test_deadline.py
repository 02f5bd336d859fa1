"""A request ends, however the line dawdles."""

from __future__ import annotations

import httpx
import pytest

from sync.deadline import PIECE, event_hooks


class Clock:
    """Moves on by `step` at every look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Answer(httpx.SyncByteStream):
    """An answer in that many pieces."""

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces

    def __iter__(self):
        yield from (b"x" for _ in range(self.pieces))


def client(clock: Clock, pieces: int = 1, beats: list[int] | None = None) -> httpx.Client:
    def handle(request: httpx.Request) -> httpx.Response:
        sent = b"".join(request.stream)
        return httpx.Response(200, stream=Answer(pieces), headers={"X-Sent": str(len(sent))})

    beat = (lambda: beats.append(1)) if beats is not None else (lambda: None)
    return httpx.Client(transport=httpx.MockTransport(handle), event_hooks=event_hooks(beat, whole_s=120, clock=clock))


def test_a_brisk_exchange_is_left_alone_and_told_as_signs_of_life() -> None:
    beats: list[int] = []
    answer = client(Clock(0.1), pieces=3, beats=beats).post("http://center/", content=b"y" * (PIECE * 2 + 1))
    assert (answer.content, answer.headers["X-Sent"]) == (b"xxx", str(PIECE * 2 + 1))
    assert len(beats) >= 3 + 3


def test_an_answer_that_trickles_ends() -> None:
    with pytest.raises(httpx.ReadTimeout):
        client(Clock(29), pieces=20).get("http://center/")


def test_a_request_that_is_not_taken_off_our_hands_ends() -> None:
    with pytest.raises(httpx.WriteTimeout):
        client(Clock(29)).post("http://center/", content=b"y" * (PIECE * 20))


def test_each_request_has_its_own_time() -> None:
    clock = Clock(20)
    http = client(clock)
    assert [http.get("http://center/").status_code for _ in range(10)] == [200] * 10
