"""QR codes in a picture: the texts of all that can be read, and never a text that was not there.

zxing-cpp does most of the reading. What it misses is tried again on other versions of the picture (larger, smaller,
sharper, evenly lit), with zbar where the machine has it, and last on a grid fitted to codes that were seen but lie on
a fold (`qr_grid`). What a text means is not known here: honorcard.card.token does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import zxingcpp

from scanner import qr_grid
from scanner.qr_grid import Located

try:  # pyzbar is a thin cover over libzbar, which many machines lack: the import itself fails there
    from pyzbar import pyzbar
except Exception:  # ImportError without the library, OSError/FileNotFoundError with a broken one
    pyzbar = None

BUDGET_S = 0.6  # a photo somebody took and waits for
FAST_BUDGET_S = 0.03  # one frame of a moving picture; the next one comes in 100 ms
RETRY_SIDE_PX = 1600  # retries see a large photo at this size; full size was the first try's
UPSCALE_BELOW_PX = (
    1400  # doubling helps small pictures (public sets: 16 of 46 misses) and only costs time on large ones
)
SMALL_SIDES_PX = (900, 480, 320)  # shrinking averages noise and moiré away

_QR = zxingcpp.BarcodeFormats(
    zxingcpp.BarcodeFormat.QRCode
)  # models 1 and 2; the reader's Micro QR comes with it and is dropped below
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram
_LOCAL = zxingcpp.Binarizer.LocalAverage


def decode(image: np.ndarray, budget_s: float = BUDGET_S) -> list[str]:
    """Texts of the QR codes in the picture, each once, the most readable first; empty when none can be read.

    image: (h, w, 3) uint8 BGR, or (h, w) uint8 grey. Stops trying harder `budget_s` seconds after the call; the
    first, plain try is always made. A text is only returned when the code's own error correction vouches for it.
    """
    return _decode(image, budget_s, _hard_tries)


def decode_fast(image: np.ndarray, budget_s: float = FAST_BUDGET_S) -> list[str]:
    """Like `decode`, with the few retries that are worth it on a frame of video."""
    return _decode(image, budget_s, _fast_tries)


class _Search:
    """What one call has found so far and how long it may go on."""

    def __init__(self, budget_s: float) -> None:
        self.until = time.monotonic() + budget_s
        self.texts: list[str] = []
        self.located: list[Located] = []  # codes seen but not read, in pixels of the full picture
        self.read_quads: list[np.ndarray] = []

    def out_of_time(self) -> bool:
        return time.monotonic() >= self.until

    def add(self, text: str) -> None:
        if text and text not in self.texts:
            self.texts.append(text)

    def unread(self) -> list[Located]:
        """Seen but unread codes that do not lie over one that was read."""
        return [one for one in self.located if not any(qr_grid.overlap(one.quad, quad) for quad in self.read_quads)]

    def done(self) -> bool:
        return bool(self.texts) and not self.unread()


_Try = Callable[[np.ndarray, "_Search"], None]


def _decode(image: np.ndarray, budget_s: float, tries: Callable[[np.ndarray], Iterator[_Try]]) -> list[str]:
    grey = _grey(image)
    if min(grey.shape) < 8:
        return []
    search = _Search(budget_s)
    _zxing(grey, search)
    if not search.done():
        for attempt in tries(grey):
            if search.out_of_time():
                break
            attempt(grey, search)
            if search.done():
                break
    return search.texts


def _fast_tries(grey: np.ndarray) -> Iterator[_Try]:
    if max(grey.shape) < UPSCALE_BELOW_PX:
        yield lambda g, s: _zxing(_resized(g, 2.0), s, scale=2.0)
    yield lambda g, s: _zxing(_blurred(_limited(g), 1.0), s, scale=_scale(g), binarizer=_GLOBAL)
    yield _grid


def _hard_tries(grey: np.ndarray) -> Iterator[_Try]:
    """Retries in the order of what they rescued per millisecond on the public sets (2026-11)."""
    small = _limited(grey)
    scale = _scale(grey)
    yield lambda g, s: _zbar(small, s, scale)
    if max(grey.shape) < UPSCALE_BELOW_PX:
        yield lambda g, s: _zxing(_resized(g, 2.0), s, scale=2.0)
    yield _grid
    yield lambda g, s: _zbar(_evened(small), s, scale)
    yield lambda g, s: _zxing(_blurred(small, 1.0), s, scale=scale, binarizer=_GLOBAL)
    yield lambda g, s: _zxing(_contrasted(small), s, scale=scale)
    yield lambda g, s: _zxing(_contrasted(small), s, scale=scale, binarizer=_GLOBAL)
    yield lambda g, s: _zbar(_sharpened(small), s, scale)
    yield lambda g, s: _zxing(_sharpened(small), s, scale=scale)
    yield lambda g, s: _zxing(_evened(small), s, scale=scale)
    for side in SMALL_SIDES_PX:
        if max(grey.shape) > side * 1.2:
            tiny = _limited(grey, side)
            yield lambda g, s, tiny=tiny: _zxing(tiny, s, scale=_scale(g, max(tiny.shape)))  # type: ignore[misc]
            yield lambda g, s, tiny=tiny: _zxing(tiny, s, scale=_scale(g, max(tiny.shape)), binarizer=_GLOBAL)  # type: ignore[misc]
    yield lambda g, s: _zxing(_blurred(small, 1.6), s, scale=scale)
    yield lambda g, s: _zbar(_blurred(small, 1.6), s, scale)
    yield lambda g, s: _zbar(_contrasted(small), s, scale)
    if max(grey.shape) > 1100:
        yield lambda g, s: _zbar(_limited(g, 900), s, _scale(g, 900))
    else:
        yield lambda g, s: _zbar(_resized(g, 2.0), s, 2.0)
        yield lambda g, s: _zxing(_sharpened(_resized(g, 2.0)), s, scale=2.0)
    yield _grid


# --- the readers ---


def _zxing(grey: np.ndarray, search: _Search, scale: float = 1.0, binarizer: zxingcpp.Binarizer = _LOCAL) -> None:
    for code in zxingcpp.read_barcodes(
        grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain, binarizer=binarizer, return_errors=True
    ):
        if qr_grid.is_micro(code):  # too little error correction to be sure of a text
            continue
        if code.valid:
            search.add(code.text)
            search.read_quads.append(qr_grid.quad_of(code) / scale)
        else:
            located = qr_grid.located(code, scale)
            if located is not None and len(search.located) < 24:
                search.located.append(located)


def _zbar(grey: np.ndarray, search: _Search, scale: float = 1.0) -> None:
    """zbar guesses encodings (28 wrong texts in 455 photos, all of them non-ASCII), so only its ASCII counts."""
    if pyzbar is None:
        return
    for code in pyzbar.decode(np.ascontiguousarray(grey), symbols=[pyzbar.ZBarSymbol.QRCODE]):
        if code.data and code.data.isascii():
            search.add(code.data.decode("ascii"))
            if len(code.polygon) == 4:
                search.read_quads.append(np.array(code.polygon, np.float32) / scale)


def _grid(grey: np.ndarray, search: _Search) -> None:
    for one in qr_grid.distinct(search.unread()):
        if search.out_of_time():
            return
        text = qr_grid.read(grey, one)
        if text:
            search.add(text)
            search.read_quads.append(one.quad)


# --- versions of the picture ---


def _grey(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3 and image.shape[2] == 3:
        return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.ascontiguousarray(image.reshape(image.shape[:2]))


def _resized(grey: np.ndarray, factor: float) -> np.ndarray:
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=kind)


def _scale(grey: np.ndarray, side: int = RETRY_SIDE_PX) -> float:
    return min(1.0, side / int(max(grey.shape)))


def _limited(grey: np.ndarray, side: int = RETRY_SIDE_PX) -> np.ndarray:
    scale = _scale(grey, side)
    return grey if scale == 1.0 else _resized(grey, scale)


def _blurred(grey: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(grey, (0, 0), sigma)


def _sharpened(grey: np.ndarray) -> np.ndarray:
    return cv2.addWeighted(grey, 2.0, cv2.GaussianBlur(grey, (0, 0), 2.0), -1.0, 0)


def _contrasted(grey: np.ndarray) -> np.ndarray:
    return cv2.createCLAHE(3.0, (8, 8)).apply(grey)


def _evened(grey: np.ndarray) -> np.ndarray:
    """Black and white against the neighbourhood: shadows and glare gone."""
    window = max(31, (min(grey.shape) // 12) | 1)
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    return cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, window, 8)
