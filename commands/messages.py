"""Sentences on screen and their English: which are said, which lack a translation, which are translated but no longer said.

Run as `python -m commands.messages` (make messages). `--write` rewrites translations/en from what is said, keeping what is known.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_METHODS = [
    ("kiosk/**.py", "python"),
    ("center/**.py", "python"),
    ("web/**.py", "python"),
    ("templates/**.html", "jinja2"),
]
_KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None}


def said() -> dict[str, list[tuple[str, int]]]:
    """Every sentence given to translation, with the places that say it."""
    found: dict[str, list[tuple[str, int]]] = {}
    for room in ("kiosk", "center", "web", "templates"):
        methods = [
            (pattern.removeprefix(f"{room}/"), how) for pattern, how in _METHODS if pattern.startswith(f"{room}/")
        ]
        options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, how in methods if how == "jinja2"}
        for name, line, message, _comments, _context in extract_from_dir(
            str(ROOT / room), method_map=methods, options_map=options, keywords=_KEYWORDS
        ):
            if isinstance(message, str):
                found.setdefault(message, []).append((f"{room}/{name}", line))
    return found


def translated() -> dict[str, str]:
    """The English sentences there are."""
    if not PO.exists():
        return {}
    with PO.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="en") if m.id and m.string and not m.fuzzy}


def main() -> int:
    """Prints what lacks; exit status 1 when something does."""
    sentences, english = said(), translated()
    missing = [text for text in sentences if text not in english]
    unused = [text for text in english if text not in sentences]
    if "--write" in sys.argv:
        catalog = Catalog(locale="en", project="honorcard", fuzzy=False)
        for text in sorted(sentences):
            catalog.add(
                text, english.get(text, ""), locations=[(name, 0) for name in sorted({n for n, _ in sentences[text]})]
            )
        PO.parent.mkdir(parents=True, exist_ok=True)
        with PO.open("wb") as file:
            write_po(file, catalog, omit_header=False, include_lineno=False, width=120)
    for text in missing:
        print(f"lacks English: {text}  ({sentences[text][0][0]})")
    for text in unused:
        print(f"no longer said: {text}")
    print(f"{len(sentences)} sentences, {len(missing)} without English, {len(unused)} no longer said")
    return 1 if missing or unused else 0


if __name__ == "__main__":
    sys.exit(main())
