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

from honorcard.card import sheet_faces, signing
from honorcard.card.sheet import HINT, CardFace, Paper, render
from honorcard.fonts import library
from honorcard.jurisdiction import TAIPEI, overridden
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


def check_whole(pdf: bytes, folder: Path) -> None:
    """Fails where qpdf finds anything wrong with the file."""
    (folder / "checked.pdf").write_bytes(pdf)
    subprocess.run(["qpdf", "--check", folder / "checked.pdf"], capture_output=True, check=True)


def pictures(pdf: bytes, folder: Path, dpi: int = 300) -> list[Image.Image]:
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", folder / "sheet.pdf", folder / "page"], check=True)
    found = [Image.open(path).copy() for path in sorted(folder.glob("page*.png"))]
    for path in folder.glob("page*.png"):
        path.unlink()
    return found


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


def boxes_mm(pdf: bytes) -> list[dict[str, tuple[float, float]]]:
    """Width and height of every box of every page, mm."""
    told = info_of(pdf, "-box", "-f", "1", "-l", "99")
    pages: dict[str, dict[str, tuple[float, float]]] = {}
    for page, box, *sides in re.findall(r"Page +(\d+) (\w+Box): +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)", told):
        left, low, right, high = (float(side) / 72 * 25.4 for side in sides)
        pages.setdefault(page, {})[box] = (round(right - left, 1), round(high - low, 1))
    return list(pages.values())


A6, A4, SHEET, FACE = (105.0, 148.0), (210.0, 297.0), (90.0, 120.0), (90.0, 60.0)


@pytest.mark.parametrize(
    ("paper", "pages"),
    [
        ("folded", [(A6, SHEET)]),
        ("card", [(SHEET, SHEET)]),
        ("two-pages", [(FACE, FACE), (FACE, FACE)]),
        ("a4", [(A4, SHEET)]),
        ("a4-four", [(A4, A4)]),
    ],
)
def test_every_paper_has_its_exact_boxes_and_forbids_scaling(face: CardFace, paper: Paper, pages, tmp_path: Path):
    pdf = render([face], TAIPEI, created=MADE, paper=paper)
    got = boxes_mm(pdf)
    assert [(page["MediaBox"], page["TrimBox"]) for page in got] == pages
    assert all(page["CropBox"] == page["MediaBox"] for page in got)
    assert b"/PrintScaling /None" in pdf
    check_whole(pdf, tmp_path)


def test_the_folded_sheet_is_what_one_gets_without_asking(face: CardFace):
    assert render([face], TAIPEI, created=MADE) == render([face], TAIPEI, created=MADE, paper="folded")


@pytest.mark.parametrize("paper", ["folded", "a4"])
def test_a_rule_beside_the_sheet_measures_sixty_millimetres(face: CardFace, paper: Paper, tmp_path: Path):
    pdf = render([face], TAIPEI, created=MADE, paper=paper)
    assert "用尺量，正好6公分" in words_of(pdf)
    [page] = pictures(pdf, tmp_path, dpi=254)
    dark = page.convert("L").point(lambda grey: 255 * (grey < 120)).convert("1")
    rows = [row for row in range(dark.height) if (box := dark.crop((0, row, dark.width, row + 1)).getbbox()) and box]
    longest = 0
    for row in rows:
        line = dark.crop((0, row, dark.width, row + 1)).tobytes()
        bits = "".join(f"{byte:08b}" for byte in line)
        longest = max([longest, *(len(run) for run in bits.split("0") if 560 <= len(run) <= 640)])
    assert abs(longest - 600) <= 4


def test_the_cut_line_is_solid_and_the_fold_is_dashed(face: CardFace, tmp_path: Path):
    [page] = pictures(render([face], TAIPEI, created=MADE), tmp_path, dpi=254)
    grey = page.convert("L")

    def inked(y_mm: float) -> float:
        rows = range(round(y_mm * 10) - 4, round(y_mm * 10) + 5)
        return sum(min(grey.getpixel((x, y)) for y in rows) < 110 for x in range(80, 970)) / 890

    assert inked(14 + 120) > 0.98
    assert 0.4 < inked(14 + 60) < 0.8


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
    read = re.sub(r"\s", "", subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True).stdout.decode())
    order = [read.index(re.sub(r"\s", "", words)) for words in ("姓名：", name[:4], "有效期限：", "編號：", "注意事項")]
    assert order == sorted(order), "selected and read aloud in the card's own order"
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


def test_a_borrowed_character_is_drawn_as_thick_as_its_neighbours(face: CardFace, tmp_path: Path):
    """𡍼 comes from TW-Kai, which is thin; the same name without the thickening would look like two."""
    pdf = render([replace(face, name="王𡍼名")], TAIPEI, created=MADE, paper="card")
    [page] = pictures(pdf, tmp_path, 300)
    across = page.convert("L").crop(tuple(round(mm / 25.4 * 300) for mm in (44.5, 16.0, 64.0, 22.0)))
    ink = [sum(across.getpixel((x, y)) < 100 for y in range(across.height)) for x in range(across.width)]
    third = len(ink) // 3
    king, rare = sum(ink[:third]), sum(ink[third : 2 * third])
    assert rare > 0.6 * king, "as much ink as the few strokes of 王"


