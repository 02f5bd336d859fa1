"""The text of a code's bytes, where the code does not say in what encoding they are.

A code of Chinese says so or, mostly, does not, and readers guess: zxing-cpp takes 十六 in UTF-8 for the Japanese 蜊∝,
zbar takes Latin letters for Chinese. Here: bytes that are UTF-8 are UTF-8, as every phone has it. For the rest there
are the older encodings met in Taiwan, each with what speaks for it; where two speak or none, there is no text, since a
wrong one is worse.
"""

from __future__ import annotations

import re
import unicodedata

_HALF_WIDTH = re.compile("[\uff61-\uff9f]+")  # katakana of one byte each in Shift JIS
_KATAKANA_WORD = re.compile(
    "(?:[ｦｱ-ﾝ][ｧ-ｯｰ]*|[ｳｶ-ﾄﾊ-ﾎ]ﾞ[ｧ-ｯｰ]*|[ﾊ-ﾎ]ﾟ[ｧ-ｯｰ]*){2,}"
)  # no small letter or mark comes first
_LATIN = range(0x80, 0x100)
_LATIN_SIGNS = "«»¿¡"  # stand beside any letter
_LATIN_SINGLE = "£§©®°·"  # stand beside ASCII only


def of_bytes(data: bytes, readers: str | None = None) -> str | None:
    """The text; None when the bytes could be several texts or are none.

    readers: what the reader made of them: exact where the code itself switches to Chinese or Japanese characters
    (ISO/IEC 18004, modes 8 and 13), a guess where it does not, and not told apart.
    """
    if data.isascii():
        return data.decode("ascii")
    try:
        return data.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        guess = readers if readers is not None else _japanese(data) or data.decode("latin-1")
    if _could_be(guess) and _is_japanese_or_western(guess):
        return guess
    western, chinese = data.decode("latin-1"), _chinese(data)
    possible = [text for text in (western, chinese) if text is not None and _could_be(text)]
    if _HALF_WIDTH.search(guess) and not any(0x40 <= trail <= 0x7E for trail in _trails(data)):
        possible.append(guess)  # half-width letters hardly stand between single ASCII signs
    return possible[0] if len(possible) == 1 else None


def _is_japanese_or_western(text: str) -> bool:
    """False of half-width katakana that are no word: almost any bytes give some, one byte each."""
    runs = _HALF_WIDTH.findall(text)
    return not runs or (max(map(len, runs)) >= 3 and all(_KATAKANA_WORD.fullmatch(run) for run in runs))


def _could_be(text: str) -> bool:
    """True of what a person may have written: no control or private signs, Latin letters rather than Latin signs."""
    for at, sign in enumerate(text):
        if sign.isascii():
            continue
        if unicodedata.category(sign) in ("Cc", "Co", "Cn", "Cs") or sign == "\ufffd":
            return False
        if ord(sign) in _LATIN and not sign.isalpha() and sign not in _LATIN_SIGNS:
            beside = text[max(0, at - 1) : at] + text[at + 1 : at + 2]
            if sign not in _LATIN_SINGLE or not beside.isascii():
                return False  # ¤§ÓÄ: another encoding's bytes
    return True


def _trails(data: bytes) -> list[int]:
    """The second bytes of the pairs in bytes that are Big5."""
    found: list[int] = []
    at = 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
        else:
            found += data[at + 1 : at + 2]
            at += 2
    return found


def _chinese(data: bytes) -> str | None:
    """The bytes as Big5, when all its characters are signs or of the frequent 5,401 (CNS 11643, plane 1)."""
    at = 0
    while at < len(data):
        if data[at] < 0x80:
            at += 1
        elif 0xA1 <= data[at] <= 0xC6:
            at += 2
        else:
            return None
    try:
        return data.decode("cp950", errors="strict")
    except UnicodeDecodeError:
        return None


def _japanese(data: bytes) -> str | None:
    try:
        return data.decode("shift_jis", errors="strict")
    except UnicodeDecodeError:
        return None
