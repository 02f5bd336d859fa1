"""The child process that opens pictures: what a hostile file can attack happens here, under limits, and nowhere else.

`scanner.decode_pool` starts it, writes one request after the other to its standard input and reads the answers from its
standard output; it ends with its input. It imports neither numpy nor OpenCV: a decoder that is taken over finds
little around it. Requests and answers are a length (4 bytes), a JSON header of that length, and as many bytes as the
header says.
"""

from __future__ import annotations

import json
import math
import os
import struct
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageFile

try:
    import resource  # not on Windows, where the deadline and the pixel limits must do
except ImportError:
    resource = None  # type: ignore[assignment]

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "HEIF")
FULL_PIXELS = 50_000_000  # decoded at full size up to here
REDUCED_PIXELS = 250_000_000  # JPEG alone can be decoded at half, quarter or eighth size without ever holding the whole
STRIP_ROWS = 256
ORIENTATION = 0x0112  # Exif 2.3, 4.6.4 A
PROFILE_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}  # a picture's mode -> what its colour profile must be for
SEGMENTS = 1000  # before a JPEG's pixels; a large depth map has two hundred, and libraries copy all before for each
WHOLE_ENOUGH = 0.95  # of a JPEG's rows, where its end was lost on the way from a phone
NOT_THERE = 128  # what the decoder paints where nothing came
HEIF_PIECE_BYTES = 16 * 2**20  # the decoder takes no longer run of bytes for one picture
ALPHA_MODES = ("RGBA", "LA", "La", "RGBa", "PA")


class Refused(Exception):
    """The picture has a problem of the catalogue, with its details."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def opened(data: bytes, min_side: int, only_check: bool = False) -> tuple[Image.Image, int, tuple[int, int]]:
    """The decoded picture (perhaps reduced), its Exif orientation 1–8, and its stored width and height.

    only_check: no pixel is wanted; of a JPEG all is read, and an eighth of it worked out.
    A JPEG whose end is missing counts when 95 % of its rows are there. Where Exif and XMP say different things about
    the orientation Exif holds; HEIF says it in its own way, which the decoder has followed already.
    """
    if data.startswith(b"\xff\xd8") and _has_too_many_segments(data):
        raise Refused("picture_too_heavy")
    image = _decoded(data, min_side, False)
    stored = image.info["stored"]
    if only_check and image.format in ("JPEG", "MPO"):
        image.draft(None, (1, 1))
    try:
        orientation = int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # a broken Exif block says nothing about the pixels
        orientation = 1
    try:
        image.load()
    except OSError as error:
        if image.format not in ("JPEG", "MPO") or "truncated" not in str(error) or "progressive" in image.info:
            raise
        image = _decoded(data, min_side, True)
        if _rows_there(image) < WHOLE_ENOUGH * image.height:
            raise
    except ValueError as error:
        if image.format == "HEIF" and len(data) > HEIF_PIECE_BYTES:
            raise Refused("picture_too_heavy") from error
        raise
    return image, orientation if 1 <= orientation <= 8 else 1, stored


def _decoded(data: bytes, min_side: int, even_cut: bool) -> Image.Image:
    """The picture ready to be loaded, or loaded as far as it goes."""
    image = Image.open(BytesIO(data), formats=FORMATS)
    width, height = image.size
    if min(width, height) < min_side:
        raise Refused("picture_too_small", width=width, height=height, least=min_side)
    if width * height > FULL_PIXELS:
        if image.format not in ("JPEG", "MPO") or width * height > REDUCED_PIXELS:
            raise Refused("picture_too_many_pixels", megapixels=math.ceil(width * height / 1e6))
        factor = next(f for f in (2, 4, 8) if (width // f) * (height // f) <= FULL_PIXELS)
        image.draft(None, (width // factor, height // factor))
    image.info["stored"] = (width, height)
    if even_cut:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            image.load()
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
    return image


def _rows_there(image: Image.Image) -> int:
    """Rows of a cut JPEG that came whole; after the place where it ends all is one grey."""
    edge = image.crop((max(0, image.width - 8), 0, image.width, image.height)).convert("L")  # each row's last pixels
    for bottom in range(edge.height, 0, -1):
        if edge.crop((0, bottom - 1, edge.width, bottom)).getextrema() != (NOT_THERE, NOT_THERE):
            return bottom
    return 0


def _has_too_many_segments(data: bytes) -> bool:
    """Whether a JPEG has thousands of notes before its pixels, which take libraries minutes to read."""
    at = 2
    for _ in range(SEGMENTS):
        if data[at : at + 1] != b"\xff" or at + 4 > len(data) or data[at + 1] == 0xDA:
            return False
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return True


def strips(image: Image.Image) -> Iterator[bytes]:
    """The pixels as 8-bit sRGB in the order BGR, row after row, transparency over white; a strip at a time, to hold one
    copy only. A colour profile that cannot be used is passed over: phones write none but good ones.
    """
    to_srgb: dict[str, ImageCms.ImageCmsTransform | None] = {}
    transparent = image.mode in ALPHA_MODES or "transparency" in image.info
    for top in range(0, image.height, STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + STRIP_ROWS, image.height)))
        if strip.mode.startswith("I;16") or strip.mode == "I":  # 16-bit grey: keep the upper eight bits
            strip = strip.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        if transparent:
            layer = strip.convert("RGBA")
            strip = Image.new("RGB", strip.size, "white")
            strip.paste(layer, mask=layer.getchannel("A"))
        if strip.mode not in to_srgb:
            to_srgb[strip.mode] = _to_srgb(image.info.get("icc_profile"), strip.mode)
        transform = to_srgb[strip.mode]
        if transform is not None:
            strip = ImageCms.applyTransform(strip, transform) or strip
        yield strip.convert("RGB").tobytes("raw", "BGR")


def _to_srgb(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the picture's colours to those a picture without a profile is taken to have; None when they are the same."""
    if not profile or mode not in PROFILE_SPACES:
        return None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        named = (source.profile.profile_description or "").lower()
        if source.profile.xcolor_space != PROFILE_SPACES[mode] or "srgb" in named:
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except MemoryError:
        raise
    except Exception:  # damaged, or of a kind the library does not know
        return None


