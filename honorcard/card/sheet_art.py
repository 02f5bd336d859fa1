"""The drawing on the card that is not text: fine waves, a rosette, the emblem, our mark, all of our own making but an
emblem that an authority sets.

Everything is a string of PDF operators in millimetres, y downwards, made once a process. The colours are solid tints
and not transparency, so that every printer lays them down alike. What is not here: positions of text and photo
(sheet_faces), the emblem's lines (emblem).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin

from honorcard.card.emblem import disc as _disc
from honorcard.card.emblem import drawing
from honorcard.fonts import EM, library

BAND = 11.5
NO_LINE_START = "，。、；：！？」』）》〉‧"

INK = "#0e1c2b"
INK_SOFT = "#36475a"
EDGE = "#566879"
NIGHT = "#0c2143"
SEAL = "#b3261e"
FEATHER = "#7fb0ff"
HERE = "#ffc22e"
_WAVE = "#d1dff3"  # feather blue at 22 % on white
_ROSETTE = "#f5dddb"  # vermilion at 16 %
_EMBLEM = "#b6c6e2"  # action blue, pale enough to read upon
_PRACTICE = "#ffe9b0"


def colour(hex_colour: str, stroke: bool = False) -> str:
    """The operator that sets a fill (or stroke) colour."""
    r, g, b = (int(hex_colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return f"{r:.3f} {g:.3f} {b:.3f} {'RG' if stroke else 'rg'}"


Place = tuple[float, float, float]  # a centre and a radius, millimetres


@lru_cache(maxsize=8)
def ground(
    width: float, height: float, rosettes: tuple[tuple[float, float], ...], emblems: tuple[Place, ...], emblem: str
) -> str:
    """The security ground of a sheet of both faces: waves across it, rosettes and the emblem where they are asked for.

    Drawn at once and from repeated paths, because a compressor looks back only 32 kB.
    """
    parts = ["q", f"0 0 {width} {height} re W n", colour(_WAVE, True), "0.16 w", _waves(width, height)]
    parts += [colour(_ROSETTE, True), *(_rosette(x, y) for x, y in rosettes)]
    parts += [drawing(emblem, x, y, radius, colour(_EMBLEM, True)) for x, y, radius in emblems]
    return "\n".join([*parts, "Q"])


def band(width: float, chip: tuple[float, float] | None) -> str:
    """The night-blue band with the vermilion rule and the three feathers of our mark; at `chip` a yellow room for 練習."""
    parts = ["q", colour(NIGHT), f"0 0 {width} {BAND} re f", colour(SEAL), f"0 {BAND} {width} 0.8 re f"]
    parts += ["q 0.148 0 0 0.148 4 2.2 cm 1 J 6 w", colour(FEATHER, True)]
    parts += ["11.5 37.5 m 18.5 11.5 l 11.5 37.5 m 31 18 l 11.5 37.5 m 37.5 30.5 l S", colour("#ffffff", True)]
    parts += ["17.2 16.2 m 18.5 11.5 l 27.6 21.4 m 31 18 l 32.9 31.7 m 37.5 30.5 l S"]
    parts += [colour("#ffc629"), _disc(11.5, 37.5, 4.2), "f Q"]
    if chip is not None:
        parts += [colour(HERE), f"{chip[0]} {chip[1]} 12 6 re f"]
    return "\n".join([*parts, "Q"])


@lru_cache(maxsize=2)
def practice(width: float, height: float) -> str:
    """練習 across a face, as outlines and not as text, so that it never mingles with what is read off the sheet."""
    parts = ["q", f"0 0 {width} {height} re W n", colour(_PRACTICE)]
    size, turn = width / 3, -18 * pi / 180
    for place, character in enumerate("練習"):
        x = width / 2 + (place - 1) * size * 1.04 * cos(turn)
        y = height / 2 + 0.4 * size + (place - 1) * size * 1.04 * sin(turn)
        scale = size / EM
        a, b = scale * cos(turn), scale * sin(turn)
        parts.append(f"q {a:.5f} {b:.5f} {b:.5f} {-a:.5f} {x:.2f} {y:.2f} cm")
        parts += [glyph_path("sans-bold", character), "f Q"]
    return "\n".join([*parts, "Q"])


def glyph_path(face: str, character: str) -> str:
    """A character's outline as path operators, 1,000 units an em, y up."""
    out: list[str] = []
    here = (0.0, 0.0)
    for command, points in library().outline(face, character):  # type: ignore[arg-type]
        if command == "moveTo":
            here = points[0]
            out.append(f"{here[0]:.0f} {here[1]:.0f} m")
        elif command == "lineTo":
            here = points[0]
            out.append(f"{here[0]:.0f} {here[1]:.0f} l")
        elif command == "qCurveTo":
            for control, end in _quadratics(points):
                first = ((here[0] + 2 * control[0]) / 3, (here[1] + 2 * control[1]) / 3)
                second = ((end[0] + 2 * control[0]) / 3, (end[1] + 2 * control[1]) / 3)
                numbers = (*first, *second, *end)
                out.append(" ".join(f"{number:.1f}" for number in numbers) + " c")
                here = end
        else:
            out.append("h")
    return "\n".join(out)


