"""Finding people: time of one page of hits in the store, by part of a name and of a number, as the volunteers grow tenfold
(SIZE=full: 10⁴, 10⁵ and 10⁶; else to 3 × 10⁴), on both stores; wall time and processor time (target: ≤ 100 ms at 10⁶).

Names are drawn as Taiwan's are: few surnames for many people, so that a surname alone finds a tenth of them.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from bench.timing import measure
from center import create_app, numbers
from center.people import _terms
from center.settings import Settings
from center.store import Store, accounts, finding, members, people, volunteers
from center.store.members import NewMember
from center.store.origin import Origin
from tests.postgres import cluster

FULL = os.environ.get("SIZE") == "full"
SIZES = (10_000, 100_000, 1_000_000) if FULL else (3_000, 30_000)
RUNS = 40 if FULL else 20
UNITS = 200
SURNAMES = (
    "陳" * 11 + "林" * 8 + "黃" * 6 + "張" * 5 + "李" * 5 + "王" * 4 + "吳" * 4
    + "劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈余盧梁趙顏柯翁魏孫戴范方宋"
)  # fmt: skip
GIVEN = "怡君雅婷淑芬美玲惠如志明俊傑建宏家豪文雄秀琴麗華佳穎宗翰承恩品妤宥廷思涵詩涵柏翰冠宇子軒宜蓁欣怡玉珍春嬌金龍國強永福阿水"
ASKED = {
    "surname, one character": "陳", "name, two characters": "怡君", "whole name": "陳怡君", "nobody's name": "魏魏魏",
    "three digits": "456", "five digits": "45678", "letter and digits": "A1234", "nobody's digits": "99999999",
}  # fmt: skip
_LETTERS = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def run() -> None:
    """Prints one table a store."""
    with cluster(durable=False) as running, tempfile.TemporaryDirectory() as folder:
        for name, url in (("SQLite", ""), ("PostgreSQL", running.fresh(with_schema=False))):
            home = Path(folder) / name
            app = create_app(Settings(home, database_url=url))
            print(f"### Finding people, {name}: wall ms, median / p95 (processor ms of this process)\n")
            print(f"| {'asked':<24} |" + "".join(f" {size:>10,} people, all | of one unit |" for size in SIZES))
            print(f"|{'-' * 26}|" + "".join(f"{'-' * 24}|{'-' * 13}|" for _ in SIZES))
            columns: list[dict[str, str]] = []
            for size in SIZES:
                unit_id = _grow(app, size)
                columns += [_column(app, None), _column(app, unit_id)]
            for what in (*ASKED, "the list, unasked"):
                print(f"| {what:<24} |" + "".join(f" {column[what]} |" for column in columns))
            print()


def _column(app: Flask, unit_id: str | None) -> dict[str, str]:
    store: Store = app.extensions["store"]
    found: dict[str, str] = {}
    with app.test_request_context("/"), store.read() as conn:
        for what, asked in ASKED.items():
            terms = _terms(asked)
            assert terms is not None
            found[what] = _timed(lambda terms=terms: finding.page(conn, terms, unit_id=unit_id, limit=50))  # type: ignore[misc]
        found["the list, unasked"] = _timed(lambda: people.listing(conn, unit_id=unit_id, limit=51))
    return found


def _timed(call: Callable[[], object]) -> str:
    begun = time.process_time()
    times = measure(call, RUNS)
    cpu = (time.process_time() - begun) * 1000 / (RUNS + 2)
    return f"{times.median:6.1f} / {times.p95:6.1f} ({cpu:5.1f})"


def _grow(app: Flask, size: int) -> str:
    """Brings the people up to that many, each of one of two hundred units; gives the id of one unit."""
    store: Store = app.extensions["store"]
    settings: Settings = app.config["SETTINGS"]
    came = Origin("import", "bench", 1_000, "bench")
    with store.write() as conn:
        units = [one.unit_id for one in accounts.units(conn)]
        units = units or [accounts.add_unit(conn, f"第 {at} 志工隊", f"B{at:04d}") for at in range(UNITS)]
        there = volunteers.next_no(conn) - 1
    for first in range(there, size, 5_000):
        known = [
            numbers.known(settings, number, name) for number, name in _drawn(first, min(5_000, size - first))
        ]  # fmt: skip
        with store.write() as conn:
            nos = volunteers.make_known(conn, known, came).values()
            members.join(conn, [NewMember(no, units[no % UNITS]) for no in nos], came)
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("ANALYZE")
    return units[7]


def _drawn(first: int, count: int) -> Iterator[tuple[str, str]]:
    draw = random.Random(first)
    for at in range(first, first + count):
        name = draw.choice(SURNAMES) + draw.choice(GIVEN) + draw.choice(GIVEN)
        yield _number(at), name


def _number(at: int) -> str:
    """A valid national number, each another one, its digits spread."""
    spread = at * 7_368_787 % 100_000_000
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO"[at % 26]
    body = f"{1 + spread % 2}{spread // 10 % 10_000_000:07d}"
    tens, ones = divmod(_LETTERS[letter], 10)
    total = tens + ones * 9 + sum(int(digit) * weight for digit, weight in zip(body, range(8, 0, -1), strict=True))
    return f"{letter}{body}{-total % 10}"
