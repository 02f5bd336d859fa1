"""Chinese that is left on an English page, for the tests of both apps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

# Han characters and the punctuation that goes with them; U+3000 is a space
_CHINESE = re.compile(r"[\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff]+")
_SAID = ("alt", "aria-label", "placeholder", "title", "data-none", "content")
_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
# what a record book has printed on its cover, quoted so that it can be found there
PRINTED_ON_THE_BOOK = ("○○字第○○號", "字第…號", "字第", "號")


class _Reader(HTMLParser):
    """The page's texts outside elements that say they are Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        language = known.get("lang")
        within = self.open[-1][1] if self.open else False
        chinese = language.startswith("zh") if language else within
        if not chinese:
            self.texts += [known[name] or "" for name in _SAID if name in known]
        if tag not in _VOID:
            self.open.append((tag, chinese))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1][1]):
            self.texts.append(data)


def chinese_left(page: str, people_and_places: Iterable[str] = ()) -> list[str]:
    """Texts of an English page that still bear Chinese, once the names that are data have been taken out."""
    reader = _Reader()
    reader.feed(page)
    data = sorted((*people_and_places, *PRINTED_ON_THE_BOOK), key=len, reverse=True)
    left = []
    for text in reader.texts:
        for name in data:
            text = text.replace(name, "")
        if _CHINESE.search(text):
            left.append(" ".join(text.split()))
    return left
