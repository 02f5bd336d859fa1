"""Picture files of every kind, honest and hostile: what they become, and what becomes of the process."""

from __future__ import annotations

import io
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from honorcard.problems import ProblemError
from scanner import decode_pool, files

pillow_heif.register_heif_opener()

COLOUR = (200, 30, 60)  # RGB


@pytest.fixture(autouse=True, scope="module")
def _end_children() -> Iterator[None]:
    yield
    files.close()


def written(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file of that kind."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(size: tuple[int, int] = (400, 300)) -> Image.Image:
    return Image.new("RGB", size, COLOUR)


def noise(size: tuple[int, int] = (800, 600)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8))


def code_of(data: bytes, **options: int) -> str:
    with pytest.raises(ProblemError) as caught:
        files.read(data, **options)
    return caught.value.code


def png(width: int, height: int, rows: int = 100) -> bytes:
    """A PNG whose header says width × height, with a few rows of pixels behind it."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 + 3 * width) * rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# --- what is read ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "HEIF"])
def test_reads_each_kind_as_upright_bgr(kind: str) -> None:
    done = files.read(written(plain(), kind))
    assert (done.format, done.original_width, done.original_height, done.reduced) == (kind, 400, 300, False)
    assert done.pixels.shape == (300, 400, 3) and done.pixels.dtype == np.uint8
    assert np.abs(done.pixels[150, 200].astype(int) - COLOUR[::-1]).max() <= 4
    assert done.scale == 1.0


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "RGBA"])
def test_reads_each_colour_mode(mode: str) -> None:
    grey = Image.new("RGB", (300, 300), (255, 255, 255)).convert(mode)
    pixels = files.pixels(written(grey, "JPEG" if mode == "CMYK" else "PNG"))
    assert pixels.shape == (300, 300, 3) and pixels.min() >= 250


def test_sixteen_bits_become_eight() -> None:
    deep = Image.fromarray(np.full((300, 300), 40000, np.uint16))
    assert files.pixels(written(deep, "PNG"))[9, 9].tolist() == [156, 156, 156]


def test_transparency_is_laid_over_white() -> None:
    half = Image.new("RGBA", (300, 300), (255, 0, 0, 128))
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    assert files.pixels(written(half, "PNG"))[5, 5].tolist() == [127, 127, 255]
    assert files.pixels(written(clear, "PNG"))[5, 5].tolist() == [255, 255, 255]
    assert files.pixels(written(clear, "WEBP", lossless=True))[5, 5].tolist() == [255, 255, 255]


def test_the_first_frame_of_a_moving_picture_counts() -> None:
    frames = [plain(), Image.new("RGB", (400, 300), (0, 255, 0))]
    for kind in ("GIF", "WEBP"):
        data = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert np.abs(files.pixels(data)[150, 200].astype(int) - COLOUR[::-1]).max() <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    """A red corner marks the top left of the upright picture, whatever way the camera was held."""
    upright = np.full((300, 400, 3), 255, np.uint8)
    upright[:100, :120] = (255, 0, 0)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    done = files.read(written(Image.fromarray(np.ascontiguousarray(stored)), "PNG", exif=exif))
    assert done.pixels.shape == (300, 400, 3) and (done.original_width, done.original_height) == (400, 300)
    assert done.pixels[50, 60].tolist() == [0, 0, 255]
    assert done.pixels[250, 350].tolist() == [255, 255, 255]


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'
)


@pytest.mark.parametrize("other", [1, 3, 8])
def test_where_two_notes_contradict_each_other_exif_says_which_way_is_up(other: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = written(plain(), "JPEG", exif=exif, xmp=XMP % other)
    assert XMP % other in data and files.pixels(data).shape == (400, 300, 3)


def test_heif_is_turned_once_though_two_notes_say_so() -> None:
    """A phone writes the turn (irot) and repeats it in Exif; the decoder has followed the first."""
    upright = np.full((300, 400, 3), 255, np.uint8)
    upright[:100, :120] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(upright, 1)))
    out = io.BytesIO()
    pillow_heif.from_pillow(lying).save(out, exif=exif.tobytes())  # the writer makes irot of Exif's 6 and keeps both
    data = out.getvalue()
    assert b"irot" in data and exif.tobytes()[6:] in data
    pixels = files.pixels(data)
    assert pixels.shape == (300, 400, 3)
    assert np.abs(pixels[50, 60].astype(int) - (0, 0, 255)).max() < 12 and pixels[250, 350].min() > 240


def test_a_jpeg_above_fifty_megapixels_is_read_smaller() -> None:
    done = files.read(written(Image.new("L", (9000, 6000), 90), "JPEG"))
    assert done.reduced and (done.original_width, done.original_height) == (9000, 6000)
    assert done.pixels.shape == (3000, 4500, 3) and done.scale == 2.0


def profile_with_red_and_green_exchanged() -> bytes:
    """A sound colour profile whose red is our green, so that what it does can be seen."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    places = {}
    for at in range(132, 132 + 12 * count, 12):
        places[bytes(data[at : at + 4])] = slice(*struct.unpack(">II", data[at + 4 : at + 12]))
    red, green, name = (
        slice(places[tag].start, places[tag].start + places[tag].stop) for tag in (b"rXYZ", b"gXYZ", b"desc")
    )
    data[red], data[green] = data[green], data[red]
    for encoding in ("ascii", "utf-16-be"):
        data[name] = bytes(data[name]).replace("sRGB".encode(encoding), "SWAP".encode(encoding))
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_colours_are_those_the_profile_means(kind: str) -> None:
    """Phones write wide-gamut colours with their profile; the profile is dropped, what it meant is not."""
    data = written(plain(), kind, icc_profile=profile_with_red_and_green_exchanged())
    assert np.abs(files.pixels(data)[150, 200].astype(int) - (60, 200, 30)).max() <= 5


