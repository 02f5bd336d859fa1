"""The few child processes that decode pictures, shared by all threads: started when needed, replaced when they fall.

What happens inside a child is `decode_child`; who may be decoded at all and what leaves is `files`, the only caller.
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

PROCESSES = 2
CPU_S = 3  # per picture; a 50-megapixel JPEG needs half a second
DEADLINE_S = 20.0  # by the clock, for a machine that is busy with other things
BUSY_S = 15.0  # how long a picture waits for a free child
MEMORY_BYTES = 512 * 1024 * 1024  # address space; 48 megapixels take 390 MB as JPEG, 480 MB as HEIC
PICTURES_PER_PROCESS = 500  # then a fresh child, against leaks in decoders


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

    def decode(self, data: bytes, min_side: int, only_check: bool) -> Decoded | None:
        """Ask and wait; None when it was only to be checked. Raises ProblemError, or _Died when the process ended."""
        self.pictures += 1
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.process.kill()

        watch = threading.Timer(DEADLINE_S, give_up)
        watch.daemon = True
        watch.start()
        try:
            return self._ask(data, min_side, only_check)
        except (_Died, OSError, ValueError) as error:
            self.close()
            if late.is_set() or self.process.returncode == -getattr(signal, "SIGXCPU", 0):
                raise ProblemError("picture_too_heavy") from error
            raise _Died from error
        finally:
            watch.cancel()

    def _ask(self, data: bytes, min_side: int, only_check: bool) -> Decoded | None:
        requests, answers = self.process.stdin, self.process.stdout
        assert requests is not None and answers is not None
        asked = {"bytes": len(data), "min_side": min_side, "cpu_s": CPU_S, "only_check": only_check}
        header = json.dumps(asked).encode()
        requests.write(struct.pack(">I", len(header)) + header)
        requests.write(data)
        requests.flush()
        length = struct.unpack(">I", _filled(answers, bytearray(4)))[0]
        said: dict[str, Any] = json.loads(_filled(answers, bytearray(length)))
        if said.get("problem") == "picture_too_heavy" and self.pictures > 1:
            raise _Worn
        if "problem" in said:
            raise ProblemError(said["problem"], **said["details"])
        if only_check:
            return None
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

    def decode(self, data: bytes, min_side: int, only_check: bool = False) -> Decoded | None:
        if not self._places.acquire(timeout=BUSY_S):
            raise ProblemError("picture_decoder_busy")
        try:
            for again in (False, True):
                child = self._take(fresh=again)
                try:
                    return child.decode(data, min_side, only_check)
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


def decode(data: bytes, min_side: int) -> Decoded:
    """The picture in these bytes, by the next free child. Raises ProblemError with the picture_… codes."""
    found = _pool().decode(data, min_side)
    assert found is not None
    return found


def check(data: bytes, min_side: int) -> None:
    """That there is a picture in these bytes, as `decode` finds out, of which no pixel is wanted. Raises like it."""
    _pool().decode(data, min_side, only_check=True)


def process_ids() -> list[int]:
    """Ids of the living children."""
    return _pool().process_ids()


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
