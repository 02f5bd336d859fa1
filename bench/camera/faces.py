"""Faces in photographs: share found, false finds, time, for portraits, groups and pictures without a face.

`labels.json`: file -> {"set": "portrait" | "group" | "negative", "faces": [[x, y, w, h]], "ignore": [boxes that count
neither way]}; `negatives.json`: further files without a face, by their path from the folder above. Pictures are shrunk to
640 pixels first. A box is the face when they share 0.3 of their union, or when it lies in its middle and is half to
double its size, since every detector frames a face in its own way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import dlib
import numpy as np

from bench.camera import interleaved, median, p95, percent, table
from scanner import face

PEER = "dlib's HOG, one upsampling"
SIDE_PX = 640

Box = Sequence[float]


def run(folder: Path) -> None:
    """Prints the table of the pictures in `folder`."""
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    negatives = folder / "negatives.json"
    paths = {folder / name: label for name, label in labels.items()}
    if negatives.is_file():
        nothing: dict[str, Any] = {"set": "negative", "faces": [], "ignore": []}
        paths |= {folder.parent / name: nothing for name in json.loads(negatives.read_text("utf-8"))}
    kinds = [label["set"] for label in paths.values()]
    print(f"### Faces: {', '.join(f'{kinds.count(kind)} {kind}' for kind in ('portrait', 'group', 'negative'))}\n")
    scales: list[float] = []
    answers = interleaved(_engines(), _opened(list(paths), scales))
    peer = median([ms for _, ms in answers[PEER]])
    rows = []
    for name, given in answers.items():
        counted = [
            (label["set"], *_count(boxes or [], label, scale))
            for (boxes, _), label, scale in zip(given, paths.values(), scales, strict=True)
        ]
        times = [ms for _, ms in given]
        rows.append(
            [name, *_cells(counted), f"{median(times):.1f}", f"{median(times) / peer:.2f} ×", f"{p95(times):.1f}"]
        )
    head = [
        "finder",
        "portraits",
        "exactly one",
        "false a portrait",
        "groups",
        "false a group",
        "nothing where none is",
    ]
    table([*head, "ms median", "to peer", "ms p95"], rows)


def _cells(counted: Sequence[tuple[str, int, int, int]]) -> list[str]:
    def of(kind: str) -> list[tuple[int, int, int]]:
        return [(hit, faces, false) for one, hit, faces, false in counted if one == kind]

    portraits, groups, negatives = of("portrait"), of("group"), of("negative")
    return [
        percent(sum(hit for hit, _, _ in portraits), sum(faces for _, faces, _ in portraits)),
        percent(sum(hit == faces == 1 and not false for hit, faces, false in portraits), len(portraits)),
        f"{sum(false for *_, false in portraits) / max(1, len(portraits)):.3f}",
        percent(sum(hit for hit, _, _ in groups), sum(faces for _, faces, _ in groups)),
        f"{sum(false for *_, false in groups) / max(1, len(groups)):.3f}",
        percent(sum(not false for *_, false in negatives), len(negatives)),
    ]


def _count(boxes: Sequence[Box], label: dict[str, Any], scale: float) -> tuple[int, int, int]:
    """Faces found, faces there, and boxes on none of them."""
    faces = [[value * scale for value in one] for one in label["faces"]]
    either = faces + [[value * scale for value in one] for one in label["ignore"]]
    hits = sum(any(_is_same(box, one) for box in boxes) for one in faces)
    return hits, len(faces), sum(not any(_is_same(box, one) for one in either) for box in boxes)


def _is_same(box: Box, truth: Box) -> bool:
    across = min(box[0] + box[2], truth[0] + truth[2]) - max(box[0], truth[0])
    down = min(box[1] + box[3], truth[1] + truth[3]) - max(box[1], truth[1])
    shared = max(0.0, across) * max(0.0, down)
    if shared / (box[2] * box[3] + truth[2] * truth[3] - shared + 1e-9) >= 0.3:
        return True
    aside = box[0] + box[2] / 2 - truth[0] - truth[2] / 2
    above = box[1] + box[3] / 2 - truth[1] - truth[3] / 2
    return bool(np.hypot(aside, above) < 0.35 * truth[2] and 0.5 < box[2] / truth[2] < 2)


def _opened(paths: Sequence[Path], scales: list[float]) -> Iterator[np.ndarray]:
    for path in paths:
        picture: Any = cv2.imread(str(path))
        scale = min(1.0, SIDE_PX / max(picture.shape[:2]))
        scales.append(scale)
        yield cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture


# --- the baselines, each as its manual has it ---


def _engines() -> dict[str, Callable[[np.ndarray], list[Any]]]:
    return {
        "ours": face.find,
        PEER: _hog(1),
        "dlib's HOG": _hog(0),
        "OpenCV's Haar, alt2": _haar("frontalface_alt2", 1.2, 4),
        "OpenCV's Haar, default": _haar("frontalface_default", 1.1, 5),
    }


def _hog(upsample: int) -> Callable[[np.ndarray], list[Any]]:
    detector = dlib.get_frontal_face_detector()

    def find(image: np.ndarray) -> list[Any]:
        found = detector(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), upsample)
        return [(box.left(), box.top(), box.width(), box.height()) for box in found]

    return find


def _haar(name: str, scale: float, neighbours: int) -> Callable[[np.ndarray], list[Any]]:
    cascade = cv2.CascadeClassifier(f"{face.CASCADES}haarcascade_{name}.xml")

    def find(image: np.ndarray) -> list[Any]:
        grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        least = round(0.1 * min(grey.shape))
        return [
            tuple(map(int, box)) for box in cascade.detectMultiScale(grey, scale, neighbours, minSize=(least, least))
        ]

    return find
