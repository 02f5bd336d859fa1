"""A card's real sheet, printed and held before a camera, drawn: for tests of the gate and for bench/gate.py. A simulation, not
photographs: the raster of the sheet at a printer's resolution, ink that spreads, the sheet tilted and turned in space, a lens
out of focus, a reflection, a dim room, a sensor's noise.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

HD, FULL_HD = (1280, 720), (1920, 1080)
TABLE, PAPER, INK = 96.0, 226.0, 34.0  # grey levels as a camera sees them
INK_DOTS = 0.5  # how far ink runs beyond its dot, on every side
FOCAL = 0.9  # of the lens, in widths of the frame: a tablet's or a phone's own camera (about 58 degrees across)


@dataclass(frozen=True)
class Print:
    """A printed page. page: (h, w) uint8 grey. code: (4, 2) corners of the symbol without its quiet zone, clockwise from its
    top left, in pixels of the page. modules: of its side.
    """

    page: np.ndarray
    code: np.ndarray
    modules: int


@dataclass(frozen=True)
class View:
    """How it is held. module_px: the size of a module in the frame (the root of the mean area). tilt_deg: out of the plane of the
    camera, about an axis at axis_deg; spin_deg: within it. blur_px: the lens's sigma. glare: 0 to 1, how much a reflection
    over a part of the code adds. dim: 1 is a bright room. at: where in the frame the code's middle is, 0 to 1.
    """

    module_px: float
    tilt_deg: float = 0.0
    axis_deg: float = 0.0
    spin_deg: float = 0.0
    blur_px: float = 0.5
    glare: float = 0.0
    dim: float = 1.0
    noise: float = 4.0
    at: tuple[float, float] = (0.5, 0.5)


def raster(pdf: bytes | Path, dpi: int) -> np.ndarray:
    """The sheet's first page as a printer at `dpi` sees it: (h, w) uint8 grey."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "sheet.pdf", Path(folder) / "page"
        source.write_bytes(pdf if isinstance(pdf, bytes) else pdf.read_bytes())
        subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "-l", "1", "-singlefile", source, target], check=True)
        page = cv2.imread(f"{target}.pgm", cv2.IMREAD_GRAYSCALE)
    assert page is not None
    return page


def printed(pdf: bytes | Path, dpi: int = 300, ink_dots: float = INK_DOTS) -> Print:
    """The sheet printed at `dpi`, its ink run."""
    page = raster(pdf, dpi)
    (found,) = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    place = found.position
    corners = [(one.x, one.y) for one in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    modules = 17 + 4 * int(found.extra["Version"]) if isinstance(found.extra, dict) else 49
    return Print(_inked(page, ink_dots), np.float32(corners), modules)


def _inked(page: np.ndarray, dots: float) -> np.ndarray:
    """Dark grows by so many dots on every side, its edge soft."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    grown, left = page, dots
    while left > 0:
        share = min(1.0, left)
        grown = cv2.addWeighted(grown, 1 - share, cv2.erode(grown, kernel), share, 0)
        left -= 1
    return cv2.GaussianBlur(grown, (0, 0), 0.6)


def seen(sheet: Print, view: View, size: tuple[int, int] = HD, seed: int = 0) -> np.ndarray:
    """The frame of a camera: (h, w) uint8 grey, with the code where `view` has it."""
    noise = np.random.default_rng(seed)
    width, height = size
    matrix, side = _projection(sheet, view, size)
    paper = INK + (PAPER - INK) / 255.0 * sheet.page.astype(np.float32)
    shrink = sheet_module_px(sheet) / view.module_px
    if shrink > 1:  # a sensor's pixel averages over what it sees
        paper = cv2.GaussianBlur(paper, (0, 0), max(0.3, 0.35 * shrink))
    frame = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_LINEAR, borderValue=TABLE)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    frame = frame * view.dim * (1 + 0.08 * across)  # the room's light comes from one side
    if view.glare:
        center = (
            int(view.at[0] * width + noise.uniform(-0.3, 0.3) * side),
            int(view.at[1] * height + noise.uniform(-0.3, 0.3) * side),
        )
        spot = np.zeros((height, width), np.float32)
        cv2.ellipse(spot, center, (int(0.22 * side), int(0.1 * side)), noise.uniform(0, 180), 0, 360, 1.0, -1)
        frame = frame + 200 * view.glare * cv2.GaussianBlur(spot, (0, 0), 0.06 * side)
    if view.blur_px:
        frame = cv2.GaussianBlur(frame, (0, 0), view.blur_px)
    grain = noise.standard_normal((height, width), dtype=np.float32)
    return np.clip(frame + view.noise * grain, 0, 255).astype(np.uint8)


def sheet_module_px(sheet: Print) -> float:
    """The size of a module on the printed page, in its pixels."""
    return float(np.sqrt(cv2.contourArea(sheet.code))) / sheet.modules


def any_view(module_px: float, seed: int, *, tilt_deg: float = 40.0, glare_in: float = 0.25) -> View:
    """One way in which a hand may hold it: tilted up to `tilt_deg`, turned up to 25 degrees, a little or more out of focus, one
    in four (`glare_in`) with a reflection.
    """
    dice = np.random.default_rng(seed)
    glare = float(dice.uniform(0.3, 1.0)) if dice.random() < glare_in else 0.0
    return View(
        module_px, tilt_deg=float(dice.uniform(0, tilt_deg)), axis_deg=float(dice.uniform(0, 360)),
        spin_deg=float(dice.uniform(-25, 25)), blur_px=float(dice.uniform(0.4, 1.1)), glare=glare,
        dim=float(dice.uniform(0.6, 1.0)), at=(float(dice.uniform(0.45, 0.55)), float(dice.uniform(0.45, 0.55))),
    )  # fmt: skip


def held(view: View, moment: int, seed: int) -> View:
    """The same a moment later, in a hand that is never quite still."""
    dice = np.random.default_rng((seed, moment))
    return replace(
        view,
        tilt_deg=max(0.0, view.tilt_deg + float(dice.normal(0, 1.0))),
        spin_deg=view.spin_deg + float(dice.normal(0, 0.7)),
        blur_px=max(0.3, view.blur_px + float(dice.normal(0, 0.12))),
        at=(view.at[0] + float(dice.normal(0, 0.002)), view.at[1] + float(dice.normal(0, 0.003))),
    )


def _projection(sheet: Print, view: View, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """(3 × 3 matrix from the page to the frame, the code's side in the frame)."""
    middle = sheet.code.mean(axis=0)
    side = float(np.sqrt(cv2.contourArea(sheet.code)))
    flat = np.hstack([(sheet.code - middle) / side, np.zeros((4, 1), np.float32)])
    tilt, axis, spin = np.deg2rad([view.tilt_deg, view.axis_deg, view.spin_deg])
    turned, _ = cv2.Rodrigues(np.array([np.cos(axis) * tilt, np.sin(axis) * tilt, 0.0]))
    rolled = np.array([[np.cos(spin), -np.sin(spin), 0], [np.sin(spin), np.cos(spin), 0], [0, 0, 1]])
    space = flat @ (turned @ rolled).T
    wanted = view.module_px * sheet.modules
    away = FOCAL * size[0] / wanted  # in widths of the code
    quad = space[:, :2] * (away / (away + space[:, 2:]))
    quad = quad * wanted / np.sqrt(cv2.contourArea(np.float32(quad)))
    quad = quad + np.array([view.at[0] * size[0], view.at[1] * size[1]])
    return cv2.getPerspectiveTransform(sheet.code, np.float32(quad)), wanted
