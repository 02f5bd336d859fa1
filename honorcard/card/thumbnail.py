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


def open_photo(photo: bytes) -> Image.Image:
    """The photo as an upright RGB picture. ProblemError `photo_unreadable`; only JPEG, PNG and WebP are decoded."""
    try:
        picture = Image.open(BytesIO(photo), formats=_FORMATS)
        if picture.width * picture.height > _PIXEL_LIMIT:
            raise ProblemError("photo_unreadable")
        return ImageOps.exif_transpose(picture).convert("RGB")
    except ProblemError:
        raise
    except Exception:  # decoders raise errors of many kinds for broken files
        raise ProblemError("photo_unreadable") from None


def thumbnail_webp(photo: bytes) -> bytes:
    """The gate's photo, at most 1,800 bytes. A 4:5 headshot is fitted to 3:4 by trimming its sides, never stretched.

    Quality falls from 50 until the picture fits; ProblemError `photo_too_rich` when even the lowest does not.
    """
    picture = ImageOps.fit(open_photo(photo), THUMBNAIL_PX, Image.Resampling.LANCZOS, centering=(0.5, 0.35))
    for quality in (50, 42, 35, 28, 20, 12, 5, 0):
        out = BytesIO()
        picture.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= THUMBNAIL_BYTES:
            return out.getvalue()
    raise ProblemError("photo_too_rich")


def print_jpeg(photo: bytes, width_px: int, height_px: int, quality: int = 82) -> bytes:
    """The photo for paper: exactly this size, cut to the ratio and never stretched, without metadata."""
    picture = open_photo(photo)
    if picture.size != (width_px, height_px):
        resampling = Image.Resampling.LANCZOS if picture.width < 2 * width_px else Image.Resampling.BOX
        picture = ImageOps.fit(picture, (width_px, height_px), resampling, centering=(0.5, 0.35))
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
