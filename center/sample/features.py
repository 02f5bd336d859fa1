"""Ears, eyes, brows, nose, mouth and glasses of a drawn face, each with the dark and bright that a real one has."""

from __future__ import annotations

import numpy as np
from PIL import Image

from center.sample.ink import Ink, mix, oval
from center.sample.looks import WARM_DARK, Look, shade_of


def sockets(ink: Ink, look: Look, inside: Image.Image) -> None:
    """Shadow round the eyes and beside the bridge of the nose."""
    dark = mix(shade_of(look.skin), WARM_DARK, 0.25)
    for side in (-1, 1):
        x = side * look.eye_gap
        ink.fill(oval(x, -0.07, 0.30, 0.135), dark, within=inside, opacity=0.40, blur=0.07)
        ink.fill(
            oval(side * 0.19, -0.10, 0.075, 0.16), dark, within=inside, opacity=0.46 if side > 0 else 0.34, blur=0.05
        )


def eye(ink: Ink, look: Look, side: int) -> None:
    """One eye with its lids; `side` is -1 for the left of the picture."""
    x, e, tilt = side * look.eye_gap, look.eye * (1.0 - 0.12 * look.smile), look.eye_tilt
    w = 0.220
    inner, outer = (x - side * w, 0.035), (x + side * w, 0.012 - tilt)
    top = [(x - side * w * 0.55, -e * 0.62), (x + side * 0.01, -e), (x + side * w * 0.62, -e * 0.72 - tilt * 0.5)]
    low = [(x + side * w * 0.55, e * 0.52 - tilt * 0.4), (x, e * 0.66), (x - side * w * 0.6, e * 0.60)]
    shape = [inner, *top, outer, *low]
    ink.fill(shape, (240, 236, 230))
    within = ink.mask(shape)
    iris = 0.106
    gaze = x - side * 0.004
    ink.fill(oval(gaze, -0.012, iris, iris), (58, 36, 26), within=within)
    ink.fill(oval(gaze, 0.018, iris * 0.72, iris * 0.6), (98, 62, 40), within=within, opacity=0.6, blur=0.02)
    ink.fill(oval(gaze, -0.012, iris * 0.46, iris * 0.46), (16, 12, 12), within=within)
    ink.stroke(
        [inner, *top, outer], 0.10, (70, 40, 34), within=within, opacity=0.55, blur=0.02, taper=(0.6, 0.6)
    )  # the lid's shadow
    ink.fill(oval(gaze - 0.032, -0.045, 0.021, 0.021), (255, 255, 255))
    lash = (44, 28, 26)
    tail = (x + side * (w + 0.035), 0.02 - tilt * 1.2)
    ink.stroke([inner, *top, outer, tail], 0.052 if look.woman else 0.044, lash, taper=(0.25, 0.2), opacity=0.92)
    ink.stroke(
        [(x - side * w * 0.8, e * 0.55), (x, e * 0.78), (x + side * w * 0.85, e * 0.50 - tilt * 0.5)],
        0.022,
        lash,
        opacity=0.45,
        blur=0.006,
    )
    lift = 0.035 + 0.045 * look.lid
    fold = [
        (px, py - lift) for px, py in [(inner[0] + side * 0.03, inner[1] - 0.01), *top, (outer[0], outer[1] + 0.01)]
    ]
    ink.stroke(fold, 0.024, mix(shade_of(look.skin), WARM_DARK, 0.5), opacity=0.35 + 0.3 * look.lid, blur=0.007)
    ink.fill(oval(x, e + 0.075, 0.17, 0.035), shade_of(look.skin), opacity=0.30 + 0.20 * look.old, blur=0.03)
    ink.fill(oval(inner[0] + side * 0.008, inner[1], 0.014, 0.014), (206, 138, 122), opacity=0.8)


def brow(ink: Ink, look: Look, side: int) -> None:
    """One eyebrow."""
    x, y = side * look.eye_gap, -0.265 - (0.02 if look.woman else 0.0)
    colour = mix(look.hair_colour, (66, 58, 56), 0.55)
    line = [
        (x - side * 0.235, y + 0.050),
        (x - side * 0.08, y - 0.012),
        (x + side * 0.10, y - 0.030),
        (x + side * 0.285, y + 0.045),
    ]
    ink.stroke(line, 0.095 * look.brow, colour, opacity=0.62, blur=0.020, taper=(0.55, 0.1))
    ink.stroke(line, 0.058 * look.brow, colour, opacity=0.80, blur=0.008, taper=(0.6, 0.1))