def test_a_profile_that_does_not_fit_the_picture_is_passed_over() -> None:
    whole = profile_with_red_and_green_exchanged()
    for image, profile in ((plain(), whole[:200]), (plain(), b"\0" * 500), (plain().convert("L"), whole)):
        done = files.read(written(image, "PNG", icc_profile=profile))
        expected = image.convert("RGB").getpixel((5, 5))[::-1]
        assert done.pixels[5, 5].tolist() == list(expected)


# --- what is refused, and how it is said ---


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert code_of(b"") == "picture_empty"


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\r\n \x00junk %PDF-1.4", "PDF"),
        (b"PK\x03\x04\x14\x00", "壓縮檔或 Office 文件"),
        (b"<!DOCTYPE html><html>", "網頁"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ("姓名,時數\n王小明,300\n".encode(), "文字檔"),
        (b"II*\x00\x08\x00\x00\x00", "TIFF"),
        (b"BM\x36\x00\x00\x00", "BMP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "PostScript"),
        (b"\x1f\x8b\x08\x00SIMPLE", "壓縮檔"),
        (b"\x00\x00\x00\x18ftypmp42", "影片"),
        (b"\x00\x00\x00\x18ftypavif", "AVIF"),
        (bytes(range(256)) * 4, "不認得的檔案"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_named(data: bytes, looks: str) -> None:
    with pytest.raises(ProblemError) as caught:
        files.read(data)
    assert caught.value.code == "picture_not_a_picture"  # R37
    assert looks in caught.value.sentence("zh") and "{" not in caught.value.sentence("en")


def test_a_renamed_file_is_judged_by_its_content() -> None:
    """C46: HEIC under a .jpg name is read as HEIC; a PDF under it is refused. Names are never even asked for."""
    assert files.read(written(plain(), "HEIF")).format == "HEIF"
    with pytest.raises(ProblemError) as caught:
        files.read(written(plain(), "PDF"))
    assert caught.value.sentence("zh") == (
        "這個檔案不是相片（看起來是 PDF）。請拍照，或把檔案轉成 JPG、PNG 再選一次；只改副檔名沒有用。"
    )


def test_half_a_file_is_damaged() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "HEIF", "GIF"):
        data = written(noise((400, 300)), kind)
        assert code_of(data[: len(data) // 2]) == "picture_damaged", kind
    for mark in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x10\x00\x00\x00WEBP", b"\0\0\0\x18ftypheic"):
        assert code_of(mark + b"\x00" * 40) == "picture_damaged"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
def test_a_file_cut_anywhere_is_damaged(kind: str) -> None:
    data = written(noise((200, 200)), kind)
    for share in range(5, 95, 5):
        assert code_of(data[: len(data) * share // 100]) == "picture_damaged", share


def test_a_jpeg_that_lost_its_end_on_the_way_is_read_as_far_as_it_goes() -> None:
    whole = written(noise((600, 800)), "JPEG", quality=90)
    there = files.pixels(whole)
    for lost in (1, 2, 40, len(whole) // 100, len(whole) // 30):
        cut = files.read(whole[:-lost])
        assert cut.pixels.shape == (800, 600, 3), lost
        assert np.array_equal(cut.pixels[:752], there[:752]), lost
    for share in (0.08, 0.3, 0.7):
        assert code_of(whole[: round(len(whole) * (1 - share))]) == "picture_damaged", share


def test_a_progressive_jpeg_without_its_end_is_damaged_since_nobody_can_tell_what_lacks() -> None:
    whole = written(noise((600, 800)), "JPEG", progressive=True)
    assert files.read(whole).pixels.shape == (800, 600, 3)
    assert code_of(whole[: len(whole) * 9 // 10]) == "picture_damaged"


@pytest.mark.parametrize("place", [b"iCCP", b"zTXt", b"iTXt"])
def test_what_swells_inside_a_png_hurts_nobody(place: bytes) -> None:
    """A hundred megabytes of nothing in a colour profile or a note."""
    whole = written(plain(), "PNG")
    before = {b"iCCP": b"x\0\0", b"zTXt": b"x\0\0", b"iTXt": b"x\0\1\0\0\0"}[place]
    content = before + zlib.compress(bytes(100_000_000), 9)
    chunk = struct.pack(">I", len(content)) + place + content + struct.pack(">I", zlib.crc32(place + content))
    assert code_of(whole[:33] + chunk + whole[33:]) == "picture_damaged"
    assert files.read(whole).format == "PNG"


def test_a_picture_that_is_also_a_script_leaves_as_a_picture_only() -> None:
    gif = written(plain(), "GIF")
    clean = files.sanitise(b"GIF89a/*" + gif[8:] + b"*/=1;alert(document.cookie)")
    assert clean.startswith(b"\xff\xd8\xff") and b"alert" not in clean


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "HEIF"])
def test_a_picture_of_one_pixel_is_too_small(kind: str) -> None:
    dot = plain((64, 64)) if kind == "HEIF" else plain((1, 1))  # no encoder writes a smaller one
    assert code_of(written(dot, kind)) == "picture_too_small"


def test_a_small_picture_is_refused_unless_asked_for() -> None:
    small = written(plain((199, 400)), "PNG")
    assert code_of(small) == "picture_too_small"
    assert files.read(small, min_side=1).pixels.shape == (400, 199, 3)
    assert files.read(written(plain((200, 200)), "PNG")).format == "PNG"


@pytest.mark.parametrize("size", [(50_000, 50_000), (8_000, 6_300), (2_000_000_000, 2), (300, 200_000_000)])
def test_a_png_with_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    start = time.monotonic()
    assert code_of(png(*size, rows=0 if size[0] > 10**6 else 20), min_side=1) == ("picture_too_many_pixels")
    assert time.monotonic() - start < 3


def test_a_jpeg_beyond_250_megapixels_is_refused() -> None:
    data = bytearray(written(plain(), "JPEG"))
    place = data.index(b"\xff\xc0")
    data[place + 5 : place + 9] = struct.pack(">HH", 65_000, 65_000)
    assert code_of(bytes(data)) == "picture_too_many_pixels"


def test_a_jpeg_of_endless_scans_runs_out_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(Image.new("RGB", (5000, 5000)), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    monkeypatch.setattr(decode_pool, "CPU_S", 2)
    assert code_of(data[:-2] + scan * 2000 + data[-2:]) == "picture_too_heavy"
    assert files.read(written(plain(), "PNG")).format == "PNG"


@pytest.mark.parametrize("mark", [b"\xff\xe1", b"\xff\xe2", b"\xff\xfe"], ids=["Exif", "profile", "comment"])
def test_a_jpeg_of_a_hundred_thousand_notes_is_refused_at_once(mark: bytes) -> None:
    data = written(plain(), "JPEG")
    exif = Image.Exif()
    exif[0x0112] = 6
    note = {b"\xff\xe1": exif.tobytes(), b"\xff\xe2": b"ICC_PROFILE\0\1\1a", b"\xff\xfe": b"a"}[mark]
    block = mark + struct.pack(">H", len(note) + 2) + note
    assert files.pixels(data[:2] + block * 5 + data[2:]).size
    assert code_of(data[:2] + block * 100_000 + data[2:]) == "picture_too_heavy"


def heif_with_a_slice_of(more: int) -> bytes:
    """A sound HEIC whose only slice ends in so many bytes of padding, `cabac_zero_words` (H.265, 7.3.2.9): three to a word."""
    data = bytearray(written(plain(), "HEIF"))
    content = data.index(b"mdat") + 4
    length = len(data) - content
    (slice_length,) = struct.unpack(">I", data[content : content + 4])
    assert slice_length + 4 == length, "more than one piece"
    told = data.index(struct.pack(">I", length), data.index(b"iloc"))
    for at, value in ((content, slice_length + more), (told, length + more), (content - 8, length + 8 + more)):
        data[at : at + 4] = struct.pack(">I", value)
    return bytes(data) + b"\0\0\3" * (more // 3)


def test_a_heic_of_more_than_16_mib_in_one_piece_is_too_heavy_and_said_so() -> None:
    assert files.read(heif_with_a_slice_of(15 * 2**20)).pixels.shape == (300, 400, 3)
    heavy = heif_with_a_slice_of(3 * 6 * 2**20)
    assert len(heavy) > 16 * 2**20
    with pytest.raises(ProblemError) as caught:
        files.read(heavy)
    assert caught.value.code == "picture_too_heavy" and "重拍" in caught.value.sentence("zh")
    assert files.read(written(plain(), "HEIF")).format == "HEIF"


def test_of_a_gif_with_thousands_of_frames_only_the_first_is_opened() -> None:
    one = written(plain((300, 300)), "GIF")
    frame = one[one.index(b",", 13 + 3 * 2 ** ((one[10] & 7) + 1)) : -1]
    assert files.read(one[:-1] + frame * 20_000 + b";").pixels.shape == (300, 300, 3)  # all would outlast its time


def test_no_temporary_file_is_left_since_none_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for data in (
        written(plain(), "HEIF"),
        png(50_000, 50_000),
        written(noise(), "JPEG")[:3000],
        b"\x1f\x8b\x08\x00SIMPLE",
    ):
        try:
            files.read(data)
        except ProblemError as error:
            assert error.code.startswith("picture_")
    assert list(tmp_path.iterdir()) == []  # the parent's
    children = decode_pool.process_ids()
    assert children and all(resource.prlimit(child, resource.RLIMIT_FSIZE) == (0, 0) for child in children)


def test_a_gif_with_a_screen_of_four_gigapixels_is_refused() -> None:
    screen = b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHH", 0, 0, 65535, 65535) + b"\0" + b"\x02\x02L\x01\0;"
    assert code_of(screen + frame) == "picture_too_many_pixels"


def test_flipped_bytes_never_reach_the_caller_as_anything_but_a_problem() -> None:
    chance = np.random.default_rng(7)
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "HEIF"):
        whole = written(noise((160, 120)), kind)
        for _ in range(25):
            data = bytearray(whole)
            for place in chance.integers(0, min(len(data), 400), 4):
                data[place] = int(chance.integers(0, 256))
            try:
                assert files.read(bytes(data), min_side=1).pixels.shape[2] == 3
            except ProblemError as error:
                assert error.code.startswith("picture_")


def test_what_is_only_checked_is_judged_like_what_is_read() -> None:
    chance = np.random.default_rng(11)

    def code(ask: Callable[..., object], data: bytes) -> str:
        try:
            ask(data, min_side=1)
        except ProblemError as error:
            return error.code
        return ""

    said: set[str] = set()
    for kind, more in (
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("WEBP", {}),
        ("HEIF", {}),
    ):
        whole = written(noise((160, 120)), kind, **more)
        assert files.check(whole, min_side=1) is None
        spoiled = [whole[: len(whole) * share // 100] for share in (0, 1, 50, 90, 97, 99)]
        for _ in range(12):
            data = bytearray(whole)
            for place in chance.integers(0, len(data), 3):
                data[place] = int(chance.integers(0, 256))
            spoiled.append(bytes(data))
        for data in spoiled:
            assert code(files.check, data) == code(files.read, data), kind
            said.add(code(files.check, data))
    assert said >= {"", "picture_damaged", "picture_empty"}
    with pytest.raises(ProblemError, match="picture_too_small"):
        files.check(written(plain((100, 100)), "PNG"))


def test_the_parent_survives_a_webp_that_asks_for_all_memory() -> None:
    header = b"VP8X" + struct.pack("<I", 10) + bytes([0x02, 0, 0, 0]) + (16382).to_bytes(3, "little") * 2
    body = header + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    data = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    assert code_of(data) in ("picture_damaged", "picture_too_many_pixels", "picture_too_heavy")
    assert files.read(written(plain(), "PNG")).format == "PNG"


# --- what leaves ---


def test_what_leaves_is_fresh_and_carries_no_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (25.0, 2.0, 3.0), 3: "E", 4: (121.0, 30.0, 0.0)})
    data = written(plain(), "JPEG", exif=exif, comment=b"SECRETNOTE", icc_profile=b"SECRETICC" * 20)
    clean = files.sanitise(data)
    again = Image.open(io.BytesIO(clean))
    assert again.format == "JPEG" and not again.getexif() and "icc_profile" not in again.info
    assert b"SECRET" not in clean and b"Exif" not in clean


def test_what_was_appended_is_gone() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as pack:
        pack.writestr("x.php", "<?php system($_GET['c']); ?>")
    for tail in (archive.getvalue(), b"<script>alert(1)</script>", b"%PDF-1.4 1 0 obj"):
        for kind in ("JPEG", "PNG", "GIF"):
            clean = files.sanitise(written(plain(), kind) + tail)
            assert clean.startswith(b"\xff\xd8\xff") and clean.endswith(b"\xff\xd9")
            assert not any(mark in clean for mark in (b"PK\x03\x04", b"<?php", b"<script", b"%PDF"))


def test_a_portrait_held_sideways_leaves_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = files.sanitise(written(plain((400, 300)), "JPEG", exif=exif))
    assert Image.open(io.BytesIO(clean)).size == (300, 400)


def test_what_leaves_fits_the_size_asked_for() -> None:
    pixels = files.pixels(written(noise((1600, 1200)), "PNG"))
    limited = files.to_jpeg(pixels, long_side=800)
    assert Image.open(io.BytesIO(limited)).size == (800, 600)
    for most in (200_000, 60_000, 9_000):
        assert len(files.to_jpeg(pixels, max_bytes=most)) <= most
    assert Image.open(io.BytesIO(files.to_jpeg(pixels[:300, :200], long_side=800))).size == (200, 300)


def test_the_bytes_allowed_are_used() -> None:
    """What is given away below the limit is given away in legibility."""
    rows, columns = np.mgrid[0:900, 0:700]
    page = np.where((rows % 24 < 14) & ((columns * 7 + rows // 24 * 5) % 11 < 5), 60, 230)
    grain = np.random.default_rng(3).normal(0, 6, (900, 700, 3))
    pixels = np.clip(page[:, :, None] + grain, 0, 255).astype(np.uint8)
    most = len(files.to_jpeg(pixels))
    for allowed in (most * 3 // 4, most // 2, most // 4, most // 8):
        assert 0.75 * allowed < len(files.to_jpeg(pixels, max_bytes=allowed)) <= allowed


# --- the child processes ---


def test_pictures_from_many_threads_all_arrive() -> None:
    data = [written(Image.new("RGB", (300, 300), (shade, 0, 0)), "PNG") for shade in range(0, 240, 10)]
    got: dict[int, int] = {}

    def work(index: int) -> None:
        got[index] = int(files.pixels(data[index])[5, 5, 2])

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(data))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {index: index * 10 for index in range(24)}
    assert len(decode_pool.process_ids()) <= decode_pool.PROCESSES


def test_a_child_killed_between_pictures_is_replaced() -> None:
    data = written(plain(), "PNG")
    files.read(data)
    for process in decode_pool.process_ids():
        os.kill(process, signal.SIGKILL)
    assert files.read(data).format == "PNG"


def test_a_child_killed_in_the_middle_of_a_picture_is_replaced_and_asked_again() -> None:
    heavy = written(noise((2800, 2100)), "PNG", compress_level=1)
    files.read(written(plain(), "PNG"))
    pool, killed = decode_pool._pool(), threading.Event()

    def kill_when_busy() -> None:
        while not killed.is_set():
            busy = list(pool._busy)
            if busy:
                time.sleep(0.03)
                os.kill(busy[0].process.pid, signal.SIGKILL)
                killed.set()

    thread = threading.Thread(target=kill_when_busy)
    thread.start()
    try:
        assert files.read(heavy).pixels.shape == (2100, 2800, 3)
    finally:
        killed.set()
        thread.join()


def test_a_picture_that_takes_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    heavy = written(noise((2800, 2100)), "PNG", compress_level=6)
    monkeypatch.setattr(decode_pool, "DEADLINE_S", 0.02)
    assert code_of(heavy) == "picture_too_heavy"
    monkeypatch.undo()
    assert files.read(heavy).format == "PNG"


def test_a_picture_waits_for_a_free_child_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = decode_pool._pool()
    monkeypatch.setattr(decode_pool, "BUSY_S", 0.05)
    for _ in range(decode_pool.PROCESSES):
        assert pool._places.acquire(timeout=5)
    try:
        assert code_of(written(plain(), "PNG")) == "picture_decoder_busy"
    finally:
        for _ in range(decode_pool.PROCESSES):
            pool._places.release()


def test_the_child_sees_no_secret_of_its_parent_and_ends_with_it(tmp_path: Path) -> None:
    data = tmp_path / "a.png"
    data.write_bytes(written(plain(), "PNG"))
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from scanner import decode_pool, files\n"
        "files.read(pathlib.Path(sys.argv[2]).read_bytes())\n"
        "child = decode_pool.process_ids()[0]\n"
        "print(child, pathlib.Path(f'/proc/{child}/environ').read_bytes().count(b'SECRET'), flush=True)\n"
        "import os; os._exit(0)"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program, root, str(data)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "HONORCARD_SECRET": "SECRET"},
        timeout=60,
        check=True,
    )
    child, secrets = (int(word) for word in done.stdout.split())
    assert secrets == 0
    for _ in range(100):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def test_a_forked_process_starts_its_own_children() -> None:
    data = written(plain(), "PNG")
    files.read(data)
    before = set(decode_pool.process_ids())
    fork = os.fork()
    if fork == 0:
        good = files.read(data).format == "PNG" and not before & set(decode_pool.process_ids())
        files.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert files.read(data).format == "PNG"
