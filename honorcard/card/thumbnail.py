"""The photo a gate shows: 120 by 160 pixels of WebP, small enough for a slot of the pack; and the photo that is
printed."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from honorcard.problems import ProblemError

THUMBNAIL_PX = (120, 160)  # credential.md: staff compare faces, so not 96 by 128
THUMBNAIL_BYTES = 1_800  # with a name of fifty characters this still fits a slot of 2,048
_FORMATS = ("JPEG", "PNG", "WEBP")
_PIXEL_LIMIT = 40_000_000


def open_photo(photo: bytes, at_least: tuple[int, int] | None = None) -> Image.Image:
    """The photo as an upright RGB picture. ProblemError `photo_unreadable`; only JPEG, PNG and WebP are decoded.

    With `at_least`, a larger JPEG may come back halved (its decoder does that for nothing), but not below this size.
    """
    try:
        picture: Image.Image = Image.open(BytesIO(photo), formats=_FORMATS)
        if picture.width * picture.height > _PIXEL_LIMIT:
            raise ProblemError("photo_unreadable")
        if at_least is not None:
            picture.draft("RGB", (max(at_least), max(at_least)) if _is_turned(picture) else at_least)
        ImageOps.exif_transpose(picture, in_place=True)
        picture.load()
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    except ProblemError:
        raise
    except Exception:  # decoders raise errors of many kinds for broken files
        raise ProblemError("photo_unreadable") from None


def thumbnail_webp(photo: bytes) -> bytes:
    """The gate's photo, at most 1,800 bytes. A 4:5 headshot is fitted to 3:4 by trimming its sides, never stretched.

    Quality falls from 50 until the picture fits; ProblemError `photo_too_rich` when even the lowest does not.
    """
    picture = _fit(open_photo(photo, THUMBNAIL_PX), THUMBNAIL_PX)
    for quality in (50, 42, 35, 28, 20, 12, 5, 0):
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= THUMBNAIL_BYTES:
            return out.getvalue()
    raise ProblemError("photo_too_rich")


def print_jpeg(photo: bytes, width_px: int, height_px: int, limit_bytes: int = 8_800) -> bytes:
    """The photo for paper: exactly this size, cut to the ratio and never stretched, without metadata.

    Quality falls from 82 until the file keeps to `limit_bytes`, but never below 52.
    """
    size = (width_px, height_px)
    picture = open_photo(photo, size)
    if picture.size != size:
        picture = _fit(picture, size)
    for quality in (82, 76, 70, 64, 58, 52):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= limit_bytes:
            break
    return out.getvalue()


def _fit(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The largest part of the size's ratio, a little above the middle, brought to that size."""
    scale = min(picture.width / size[0], picture.height / size[1])
    width, height = size[0] * scale, size[1] * scale
    left, top = (picture.width - width) * 0.5, (picture.height - height) * 0.35
    box = (left, top, left + width, top + height)
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _is_turned(picture: Image.Image) -> bool:
    return int(picture.getexif().get(0x0112, 1)) >= 5  # EXIF orientations that lie on their side
