"""Fonts of the machine, parsed once: which characters can be printed, how wide they are, and one small font a
document.

Noto CJK's Traditional Chinese faces carry the card; what they lack comes from DejaVu (Latin) and TW-Kai with its
Ext-B part. A document gets a font of just its characters, made from outlines kept in memory, because parsing 65,000
glyphs for each card took most of a second. Fonts are installed, never shipped: `fonts_missing` names the package.
What is not here: layout.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.transform import Scale
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from honorcard.problems import ProblemError

Face = Literal["sans", "sans-bold", "serif-bold"]
FACES: tuple[Face, ...] = ("sans", "sans-bold", "serif-bold")

SETTING = "HONORCARD_FONTS"  # folders before the usual ones, separated as in PATH
# Units an em: 19 micrometres at the card's largest letters, finer than a dot of 1,200 to the inch, and a quarter
# smaller a file than the usual thousand.
EM = 300
_ASCENT, _DESCENT = 264, -36  # of every CJK em square we draw
_CURVE_ERROR = 0.7  # units between a font's curve and ours

_MAIN: dict[Face, str] = {
    "sans": "NotoSansCJK-Regular.ttc",
    "sans-bold": "NotoSansCJK-Bold.ttc",
    "serif-bold": "NotoSerifCJK-Bold.ttc",
}
_FALLBACK: dict[Face, tuple[str, ...]] = {
    "sans": ("DejaVuSans.ttf",),
    "sans-bold": ("DejaVuSans-Bold.ttf",),
    "serif-bold": ("DejaVuSerif-Bold.ttf",),
}
_RARE = ("TW-Kai-98_1.ttf", "TW-Kai-Ext-B-98_1.ttf", "TW-Kai-Plus-98_1.ttf")
_MAIN_PACKAGE = "fonts-noto-cjk"
_FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/truetype/cns11643",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)


class FontLibrary:
    """The faces of one machine. Safe to share between threads; outlines stay in memory once drawn."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """ProblemError `fonts_missing` with the package to install when a main face is not in the folders."""
        self._lock = threading.Lock()
        self._glyphs: dict[tuple[Face, str], tuple[Any, int]] = {}
        main = {face: _find(name, folders) for face, name in _MAIN.items()}
        if not all(main.values()):
            raise ProblemError("fonts_missing", package=_MAIN_PACKAGE)
        rare = [path for name in _RARE if (path := _find(name, folders))]
        self.has_rare = len(rare) >= 2
        opened: dict[Path, _Source] = {}
        self._chains: dict[Face, list[_Source]] = {}
        for face, path in main.items():
            latin = [found for name in _FALLBACK[face] if (found := _find(name, folders))]
            chain = [path, *latin, *rare]
            self._chains[face] = [opened.setdefault(file, _Source(file)) for file in chain if file]

    def missing(self, text: str) -> str:
        """The characters of `text` that no font here can draw, each once, in order. Variation selectors are
        ignored."""
        absent = [
            character
            for character in dict.fromkeys(text)
            if not _is_selector(character) and self._source("sans-bold", character) is None
        ]
        return "".join(absent)

    def width(self, face: Face, text: str) -> float:
        """The width of `text` in ems. ProblemError `glyph_missing`."""
        return sum(self._glyph(face, character)[1] for character in text if not _is_selector(character)) / EM

    def is_thin(self, face: Face, character: str) -> bool:
        """Whether a bold face has to borrow this character from TW-Kai, which has one weight only."""
        if face == "sans" or _is_selector(character):
            return False
        source = self._source(face, character)
        return source is not None and source.path.name in _RARE

    def subset(self, face: Face, characters: Iterable[str]) -> bytes:
        """A TrueType font of these characters (and a blank `.notdef`); the same characters give the same bytes."""
        return _built(self, face, "".join(sorted({c for c in characters if not _is_selector(c)} | {" "})))

    def outline(self, face: Face, character: str) -> list[tuple[str, tuple[tuple[float, float], ...]]]:
        """The character's outline as pen commands (moveTo, lineTo, qCurveTo, closePath…), EM units an em, y up."""
        glyph, _ = self._glyph(face, character)
        pen = DecomposingRecordingPen({})
        glyph.draw(pen, None)
        return list(pen.value)

    def _source(self, face: Face, character: str) -> _Source | None:
        with self._lock:
            for source in self._chains[face]:
                if ord(character) in source.cmap:
                    return source
        return None

    def _glyph(self, face: Face, character: str) -> tuple[Any, int]:
        known = self._glyphs.get((face, character))
        if known is None:
            source = self._source(face, character)
            if source is None:
                raise ProblemError("glyph_missing", characters=character)
            with self._lock:  # fontTools reads lazily from one file handle
                known = source.draw(character)
            self._glyphs[face, character] = known
        return known


