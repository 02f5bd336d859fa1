"""Neck, shoulders and what the sample people wear: volunteer vests, shirts, cardigans. Drawn before the face."""

from __future__ import annotations

from PIL import Image

from center.sample.ink import Colour, Ink, Points, curve, mix, oval
from center.sample.looks import Look

FLOOR = 9.0  # far below any frame
RAISED = -0.24  # how far the shoulders come up towards the chin
BADGE = (250, 248, 240)


def draw_shadow(ink: Ink, look: Look) -> None:
    """The person's soft shadow on the wall behind."""
    wall = mix(look.ground, (70, 80, 96), 0.5)
    ink.fill(oval(0.22, -0.1, 1.22, 1.55), wall, opacity=0.22, blur=0.28)
    ink.fill(
        [(-1.9, 3.0), (-1.4, 1.9), (0.3, 1.6), (2.0, 1.95), (2.5, 3.0), (2.5, 5.0), (-1.9, 5.0)],
        wall,
        opacity=0.18,
        blur=0.28,
    )


def draw(ink: Ink, look: Look) -> None:
    """Neck and clothes."""
    wide = 2.02 if look.woman else 2.28
    lean = look.lean
    neck_width = 0.50 if look.woman else 0.58
    body: list[tuple[float, float]] = [
        (-neck_width - 0.06, 1.60),
        (-1.05, 1.92 + lean),
        (-wide + 0.22, 2.22 + lean),
        (-wide, 2.75 + lean),
        (-wide - 0.12, 3.6),
        (-wide - 0.14, 4.6),
        (-wide - 0.15, FLOOR),
        (wide + 0.15, FLOOR),
        (wide + 0.14, 4.6),
        (wide + 0.12, 3.6),
        (wide, 2.75 - lean),
        (wide - 0.22, 2.22 - lean),
        (1.05, 1.92 - lean),
        (neck_width + 0.06, 1.60),
    ]
    with ink.moved(0.0, RAISED):
        _dress(ink, look, body, neck_width)


def _dress(ink: Ink, look: Look, body: Points, neck_width: float) -> None:
    _skin(ink, look, neck_width)
    base = look.shirt_colour if look.coat in ("vest", "jacket", "cardigan") else look.coat_colour
    # what is worn under an open coat must not peep out at its shoulders
    under = [(x * 0.97, y + 0.04) for x, y in body] if base is not look.coat_colour else body
    within = _cloth(ink, under, base, look)
    {"vest": _vest, "jacket": _jacket, "cardigan": _cardigan, "polo": _polo, "shirt": _shirt, "round": _round}[
        look.coat
    ](ink, look, body, within, neck_width)


def _skin(ink: Ink, look: Look, w: float) -> None:
    dark = mix(look.skin, (122, 58, 38), 0.48)
    neck: Points = [
        (-w, 0.5),
        (-w, 1.45),
        (-w - 0.12, 1.75),
        (-0.4, 2.3),
        (0.0, 2.45),
        (0.4, 2.3),
        (w + 0.12, 1.75),
        (w, 1.45),
        (w, 0.5),
    ]
    ink.fill(neck, mix(look.skin, dark, 0.10))
    within = ink.mask(neck)
    ink.fill(
        [(-0.8, 0.8), (0.8, 0.8), (0.74, 1.52), (0.25, 1.80), (-0.10, 1.82), (-0.58, 1.58)],
        dark,
        within=within,
        opacity=0.72,
        blur=0.10,
    )
    ink.fill(
        [(w * 0.5, 0.8), (w + 0.4, 0.8), (w + 0.4, 2.0), (w * 0.7, 1.9)], dark, within=within, opacity=0.5, blur=0.12
    )
    for side in (-1, 1):
        ink.stroke(
            [(side * 0.36, 1.50), (side * 0.17, 2.02)],
            0.06,
            dark,
            within=within,
            opacity=0.25 + 0.3 * look.old,
            blur=0.03,
        )


