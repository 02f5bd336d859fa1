"""How a phone comes to a kiosk host: the Wi-Fi it joins and the address it opens, as texts for QR codes, and both on one A4 poster.

The text of a Wi-Fi code is what phones' own cameras read (ZXing's `WIFI:` form, WPA3 specification 7). What is not here: which
addresses the host has, who may see the password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from honorcard.card import sheet_art as art
from honorcard.card.page import Canvas, Words, wrapped
from honorcard.card.symbol import QUIET_MODULES, qr_matrix
from honorcard.fonts import Face, library, missing_glyphs

NAME_BYTES = 32  # IEEE 802.11: an SSID
PASSWORD_LEAST, PASSWORD_MOST = 8, 63  # WPA2: a passphrase
_KEY = re.compile(r"[0-9A-Fa-f]{64}\Z")  # or the key itself
_SPECIAL = re.compile(r'([\\;,":])')

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
_MARGIN, _SIDE = 20.0, 74.0
_RIGHT = _MARGIN + _SIDE + 14.0


@dataclass(frozen=True)
class Wifi:
    """A network. password: empty for an open one; hidden: it does not tell its name."""

    name: str
    password: str = field(repr=False)
    hidden: bool = False


def wifi_problem(wifi: Wifi) -> str | None:
    """The catalogue code of what is wrong with it: `wifi_name_wrong`, `wifi_password_wrong`; None when phones can use it."""
    if not 1 <= len(wifi.name.encode()) <= NAME_BYTES or not wifi.name.isprintable():
        return "wifi_name_wrong"
    typed = wifi.password
    fits = PASSWORD_LEAST <= len(typed) <= PASSWORD_MOST and typed.isascii() and typed.isprintable()
    return None if not typed or fits or _KEY.match(typed) else "wifi_password_wrong"


def wifi_text(wifi: Wifi) -> str:
    """The text of the QR code that a phone's camera joins it by."""
    kind = f"T:WPA;S:{_escaped(wifi.name)};P:{_escaped(wifi.password)};"
    open_ = f"T:nopass;S:{_escaped(wifi.name)};"
    return f"WIFI:{kind if wifi.password else open_}{'H:true;' if wifi.hidden else ''};"


def poster(title: str, wifi: Wifi | None, address: str, fingerprint: str, *, created: datetime) -> bytes:
    """The A4 poster, in both languages at once: the way in by two codes and in words. fingerprint: of the host's authority, to
    compare. ProblemError `fonts_missing`.
    """
    words: list[Words] = []
    symbols: list[tuple[str, float]] = []
    y = _lines(words, title, _MARGIN, 32.0, 9.5, "serif-bold", WIDTH_MM - 2 * _MARGIN)
    y = _lines(words, "用自己的手機　Use your own phone", _MARGIN, y + 4.0, 6.0, "sans", WIDTH_MM - 2 * _MARGIN)
    y += 6.0
    step = 1
    if wifi is not None:
        secret = f"密碼 Password：{wifi.password}" if wifi.password else "不用密碼 No password"
        said = (f"{step}　連上 Wi-Fi", "Join the Wi-Fi", wifi.name, secret)
        symbols.append((wifi_text(wifi), y))
        _step(words, said, y)
        y, step = y + _SIDE + 14.0, step + 1
    symbols.append((address, y))
    _step(words, (f"{step}　打開這一頁", "Open this page", address, "用手機的相機對準左邊　Point the camera here"), y)
    y += _SIDE + 14.0
    told = f"{step + 1}　照手機上的圖，信任這台主機一次　Follow the pictures on the phone: trust this host once"
    y = _lines(words, told, _MARGIN, y, 4.6, "sans-bold", WIDTH_MM - 2 * _MARGIN)
    said_print = f"手機顯示的指紋要和這裡一樣　The fingerprint on the phone must be this one：{fingerprint}"
    _lines(words, said_print, _MARGIN, y + 3.0, 3.4, "sans", WIDTH_MM - 2 * _MARGIN, ink=art.INK_SOFT)
    canvas = Canvas(created=created, title=title, words=words)
    canvas.page(WIDTH_MM, HEIGHT_MM)
    for text, top in symbols:
        matrix = qr_matrix(text)
        quiet = _SIDE * QUIET_MODULES / (len(matrix) + 2 * QUIET_MODULES)
        with canvas.at(_MARGIN + quiet, top + quiet):
            canvas.draw(art.symbol(matrix, _SIDE - 2 * quiet))
    canvas.text(words, 0, 0)
    return canvas.finish()


def _step(words: list[Words], said: tuple[str, str, str, str], top: float) -> None:
    """A code's words, beside it: what to do in both languages, then what the code says."""
    room, y = WIDTH_MM - _MARGIN - _RIGHT, top + 16.0
    for text, size, face in zip(said, (7.5, 5.2, 5.6, 4.6), ("sans-bold", "sans", "sans-bold", "sans"), strict=True):
        y = _lines(words, text, _RIGHT, y, size, face, room) + 1.5  # type: ignore[arg-type]


def _lines(
    words: list[Words], text: str, x: float, y: float, size: float, face: Face, room: float, ink: str = art.INK
) -> float:
    """Sets a text on as many lines as it takes; gives the baseline of the next line."""
    lacking = set(missing_glyphs(text))
    drawable = "".join("〓" if character in lacking else character for character in text)
    for line in _broken(drawable, size, room, face):
        words.append(Words(face, size, x, y, line, ink))
        y += size * 1.4
    return y


def _broken(text: str, size: float, room: float, face: Face) -> list[str]:
    """Lines no wider than the room: a password or an address has no blank to break at, and may break anywhere."""
    out: list[str] = []
    for line in wrapped(text, size, room, face):
        while library().width(face, line) * size > room:
            cut = next(n for n in range(len(line) - 1, 0, -1) if library().width(face, line[:n]) * size <= room)
            out, line = [*out, line[:cut]], line[cut:]
        out.append(line)
    return out


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
