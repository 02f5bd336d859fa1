"""Hair of the sample people:

what falls behind the head, what frames the face, drawn as a body of colour with strands and sheen.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from center.sample.ink import Ink, both_sides, mix, oval
from center.sample.looks import Look
from center.sample.strands import below, curls, fringe, mass, shine, strands


def draw_behind(ink: Ink, look: Look) -> None:
    """What lies behind the neck and ears."""
    f = look.face
    shadow = mix(look.hair_colour, (14, 12, 16), 0.42)
    if look.hair == "bob":
        shape = both_sides(
            [
                (0, -1.55),
                (0.7 * f, -1.42),
                (1.12 * f, -0.8),
                (1.24 * f, 0.1),
                (1.22 * f, 0.85),
                (1.02, 1.18),
                (0.5, 1.25),
                (0, 1.2),
            ]
        )
    elif look.hair == "long":
        shape = both_sides(
            [
                (0, -1.55),
                (0.7 * f, -1.42),
                (1.12 * f, -0.8),
                (1.20 * f, 0.2),
                (1.28, 1.3),
                (1.30, 2.2),
                (1.0, 2.75),
                (0.5, 2.6),
                (0, 2.5),
            ]
        )
    elif look.hair == "bun":
        ink.fill(oval(0.0, -1.62, 0.46, 0.36), shadow)
        ink.fill(oval(-0.08, -1.70, 0.30, 0.18), mix(look.hair_colour, (255, 240, 225), 0.18), opacity=0.6, blur=0.09)
        shape = both_sides([(0, -1.5), (0.7, -1.36), (1.02 * f, -0.7), (1.0 * f, 0.1), (0.7, 0.5), (0, 0.5)])
    elif look.hair in ("perm", "short", "parted", "swept"):
        shape = both_sides(
            [(0, -1.58), (0.75 * f, -1.42), (1.16 * f, -0.7), (1.15 * f, 0.1), (0.98 * f, 0.62), (0.5, 0.8), (0, 0.8)]
        )
    else:
        return
    ink.fill(shape, shadow)
    strands(ink, look, ink.mask(shape), shape, shadow, 36)


def draw_front(ink: Ink, look: Look) -> None:
    """What grows over the forehead and beside the face."""
    _STYLES[look.hair](ink, look)


def _side(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.02 * f, -0.15), (0.985 * f, 0.06), (0.93 * f, 0.02)]
    line = [
        (0.90 * f, -0.42),
        (0.76 * f, -0.74),
        (0.42, -0.84),
        (-0.05, -0.80),
        (-0.36, -0.94),
        (-0.48, -1.04),
        (-0.66 * f, -0.84),
        (-0.86 * f, -0.55),
        (-0.91 * f, -0.30),
    ]
    mass(ink, look, fringe(f, -1.60, sides, line), parting=-0.42, count=80)


def _receding(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.02 * f, -0.15), (0.985 * f, 0.08), (0.93 * f, 0.04)]
    line = [
        (0.91 * f, -0.40),
        (0.80 * f, -0.70),
        (0.66, -1.06),
        (0.40, -1.18),
        (0.18, -1.06),
        (0.0, -1.00),
        (-0.20, -1.05),
        (-0.42, -1.17),
        (-0.66, -1.04),
        (-0.80 * f, -0.70),
        (-0.91 * f, -0.40),
    ]
    mass(ink, look, fringe(f, -1.52, sides, line), count=60, parting=-0.2)


def _crop(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.00 * f, -0.20), (0.965 * f, -0.04), (0.93 * f, -0.08)]
    line = [
        (0.90 * f, -0.45),
        (0.80 * f, -0.78),
        (0.50, -0.93),
        (0.0, -0.96),
        (-0.50, -0.93),
        (-0.80 * f, -0.78),
        (-0.90 * f, -0.45),
    ]
    mass(ink, look, fringe(f, -1.50, sides, line), count=30, sheen=False)


def _brush(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.01 * f, -0.18), (0.97 * f, 0.02), (0.93 * f, -0.02)]
    line = [
        (0.90 * f, -0.42),
        (0.78 * f, -0.78),
        (0.46, -1.00),
        (0.0, -1.04),
        (-0.46, -1.00),
        (-0.78 * f, -0.78),
        (-0.90 * f, -0.42),
    ]
    shape = fringe(f, -1.66, sides, line)
    within = mass(ink, look, shape, count=10, sheen=False)
    dice = random.Random(f"brush {look.seed}")  # noqa: S311
    for _ in range(90):
        x = dice.uniform(-0.85, 0.85)
        y = -0.95 - 0.5 * (1 - x * x) * dice.random()
        tone = (
            mix(look.hair_colour, (255, 246, 236), dice.uniform(0.0, 0.4))
            if dice.random() < 0.5
            else mix(look.hair_colour, (8, 8, 10), 0.35)
        )
        ink.stroke([(x, y), (x * 1.06 + 0.03, y - 0.22)], 0.03, tone, within=within, opacity=0.55, taper=(0.6, 0.0))


def _crown(ink: Ink, look: Look) -> None:
    """Bald on top, hair round the sides."""
    f = look.face
    shine(ink, look)
    for side in (-1, 1):
        tuft = [
            (side * 0.80 * f, -0.92),
            (side * 0.96 * f, -0.86),
            (side * 1.06 * f, -0.50),
            (side * 1.05 * f, -0.10),
            (side * 0.99 * f, 0.10),
            (side * 0.93 * f, 0.04),
            (side * 0.90 * f, -0.38),
            (side * 0.83 * f, -0.66),
        ]
        ink.fill(tuft, look.hair_colour)
        within = ink.mask(tuft)
        strands(ink, look, within, tuft, look.hair_colour, 26, side * 0.9)
        ink.fill(
            oval(side * 0.84 * f, -0.70, 0.06, 0.24), mix(look.skin, look.hair_colour, 0.5), opacity=0.5, blur=0.05
        )


def _bald(ink: Ink, look: Look) -> None:
    shine(ink, look)
    for side in (-1, 1):
        ink.fill(
            oval(side * 0.93 * look.face, -0.42, 0.07, 0.36),
            mix(look.hair_colour, look.skin, 0.35),
            opacity=0.45,
            blur=0.05,
        )


def _perm(ink: Ink, look: Look) -> None:
    f = look.face
    ink.fill(
        [
            (-0.9, -0.9),
            (-0.4, -0.99),
            (0.4, -0.99),
            (0.9, -0.9),
            (0.95, -0.6),
            (0.5, -0.72),
            (0.0, -0.74),
            (-0.5, -0.72),
            (-0.95, -0.6),
        ],
        mix(look.skin, (90, 40, 26), 0.6),
        opacity=0.5,
        blur=0.07,
        within=below(ink, look),
    )
    cap = fringe(
        f,
        -1.62,
        [(1.08 * f, -0.2), (1.06 * f, 0.2), (0.95 * f, 0.2)],
        [(0.90 * f, -0.4), (0.74 * f, -0.8), (0.3, -0.95), (-0.3, -0.95), (-0.74 * f, -0.8), (-0.90 * f, -0.4)],
    )
    ink.fill(cap, mix(look.hair_colour, (12, 10, 16), 0.3))
    places: list[tuple[float, float]] = []
    for ring, (rx, ry, n) in enumerate(((1.12, 0.88, 17), (0.92, 0.62, 13), (0.66, 0.42, 9))):
        for k in range(n):
            a = np.pi * (1.0 - k / (n - 1))
            places.append((rx * f * float(np.cos(a)), -0.72 - ry * float(np.sin(a)) + 0.03 * ring))
    for side in (-1, 1):
        places += [
            (side * 1.10 * f, -0.50),
            (side * 1.15 * f, -0.24),
            (side * 1.13 * f, 0.04),
            (side * 1.06 * f, 0.30),
            (side * 0.98 * f, -0.32),
            (side * 1.0 * f, -0.05),
        ]
    curls(ink, look, places, 0.185)


def _short(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.12 * f, -0.30), (1.10 * f, 0.18), (0.98 * f, 0.42), (0.93 * f, 0.20)]
    line = [
        (0.90 * f, -0.30),
        (0.76 * f, -0.62),
        (0.46, -0.66),
        (0.20, -0.74),
        (-0.18, -0.90),
        (-0.36, -1.00),
        (-0.58, -0.76),
        (-0.82 * f, -0.55),
        (-0.91 * f, -0.20),
    ]
    mass(ink, look, fringe(f * 1.06, -1.64, sides, line), parting=-0.34, count=90)


def _swept(ink: Ink, look: Look) -> None:
    """Combed back from the forehead, full at the sides."""
    f = look.face
    sides = [(1.10 * f, -0.45), (1.10 * f, 0.05), (1.00 * f, 0.30), (0.95 * f, 0.06)]
    line = [
        (0.92 * f, -0.32),
        (0.80 * f, -0.72),
        (0.52, -0.98),
        (0.16, -1.02),
        (-0.22, -1.08),
        (-0.56, -0.94),
        (-0.82 * f, -0.66),
        (-0.92 * f, -0.26),
    ]
    within = mass(ink, look, fringe(f * 1.05, -1.68, sides, line), count=20, parting=-0.1)
    dice = random.Random(f"swept {look.seed}")  # noqa: S311
    for _ in range(46):
        x = dice.uniform(-0.8, 0.8)
        tone = (
            mix(look.hair_colour, (255, 246, 234), dice.uniform(0.1, 0.35))
            if dice.random() < 0.5
            else mix(look.hair_colour, (10, 8, 12), 0.35)
        )
        ink.stroke(
            [(x, -0.92), (x * 1.18 + 0.05, -1.32), (x * 1.2 + 0.22, -1.62)],
            0.04,
            tone,
            within=within,
            opacity=0.5,
            taper=(0.3, 0.2),
        )


def _parted(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.14 * f, -0.30), (1.14 * f, 0.25), (1.00 * f, 0.52), (0.95 * f, 0.25)]
    line = [
        (0.92 * f, -0.20),
        (0.82 * f, -0.58),
        (0.50, -0.90),
        (0.06, -1.16),
        (-0.06, -1.16),
        (-0.50, -0.90),
        (-0.82 * f, -0.58),
        (-0.92 * f, -0.20),
    ]
    mass(ink, look, fringe(f * 1.06, -1.60, sides, line), parting=0.0, count=90)


def _bob(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.16 * f, -0.30), (1.22 * f, 0.40), (1.20 * f, 0.88), (1.04 * f, 1.10), (0.93 * f, 0.80)]
    line = [
        (0.97 * f, 0.10),
        (0.90 * f, -0.32),
        (0.66, -0.56),
        (0.30, -0.60),
        (0.0, -0.58),
        (-0.30, -0.62),
        (-0.66, -0.56),
        (-0.90 * f, -0.32),
        (-0.97 * f, 0.10),
    ]
    mass(ink, look, fringe(f * 1.06, -1.60, sides, line), parting=0.05, count=110)


def _long(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.15 * f, -0.20), (1.20 * f, 0.70), (1.32, 1.70), (1.22, 2.45), (0.92, 2.40), (0.95, 1.4)]
    line = [
        (0.97 * f, 0.30),
        (0.93 * f, -0.20),
        (0.80 * f, -0.62),
        (0.36, -1.02),
        (0.16, -1.16),
        (-0.06, -1.0),
        (-0.50, -0.80),
        (-0.84 * f, -0.50),
        (-0.96 * f, 0.20),
    ]
    mass(ink, look, fringe(f * 1.06, -1.58, sides, line), parting=0.16, count=110)


def _bun(ink: Ink, look: Look) -> None:
    f = look.face
    sides = [(1.03 * f, -0.20), (0.99 * f, 0.05), (0.93 * f, -0.02)]
    line = [
        (0.91 * f, -0.36),
        (0.78 * f, -0.74),
        (0.46, -0.97),
        (0.0, -1.06),
        (-0.46, -0.97),
        (-0.78 * f, -0.74),
        (-0.91 * f, -0.36),
    ]
    mass(ink, look, fringe(f, -1.56, sides, line), parting=0.0, count=80)


_STYLES: dict[str, Callable[[Ink, Look], None]] = {
    "side": _side,
    "receding": _receding,
    "crop": _crop,
    "brush": _brush,
    "crown": _crown,
    "bald": _bald,
    "perm": _perm,
    "short": _short,
    "parted": _parted,
    "swept": _swept,
    "bob": _bob,
    "long": _long,
    "bun": _bun,
}
