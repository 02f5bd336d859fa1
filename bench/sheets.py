"""The card's sheet against plain fpdf2 and reportlab making the same page, and its code against two that are well known.

The peers set the same words, photograph and code on the same page, with the font embedded whole or as a subset as each does
by itself, and without our ornaments, which favours them. reportlab cannot take Noto's outlines, so TW-Kai is what both set.
The two other codes are built here after their formats: a vaccination certificate of the EU (CWT, zlib, base45, level Q) and a
face in the code as claim 169 has it (name and WebP, signed, base45, level M).
"""

from __future__ import annotations

import secrets
import statistics
import time
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import cbor2
import qrcode
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

from bench.timing import HEAD, Times, row
from honorcard.card import sheet_faces, signing
from honorcard.card.page import MM, Words
from honorcard.card.portrait import drawn_portrait
from honorcard.card.sheet import CardFace, render
from honorcard.card.sheet_faces import FORMS, QR_MM
from honorcard.card.sheet_paper import on_paper
from honorcard.card.symbol import qr_matrix
from honorcard.card.thumbnail import print_jpeg
from honorcard.jurisdiction import TAIPEI

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
MANY = 1_000
KAI = Path("/usr/share/fonts/truetype/cns11643/TW-Kai-98_1.ttf")
_KEY = ec.derive_private_key(7, ec.SECP256R1())
_NAMES = ("林秀琴", "王大明", "夏曼‧藍波安", "歐陽菲菲", "NGUYEN THI HOA")


def run() -> None:
    """Prints both tables; milliseconds are of processor time."""
    face = _face(0)
    print("## Card sheet, processor time\n" + HEAD)
    ours = _cpu(lambda: render([face], TAIPEI, created=NOW), 20)
    made: list[tuple[str, Callable[[], bytes]]] = []
    if KAI.is_file():
        made.append(("plain fpdf2", lambda: _plain_fpdf(face)))
        if find_spec("reportlab"):
            made.append(("reportlab", lambda: _plain_reportlab(face)))
        else:
            print("(reportlab is not installed: `make setup`)")
    sizes = [("ours", len(render([face], TAIPEI, created=NOW)))]
    print(row("one sheet, warm process", ours))
    for name, call in made:
        peer = _cpu(call, 5)
        print(row(f"the same by {name}", peer, ours))
        sizes.append((name, len(call())))
    sheet = render([face], TAIPEI, created=NOW)
    print(row("a finished sheet put on A4", _cpu(lambda: on_paper(sheet, "a4"), 50), ours))
    faces = [_face(place) for place in range(MANY)]
    taken = _cpu(lambda: render(faces, TAIPEI, created=NOW, paper="a4-four"), 1, 0)
    print(row(f"{MANY:,} cards in one file", taken))
    print(f"  sheets a second, warm: {1000 / ours.median:.0f} one by one, {MANY / taken.median * 1000:.0f} in one file")
    print("  bytes of one sheet: " + ", ".join(f"{name} {size:,}" for name, size in sizes))
    _codes()


def _cpu(call: Callable[[], object], runs: int, warm: int = 1) -> Times:
    """Processor time of `call`, so that a neighbour on the machine does not count."""
    for _ in range(warm):
        call()
    taken = []
    for _ in range(runs):
        begun = time.process_time()
        call()
        taken.append((time.process_time() - begun) * 1000)
    taken.sort()
    return Times(statistics.median(taken), taken[min(len(taken) - 1, int(0.95 * len(taken)))], runs)


def _face(place: int) -> CardFace:
    text = signing.sign(
        "HTTPS://HC.TAIPEI/", signing.new_lookup(), 100_000 + place, signing.new_secret(), date(2029, 11, 21), 1, _KEY
    )
    return CardFace(
        _NAMES[place % len(_NAMES)], f"115{place:05d}", date(2029, 11, 21), date(1958, 8, 16), "A223456781",
        _PORTRAITS[place % len(_PORTRAITS)], text,
    )  # fmt: skip


_PORTRAITS = [drawn_portrait(seed) for seed in range(5)]


def _words(face: CardFace) -> list[tuple[Words, float]]:
    """What is set, with how far down each face begins."""
    form = FORMS[TAIPEI.orientation]
    front, back = sheet_faces.front(face, TAIPEI), sheet_faces.back(face, TAIPEI)
    return [*((word, 0.0) for word in front), *((word, form.back_at[1]) for word in back)]


