"""A third language by dropping in its catalogue."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kiosk.scene import Scene, build
from web import languages
from web.assets import TRANSLATIONS

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: vi\\n"

msgid "跳到主要內容"
msgstr "Đến nội dung chính"

#, fuzzy
msgid "對比"
msgstr "đoán"
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("scene"))


@pytest.fixture
def dropped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(TRANSLATIONS, tmp_path / "translations")
    folder = tmp_path / "translations" / "vi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text(PO, encoding="utf-8")
    (tmp_path / "translations" / "no such language" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "translations" / "no such language" / "LC_MESSAGES" / "messages.po").write_text(PO, encoding="utf-8")
    monkeypatch.setattr(languages, "TRANSLATIONS", tmp_path / "translations")
    return folder


def test_it_is_offered_by_its_own_name_and_spoken(scene, dropped_in):
    client = scene.client(unlocked=False)
    assert 'lang="vi" hreflang="vi">Tiếng Việt</a>' in client.get("/").text
    page = client.get("/?language=vi").text
    assert '<html lang="vi"' in page
    assert "Đến nội dung chính" in page
    assert "Đến nội dung chính" in client.get("/print").text  # remembered
    assert ">中文</a>" in page
    assert ">EN</a>" in page


def test_what_it_lacks_or_only_guesses_is_said_in_english(scene, dropped_in):
    page = scene.client(unlocked=False).get("/?language=vi").text
    english = languages.catalogue("en")
    assert english.gettext("榮譽卡服務站") in page
    assert "đoán" not in page
    assert english.gettext("對比") in page


def test_a_problem_and_every_page_s_kind_of_sentence_answers_in_it(scene, dropped_in):
    client = scene.client(unlocked=False)
    client.get("/?language=vi")
    assert client.get("/nowhere").status_code == 404
    assert client.get("/unlock").status_code == 200
    assert '<html lang="vi"' in client.get("/nowhere").text


def test_without_it_there_are_two(scene):
    assert list(languages.offered()) == ["zh", "en"]
    client = scene.client(unlocked=False)
    page = client.get("/?language=vi").text
    assert '<html lang="zh-Hant-TW"' in page
    assert page.count('hreflang="en">EN</a>') == 2
    assert '<html lang="en"' in client.get("/?language=en").text
