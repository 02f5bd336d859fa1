"""Reading QR codes drawn for the purpose: tilted, blurred, creased, several, none; with and without libzbar."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
import zxingcpp

from scanner import qr
from tests.scanner.drawing import code, desk, lay, record_page

PATIENCE_S = 20.0  # where what is found counts and not how soon: machines are busy
TEXT = "HTTPS://CARD.EXAMPLE.ORG/V/ABCDEFGHJKMNPQRSTUVWXYZ23456789ABCDEFGHJKMNPQRSTUVWXYZ23456789"

BOTTLES = [(0.8, 0.14), (0.9, 0.1), (1.0, -0.14), (1.1, -0.14)]


def scene(text: str = TEXT, side: float = 260, tilt: float = 0.0) -> np.ndarray:
    """A card's code on a desk, `side` pixels large, its right edge `tilt` of the side shorter than the left."""
    cut = side * tilt / 2
    corners = [(190, 110), (190 + side, 110 + cut), (190 + side, 110 + side - cut), (190, 110 + side)]
    return lay(desk(640, 480), code(text), corners)


def drawn(symbol: segno.QRCode) -> np.ndarray:
    """A symbol as (h, w, 3) uint8, eight pixels a module."""
    modules = np.array([[0 if dark else 255 for dark in row] for row in symbol.matrix_iter(border=4)], np.uint8)
    return cv2.merge([cv2.resize(modules, None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)] * 3)


def plainly(picture: np.ndarray) -> list[str]:
    """What zxing-cpp reads without our help."""
    codes = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in codes]


def test_reads_a_code_lying_straight() -> None:
    assert qr.decode(scene()) == [TEXT]


