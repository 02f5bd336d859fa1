"""Three years of somebody's service as rows of a record book: one row a month, in half hours, at an invented unit."""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Literal

from center.sample.pages import BookRow

UNIT = "北門文化館"
KEEPERS = ("許文彬", "江佩珊", "簡士豪")
WORK = (
    ("文化服務", ("展場導覽", "兒童說故事", "特展引導")),
    ("諮詢服務", ("服務臺諮詢", "無障礙引導", "電話諮詢")),
    ("環境服務", ("庭園維護", "館區整理", "資源回收")),
    ("圖書服務", ("書籍上架", "讀者服務", "新書加工")),
)

Short = Literal["", "hours", "tenure", "recent"]


def rows_between(start: date, end: date, half_hours: int, *, seed: int) -> tuple[BookRow, ...]:
    """One row for each month from `start` to `end`, the first day and the last; their hours sum to that total."""
    dice = random.Random(f"service {seed}")  # noqa: S311 — sample data, not a secret
    spans: list[tuple[date, date]] = []
    first = start
    while first <= end:
        last = min(end, first.replace(day=monthrange(first.year, first.month)[1]))
        spans.append((first, last))
        first = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    item, contents = dice.choice(WORK)
    keeper = dice.choice(KEEPERS)
    return tuple(
        BookRow(since, until, item, dice.choice(contents), count, UNIT, keeper)
        for (since, until), count in zip(spans, _shared_out(half_hours, len(spans), dice), strict=True)
    )


def _shared_out(total: int, months: int, dice: random.Random) -> Sequence[int]:
    """Whole half hours of which no month gets none, with the ups and downs of a year."""
    weights = [dice.uniform(0.7, 1.3) for _ in range(months)]
    counts = [max(1, int(total * weight / sum(weights))) for weight in weights]
    for at in range(abs(total - sum(counts))):
        counts[at % months] += 1 if sum(counts) < total else -1
    return counts
