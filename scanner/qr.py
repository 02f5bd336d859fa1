"""QR codes in a picture: the texts of all that can be read, and never a text that was not there.

zxing-cpp does most of the reading. What it misses is tried again on other versions of the picture (larger, smaller,
sharper, evenly lit, one colour of it), with zbar where the machine has it, and on a grid fitted to codes that were
seen but lie on a fold (`qr_grid`). What a text means is not known here: honorcard.card.token does.

Each code's own text is given: a part of a series (structured append) by itself. Micro QR, rMQR and all other kinds
of symbols give nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import zxingcpp

from scanner import qr_grid, qr_text, qr_zbar
from scanner.qr_grid import Located

BUDGET_S = 0.6  # a photo somebody took and waits for
FAST_BUDGET_S = 0.02  # one frame of a moving picture; the next one comes in 100 ms
VAIN_S = 0.028  # no sign of a code: so long at least, and so many times as long as the first try took
VAIN_TIMES = 8
VAIN_OVER, OVER = 1.25, 2.0  # a try is not begun when it would likely end so many times later than it may begin
GRID_S = 3e-5  # what fitting a grid takes for each module of the code
RETRY_SIDE_PX = 1600  # retries see a large photo at this size; full size was the first try's
ZBAR_LOW_PX, ZBAR_SIDE_PX = 640, 800  # zbar takes ten times as long per pixel
UPSCALE_BELOW_PX = (
    1400  # doubling helps small pictures (public sets: 16 of 46 misses) and only costs time on large ones
)

_QR = zxingcpp.BarcodeFormats(
    zxingcpp.BarcodeFormat.QRCode
)  # models 1 and 2; the reader's Micro QR comes with it and is dropped below
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram
_LOCAL = zxingcpp.Binarizer.LocalAverage
_SAYS_ENCODING = "5D 51 32"  # ]Q2, the symbology identifier of a code that names its encoding (ISO/IEC 15424)


def decode(image: np.ndarray, budget_s: float = BUDGET_S) -> list[str]:
    """Texts of the QR codes in the picture, each once, the most readable first; empty when none can be read.

    image: (h, w, 3) uint8 BGR, or (h, w) uint8 grey. Stops trying harder `budget_s` seconds after the call, and
    sooner where nothing looks like a code; the first, plain try is always made. A text is only returned when the
    code's own error correction vouches for it.
    """
    return _decode(image, budget_s, _hard_tries)


def decode_fast(image: np.ndarray, budget_s: float = FAST_BUDGET_S) -> list[str]:
    """Like `decode`, with the few retries that are worth it on a frame of video."""
    return _decode(image, budget_s, _fast_tries)


class _Search:
    """What one call has found so far and how long it may go on."""

    def __init__(self, budget_s: float) -> None:
        self.begun, self.begun_work = time.monotonic(), time.thread_time()
        self.budget_s = budget_s
        self.first_s = 0.0  # what the first try took
        self.worked = 0.0  # processor time when it ended: on a busy machine nothing is given up sooner
        self.longest_s = 0.0  # the longest try after it, in processor time
        self.texts: list[str] = []
        self.located: list[Located] = []  # codes seen but not read, in pixels of the full picture
        self.read_quads: list[Callable[[], np.ndarray]] = []  # made when asked for: mostly nobody does
        self.fitted = 0  # how many of the located were looked at closely

    def out_of_time(self, needed_s: float | None = None) -> bool:
        """Whether another try, of so many seconds or as long as the longest so far, would end too late."""
        more = self.longest_s if needed_s is None else needed_s
        gone = time.monotonic() - self.begun
        if gone >= self.budget_s or gone + more >= OVER * self.budget_s:
            return True
        if self.located or self.texts:
            return False
        vain = max(VAIN_S, VAIN_TIMES * self.first_s)
        return time.thread_time() - self.worked + more >= VAIN_OVER * vain

    def add(self, text: str | None) -> None:
        if text and text not in self.texts:
            self.texts.append(text)

    def unread(self) -> list[Located]:
        """Seen but unread codes that do not lie over one that was read."""
        if not self.located:
            return []
        read = [quad() for quad in self.read_quads]
        return [one for one in self.located if not any(qr_grid.overlap(one.quad, quad) for quad in read)]

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
        search.worked = time.thread_time()
        search.first_s = search.worked - search.begun_work
        for attempt in tries(image):
            if search.out_of_time():
                break
            before = time.thread_time()
            attempt(grey, search)
            if attempt is not _grid:
                search.longest_s = max(search.longest_s, time.thread_time() - before)
            if search.done():
                break
    return search.texts


def _fast_tries(image: np.ndarray) -> Iterator[_Try]:
    small, scale = _limited(_grey(image)), _scale(image)
    yield lambda g, s: _zxing(_closed(small), s, scale=scale)
    yield lambda g, s: _zxing(_blurred(small, 1.0), s, scale=scale, binarizer=_GLOBAL)
    yield _grid
    if max(image.shape) < UPSCALE_BELOW_PX:
        yield lambda g, s: _zxing(_resized(g, 2.0), s, scale=2.0)
        yield _grid


def _hard_tries(image: np.ndarray) -> Iterator[_Try]:
    """Retries in the order of what they rescued per millisecond spent where there is nothing to find, the most such a
    millisecond buys first (public sets and drawn scenes, 2026-11).
    """
    small, scale = _limited(_grey(image)), _scale(image)
    half, low, middle = (_limited(small, side) for side in (max(240, max(small.shape) // 2), ZBAR_LOW_PX, ZBAR_SIDE_PX))
    half_scale, low_scale, middle_scale = (
        scale * max(version.shape) / max(small.shape) for version in (half, low, middle)
    )
    doubled = max(image.shape) < UPSCALE_BELOW_PX
    yield lambda g, s: _zxing(_closed(small), s, scale=scale)
    yield lambda g, s: _zxing(small, s, scale=scale, binarizer=_GLOBAL)
    yield _grid
    yield lambda g, s: _zxing(_blurred(half, 0.8), s, scale=half_scale, binarizer=_GLOBAL)
    yield lambda g, s: _zxing(_blurred(small, 1.0), s, scale=scale, binarizer=_GLOBAL)
    colours = list(_colours(image))
    for plane in colours[:1]:
        yield lambda g, s, plane=plane: _zxing(plane, s, scale=scale, binarizer=_GLOBAL)  # type: ignore[misc]
        yield lambda g, s, plane=plane: _zxing(plane, s, scale=scale)  # type: ignore[misc]
    yield lambda g, s: _zbar(_evened(low), s, low_scale)
    for plane in colours[1:]:
        yield lambda g, s, plane=plane: _zxing(plane, s, scale=scale, binarizer=_GLOBAL)  # type: ignore[misc]
        yield lambda g, s, plane=plane: _zxing(plane, s, scale=scale)  # type: ignore[misc]
    yield lambda g, s: _zbar(_closed(middle), s, middle_scale)
    yield lambda g, s: _zxing(_sharpened(small), s, scale=scale)
    if doubled:
        yield lambda g, s: _zxing(_resized(g, 2.0), s, scale=2.0)
    yield _grid
    yield lambda g, s: _zxing(_evened(middle), s, scale=middle_scale)
    yield lambda g, s: _zxing(_opened(small), s, scale=scale)
    yield lambda g, s: _zxing(_sharpened(small), s, scale=scale, binarizer=_GLOBAL)
    yield lambda g, s: _zbar(half, s, half_scale)
    yield lambda g, s: _zbar(_evened(middle), s, middle_scale)
    yield lambda g, s: _zxing(_contrasted(small), s, scale=scale, binarizer=_GLOBAL)
    yield lambda g, s: _zxing(cv2.medianBlur(small, 5), s, scale=scale)
    yield lambda g, s: _zxing(half, s, scale=half_scale)
    yield lambda g, s: _zxing(half, s, scale=half_scale, binarizer=_GLOBAL)
    yield lambda g, s: _zxing(_contrasted(small), s, scale=scale)
    yield lambda g, s: _zxing(_blurred(small, 1.6), s, scale=scale)
    if doubled:
        yield lambda g, s: _zxing(_sharpened(_resized(g, 2.0)), s, scale=2.0, binarizer=_GLOBAL)
        yield lambda g, s: _zxing(_sharpened(_resized(g, 2.0)), s, scale=2.0)
    yield _grid
    yield lambda g, s: _zbar(middle, s, middle_scale)
    yield lambda g, s: _zbar(_sharpened(middle), s, middle_scale)
    yield lambda g, s: _zbar(_blurred(middle, 1.6), s, middle_scale)
    if doubled:
        yield lambda g, s: _zbar(_resized(g, 2.0), s, 2.0)
    elif max(small.shape) > max(middle.shape):
        yield lambda g, s: _zbar(small, s, scale)


# --- the readers ---


def _zxing(grey: np.ndarray, search: _Search, scale: float = 1.0, binarizer: zxingcpp.Binarizer = _LOCAL) -> None:
    for code in zxingcpp.read_barcodes(
        grey, formats=_QR, text_mode=zxingcpp.TextMode.Plain, binarizer=binarizer, return_errors=True
    ):
        if qr_grid.is_micro(code):  # too little error correction to be sure of a text
            continue
        if code.valid:
            search.add(_text(code))
            search.read_quads.append(lambda code=code: qr_grid.quad_of(code) / scale)  # type: ignore[misc]
        else:
            located = qr_grid.located(code, scale)
            if located is not None and len(search.located) < 24:
                search.located.append(located)


def _text(code: zxingcpp.Barcode) -> str | None:
    """The text of a code that was read; its encoding is the reader's to say only where the code itself names one."""
    data = bytes(code.bytes)
    if data.isascii():
        return str(code.text)
    redrawn = np.array(code.to_image(scale=3))
    again = zxingcpp.read_barcodes(redrawn, formats=_QR, text_mode=zxingcpp.TextMode.HexECI)
    if again and again[0].text.startswith(_SAYS_ENCODING):
        return str(code.text)
    return qr_text.of_bytes(data, str(code.text))


