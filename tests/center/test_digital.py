"""The holder's digital card: the same code, large, for whoever was given the address and for nobody else (R48)."""

from __future__ import annotations

import base64
import re
import subprocess
from datetime import date, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from center import card_secrets, digital_address, ending, keyring, packing
from center.store import cards
from honorcard.card import pack, verdict
from tests.center.asking import PAPERS, passed_on


def card_of(world, number):
    with world.store.read() as conn:
        return cards.find(conn, number)


def address_of(world, number):
    return digital_address.path(world.settings, card_of(world, number))


def code_at(world, address) -> str:
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(world.browser().get(f"{address}/code.png").data)))
    return found.text


def test_the_page_shows_the_very_code_of_the_card_with_name_photo_number_and_last_day(world):
    number = world.issued(email="lin@example.org")
    address = address_of(world, number)
    answer = world.browser().get(address)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for said in ("林秀琴", "118.11.21", "21 November 2029", number, "調到最亮", "Turn the brightness up"):
        assert said in page
    assert code_at(world, address) == digital_address.qr_text(world.settings, card_of(world, number))
    assert code_at(world, address).startswith("HTTPS://HC.TAIPEI/")
    assert world.browser().get(f"{address}/photo.jpg").headers["Content-Type"] == "image/jpeg"
    said = re.sub(r"<(svg|style).*?</\1>", "", page, flags=re.S).replace(address, "")
    for kept_back in ("A223456781", "047.08.16", "1958", "北門", "lin@example.org", "HC-7K3M", "0012345"):
        assert kept_back not in said


def test_it_works_without_a_script_is_cached_nowhere_and_sets_no_cookie(world):
    address = address_of(world, world.issued())
    for path in (address, f"{address}/photo.jpg", f"{address}/code.png", "/my/" + "A" * 32):
        headers = world.browser().get(path).headers
        assert "script-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers
    page = world.browser().get(address).get_data(as_text=True)
    assert "<script" not in page and "style=" not in page


def test_neither_the_number_nor_the_cards_own_code_leads_to_it(world):
    number = world.issued()
    card = card_of(world, number)
    lookup, secret = card_secrets.unbox(world.settings, card.seq, card.secret_box)
    token = address_of(world, number).rsplit("/", 1)[1]
    raw = base64.b32decode(token)
    assert lookup not in token and secret not in raw
    guesses = [raw[:4] + bytes(16), raw[:4] + secret, bytes(20), *(flipped(raw, bit) for bit in range(0, 160, 7))]
    never = world.browser().get("/my/" + "A" * 32)
    for guess in guesses:
        answer = world.browser().get("/my/" + base64.b32encode(guess).decode())
        assert (answer.status_code, answer.data) == (404, never.data)


def flipped(raw: bytes, bit: int) -> bytes:
    return bytes(byte ^ (1 << bit % 8 if place == bit // 8 else 0) for place, byte in enumerate(raw))


@pytest.mark.parametrize("what", ["revoked", "suspended", "expired"])
@pytest.mark.parametrize("path", ["", "/photo.jpg", "/code.png"])
def test_of_a_card_that_is_not_good_nothing_is_shown(world, what, path):
    number = world.issued()
    address = address_of(world, number)
    if what == "expired":
        world.at(world.now + timedelta(days=3 * 366))
    else:
        ending.end_card(world.store, world.settings, number, what, "x", world.people["admin"], now=world.now)
    gone, never = (world.browser().get(f"{one}{path}") for one in (address, "/my/" + "A" * 32))
    assert (gone.status_code, gone.data) == (never.status_code, never.data)
    assert gone.status_code == 404


def test_an_address_that_asks_without_end_is_told_to_wait(world):
    address = address_of(world, world.issued())
    browser = world.browser()
    answers = [browser.get(address).status_code for _ in range(40)]
    assert (answers[0], answers[-1]) == (200, 429)
    assert browser.get(f"{address}/code.png").status_code == 404
    assert "林秀琴" not in browser.get(address).get_data(as_text=True)


def test_it_names_places_that_take_the_digital_card_and_counts_those_that_want_paper(world):
    add = {"city": "臺北市", "kind": "culture_education", "note": ""}
    admin = world.browser("admin")
    for code, name, form in (("V1", "天文館", "both"), ("V2", "故宮", "paper"), ("V3", "動物園", "unknown")):
        admin.send("/venues/list", code=code, name=name, accepted_form=form, **add)
    page = world.browser().get(address_of(world, world.issued())).get_data(as_text=True)
    assert "天文館" in page and "故宮" not in page
    assert "2 個場所只收紙本或沒有註明" in page


def test_who_prints_the_card_hands_out_the_address_and_it_is_written_down(world):
    number = world.issued()
    officer = world.browser("officer")
    assert officer.get(f"/cards/{number}/digital.png").status_code == 404, "not before it was asked for"
    page = officer.send(f"/cards/{number}/digital").get_data(as_text=True)
    assert f'href="{address_of(world, number)}"' in page
    picture = officer.get(f"/cards/{number}/digital.png")
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(picture.data)))
    assert found.text == "https://hc.taipei" + address_of(world, number)
    assert found.text == digital_address.address(world.settings, card_of(world, number))
    event = world.case(card_of(world, number).application_id).history[-1]
    assert event.move == "digital_given"
    assert world.browser("stranger").send(f"/cards/{number}/digital").status_code == 404
    world.browser("admin").send(f"/cards/{number}/suspend", text="查證中")
    assert officer.send(f"/cards/{number}/digital").status_code == 409


