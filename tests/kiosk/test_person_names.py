"""Names at the question of the person: every name people have is taken as it stands, and what is none is told in words."""

from __future__ import annotations

from html import escape, unescape

import pytest

from honorcard import names
from honorcard.problems import CATALOGUE
from tests.kiosk.applying import PERSON, Applicant
from tests.kiosk.scene import build

TAKEN = [
    "李大明",
    "王𡍼名",
    "陳𣎴",
    "游錫堃",
    "謝李陳美玉",
    "夏曼‧藍波安",
    "夏曼·藍波安",
    "夏曼・藍波安",
    "夏曼．藍波安",
    "Voyʉ e Yakumangana ne Paayai",
    "Watan’ Nokan 瓦旦",
    "NGUYEN THI HOA",
    "ＮＧＵＹＥＮ",  # in full width, as typed
    "O'Brien-Śmith",
    "\ufa19木",  # a compatibility ideograph, which even NFC would exchange
    "葛\U000e0100城",
    "𡍼" * 50,
    "Ai " * 16 + "Ai",
]
REFUSED = [
    ("𡍼" * 51, "name_over_limit"),
    ("Ai " * 16 + "Aia", "name_over_limit"),
    ("李\u202e明", "name_characters"),
    ("李\u200b明", "name_characters"),
    ("李\u3164明", "name_characters"),
    ("李\x00明", "name_characters"),
    ("李\r\n明", "name_characters"),
    ("‧", "name_empty"),
    ("　", "name_empty"),
    ("李\ue001", "name_private_use"),
]


def _short(value: str) -> str:
    return ascii(value)[1:30]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Applicant:
    somebody = Applicant(build(tmp_path_factory.mktemp("names")))
    somebody.identify()
    return somebody


@pytest.mark.parametrize("name", TAKEN, ids=_short)
def test_a_real_name_is_kept_and_shown_as_it_was_typed(asked: Applicant, name: str) -> None:
    assert asked.say("person", **PERSON | {"name": name}).status_code == 303
    assert asked.answers().name == name
    assert f'value="{name}"' in unescape(asked.get("person").text)
    asked.say("person", **PERSON | {"name": f" {name}　"})
    assert asked.answers().name == name


@pytest.mark.parametrize(("name", "kept"), [("e\u0301" * 50, "é" * 50), ("ＡI\u0308", "ＡÏ")], ids=["fifty", "wide"])
def test_letters_and_their_marks_are_put_together_and_nothing_else(asked: Applicant, name: str, kept: str) -> None:
    assert asked.say("person", **PERSON | {"name": name}).status_code == 303
    assert asked.answers().name == kept


@pytest.mark.parametrize(("name", "code"), REFUSED, ids=_short)
def test_what_is_no_name_is_told_in_words_and_not_kept(asked: Applicant, name: str, code: str) -> None:
    answer = asked.say("person", **PERSON | {"name": name})
    assert answer.status_code == CATALOGUE[code].status
    assert escape(CATALOGUE[code].zh.split("。")[0].split("{")[0]) in answer.text
    assert asked.answers().name == ""


def test_the_field_cuts_no_name_that_may_be_stored(asked: Applicant) -> None:
    """A browser counts UTF-16 units: fifty rare characters, each with the selector of its written form, are 200."""
    longest = "\U0002137c\U000e0100" * names.LONGEST
    assert names.problem(longest) is None
    field = asked.get("person").text.split('id="name"')[1].split(">")[0]
    assert int(field.split('maxlength="')[1].split('"')[0]) >= len(longest.encode("utf-16-le")) // 2
