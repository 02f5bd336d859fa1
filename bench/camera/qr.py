"""Codes in photographs: share decoded, wrong texts, time; pictures without a code count for time and wrong texts only.

`manifest.json`: a list of {"id": file, "set", "truth": [texts], "dup_of": null or the id of the same picture}; an empty
truth means that nobody can read the picture. Texts are compared without regard to white space and line ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from bench.camera import interleaved, median, p95, percent, table
from scanner import qr

try:
    from pyzbar import pyzbar
except Exception:  # no libzbar on this machine: its baselines are left out
    pyzbar = None

PEER = "zxing-cpp, its default"
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram


def run(folder: Path) -> None:
    """Prints the table of the pictures in `folder`, then the times on pictures without a code."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    readable = [one for one in manifest if one["truth"] and not one["dup_of"]]
    print(f"### Codes: {len(readable)} photographs, each with at least one code\n")
    truths = [{_plain(text) for text in one["truth"]} for one in readable]
    answers = interleaved(_engines(), _opened(folder, [one["id"] for one in readable]))
    peer = median([ms for _, ms in answers[PEER]])
    rows = []
    for name, given in answers.items():
        found = [{_plain(text) for text in texts or () if text} for texts, _ in given]
        read = sum(bool(texts & truth) for texts, truth in zip(found, truths, strict=True))
        wrong = sum(bool(texts) and not texts & truth for texts, truth in zip(found, truths, strict=True))
        times = [ms for _, ms in given]
        middle = median(times)
        cells = [percent(read, len(given)), f"{wrong}", f"{middle:.1f}", f"{middle / peer:.2f} ×"]
        rows.append([name, *cells, f"{p95(times):.1f}", f"{max(times):.0f}"])
    table(["reader", "decoded", "wrong texts", "ms median", "to peer", "ms p95", "ms most"], rows)
    _without_codes(folder.parent)


def _without_codes(data: Path) -> None:
    """Times on the pages and faces of the other tables: looking in vain takes longest."""
    names = [path.relative_to(data) for kind in ("page", "face") for path in sorted((data / kind).glob("*.jpg"))]
    if not names:
        return
    answers = interleaved(_engines(), _opened(data, [str(name) for name in names]))
    print(f"\n### No code: {len(names)} photographs of pages and people\n")
    rows = []
    for name, given in answers.items():
        times = [ms for _, ms in given]
        texts = sum(bool(texts) for texts, _ in given)
        rows.append([name, f"{texts}", f"{median(times):.1f}", f"{p95(times):.1f}", f"{max(times):.0f}"])
    table(["reader", "pictures with a text", "ms median", "ms p95", "ms most"], rows)


def _engines() -> dict:
    engines = {"ours": qr.decode, "ours, video frames": qr.decode_fast, PEER: _zxing}
    if pyzbar is not None:
        engines |= {"pyzbar": _zbar, "a plain cascade of both": _cascade}
    return engines


def _opened(folder: Path, names: list[str]) -> Iterator[np.ndarray]:
    for name in names:
        picture = cv2.imread(str(folder / name))
        if picture is None:
            raise SystemExit(f"BENCH_DATA: {name} is not there or no picture")
        yield picture


def _plain(text: str) -> str:
    return " ".join(text.replace("\r", "\n").replace("\ufeff", "").split())


# --- the baselines: what one writes in ten minutes ---


def _grey(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def _zxing(image: np.ndarray, **options: zxingcpp.Binarizer) -> list[str]:
    codes = zxingcpp.read_barcodes(
        _grey(image), formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain, **options
    )
    return [code.text for code in codes]


def _zbar(image: np.ndarray) -> list[str]:
    codes = pyzbar.decode(_grey(image), symbols=[pyzbar.ZBarSymbol.QRCODE])
    return [code.data.decode("utf-8", errors="replace") for code in codes]


def _cascade(image: np.ndarray) -> list[str]:
    """The first of several tries that reads anything (the order found best on public photographs)."""
    grey = _grey(image)
    window = max(31, (min(grey.shape) // 12) | 1)
    soft = cv2.GaussianBlur(grey, (3, 3), 0)
    sharp = cv2.addWeighted(grey, 2.0, cv2.GaussianBlur(grey, (0, 0), 2.0), -1.0, 0)
    small = max(grey.shape) < 1400
    return (
        _zxing(grey)
        or _zbar(grey)
        or (_zxing(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)) if small else [])
        or _zbar(cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, window, 8))
        or _zxing(cv2.GaussianBlur(grey, (0, 0), 1.0), binarizer=_GLOBAL)
        or _zxing(cv2.createCLAHE(3.0, (8, 8)).apply(grey))
        or _zbar(sharp)
        or _zxing(sharp)
    )
