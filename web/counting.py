"""Counters and histograms of a program, for Prometheus: in memory, and summed over the processes of one machine.

Each process writes what it has counted to a file of its own, whole or not at all, every second or two; whoever is asked sums all
files. What a process counted that has ended is kept with the others, so that sums only rise. Labels are addresses as they are
registered, codes and words, never what somebody typed: there is an end to how many there are. What is not here: what is read
from a database at the moment of asking (center.metrics).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from math import inf, isinf, isnan
from pathlib import Path

import msgspec
from flask import current_app

from honorcard.typed import read_json

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PIECES = (0.0, 1.0, 10.0, 50.0, 100.0, 500.0)
FLUSH_EVERY_S = 1.0
_BEFORE = "ended.counts"  # what processes counted that are no more
_NAME = re.compile(r"([0-9]+)-[0-9a-f]+\.counts\Z")
_UNSAFE = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Samples = dict[str, float]


class _Ended(msgspec.Struct):
    samples: Samples
    merged: list[str]


class Counters:
    """The counters of this process, and of those beside it when they share a folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._samples: Samples = {}
        self._lock = threading.Lock()
        self._flushed_s = 0.0
        self._dirty = False
        self._folder = None if folder is None else folder / re.sub(r"[^\w.-]", "_", socket.gethostname())
        self._file = f"{os.getpid()}-{time.time_ns():x}.counts"
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._gather()

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Counts."""
        key = name + _labels(labels)
        with self._lock:
            self._samples[key] = self._samples.get(key, 0) + amount
            self._dirty = True

    def observe(self, name: str, value: float, buckets: Sequence[float] = BUCKETS_S, **labels: str) -> None:
        """One value of a histogram, in seconds or pieces."""
        with self._lock:
            for place in (*buckets, inf):  # all of them, so that a scrape sees every bucket from the first value on
                key = f"{name}_bucket" + _labels({**labels, "le": "+Inf" if place == inf else f"{place:g}"})
                self._samples[key] = self._samples.get(key, 0) + (value <= place)
            for what, amount in (("sum", value), ("count", 1)):
                key = f"{name}_{what}" + _labels(labels)
                self._samples[key] = self._samples.get(key, 0) + amount
            self._dirty = True

    def flush(self, *, now: bool = False) -> None:
        """Lets the other processes know, if anything was counted since and the last time is a second ago."""
        moment = time.monotonic()
        if self._folder is None or not self._dirty or not (now or moment - self._flushed_s >= FLUSH_EVERY_S):
            return
        with self._lock:
            self._flushed_s, self._dirty = moment, False
            content = msgspec.json.encode(self._samples)
            _write(self._folder / self._file, content)

    def summed(self) -> Samples:
        """What all processes of this machine have counted, by sample line."""
        if self._folder is None:
            with self._lock:
                return dict(self._samples)
        self.flush(now=True)
        ended = _read_ended(self._folder)
        total = dict(ended.samples)
        for path in self._folder.glob("*.counts"):
            if _NAME.match(path.name) and path.name not in ended.merged:
                _add(total, _read(path))
        return total

    def processes(self) -> list[int]:
        """The processes that count here and live."""
        if self._folder is None:
            return [os.getpid()]
        found = {int(match[1]) for path in self._folder.glob("*.counts") if (match := _NAME.match(path.name))}
        return sorted({pid for pid in found if _lives(pid)} | {os.getpid()})

    def _gather(self) -> None:
        """Takes over what ended processes counted, one process at a time."""
        assert self._folder is not None
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ended = _read_ended(self._folder)
            for path in sorted(self._folder.glob("*.counts")):
                match = _NAME.match(path.name)
                if match is None or _lives(int(match[1])):
                    continue
                if path.name not in ended.merged:
                    _add(ended.samples, _read(path))
                    ended.merged.append(path.name)
                    _write(self._folder / _BEFORE, msgspec.json.encode(ended))
                path.unlink(missing_ok=True)
            ended.merged = [name for name in ended.merged if (self._folder / name).exists()]
            _write(self._folder / _BEFORE, msgspec.json.encode(ended))


def counters() -> Counters:
    """Those of the app that answers."""
    found: Counters = current_app.extensions["counters"]
    return found


def exposition(families: Iterable[tuple[str, str, str, Mapping[str, float]]]) -> str:
    """Prometheus text format 0.0.4. families: name, kind, help, and the samples by their whole key."""
    lines: list[str] = []
    for name, kind, said, samples in families:
        if samples:
            lines += [f"# HELP {name} {said}", f"# TYPE {name} {kind}"]
            lines += [f"{key} {_number(value)}" for key, value in samples.items()]
    return "\n".join(lines) + "\n"


def sample(name: str, value: float, **labels: str) -> tuple[str, float]:
    """One sample of a gauge: its whole key and its value."""
    return name + _labels(labels), value


def family(samples: Samples, name: str) -> Samples:
    """Those of the summed samples that belong to a metric, in an order that keeps a histogram's buckets rising."""
    keys = [key for key in samples if re.match(rf"{name}(_bucket|_sum|_count)?(\{{|\Z)", key)]
    return {key: samples[key] for key in sorted(keys, key=_order)}


def resident_bytes(pid: int) -> int:
    """What a process holds of the machine's memory; 0 when that cannot be known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _order(key: str) -> tuple[str, float, str]:
    found = re.search(r',?le="([^"]+)"', key)
    if found is None:
        return key.replace("_sum", "_zsum").replace("_count", "_zcount"), 0.0, key
    return key.replace(found[0], ""), float(found[1].replace("+Inf", "inf")), key


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_UNSAFE)}"' for name, value in sorted(labels.items())) + "}"


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(float(value))


def _add(total: Samples, more: Samples) -> None:
    for key, value in more.items():
        total[key] = total.get(key, 0) + value


def _read(path: Path) -> Samples:
    try:
        return read_json(path.read_bytes(), Samples)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return {}


def _read_ended(folder: Path) -> _Ended:
    try:
        return read_json((folder / _BEFORE).read_bytes(), _Ended)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return _Ended({}, [])


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{threading.get_ident()}")
    with contextlib.suppress(OSError):  # on a full disk a number is late, and nothing else
        draft.write_bytes(content)
        draft.replace(path)


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
