"""The camera on photographs: codes, faces and pages, with plain baselines beside ours in the same run.

The photographs are not in the repository. BENCH_DATA names a folder with `qr/`, `face/` and `page/`, each with its
pictures and the file that says what is in them. A table is a module here with `run(folder)`, which prints it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

TABLES = {
    "qr": "bench.camera.qr",
    "face": "bench.camera.faces",
    "page": "bench.camera.pages",
}  # folder within BENCH_DATA -> the module with its table


def run() -> None:
    """Prints the tables of the folders that are there, and what was left out."""
    print("## The camera on photographs\n")
    given = os.environ.get("BENCH_DATA", "")
    if not given:
        print(f"left out: {', '.join(TABLES)} (BENCH_DATA names no folder of pictures)")
        return
    for kind, module in TABLES.items():
        folder = Path(given) / kind
        if folder.is_dir():
            import_module(module).run(folder)
            print(flush=True)
        else:
            print(f"left out: {kind} (BENCH_DATA has no such folder)\n")


def interleaved(
    engines: Mapping[str, Callable[[np.ndarray], Any]], pictures: Iterable[np.ndarray]
) -> dict[str, list[tuple[Any, float]]]:
    """What each engine answers to each picture (h, w, 3) uint8 BGR, and its milliseconds of processor time, all threads.

    All engines see a picture before the next one is opened, each time in another order: so times can be compared as
    ratios on a machine that is busy with other things, and none always follows one that emptied the caches. An engine that
    raises has found nothing.
    """
    names = list(engines)
    answers: dict[str, list[tuple[Any, float]]] = {name: [] for name in names}
    dice = random.Random(len(names))
    for number, picture in enumerate(pictures):
        for name in dice.sample(names, len(names)):
            begun = time.process_time()
            try:
                answer = engines[name](picture)
            except Exception as error:
                answer = None
                print(f"  {name} raised {type(error).__name__} on picture {number}")
            answers[name].append((answer, (time.process_time() - begun) * 1000))
    return answers


def median(values: list[float]) -> float:
    """The middle value; 0 of none."""
    return float(np.median(values)) if values else 0.0


def p95(values: list[float]) -> float:
    """The 95th percentile; 0 of none."""
    return float(np.percentile(values, 95)) if values else 0.0


def percent(part: float, whole: float) -> str:
    """`98.5 %`; a dash of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "–"


def table(head: list[str], rows: list[list[str]]) -> None:
    """Prints a table whose columns line up."""
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    for number, line in enumerate([head, *rows]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
