"""What all hair is made of: a body of colour with strands and sheen, curls, and the shadow it throws on the face."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from center.sample.ink import Colour, Ink, Points, mix, oval
from center.sample.looks import Look, outline


def strands(
    ink: Ink, look: Look, within: Image.Image, shape: Points, colour: Colour, count: int, parting: float = 0.0
) -> None:
    """Fine lines falling from the parting over the crown, lighter and darker than the hair."""
    dice = random.Random(f"hair {look.seed} {count}")  # noqa: S311
    xs = [x for x, _ in shape]
    ys = [y for _, y in shape]
    for _ in range(count):
        start = (parting + dice.uniform(-0.10, 0.10), min(ys) + dice.uniform(0.0, 0.18))
        end_x = dice.uniform(min(xs), max(xs))
        end = (end_x, dice.uniform(-0.6, max(ys)))
        bow = (start[0] + (end[0] - start[0]) * 0.62, start[1] + (end[1] - start[1]) * 0.22 - 0.05)
        tone = (
            mix(colour, (255, 244, 230), dice.uniform(0.06, 0.24))
            if dice.random() < 0.5
            else mix(colour, (10, 8, 12), dice.uniform(0.15, 0.4))
        )
        ink.stroke([start, bow, end], dice.uniform(0.018, 0.045), tone, within=within, opacity=0.5, taper=(0.4, 0.1))


def mass(
    ink: Ink, look: Look, shape: Points, *, count: int = 60, parting: float = 0.0, sheen: bool = True
) -> Image.Image:
    colour = look.hair_colour
    ink.fill(
        [(x, y + 0.05) for x, y in shape],
        mix(look.skin, (90, 40, 26), 0.6),
        opacity=0.45,
        blur=0.05,
        within=below(ink, look),
    )
    ink.fill(shape, colour)
    within = ink.mask(shape)
    strands(ink, look, within, shape, colour, count, parting)
    dark = mix(colour, (12, 10, 16), 0.5)
    ink.fill(
        [(0.75, -1.5), (1.5, -1.3), (1.5, 0.8), (0.92, 0.6), (0.95, -0.5)], dark, within=within, opacity=0.42, blur=0.14
    )
    if sheen:
        light = mix(colour, (255, 250, 240), 0.55)
        ink.stroke(
            [(-0.88, -0.82), (-0.50, -1.20), (0.02, -1.32), (0.45, -1.22)],
            0.20,
            light,
            within=within,
            opacity=0.38,
            blur=0.07,
        )
    return within


def below(ink: Ink, look: Look) -> Image.Image:
    """The face, as a mask for the shadow that hair throws on it."""
    return ink.mask(outline(look))


def fringe(f: float, top: float, sides: Points, line: Points) -> list[tuple[float, float]]:
    """A cap: over the crown from the left side to the right, back along the hairline."""
    over = [
        (-1.04 * f, -0.55),
        (-0.88 * f, -1.12),
        (-0.45 * f, top + 0.06),
        (0.0, top),
        (0.45 * f, top + 0.06),
        (0.88 * f, -1.12),
        (1.04 * f, -0.55),
    ]
    left = [(-x, y) for x, y in reversed(sides)]
    return [*left, *over, *sides, *line]


def shine(ink: Ink, look: Look) -> None:
    ink.fill(oval(-0.22, -1.13, 0.34, 0.13, -0.25), mix(look.skin, (255, 252, 246), 0.75), opacity=0.65, blur=0.08)


def curls(ink: Ink, look: Look, places: list[tuple[float, float]], size: float) -> None:
    """Loose curls, each a lit ball with a spiral of shade: a perm is made of these."""
    dice = random.Random(f"curls {look.seed}")  # noqa: S311
    colour = look.hair_colour
    dark, light = mix(colour, (10, 8, 14), 0.42), mix(colour, (255, 250, 242), 0.42)
    dice.shuffle(places)
    for x, y in places:
        r = size * dice.uniform(0.85, 1.2)
        turn = dice.uniform(0, 6.28)
        away = 0.22 * max(0.0, x)
        ink.fill(oval(x, y, r, r * 0.92), mix(mix(colour, dark, dice.uniform(0.0, 0.25)), dark, away))
        ink.fill(
            oval(x - r * 0.28, y - r * 0.32, r * 0.48, r * 0.40), light, opacity=0.55 * (1 - away * 2), blur=r * 0.22
        )
        a = np.linspace(turn, turn + 4.2, 6)
        ink.stroke(
            [(x + r * 0.92 * np.cos(t), y + r * 0.85 * np.sin(t)) for t in a], r * 0.26, dark, opacity=0.55, blur=0.008
        )
        ink.stroke(
            [(x + r * 0.5 * np.cos(t + 1), y + r * 0.45 * np.sin(t + 1)) for t in a],
            r * 0.16,
            dark,
            opacity=0.35,
            blur=0.006,
        )
