"""Drawn portraits of people who do not exist, in the light of an ordinary half-length photograph (R36 6, §2.7).

Light falls from the upper left; brows, eye sockets, nose and mouth keep the dark and bright of a real face, since the
face finder (scanner.face) looks for exactly that. Hair and clothes are drawn in modules of their own.
"""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

from center.sample import clothes, features, hair
from center.sample.ink import Ink, mix, oval
from center.sample.looks import WARM_DARK, Look, look_for, outline, shade_of

SIZE = (560, 700)  # the master crop of the card's photo (§2.7)
HEAD = 2.86  # chin to crown, in model units
HEAD_SHARE = 0.56  # of the picture's height, at zoom 1


def draw(look: Look | int, size: tuple[int, int] = SIZE, zoom: float = 1.0) -> Image.Image:
    """The portrait, RGB at `size`.

    Less `zoom` shows more of the room round the person; the shoulders go down to any frame's edge.
    """
    person = look_for(look) if isinstance(look, int) else look
    width, height = size
    unit = min(height, width * 1.25) * HEAD_SHARE * zoom / HEAD
    ink = Ink(_backdrop(person, size), (width / 2, height * 0.475 - 0.04 * unit), unit)
    clothes.draw_shadow(ink, person)
    hair.draw_behind(ink, person)
    clothes.draw(ink, person)
    features.ears(ink, person)
    _face(ink, person)
    hair.draw_front(ink, person)
    if person.glasses != "none":
        features.glasses(ink, person)
    return ink.finish()


def _backdrop(look: Look, size: tuple[int, int]) -> Image.Image:
    width, height = size
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    light = 1.05 - 0.10 * ((x - 0.15) ** 2 + (y + 0.1) ** 2) - 0.05 * y + 0.03 * x
    return Image.fromarray(np.clip(np.asarray(look.ground)[None, None] * light[..., None], 0, 255).astype(np.uint8))


def _face(ink: Ink, look: Look) -> None:
    skin, dark = look.skin, shade_of(look.skin)
    edge = outline(look)
    f = look.face
    ink.fill(edge, skin)
    inside = ink.mask(edge)
    # light from the upper left: the far side and the jaw turn away
    ink.fill(
        [(0.62 * f, -1.5), (1.3, -1.4), (1.4, 1.5), (0.25, 1.6), (0.60 * f, 0.95), (0.80 * f, 0.2)],
        dark,
        within=inside,
        opacity=0.42,
        blur=0.17,
    )
    ink.fill(
        [(-0.88 * f, -1.2), (-1.3, -1.3), (-1.4, 1.4), (-0.5 * f, 1.5), (-0.72 * f, 0.95), (-0.90 * f, 0.2)],
        dark,
        within=inside,
        opacity=0.26,
        blur=0.12,
    )
    ink.fill(
        [(-0.6, 1.20), (0.0, 1.16), (0.6, 1.20), (0.6, 1.6), (-0.6, 1.6)], dark, within=inside, opacity=0.42, blur=0.08
    )
    bright = mix(skin, (255, 248, 236), 0.62)
    ink.fill(oval(-0.12, -0.72, 0.52, 0.25), bright, within=inside, opacity=0.55, blur=0.16)
    for side in (-1, 1):
        lit = 0.62 if side < 0 else 0.42
        ink.fill(oval(side * 0.50, 0.36, 0.25, 0.17, side * 0.35), bright, within=inside, opacity=lit, blur=0.11)
        ink.fill(
            oval(side * 0.56, 0.47, 0.26, 0.19),
            (216, 98, 84),
            within=inside,
            opacity=0.20 if look.woman else 0.14,
            blur=0.12,
        )
        ink.fill(oval(side * 0.84 * f, -0.45, 0.12, 0.35), dark, within=inside, opacity=0.22, blur=0.09)  # temple
    _age(ink, look, inside)
    features.sockets(ink, look, inside)
    features.nose(ink, look, inside)
    features.mouth(ink, look, inside)
    for side in (-1, 1):
        features.eye(ink, look, side)
        features.brow(ink, look, side)
    if look.beard:
        ink.fill(
            [
                (-0.62, 0.72),
                (-0.30, 0.62),
                (0.0, 0.66),
                (0.30, 0.62),
                (0.62, 0.72),
                (0.50, 1.15),
                (0.0, 1.32),
                (-0.50, 1.15),
            ],
            mix(look.hair_colour, (90, 96, 106), 0.5),
            within=inside,
            opacity=look.beard * 0.42,
            blur=0.10,
        )
    if look.mole:
        ink.fill(oval(*look.mole, 0.022, 0.022), (92, 58, 46), opacity=0.85, blur=0.006)


def _age(ink: Ink, look: Look, inside: Image.Image) -> None:
    """Folds and spots of a life; the older, the deeper."""
    old, dark = look.old, mix(shade_of(look.skin), WARM_DARK, 0.35)
    for side in (-1, 1):
        ink.stroke(
            [(side * 0.23, 0.40), (side * 0.35, 0.56), (side * 0.43, 0.76)],
            0.055,
            dark,
            opacity=0.18 + 0.34 * old,
            blur=0.022,
            taper=(0.3, 0.0),
        )
        if old > 0.35:
            ink.stroke(
                [(side * 0.24, 0.19), (side * 0.42, 0.255), (side * 0.60, 0.19)],
                0.045,
                dark,
                opacity=0.42 * old,
                blur=0.02,
            )
            for k in range(3):
                ink.stroke(
                    [(side * 0.68, -0.02 + 0.035 * k), (side * 0.80, -0.07 + 0.075 * k)],
                    0.02,
                    dark,
                    opacity=0.40 * old,
                    blur=0.006,
                )
        if old > 0.6:
            ink.stroke([(side * 0.43, 0.92), (side * 0.48, 1.05)], 0.04, dark, opacity=0.22 * old, blur=0.02)
    for k in range(int(old * 3.4)):
        y = -0.56 - 0.15 * k
        ink.stroke(
            [(-0.50 + 0.05 * k, y + 0.03), (-0.2, y - 0.015), (0.2, y - 0.005), (0.50 - 0.05 * k, y + 0.03)],
            0.022,
            dark,
            within=inside,
            opacity=0.34 * old,
            blur=0.008,
        )
    if look.age > 70:
        dice = random.Random(f"spots {look.seed}")  # noqa: S311
        for _ in range(5):
            x, y = dice.choice((-1, 1)) * dice.uniform(0.55, 0.85), dice.uniform(-0.7, 0.6)
            ink.fill(
                oval(x, y, dice.uniform(0.015, 0.035), dice.uniform(0.012, 0.028)),
                (150, 98, 66),
                within=inside,
                opacity=0.30,
                blur=0.012,
            )