def _plain_fpdf(face: CardFace) -> bytes:
    from fpdf import FPDF

    form = FORMS[TAIPEI.orientation]
    pdf = FPDF(unit="mm", format=form.sheet)
    pdf.set_auto_page_break(False)
    pdf.add_font("kai", fname=KAI)
    pdf.add_page()
    pdf.image(BytesIO(print_jpeg(face.photo, 280, 350)), *form.photo)
    for word, down in _words(face):
        pdf.set_font("kai", size=word.size * MM)
        pdf.text(word.x, word.y + down, word.text)
    matrix = qr_matrix(face.qr_text)
    module = QR_MM / (len(matrix) + 8)
    for y, line in enumerate(matrix):
        for x, dark in enumerate(line):
            if dark:
                at = form.qr[0] + (x + 4) * module, form.qr[1] + (y + 4) * module
                pdf.rect(*at, module, module, style="F")
    return bytes(pdf.output())


def _plain_reportlab(face: CardFace) -> bytes:
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    form = FORMS[TAIPEI.orientation]
    width, height = form.sheet
    pdfmetrics.registerFont(TTFont("kai", str(KAI)))
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width * MM, height * MM))
    x, y, wide, tall = form.photo
    photo = ImageReader(BytesIO(print_jpeg(face.photo, 280, 350)))
    canvas.drawImage(photo, x * MM, (height - y - tall) * MM, wide * MM, tall * MM)
    for word, down in _words(face):
        canvas.setFont("kai", word.size * MM)
        canvas.drawString(word.x * MM, (height - word.y - down) * MM, word.text)
    matrix = qr_matrix(face.qr_text)
    module = QR_MM / (len(matrix) + 8)
    for line_at, line in enumerate(matrix):
        for place, dark in enumerate(line):
            if dark:
                left, top = form.qr[0] + (place + 4) * module, form.qr[1] + (line_at + 5) * module
                canvas.rect(left * MM, (height - top) * MM, module * MM, module * MM, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


# --- the code ---


def _codes() -> None:
    print(
        "\n## Code\n| what | characters | level | version | modules | mm a module at 30 mm |\n|---|---|---|---|---|---|"
    )
    card = _face(0).qr_text
    rows = [("ours: address, secret, signature; opens name and photo", len(card), "M", len(qr_matrix(card)))]
    rows.append(_coded("EU vaccination certificate", _certificate(), ERROR_CORRECT_Q))
    for size in (300, 600, 1_000):
        rows.append(_coded(f"name and a face of {size} bytes in the code", _with_face(size), ERROR_CORRECT_M))
    for name, length, level, modules in rows:
        version = (modules - 17) // 4
        print(f"| {name} | {length} | {level} | {version} | {modules} | {30 / (modules + 8):.2f} |")


def _coded(name: str, text: str, level: int) -> tuple[str, int, str, int]:
    symbol = qrcode.QRCode(error_correction=level, border=0, mask_pattern=3)
    symbol.add_data(text)
    symbol.make(fit=True)
    return name, len(text), "Q" if level == ERROR_CORRECT_Q else "M", len(symbol.get_matrix())


def _signed(claims: dict[int, object]) -> bytes:
    """COSE_Sign1 with a kid of eight bytes; the signature is 64 bytes that nothing compresses."""
    protected = cbor2.dumps({1: -7, 4: secrets.token_bytes(8)})
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, cbor2.dumps(claims), secrets.token_bytes(64)]))


def _certificate() -> str:
    """One dose of a vaccination, in the EU's own field names (ehn-dcc-schema 1.3)."""
    dose = {
        "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2, "dt": "2021-06-11",
        "co": "AT", "is": "Ministry of Health, Austria", "ci": "URN:UVCI:01:AT:10807843F94AEE0EE5093FBC254BD813#B",
    }  # fmt: skip
    name = {"fn": "Musterfrau-Gößinger", "fnt": "MUSTERFRAU<GOESSINGER", "gn": "Gabriele", "gnt": "GABRIELE"}
    claims = {
        1: "AT",
        4: 1_624_458_597,
        6: 1_623_853_797,
        -260: {1: {"v": [dose], "nam": name, "dob": "1998-02-26", "ver": "1.3.0"}},
    }
    return "HC1:" + _base45(zlib.compress(_signed(claims), 9))


def _with_face(size: int) -> str:
    picture = Image.open(BytesIO(drawn_portrait(1)))
    face = b""
    for width in range(40, 240, 4):  # the largest that fits, as an issuer would choose
        small, out = picture.resize((width, width * 5 // 4)), BytesIO()
        small.save(out, "WEBP", quality=30, method=6)
        if out.tell() > size:
            break
        face = out.getvalue()
    face += bytes(secrets.token_bytes(size - len(face)))  # to exactly the size, so that figures compare
    return _base45(_signed({1: "TPE", 4: 1_890_000_000, 169: {1: "11500001", 4: "林秀琴", 16: face}}))


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def _base45(data: bytes) -> str:
    """RFC 9285."""
    out = []
    for at in range(0, len(data) - 1, 2):
        number = data[at] * 256 + data[at + 1]
        out += [number % 45, number // 45 % 45, number // 2025]
    if len(data) % 2:
        out += [data[-1] % 45, data[-1] // 45]
    return "".join(_ALPHABET[digit] for digit in out)
