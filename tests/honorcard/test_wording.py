"""The words of a verdict: figures, limits and days in both languages, nothing left unfilled."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from honorcard import wording
from honorcard.claims import Claim, Reason, Verdict
from honorcard.eligibility import judge
from honorcard.evidence import Evidence
from honorcard.jurisdiction import TAIPEI
from honorcard.reason_texts import CATEGORY_NAMES, REASON_TEXTS
from honorcard.records import CATEGORIES, ServiceRow, Training

TODAY = date(2026, 11, 21)
PASSING = Claim(TODAY, date(2023, 11, 1), date(2026, 10, 31), 685)
SOURCE = Path(__file__).parents[2] / "honorcard"

SHORT = replace(PASSING, first_service=date(2023, 12, 15))
CLAIMS = {
    "pass": PASSING,
    "tenure": SHORT,
    "window": replace(PASSING, previous_valid_until=date(2027, 1, 31)),
    "hours": replace(PASSING, half_hours=485),
    "both": replace(SHORT, half_hours=485),
    "stale": replace(PASSING, last_service=date(2026, 5, 20), first_service=date(2020, 1, 1)),
    "everything": replace(PASSING, half_hours=0, last_service=date(2025, 1, 1), previous_valid_until=date(2027, 1, 31)),
    "no book": replace(PASSING, record_book=False),
    "excluded": replace(PASSING, category="volunteer_fire"),
    "reversed": replace(PASSING, first_service=date(2026, 11, 1)),
    "future": replace(PASSING, last_service=date(2026, 12, 1)),
    "incomplete": Claim(TODAY),
    "no rows": Claim(TODAY, entries=()),
    "rows": Claim(
        TODAY,
        entries=(
            ServiceRow(date(2000, 1, 1), date(2000, 1, 1), 3000),
            ServiceRow(date(2023, 12, 1), date(2026, 10, 31), 18000),
            ServiceRow(date(2023, 12, 1), date(2026, 10, 31), 60, category="civil_defence"),
        ),
        counted_until=date(2024, 1, 31),
        trainings=(),
    ),
    "floor": Claim(
        TODAY,
        entries=(ServiceRow(date(2023, 10, 1), date(2026, 10, 31), 18000),),
        previous_valid_until=date(2026, 11, 30),
        trainings=(Training("basic", date(2024, 1, 1)), Training("special", date(2024, 2, 1))),
    ),
    "deemed": replace(PASSING, trainings=(Training("basic", date(2023, 1, 1)),), service_field="衛生福利"),
    "pages": replace(
        PASSING,
        pages=(
            Evidence("book_page", 1, 1),
            Evidence("inserted_page", 2, 9),
            Evidence("book_page", 2, 1),
            Evidence("book_page", 1, 900),
            Evidence("printout", 0, 1, date(2025, 12, 31)),
            Evidence("printout", 0, 3, date(2027, 1, 1)),
        ),
    ),
    "print-outs too early": replace(PASSING, pages=(Evidence("printout", 0, 1, date(2025, 12, 31)),)),
    "trained late": replace(
        PASSING, trainings=(Training("basic", date(2024, 1, 1)), Training("special", date(2024, 2, 1)))
    ),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CLAIMS)
def test_every_verdict_is_told_in_full_sentences(name: str, language: str) -> None:
    claim = CLAIMS[name]
    verdict = judge(claim, TAIPEI)
    told = [wording.headline(verdict, TODAY, language)]
    for reason in (*verdict.reasons, *verdict.notes):
        words = wording.reason_words(reason, language, TODAY)
        told += [words.title, words.text]
    for row in wording.requirements(verdict, claim, TAIPEI, language, TODAY):
        told += [row.title, row.text]
    assert all(told)
    assert not [text for text in told if re.search(r"[{}]|None", text)]
    if language == "en":
        assert not [text for text in told if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]


def test_every_code_has_a_title_a_sentence_and_a_next_step_in_both_languages() -> None:
    for zh, en in REASON_TEXTS.values():
        assert len(zh) == len(en) == 3 and all((*zh, *en))
        assert all(text.endswith("。") for text in zh[1:]) and all(text.endswith(".") for text in en[1:])
        placeholders = [set(re.findall(r"{(\w+)}", " ".join(words))) for words in (zh, en)]
        assert placeholders[0] == placeholders[1]


def test_every_code_the_rules_use_has_words() -> None:
    rules = (SOURCE / name for name in ("eligibility.py", "remarks.py", "check_lines.py"))
    used = {
        code for path in rules for code in re.findall(r'(?:Reason|_LineError)\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    assert used | {"tenure_none", "malformed"} == set(REASON_TEXTS)
    assert set(CATEGORY_NAMES) == set(CATEGORIES)


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("pass", "可以申請了", "You can apply now"),
        ("tenure", "再等一下，12 月 14 日起可以申請", "Not yet. You can apply from 14 December"),
        ("window", "再等一下，116 年 1 月 1 日起可以申請", "Not yet. You can apply from 1 January 2027"),
        ("hours", "時數還差 57.5 小時", "57.5 more hours are needed"),
        ("both", "時數還差 57.5 小時，年資也還沒滿", "57.5 more hours are needed, and the years are not full yet"),
        ("stale", "5 月 21 日以後還沒有服務紀錄", "There is no service since 21 May"),
        ("no book", "先領紀錄冊，再來申請", "First get a record book, then apply"),
        ("excluded", "這類服務請向警察或消防單位申請", "Apply to the police or fire service instead"),
        ("future", "有一個地方要改", "One thing needs correcting"),
        ("no rows", "還沒有可以採計的服務紀錄", "There is no service that counts yet"),
    ],
)
def test_the_headline_says_the_day_or_what_is_missing(name: str, zh: str, en: str) -> None:
    verdict = judge(CLAIMS[name], TAIPEI)
    assert wording.headline(verdict, TODAY, "zh") == zh
    assert wording.headline(verdict, TODAY, "en") == en


def test_when_the_years_are_full_but_the_book_does_not_reach_them_another_entry_is_asked_for() -> None:
    claim = replace(PASSING, first_service=date(2023, 11, 20))  # C26: full on 11.19, last entry 10.31
    verdict = judge(claim, TAIPEI)
    assert wording.headline(verdict, TODAY, "zh") == "還差一筆 11 月 19 日或之後的服務紀錄"
    assert wording.headline(verdict, TODAY, "en") == "One more entry is needed, dated 19 November or later"


def test_a_reason_gives_figure_limit_and_what_is_missing() -> None:
    verdict = judge(CLAIMS["hours"], TAIPEI)
    words = wording.reason_words(verdict.reasons[0], "zh")
    assert words.text == "採計 242.5 小時，要滿 300 小時，還差 57.5 小時。"
    assert "Hours that count: 242.5. Needed: 300." in wording.reason_words(verdict.reasons[0], "en").text


def test_requirements_put_figure_and_limit_side_by_side() -> None:
    rows = wording.requirements(judge(SHORT, TAIPEI), SHORT, TAIPEI, "zh", TODAY)
    assert [(row.code, row.state) for row in rows] == [
        ("tenure", "wait"),
        ("hours", "good"),
        ("recency", "good"),
        ("book", "good"),
    ]
    assert rows[0].text == "112 年 12 月 15 日到 115 年 10 月 31 日，要到 115 年 12 月 14 日"
    assert rows[1].text == "342.5 ／ 300 小時"


def test_a_renewal_has_a_row_for_its_window() -> None:
    claim = CLAIMS["window"]
    rows = wording.requirements(judge(claim, TAIPEI), claim, TAIPEI, "zh", TODAY)
    assert [(row.code, row.state, row.text) for row in rows if row.code == "window"] == [
        ("window", "wait", "116 年 1 月 1 日起")
    ]


def test_each_requirement_names_its_rule() -> None:
    claim = CLAIMS["window"]
    rows = wording.requirements(judge(claim, TAIPEI), claim, TAIPEI, "zh", TODAY)
    assert [row.rule for row in rows] == ["R2", "R3", "R22", "R20", "R1"]


def test_days_of_different_years_side_by_side_say_their_years() -> None:
    gap = Reason("long_gap", "A15", {"after": date(2023, 11, 30), "before": date(2026, 1, 1)})
    assert "112 年 11 月 30 日到 115 年 1 月 1 日" in wording.reason_words(gap, "zh", TODAY).text
    assert "30 November 2023 and 1 January 2026" in wording.reason_words(gap, "en", TODAY).text
    within = Reason("long_gap", "A15", {"after": date(2026, 1, 1), "before": date(2026, 11, 1)})
    assert "1 月 1 日到 11 月 1 日" in wording.reason_words(within, "zh", TODAY).text


def test_what_was_not_judged_has_no_rows() -> None:
    for name in ("excluded", "future", "incomplete"):
        assert wording.requirements(judge(CLAIMS[name], TAIPEI), CLAIMS[name], TAIPEI, "zh") == []
    no_book = CLAIMS["no book"]
    assert [r.code for r in wording.requirements(judge(no_book, TAIPEI), no_book, TAIPEI, "zh")] == ["book"]


def test_a_day_before_the_roc_calendar_is_still_told() -> None:
    assert wording.day(date(1905, 1, 2), "zh") == "西元 1905 年 1 月 2 日"
    assert wording.day(date(1953, 3, 30), "zh", TODAY) == "42 年 3 月 30 日"


def test_a_verdict_shown_again_after_the_window_opened_says_so() -> None:
    eve = date(2026, 11, 30)
    verdict = judge(Claim(eve, date(2023, 12, 1), eve, 600, previous_valid_until=date(2026, 12, 31)), TAIPEI)
    assert wording.headline(verdict, eve, "zh") == "再等一下，12 月 1 日起可以申請"
    assert wording.headline(verdict, date(2026, 12, 5), "zh") == "可以申請了，請重新送出"


def test_a_reason_without_words_of_its_own_does_not_exist() -> None:
    with pytest.raises(KeyError):
        wording.reason_words(Reason("nonsense", "R0"), "zh")
    assert wording.headline(Verdict("fail", (Reason("training_missing", "R61"),), last_service=TODAY), TODAY, "zh") == (
        "沒有完訓紀錄"
    )


def test_the_training_that_is_missing_is_named() -> None:
    note = Reason("training_not_shown", "R61", {"missing": ["special"]})
    assert wording.reason_words(note, "zh").text == "還沒有特殊訓練的完訓紀錄。"
    assert wording.reason_words(note, "en").text == "There is no record of special training."
    assert "基礎訓練和特殊訓練" in wording.reason_words(Reason("training_missing", "R61"), "zh").text