def _cloth(ink: Ink, body: Points, colour: Colour, look: Look) -> Image.Image:
    """The body of the garment with an open neck, shaded; returns its mask."""
    neck = {"round": 1.80, "cardigan": 1.98, "polo": 2.02, "shirt": 1.98, "vest": 2.0, "jacket": 2.0}[look.coat]
    half = abs(body[0][0])
    shape = [*body, (half * 0.72, (1.60 + neck) / 2 + 0.02), (0.0, neck), (-half * 0.72, (1.60 + neck) / 2 + 0.02)]
    arms = curve(body[1:6], closed=False), curve(body[8:13], closed=False)
    left, right = ([(float(x), float(y)) for x, y in arm] for arm in arms)
    opening = curve([body[-1], *shape[len(body) :], body[0]], closed=False)
    shape = [*left, body[6], body[7], *right, *((float(x), float(y)) for x, y in opening)]
    ink.fill(shape, colour, smooth=False)
    within = ink.mask(shape, smooth=False)
    dark, bright = mix(colour, (20, 22, 40), 0.45), mix(colour, (255, 255, 255), 0.35)
    ink.fill(
        [(0.9, 1.7), (2.6, 1.9), (2.8, 6.0), (1.3, 6.0), (1.45, 3.0)], dark, within=within, opacity=0.45, blur=0.22
    )
    ink.fill([(-2.4, 2.2), (-1.75, 2.5), (-1.65, 6.0), (-2.6, 6.0)], dark, within=within, opacity=0.28, blur=0.14)
    ink.fill(oval(-1.05, 2.32, 0.55, 0.22, 0.3), bright, within=within, opacity=0.40, blur=0.16)
    for x, sway in ((-1.35, 0.12), (-0.55, -0.1), (0.7, 0.14), (1.4, -0.1)):
        ink.stroke(
            [(x, 2.75), (x + sway, 3.3), (x + sway * 0.4, 4.2)], 0.12, dark, within=within, opacity=0.20, blur=0.06
        )
    return within


def _collar(ink: Ink, colour: Colour, w: float, fall: float = 2.3) -> None:
    edge = mix(colour, (30, 34, 56), 0.35)
    for side in (-1, 1):
        wing: Points = [
            (side * (w + 0.04), 1.50),
            (side * (w + 0.16), 1.72),
            (side * 0.46, fall + 0.08),
            (side * 0.02, 2.06),
            (side * (w - 0.12), 1.74),
        ]
        shadow = [(x + 0.03, y + 0.06) for x, y in wing]
        ink.fill(shadow, (20, 22, 36), opacity=0.30, blur=0.05, smooth=False)
        ink.fill(wing, mix(colour, (40, 44, 70), 0.0 if side < 0 else 0.10), smooth=False)
        ink.stroke([*wing, wing[0]], 0.018, edge, smooth=False, taper=(1, 1), opacity=0.6)


def _buttons(ink: Ink, colour: Colour, start: float, x: float = 0.0) -> None:
    for k in range(6):
        ink.fill(oval(x, start + 0.42 * k, 0.035, 0.035), mix(colour, (30, 30, 40), 0.45), opacity=0.8)


def _shirt(ink: Ink, look: Look, _body: Points, within: Image.Image, w: float) -> None:
    c = look.coat_colour
    ink.stroke([(0.0, 2.05), (0.0, FLOOR)], 0.02, mix(c, (20, 20, 40), 0.5), smooth=False, taper=(1, 1), opacity=0.5)
    _collar(ink, c, w)
    _buttons(ink, c, 2.4)


def _polo(ink: Ink, look: Look, _body: Points, within: Image.Image, w: float) -> None:
    c = look.coat_colour
    ink.fill([(-0.09, 2.0), (0.11, 2.0), (0.11, 2.9), (-0.09, 2.9)], mix(c, (20, 20, 40), 0.16), smooth=False)
    _collar(ink, mix(c, (255, 255, 255), 0.08), w, 2.26)
    _buttons(ink, c, 2.3, 0.01)


def _round(ink: Ink, look: Look, _body: Points, within: Image.Image, w: float) -> None:
    c = mix(look.coat_colour, (20, 20, 40), 0.22)
    neck = [(-w - 0.04, 1.62), (-w * 0.66, 1.76), (0.0, 1.86), (w * 0.66, 1.76), (w + 0.04, 1.62)]
    ink.stroke([(x, y + 0.03) for x, y in neck], 0.13, c, taper=(0.9, 0.9))
    if look.woman:  # a fine chain
        ink.stroke(
            [(-0.36, 1.64), (-0.2, 1.92), (0.0, 2.02), (0.2, 1.92), (0.36, 1.64)],
            0.022,
            (214, 176, 92),
            taper=(1, 1),
            opacity=0.9,
        )


