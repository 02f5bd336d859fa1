"""Outlines of pages on desks, and blur: ours beside the plain recipe and the plain score.

`labels.json`: file -> {"group": "easy" | "hard" | "book" | "none", "quad": four corners}. An outline counts when it shares
more than 0.9 of its union with the true one; with "none" no outline, or one of over 85 % of the frame, is right. For blur
each true page is laid flat at 1,000 pixels, kept as it is or softened a little (fine), and blurred or moved (clear).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.camera import desks, interleaved, median, p95, percent, table
from scanner import page, quality, sharpness

PEER = "Canny, largest four corners"
GROUPS = ("easy", "hard", "book")
DRAWN = 120  # held-back desks
LEAST_SIDE_PX = 800  # a page seen smaller is not sharp to begin with
PLAIN_SHARP = 2.1  # the plain score's best threshold on public pages


def run(folder: Path) -> None:
    """Prints the tables of the pictures in `folder`."""
    labels: dict[str, dict[str, Any]] = json.loads((folder / "labels.json").read_text("utf-8"))
    _outlines(folder, labels)
    _drawn()
    _blur(folder, labels)


def _outlines(folder: Path, labels: dict[str, dict[str, Any]]) -> None:
    print(f"### Page outlines: {len(labels)} photographs\n")
    areas: list[float] = []

    def opened() -> Iterator[np.ndarray]:
        for name in labels:
            picture = cv2.imread(str(folder / name))
            assert picture is not None, name
            areas.append(float(picture.shape[0] * picture.shape[1]))
            yield picture

    answers = interleaved({PEER: _plain, "ours": page.find_corners}, opened())
    peer, rows = median([ms for _, ms in answers[PEER]]), []
    for name, given in answers.items():
        right: dict[str, list[bool]] = {}
        wrong = 0
        for (corners, _), label, frame in zip(given, labels.values(), areas, strict=True):
            if label["group"] == "none":
                ok = corners is None or _area(corners) > 0.85 * frame
            else:
                ok = corners is not None and _overlap(corners, np.array(label["quad"])) > 0.9
                wrong += corners is not None and not ok
            right.setdefault(label["group"], []).append(ok)
        pages = [ok for group in GROUPS for ok in right.get(group, [])]
        cells = [percent(sum(right.get(group, [])), len(right.get(group, []))) for group in GROUPS]
        cells += [
            percent(sum(pages), len(pages)),
            str(wrong),
            percent(sum(right.get("none", [])), len(right.get("none", []))),
        ]
        times = [ms for _, ms in given]
        rows.append([name, *cells, f"{median(times):.1f}", f"{median(times) / peer:.2f} ×", f"{p95(times):.1f}"])
    table(["finder", *GROUPS, "all", "wrong", "no page: none", "ms median", "to the peer", "p95"], rows)


def _drawn() -> None:
    print(f"\n### Page outlines: {DRAWN} desks drawn from seeds that nothing is tuned on\n")
    truths: list[np.ndarray | None] = []

    def drawn() -> Iterator[np.ndarray]:
        for seed in range(desks.HELD_BACK, desks.HELD_BACK + DRAWN):
            photo, corners = desks.scene(seed)
            truths.append(corners)
            yield photo

    rows = []
    for name, given in interleaved({PEER: _plain, "ours": page.find_corners}, drawn()).items():
        found = wrong = made_up = 0
        for (corners, _), truth in zip(given, truths, strict=True):
            if corners is None:
                continue
            right = truth is not None and _overlap(corners, truth) > 0.9
            found, wrong, made_up = found + right, wrong + (truth is not None and not right), made_up + (truth is None)
        pages = sum(truth is not None for truth in truths)
        rows.append([name, percent(found, pages), str(wrong), f"{made_up} of {DRAWN - pages}"])
    table(["finder", "found", "wrong", "made up where none is"], rows)


def _blur(folder: Path, labels: dict[str, dict[str, Any]]) -> None:
    counts = {name: [0, 0] for name in ("second derivative, plain", "ours")}
    fine = clear = 0
    for name, label in labels.items():
        corners = None if label["group"] == "none" else page.order_corners(np.array(label["quad"]))
        if corners is None or float(np.linalg.norm(corners - np.roll(corners, 1, 0), axis=1).max()) < LEAST_SIDE_PX:
            continue
        picture = cv2.imread(str(folder / name))
        assert picture is not None, name
        grey = cv2.cvtColor(page.flatten(picture, corners, 1000, even=False), cv2.COLOR_BGR2GRAY)
        for variant, is_fine in _variants(grey):
            measured, plain = sharpness.measure(variant), quality.sharpness(variant)
            fine, clear = fine + is_fine, clear + (not is_fine)
            for engine, sharp in (
                ("second derivative, plain", plain is None or plain > PLAIN_SHARP),
                ("ours", measured is None or measured.score > 0),
            ):
                counts[engine][0] += is_fine and sharp
                counts[engine][1] += not is_fine and not sharp
    print(f"\n### Blur: {fine} sharp and {clear} clearly blurred flat pages\n")
    rows = [[name, percent(kept, fine), percent(caught, clear)] for name, (kept, caught) in counts.items()]
    table(["score", "sharp kept", "blurred caught"], rows)


def _variants(grey: np.ndarray) -> Iterator[tuple[np.ndarray, bool]]:
    yield grey, True
    yield cv2.GaussianBlur(grey, (0, 0), 0.7), True
    for sigma in (2.0, 3.0):
        yield cv2.GaussianBlur(grey, (0, 0), sigma), False
    for size, down in ((7, False), (13, True), (9, True)):
        streak = np.full((1, size), 1 / size, np.float32)
        yield cv2.filter2D(grey, -1, streak.T if down else streak), False


def _plain(photo: np.ndarray) -> np.ndarray | None:
    """The recipe of the tutorials: grey, blur, Canny, the largest contour of four corners."""
    scale = min(1.0, 600 / max(photo.shape[:2]))
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    edges = cv2.Canny(cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), (5, 5), 0), 75, 200)
    contours, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:8]:
        four = cv2.approxPolyDP(contour, 0.02 * cv2.arcLength(contour, True), True)
        if len(four) == 4 and cv2.isContourConvex(four) and cv2.contourArea(four) > 0.08 * edges.size:
            found: np.ndarray = four.reshape(4, 2) / scale
            return found
    return None


def _area(corners: np.ndarray) -> float:
    return cv2.contourArea(page.order_corners(corners))


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    common = cv2.intersectConvexConvex(page.order_corners(one), page.order_corners(other))[0]
    return float(common / (_area(one) + _area(other) - common))
