"""A city's settings: the numbers, readings and texts in which the authorities differ, dated.

Source: domain rules R1–R41 for Taipei, §5.3 for the others, §7 for the readings.
What is not here: the judging itself, and any drawing (card.emblem draws what `emblem` names).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from honorcard.card.emblem import FEATHERS, is_emblem
from honorcard.problems import ProblemError

RenewalFloor = Literal["month_start", "day_after"]
RenewalWindow = Literal["expiry_month", "any"]
Validity = Literal["later_of", "approval_only"]
TrainingGate = Literal["off", "warn", "enforce"]
Orientation = Literal["landscape", "portrait"]


@dataclass(frozen=True)
class CardTexts:
    """The words printed on the card, verbatim. Source: R40 (front), R41 (back; 一寸, not the law's 一吋)."""

    title: str = "志願服務榮譽卡"
    name: str = "姓名："
    valid_until: str = "有效期限："
    number: str = "編號："
    issuer: str = "發給單位："
    notes_heading: str = "注意事項："
    notes: tuple[str, ...] = (
        "一、 志工服務年資滿三年，服務時數達三百小時以上者，得檢具一寸半身照片二張、服務紀錄冊影本及相關證明文件"
        "向地方主管機關申請志願服務榮譽卡。",
        "二、 志願服務榮譽卡使用期限為三年，期限屆滿後，志工得檢具前開相關文件重新申請。",
        "志工依前項規定重新申請志願服務榮譽卡，其服務年資及服務時數不得重複計算。",
    )
    birth_date: str = "持卡人出生年月日："
    identity_number: str = "國民身分證統一編號(或護照號碼)："


@dataclass(frozen=True)
class Jurisdiction:
    """One authority's settings over one period; the defaults are Taipei's.

    half_hours_needed: half hours. years, recency_months, gap_months: calendar periods. earliest_service: a record
    before it is a warning, never a refusal. self_application: whether a volunteer may apply without a unit.
    orientation: a face 9 by 6 cm or 6 by 9. turn_back: the back upside down, for folding the other way. emblem: the watermark,
    `feathers` or SVG path data.
    printouts_since: from then on a print-out of the national system stands beside or instead of the paper book.
    """

    code: str
    name_zh: str
    name_en: str
    issuer: str
    half_hours_needed: int = 600  # R3, R24
    years: int = 3  # R2, R5
    renewal_floor: RenewalFloor = "month_start"  # R18, A2
    renewal_window: RenewalWindow = "expiry_month"  # R20
    validity: Validity = "later_of"  # A6
    training_gate: TrainingGate = "warn"  # A16
    recency_months: int = 6  # R22
    gap_months: int = 12  # A15
    earliest_service: date = date(2001, 1, 20)  # §2.1: the Act in force
    self_application: bool = False  # R26, A11
    printouts_since: date = date(2026, 1, 1)  # R56: 115.01.01
    purpose_notice: str = "本資料僅用於申請志願服務卡等相關志工服務。"  # R36, item 9
    card: CardTexts = CardTexts()
    orientation: Orientation = "landscape"  # A13
    turn_back: bool = False  # A13
    emblem: str = FEATHERS  # R47


TAIPEI = Jurisdiction("taipei", "臺北市", "Taipei City", "臺北市政府社會局")  # A27
NEW_TAIPEI = Jurisdiction("new_taipei", "新北市", "New Taipei City", "新北市政府社會局", renewal_floor="day_after")
NATIONAL = Jurisdiction(
    "national", "全國", "National system", "地方主管機關", renewal_floor="day_after", renewal_window="any"
)

DEFAULT = TAIPEI.code

# Each authority's settings with the day they came into force, oldest first; a change of rules is a new line.
_HISTORY: dict[str, tuple[tuple[date, Jurisdiction], ...]] = {
    "taipei": ((date(2016, 11, 1), TAIPEI),),
    "new_taipei": ((date(2016, 1, 1), NEW_TAIPEI),),
    "national": ((date(2023, 1, 1), NATIONAL),),
}


def codes() -> tuple[str, ...]:
    """The authorities whose settings are known, Taipei first."""
    return tuple(_HISTORY)


def in_force(code: str, on: date) -> Jurisdiction:
    """The settings of an authority on a day; on a day before the oldest known ones, the oldest.

    Raises `jurisdiction_unknown`.
    """
    history = _HISTORY.get(code)
    if history is None:
        raise ProblemError("jurisdiction_unknown", jurisdiction=code, known=", ".join(codes()))
    current = history[0][1]
    for since, settings in history:
        if since <= on:
            current = settings
    return current


_CHOICES: dict[str, tuple[str, ...]] = {
    "renewal_floor": ("month_start", "day_after"),
    "renewal_window": ("expiry_month", "any"),
    "validity": ("later_of", "approval_only"),
    "training_gate": ("off", "warn", "enforce"),
    "orientation": ("landscape", "portrait"),
}
_RANGES: dict[str, tuple[int, int]] = {
    "half_hours_needed": (0, 1_000_000),
    "years": (1, 100),
    "recency_months": (0, 1200),
    "gap_months": (1, 1200),
}


_SWITCHES = ("self_application", "turn_back")


def overridden(rules: Jurisdiction, settings: Mapping[str, Any]) -> Jurisdiction:
    """The settings with some replaced, as a line of `honorcard check` or a configuration gives them.

    Raises what check_overrides raises.
    """
    if not settings:
        return rules
    check_overrides(settings)
    return replace(rules, **settings)


def check_overrides(settings: Mapping[str, Any]) -> None:
    """Raises `rules_setting_wrong`, naming the setting, for one that does not exist or a value it cannot take."""
    for setting, value in settings.items():
        if setting in _CHOICES:
            usable = isinstance(value, str) and value in _CHOICES[setting]
        elif setting in _RANGES:
            low, high = _RANGES[setting]
            usable = type(value) is int and low <= value <= high  # a bool is no number of years
        elif setting in _SWITCHES:
            usable = isinstance(value, bool)
        elif setting == "emblem":
            usable = is_emblem(value)
        else:
            usable = False
        if not usable:
            raise ProblemError("rules_setting_wrong", setting=setting)
