"""A city's settings: the defaults of the contract, what may override them, the words on the card."""

from datetime import date

import pytest

from honorcard import jurisdiction
from honorcard.jurisdiction import NATIONAL, NEW_TAIPEI, TAIPEI, in_force, overridden
from honorcard.problems import ProblemError


def test_taipei_has_the_settings_of_the_rule_sheet() -> None:
    assert (TAIPEI.half_hours_needed, TAIPEI.years, TAIPEI.recency_months, TAIPEI.gap_months) == (600, 3, 6, 12)
    assert (TAIPEI.renewal_floor, TAIPEI.validity, TAIPEI.training_gate) == ("month_start", "later_of", "warn")
    assert TAIPEI.issuer == "臺北市政府社會局"
    assert NEW_TAIPEI.renewal_floor == NATIONAL.renewal_floor == "day_after"


def test_the_back_of_the_card_says_what_the_specimen_says() -> None:
    assert (
        "得檢具一寸半身照片二張、服務紀錄冊影本及相關證明文件向地方主管機關申請志願服務榮譽卡。" in TAIPEI.card.notes[0]
    )
    assert TAIPEI.card.notes[1].startswith("二、 志願服務榮譽卡使用期限為三年，期限屆滿後")
    assert TAIPEI.card.notes[2] == "志工依前項規定重新申請志願服務榮譽卡，其服務年資及服務時數不得重複計算。"


def test_settings_are_looked_up_by_day_and_the_oldest_hold_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = overridden(TAIPEI, {"half_hours_needed": 700})
    history = {"taipei": ((date(2016, 11, 1), TAIPEI), (date(2028, 1, 1), stricter))}
    monkeypatch.setattr(jurisdiction, "_HISTORY", history)
    assert in_force("taipei", date(2016, 3, 1)) is TAIPEI
    assert in_force("taipei", date(2027, 12, 31)) is TAIPEI
    assert in_force("taipei", date(2028, 1, 1)) is stricter


def test_every_known_authority_is_found_under_its_code() -> None:
    for rules in (TAIPEI, NEW_TAIPEI, NATIONAL):
        assert in_force(rules.code, date(2026, 11, 21)) is rules
    with pytest.raises(ProblemError) as caught:
        in_force("atlantis", date(2026, 11, 21))
    assert caught.value.code == "jurisdiction_unknown"
    for language in ("zh", "en"):
        assert all(word in caught.value.sentence(language) for word in ("atlantis", "taipei", "new_taipei", "national"))


@pytest.mark.parametrize(
    "settings",
    [
        {"renewal_floor": "month"},
        {"renewal_floor": None},
        {"renewal_floor": ["month_start"]},
        {"years": 0},
        {"years": 3.0},
        {"half_hours_needed": True},
        {"recency_months": -1},
        {"issuer": "我"},
        {"self_application": 1},
        {"printouts_since": "2026-01-01"},
        {"": 1},
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings: dict) -> None:
    with pytest.raises(ProblemError) as caught:
        overridden(TAIPEI, settings)
    assert caught.value.code == "rules_setting_wrong"
    assert caught.value.details == {"setting": next(iter(settings))}


def test_overriding_leaves_the_rest_alone() -> None:
    changed = overridden(TAIPEI, {"renewal_floor": "day_after", "years": 5})
    assert (changed.renewal_floor, changed.years, changed.validity) == ("day_after", 5, "later_of")
    assert TAIPEI.renewal_floor == "month_start"
