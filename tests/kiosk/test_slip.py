"""The slip after submit, with its QR while the secret is in memory."""

from __future__ import annotations

import io
import subprocess

import numpy as np
import pytest
from PIL import Image

from honorcard.card.slip import new_slip_secret, read_slip
from kiosk import slips
from scanner import qr
from tests.kiosk.scene import build

RECEIPT = "HC-7K3M-29Q"


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


@pytest.fixture
def submitted(scene):
    application = scene.submit("李○明", photos=2)
    with scene.store.read() as db:
        receipt = db.conn.execute("SELECT receipt FROM application").fetchone()[0]
    return application, receipt


def text_of(pdf, tmp_path):
    path = tmp_path / "slip.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()


def test_the_slip_shows_number_masked_name_station_time_and_qr(scene, submitted):
    application, receipt = submitted
    secret = new_slip_secret()
    slips.remember(application, receipt, secret)
    client = scene.client()
    text = client.get(f"/slip/{application}").text
    at = f"/slip/{application}"
    for said in (receipt, "李○明", "花博爭艷館 1 號機", "115.11.21 09:42", f"{at}/qr.png", f"{at}.pdf"):
        assert said in text
    picture = client.get(f"/slip/{application}/qr.png")
    assert picture.mimetype == "image/png"
    assert "no-store" in picture.headers["Cache-Control"]
    grey = np.asarray(Image.open(io.BytesIO(picture.data)).convert("L"))
    (said,) = qr.decode(grey)
    assert read_slip(said) == (receipt, secret)
    assert secret.hex() not in text


def test_an_open_slip_asks_until_the_application_has_arrived(scene, submitted):
    application, _ = submitted
    client, asks = scene.client(), f'hx-get="/slip/{application}"'
    assert asks in client.get(f"/slip/{application}").text
    scene.accept(application, photos_stored=1)
    assert asks in client.get(f"/slip/{application}").text, "a photograph is still here"
    scene.accept(application, "first_review")
    text = client.get(f"/slip/{application}", headers={"HX-Request": "true", "X-Poll": "1"}).text
    assert "已經送到" in text and 'id="slip-sent"' in text and asks not in text


def test_the_slip_on_paper_bears_the_same_number_and_no_full_name(scene, submitted, tmp_path):
    application, receipt = submitted
    slips.remember(application, receipt, new_slip_secret())
    answer = scene.client().get(f"/slip/{application}.pdf")
    assert answer.mimetype == "application/pdf"
    text = text_of(answer.data, tmp_path)
    assert receipt in text
    assert "李○明" in text


def test_once_the_secret_is_gone_the_slip_says_who_prints_the_card(scene, submitted, tmp_path):
    application, receipt = submitted
    slips.forget(application)
    client = scene.client()
    text = client.get(f"/slip/{application}").text
    assert "請工作人員幫您列印" in text
    assert "qr.png" not in text
    assert client.get(f"/slip/{application}/qr.png").status_code == 404
    assert receipt in text_of(client.get(f"/slip/{application}.pdf").data, tmp_path)


def test_a_secret_is_forgotten_after_half_an_hour():
    ticks = [0.0]
    held = slips.Slips(1800, lambda: ticks[0])
    held.remember("a", RECEIPT, b"s" * 16)
    ticks[0] = 1800
    assert held.recall("a") == b"s" * 16
    ticks[0] = 1801
    assert held.recall("a") is None


def test_no_slip_for_an_application_that_is_not_here(scene):
    client = scene.client()
    for path in ("/slip/nobody", "/slip/nobody.pdf", "/slip/nobody/qr.png"):
        assert client.get(path).status_code == 404
