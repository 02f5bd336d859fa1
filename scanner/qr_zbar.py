"""zbar as a second reader of QR codes: the bytes in them, unguessed. Nothing at all on a machine without libzbar.

pyzbar's own `decode` is not used: it hands out text that zbar has guessed from the bytes (28 wrong texts in 455
photographs, all of them beyond ASCII) and fails on codes that are a part of a series.
"""

from __future__ import annotations

from ctypes import c_char_p, c_void_p, cast, string_at
from typing import Any

import numpy as np

try:  # pyzbar is a thin cover over libzbar, which many machines lack: the import itself fails there
    from pyzbar import wrapper as zbar
except Exception:  # ImportError without the library, OSError/FileNotFoundError with a broken one
    zbar = None

_GREY = int.from_bytes(b"Y800", "little")
_BINARY = 4  # ZBAR_CFG_BINARY of zbar.h 0.23.1 and newer; older libraries refuse it
_ALL = 0  # ZBAR_NONE: a setting for every kind of symbol

Found = tuple[bytes, np.ndarray | None]


def there() -> bool:
    """True when this machine has the library."""
    return zbar is not None


def read(grey: np.ndarray) -> list[Found]:
    """Bytes of each QR code in a (h, w) uint8 picture, and its corners (4, 2) float32 or None when not told.

    With a library that cannot give bytes as they are, only those in ASCII are given.
    """
    if zbar is None:
        return []
    pixels = np.ascontiguousarray(grey).tobytes()
    height, width = grey.shape
    scanner, image = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
    try:
        zbar.zbar_image_scanner_set_config(scanner, _ALL, zbar.ZBarConfig.CFG_ENABLE, 0)
        zbar.zbar_image_scanner_set_config(scanner, zbar.ZBarSymbol.QRCODE, zbar.ZBarConfig.CFG_ENABLE, 1)
        as_they_are = zbar.zbar_image_scanner_set_config(scanner, zbar.ZBarSymbol.QRCODE, _BINARY, 1) == 0
        zbar.zbar_image_set_format(image, _GREY)
        zbar.zbar_image_set_size(image, width, height)
        zbar.zbar_image_set_data(image, cast(c_char_p(pixels), c_void_p), len(pixels), None)
        if zbar.zbar_scan_image(scanner, image) <= 0:
            return []
        found = []
        symbol = zbar.zbar_image_first_symbol(image)
        while symbol:
            data = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
            if data and symbol.contents.type == zbar.ZBarSymbol.QRCODE and (as_they_are or data.isascii()):
                found.append((data, _corners(symbol)))
            symbol = zbar.zbar_symbol_next(symbol)
        return found
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _corners(symbol: Any) -> np.ndarray | None:
    if zbar.zbar_symbol_get_loc_size(symbol) != 4:
        return None
    points = [[zbar.zbar_symbol_get_loc_x(symbol, at), zbar.zbar_symbol_get_loc_y(symbol, at)] for at in range(4)]
    return np.array(points, np.float32)
