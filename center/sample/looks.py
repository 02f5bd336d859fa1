"""How a sample person looks: everything `portraits.draw` needs to know, chosen at random from a seed, sex and age."""

from __future__ import annotations

import random
from dataclasses import dataclass

from center.sample.ink import Colour, both_sides, mix

SKINS: tuple[Colour, ...] = (
    (243, 211, 184),
    (238, 202, 172),
    (232, 193, 160),
    (225, 183, 148),
    (214, 169, 132),
    (196, 148, 111),
    (168, 120, 86),
)
BLACK, BROWN, GREY, WHITE = (38, 34, 35), (72, 52, 42), (128, 126, 128), (222, 221, 220)
GROUNDS: tuple[Colour, ...] = (
    (205, 223, 238),
    (226, 230, 233),
    (214, 228, 221),
    (236, 228, 214),
    (198, 212, 226),
    (228, 220, 228),
)
VESTS: tuple[Colour, ...] = (
    (226, 113, 48),
    (33, 96, 140),
    (30, 122, 112),
    (171, 46, 58),
    (240, 184, 52),
    (86, 110, 60),
)
CLOTHS: tuple[Colour, ...] = (
    (60, 78, 112),
    (122, 60, 74),
    (94, 122, 130),
    (150, 118, 152),
    (86, 96, 84),
    (196, 176, 150),
    (52, 58, 66),
    (176, 84, 70),
    (92, 132, 172),
    (140, 150, 120),
)
SHIRTS: tuple[Colour, ...] = ((246, 246, 244), (221, 232, 244), (240, 226, 220), (226, 236, 222), (250, 240, 214))

WARM_DARK: Colour = (96, 48, 36)
WOMEN_HAIR = ("perm", "bob", "bun", "short", "parted", "perm", "short", "swept", "swept")
MEN_HAIR = ("side", "side", "receding", "crown", "brush", "crop", "bald")
GLASSES = ("none", "none", "none", "round", "square", "half", "thin")
COATS = ("vest", "vest", "polo", "shirt", "cardigan", "round", "jacket")


@dataclass(frozen=True)
class Look:
    """One face. Lengths are in model units (half a face is 1 wide); shares are between 0 and 1."""

    seed: int
    woman: bool
    age: int
    skin: Colour
    hair: str
    hair_colour: Colour
    glasses: str
    glasses_colour: Colour
    coat: str
    coat_colour: Colour
    shirt_colour: Colour
    ground: Colour
    face: float  # width
    jaw: float  # added width at the jaw
    chin: float  # added length
    eye: float  # height of the open eye
    eye_gap: float
    eye_tilt: float
    lid: float  # share of a double lid
    brow: float  # weight
    nose: float  # width
    lips: float
    smile: float
    teeth: bool
    beard: float
    mole: tuple[float, float] | None
    lean: float  # of the shoulders

    @property
    def old(self) -> float:
        """How much of old age shows: 0 at thirty-five, 1 at eighty-five."""
        return min(1.0, max(0.0, (self.age - 35) / 50))


def look_for(seed: int, *, woman: bool | None = None, age: int | None = None) -> Look:
    """The look that belongs to a seed; the same every time."""
    dice = random.Random(f"look {seed}")  # noqa: S311 — a picture, not a secret
    is_woman = dice.random() < 0.6 if woman is None else woman
    years = dice.randint(58, 84) if age is None else age
    old = min(1.0, max(0.0, (years - 35) / 50))
    natural = BLACK if dice.random() < 0.75 else BROWN
    grey = max(0.0, min(1.0, (years - 48) / 34 + dice.uniform(-0.25, 0.25)))
    if is_woman and grey < 0.85 and dice.random() < 0.45:
        hair_colour = mix(BROWN, (110, 70, 48), dice.random())  # dyed
    elif grey < 0.5:
        hair_colour = mix(natural, GREY, grey * 1.5)
    else:
        hair_colour = mix(GREY, WHITE, min(1.0, (grey - 0.5) * 2))
    styles: tuple[str, ...] = WOMEN_HAIR if is_woman else MEN_HAIR
    if years < 45:
        styles = ("bob", "bun", "parted", "long") if is_woman else ("side", "crop", "brush")
    coat = dice.choice(COATS)
    return Look(
        seed=seed,
        woman=is_woman,
        age=years,
        skin=dice.choice(SKINS[:5]) if dice.random() < 0.85 else dice.choice(SKINS),
        hair=dice.choice(styles),
        hair_colour=hair_colour,
        glasses=dice.choice(GLASSES),
        glasses_colour=dice.choice(((52, 44, 40), (96, 62, 42), (120, 124, 130), (44, 52, 76), (122, 50, 54))),
        coat=coat,
        coat_colour=dice.choice(VESTS if coat == "vest" else CLOTHS),
        shirt_colour=dice.choice(SHIRTS),
        ground=dice.choice(GROUNDS),
        face=dice.uniform(0.93, 1.07),
        jaw=dice.uniform(-0.05, 0.06) + (0.0 if is_woman else 0.05),
        chin=dice.uniform(-0.06, 0.06),
        eye=dice.uniform(0.100, 0.138) - 0.02 * old,
        eye_gap=dice.uniform(0.405, 0.45),
        eye_tilt=dice.uniform(-0.02, 0.05) - 0.03 * old,
        lid=dice.random(),
        brow=dice.uniform(0.6, 0.9) if is_woman else dice.uniform(0.9, 1.35),
        nose=dice.uniform(0.88, 1.12) + (0.0 if is_woman else 0.08),
        lips=dice.uniform(0.85, 1.15) - 0.2 * old,
        smile=dice.uniform(0.55, 1.15),
        teeth=dice.random() < 0.3,
        beard=dice.choice((0.0, 0.0, 0.25, 0.45)) if not is_woman else 0.0,
        mole=(dice.choice((-1, 1)) * dice.uniform(0.3, 0.62), dice.uniform(0.3, 0.95))
        if dice.random() < 0.25
        else None,
        lean=dice.uniform(-0.06, 0.06),
    )


def outline(look: Look) -> list[tuple[float, float]]:
    """The outline of the face, crown to chin."""
    f, j, c = look.face, look.jaw, look.chin
    return both_sides(
        [
            (0.0, -1.40),
            (0.52 * f, -1.29),
            (0.83 * f, -0.95),
            (0.94 * f, -0.45),
            (0.95 * f, 0.0),
            ((0.90 + j * 0.4) * f, 0.42),
            ((0.76 + j) * f, 0.82),
            ((0.50 + j * 0.9) * f, 1.13 + c),
            (0.21 * f, 1.30 + c),
            (0.0, 1.325 + c),
        ]
    )


def shade_of(skin: Colour) -> Colour:
    """The skin's own shadow: darker and redder."""
    return mix(skin, (122, 58, 38), 0.48)