def _open_coat(ink: Ink, look: Look, body: Points, w: float, part: float) -> None:
    """Two front panels over the shirt, parted by `part` at the neck."""
    c = look.coat_colour
    dark, bright = mix(c, (16, 18, 34), 0.45), mix(c, (255, 255, 255), 0.30)
    left_shoulder, right_shoulder = list(body[:7]), list(reversed(body[7:]))
    for side, shoulder in ((-1, left_shoulder), (1, right_shoulder)):
        inner = [(side * 0.06, FLOOR), (side * 0.08, 3.3), (side * part, 2.4), (side * (w + 0.02), 1.66)]
        top = curve([(side * (w + 0.10), 1.56), *shoulder[1:6]], closed=False)
        panel = [*((float(x), float(y)) for x, y in top), shoulder[6], *inner]
        ink.fill([(x - side * 0.04, y + 0.05) for x, y in panel], (24, 24, 36), opacity=0.22, blur=0.06, smooth=False)
        ink.fill(panel, c, smooth=False)
        mask = ink.mask(panel, smooth=False)
        ink.fill(
            [(side * 1.5, 1.6), (side * 2.6, 1.6), (side * 2.6, 6), (side * 1.7, 6)],
            dark,
            within=mask,
            opacity=0.5 if side > 0 else 0.28,
            blur=0.2,
        )
        ink.fill(
            oval(side * 1.05, 2.25, 0.5, 0.18, side * 0.35),
            bright,
            within=mask,
            opacity=0.45 if side < 0 else 0.2,
            blur=0.13,
        )
        ink.stroke(inner, 0.035, dark, opacity=0.6, taper=(1, 1), smooth=False)


def _vest(ink: Ink, look: Look, body: Points, within: Image.Image, w: float) -> None:
    _collar(ink, look.shirt_colour, w)
    _open_coat(ink, look, body, w, 0.48)
    piping = mix(look.coat_colour, (255, 255, 255), 0.72)
    for side in (-1, 1):
        ink.stroke(
            [(side * (w + 0.06), 1.70), (side * 0.54, 2.42), (side * 0.15, 3.3), (side * 0.13, FLOOR)],
            0.045,
            piping,
            taper=(1, 1),
            opacity=0.9,
            smooth=False,
        )
    ink.fill(
        [(0.77, 2.50), (1.37, 2.50), (1.37, 2.84), (0.77, 2.84)], (20, 24, 40), smooth=False, opacity=0.25, blur=0.04
    )
    ink.fill([(0.74, 2.46), (1.34, 2.46), (1.34, 2.80), (0.74, 2.80)], BADGE, smooth=False)
    for k, length in enumerate((0.42, 0.30)):
        ink.fill(
            [
                (0.82, 2.55 + 0.11 * k),
                (0.82 + length, 2.55 + 0.11 * k),
                (0.82 + length, 2.59 + 0.11 * k),
                (0.82, 2.59 + 0.11 * k),
            ],
            (70, 84, 120),
            smooth=False,
        )


def _jacket(ink: Ink, look: Look, body: Points, within: Image.Image, w: float) -> None:
    _collar(ink, look.shirt_colour, w, 2.2)
    _buttons(ink, look.shirt_colour, 2.5)
    _open_coat(ink, look, body, w, 0.40)
    edge = mix(look.coat_colour, (10, 12, 28), 0.5)
    for side in (-1, 1):  # lapels
        lapel = [
            (side * (w + 0.10), 1.62),
            (side * 0.95, 2.35),
            (side * 0.70, 2.48),
            (side * 0.78, 2.62),
            (side * 0.10, 3.45),
            (side * 0.38, 2.4),
        ]
        ink.fill(lapel, mix(look.coat_colour, (255, 255, 255), 0.07 if side < 0 else 0.02), smooth=False)
        ink.stroke([*lapel, lapel[0]], 0.02, edge, smooth=False, taper=(1, 1), opacity=0.6)


def _cardigan(ink: Ink, look: Look, body: Points, within: Image.Image, w: float) -> None:
    c = mix(look.shirt_colour, (60, 60, 80), 0.12)
    ink.stroke([(-w, 1.66), (-w * 0.66, 1.86), (0.0, 2.02), (w * 0.66, 1.86), (w, 1.66)], 0.09, c, taper=(0.9, 0.9))
    _open_coat(ink, look, body, w, 0.56)
    rib = mix(look.coat_colour, (255, 255, 255), 0.12)
    for side in (-1, 1):
        ink.stroke(
            [(side * (w + 0.08), 1.68), (side * 0.62, 2.4), (side * 0.17, 3.3), (side * 0.14, FLOOR)],
            0.15,
            rib,
            taper=(1, 1),
            opacity=0.85,
            smooth=False,
        )
    _buttons(ink, look.coat_colour, 3.35, 0.0)
