"""One version of the verifier's page: every file it needs, named by what all of them say together.

A page of one version asks for `/gate/v/<version>/…` only, so that it can never meet a file of another one. What is not
here: the page's words (templates/center/verifier.html), handing the files out (verifier).
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from honorcard.card.verdict import COLOUR
from honorcard.card.words import words
from honorcard.problems import Language
from web.assets import STATIC
from web.policy import CODES_WORKER

SHEETS = ("tokens", "base", "station", "question", "capture", "gate", "notices", "verifier")
VENDOR = ("vendor/zxing-reader.js", "vendor/zxing_reader.wasm")
WORKER = "js/verifier/sw.js"  # stands at an address of its own
READER = CODES_WORKER.removeprefix("/static/")  # runs WebAssembly
ENTRIES = ("js/verifier/main.js", READER, "js/display.js")
ICONS = {"icon-180.png": 180, "icon-192.png": 192, "icon-512.png": 512, "icon-mask.png": 512}
LANGUAGES: tuple[Language, ...] = ("zh", "en")
WORDS: dict[Language, str] = {"zh": "words-zh.json", "en": "words-en.json"}
_IMPORT = re.compile(r"""(?:from|import|import\(|new URL\()\s*["'](\./[\w./-]+|\.\./[\w./-]+)["']""")
_MIME = {
    "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "json": "application/json",
    "wasm": "application/wasm", "svg": "image/svg+xml", "png": "image/png",
}  # fmt: skip
_NIGHT, _FEATHER, _TIP, _EYE = "#0c2143", "#7fb0ff", "#ffffff", "#ffc629"
# the mark of static/icon.svg on its 48 units: each feather, and where its tip begins
_ROOT = (11.5, 37.5)
_FEATHERS = (((18.5, 11.5), (17.2, 16.2)), ((31.0, 18.0), (27.6, 21.4)), ((37.5, 30.5), (32.9, 31.7)))


@dataclass(frozen=True)
class FileSet:
    """The files of one version by name, and the pages in both languages that go with them."""

    version: str
    files: Mapping[str, bytes]
    pages: Mapping[Language, bytes]

    def digests(self, around: Mapping[str, bytes]) -> dict[str, str]:
        """Address → SHA-256 of everything a device keeps; `around`: what lies at addresses of its own."""
        kept = {f"/gate/v/{self.version}/{name}": content for name, content in self.files.items()}
        return {path: hashlib.sha256(content).hexdigest() for path, content in sorted({**kept, **around}.items())}


def collect(render: Callable[[Language, str], str]) -> FileSet:
    """Everything as it lies there now. `render`: the page in a language, its files below the address given."""
    files = {name: (STATIC / name).read_bytes() for name in [*_modules(), *VENDOR, "icon.svg"]}
    files |= {f"css/{sheet}.css": (STATIC / f"css/{sheet}.css").read_bytes() for sheet in SHEETS}
    files |= {WORDS[language]: _words(language) for language in LANGUAGES}
    files |= {name: _icon(side, rounded=name != "icon-mask.png") for name, side in ICONS.items()}
    whole = hashlib.sha256((STATIC / WORKER).read_bytes())
    for name, content in sorted(files.items()):
        whole.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    for language in LANGUAGES:
        whole.update(render(language, "").encode())
    version = whole.hexdigest()[:16]
    pages = {language: render(language, f"/gate/v/{version}/").encode() for language in LANGUAGES}
    return FileSet(version, files, pages)


def worker(digests: Mapping[str, str], version: str) -> bytes:
    """The service worker: what it keeps, then what it does."""
    known = json.dumps({"version": version, "files": digests}, separators=(",", ":"))
    return f"const SET = {known};\n".encode() + (STATIC / WORKER).read_bytes()


def mime(name: str) -> str:
    """The content type of a file of the set."""
    return _MIME[Path(name).suffix.lstrip(".")]


def _modules() -> list[str]:
    """The entry modules and whatever they import, near or far."""
    found: list[str] = []
    waiting = list(ENTRIES)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.append(name)
        for near in _IMPORT.findall((STATIC / name).read_text(encoding="utf-8")):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), near))
            if path.endswith(".js") and path not in VENDOR:
                waiting.append(path)
    return sorted(found)


def _words(language: Language) -> bytes:
    """What the gate says for each code: [word, sentence, next step]."""
    said = {}
    for code in COLOUR:
        one = words(code, language)
        said[code] = [one.word, one.sentence, one.next_step]
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _icon(side: int, *, rounded: bool) -> bytes:
    """The mark as PNG, `side` pixels square; not rounded: with room around, for systems that cut a shape of their own."""
    fine = side * 4
    picture = Image.new("RGBA", (fine, fine), (0, 0, 0, 0) if rounded else _NIGHT)
    pen = ImageDraw.Draw(picture)
    scale, shift = (fine / 48, 0.0) if rounded else (fine / 64, fine / 8)
    if rounded:
        pen.rounded_rectangle((0, 0, fine - 1, fine - 1), 12 * scale, fill=_NIGHT)

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] * scale + shift, point[1] * scale + shift

    def dot(point: tuple[float, float], radius: float, ink: str) -> None:
        x, y = at(point)
        pen.ellipse((x - radius * scale, y - radius * scale, x + radius * scale, y + radius * scale), fill=ink)

    def stroke(start: tuple[float, float], end: tuple[float, float], ink: str) -> None:
        pen.line((at(start), at(end)), fill=ink, width=round(6 * scale))
        dot(start, 3, ink)
        dot(end, 3, ink)

    for end, _ in _FEATHERS:
        stroke(_ROOT, end, _FEATHER)
    for end, tip in _FEATHERS:
        stroke(tip, end, _TIP)
    dot(_ROOT, 3.6, _EYE)
    out = io.BytesIO()
    picture.resize((side, side), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
