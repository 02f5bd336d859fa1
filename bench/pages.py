"""Pages of the center on PostgreSQL as the city grows: queue, case, search, a person, statistics, the audit; time
from request to answer inside the process, and what both took of the processor, the process and the database: that stays as it is
however busy the machine.

Two sizes of city by default, 10,000 and 100,000 volunteers with a tenth of them applying and twenty rows of service each (ROWS: so
many); SIZE=full adds 1,000,000 volunteers with 100,000 applications and 20,000,000 rows of service, and takes a quarter of an
hour. Target: statistics p95 ≤ 300 ms, the next case p95 ≤ 100 ms, a search p95 ≤ 100 ms.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, text

from bench.desk import ON, PASSWORD, body_of
from center import auditing, create_app
from center.settings import Settings
from center.store import Store, accounts, tally_counting
from center.store.tables import application, card, card_event, history
from sync.wire import encode
from tests.postgres import cluster

FULL = os.environ.get("SIZE") == "full"
ROWS = int(os.environ.get("ROWS", "20"))
# volunteers, applications, rows of service each
CITIES = ((10_000, 1_000, ROWS), (100_000, 10_000, ROWS), *(((1_000_000, 100_000, ROWS),) if FULL else ()))
RUNS = 40
UNITS = 400
WAITING_PERCENT = 5
DAY_MS = 86_400_000
_FAMILY = "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐"
_GIVEN = "怡君雅婷家豪志明俊傑淑芬美玲宗翰冠宇佳穎欣宜建宏惠雯秀英文雄春嬌金龍玉蘭"

_PEOPLE = """
INSERT INTO person (person_id, idbx, name, name_key, masked_number, since_ms, no, kept, number_box)
SELECT
  lpad(n::text, 36, '0'), sha256(('p' || n)::bytea), name, name,
  'A1******' || lpad((n % 1000)::text, 3, '0'), :since + n, n, 1, ''::bytea
FROM (
  SELECT n, substr(:family, 1 + n % :families, 1) || substr(:given, 1 + (n / 20) % :givens, 1)
    || substr(:given, 1 + (n / 800) % :givens, 1) AS name
  FROM generate_series(1, :many) AS n
) AS made
"""
_PARTS = """
INSERT INTO name_part (head, part, person_no)
SELECT (at = 1)::int, substr(name_key, at, 12), no FROM person, generate_series(1, 3) AS at ON CONFLICT DO NOTHING
"""
_MEMBERS = """
INSERT INTO membership (person_no, unit_id, sought, since_ms, source)
SELECT no, (CAST(:units AS text[]))[1 + no % :count], E'\\n' || name_key || E'\\n', since_ms, 'import' FROM person
"""
_SERVICE = """
INSERT INTO service_row (person_no, unit_id, start_on, end_on, roc_year, half_hours, source, entered_by, at_ms)
SELECT p, (CAST(:units AS text[]))[1 + (p + r) % :count], date '2020-01-01' + r * 100, date '2020-01-05' + r * 100,
  extract(year FROM date '2020-01-05' + r * 100)::int - 1911, 2 + (p + r) % 30, 'import', 'bench', 0
