"""The library between a program and the disk (shim.c), built when it is needed; and what a program that has it can ask."""

from __future__ import annotations

import ctypes
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOR_EVER = -1


@dataclass(frozen=True)
class Event:
    """One thing asked of the disk. kind: C(reate), W(rite), T(runcate), S(ync), R(ename), L(ink), U(nlink), M(ark), D(irectory
    made).
    """

    kind: str
    path: str
    other: str = ""
    at: int = 0
    data: bytes = b""


def build(folder: Path) -> Path | None:
    """The library; None where there is no C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "shim.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def environment(library: Path) -> dict[str, str]:
    """What a program is started with to have it between."""
    return {**os.environ, "LD_PRELOAD": str(library)}


def steer() -> ctypes.CDLL:
    """The library inside this very process, which was started with it."""
    found = ctypes.CDLL(None)
    found.fault_seen.restype = ctypes.c_long
    found.fault_arm.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_int)
    for name in ("fault_watch", "fault_record", "fault_mark"):
        getattr(found, name).argtypes = (ctypes.c_char_p,)
    return found


def read(log: Path) -> Iterator[Event]:
    """What was recorded, in order."""
    content, at = log.read_bytes(), 0
    while at + 40 <= len(content):
        kind, first, second, offset, size = struct.unpack_from("=5Q", content, at)
        at += 40
        path, other = content[at : at + first], content[at + first : at + first + second]
        at += first + second
        held = size if chr(kind) == "W" else 0
        yield Event(chr(kind), path.decode(), other.decode(), offset, content[at : at + held])
        at += held