def _zbar(grey: np.ndarray, search: _Search, scale: float = 1.0) -> None:
    for data, corners in qr_zbar.read(grey):
        search.add(qr_text.of_bytes(data))
        if corners is not None:
            search.read_quads.append(lambda corners=corners: corners / scale)  # type: ignore[misc]


def _grid(grey: np.ndarray, search: _Search) -> None:
    places = qr_grid.distinct(search.unread())
    for one in places[search.fitted :]:
        if search.out_of_time(GRID_S * one.modules**2):
            return
        search.fitted += 1
        text = qr_grid.read(grey, one, search.out_of_time)
        if text:
            search.add(text)
            search.read_quads.append(lambda one=one: one.quad)  # type: ignore[misc]


# --- versions of the picture ---

_THREE = np.ones((3, 3), np.uint8)
COLOURFUL = 40  # between the strongest and the weakest colour of a pixel


def _grey(image: np.ndarray) -> np.ndarray:
    if image.ndim == 3 and image.shape[2] == 3:
        return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.ascontiguousarray(image.reshape(image.shape[:2]))


def _resized(grey: np.ndarray, factor: float) -> np.ndarray:
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=kind)


def _scale(image: np.ndarray, side: int = RETRY_SIDE_PX) -> float:
    return min(1.0, side / int(max(image.shape)))


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


def _closed(grey: np.ndarray) -> np.ndarray:
    """Thin dark lines gone: a screen's grid, scratches, grain."""
    return cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _THREE)


def _opened(grey: np.ndarray) -> np.ndarray:
    """Thin light lines gone: gaps between a printer's dots."""
    return cv2.morphologyEx(grey, cv2.MORPH_OPEN, _THREE)


def _colours(image: np.ndarray) -> Iterator[np.ndarray]:
    """Blue alone, whose grain differs from the grey's; and red where the picture has colours: a code may differ from
    its ground in hue only.
    """
    if image.ndim == 2:
        return
    yield _limited(np.ascontiguousarray(image[:, :, 0]))
    small = image[:: max(1, image.shape[0] // 60), :: max(1, image.shape[1] // 60)].astype(np.int16)
    if np.percentile(small.max(axis=2) - small.min(axis=2), 90) > COLOURFUL:
        yield _limited(np.ascontiguousarray(image[:, :, 2]))
