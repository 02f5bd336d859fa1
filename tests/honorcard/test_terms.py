"""The terms of the rules, explained in plain words, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from honorcard.terms import TERMS

ROOT = Path(__file__).resolve().parents[2]
LONGEST = {"zh": 50, "en": 130}  # characters: two short sentences


@pytest.mark.parametrize("code", TERMS)
def test_a_term_has_its_name_and_a_short_meaning_in_both_languages(code):
    term = TERMS[code]
    assert re.search(r"[\u4e00-\u9fff]", term.name("zh")) and re.search(r"[\u4e00-\u9fff]", term.meaning("zh"))
    assert not re.search(r"[\u4e00-\u9fff]", term.name("en") + term.meaning("en"))
    assert len(term.meaning("zh")) <= LONGEST["zh"] and len(term.meaning("en")) <= LONGEST["en"]
    assert not term.source or re.fullmatch(r"R[1-9]\d?", term.source)


def test_every_page_explains_terms_that_exist_and_every_term_is_explained_somewhere():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates" / "kiosk").rglob("*.html"))
    explained = {
        code for call in re.findall(r"explained\((.*?)\)\s*\}\}", pages) for code in re.findall(r'"(\w+)"', call)
    } - {"slip"}
    assert explained == set(TERMS)