def nose(ink: Ink, look: Look, inside: Image.Image) -> None:
    """Bridge, tip, wings and nostrils."""
    n, skin = look.nose, look.skin
    dark, deep = shade_of(skin), mix(shade_of(skin), WARM_DARK, 0.55)
    bright = mix(skin, (255, 250, 240), 0.7)
    ink.fill(
        [(0.09, -0.16), (0.16, 0.06), (0.30 * n, 0.36), (0.24 * n, 0.50), (0.10, 0.34), (0.06, 0.06)],
        dark,
        within=inside,
        opacity=0.50,
        blur=0.045,
    )
    ink.fill(
        [(-0.10, -0.14), (-0.17, 0.10), (-0.29 * n, 0.38), (-0.16, 0.30), (-0.09, 0.05)],
        dark,
        within=inside,
        opacity=0.24,
        blur=0.045,
    )
    ink.fill(
        [(-0.035, -0.22), (0.03, -0.22), (0.045, 0.15), (0.05, 0.30), (-0.05, 0.30), (-0.045, 0.15)],
        bright,
        within=inside,
        opacity=0.72,
        blur=0.035,
    )
    ink.fill(oval(-0.02, 0.365, 0.085, 0.065), bright, within=inside, opacity=0.70, blur=0.035)
    ink.fill(
        [(-0.26 * n, 0.49), (0.0, 0.545), (0.28 * n, 0.49), (0.22 * n, 0.60), (0.0, 0.63), (-0.18 * n, 0.59)],
        dark,
        within=inside,
        opacity=0.50,
        blur=0.035,
    )
    for side in (-1, 1):
        ink.stroke(
            [(side * 0.215 * n, 0.33), (side * 0.265 * n, 0.42), (side * 0.215 * n, 0.50), (side * 0.15 * n, 0.485)],
            0.036,
            deep,
            opacity=0.55,
            blur=0.010,
            taper=(0.1, 0.4),
        )
        ink.fill(oval(side * 0.105 * n, 0.492, 0.062 * n, 0.026, side * -0.22), (74, 36, 30), opacity=0.85, blur=0.010)
    ink.stroke([(-0.07, 0.515), (0.0, 0.538), (0.07, 0.515)], 0.026, deep, opacity=0.55, blur=0.008)


def mouth(ink: Ink, look: Look, inside: Image.Image) -> None:
    """Lips, closed or with teeth showing."""
    s, l = look.smile, look.lips  # noqa: E741
    y, w = 0.835, 0.335 + 0.05 * look.smile
    up = 0.055 * s
    lip = mix(look.skin, (176, 72, 72), 0.62 if look.woman else 0.40)
    dark = mix(shade_of(look.skin), WARM_DARK, 0.3)
    left, right = (-w, y - up), (w, y - up)
    seam = [left, (-0.18, y + 0.006), (0.0, y + 0.013), (0.18, y + 0.006), right]
    upper = [
        left,
        (-0.20, y - 0.050 * l),
        (-0.065, y - 0.088 * l),
        (0.0, y - 0.068 * l),
        (0.065, y - 0.088 * l),
        (0.20, y - 0.050 * l),
        right,
    ]
    drop = 0.045 if look.teeth else 0.0
    lower = [right, (0.20, y + 0.085 * l + drop), (0.0, y + 0.122 * l + drop), (-0.20, y + 0.085 * l + drop), left]
    ink.fill([*upper, *lower[1:-1]], mix(lip, (120, 40, 44), 0.16))
    ink.fill([*seam, *lower[1:-1]], lip)
    ink.fill(oval(-0.04, y + 0.070 * l + drop, 0.13, 0.022), (255, 236, 226), opacity=0.50, blur=0.02)
    if look.teeth:
        gap = [
            (-w * 0.80, y - up * 0.6),
            (0.0, y + 0.000),
            (w * 0.80, y - up * 0.6),
            (0.18, y + 0.050),
            (0.0, y + 0.064),
            (-0.18, y + 0.050),
        ]
        ink.fill(gap, (78, 30, 32))
        teeth = [
            (-w * 0.72, y - up * 0.5),
            (0.0, y + 0.002),
            (w * 0.72, y - up * 0.5),
            (0.16, y + 0.034),
            (0.0, y + 0.046),
            (-0.16, y + 0.034),
        ]
        ink.fill(teeth, (240, 234, 224))
    else:
        ink.stroke(seam, 0.034, (92, 34, 34), opacity=0.90, taper=(0.35, 0.35), blur=0.004)
    for side in (-1, 1):
        ink.fill(oval(side * (w + 0.02), y - up + 0.004, 0.035, 0.028), dark, within=inside, opacity=0.55, blur=0.018)
    ink.fill(
        [
            (-0.20, y + 0.155 * l + drop),
            (0.0, y + 0.17 * l + drop),
            (0.20, y + 0.155 * l + drop),
            (0.14, y + 0.225),
            (-0.14, y + 0.225),
        ],
        dark,
        within=inside,
        opacity=0.42,
        blur=0.035,
    )
    ink.stroke([(0.0, 0.61), (0.0, 0.73)], 0.07, dark, within=inside, opacity=0.20, blur=0.02)
    ink.fill(
        oval(-0.02, 1.135 + look.chin, 0.16, 0.075),
        mix(look.skin, (255, 248, 238), 0.5),
        within=inside,
        opacity=0.45,
        blur=0.06,
    )


