"""The printed card: its words, its size, its code, and the names that are hard to print."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from honorcard.card import signing
from honorcard.card.sheet import HINT, CardFace, render
from honorcard.jurisdiction import TAIPEI
from honorcard.problems import ProblemError

MADE = datetime(2026, 11, 21, 10, 0)
KEY = ec.derive_private_key(7, ec.SECP256R1())
# R40 and R41 word for word, without the spaces and line ends that a page brings.
FRONT = ["志願服務榮譽卡", "姓名：李大明", "有效期限：108.06.02", "編號：10612345", "發給單位：", "臺北市政府社會局"]
BACK = [
    "注意事項：",
    "一、志工服務年資滿三年，服務時數達三百小時以上者，得檢具一寸半身照片二張、服務紀錄冊影本及相關證明文件向地方主管機關"
    "申請志願服務榮譽卡。",
    "二、志願服務榮譽卡使用期限為三年，期限屆滿後，志工得檢具前開相關文件重新申請。",
    "志工依前項規定重新申請志願服務榮譽卡，其服務年資及服務時數不得重複計算。",
    "持卡人出生年月日：042年03月30日",
    "國民身分證統一編號(或護照號碼)：A123456789",
]


@pytest.fixture
def face(photo: bytes) -> CardFace:
    text = signing.sign("HTTPS://HC.TAIPEI/", "ABCDEFGHIJKLMN23", 100_000, bytes(range(16)), date(2019, 6, 2), 1, KEY)
    return CardFace("李大明", "10612345", date(2019, 6, 2), date(1953, 3, 30), "A123456789", photo, text)


def words_of(pdf: bytes) -> str:
    out = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return re.sub(r"\s", "", out.decode())


def info_of(pdf: bytes, *flags: str) -> str:
    return subprocess.run(["pdfinfo", *flags, "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def pictures(pdf: bytes, folder: Path, dpi: int = 300) -> list[Image.Image]:
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", folder / "sheet.pdf", folder / "page"], check=True)
    return [Image.open(path) for path in sorted(folder.glob("page*.png"))]


def test_the_sheet_says_what_the_rules_say_word_for_word(face: CardFace):
    words = words_of(render([face], TAIPEI, created=MADE))
    for line in FRONT + BACK:
        assert line in words
    assert re.sub(r"\s", "", HINT) in words
    assert "請以100%列印，不要縮放" in words


def test_one_code_on_the_page_and_it_reads_as_the_text(face: CardFace, tmp_path: Path):
    [page] = pictures(render([face], TAIPEI, created=MADE), tmp_path)
    [found] = zxingcpp.read_barcodes(page)
    assert found.text == face.qr_text


def test_the_code_is_thirty_millimetres_with_its_quiet_zone(face: CardFace, tmp_path: Path):
    [page] = pictures(render([face], TAIPEI, created=MADE), tmp_path)
    [found] = zxingcpp.read_barcodes(page)
    corners = found.position
    side_mm = (corners.top_right.x - corners.top_left.x) / 300 * 25.4
    assert 28 <= side_mm * 57 / 49 <= 30.5
    left = corners.top_left.x - round(3 * 30 / 57 / 25.4 * 300)
    strip = page.convert("L").crop((left, corners.top_left.y, corners.top_left.x - 3, corners.bottom_left.y))
    assert strip.getextrema()[0] > 250, "the quiet zone is white"


def test_papers_have_their_exact_sizes_and_forbid_scaling(face: CardFace):
    assert "595.28 x 841.89 pts (A4)" in info_of(render([face], TAIPEI, created=MADE))
    card = render([face], TAIPEI, created=MADE, paper="card")
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info_of(card)).groups())
    assert (round(width / 72 * 25.4, 1), round(height / 72 * 25.4, 1)) == (90.0, 120.0)
    assert b"/PrintScaling /None" in card


def test_the_faces_are_nine_by_six_centimetres_on_a4(face: CardFace, tmp_path: Path):
    [page] = pictures(render([face], TAIPEI, created=MADE), tmp_path, dpi=254)  # ten pixels a millimetre
    grey = page.convert("L")
    column = [y for y in range(grey.height) if grey.getpixel((1000, y)) < 90]
    # Below the hint, the first and last dark rows at this column are the band's top and the lower cut line.
    inside = [y for y in column if 690 < y < 1910]
    assert abs((inside[-1] - inside[0]) - 1200) <= 4
    row = [x for x in range(grey.width) if grey.getpixel((x, 1650)) < 90]
    assert abs((row[-1] - row[0]) - 900) <= 4


def test_the_same_values_give_the_same_bytes_and_another_day_others(face: CardFace):
    assert render([face], TAIPEI, created=MADE) == render([face], TAIPEI, created=MADE)
    assert render([face], TAIPEI, created=MADE) != render([face], TAIPEI, created=datetime(2026, 11, 22))


@pytest.mark.parametrize(
    "name",
    [
        "王𡍼名",
        "陳𣎴",
        "夏曼‧藍波安",
        "歐陽菲菲",
        "謝李陳美玉",
        "游錫堃",
        "Voyʉ e Yakumangana ne Paayai",
        "NGUYEN THI HOA",
        "謝" * 50,
        "W" * 50,
        "Kagaw Riyar Kagaw Riyar Kagaw Riyar Kagaw Riyar Ka",
        "李",
    ],
)
def test_every_name_is_printed_whole_and_inside_the_card(face: CardFace, name: str, tmp_path: Path):
    pdf = render([replace(face, name=name)], TAIPEI, created=MADE, paper="card")
    assert re.sub(r"\s", "", name) in words_of(pdf)
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    right = max(float(x) for x in re.findall(r'xMax="([\d.]+)"', boxes))
    assert right / 72 * 25.4 <= 90.0
    assert zxingcpp.read_barcodes(pictures(pdf, tmp_path, 150)[0])[0].text == face.qr_text


def test_a_long_name_does_not_touch_the_line_below(face: CardFace):
    pdf = render([replace(face, name="Voyʉ e Yakumangana ne Paayai")], TAIPEI, created=MADE)
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    word = r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)'
    at = {text: (float(top), float(bottom)) for top, bottom, text in re.findall(word, boxes)}
    paayai = next(bottom for text, (_, bottom) in at.items() if "Paayai" in text)
    date_line = next(bottom for text, (_, bottom) in at.items() if "108.06.02" in text)
    assert paayai < date_line - 8  # points


@pytest.mark.parametrize("character", ["\U000e0fff", "\ue123", "\U0002ffff", "\x07"])
def test_a_character_no_font_can_draw_stops_the_sheet(face: CardFace, character: str):
    with pytest.raises(ProblemError, match="glyph_missing") as caught:
        render([replace(face, name=f"王{character}名")], TAIPEI, created=MADE)
    assert caught.value.details["characters"] == character


def test_a_name_beyond_every_limit_is_refused(face: CardFace):
    with pytest.raises(ProblemError, match="name_too_long"):
        render([replace(face, name="謝" * 61)], TAIPEI, created=MADE)
    with pytest.raises(ProblemError, match="photo_unreadable"):
        render([replace(face, photo=b"GIF89a")], TAIPEI, created=MADE)


def test_a_practice_card_says_so_on_both_faces_and_still_scans(face: CardFace, tmp_path: Path):
    pdf = render([replace(face, practice=True)], TAIPEI, created=MADE, paper="card")
    assert words_of(pdf).count("練習") == 2
    assert zxingcpp.read_barcodes(pictures(pdf, tmp_path)[0])[0].text == face.qr_text
    assert "練習" not in words_of(render([face], TAIPEI, created=MADE))


def test_four_cards_share_a_page_where_asked(face: CardFace, tmp_path: Path):
    faces = [replace(face, name=name) for name in ("甲", "乙", "丙", "丁", "戊")]
    pdf = render(faces, TAIPEI, created=MADE, paper="a4-four")
    pages = pictures(pdf, tmp_path, 150)
    assert [len(zxingcpp.read_barcodes(page)) for page in pages] == [4, 1]
    assert "Pages:           2" in info_of(render(faces[:2], TAIPEI, created=MADE))


def test_the_back_can_be_turned_for_folding_like_a_book(face: CardFace, tmp_path: Path):
    def back(turn_back: bool) -> Image.Image:
        pdf = render([face], TAIPEI, created=MADE, paper="card", turn_back=turn_back)
        whole = pictures(pdf, tmp_path, 254)[0].convert("L").crop((40, 640, 860, 1160))
        return whole.point(lambda grey: 255 * (grey > 90)).resize((82, 52), Image.Resampling.BOX)

    def unlike(one: Image.Image, other: Image.Image) -> int:
        return sum(abs(a - b) for a, b in zip(one.tobytes(), other.tobytes(), strict=True))

    upright, turned = back(turn_back=False), back(turn_back=True)
    assert unlike(upright, turned.rotate(180)) < unlike(upright, turned) / 3


def test_a_warm_process_makes_a_small_card_quickly(face: CardFace):
    render([face], TAIPEI, created=MADE)
    started = time.process_time()
    pdf = render([replace(face, name="張美玲")], TAIPEI, created=MADE)
    assert time.process_time() - started < 1.5, "0.08 s of one core"
    assert len(pdf) <= 45_000


def test_the_photo_is_not_stretched_and_keeps_its_place(face: CardFace, tmp_path: Path, make_headshot):
    wide = Image.new("RGB", (1400, 700), "#ff0000")
    wide.paste("#00ff00", (420, 0, 980, 700))
    out = BytesIO()
    wide.save(out, "JPEG", quality=95)
    [page] = pictures(render([replace(face, photo=out.getvalue())], TAIPEI, created=MADE, paper="card"), tmp_path, 254)
    for x, y in ((50, 190), (310, 190), (50, 515), (310, 515)):
        red, green, _ = page.convert("RGB").getpixel((x, y))
        assert green > 200 > 60 > red


def test_new_settings_change_the_issuer_not_the_layout(face: CardFace):
    other = replace(TAIPEI, issuer="新北市政府社會局志願服務推動暨社區發展科")
    assert "新北市政府社會局志願服務推動暨社區發展科" in words_of(render([face], other, created=MADE))