def planes() -> list[str]:
    """A sample of the blocks in which the characters of CNS 11643's planes lie."""
    blocks = [(0x4E00, 0x9FD5), (0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0xF900, 0xFA2D)]
    return [chr(code) for first, last in blocks for code in range(first, last, (last - first) // 40)]


def test_characters_of_every_plane_come_out_as_themselves(face: CardFace):
    wanted = [character for character in planes() if not library().missing(character)]
    assert len(wanted) >= 150
    faces = [replace(face, name="".join(wanted[at : at + 8])) for at in range(0, len(wanted), 8)]
    words = words_of(render(faces, TAIPEI, created=MADE, paper="card"))
    missing = [character for character in wanted if character not in words]
    assert missing == []


@pytest.mark.parametrize("length", range(1, 51))
def test_a_name_of_any_length_is_shrunk_to_a_floor_and_then_broken(length: int):
    face = CardFace("謝" * length, "11500001", date(2029, 11, 21), date(1958, 8, 16), "A223456781", b"", "X")
    for rules in (TAIPEI, replace(TAIPEI, orientation="portrait")):
        lines = [word for word in sheet_faces.front(face, rules) if "謝" in word.text]
        right = 87.5 if rules is TAIPEI else 56.0
        assert "".join(word.text for word in lines) == face.name
        assert len(lines) == 1 or all(word.size >= 1.9 for word in lines)
        assert len(lines) == 2 or lines[0].size >= 3.3
        assert all(word.end <= right + 0.01 for word in lines)


def test_four_cards_share_a_page_where_asked(face: CardFace, tmp_path: Path):
    faces = [replace(face, name=name) for name in ("甲", "乙", "丙", "丁", "戊")]
    pdf = render(faces, TAIPEI, created=MADE, paper="a4-four")
    pages = pictures(pdf, tmp_path, 150)
    assert [len(zxingcpp.read_barcodes(page)) for page in pages] == [4, 1]
    assert "Pages:           2" in info_of(render(faces[:2], TAIPEI, created=MADE))
    assert "Pages:           4" in info_of(render(faces[:2], TAIPEI, created=MADE, paper="two-pages"))


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


def test_a_long_issuer_takes_two_lines_that_can_be_read(face: CardFace):
    other = replace(TAIPEI, issuer="新北市政府社會局志願服務推動暨社區發展科")
    assert "新北市政府社會局志願服務推動暨社區發展科" in words_of(render([face], other, created=MADE))
    lines = [word for word in sheet_faces.front(face, other) if word.text in other.issuer and word.text]
    assert [word.size for word in lines] == [2.3, 2.3]


def test_a_face_may_stand_upright_and_is_folded_like_a_book(face: CardFace, tmp_path: Path):
    """A13: the orientation is a setting."""
    tall = overridden(TAIPEI, {"orientation": "portrait"})
    for paper, trim in (("folded", (120.0, 90.0)), ("card", (120.0, 90.0)), ("two-pages", (60.0, 90.0))):
        assert boxes_mm(render([face], tall, created=MADE, paper=paper))[0]["TrimBox"] == trim
    pdf = render([face], tall, created=MADE)
    raw = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    said = re.sub(r"\s", "", raw)
    at = [said.index(re.sub(r"\s", "", line)) for line in FRONT + BACK]
    assert at == sorted(at)
    four = pictures(render([face] * 4, tall, created=MADE, paper="a4-four"), tmp_path, 150)
    assert len(zxingcpp.read_barcodes(four[0])) == 4


def is_line(grey: int) -> bool:
    return 150 < grey < 225


def is_paper(grey: int) -> bool:
    return grey > 245


STAR = "M50 5 L61 39 97 39 68 60 79 95 50 73 21 95 32 60 3 39 39 39Z"


def test_the_watermark_is_the_authoritys_own_where_it_sets_one(face: CardFace, tmp_path: Path):
    """R47: the city's emblem behind the words, in fine lines, and the code still reads."""
    star = overridden(TAIPEI, {"emblem": STAR})
    plain, marked = (
        pictures(render([face], rules, created=MADE, paper="card"), tmp_path, 300)[0] for rules in (TAIPEI, star)
    )
    assert plain.tobytes() != marked.tobytes()
    assert zxingcpp.read_barcodes(marked)[0].text == face.qr_text
    assert words_of(render([face], star, created=MADE)) == words_of(render([face], TAIPEI, created=MADE))
    # the middle of the star on the back, beside its notes: lines with paper between them
    grey = marked.convert("L").crop(tuple(round(mm / 25.4 * 300) for mm in (66.0, 97.5, 74.0, 101.0)))
    shares = [sum(test(value) for value in grey.tobytes()) / len(grey.tobytes()) for test in (is_line, is_paper)]
    assert min(shares) > 0.15
