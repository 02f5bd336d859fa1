"""What a phone on the kiosk's Wi-Fi gets: the manifest, the strip that says when the line is gone, scripts made small."""

from __future__ import annotations

import gzip

import pytest

from tests.kiosk.scene import build
from web.assets import STATIC


@pytest.mark.parametrize(
    ("profile", "there"), [("hosted", True), ("training", True), ("staff", False), ("public", False)]
)
def test_the_strip_and_the_manifest_are_for_pages_shown_elsewhere(tmp_path, profile, there):
    text = build(tmp_path, profile=profile).client().get("/").text
    assert ("data-line=" in text, 'rel="manifest"' in text) == (there, there)


def test_the_manifest_makes_it_an_app(tmp_path):
    client = build(tmp_path, profile="hosted").client(unlocked=False)
    told = client.get("/manifest.webmanifest")
    assert told.mimetype == "application/manifest+json"
    assert (told.json["display"], told.json["start_url"]) == ("standalone", "/")
    assert all(client.get(icon["src"]).status_code == 200 for icon in told.json["icons"])


def test_scripts_go_packed_to_whoever_can_unpack_them(tmp_path):
    client = build(tmp_path).client(unlocked=False)
    plain = client.get("/static/css/base.css")
    packed = client.get("/static/css/base.css", headers={"Accept-Encoding": "gzip"})
    assert plain.data == (STATIC / "css/base.css").read_bytes()
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    reader = client.get("/static/vendor/zxing_reader.wasm", headers={"Accept-Encoding": "gzip"})
    assert (reader.mimetype, reader.headers["Content-Encoding"]) == ("application/wasm", "gzip")
    assert len(reader.data) < 500_000
    page = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers  # it holds a token
