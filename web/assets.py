"""Where templates, static files and translations lie: beside the packages, in a checkout and in a wheel alike."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
TRANSLATIONS = ROOT / "translations"

SHEETS = "sheets/"
_IMPORT = re.compile(r'^(?:import|export) [^"]*?"\./([a-z0-9/-]+\.js)";', re.MULTILINE)
_SHEETS = re.compile(SHEETS + r"([a-z-]{1,30}(?:\+[a-z-]{1,30}){0,39})\.css")


@lru_cache(maxsize=256)
def fingerprint(name: str, _changed_ns: int) -> str:
    """Eight hex digits of a static file's content, so that a browser fetches it anew exactly when it changed."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]


def sheets_url(names: Sequence[str]) -> str:
    """The address of several style sheets as one file, in their order: a browser waits for each before it paints anything."""
    return f"/static/{SHEETS}{'+'.join(names)}.css?v={hashlib.sha256(sheets(tuple(names))).hexdigest()[:8]}"


def sheets(names: tuple[str, ...]) -> bytes:
    """Those style sheets of `static/css`, one after the other. FileNotFoundError where one is none."""
    return _joined(names, tuple((STATIC / "css" / f"{name}.css").stat().st_mtime_ns for name in names))


def sheets_named(name: str) -> tuple[str, ...] | None:
    """The style sheets that such a file, named below `/static/`, stands for; None when it stands for none."""
    found = _SHEETS.fullmatch(name)
    return tuple(found[1].split("+")) if found else None


@lru_cache(maxsize=32)
def _joined(names: tuple[str, ...], _changed_ns: tuple[int, ...]) -> bytes:
    return b"\n".join((STATIC / "css" / f"{name}.css").read_bytes() for name in names)


def static_url(name: str) -> str:
    """The address of a static file with its fingerprint."""
    path = STATIC / name
    if not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={fingerprint(name, path.stat().st_mtime_ns)}"


def modules_of(name: str) -> tuple[str, ...]:
    """The addresses of all modules that a module of `static/` imports at once, and they in their turn, those nearest first: a page
    that names them has them fetched together, not one after the other as each is read. What is imported later is not among them.
    """
    found, unread = [], [name]
    while unread:
        for part in _imported(unread.pop(0)):
            if part not in found:
                found.append(part)
                unread.append(part)
    return tuple(f"/static/{part}" for part in found)  # as a browser resolves them: without a fingerprint


def _imported(name: str) -> tuple[str, ...]:
    path = STATIC / name
    return _imported_of(name, path.stat().st_mtime_ns) if path.is_file() else ()


@lru_cache(maxsize=256)
def _imported_of(name: str, _changed_ns: int) -> tuple[str, ...]:
    folder = name.rpartition("/")[0]
    return tuple(f"{folder}/{part}" for part in _IMPORT.findall((STATIC / name).read_text("utf-8")))
