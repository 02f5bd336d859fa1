"""`honorcard verify|samples|card|keys|pack` as a script outside meets them."""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from commands import card, issuing
from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.portrait import drawn_portrait
from honorcard.card.token import TAIPEI

CROP = ["-r", "150", "-x", "30", "-y", "70", "-W", "560", "-H", "380"]  # the front face and some paper round it
CODES = {
    "valid": ("green", "valid"),
    "last_day": ("green", "valid"),
    "expired": ("red", "expired"),
    "suspended": ("red", "suspended"),
    "revoked": ("red", "revoked_or_replaced"),
    "replaced": ("red", "revoked_or_replaced"),
    "newer_than_list": ("amber", "newer_than_list"),
    "beyond_cap": ("red", "suspected_forgery"),
    "forged": ("red", "bad_signature"),
    "tampered": ("red", "bad_signature"),
    "foreign": ("red", "foreign"),
    "withdrawn_key_listed": ("green", "valid"),
    "withdrawn_key_unlisted": ("red", "key_withdrawn"),
    "practice": ("amber", "practice"),
}


def run(*arguments: str, capsys) -> tuple[int, list[dict]]:
    """Exit status and the JSON lines printed."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    card.add(commands)
    issuing.add(commands)
    args = parser.parse_args([str(argument) for argument in arguments])
    status = args.run(args)
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def lists_of(samples: Path) -> tuple:
    return ("--pack", samples / "pack", "--trust", samples / "trust.json")


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    card.add(commands)
    issuing.add(commands)
    args = parser.parse_args(["samples", str(folder)])
    assert args.run(args) == 0
    for pdf in folder.glob("*.pdf"):
        subprocess.run(["pdftoppm", *CROP, "-png", "-singlefile", pdf, pdf.with_suffix("")], check=True)
    return folder


def test_samples_hold_every_kind_and_say_the_right_answers(samples: Path):
    answers = {row["file"]: (row["verdict"], row["code"]) for row in json.loads((samples / "answers.json").read_text())}
    assert {path.name for path in samples.glob("*.pdf")} == set(answers)
    for name, expected in CODES.items():
        assert answers[f"{name}.pdf"] == expected
    assert not list(samples.rglob("*.pem"))


def test_every_sheet_bears_one_code_in_address_form(samples: Path):
    for picture in samples.glob("*.png"):
        [found] = zxingcpp.read_barcodes(Image.open(picture))
        assert re.fullmatch(r"HTTPS://[A-Z.]+/[A-Z2-7]{16}#[0-9]{265,275}", found.text)


def test_verify_answers_the_printed_samples_as_promised(samples: Path, capsys):
    answers = json.loads((samples / "answers.json").read_text())
    pictures = [str(samples / row["file"].replace(".pdf", ".png")) for row in answers]
    status, lines = run(
        "verify", "--pack", samples / "pack", "--trust", samples / "trust.json", *pictures, capsys=capsys
    )
    assert status == 0
    assert [line["file"] for line in lines] == pictures
    for line, row in zip(lines, answers, strict=True):
        assert (line["verdict"], line["code"]) == (row["verdict"], row["code"])
        assert set(line) == {"file", "verdict", "code", "name", "valid_until", "photo"}
        assert line["photo"] == (line["verdict"] == "green")
        assert (line["name"] is None) == (line["verdict"] != "green" and line["code"] != "photo_missing")


def text_of(samples: Path, name: str) -> str:
    [found] = zxingcpp.read_barcodes(Image.open(samples / f"{name}.png"))
    return found.text


def test_verify_takes_a_text_and_a_time(samples: Path, capsys):
    text = text_of(samples, "last_day")
    common = ("verify", *lists_of(samples), "--text", text)
    today = datetime.now(TAIPEI).date()
    for at, code in [
        (f"{today}T00:00:00+08:00", "valid"),
        (f"{today}T23:59:59", "valid"),
        (f"{today}T15:59:59Z", "valid"),
        (f"{today}T16:00:00Z", "expired"),
        (f"{today + timedelta(days=1)}", "expired"),
    ]:
        status, [line] = run(*common, "--at", at, capsys=capsys)
        assert (status, line["code"], line["file"]) == (0, code, None), at
        assert line["valid_until"] == today.isoformat()
    status, [line] = run(
        *common[:-1], text_of(samples, "valid"), "--at", f"{today + timedelta(days=32)}", capsys=capsys
    )
    assert (line["verdict"], line["code"]) == ("amber", "list_stale")


def test_a_picture_without_a_code_and_a_broken_file_do_not_stop_the_others(samples: Path, tmp_path: Path, capsys):
    Image.new("RGB", (300, 300), "white").save(tmp_path / "blank.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    files = [tmp_path / "blank.png", tmp_path / "broken.png", tmp_path / "absent.png", samples / "valid.png"]
    status, lines = run("verify", *lists_of(samples), *files, capsys=capsys)
    assert status == 1
    assert lines[0] == {"file": str(files[0]), "error": "no_code"}
    assert [set(line) for line in lines[1:3]] == [{"file", "error"}] * 2
    assert lines[3]["code"] == "valid"


def test_a_pack_or_trust_that_is_not_ours_is_an_error(samples: Path, tmp_path: Path, capsys):
    KeyRing.create(tmp_path / "keys", at=datetime.now(TAIPEI))
    text = text_of(samples, "valid")
    other = tmp_path / "keys" / "trust.json"
    status, [line] = run("verify", "--pack", samples / "pack", "--trust", other, "--text", text, capsys=capsys)
    assert (status, line["error"]) == (1, "pack_unsigned")
    missing = tmp_path / "none.json"
    status, [line] = run("verify", "--pack", samples / "pack", "--trust", missing, "--text", text, capsys=capsys)
    assert (status, line["error"]) == (1, "trust_unreadable")


def test_the_command_runs_as_a_program(samples: Path):
    done = subprocess.run(
        [sys.executable, "cli.py", "pack", "check", samples / "pack", "--trust", samples / "trust.json"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["damaged"] == []


def card_of(tmp_path: Path) -> dict:
    KeyRing.create(tmp_path / "keys", at=datetime(2026, 1, 1, tzinfo=TAIPEI))
    kid, key = KeyRing.open(tmp_path / "keys").card_key(100_000)
    prefix = KeyRing.open(tmp_path / "keys").trust.prefix
    text = signing.sign(prefix, signing.new_lookup(), 100_000, bytes(16), date(2029, 11, 20), kid, key)
    (tmp_path / "photo.jpg").write_bytes(drawn_portrait(1))
    return {
        "name": "王𡍼名",
        "number": "11500001",
        "valid_until": "2029-11-20",
        "birth_date": "1953-03-30",
        "identity_number": "A123456789",
        "photo": "photo.jpg",
        "qr_text": text,
    }


def test_card_makes_a_sheet_from_a_file_and_from_standard_input(tmp_path: Path, capsys, monkeypatch):
    card = card_of(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps(card))
    out = tmp_path / "card.pdf"
    status, [line] = run("card", "--out", out, tmp_path / "card.json", capsys=capsys)
    assert (status, line["cards"]) == (0, 1)
    words = subprocess.run(["pdftotext", out, "-"], capture_output=True, text=True, check=True).stdout
    assert "042年03月30日" in words and "王𡍼名" in words
    inline = {**card, "photo_base64": base64.b64encode(drawn_portrait(2)).decode()}
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps([inline, inline]).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    made = ("--created", "2026-11-21", "--paper", "card")
    status, [line] = run("card", "--out", out, *made, capsys=capsys)
    assert (status, line["cards"]) == (0, 2)


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", "", "card_data"),
        ("name", "王\ue123", "glyph_missing"),
        ("valid_until", "118.11.20", "card_data"),
        ("photo", "absent.jpg", "card_data"),
        ("photo", "card.json", "photo_unreadable"),
        ("practice", "yes", "card_data"),
        ("qr_text", None, "card_data"),
    ],
)
def test_card_names_what_is_wrong_and_writes_nothing(tmp_path: Path, capsys, field, value, error):
    (tmp_path / "card.json").write_text(json.dumps({**card_of(tmp_path), field: value}))
    out = tmp_path / "card.pdf"
    status, [line] = run("card", "--out", out, tmp_path / "card.json", capsys=capsys)
    assert (status, line["error"]) == (1, error)
    assert not out.exists()


def test_keys_are_made_listed_rotated_and_withdrawn(tmp_path: Path, capsys):
    folder = tmp_path / "keys"
    status, made = run("keys", "create", folder, "--prefix", "HTTPS://CARD.EXAMPLE/", capsys=capsys)
    assert (status, [key["use"] for key in made]) == (0, ["card", "pack", "practice", "sealing"])
    status, [line] = run("keys", "create", folder, capsys=capsys)
    assert (status, line["error"]) == (1, "keys_exist")
    status, [new] = run("keys", "rotate", folder, "--use", "card", "--first-seq", "105000", capsys=capsys)
    assert (status, new["seq_min"]) == (0, 105_000)
    assert run("keys", "rotate", folder, "--use", "pack", "--first-seq", "9", capsys=capsys)[0] == 2
    status, [gone] = run("keys", "withdraw", folder, "--kid", "1", capsys=capsys)
    assert (status, gone["withdrawn"], gone["seq_max"]) == (0, True, 104_999)
    status, listed = run("keys", "list", folder, capsys=capsys)
    assert [(key["kid"], key["withdrawn"]) for key in listed] == [
        (1, True),
        (2, False),
        (3, False),
        (4, False),
        (5, False),
    ]
    status, [line] = run("keys", "create", tmp_path / "b", "--prefix", "https://lower.example/", capsys=capsys)
    assert (status, line["error"]) == (1, "card_data")


def test_a_pack_built_from_lines_verifies_the_card_and_shows_damage(tmp_path: Path, capsys):
    card = card_of(tmp_path)
    row = {"seq": 100_000, "secret": "00" * 16, "name": "王𡍼名", "valid_until": "2029-11-20", "photo": "photo.jpg"}
    (tmp_path / "cards.jsonl").write_text(json.dumps(row) + "\n\n")
    building = ("pack", "build", tmp_path / "pack", "--keys", tmp_path / "keys", "--cards", tmp_path / "cards.jsonl")
    numbers = ("--version", "3", "--max-seq", "100000", "--as-of", "2026-11-21")
    status, [line] = run(*building, *numbers, capsys=capsys)
    assert (status, line["version"], line["records"]) == (0, 3, 1_024)
    trust = tmp_path / "keys" / "trust.json"
    common = ("verify", "--pack", tmp_path / "pack", "--trust", trust, "--at", "2026-11-22", "--text", card["qr_text"])
    assert run(*common, capsys=capsys)[1][0]["code"] == "valid"
    checking = ("pack", "check", tmp_path / "pack", "--trust", trust)
    assert run(*checking, "--high-water", "4", capsys=capsys)[1][0]["error"] == "pack_rolled_back"
    for bucket in (tmp_path / "pack" / "buckets").iterdir():
        bucket.write_bytes(b"\0" + bucket.read_bytes()[1:])
    status, [line] = run(*checking, capsys=capsys)
    assert status == 1 and line["damaged"]
    assert run(*common, capsys=capsys)[1][0]["code"] == "list_damaged"
    for wrong in ({"seq": 100_001}, {"secret": "00"}, {"status": "gone"}, {"seq": "1"}):
        (tmp_path / "cards.jsonl").write_text(json.dumps({**row, **wrong}))
        status, [line] = run(*building, *numbers, capsys=capsys)
        assert (status, line["error"]) == (1, "card_data"), wrong


def test_the_same_portrait_number_draws_the_same_person():
    assert drawn_portrait(3) == drawn_portrait(3) != drawn_portrait(4)