def test_the_address_and_the_code_are_in_no_log(world, caplog):
    caplog.set_level("DEBUG")
    address = address_of(world, world.issued())
    text = code_at(world, address)
    world.browser().get(address)
    assert address not in caplog.text and text not in caplog.text and "林秀琴" not in caplog.text


@pytest.mark.parametrize(
    ("paper", "size"), [("", "297.638 419.528"), ("a4", "595.276 841.89"), ("two-pages", "255.118 170.079")]
)
def test_the_sheet_comes_on_the_paper_that_is_asked_for(world, paper, size):
    number = world.issued()
    content = world.browser("officer").get(f"/cards/{number}/sheet.pdf?paper={paper}").data
    assert f"[0 0 {size}]".encode() in content.rpartition(b"/CropBox")[2]


# --- again, and anew ---


def judged(world, text):
    packing.keep_fresh(world.store, world.settings, now=world.now)
    trust = keyring.trust(world.settings)
    opened = pack.Pack.open(world.settings.pack_dir, trust)
    return verdict.decide(text, trust, opened, verdict.Interval(world.now, world.now))


def code_of(sheet: bytes, folder) -> str:
    (folder / "sheet.pdf").write_bytes(sheet)
    subprocess.run(["pdftoppm", "-r", "200", "-png", "-singlefile", folder / "sheet.pdf", folder / "sheet"], check=True)
    [found] = zxingcpp.read_barcodes(Image.open(folder / "sheet.png"))
    return found.text


def test_printed_again_it_is_the_same_card_and_corrected_it_is_a_new_one_and_the_old_code_is_dead(world, tmp_path):
    """R39, C42, C43: over the center's own pages, from the paper to the gate's verdict."""
    number = world.issued()
    officer = world.browser("officer")
    first = officer.get(f"/cards/{number}/sheet.pdf").data
    again = officer.send(f"/cards/{number}/reprint", reason="lost", paper="folded").data
    on_a4 = officer.send(f"/cards/{number}/reprint", reason="spoiled", paper="a4").data
    old, old_address = code_of(first, tmp_path), address_of(world, number)
    assert again == first and on_a4 != first
    assert code_of(on_a4, tmp_path) == old == code_at(world, old_address)
    assert judged(world, old).code == "valid"
    assert "卡片弄丟了" in officer.get(f"/cards/{number}").get_data(as_text=True)

    until = card_of(world, number).valid_until
    world.at(world.now + timedelta(days=40))
    officer, second = world.browser("officer"), world.browser("second")  # the sessions of then are over
    application_id = passed_on(world, "birth_date", papers=(*PAPERS, "document"), birth_date=date(1958, 8, 17))
    assert second.decide(application_id, "approve").status_code in (200, 303)
    assert card_of(world, number).edition == 2
    assert (card_of(world, number).number, card_of(world, number).valid_until) == (number, until)
    new = code_of(officer.get(f"/cards/{number}/sheet.pdf").data, tmp_path)
    assert new != old and new == code_at(world, address_of(world, number))
    assert [judged(world, text).code for text in (old, new)] == ["revoked_or_replaced", "valid"]
    assert world.browser().get(old_address).status_code == 404
    assert world.browser().get("/" + old.split("/")[3].split("#")[0]).status_code == 404