@pytest.mark.parametrize("turn", [0, 30, 90, 135, 180, 270])
def test_reads_a_code_turned_any_way(turn: int) -> None:
    matrix = cv2.getRotationMatrix2D((320, 240), turn, 1.0)
    turned = cv2.warpAffine(scene(), matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    assert qr.decode(turned) == [TEXT]


@pytest.mark.parametrize("tilt", [0.1, 0.25])
def test_reads_a_code_seen_from_the_side(tilt: float) -> None:
    assert qr.decode(scene(tilt=tilt)) == [TEXT]


def test_reads_where_the_plain_reader_gives_up() -> None:
    blurred = cv2.GaussianBlur(scene(side=230), (0, 0), 3.0)
    assert plainly(blurred) == []
    assert qr.decode(blurred, PATIENCE_S) == [TEXT]


def round_a_bottle(sheet: np.ndarray, half_angle: float, sag: float) -> np.ndarray:
    """The sheet round a tube standing upright, seen from the front and, by its sag (a share of the height), from above."""
    height, width = sheet.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    angle = np.arcsin((columns / width * 2 - 1) * np.sin(half_angle))
    down = sag * height * (np.cos(angle) - np.cos(half_angle))
    map_x, map_y = (angle / half_angle + 1) / 2 * width, rows + down
    white = (255.0, 255.0, 255.0)
    bent = cv2.remap(sheet, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR, borderValue=white)
    return (bent * (0.5 + 0.5 * np.cos(angle))[..., None]).astype(np.uint8)


@pytest.mark.parametrize(("half_angle", "sag"), BOTTLES)
def test_reads_a_code_round_a_bottle(half_angle: float, sag: float) -> None:
    corners = [(140, 60), (500, 60), (500, 420), (140, 420)]
    bent = lay(desk(640, 480), round_a_bottle(code(TEXT), half_angle, sag), corners)
    assert plainly(bent) == []
    assert qr.decode(bent, PATIENCE_S) == [TEXT]


@pytest.mark.parametrize("bend", [6.0, 7.0])
def test_reads_a_code_on_a_fold(bend: float) -> None:
    rows, columns = np.mgrid[0:480, 0:640].astype(np.float32)
    wave = bend * np.sin((columns - 190) / 42) * np.exp(-(((rows - 260) / 60) ** 2))
    folded = cv2.remap(scene(side=280), columns + wave * 0.6, rows + wave, cv2.INTER_LINEAR)
    assert plainly(folded) == []
    assert qr.decode(folded, PATIENCE_S) == [TEXT]


def test_reads_under_half_a_shadow_and_in_negative() -> None:
    shaded = (scene().astype(np.float32) * np.linspace(1.0, 0.25, 640)[None, :, None]).astype(np.uint8)
    assert qr.decode(shaded) == [TEXT]
    assert qr.decode(255 - scene()) == [TEXT]


def test_returns_every_code_in_the_picture_once() -> None:
    picture = desk(1200, 700)
    for index, name in enumerate(("ONE", "TWO", "THREE")):
        x = 60 + 380 * index
        picture = lay(picture, code(f"HTTPS://A.TW/{name}"), [(x, 200), (x + 260, 210), (x + 255, 470), (x, 460)])
    assert sorted(qr.decode(picture)) == ["HTTPS://A.TW/ONE", "HTTPS://A.TW/THREE", "HTTPS://A.TW/TWO"]
    doubled = np.hstack([scene(), scene()])
    assert qr.decode(doubled) == [TEXT]


def test_a_hard_code_beside_an_easy_one_is_read_too() -> None:
    hard = cv2.GaussianBlur(scene(side=230), (0, 0), 3.0)
    both = np.hstack([scene("HTTPS://A.TW/EASY"), hard])
    assert sorted(qr.decode(both, PATIENCE_S)) == ["HTTPS://A.TW/EASY", TEXT]


def test_keeps_text_beyond_ascii_as_it_was_written() -> None:
    assert qr.decode(scene("志願服務榮譽卡 Ünïcode")) == ["志願服務榮譽卡 Ünïcode"]


@pytest.mark.parametrize(
    "picture",
    [
        desk(640, 480),
        np.zeros((300, 300, 3), np.uint8),
        np.full((4, 4, 3), 255, np.uint8),
        np.zeros((1, 900, 3), np.uint8),
    ],
    ids=["desk", "black", "tiny", "line"],
)
def test_a_picture_without_a_code_gives_nothing(picture: np.ndarray) -> None:
    assert qr.decode(picture) == []
    assert qr.decode_fast(picture) == []


def test_a_code_damaged_beyond_repair_is_not_guessed() -> None:
    broken = code(TEXT)
    half = broken.shape[0] // 2
    noise = np.random.default_rng(4).integers(0, 2, (half // 8, half // 8), np.uint8) * 255
    size = (broken.shape[1] - half - 32, half - 60)
    broken[60 : 60 + size[1], half : half + size[0]] = cv2.merge([cv2.resize(noise, size, interpolation=0)] * 3)
    assert qr.decode(broken) == []


def test_noise_never_becomes_a_text() -> None:
    chance = np.random.default_rng(9)
    for _ in range(12):
        speckle = cv2.resize(chance.integers(0, 2, (60, 80), np.uint8) * 255, (640, 480), interpolation=0)
        assert qr.decode_fast(cv2.merge([speckle] * 3)) == []


def test_gives_up_when_its_time_is_over() -> None:
    chance = np.random.default_rng(2)
    picture = chance.integers(0, 255, (1500, 2000, 3), np.uint8)
    start = time.monotonic()
    assert qr.decode(picture, budget_s=0.1) == []
    assert time.monotonic() - start < 2.5


def test_a_grey_picture_will_do() -> None:
    assert qr.decode(cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)) == [TEXT]


def test_works_on_a_machine_without_libzbar(tmp_path: Path) -> None:
    """A pyzbar that fails on import, as it does where the library is missing, stands before the real one."""
    (tmp_path / "pyzbar").mkdir()
    (tmp_path / "pyzbar" / "__init__.py").write_text("")
    (tmp_path / "pyzbar" / "wrapper.py").write_text("raise ImportError('Unable to find zbar shared library')\n")
    cv2.imwrite(str(tmp_path / "hard.png"), cv2.GaussianBlur(scene(side=230), (0, 0), 3.0))
    program = (
        "import sys, cv2; sys.path[:0] = sys.argv[1:3]\n"
        "from scanner import qr, qr_zbar\n"
        "assert not qr_zbar.there()\n"
        "print(*qr.decode(cv2.imread(sys.argv[3]), 20))"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), root, str(tmp_path / "hard.png")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == TEXT


def test_the_bound_on_looking_in_vain_is_a_few_times_the_first_look() -> None:
    """A page of print, no code: the plain reader's time is the measure, since machines differ."""
    page = record_page(1200, 1600)
    for _ in range(2):
        start = time.process_time()
        assert qr.decode(page) == []
        taken = time.process_time() - start
    assert taken < 1.0


@pytest.mark.parametrize("text", ["十六", "。卡", "王小明", "志願服務榮譽卡 卡號一一五"])
def test_short_chinese_is_not_taken_for_japanese(text: str) -> None:
    """zxing-cpp reads the six bytes of 十六 as 蜊∝ and a broken sign."""
    symbol = segno.make(text, encoding="utf-8", micro=False)
    assert qr.decode(drawn(symbol)) == [text]


def test_a_code_that_names_its_encoding_is_taken_at_its_word() -> None:
    assert qr.decode(drawn(segno.make("臺北市", encoding="big5", eci=True, micro=False))) == ["臺北市"]
    assert qr.decode(drawn(segno.make("日本東京", mode="kanji", micro=False))) == ["日本東京"]


def test_control_signs_are_kept() -> None:
    assert qr.decode(drawn(segno.make("A\x1d\x1eB\r\n\tC", micro=False))) == ["A\x1d\x1eB\r\n\tC"]


def test_each_part_of_a_series_is_given_by_itself() -> None:
    parts = segno.make_sequence("ABCDEFG" * 30, version=3)
    assert len(parts) > 2
    texts = [text for part in parts for text in qr.decode(cv2.GaussianBlur(drawn(part), (0, 0), 2.0), PATIENCE_S)]
    assert "".join(texts) == "ABCDEFG" * 30


@pytest.mark.parametrize("kind", ["micro", "line"])
def test_other_symbols_give_nothing(kind: str) -> None:
    if kind == "micro":
        assert qr.decode(drawn(segno.make("12345", micro=True))) == []
    else:
        bars = np.array(zxingcpp.create_barcode("471234567890", zxingcpp.BarcodeFormat.EAN13).to_image(scale=4))
        assert qr.decode(cv2.copyMakeBorder(bars, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(255.0,))) == []


def test_reads_a_code_whose_colours_are_equally_bright() -> None:
    ink, paper = np.array([200, 60, 90], np.float32), np.array([30, 110, 70], np.float32)
    share = scene()[:, :, :1].astype(np.float32) / 255
    coloured = (ink * (1 - share) + paper * share).astype(np.uint8)
    assert plainly(cv2.cvtColor(coloured, cv2.COLOR_BGR2GRAY)) == []
    assert qr.decode(coloured, PATIENCE_S) == [TEXT]


def test_reads_from_a_screen_through_its_grid() -> None:
    picture = scene(side=300).astype(np.float32)
    picture[::5] *= 0.1
    picture[:, ::5] *= 0.1
    seen = np.clip(picture, 0, 255).astype(np.uint8)
    assert plainly(seen) == []
    assert qr.decode(seen, PATIENCE_S) == [TEXT]