FROM generate_series(1, :many) AS p, generate_series(1, :rows) AS r
"""
# filled like a restore: indexes at the end, foreign keys unasked
_BARE = """
DROP INDEX ix_service_row_person, ix_service_row_unit, ix_service_row_source;
ALTER TABLE service_row DISABLE TRIGGER ALL
"""
_DRESSED = """
CREATE INDEX ix_service_row_person ON service_row (person_no, end_on);
CREATE INDEX ix_service_row_unit ON service_row (unit_id, roc_year);
CREATE INDEX ix_service_row_source ON service_row (source_ref) WHERE source_ref <> '';
ALTER TABLE service_row ENABLE TRIGGER ALL
"""
_SUMS = """
INSERT INTO service_sum (unit_id, roc_year, category, service_rows, half_hours)
SELECT unit_id, roc_year, category, count(*), sum(half_hours) FROM service_row GROUP BY 1, 2, 3
"""


def _fill(store: Store, people: int, applications: int, rows: int) -> None:
    """A city of that size: people by the database itself, applications with real bodies and their histories."""
    now_ms = int(time.time() * 1000)
    with store.write() as conn:
        units = [accounts.add_unit(conn, f"運用單位 {n}", f"U{n:03}", f"第 {n % 12} 區") for n in range(UNITS)]
        for name, role in (("first", "first_reviewer"), ("auditor", "auditor")):
            accounts.add(conn, name, name, role, None, PASSWORD)
        figures = {
            "many": people, "since": now_ms - 10**9, "family": _FAMILY, "given": _GIVEN, "families": len(_FAMILY),
            "givens": len(_GIVEN),
        }  # fmt: skip
        conn.execute(text(_PEOPLE), figures)
        conn.execute(text(_PARTS))
        conn.execute(text(_MEMBERS), {"units": units, "count": len(units)})
        conn.execute(text(_BARE))
    for first in range(0, people, 50_000):
        with store.write() as conn:
            asked = {"many": min(people, first + 50_000), "rows": rows, "units": units, "count": len(units)}
            conn.execute(
                text(_SERVICE.replace("generate_series(1, :many)", f"generate_series({first + 1}, :many)")), asked
            )
    with store.write() as conn:
        conn.execute(text(_DRESSED))
        conn.execute(text(_SUMS))
    for first in range(0, applications, 2_000):
        with store.write() as conn:
            _apply(conn, units, range(first, min(applications, first + 2_000)), now_ms)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))


def _apply(conn: Connection, units: list[str], places: range, now_ms: int) -> None:
    asked, events, cards, issued = [], [], [], []
    for place in places:
        body = msgspec.structs.replace(body_of(place, ()), birth_date=date(1935 + place % 70, 8, 16))
        waits = place % 100 < WAITING_PERCENT
        came = now_ms - (place % 330) * DAY_MS - place
        asked.append({
            "application_id": body.application_id, "receipt": body.receipt, "rev": 2, "kind": "first",
            "state": "first_review" if waits else "issued", "unit_id": units[place % UNITS], "device_id": None,
            "idbx": hashlib.sha256(b"p%d" % (place + 1)).digest(), "name": body.name, "name_key": body.name,
            "body": encode(body).decode(), "verdict": "{}", "outcome": "pass", "flags": "[]", "submitted_on": ON,
            "received_ms": came, "changed_ms": came,
        })  # fmt: skip
        story = [("submitted", 0), ("completed", 1)]
        if not waits:
            story += [("returned", 8), ("amended", 30), ("completed", 31)] if place % 7 == 0 else []
            story += [("approved", 40 + place % 60), ("issued", 60 + place % 90)]
        events += [
            {
                "application_id": body.application_id, "at_ms": came + hours * 3_600_000, "actor": "center", "move": move,
                "reasons": '["page_glare"]' if move == "returned" else "[]", "rev": 1,
            }
            for move, hours in story
        ]  # fmt: skip
        if not waits:
            seq = 100_000 + place
            cards.append({
                "seq": seq, "number": f"115{place % 100_000:05}", "roc_year": 115, "serial": place, "idbx": asked[-1]["idbx"],
                "application_id": body.application_id, "name": body.name, "approved_on": ON,
                "valid_until": ON + timedelta(days=place % 1_095), "status": "live", "secret_box": b"", "portrait_sha256": b"",
                "lookup_hash": hashlib.sha256(b"c%d" % place).digest(), "issued_ms": came,
            })  # fmt: skip
            issued.append({"seq": seq, "at_ms": came, "actor": "center", "what": "issued"})
    conn.execute(insert(application), asked)
    conn.execute(insert(history), events)
    conn.execute(insert(card), cards)
    conn.execute(insert(card_event), issued)


def _count(store: Store) -> float:
    """Seconds until the statistics know of everything."""
    began, more = time.perf_counter(), True
    while more:
        with store.write() as conn:
            more = tally_counting.count_more(conn)
    return time.perf_counter() - began


def _signed_in(app: Flask, name: str) -> FlaskClient:
    client = app.test_client()
    assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
    return client


def _processors_of(folder: Path) -> float:
    """Milliseconds that all processes of the cluster have worked until now, but for its helpers that write to the disk."""
    postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = path.read_text().rsplit(")", 1)[1].split()
            words = path.with_name("cmdline").read_text()
        except (OSError, IndexError):
            continue
        if int(said[1]) == postmaster and "postgres: postgres " in words:
            ticks += int(said[11]) + int(said[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def _measure(call: Callable[[int], int], folder: Path) -> tuple[float, float, float, float]:
    """Median and p95 in ms, median of the process's own processor time, mean of the database's."""
    for at in range(3):
        assert call(at) == 200
    taken, worked = [], []
    before = _processors_of(folder)
    for at in range(RUNS):
        began, busy = time.perf_counter(), time.process_time()
        assert call(at + 3) == 200
        taken.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - busy) * 1000)
    taken.sort()
    theirs = (_processors_of(folder) - before) / RUNS
    return statistics.median(taken), taken[int(0.95 * len(taken))], statistics.median(worked), theirs


def _pages(app: Flask, people: int) -> dict[str, Callable[[int], int]]:
    first, auditor = _signed_in(app, "first"), _signed_in(app, "auditor")
    asked = [f"{_FAMILY[n % len(_FAMILY)]}{_GIVEN[n % len(_GIVEN)]}" for n in range(RUNS + 3)]

    def search(at: int) -> int:
        return first.post("/people", data={"asked": asked[at]}).status_code

    return {
        "queue, counts and filters": lambda _: first.get("/desk/queue").status_code,
        "next case": lambda _: first.get("/desk/first").status_code,
        "search by two characters": search,
        "a person": lambda at: first.get(f"/people/{1 + at * 97 % people:036}").status_code,
        "statistics, all units": lambda at: auditor.get(f"/statistics?year={2026 - at % 2}").status_code,
        "audit, newest": lambda _: auditor.get("/audit").status_code,
    }


def run() -> None:
    """Prints the table: a line for each page and size of city."""
    load = f"{os.getloadavg()[0]:.1f}"
    print(f"## Pages of the center on PostgreSQL as the city grows, {RUNS} times each; load at the start {load}\n")
    print(
        "| page | volunteers | applications | rows of service | median ms | p95 ms | own CPU ms | database's CPU ms |"
    )
    print("|---|---|---|---|---|---|---|---|")
    notes = []
    with cluster(durable=True) as running:
        for people, applications, rows in CITIES:
            url = running.fresh()
            with tempfile.TemporaryDirectory() as folder:
                app = create_app(Settings(data_dir=Path(folder), database_url=url, second_factor=()))
                app.config["WTF_CSRF_ENABLED"] = False
                store: Store = app.extensions["store"]
                began = time.perf_counter()
                _fill(store, people, applications, rows)
                filled = time.perf_counter() - began
                counted = _count(store)
                auditing.gather(store)
                for name, call in _pages(app, people).items():
                    median, p95, own, theirs = _measure(call, running.folder)
                    figures = f"{people:,} | {applications:,} | {people * rows:,}"
                    print(f"| {name} | {figures} | {median:.1f} | {p95:.1f} | {own:.1f} | {theirs:.1f} |", flush=True)
                store.engine.dispose()
            running.drop(url)
            notes.append(f"{people:,} volunteers: filled in {filled:.0f} s, statistics counted in {counted:.1f} s")
    print("\n" + "; ".join(notes))
