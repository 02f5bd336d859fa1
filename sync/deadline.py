"""The end of a request, however the line dawdles: connecting 5 s, silence 30 s, the whole of it 120 s (sync.md B.10).

httpx bounds each wait for a byte; a line that lets one byte through now and then would hold a request for ever. The hooks
here look at the clock between the pieces that are sent and received.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

WHOLE_S = 120.0
PIECE = 16 * 1024
_ENDS = "ends_at"

Clock = Callable[[], float]


def event_hooks(
    beat: Callable[[], None] = lambda: None, *, whole_s: float = WHOLE_S, clock: Clock = time.monotonic
) -> dict[str, list[Callable[..., Any]]]:
    """Hooks for an httpx.Client: httpx.WriteTimeout or ReadTimeout once a request has taken `whole_s` in all.

    beat: told at every piece that went or came, as a sign of life.
    """

    def asked(request: httpx.Request) -> None:
        beat()
        request.extensions = {**request.extensions, _ENDS: clock() + whole_s}
        request.stream = _Sent(request, request.content, beat, clock)

    def answered(response: httpx.Response) -> None:
        beat()
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Received(response.request, response.stream, beat, clock)

    return {"request": [asked], "response": [answered]}


class _Sent(httpx.SyncByteStream):
    def __init__(self, request: httpx.Request, content: bytes, beat: Callable[[], None], clock: Clock) -> None:
        self._request = request
        self._content = content
        self._beat = beat
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), PIECE):
            if self._clock() > self._request.extensions[_ENDS]:
                raise httpx.WriteTimeout("the request took too long", request=self._request)
            yield self._content[start : start + PIECE]
            self._beat()


class _Received(httpx.SyncByteStream):
    def __init__(
        self, request: httpx.Request, inner: httpx.SyncByteStream, beat: Callable[[], None], clock: Clock
    ) -> None:
        self._request = request
        self._inner = inner
        self._beat = beat
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        for part in self._inner:
            self._beat()
            if self._clock() > self._request.extensions[_ENDS]:
                raise httpx.ReadTimeout("the answer took too long", request=self._request)
            yield part

    def close(self) -> None:
        self._inner.close()