def glasses(ink: Ink, look: Look) -> None:
    """Frames, their shadow on the face and the light on the lenses."""
    colour, g = look.glasses_colour, look.eye_gap + 0.005
    width = {"round": 0.040, "square": 0.052, "half": 0.046, "thin": 0.024}[look.glasses]
    rx, ry = {"round": (0.285, 0.255), "square": (0.315, 0.215), "half": (0.305, 0.195), "thin": (0.300, 0.225)}[
        look.glasses
    ]
    y = 0.035
    for side in (-1, 1):
        x = side * g
        a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        power = 1.0 if look.glasses == "round" else 0.62
        rim = [
            (
                x + rx * np.sign(np.cos(t)) * abs(np.cos(t)) ** power,
                y + ry * np.sign(np.sin(t)) * abs(np.sin(t)) ** power,
            )
            for t in a
        ]
        ink.fill(rim, (255, 255, 255), opacity=0.05)
        ink.fill(
            [(x - 0.20, y - 0.13), (x - 0.11, y - 0.16), (x - 0.20, y + 0.12), (x - 0.25, y + 0.06)],
            (255, 255, 255),
            opacity=0.14,
            blur=0.015,
            smooth=False,
        )
        drawn = [p for p in rim if p[1] < y + 0.03] if look.glasses == "half" else rim
        shadow = [(px + 0.015, py + 0.03) for px, py in drawn]
        if look.glasses == "half":
            drawn, shadow = sorted(drawn), sorted(shadow)
        else:
            drawn, shadow = [*drawn, drawn[0]], [*shadow, shadow[0]]
        ink.stroke(shadow, width * 1.3, shade_of(look.skin), opacity=0.40, blur=0.018, taper=(1, 1))
        ink.stroke(drawn, width, colour, taper=(1, 1), opacity=0.95)
        hinge = (x + side * rx * 0.98, y - 0.05)
        ink.stroke([hinge, (side * 0.965 * look.face, -0.06)], width, colour, taper=(1, 0.8))
        ink.stroke(
            [(x - side * rx * 0.86, y + 0.10), (x - side * (rx - 0.02), y + 0.17)], 0.02, (210, 200, 190), opacity=0.5
        )
    ink.stroke(
        [(-g + rx * 0.96, y - 0.03), (0.0, y - 0.075), (g - rx * 0.96, y - 0.03)], width * 0.9, colour, taper=(1, 1)
    )


def ears(ink: Ink, look: Look) -> None:
    """Both ears; the face lies over their roots."""
    dark = shade_of(look.skin)
    for side in (-1, 1):
        x = side * 0.965 * look.face
        tone = mix(look.skin, dark, 0.12 if side < 0 else 0.30)
        ear = [
            (x - side * 0.08, -0.24),
            (x + side * 0.09, -0.27),
            (x + side * 0.15, -0.08),
            (x + side * 0.11, 0.18),
            (x + side * 0.03, 0.40),
            (x - side * 0.08, 0.36),
        ]
        ink.fill(ear, tone)
        ink.stroke(
            [(x + side * 0.02, -0.17), (x + side * 0.09, -0.10), (x + side * 0.07, 0.10), (x + side * 0.02, 0.24)],
            0.05,
            dark,
            opacity=0.55,
            blur=0.012,
        )
