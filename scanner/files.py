"""Picture files: bytes in, an array out, and clean JPEG for what is kept. The only place that turns bytes into arrays.

What a file is, is decided by its content, never by its name (R37). Decoding happens in child processes
(`decode_child`) with bounded memory, processor time and patience; a picture that kills one costs its sender a
sentence and nobody else anything. What leaves is always encoded afresh, so no metadata, thumbnail or appended file
survives.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from honorcard.problems import ProblemError
from scanner import decode_pool
from scanner.decode_pool import Decoded, close

__all__ = ["MIN_SIDE_PX", "Decoded", "check", "close", "pixels", "read", "sanitise", "size_of", "sniff", "to_jpeg"]

MIN_SIDE_PX = 200  # below this neither a face nor a page can be judged
NEARLY = 0.96  # so much of what is allowed, and the search for more ends
LOWEST_QUALITY = 45  # below it handwriting breaks up; from there on the picture is made smaller instead

_JPEG_MARK = b"\xff\xd8\xff"
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_KINDS: tuple[tuple[bytes, int, str, str], ...] = (  # what people pick by mistake: mark, offset, zh, en
    (b"%PDF-", 0, "PDF", "a PDF"),
    (b"PK\x03\x04", 0, "壓縮檔或 Office 文件", "a ZIP file or an Office document"),
    (b"\xd0\xcf\x11\xe0", 0, "舊版 Office 文件", "an old Office document"),
    (b"Rar!", 0, "壓縮檔", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "壓縮檔", "an archive"),
    (b"\x1f\x8b", 0, "壓縮檔", "an archive"),
    (b"II*\x00", 0, "TIFF", "a TIFF"),
    (b"MM\x00*", 0, "TIFF", "a TIFF"),
    (b"BM", 0, "BMP", "a BMP"),
    (b"8BPS", 0, "Photoshop 檔", "a Photoshop file"),
    (b"%!PS", 0, "PostScript", "PostScript"),
    (b"MZ", 0, "程式", "a program"),
    (b"\x7fELF", 0, "程式", "a program"),
    (b"ftypavif", 4, "AVIF", "an AVIF"),
    (b"ftyp", 4, "影片", "a video"),
    (b"\x1aE\xdf\xa3", 0, "影片", "a video"),
    (b"ID3", 0, "聲音檔", "a sound file"),
    (b"OggS", 0, "聲音檔", "a sound file"),
    (b"RIFF", 0, "影片或聲音檔", "a video or sound file"),
)


def read(data: bytes, min_side: int = MIN_SIDE_PX) -> Decoded:
    """The picture in these bytes. Any thread may call; waits for a free child process.

    Raises ProblemError: picture_empty, picture_not_a_picture (R37), picture_damaged, picture_too_small (a side below
    min_side), picture_too_many_pixels, picture_too_heavy (memory or time ran out), picture_decoder_busy.
    """
    _check_kind(data)
    return decode_pool.decode(data, min_side)


def check(data: bytes, min_side: int = MIN_SIDE_PX) -> None:
    """That `read` would give a picture, at less than half the cost: nothing of it leaves the child. Raises like `read`."""
    _check_kind(data)
    decode_pool.check(data, min_side)


def _check_kind(data: bytes) -> None:
    if sniff(data) is not None:
        return
    if not data:
        raise ProblemError("picture_empty")
    looks_zh, looks_en = _looks_like(data)
    spaced = f" {looks_zh}" if looks_zh[0].isascii() else looks_zh  # 看起來是 PDF, 看起來是網頁
    raise ProblemError("picture_not_a_picture", looks_zh=spaced, looks_en=looks_en)


def pixels(data: bytes, min_side: int = MIN_SIDE_PX) -> np.ndarray:
    """The array alone, (h, w, 3) uint8 BGR; raises like `read`."""
    return read(data, min_side).pixels


def sniff(data: bytes) -> str | None:
    """JPEG, PNG, GIF, WEBP or HEIF by the first bytes; None for anything else."""
    if data.startswith(_JPEG_MARK):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIF"
    return None


def _looks_like(data: bytes) -> tuple[str, str]:
    """What a file that is no picture seems to be, in both languages."""
    for mark, offset, zh, en in _KINDS:
        if data[offset : offset + len(mark)] == mark:
            return zh, en
    head = data[:1024]
    if b"%PDF-" in head:  # ISO 32000 lets readers look this far
        return "PDF", "a PDF"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in start:
        return "SVG", "an SVG"
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<body")):
        return "網頁", "a web page"
    try:
        head.decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "不認得的檔案", "an unknown kind of file"
    if b"\0" in head:
        return "不認得的檔案", "an unknown kind of file"
    return "文字檔", "a text file"


# --- what leaves ---


def to_jpeg(
    pixels: np.ndarray,
    quality: int = 85,
    long_side: int | None = None,
    max_bytes: int | None = None,
    *,
    quickly: bool = False,
) -> bytes:
    """A fresh JPEG of an array (h, w, 3) uint8 BGR, without any metadata.

    long_side: shrink so that the longer side has at most so many pixels. max_bytes: lower the quality as far as needed
    and not below 45, then the size, until it fits. quickly: half the time for a few hundredths more bytes, for what is
    not sent anywhere.
    """
    image = _shrunk(pixels, long_side / max(pixels.shape[:2])) if long_side else pixels
    data = _encoded(image, quality, optimised=not quickly)
    if max_bytes is None or len(data) <= max_bytes:
        return data
    lowest = _encoded(image, min(quality, LOWEST_QUALITY))
    if len(lowest) <= max_bytes:
        return _best_quality(image, lowest, (quality, len(data)), max_bytes)
    return _largest(image, lowest, min(quality, LOWEST_QUALITY), max_bytes)


def _best_quality(image: np.ndarray, lowest: bytes, too_fine: tuple[int, int], max_bytes: int) -> bytes:
    """The finest that fits, or nearly, where `lowest` does and what is `too_fine`, a quality and its bytes, does not.

    The bytes grow with the quality like a power of e, nearly: a guess in between is near at once.
    """
    best, fits, (fails, failed) = lowest, LOWEST_QUALITY, too_fine
    while fails - fits > 2 and len(best) < NEARLY * max_bytes:
        share = math.log(NEARLY**0.5 * max_bytes / len(best)) / math.log(failed / len(best))
        middle = fits + min(max(round(share * (fails - fits)), 1), fails - fits - 1)
        data = _encoded(image, middle)
        if len(data) <= max_bytes:
            best, fits = data, middle
        else:
            fails, failed = middle, len(data)
    return best


def _largest(image: np.ndarray, too_much: bytes, quality: int, max_bytes: int) -> bytes:
    """The largest that fits at this quality, within a few hundredths of the side; small letters need every pixel."""
    data, fits, fails = too_much, 0.0, 1.0
    best: bytes | None = None
    while best is None or fails - fits > 0.04:
        guess = fails * max(0.5, min(0.97, (max_bytes / len(data)) ** 0.5))  # a little less each time
        factor = guess if best is None else (fits + fails) / 2
        data = _encoded(_shrunk(image, factor), quality)
        if len(data) <= max_bytes:
            best, fits = data, factor
        else:
            fails = factor
            if max(image.shape[:2]) * factor <= 64:
                return data
    return best


def sanitise(
    data: bytes,
    quality: int = 85,
    long_side: int | None = None,
    max_bytes: int | None = None,
    min_side: int = MIN_SIDE_PX,
) -> bytes:
    """The picture in these bytes as a fresh, upright JPEG without metadata; raises like `read`."""
    return to_jpeg(pixels(data, min_side), quality, long_side, max_bytes)


def _shrunk(image: np.ndarray, factor: float) -> np.ndarray:
    if factor >= 1:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def size_of(fresh: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that `to_jpeg` has just made; nothing that comes from outside is asked this way."""
    at = 2
    while fresh[at + 1] not in (0xC0, 0xC1, 0xC2):  # the frame's header (ITU-T T.81, B.2.2)
        at += 2 + int.from_bytes(fresh[at + 2 : at + 4], "big")
    return int.from_bytes(fresh[at + 7 : at + 9], "big"), int.from_bytes(fresh[at + 5 : at + 7], "big")


def _encoded(image: np.ndarray, quality: int, optimised: bool = True) -> bytes:
    wishes = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, int(optimised)]
    done, data = cv2.imencode(".jpg", image, wishes)
    if not done:
        raise ValueError("not an image array")
    return data.tobytes()
