"""Fonts of the machine."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from honorcard import fonts
from honorcard.problems import ProblemError


def test_common_rare_and_latin_names_can_all_be_drawn():
    assert fonts.missing_glyphs("王𡍼名堃喆峯璿犇頴曧㛢𡟙𤥢𠮷𩵚邨䕒‧·éñʉ’ ○陳𣎴") == ""


def test_missing_characters_are_named_once_in_order():
    assert fonts.missing_glyphs("甲\ue123乙\x07\ue123") == "\ue123\x07"


def test_a_variation_selector_is_not_missing_and_takes_no_room():
    library = fonts.library()
    assert library.missing("葛\U000e0100") == ""
    assert library.width("sans", "葛\U000e0100") == library.width("sans", "葛") == 1.0


def test_a_subset_holds_just_its_characters_and_is_repeatable():
    raw = fonts.library().subset("sans-bold", "王名")
    assert set(TTFont(BytesIO(raw)).getBestCmap()) == {ord("王"), ord("名"), ord(" ")}
    fonts._built.cache_clear()
    assert fonts.library().subset("sans-bold", "名王") == raw


def test_a_machine_without_fonts_names_the_package(tmp_path: Path):
    with pytest.raises(ProblemError, match="fonts_missing") as caught:
        fonts.FontLibrary([tmp_path])
    assert caught.value.details["package"] == "fonts-noto-cjk"


def test_a_folder_of_the_setting_comes_first(tmp_path: Path, monkeypatch):
    usual = fonts._find("NotoSansCJK-Regular.ttc", [Path(folder).expanduser() for folder in fonts._FOLDERS])
    (tmp_path / "NotoSansCJK-Regular.ttc").symlink_to(usual)
    monkeypatch.setenv(fonts.SETTING, str(tmp_path))
    assert fonts.library()._chains["sans"][0].path == tmp_path / "NotoSansCJK-Regular.ttc"
    monkeypatch.undo()
    assert fonts.library().missing("王") == ""
