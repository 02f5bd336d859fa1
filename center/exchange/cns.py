"""A character's code in the national standard CNS 11643 (全字庫), by the C library's tables; else its Unicode number."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import Any

_ROOM = 16


def code(character: str) -> str:
    """`3-3436` (plane, place), or `U+5803` where the standard or this machine's tables have no such character."""
    encoded = _euc_tw(character)
    if len(encoded) == 4 and encoded[0] == 0x8E:
        return f"{encoded[1] - 0xA0}-{encoded[2] & 0x7F:02X}{encoded[3] & 0x7F:02X}"
    if len(encoded) == 2:
        return f"1-{encoded[0] & 0x7F:02X}{encoded[1] & 0x7F:02X}"
    return f"U+{ord(character[0]):04X}"


@lru_cache(maxsize=4096)
def _euc_tw(character: str) -> bytes:
    """The character in EUC-TW, which is CNS 11643 byte by byte; nothing where it cannot be had."""
    try:
        library = _library()
        handle = library.iconv_open(b"EUC-TW", b"UTF-8")
    except (OSError, AttributeError):
        return b""
    if handle in (None, ctypes.c_void_p(-1).value):
        return b""
    try:
        given = character.encode("utf-8", "replace")
        source, room = ctypes.create_string_buffer(given, len(given)), ctypes.create_string_buffer(_ROOM)
        at, to = ctypes.c_char_p(ctypes.addressof(source)), ctypes.c_char_p(ctypes.addressof(room))
        left, free = ctypes.c_size_t(len(given)), ctypes.c_size_t(_ROOM)
        done = library.iconv(handle, ctypes.byref(at), ctypes.byref(left), ctypes.byref(to), ctypes.byref(free))
        return room.raw[: _ROOM - free.value] if done == 0 and left.value == 0 else b""
    finally:
        library.iconv_close(handle)


@lru_cache(maxsize=1)
def _library() -> Any:
    library = ctypes.CDLL(None)
    sizes = ctypes.POINTER(ctypes.c_size_t)
    texts = ctypes.POINTER(ctypes.c_char_p)
    library.iconv_open.restype = ctypes.c_void_p
    library.iconv_open.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    library.iconv.restype = ctypes.c_size_t
    library.iconv.argtypes = [ctypes.c_void_p, texts, sizes, texts, sizes]
    library.iconv_close.argtypes = [ctypes.c_void_p]
    return library
