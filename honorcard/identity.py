"""Identity numbers: what kind a number is, whether its check digit agrees, and how to show it without giving it away.

Source: domain rules §3. A passport has no check digit and is never guessed from a number that failed: the caller says
so. Where the check digit cannot protect, `second_looks` says what a person should compare with the document. What is
not here: whose number it is, and the words (identity_words).
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from typing import Literal

IdentityKind = Literal["national", "ui_new", "ui_old", "passport", "unknown"]
IdentityProblem = Literal["length", "characters", "check_digit"]
Doubt = Literal["no_check_digit", "first_letter", "last_two"]
Slip = Literal["first_letter", "last_two", "one_place"]

LENGTH = 10  # characters of a national or UI number
PASSPORT_LENGTHS = range(5, 21)  # §3.1: 5 to 20 letters and digits

# §3.1: not alphabetical, I, O, W and Z came later.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_LETTER_VALUES = {letter: value for value, letter in enumerate(_LETTERS, start=10)}
_WEIGHTS = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)  # tens and units of the letter, then the nine that follow

# Letters that a sum cannot tell apart: what they add to it ends in the same digit.
_ADDS = {
    letter: (value // 10 * _WEIGHTS[0] + value % 10 * _WEIGHTS[1]) % 10 for letter, value in _LETTER_VALUES.items()
}
_GROUPS = {letter: [other for other in _LETTERS if _ADDS[other] == added] for letter, added in _ADDS.items()}

_SHAPES: tuple[tuple[IdentityKind, re.Pattern[str]], ...] = (
    ("national", re.compile(r"[A-Z][12][0-9]{8}")),
    ("ui_new", re.compile(r"[A-Z][89][0-9]{8}")),
    ("ui_old", re.compile(r"[A-Z][A-D][0-9]{8}")),
)
_PASSPORT = re.compile(r"[A-Z0-9]+")
_SPACES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]+")
_HYPHENS = re.compile(r"[-\u2010-\u2015\u2212]")
# Only the Latin alphabet is raised: str.upper() would make a capital I of the dotless ı, and two letters of ß.
_CAPITALS = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


@dataclass(frozen=True)
class IdentityNumber:
    """A number as read: normalised (half-width, capitals, no spaces), its kind, and what is wrong with it if anything.

    kind is `unknown` when the shape fits no kind; problem is None exactly when the number may be used.
    """

    number: str
    kind: IdentityKind
    problem: IdentityProblem | None

    @property
    def valid(self) -> bool:
        """Whether the number may be used; for a passport this says only that its characters can be."""
        return self.problem is None

    @property
    def second_look(self) -> bool:
        """Whether no check digit stands behind this number, so that a person must compare it with the document."""
        return self.kind == "passport"

    @property
    def problem_code(self) -> str | None:
        """The code of the problem catalogue (`id_length`, `passport_characters` …), None when there is no problem."""
        if self.problem is None:
            return None
        return f"{'passport' if self.kind == 'passport' else 'id'}_{self.problem}"


def normalise(text: str) -> str:
    """The number as it is stored and compared: NFKC (full-width becomes half), capitals, no spaces. Source: §3.2."""
    folded = _SPACES.sub("", unicodedata.normalize("NFKC", text)).translate(_CAPITALS)
    return unicodedata.normalize(
        "NFKC", folded
    )  # once more: without a space, or as a capital, letter and accent may join


def read(text: str, passport: bool = False) -> IdentityNumber:
    """The identity number a text gives, with its kind and problem; never raises. Source: §3.1.

    passport: the person says that it is a passport number; hyphens are dropped then, and only its shape is checked.
    """
    number = normalise(text)
    if passport:
        number = _HYPHENS.sub("", number)
        if len(number) not in PASSPORT_LENGTHS:
            return IdentityNumber(number, "passport", "length")
        return IdentityNumber(number, "passport", None if _PASSPORT.fullmatch(number) else "characters")
    if len(number) != LENGTH:
        return IdentityNumber(number, "unknown", "length")
    for kind, shape in _SHAPES:
        if shape.fullmatch(number):
            return IdentityNumber(number, kind, None if _sum(number) % 10 == 0 else "check_digit")
    return IdentityNumber(number, "unknown", "characters")


def _sum(number: str) -> int:
    """The weighted sum of a national or UI number; a multiple of ten when the check digit agrees."""
    digits = [*divmod(_LETTER_VALUES[number[0]], 10)]
    # Old UI numbers: of the second letter only the units count (A0 B1 C2 D3).
    digits += [int(c) if c.isdigit() else _LETTER_VALUES[c] % 10 for c in number[1:]]
    return sum(weight * digit for weight, digit in zip(_WEIGHTS, digits, strict=True))


def lookalikes(number: str) -> tuple[str, ...]:
    """Valid numbers one slip away that the check digit cannot tell from this one, sorted; none for an invalid one.

    The last two digits swapped (both weights are 1) and the first letter replaced by one of its group (A=M=W …): the
    store compares these with people it knows before it opens a new person. Source: §3.2.
    """
    this = read(number)
    if not this.valid:
        return ()
    first, middle, last_two = this.number[0], this.number[1:-2], this.number[-2:]
    slips = {letter + middle + last_two for letter in _GROUPS[first]} | {first + middle + last_two[::-1]}
    return tuple(sorted(slips - {this.number}))


@dataclass(frozen=True)
class SecondLook:
    """What a person should compare with the document, because a slip there passes the check digit.

    read: the characters as they were typed. or_else: what a slip would have made of them, each of it just as valid.
    Never the whole number, so that it can be shown where the number is masked.
    """

    doubt: Doubt
    read: str = ""
    or_else: tuple[str, ...] = ()


def second_looks(number: IdentityNumber) -> tuple[SecondLook, ...]:
    """The places of a usable number that the check digit does not protect; none for a number with a problem.

    A passport has no check digit at all; elsewhere the first letter may be any of its group (A=M=W …), and the last
    two digits may stand the other way round, both weights being 1. Source: §3.2.
    """
    if not number.valid:
        return ()
    if number.kind == "passport":
        return (SecondLook("no_check_digit"),)
    alike = [other for other in lookalikes(number.number) if other[1:] == number.number[1:]]
    looks = [SecondLook("first_letter", number.number[0], tuple(other[0] for other in alike))] if alike else []
    ending = number.number[-2:]
    if ending != ending[::-1]:
        looks.append(SecondLook("last_two", ending, (ending[::-1],)))
    return tuple(looks)


def slip_between(one: str, other: str) -> Slip | None:
    """The slip that makes one valid number of another, None where there is none (or they are the same).

    For two readings of one document, or a number as typed and that of a known person. `one_place`: a single wrong
    character further in; where weight and difference make a multiple of ten the check digit lets it pass (§3.2).
    """
    first, second = read(one), read(other)
    if not (first.valid and second.valid) or first.number == second.number:
        return None
    if second.number in lookalikes(first.number):
        return "first_letter" if first.number[1:] == second.number[1:] else "last_two"
    differing = sum(a != b for a, b in zip(first.number, second.number, strict=True))
    return "one_place" if differing == 1 else None


def mask(number: str) -> str:
    """The number as screens show it, `A22****781`: never whole, whatever was typed (A19)."""
    kept = 3 if len(number) == LENGTH else min(3, max(1, (len(number) - 4) // 2))
    if len(number) <= 4:
        return "*" * len(number)
    return number[:kept] + "*" * (len(number) - 2 * kept) + number[-kept:]
