"""Face framing while the headshot's camera runs: a small frame comes, one instruction goes back. Nothing is kept.

This is a courtesy and never in the way: one frame is looked at at a time on the whole machine, at most a third of one
core's time goes into it, and a browser gets four answers a second at most. Whoever comes meanwhile is told "busy" at
once; `static/js/framing.js` then asks less often, and soon only now and then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, current_app, jsonify, request, session
from flask_babel import gettext

from honorcard.problems import ProblemError
from kiosk.guard import KEY, applicant_or_staff
from kiosk.reading import jpeg_size
from scanner import face_guide, files

bp = Blueprint("framing", __name__)

FRAME_BYTES = 128 * 1024
FRAME_SIDE_PX = 480  # more than the browser sends; no work is done on larger ones
LEAST_SIDE_PX = 60
EVERY_S = 0.22  # for one browser: four a second, and some for the line's unevenness
RESTS = 2.0  # after a look, so many times as long nothing is looked at
LONGEST_REST_S = 0.5  # a look that took long once (the first starts a decoder) is no reason to stay away for seconds
FORGET_S = 60.0


class Turns:
    """Whose frame may be looked at now. One at a time, with rests, each browser in its own measure."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._busy = False
        self._free_at = 0.0
        self._last: dict[str, float] = {}

    @contextmanager
    def take(self, who: str) -> Iterator[bool]:
        """True within when it is this browser's turn; never waits."""
        begun = self._begin(who)
        try:
            yield begun is not None
        finally:
            if begun is not None:
                with self._lock:
                    now = self._ticks()
                    self._busy, self._free_at = False, now + min(RESTS * (now - begun), LONGEST_REST_S)

    def _begin(self, who: str) -> float | None:
        with self._lock:
            now = self._ticks()
            if self._busy or now < self._free_at or now - self._last.get(who, -FORGET_S) < EVERY_S:
                return None
            self._last = {known: at for known, at in self._last.items() if now - at < FORGET_S} | {who: now}
            self._busy = True
            return now


@bp.post("/capture/frame-face")
@applicant_or_staff
def look() -> Response:
    """`{"words", "box", "ok"}` for the frame in the body, a small JPEG; `{"busy": true}` when it was not looked at.

    box: x, y, width, height of the face as shares of the frame, or null. ok: head and shoulders are where they should
    be. Whatever is not a small JPEG has no face.
    """
    frame = request.get_data(cache=False) if 0 < (request.content_length or 0) <= FRAME_BYTES else b""
    with _turns().take(session.get(KEY, "")) as mine:
        if not mine:
            return _fresh(jsonify(busy=True))
        return _fresh(jsonify(_said(frame)))


def _said(frame: bytes) -> dict[str, object]:
    size = jpeg_size(frame) if frame.startswith(b"\xff\xd8\xff") else None
    found, shape = face_guide.Guide("no_face", None), (1, 1)
    if size is not None and max(size) <= FRAME_SIDE_PX:
        try:
            pixels = files.pixels(frame, LEAST_SIDE_PX)
        except ProblemError:  # torn on the way: the next one comes in a moment
            pass
        else:
            found, shape = face_guide.guide(pixels), (pixels.shape[0], pixels.shape[1])
    rows, columns = shape
    x, y, width, height = found.box or (0, 0, 0, 0)
    shares = [round(value, 4) for value in (x / columns, y / rows, width / columns, height / rows)]
    return {"words": words(found.code), "box": shares if found.box else None, "ok": found.code == "good"}


def words(code: str) -> str:
    """The one instruction over the preview for a code of `face_guide`."""
    said: dict[str, str] = {
        "no_face": gettext("請看鏡頭，頭和肩膀都要入鏡"),
        "two_faces": gettext("請只留本人在畫面裡"),
        "too_far": gettext("請靠近一點"),
        "too_close": gettext("請退後一點"),
        "move_left": gettext("請往您的左邊移一點"),
        "move_right": gettext("請往您的右邊移一點"),
        "move_down": gettext("請低一點，頭頂要入鏡"),
        "move_up": gettext("請高一點，肩膀要入鏡"),
        "turned": gettext("請正面看鏡頭"),
        "tilted": gettext("請把頭擺正"),
        "dark": gettext("臉太暗，請轉向亮的地方"),
        "eyes_covered": gettext("看不到眼睛，請拿下墨鏡或撥開頭髮"),
        "good": gettext("很好，不要動"),
    }
    return said[code]


def _turns() -> Turns:
    turns: Turns = current_app.extensions.setdefault("framing", Turns())
    return turns


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
