"""Where templates, static files and translations lie: beside the packages, in a checkout and in a wheel alike."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
TRANSLATIONS = ROOT / "translations"


@lru_cache(maxsize=256)
def fingerprint(name: str, _changed_ns: int) -> str:
    """Eight hex digits of a static file's content, so that a browser fetches it anew exactly when it changed."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:8]


def static_url(name: str) -> str:
    """The address of a static file with its fingerprint."""
    path = STATIC / name
    if not path.is_file():
        return f"/static/{name}"
    return f"/static/{name}?v={fingerprint(name, path.stat().st_mtime_ns)}"
