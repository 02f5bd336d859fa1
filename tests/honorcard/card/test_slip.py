"""The slip and the sealed sheet."""

from __future__ import annotations

import hmac
import subprocess
from datetime import date, datetime

import pytest
import zxingcpp
from PIL import Image

from honorcard.card.receipt import new_receipt
from honorcard.card.slip import (
    Slip,
    new_slip_secret,
    open_sheet,
    read_slip,
    render_slip,
    seal_sheet,
    sheet_index,
    slip_text,
)
from honorcard.card.token import TokenError, parse
from honorcard.problems import ProblemError

BORN = date(1953, 3, 30)


def test_the_code_of_a_slip_reads_back():
    for _ in range(50):
        receipt, secret = new_receipt(), new_slip_secret()
        assert read_slip(slip_text(receipt, secret)) == (receipt, secret)


def test_any_other_text_is_no_slip():
    text = slip_text("HC-7K3M-22QF", bytes(16))
    assert text == "HCS1:7K3M22QF:" + "A" * 26
    for other in (
        "",
        text.lower(),
        text + "\n",
        text[:-1],
        text[:-1] + "B",
        text.replace("22QF", "22QX"),
        "HCS2" + text[4:],
    ):
        with pytest.raises(ProblemError, match="slip_unreadable"):
            read_slip(other)
    with pytest.raises(TokenError) as caught:
        parse(text)
    assert caught.value.code == "not_a_card"


def test_a_sheet_opens_with_the_slip_and_the_birth_date_only():
    secret = new_slip_secret()
    sealed = seal_sheet(secret, BORN, b"%PDF-1.3 sheet")
    assert open_sheet(secret, BORN, sealed.blob) == b"%PDF-1.3 sheet"
    assert sealed.idx == sheet_index(secret, BORN)
    assert b"%PDF-1.3" not in sealed.blob
    for wrong_secret, wrong_day in ((secret, date(1953, 3, 31)), (new_slip_secret(), BORN)):
        with pytest.raises(ProblemError, match="slip_does_not_open"):
            open_sheet(wrong_secret, wrong_day, sealed.blob)
    for broken in (b"", sealed.blob[:-1], sealed.blob[:5], bytes(60)):
        with pytest.raises(ProblemError, match="slip_does_not_open"):
            open_sheet(secret, BORN, broken)
    assert seal_sheet(secret, BORN, b"%PDF-1.3 sheet").blob != sealed.blob


def test_the_derivation_is_as_designed():
    secret = bytes(range(16))
    prk = hmac.new(b"VHC/slip", secret + b"19530330", "sha256").digest()
    assert sheet_index(secret, BORN) == hmac.new(prk, b"idx\x01", "sha256").digest()[:16]


def slip(**more) -> Slip:
    fields = {
        "receipt": "HC-7K3M-22QF",
        "secret": bytes(range(16)),
        "masked_name": "林○琴",
        "received": datetime(2026, 11, 21, 10, 44),
        "station": "花博爭艷館 2 號機",
    }
    return Slip(**{**fields, **more})


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_printed_slip_bears_number_name_time_station_and_a_code_that_reads(tmp_path, language):
    path = tmp_path / "slip.pdf"
    path.write_bytes(render_slip(slip(), language, created=datetime(2026, 11, 21)))
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    expected = [
        "HC-7K3M-22QF",
        "林○琴",
        "花博爭艷館 2 號機",
        "115.11.21 10:44" if language == "zh" else "2026-11-21 10:44",
    ]
    for piece in expected:
        assert piece in text
    subprocess.run(["pdftoppm", "-r", "200", "-png", path, tmp_path / "slip"], check=True)
    [page] = tmp_path.glob("slip*.png")
    [found] = zxingcpp.read_barcodes(Image.open(page))
    assert read_slip(found.text) == ("HC-7K3M-22QF", bytes(range(16)))


def test_a_slip_whose_secret_is_lost_has_no_code_and_says_whom_to_ask(tmp_path):
    path = tmp_path / "slip.pdf"
    path.write_bytes(render_slip(slip(secret=None), "zh", created=datetime(2026, 11, 21)))
    text = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "告訴工作人員" in "".join(text.split())
    subprocess.run(["pdftoppm", "-r", "150", "-png", path, tmp_path / "slip"], check=True)
    [page] = tmp_path.glob("slip*.png")
    assert not zxingcpp.read_barcodes(Image.open(page))


def test_the_same_slip_gives_the_same_bytes():
    made = datetime(2026, 11, 21)
    assert render_slip(slip(), "zh", created=made) == render_slip(slip(), "zh", created=made)
