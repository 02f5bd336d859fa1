"""Style sheets that go together as one file: what they hold, how they are kept, and that nothing else can be asked for this way."""

from __future__ import annotations

import gzip
import re

import pytest

from tests.kiosk.scene import build
from web.assets import STATIC, sheets_url


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return build(tmp_path_factory.mktemp("kiosk")).client(unlocked=False)


def joined(*names: str) -> bytes:
    return b"\n".join((STATIC / "css" / f"{name}.css").read_bytes() for name in names)


def test_a_page_waits_for_one_style_sheet(client):
    links = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)
    assert len(links) == 1
    answer = client.get(links[0])
    assert answer.mimetype == "text/css"
    assert answer.data.startswith((STATIC / "css" / "tokens.css").read_bytes())


def test_it_holds_them_in_their_order_packed_for_whoever_can_unpack(client):
    url = sheets_url(["tokens", "base", "station"])
    plain, packed = client.get(url), client.get(url, headers={"Accept-Encoding": "gzip, br"})
    assert plain.data == joined("tokens", "base", "station")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert sheets_url(["base", "tokens"]) != sheets_url(["tokens", "base"])


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "tokens+nothing",
        "..%2Ftokens",
        "tokens+..",
        "",
        "tokens+",
        "+".join(["base"] * 41),
        "TOKENS",
        "tokens.css+base",
    ],
)
def test_what_is_no_style_sheet_is_not_found(client, name):
    assert client.get(f"/static/sheets/{name}.css").status_code == 404


def test_a_named_content_is_kept_for_good_and_another_until_a_new_version_may_have_come(client):
    def age(path: str) -> int:
        return client.get(path).cache_control.max_age

    assert age(sheets_url(["tokens"])) == age("/static/js/display.js?v=1") == 365 * 86400
    assert age("/static/js/camera-auto.js") == age("/static/sheets/tokens.css") == 600
