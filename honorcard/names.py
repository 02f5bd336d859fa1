"""Names: what may be stored, how two spellings are compared, and how a name is shown without being given away.

Source: domain rules §6. A name is stored as typed, in NFC; never NFKC. A name may be Chinese, Latin (since 113.05.29
possibly the only registered one) or both, so no script is demanded. What is not here: fonts and glyphs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

NameProblem = Literal["name_empty", "name_over_limit", "name_characters", "name_private_use"]
EnglishNameProblem = Literal["english_name_letters", "english_name_over_limit"]

LONGEST = 50  # characters a reader would count, household system (§6)

# The separators met between the parts of indigenous names, all one when names are compared.
_DOTS = "‧·・．.•∙⋅•﹒"
# The glottal stop is U+2019; keyboards give the others.
_APOSTROPHES = "’‘'ʼʻ´`′＇"
_HIDDEN = "○"
# Letters and marks by their category, and nothing to see: Hangul fillers, the empty braille cell, joiners of marks.
_NOTHING_TO_SEE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
_MOST_MARKS = 4  # on one letter; no name has more, and more hide the letter
_RUN_OF_SPACES = re.compile(r"[^\S\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
_COMPATIBILITY_IDEOGRAPHS = re.compile(r"([\uf900-\ufaff\U0002f800-\U0002fa1f])")
_FOLDED = str.maketrans({**dict.fromkeys(_DOTS, "‧"), **dict.fromkeys(_APOSTROPHES, "’")})
_FULL_WIDTH_LATIN = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})


def tidy(name: str) -> str:
    """The name as it is stored: as typed, NFC, no spaces at its ends and single ones within.

    The compatibility ideographs U+F900–FAFF stay as they are. Plain NFC would exchange them as NFKC does (they
    decompose canonically), and a person registered with U+FA19 must not find U+795E on the card.
    """
    kept = "".join(
        part if _COMPATIBILITY_IDEOGRAPHS.fullmatch(part) else unicodedata.normalize("NFC", part)
        for part in _COMPATIBILITY_IDEOGRAPHS.split(name)
    )
    return _RUN_OF_SPACES.sub(" ", kept).strip()


def problem(name: str) -> NameProblem | None:
    """The catalogue code of what keeps this name from being stored, None when it may be; counts as a reader would."""
    tidied = tidy(name)
    if any(_is_control(c) for c in tidied) or any(len(one) > 1 + _MOST_MARKS for one in _graphemes(tidied)):
        return "name_characters"
    if not any(_is_letter(c) for c in tidied):
        return "name_empty"
    if any(unicodedata.category(c) == "Co" for c in tidied):
        return "name_private_use"
    return "name_over_limit" if len(_graphemes(tidied)) > LONGEST else None


def english_problem(name: str) -> EnglishNameProblem | None:
    """The catalogue code of what keeps a romanised name from being stored; None when it may be, also when it is empty.

    As the passport spells it, case kept: Latin letters of any kind, spaces, hyphens, apostrophes, commas, full stops;
    50 characters with spaces (§6). Optional, and never printed on the card (R49).
    """
    tidied = tidy(name)
    if len(_graphemes(tidied)) > LONGEST:
        return "english_name_over_limit"
    if not tidied:
        return None
    allowed = all(
        _is_latin(grapheme) or grapheme in " -,." or grapheme in _APOSTROPHES for grapheme in _graphemes(tidied)
    )
    return None if allowed and any(_is_latin(grapheme) for grapheme in _graphemes(tidied)) else "english_name_letters"


def _is_latin(grapheme: str) -> bool:
    return unicodedata.name(grapheme[0], "").startswith("LATIN ")


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Co") or _is_rare_ideograph(character)


def _is_rare_ideograph(character: str) -> bool:
    """Whether a character lies in the planes of rare ideographs; Python's own tables do not know the newest."""
    return 0x20000 <= ord(character) <= 0x3FFFD


def _is_control(character: str) -> bool:
    """Whether a character cannot be part of a name: controls, line ends, direction marks, halves of surrogate pairs,
    and what takes part in a name without being seen.
    """
    # Variation selectors are marks (Mn), not Cf, and stay: they choose the written form of a rare character.
    if _is_rare_ideograph(character):
        return False
    return character in _NOTHING_TO_SEE or unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp")


def fold(name: str) -> str:
    """The key on which two spellings of a name are compared, never shown: dots, apostrophes, case and spaces made one.

    夏曼‧藍波安 = 夏曼·藍波安 = 夏曼・藍波安. 台 and 臺 stay different: they are different names.
    """
    folded = unicodedata.normalize("NFC", name).translate(_FULL_WIDTH_LATIN).translate(_FOLDED).casefold()
    letters = unicodedata.normalize("NFC", folded)
    return "".join(c for c in letters if not (c.isspace() or _is_control(c) or _is_variation_selector(c)))


def mask(name: str) -> str:
    """The name as public screens show it: 李○明, 李○, 歐○○菲, 夏○‧○○安, N○○○○○ T○○ H○○; never the full name.

    Of the Chinese characters the first and the last stay (of two, the first); of each Latin word of two letters or
    more the first letter. Separators stay.
    """
    graphemes = _graphemes(tidy(name))
    shown = [_is_separator(g) for g in graphemes]
    ideographs = [i for i, g in enumerate(graphemes) if not shown[i] and not _is_alphabetic(g)]
    if len(ideographs) > 1:
        shown[ideographs[0]] = True
    if len(ideographs) > 2:
        shown[ideographs[-1]] = True
    for start, end in _words(graphemes):
        shown[start] = end - start > 1
    if graphemes and all(shown):
        return _HIDDEN
    return "".join(g if show else _HIDDEN for g, show in zip(graphemes, shown, strict=True))


def _words(graphemes: list[str]) -> list[tuple[int, int]]:
    """Start and end (exclusive) of each run of alphabetic letters."""
    words: list[tuple[int, int]] = []
    start: int | None = None
    for index, grapheme in enumerate([*graphemes, " "]):
        if _is_alphabetic(grapheme):
            start = index if start is None else start
        elif start is not None:
            words.append((start, index))
            start = None
    return words


def _graphemes(text: str) -> list[str]:
    """The characters a reader would count: a base letter together with its marks and variation selectors."""
    graphemes: list[str] = []
    for character in text:
        if graphemes and unicodedata.category(character) in ("Mn", "Mc", "Me"):
            graphemes[-1] += character
        else:
            graphemes.append(character)
    return graphemes


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _is_separator(grapheme: str) -> bool:
    return grapheme.isspace() or grapheme in _DOTS or grapheme == "-"


def _is_alphabetic(grapheme: str) -> bool:
    """Whether a character belongs to an alphabet (Latin and others), as against ideographs and bopomofo."""
    if grapheme[0] in _APOSTROPHES:
        return True
    return unicodedata.category(grapheme[0]) in ("Lu", "Ll", "Lt", "Lm")