def symbol(matrix: list[list[bool]], side: float) -> str:
    """A QR symbol as one path filled at once (no hairlines between modules): its corner at 0, 0, `side` mm wide."""
    module = side / len(matrix)
    out = [f"q {module:.5f} 0 0 {module:.5f} 0 0 cm 0 0 0 rg"]
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            out.append(f"{start} {y} {x - start} 1 re")
    return "\n".join([*out, "f Q"])


def ruler(length_cm: int = 6) -> str:
    """A ruler from 0, 0 to the right, with a tick each half centimetre."""
    ticks = [f"{half * 5} 0 m {half * 5} {2.6 if half % 2 == 0 else 1.4} l" for half in range(2 * length_cm + 1)]
    return "\n".join([colour(INK, True), "0.2 w", *ticks, f"0 0 m {length_cm * 10} 0 l S"])


CUT = f"{colour(INK, True)} 0.25 w"


def cut(width: float, height: float) -> str:
    """The solid line to cut along, round a sheet."""
    return f"{CUT} 0 0 {width} {height} re S"


def ticks(width: float, height: float, reach: float) -> str:
    """Corner marks outside a sheet, from 2 mm off it to `reach`, for a guillotine."""
    across = [
        f"{start} {y} m {end} {y} l" for y in (0, height) for start, end in ((-reach, -2), (width + 2, width + reach))
    ]
    down = [
        f"{x} {start} m {x} {end} l" for x in (0, width) for start, end in ((-reach, -2), (height + 2, height + reach))
    ]
    return " ".join([CUT, *across, *down, "S"])


def fold(line: tuple[float, float, float, float]) -> str:
    """The dashed line between the faces."""
    x, y, to_x, to_y = line
    return f"q {CUT} [1.6 1.2] 0 d {x} {y} m {to_x} {to_y} l S Q"


def _waves(width: float, height: float) -> str:
    """Fine waves down the sheet. Each is the same path laid a little further on, so that a sheet stays small when
    compressed."""
    path = _smooth(
        [(x, 1.6 * sin(2 * pi * x / 22.5) + 0.8 * sin(2 * pi * x / 67.5)) for x in range(-70, int(width) + 6, 5)]
    )
    count = int(height / 3.35) + 1
    lines = [f"q 1 0 0 1 {line * 19 % 67 - 3} {1.2 + line * 3.35:.2f} cm\n{path}\nS Q" for line in range(count)]
    return "\n".join(lines)


def _rosette(cx: float, cy: float) -> str:
    """A closed guilloche: one wavy ring, laid again smaller and turned by half a petal."""
    petals = 9
    points = []
    for step in range(petals * 6 + 1):
        angle = 2 * pi * step / (petals * 6)
        r = 10 + 2.5 * cos(petals * angle)
        points.append((r * cos(angle), r * sin(angle)))
    ring = _smooth(points)
    out = []
    for scale in (1.75, 1.4, 1.0, 0.62):
        for turn in (0.0, pi / petals):
            c, d = scale * cos(turn), scale * sin(turn)
            out.append(f"q {c:.3f} {d:.3f} {-d:.3f} {c:.3f} {cx} {cy} cm {0.16 / scale:.3f} w\n{ring}\nS Q")
    return "\n".join(out)


def _smooth(points: list[tuple[float, float]]) -> str:
    """One smooth curve through the points (Catmull-Rom as Béziers)."""
    out = [f"{points[0][0]:.2f} {points[0][1]:.2f} m"]
    for place in range(len(points) - 1):
        before = points[max(place - 1, 0)]
        here, after = points[place], points[place + 1]
        beyond = points[min(place + 2, len(points) - 1)]
        first = (here[0] + (after[0] - before[0]) / 6, here[1] + (after[1] - before[1]) / 6)
        second = (after[0] - (beyond[0] - here[0]) / 6, after[1] - (beyond[1] - here[1]) / 6)
        out.append(f"{first[0]:.2f} {first[1]:.2f} {second[0]:.2f} {second[1]:.2f} {after[0]:.2f} {after[1]:.2f} c")
    return "\n".join(out)


def _quadratics(
    points: tuple[tuple[float, float], ...],
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """TrueType's chain of off-curve points as single quadratics: (control, end) each."""
    out = []
    controls = points[:-1]
    for place, control in enumerate(controls):
        if place + 1 < len(controls):
            following = controls[place + 1]
            end = ((control[0] + following[0]) / 2, (control[1] + following[1]) / 2)
        else:
            end = points[-1]
        out.append((control, end))
    return out
