"""The morning's self-test: real sheets, a real camera's frames; ticked only when read and judged rightly."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta

import cv2
import pytest

from honorcard.card.samples import MARKS, write_samples
from kiosk import testcards
from kiosk.store import gate, selftests
from scanner import qr
from tests.kiosk.scene import NOW, build

HX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    """The set as `honorcard samples` writes it, and the text on each sheet as read from its print."""
    folder = tmp_path_factory.mktemp("sheets") / "samples"
    answers = write_samples(folder, at=NOW - timedelta(days=9))
    texts = {}
    for one in answers:
        printed = folder.parent / one["file"]
        asked = ["pdftoppm", "-r", "150", "-gray", "-l", "1", "-singlefile", folder / one["file"], printed]
        subprocess.run(asked, check=True)
        (texts[one["file"]],) = qr.decode(cv2.imread(f"{printed}.pgm", cv2.IMREAD_GRAYSCALE))
    return folder, answers, texts


@pytest.fixture
def scene(tmp_path, sheets):
    scene = build(tmp_path)
    shutil.copytree(sheets[0], scene.settings.data_dir / testcards.FOLDER)
    return scene


def hold_up(client, text):
    return client.post("/verify/test/text", data={"text": text}, headers=HX)


def test_where_no_camera_opens_in_the_page_the_phones_own_takes_the_picture_of_a_sheet(scene):
    client = scene.client(unlocked=False)
    for path in ("/verify/test", "/verify"):
        finder = client.get(path).text.partition('class="gate-finder"')[2].partition("</div>")[0]
        assert "data-scan-own" in finder and 'capture="environment"' in finder  # scan.js looks for it beside the finder's video


def test_every_sheet_read_and_judged_rightly_passes_and_the_gate_says_when(scene, sheets):
    _, answers, texts = sheets
    client = scene.client(unlocked=False)
    assert "自我測試：還沒做過" in client.get("/verify").text
    for n, one in enumerate(answers, 1):
        page = hold_up(client, texts[one["file"]]).text
        assert f"對 {n} ／ {len(answers)} 張" in page and 'data-sound="yes"' in page
    assert f"測試通過，{len(answers)} 張都對" in page
    assert "自我測試：10:42 通過" in client.get("/verify").text
    with scene.store.read() as db:
        assert gate.counts(db, NOW.date()) == {}  # no card of the day


def test_a_sheet_that_is_judged_wrongly_is_crossed_and_the_test_not_passed(scene, sheets):
    _, answers, texts = sheets
    folder = scene.settings.data_dir / testcards.FOLDER
    marks = json.loads((folder / MARKS).read_bytes())
    changed = [{**one, "code": "valid", "verdict": "green"} if one["file"] == "revoked.pdf" else one for one in marks]
    (folder / MARKS).write_text(json.dumps(changed))
    client = scene.client(unlocked=False)
    for one in answers:
        page = hold_up(client, texts[one["file"]]).text
        assert ('data-sound="no"' in page) == (one["file"] == "revoked.pdf")
    assert "測試沒有通過，1 張不對" in page
    assert "沒有通過" in client.get("/verify").text
    with scene.store.read() as db:
        assert not selftests.said_last(db).passed


def test_a_sheet_missing_leaves_the_test_open_and_beginning_anew_forgets(scene, sheets):
    _, answers, texts = sheets
    client = scene.client(unlocked=False)
    for one in answers[1:]:
        page = hold_up(client, texts[one["file"]]).text
    assert "還有 1 張" in page and "通過，" not in page
    assert client.post("/verify/test/again").status_code == 303
    assert "對 0 ／" in client.get("/verify/test").text


def test_real_cards_count_for_nothing_in_the_test_and_sheets_for_nothing_at_the_gate(scene, sheets):
    client = scene.client(unlocked=False)
    page = hold_up(client, scene.cards.texts["valid"]).text
    assert "這不是測試卡" in page and "data-verdict" not in page
    for text in sheets[2].values():
        answer = client.post("/verify/text", data={"text": text}, headers=HX).text
        assert 'data-verdict="green"' not in answer


def test_the_page_is_plainly_a_test_and_gives_the_sheets_to_print(scene):
    client = scene.client(unlocked=False)
    page = client.get("/verify/test").text
    assert "測試中，不是真的驗證" in page and "data-test" in page
    links = re.findall(r'href="(/verify/test/[^"]+\.pdf)"', page)
    assert len(links) == 19
    sheet = client.get(links[0])
    assert sheet.mimetype == "application/pdf" and sheet.data.startswith(b"%PDF")
    assert client.get("/verify/test/..%2F..%2Fkiosk.pdf").status_code == 404
    assert client.get("/verify/test/trust.pdf").status_code == 404


@pytest.mark.parametrize("lost", ["marks.json", "trust.json", "pack/manifest.cose"])
def test_a_set_that_is_not_whole_is_no_set(scene, lost):
    (scene.settings.data_dir / testcards.FOLDER / lost).unlink()
    assert "這台機器還沒有測試卡" in scene.client(unlocked=False).get("/verify/test").text


def test_staff_makes_the_first_set_on_the_tablet_itself(tmp_path):
    scene = build(tmp_path)
    assert scene.client(unlocked=False).post("/verify/test/make").headers["Location"].startswith("/unlock")
    client = scene.client()
    assert "做測試卡" in client.get("/verify/test").text
    assert client.post("/verify/test/make", follow_redirects=True).text.count(".pdf") == 19
    made = (scene.settings.data_dir / testcards.FOLDER / MARKS).read_bytes()
    client.post("/verify/test/make")  # pressed twice: what may be printed already stays
    assert (scene.settings.data_dir / testcards.FOLDER / MARKS).read_bytes() == made
    assert sorted(path.name for path in scene.settings.data_dir.iterdir() if "samples" in path.name) == ["samples"]
