"""The watermark's emblem: a drawing of our own, or an authority's as SVG path data; always in fine lines.

A line screen, not a tint: a copier loses lines of 0.1 mm or closes them, and every printer lays them down alike.
`jurisdiction.emblem` names it (R47 asks for the city's emblem; whether a city may lend it is the city's to say). What is
not here: where it stands on the faces (sheet_art).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, hypot, isfinite, pi, sin
from typing import Any

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path

FEATHERS = "feathers"
LONGEST = 6_000  # characters of path data: more would not fit a sheet of 45 kB
_SPACING, _LINE = 0.62, 0.16  # millimetres between the lines, and their width
_OUTLINE = 0.14

# One feather from its quill at the left to its blunt tip, and the white-tipped end set off by a gap.
_PLUME = (
    "6.6 0 m 11 -0.9 15.4 0.6 18.3 3.6 c 17.8 4.9 16.9 5.9 15.6 6.5 c 12.8 4.4 9.6 2 6.6 0 c h "
    "19 4.4 m 19.9 5.4 20.5 6.4 21 7.6 c 19.6 8.2 18 8 16.5 7.1 c 17.6 6.4 18.5 5.5 19 4.4 c h"
)
_CROWN_RADIUS = 25.5


def is_emblem(value: Any) -> bool:
    """Whether this can be drawn: `feathers`, or SVG path data with an extent, at most 6,000 characters."""
    if value == FEATHERS:
        return True
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return False
    try:
        _path(value)
    except Exception:  # the parser of paths raises errors of many kinds
        return False
    return True


def drawing(emblem: str, cx: float, cy: float, radius: float, ink: str) -> str:
    """PDF operators, millimetres, y downwards: the emblem within `radius` of a point. `ink`: an operator setting the stroke
    colour. Raises ValueError for what `is_emblem` refuses.
    """
    if emblem == FEATHERS:
        return _crown(cx, cy, radius / _CROWN_RADIUS, ink)
    path, (left, top, right, bottom) = _path(emblem)
    scale = 2 * radius / hypot(right - left, bottom - top)
    x, y = cx - scale * (left + right) / 2, cy - scale * (top + bottom) / 2
    shape = f"q {scale:.5f} 0 0 {scale:.5f} {x:.3f} {y:.3f} cm {path}"
    # the clip must end in the outer `q`, so the shape's own scale is undone before the lines are drawn
    undo = f"{1 / scale:.6f} 0 0 {1 / scale:.6f} {-x / scale:.4f} {-y / scale:.4f} cm"
    lines = _screen(cx - radius, cy - radius, 2 * radius, 2 * radius, _SPACING)
    screened = f"{shape} W* n {undo} {ink} {_LINE} w {lines} S Q"
    return f"{screened}\n{shape} {ink} {_OUTLINE / scale:.5f} w 1 j S Q"


def _crown(cx: float, cy: float, scale: float, ink: str) -> str:
    """Fifteen tail feathers in a ring, each bent the same way, in two fine circles: our emblem, nobody's arms."""
    lines = _screen(6, -1, 16, 10, _SPACING / scale)
    # `W S`: the outline is drawn and becomes the edge of what is drawn next
    feather = f"{_OUTLINE / scale:.3f} w {_PLUME} W S {_LINE / scale:.3f} w {lines} S Q"
    out = [f"q {scale:.4f} 0 0 {scale:.4f} {cx} {cy} cm {ink}"]
    for place in range(15):
        angle = 2 * pi * place / 15 - 0.3
        c, d = cos(angle), sin(angle)
        out.append(f"q {c:.3f} {d:.3f} {-d:.3f} {c:.3f} 0 0 cm {feather}")
    for radius in (_CROWN_RADIUS, 23.5, 5.2):
        out.append(f"{_OUTLINE / scale:.3f} w {disc(0, 0, radius)} S")
    return "\n".join([*out, "Q"])


def _screen(x: float, y: float, width: float, height: float, spacing: float) -> str:
    """Slanting lines over a box."""
    count = int((width + height) / spacing)
    return " ".join(
        f"{x + step * spacing - height:.1f} {y:.1f} m {x + step * spacing:.1f} {y + height:.1f} l"
        for step in range(count)
    )


def disc(cx: float, cy: float, r: float) -> str:
    """A circle as path operators."""
    k = 0.5523 * r
    return (
        f"{cx + r:.2f} {cy:.2f} m {cx + r:.2f} {cy + k:.2f} {cx + k:.2f} {cy + r:.2f} {cx:.2f} {cy + r:.2f} c "
        f"{cx - k:.2f} {cy + r:.2f} {cx - r:.2f} {cy + k:.2f} {cx - r:.2f} {cy:.2f} c "
        f"{cx - r:.2f} {cy - k:.2f} {cx - k:.2f} {cy - r:.2f} {cx:.2f} {cy - r:.2f} c "
        f"{cx + k:.2f} {cy - r:.2f} {cx + r:.2f} {cy - k:.2f} {cx + r:.2f} {cy:.2f} c h"
    )


@lru_cache(maxsize=8)
def _path(data: str) -> tuple[str, tuple[float, float, float, float]]:
    """Path data as PDF operators in its own units, and its bounds. Raises ValueError and others."""
    pen, bounds = RecordingPen(), BoundsPen(None)
    parse_path(data, pen)
    pen.replay(bounds)
    box = bounds.bounds
    if box is None or not all(isfinite(side) for side in box) or box[2] - box[0] <= 0 or box[3] - box[1] <= 0:
        raise ValueError("a path without extent")
    out, here = [], (0.0, 0.0)
    for command, points in pen.value:
        if command == "qCurveTo":  # the parser splits chains: one control point each
            control, end = points
            first = _between(here, control)
            second = _between(end, control)
            points = (first, second, end)
            command = "curveTo"
        letter = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "closePath": "h", "endPath": ""}[command]
        out.append(" ".join([*(f"{number:.3f}" for point in points for number in point), letter]))
        here = points[-1] if points else here
    return " ".join(out), box


def _between(end: tuple[float, float], control: tuple[float, float]) -> tuple[float, float]:
    return (end[0] + 2 * control[0]) / 3, (end[1] + 2 * control[1]) / 3
