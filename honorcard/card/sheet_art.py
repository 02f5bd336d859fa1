"""The drawing on the card that is not text: fine waves, a rosette, the crown of feathers, our mark, all of our own
making.

Everything is a string of PDF operators in millimetres, y downwards, made once a process. The colours are solid tints
and not transparency, so that every printer lays them down alike. What is not here: positions of text and photo
(sheet.py).
"""

from __future__ import annotations

from functools import lru_cache
from math import cos, pi, sin

from honorcard.fonts import EM, library

WIDTH, HEIGHT = 90.0, 60.0  # one face, millimetres: 9 by 6 cm, landscape (A13)
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
_CROWN = "#e3e9f3"  # action blue at 12 %
_PRACTICE = "#ffe9b0"


def colour(hex_colour: str, stroke: bool = False) -> str:
    """The operator that sets a fill (or stroke) colour."""
    r, g, b = (int(hex_colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return f"{r:.3f} {g:.3f} {b:.3f} {'RG' if stroke else 'rg'}"


@lru_cache(maxsize=1)
def ground() -> str:
    """The security ground of both faces: waves across the sheet, and on each face a rosette and the crown of
    feathers.

    Drawn at once and from repeated paths, because a compressor looks back only 32 kB.
    """
    parts = ["q", f"0 0 {WIDTH} {2 * HEIGHT} re W n", colour(_WAVE, True), "0.16 w", _waves(36)]
    parts += [colour(_ROSETTE, True), _rosette(71.0, 31.0), _rosette(22.0, HEIGHT + 34.0)]
    return "\n".join([*parts, _crown(45.5, 36.2, 0.86), _crown(70.0, HEIGHT + 34.0, 0.72), "Q"])


def band(practice: bool) -> str:
    """The night-blue band with the vermilion rule and the three feathers of our mark."""
    parts = ["q", colour(NIGHT), f"0 0 {WIDTH} {BAND} re f", colour(SEAL), f"0 {BAND} {WIDTH} 0.8 re f"]
    parts += ["q 0.148 0 0 0.148 4 2.2 cm 1 J 6 w", colour(FEATHER, True)]
    parts += ["11.5 37.5 m 18.5 11.5 l 11.5 37.5 m 31 18 l 11.5 37.5 m 37.5 30.5 l S", colour("#ffffff", True)]
    parts += ["17.2 16.2 m 18.5 11.5 l 27.6 21.4 m 31 18 l 32.9 31.7 m 37.5 30.5 l S"]
    parts += [colour("#ffc629"), _disc(11.5, 37.5, 4.2), "f Q"]
    if practice:
        parts += [colour(HERE), "74.5 2.75 12 6 re f"]
    return "\n".join([*parts, "Q"])


@lru_cache(maxsize=1)
def practice() -> str:
    """練習 across a face, as outlines and not as text, so that it never mingles with what is read off the sheet."""
    parts = ["q", f"0 0 {WIDTH} {HEIGHT} re W n", colour(_PRACTICE)]
    size, turn = 30.0, -18 * pi / 180
    for place, character in enumerate("練習"):
        x = WIDTH / 2 + (place - 1) * size * 1.04 * cos(turn)
        y = HEIGHT / 2 + 12 + (place - 1) * size * 1.04 * sin(turn)
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


def marks() -> str:
    """Solid lines to cut along (round both faces, and corner ticks), a dashed line to fold along."""
    tall = 2 * HEIGHT
    across = [f"{start} {y} m {end} {y} l" for y in (0, tall) for start, end in ((-9, -3), (WIDTH + 3, WIDTH + 9))]
    down = [f"{x} {start} m {x} {end} l" for x in (0, WIDTH) for start, end in ((-9, -3), (tall + 3, tall + 9))]
    ticks = " ".join([*across, *down, "S"])
    return "\n".join([colour(INK, True), "0.25 w", f"0 0 {WIDTH} {tall} re S", ticks, fold(9)])


def fold(overhang: float = 0.0) -> str:
    """The dashed line between the faces."""
    line = f"{-overhang} {HEIGHT} m {WIDTH + overhang} {HEIGHT} l S"
    return f"q {colour(INK, True)} 0.25 w [1.6 1.2] 0 d {line} Q"


def _waves(count: int) -> str:
    """Fine waves down the sheet. Each is the same path laid a little further on, so that a sheet stays small when
    compressed."""
    path = _smooth([(x, 1.6 * sin(2 * pi * x / 22.5) + 0.8 * sin(2 * pi * x / 67.5)) for x in range(-70, 96, 5)])
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


# One feather from its quill at the left to its blunt tip, and the white-tipped end set off by a gap.
_PLUME = (
    "6.6 0 m 11 -0.9 15.4 0.6 18.3 3.6 c 17.8 4.9 16.9 5.9 15.6 6.5 c 12.8 4.4 9.6 2 6.6 0 c h "
    "19 4.4 m 19.9 5.4 20.5 6.4 21 7.6 c 19.6 8.2 18 8 16.5 7.1 c 17.6 6.4 18.5 5.5 19 4.4 c h"
)


def _crown(cx: float, cy: float, scale: float) -> str:
    """Fifteen tail feathers in a ring, each bent the same way, in two fine circles: our emblem, nobody's arms."""
    out = [f"q {scale} 0 0 {scale} {cx} {cy} cm", colour(_CROWN), colour(_CROWN, True)]
    for feather in range(15):
        angle = 2 * pi * feather / 15 - 0.3
        c, d = cos(angle), sin(angle)
        out.append(f"q {c:.4f} {d:.4f} {-d:.4f} {c:.4f} 0 0 cm\n{_PLUME}\nf Q")
    out += ["0.7 w", _disc(0, 0, 23.5), "S", "0.35 w", _disc(0, 0, 25.5), "S Q"]
    return "\n".join(out)


def _disc(cx: float, cy: float, r: float) -> str:
    k = 0.5523 * r
    return (
        f"{cx + r:.2f} {cy:.2f} m {cx + r:.2f} {cy + k:.2f} {cx + k:.2f} {cy + r:.2f} {cx:.2f} {cy + r:.2f} c "
        f"{cx - k:.2f} {cy + r:.2f} {cx - r:.2f} {cy + k:.2f} {cx - r:.2f} {cy:.2f} c "
        f"{cx - r:.2f} {cy - k:.2f} {cx - k:.2f} {cy - r:.2f} {cx:.2f} {cy - r:.2f} c "
        f"{cx + k:.2f} {cy - r:.2f} {cx + r:.2f} {cy - k:.2f} {cx + r:.2f} {cy:.2f} c h"
    )


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