class _Source:
    """One font file, opened when first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._font: TTFont | None = None
        self._cmap: dict[int, str] = {}

    @property
    def cmap(self) -> dict[int, str]:
        if self._font is None:
            self._font = TTFont(self.path, fontNumber=_traditional(self.path), lazy=True)
            self._cmap = self._font.getBestCmap()
            self._glyph_set = self._font.getGlyphSet()
            self._scale = EM / self._font["head"].unitsPerEm
        return self._cmap

    def draw(self, character: str) -> tuple[Any, int]:
        """The glyph as quadratic outlines of our em, and its advance."""
        glyph = self._glyph_set[self.cmap[ord(character)]]
        recorded = DecomposingRecordingPen(self._glyph_set)
        glyph.draw(recorded)
        out = TTGlyphPen(None)
        assert self._font is not None
        is_cubic = "glyf" not in self._font
        pen = Cu2QuPen(out, _CURVE_ERROR, reverse_direction=True) if is_cubic else out
        recorded.replay(TransformPen(pen, Scale(self._scale)))
        return out.glyph(), round(glyph.width * self._scale)


@lru_cache(maxsize=1)
def _library(setting: str) -> FontLibrary:
    folders = [*(Path(part) for part in setting.split(os.pathsep) if part), *(Path(p).expanduser() for p in _FOLDERS)]
    return FontLibrary(folders)


def library() -> FontLibrary:
    """This machine's fonts (the folders of HONORCARD_FONTS first). ProblemError `fonts_missing`."""
    return _library(os.environ.get(SETTING, ""))


def missing_glyphs(text: str) -> str:
    """The characters of `text` that cannot be printed on this machine; empty when all can."""
    return library().missing(text)


@lru_cache(maxsize=64)
def _built(library: FontLibrary, face: Face, characters: str) -> bytes:
    names = {character: f"u{ord(character):05X}" for character in characters}
    blank = TTGlyphPen(None).glyph()
    drawn = {names[character]: library._glyph(face, character) for character in characters}
    glyphs = {".notdef": blank, **{name: glyph for name, (glyph, _) in drawn.items()}}
    for glyph in glyphs.values():
        glyph.recalcBounds(None)
    builder = FontBuilder(EM, isTTF=True)
    builder.font.recalcTimestamp = False
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(character): name for character, name in names.items()})
    builder.setupGlyf(glyphs)
    metrics = {name: (advance, getattr(glyph, "xMin", 0)) for name, (glyph, advance) in drawn.items()}
    builder.setupHorizontalMetrics({".notdef": (EM, 0), **metrics})
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    title = "HonorCard-" + "".join(part.title() for part in face.split("-"))
    builder.setupNameTable({"familyName": title, "styleName": "Regular", "fullName": title, "psName": title})
    weight = 700 if face.endswith("bold") else 400
    builder.setupOS2(sTypoAscender=_ASCENT, sTypoDescender=_DESCENT, usWeightClass=weight, sCapHeight=220)
    builder.setupPost(keepGlyphNames=True)
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def _find(name: str, folders: Sequence[Path]) -> Path | None:
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    return None


def _traditional(path: Path) -> int:
    """The number of the Traditional Chinese face in a collection; -1 for a single font."""
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"ttcf":
        return -1
    for number in range(int.from_bytes(head[8:12], "big")):
        name = TTFont(path, fontNumber=number, lazy=True)["name"].getDebugName(1) or ""
        if name.endswith("CJK TC"):
            return number
    raise ProblemError("fonts_missing", package=_MAIN_PACKAGE)


def _is_selector(character: str) -> bool:
    """A variation selector chooses a form of the character before it; the base form is what we can draw."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
