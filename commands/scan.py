"""`honorcard scan qr|face|page FILE…`: what the scanner sees in picture files, one JSON line a file, in order.

Coordinates are pixels of the file as stored, with its EXIF orientation applied. A file that cannot be read gives
`{"file", "error"}` and exit status 1; the others are still done.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commands import print_each
from honorcard.problems import ProblemError
from scanner import files
from scanner.files import Decoded

Look = Callable[[Decoded], dict[str, Any]]

MAX_FILE_BYTES = 200 * 1024 * 1024  # a file is held in memory once, and no camera writes more


def add(subparsers: Any) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("scan", help="look for QR codes, faces or a page in picture files")
    kinds = parser.add_subparsers(dest="what", required=True)
    for what, help_text in (
        ("qr", "texts of the QR codes"),
        ("face", "faces, the portrait cut and its problems"),
        ("page", "corners of the page and its problems"),
    ):
        kind = kinds.add_parser(what, help=help_text)
        kind.add_argument("files", nargs="+", metavar="FILE")
        kind.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write one line a file; 1 when any could not be read."""
    look = {"qr": _look_for_codes, "face": _look_for_faces, "page": _look_for_a_page}[args.what]()

    def seen(name: str, picture: Decoded) -> dict[str, Any]:
        start = time.perf_counter()
        found = look(picture)
        return {"file": name, **found, "ms": round((time.perf_counter() - start) * 1000, 1)}

    return print_each(args.files, _opened, seen)


def _opened(name: str) -> Decoded:
    path = Path(name)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ProblemError("too_large", limit_mb=MAX_FILE_BYTES // (1024 * 1024))
    return files.read(path.read_bytes(), min_side=1)


# Each of these imports what it needs (dlib takes a while to load) and hands back the function that looks.


def _look_for_codes() -> Look:
    from scanner import qr

    return lambda picture: {"texts": qr.decode(picture.pixels)}


def _look_for_faces() -> Look:
    from scanner import face, portrait

    def look(picture: Decoded) -> dict[str, Any]:
        faces = face.find_faces(picture.pixels)
        crop = portrait.propose(picture.pixels, faces)
        frame = None if crop is None else (crop.x, crop.y, crop.width, crop.height)
        return {
            "faces": [[round(value * picture.scale) for value in one.box] for one in faces],
            "crop": None if frame is None else [round(value * picture.scale) for value in frame],
            "problems": portrait.problems(picture.pixels, faces, crop),
        }

    return look


def _look_for_a_page() -> Look:
    from scanner import page, quality

    def look(picture: Decoded) -> dict[str, Any]:
        found = page.find_corners(picture.pixels)
        scaled = None if found is None else (found * picture.scale).round(2).tolist()
        return {
            "corners": None if scaled is None else [[round(value, 2) for value in corner] for corner in scaled],
            "problems": quality.page_problems(picture.pixels, found),
        }

    return look
