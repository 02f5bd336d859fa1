"""The certificate of service performance: what lies in its days, hours in halves, names that cannot be printed."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from honorcard import performance
from honorcard.jurisdiction import TAIPEI
from honorcard.performance import Certificate
from honorcard.problems import ProblemError
from honorcard.records import ServiceRow

ON, NOW = date(2026, 11, 22), datetime(2026, 11, 22, 2, tzinfo=UTC)
START, END = date(2025, 1, 1), date(2025, 12, 31)


def row(first: date, last: date, minutes: int = 90, unit: str = "北門志工隊", **more: object) -> ServiceRow:
    return ServiceRow(first, last, minutes, unit=unit, **more)  # type: ignore[arg-type]


ROWS = (
    row(START, START), row(END, END, 60, "社子島環境隊"), row(date(2025, 6, 1), date(2025, 6, 30), 50),
    row(date(2024, 12, 31), START), row(END, date(2026, 1, 1)), row(date(2024, 5, 1), date(2024, 5, 1)),
    row(date(2025, 7, 1), date(2025, 7, 1), 30, category="civil_defence"),
)  # fmt: skip


def certificate(name: str = "林秀琴", rows: tuple[ServiceRow, ...] = ROWS) -> Certificate:
    return Certificate(
        "115-000001", "ABCD2345", name, "A22****781", START, END, performance.served(rows, START, END, ON, TAIPEI),
        "臺北市政府社會局", ON, "https://hc.example/performance",
    )  # fmt: skip


def text_of(document: bytes, folder: Path) -> str:
    (folder / "made.pdf").write_bytes(document)
    told = subprocess.run(
        ["pdftotext", "-layout", folder / "made.pdf", "-"], check=True, capture_output=True, text=True
    )
    return told.stdout


def test_rows_count_that_lie_wholly_in_the_days() -> None:
    found = performance.served(ROWS, START, END, ON, TAIPEI)
    assert [(line.roc_year, line.unit, line.total.half_hours) for line in found.lines] == [
        (114, "北門志工隊", 5), (114, "社子島環境隊", 2),
    ]  # fmt: skip
    assert (found.total.half_hours, found.total.minutes_over, found.left_out) == (7, 20, 2)


def test_what_lies_ahead_is_not_certified() -> None:
    assert performance.served(ROWS, START, END, date(2025, 5, 31), TAIPEI).total.half_hours == 3


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("志願服務績效證明書", "林秀琴", "114 年", "3.5 小時", "115-000001", "ABCD2345", "2 筆跨過")),
        ("en", ("Certificate of Volunteer Service Performance", "林秀琴", "2025", "3.5 hours", "left out: 2")),
    ],
)
def test_it_says_who_when_and_how_much(language: str, said: tuple[str, ...], tmp_path: Path) -> None:
    text = text_of(performance.render(certificate(), language, created=NOW), tmp_path)  # type: ignore[arg-type]
    for words in said:
        assert words in text, words


def test_the_same_values_give_the_same_bytes() -> None:
    assert performance.render(certificate(), "zh", created=NOW) == performance.render(certificate(), "zh", created=NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [(certificate(name="林\ue000琴"), "glyph_missing"), (certificate(rows=ROWS[3:6]), "performance_nothing")],
)
def test_what_cannot_be_certified_is_refused(given: Certificate, code: str) -> None:
    with pytest.raises(ProblemError) as caught:
        performance.render(given, "zh", created=NOW)
    assert caught.value.code == code
