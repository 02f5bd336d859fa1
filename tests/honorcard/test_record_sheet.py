"""A service record on paper: what it says, on how many pages, and that no character stops it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from honorcard import record_sheet
from honorcard.claims import Claim
from honorcard.collected import Brought, collect, look
from honorcard.jurisdiction import TAIPEI
from honorcard.record_sheet import Holder
from honorcard.records import ServiceRow, Training
from honorcard.service_record import CardHeld

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
HOLDER = Holder("王𡍼名", "A22****781")
GRANTED = tuple(
    ServiceRow(date(2025, month, 1), date(2025, month, 28), 615, unit="北門志工隊") for month in range(1, 13)
)
OPEN = ServiceRow(date(2026, 1, 1), date(2026, 10, 31), 3000, unit="社子島環境隊")


def text_of(pdf: bytes, tmp_path) -> str:
    (tmp_path / "record.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "record.pdf", "-"], check=True, capture_output=True, text=True
    )
    return done.stdout


def seen(rows=GRANTED):
    card = CardHeld("11200001", date(2023, 12, 1), date(2026, 12, 31), date(2023, 11, 30))
    trainings = (Training("basic", date(2022, 5, 1)),)
    history = collect(
        [
            Brought(Claim(TODAY, entries=rows, trainings=trainings), True),
            Brought(Claim(TODAY, entries=(OPEN,), previous_valid_until=card.valid_until), False),
        ],
        [card],
    )
    return look(history, TODAY, TAIPEI)


ZH = (
    "志工服務履歷",
    "王𡍼名",
    "A22****781",
    "114 年",
    "北門志工隊",
    "123",
    "審查中 1 筆",
    "12 月 1 日起可以換發",
    "基礎訓練",
    "11200001",
)
EN = (
    "Volunteer service record",
    "2025",
    "Under review: 1 entry",
    "Renewal opens on 1 December",
    "basic training",
    "valid until",
)


@pytest.mark.parametrize(("language", "said"), [("zh", ZH), ("en", EN)])
def test_the_sheet_says_years_next_card_trainings_and_cards(tmp_path, language, said):
    text = text_of(record_sheet.render(HOLDER, seen(), language, created=NOW), tmp_path)
    assert [words for words in said if words not in text] == []


def test_the_same_record_gives_the_same_bytes():
    one, other = (record_sheet.render(HOLDER, seen(), "zh", created=NOW) for _ in range(2))
    assert one == other


def test_a_long_record_goes_over_pages_with_its_titles_again(tmp_path):
    rows = tuple(replace(row, unit=f"第{team}隊") for team in range(1, 61) for row in GRANTED[:1])
    text = text_of(record_sheet.render(HOLDER, seen(rows), "zh", created=NOW), tmp_path)
    pages = text.rstrip("\f").split("\f")
    assert len(pages) >= 3
    assert all(f"第 {number} 頁，共 {len(pages)} 頁" in page for number, page in enumerate(pages, start=1))
    assert text.count("服務期間") >= 3
    assert all(f"第{n}隊" in text for n in range(1, 61))


@pytest.mark.parametrize("unit", ["環境隊🎈", "一\t二\n三", "", "W" * 200])
def test_no_unit_name_stops_the_sheet(tmp_path, unit):
    rows = tuple(replace(row, unit=unit) for row in GRANTED)
    assert "114 年" in text_of(record_sheet.render(HOLDER, seen(rows), "zh", created=NOW), tmp_path)
