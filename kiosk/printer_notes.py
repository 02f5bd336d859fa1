"""What is known of the printer without waiting for it: its last word, kept for the header, and each trouble as a sentence."""

from __future__ import annotations

import threading
import time

from flask import Flask
from flask_babel import gettext

from kiosk import printers
from kiosk.printer_media import A4, Loaded
from kiosk.printers import Seen, Trouble

FRESH_S = 30.0


def trouble_words(trouble: Trouble) -> str:
    """One sentence's worth of what is the matter, for the header and the job page."""
    words: dict[Trouble, str] = {
        "": gettext("可以列印"),
        "no_paper": gettext("印表機沒有紙了"),
        "wrong_paper": gettext("印表機裡的紙不對，請放 A4 紙或卡片紙"),
        "jam": gettext("印表機卡紙了"),
        "feed": gettext("印表機送不進紙，請把紙疊齊再放好"),
        "door": gettext("印表機的蓋子開著"),
        "no_ink": gettext("印表機沒有墨水或碳粉了"),
        "waste_full": gettext("印表機的廢粉盒滿了"),
        "tray_full": gettext("印表機的出紙匣滿了，請把紙拿走"),
        "paused": gettext("印表機暫停了"),
        "warming": gettext("印表機正在暖機"),
        "stopped": gettext("印表機停住了"),
        "memory": gettext("印表機的記憶體滿了，請關機再開"),
        "service": gettext("印表機故障，請找維修"),
        "attention": gettext("印表機要人處理，請看它的螢幕"),
        "unreachable": gettext("找不到印表機"),
        "not_a_printer": gettext("這個網址不是印表機"),
        "no_pdf": gettext("這台印表機不收 PDF"),
        "no_a4": gettext("這台印表機沒有 A4 紙"),
        "refused": gettext("印表機不收這份文件"),
        "taken_back": gettext("列印被取消了"),
        "too_long": gettext("印表機太久沒有印完"),
        "lost_track": gettext("不知道印出來了沒有"),
        "busy": gettext("印表機正在忙別的"),
    }
    return words[trouble]


def paper_words(loaded: tuple[Loaded, ...]) -> list[str]:
    """The papers that lie in a printer, each once, as people call them."""
    named = {A4: "A4", "iso_a6_105x148mm": "A6", "iso_a5_148x210mm": "A5", "na_letter_8.5x11in": "Letter"}
    said = [named.get(one.name) or f"{one.short_mm:g} × {one.long_mm:g} mm" for one in loaded]
    return list(dict.fromkeys(said))


class _Notes:
    """The last word of each printer asked, and whether somebody is asking right now."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen: dict[str, tuple[float, Seen]] = {}
        self.asking: set[str] = set()


def _notes(app: Flask) -> _Notes:
    notes: _Notes = app.extensions.setdefault("printer_notes", _Notes())
    return notes


def last_seen(app: Flask, uri: str) -> Seen | None:
    """What the printer last said; None when it has not been asked yet."""
    held = _notes(app).seen.get(uri)
    return held[1] if held else None


def note(app: Flask, uri: str, seen: Seen) -> None:
    """Keeps what a printer said."""
    _notes(app).seen[uri] = (time.monotonic(), seen)


def look(app: Flask, uri: str) -> Seen:
    """Asks the printer now and keeps the answer; at most a few seconds."""
    seen = printers.look(uri)
    note(app, uri, seen)
    return seen


def look_soon(app: Flask, uri: str) -> None:
    """Asks in the background when the last answer is older than half a minute."""
    notes = _notes(app)
    with notes.lock:
        held = notes.seen.get(uri)
        if not uri or uri in notes.asking or (held is not None and time.monotonic() - held[0] < FRESH_S):
            return
        notes.asking.add(uri)

    def ask() -> None:
        try:
            look(app, uri)
        finally:
            with notes.lock:
                notes.asking.discard(uri)

    threading.Thread(target=ask, name="printer-look", daemon=True).start()