def limit(memory_bytes: int) -> None:
    """Bounds for the whole life of the process: memory, files, core dumps."""
    if resource is None:
        return
    for kind, most in (("RLIMIT_AS", memory_bytes), ("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0)):
        try:
            resource.setrlimit(getattr(resource, kind), (most, most))
        except (ValueError, OSError, AttributeError):
            continue  # macOS refuses some; the others still hold


def allow_cpu(seconds: int) -> None:
    """So much more processor time (up to a second less: the kernel counts whole ones); then the process is ended."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.floor(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer(out: BinaryIO, header: dict[str, Any]) -> None:
    """Write one header; the pixels, if any, follow it."""
    text = json.dumps(header).encode()
    out.write(struct.pack(">I", len(text)) + text)


def serve(requests: BinaryIO, out: BinaryIO) -> None:
    """Answer requests until the input ends."""
    while True:
        length = requests.read(4)
        if len(length) < 4:
            return
        asked = json.loads(requests.read(struct.unpack(">I", length)[0]))
        data = requests.read(asked["bytes"])
        allow_cpu(asked["cpu_s"])
        try:
            image, orientation, stored = opened(data, asked["min_side"], asked["only_check"])
            rows = strips(image)
            first = next(rows)
            if asked["only_check"]:  # what cannot be turned into pixels is no picture either
                first = b"".join(b"" for _ in rows)
        except Refused as refused:
            answer(out, {"problem": refused.code, "details": refused.details})
        except MemoryError:
            answer(out, {"problem": "picture_too_heavy", "details": {}})
            out.flush()
            return  # a fresh process for the next picture
        except Exception:  # decoders raise whatever they like; all of it means the file cannot be read
            answer(out, {"problem": "picture_damaged", "details": {}})
        else:
            answer(
                out,
                {
                    "format": "JPEG" if image.format == "MPO" else image.format,
                    "width": image.width,
                    "height": image.height,
                    "stored": stored,
                    "orientation": orientation,
                },
            )
            out.write(first)
            for strip in rows:
                out.write(strip)
            del first, rows, image
        out.flush()


def main(memory_bytes: int) -> None:
    """Run as a child of scanner.decode_pool."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # our own limits come first, with a sentence for each
    requests = sys.stdin.buffer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=1 << 20)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints must not look like an answer
    limit(memory_bytes)
    serve(requests, out)
