"""`honorcard scan` as scripts outside call it: one JSON line a file, in order, exit status 1 when one fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.scanner.drawing import code, desk, lay, person, record_page

ROOT = Path(__file__).resolve().parents[2]
CORNERS = [(150.0, 90.0), (1050.0, 100.0), (1040.0, 1370.0), (160.0, 1360.0)]


def scan(what: str, *names: str | Path) -> tuple[list[dict[str, object]], int]:
    """The lines of the command and its exit status."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "scan", what, *map(str, names)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.returncode


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder with a code, a page, a person (stored sideways), a renamed PDF."""
    two = lay(desk(900, 500), code("HTTPS://A.TW/1"), [(60, 100), (320, 100), (320, 360), (60, 360)])
    two = lay(two, code("志工"), [(500, 100), (760, 100), (760, 360), (500, 360)])
    cv2.imwrite(str(tmp_path / "code.png"), two)
    cv2.imwrite(str(tmp_path / "page.jpg"), lay(desk(1200, 1440), record_page(), CORNERS))
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned a quarter to the left: a viewer turns it right
    sideways = Image.fromarray(np.ascontiguousarray(np.rot90(person()[:, :, ::-1])))
    sideways.save(tmp_path / "person.jpg", exif=exif, quality=95)
    (tmp_path / "pdf.jpg").write_bytes(b"%PDF-1.7\n1 0 obj")
    return tmp_path


def test_qr_gives_all_texts(album: Path) -> None:
    lines, status = scan("qr", album / "code.png", album / "page.jpg")
    assert status == 0
    assert [set(line) for line in lines] == [{"file", "texts", "ms"}] * 2
    assert lines[0]["file"] == str(album / "code.png")
    assert sorted(lines[0]["texts"]) == ["HTTPS://A.TW/1", "志工"]  # type: ignore[call-overload]
    assert lines[1]["texts"] == []
    assert all(isinstance(line["ms"], int | float) and line["ms"] > 0 for line in lines)


def test_page_gives_corners_in_pixels_of_the_file(album: Path) -> None:
    lines, status = scan("page", album / "page.jpg", album / "person.jpg")
    assert status == 0
    assert set(lines[0]) == {"file", "corners", "problems", "ms"}
    assert np.abs(np.array(lines[0]["corners"]) - CORNERS).max() < 4
    assert lines[0]["problems"] == []
    assert (lines[1]["corners"], lines[1]["problems"]) == (None, ["no_page"])


def test_face_gives_boxes_crop_and_problems_with_the_orientation_applied(album: Path) -> None:
    lines, status = scan("face", album / "person.jpg", album / "code.png")
    assert status == 0
    assert set(lines[0]) == {"file", "faces", "crop", "problems", "ms"}
    ((x, y, width, height),) = lines[0]["faces"]  # type: ignore[misc]
    assert abs(x + width / 2 - 450) < 50 and abs(y + height / 2 - 520) < 110
    left, top, across, down = lines[0]["crop"]  # type: ignore[misc]
    assert left >= 0 and top >= 0 and left + across <= 900 and top + down <= 1200
    assert lines[0]["problems"] == []
    assert (lines[1]["faces"], lines[1]["crop"], lines[1]["problems"]) == ([], None, ["no_face"])


def test_an_unreadable_file_does_not_stop_the_others(album: Path) -> None:
    lines, status = scan("qr", album / "pdf.jpg", album / "missing.png", album, album / "code.png")
    assert status == 1
    assert [line.get("error") for line in lines] == ["picture_not_a_picture", "no_such_file", "unreadable_file", None]
    assert all(set(line) == {"file", "error"} for line in lines[:3])
    assert len(lines[3]["texts"]) == 2  # type: ignore[arg-type]


def test_pixels_are_those_of_the_file_even_when_it_was_read_smaller(tmp_path: Path) -> None:
    small = lay(desk(1200, 1440), record_page(), CORNERS)
    huge = cv2.resize(small, (6600, 7920), interpolation=cv2.INTER_LINEAR)  # 52 megapixels
    cv2.imwrite(str(tmp_path / "huge.jpg"), huge, [cv2.IMWRITE_JPEG_QUALITY, 70])
    lines, status = scan("page", tmp_path / "huge.jpg")
    assert status == 0
    assert np.abs(np.array(lines[0]["corners"]) / 5.5 - CORNERS).max() < 5
