"""Picture files: bytes in, an array out, and clean JPEG for what is kept. The only place that turns bytes into arrays.

What a file is, is decided by its content, never by its name (R37). Decoding happens in child processes
(`decode_child`) with bounded memory, processor time and patience; a picture that kills one costs its sender a
sentence and nobody else anything. What leaves is always encoded afresh, so no metadata, thumbnail or appended file
survives.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from honorcard.problems import ProblemError

MIN_SIDE_PX = 200  # below this neither a face nor a page can be judged
PROCESSES = 2
CPU_S = 3  # per picture; a 50-megapixel JPEG needs half a second
DEADLINE_S = 20.0  # by the clock, for a machine that is busy with other things
BUSY_S = 15.0  # how long a picture waits for a free child
MEMORY_BYTES = 512 * 1024 * 1024  # address space; 48 megapixels take 390 MB as JPEG, 480 MB as HEIC
PICTURES_PER_PROCESS = 500  # then a fresh child, against leaks in decoders
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


@dataclass(frozen=True)
class Decoded:
    """A picture that was read.

    pixels: (h, w, 3) uint8 BGR, upright (Exif orientation applied), transparency over white. original_width and
    original_height: the size in the file, upright; larger than pixels only when `reduced`. format: JPEG, PNG, GIF,
    WEBP or HEIF, as the content says.
    """

    pixels: np.ndarray
    format: str
    original_width: int
    original_height: int
    reduced: bool

    @property
    def scale(self) -> float:
        """Pixels of the file for one of `pixels`; 1.0 unless reduced."""
        return self.original_width / int(self.pixels.shape[1])


def read(data: bytes, min_side: int = MIN_SIDE_PX) -> Decoded:
    """The picture in these bytes. Any thread may call; waits for a free child process.

    Raises ProblemError: picture_empty, picture_not_a_picture (R37), picture_damaged, picture_too_small (a side below
    min_side), picture_too_many_pixels, picture_too_heavy (memory or time ran out), picture_decoder_busy.
    """
    if sniff(data) is None:
        if not data:
            raise ProblemError("picture_empty")
        looks_zh, looks_en = _looks_like(data)
        raise ProblemError("picture_not_a_picture", looks_zh=looks_zh, looks_en=looks_en)
    return _pool().decode(data, min_side)


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


def to_jpeg(pixels: np.ndarray, quality: int = 85, long_side: int | None = None, max_bytes: int | None = None) -> bytes:
    """A fresh JPEG of an array (h, w, 3) uint8 BGR, without any metadata.

    long_side: shrink so that the longer side has at most so many pixels. max_bytes: lower the quality to 45, then the
    size, until it fits.
    """
    image = _shrunk(pixels, long_side / max(pixels.shape[:2])) if long_side else pixels
    data = _encoded(image, quality)
    while max_bytes is not None and len(data) > max_bytes and max(image.shape[:2]) > 64:
        if quality > LOWEST_QUALITY:
            quality = max(LOWEST_QUALITY, quality - 8)
        else:
            image = _shrunk(image, max(0.5, min(0.9, (max_bytes / len(data)) ** 0.5)))
        data = _encoded(image, quality)
    return data


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


def _encoded(image: np.ndarray, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not done:
        raise ValueError("not an image array")
    return data.tobytes()


# --- the child processes ---

_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from scanner.decode_child import main; main(int(sys.argv[2]))"
)


class _Died(Exception):
    """The child ended before its answer was complete."""


class _Worn(Exception):
    """Memory ran out in a child that had worked before: a fresh one may have enough."""


class _Child:
    """One decoding process. Used by one thread at a time."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        path = [root, *(entry or str(Path.cwd()) for entry in sys.path)]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
        self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and module; no secrets in its environment)
            [sys.executable, "-I", "-c", _CHILD, json.dumps(path), str(MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
        )
        self.pictures = 0

    def fit(self) -> bool:
        """True while it lives and has not worked too long."""
        return self.process.poll() is None and self.pictures < PICTURES_PER_PROCESS

    def decode(self, data: bytes, min_side: int) -> Decoded:
        """Ask and wait. Raises ProblemError, or _Died when the process ended."""
        self.pictures += 1
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.process.kill()

        watch = threading.Timer(DEADLINE_S, give_up)
        watch.daemon = True
        watch.start()
        try:
            return self._ask(data, min_side)
        except (_Died, OSError, ValueError) as error:
            self.close()
            if late.is_set() or self.process.returncode == -getattr(signal, "SIGXCPU", 0):
                raise ProblemError("picture_too_heavy") from error
            raise _Died from error
        finally:
            watch.cancel()

    def _ask(self, data: bytes, min_side: int) -> Decoded:
        requests, answers = self.process.stdin, self.process.stdout
        assert requests is not None and answers is not None
        header = json.dumps({"bytes": len(data), "min_side": min_side, "cpu_s": CPU_S}).encode()
        requests.write(struct.pack(">I", len(header)) + header)
        requests.write(data)
        requests.flush()
        length = struct.unpack(">I", _filled(answers, bytearray(4)))[0]
        said: dict[str, Any] = json.loads(_filled(answers, bytearray(length)))
        if said.get("problem") == "picture_too_heavy" and self.pictures > 1:
            raise _Worn
        if "problem" in said:
            raise ProblemError(said["problem"], **said["details"])
        buffer = np.empty((said["height"], said["width"], 3), np.uint8)
        _fill(answers, buffer.reshape(-1).data)
        upright = _upright(buffer, said["orientation"])
        stored_width, stored_height = said["stored"]
        if said["orientation"] >= 5:
            stored_width, stored_height = stored_height, stored_width
        reduced = (stored_height, stored_width) != upright.shape[:2]
        return Decoded(upright, said["format"], stored_width, stored_height, reduced)

    def close(self) -> None:
        """End the process and its pipes."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                continue  # the rest of a request that nobody reads any more
        self.process.wait()


class _Pool:
    """A few children, started when needed, shared by all threads of this process."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(PROCESSES)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()

    def decode(self, data: bytes, min_side: int) -> Decoded:
        if not self._places.acquire(timeout=BUSY_S):
            raise ProblemError("picture_decoder_busy")
        try:
            for again in (False, True):
                child = self._take(fresh=again)
                try:
                    return child.decode(data, min_side)
                except _Worn:
                    child.close()
                except _Died:
                    if child.process.returncode not in (-signal.SIGTERM, -getattr(signal, "SIGKILL", 9)):
                        break  # it fell over this picture; killed from outside it may be asked again
                finally:
                    self._give_back(child)
            raise ProblemError("picture_damaged")
        finally:
            self._places.release()

    def _take(self, fresh: bool) -> _Child:
        with self._lock:
            while self._idle and not fresh:
                child = self._idle.pop()
                if child.fit():
                    self._busy.add(child)
                    return child
                child.close()
        child = _Child()
        with self._lock:
            self._busy.add(child)
        return child

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            self._busy.discard(child)
            if child.process.poll() is None:
                self._idle.append(child)

    def process_ids(self) -> list[int]:
        """Ids of the living children."""
        with self._lock:
            return [child.process.pid for child in (*self._idle, *self._busy) if child.process.poll() is None]

    def close(self) -> None:
        with self._lock:
            children, self._idle = [*self._idle, *self._busy], []
        for child in children:
            child.close()


def _filled(source: IO[bytes], buffer: bytearray) -> bytearray:
    """Read until the buffer is full; _Died when the source ends before."""
    _fill(source, memoryview(buffer))
    return buffer


def _fill(source: IO[bytes], view: memoryview) -> None:
    """The same for memory that is there already."""
    done = 0
    while done < len(view):
        count = source.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise _Died
        done += count


def _upright(image: np.ndarray, orientation: int) -> np.ndarray:
    """Exif orientation 1–8 undone (Exif 2.3, 4.6.4 A)."""
    if orientation in (2, 3, 4):
        return cv2.flip(image, {2: 1, 3: -1, 4: 0}[orientation])
    if orientation in (6, 8):
        return cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE if orientation == 6 else cv2.ROTATE_90_COUNTERCLOCKWISE)
    if orientation in (5, 7):
        turned = cv2.transpose(image)
        return turned if orientation == 5 else cv2.flip(turned, -1)
    return image


_the_pool: _Pool | None = None
_pool_lock = threading.Lock()


def _pool() -> _Pool:
    global _the_pool
    with _pool_lock:
        if _the_pool is None:
            _the_pool = _Pool()
        return _the_pool


def _forget() -> None:
    """After a fork the children belong to the parent; this process starts its own."""
    global _the_pool, _pool_lock
    _the_pool, _pool_lock = None, threading.Lock()


@atexit.register
def close() -> None:
    """End the child processes; the next picture starts new ones."""
    global _the_pool
    with _pool_lock:
        pool, _the_pool = _the_pool, None
    if pool is not None:
        pool.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
