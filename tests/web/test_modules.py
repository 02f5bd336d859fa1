"""What a page asks for beside a module: all that this one imports at once, so that no camera waits for one after the other."""

from __future__ import annotations

import re

import pytest

from tests.kiosk.applying import Applicant
from tests.kiosk.scene import build
from web.assets import STATIC, modules_of

_NAMED = re.compile(r'<link rel="modulepreload" href="(/static/[^"?]+)">')


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    applicant = Applicant(build(tmp_path_factory.mktemp("kiosk")))
    applicant.identify()
    return applicant


def test_a_camera_names_all_its_modules_beforehand_and_each_is_there(begun):
    for path, script in ((begun.url("take/cover"), "js/camera.js"), ("/verify", "js/scan.js")):
        named = _NAMED.findall(begun.client.get(path).text)
        assert tuple(named) == modules_of(script)
        assert named and len(set(named)) == len(named)
        for address in named:
            assert begun.client.get(address).mimetype == "text/javascript"


def test_a_module_names_what_its_own_imports_import_and_nothing_twice():
    found = modules_of("js/camera.js")
    for address in found:
        name = address.removeprefix("/static/")
        assert set(modules_of(name)) <= set(found)
        assert (STATIC / name).is_file()
    assert "/static/js/pinpad.js" in found  # camera.js imports unlock-here.js, and that imports this


def test_what_judges_frames_waits_for_the_first_of_them():
    heavy = {
        f"/static/js/{name}.js"
        for name in ("live", "live-frames", "live-judge", "live-outline", "live-quality", "framing")
    }
    assert not heavy & set(modules_of("js/camera.js"))


def test_a_module_that_imports_nothing_or_is_not_there_names_none():
    assert modules_of("js/camera-words.js") == modules_of("js/nothing.js") == ()


@pytest.mark.parametrize(
    ("slot", "drawn"), [("cover", "lay-page"), ("headshot", "lay-head"), ("previous_card", "lay-card")]
)
def test_a_camera_that_is_not_open_yet_shows_how_to_hold_what_is_photographed(begun, slot, drawn):
    came = begun.client.get(begun.url(f"take/{slot}"))
    source = re.search(r'class="camera-opening"><img src="([^"]+)"', came.text)[1]
    assert f"/{drawn}.svg" in source
    assert begun.client.get(source).mimetype == "image/svg+xml"
