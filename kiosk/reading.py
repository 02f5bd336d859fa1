"""A camera frame, a chosen file, a scanner that types: the QR texts in it. Nothing of it is kept, and no text is logged."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import cv2
import numpy as np

from honorcard.problems import ProblemError
from scanner import files, qr

FRAME_BYTES = 2 * 2**20
FRAME_PIXELS = 2560 * 2560
_JPEG = b"\xff\xd8\xff"


def texts_in_frame(jpeg: bytes) -> list[str]:
    """Texts in one frame of the page's own camera; empty for none and for whatever is not a small JPEG.

    A frame comes five times a second, so it is decoded here, not in a child process as every file is: JPEG alone, its
    size read from the header before a pixel is unpacked.
    """
    if not jpeg.startswith(_JPEG) or len(jpeg) > FRAME_BYTES:
        return []
    size = jpeg_size(jpeg)
    if size is None or size[0] * size[1] > FRAME_PIXELS:
        return []
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return [] if grey is None else qr.decode_fast(grey)


def texts_in_file(content: bytes) -> list[str]:
    """Texts in a picture somebody chose; decoded in a child process. ProblemError for what is not a picture."""
    if not content:
        raise ProblemError("picture_empty")
    return qr.decode(files.pixels(content))


def typed_text(said: Sequence[str], prefix: str) -> str:
    """What a scanner meant that types like a keyboard: of the ways its text was heard, the one that is a card's address.

    An input method writes in full width, Caps Lock in the wrong case; a card's address knows neither, so that both are undone,
    for an address of this prefix alone. Any other text stays as it came.
    """
    for one in said:
        text = unicodedata.normalize("NFKC", one).strip()
        if prefix and text.upper().startswith(prefix.upper()):
            return prefix + text[len(prefix) :].upper()
    return said[0].strip() if said else ""


def jpeg_size(jpeg: bytes) -> tuple[int, int] | None:
    """(width, height) from the frame header (ITU-T T.81 B.2.2); None where there is none."""
    at = 2
    while at + 9 <= len(jpeg):
        if jpeg[at] != 0xFF:
            return None
        mark = jpeg[at + 1]
        if mark == 0xFF:
            at += 1
            continue
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
        if mark == 0x01 or 0xD0 <= mark <= 0xD8:
            at += 2
            continue
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return None
