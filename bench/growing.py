"""What a table of service rows cut by years saves: the same rows in one table and in a table of years, asked the same, in a
PostgreSQL of its own (SIZE=full: 20,000,000 rows; ROWS=n: so many; else 400,000). Rows are made inside the database.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

import psycopg

from tests.postgres import cluster

ROWS = int(os.environ.get("ROWS", "20000000" if os.environ.get("SIZE") == "full" else "400000"))
YEARS = range(2012, 2027)
A_PERSON = 180  # rows each: 200 million among 1.1 million people
UNITS = 2_000
ASKED = 200
COLUMNS = """
    row_id bigint NOT NULL, person_no bigint NOT NULL, unit_no integer NOT NULL, start_on date NOT NULL, end_on date NOT NULL,
    half_hours integer NOT NULL, item text NOT NULL, content text NOT NULL, void_ms bigint
"""
FILL = """
    INSERT INTO {table}
    SELECT n, 1 + (n * 7919) %% %(people)s, 1 + (n * 104729) %% %(units)s, day, day, 2 + n %% 14, '導覽', '展場導覽', NULL
    FROM (
        SELECT n, date '2012-01-01' + ((n * 2654435761) %% 5400)::int AS day FROM generate_series(1, %(rows)s::bigint) AS n
    ) AS made
"""
QUESTIONS = {
    "a person's record": ("SELECT * FROM {table} WHERE person_no = %(n)s ORDER BY start_on", "people"),
    "a person's last three years": (
        "SELECT * FROM {table} WHERE person_no = %(n)s AND start_on >= date '2023-11-01' ORDER BY start_on", "people",
    ),
    "a unit's hours of this year": (
        "SELECT sum(half_hours) FROM {table} WHERE unit_no = %(n)s AND start_on >= date '2026-01-01'", "units",
    ),
}  # fmt: skip


TABLES = ("one", "years")


def run() -> None:
    """Prints both beside each other."""
    people = max(1, ROWS // A_PERSON)
    print(
        f"Service rows: {ROWS:,} of {people:,} people at {UNITS:,} units over {len(YEARS)} years, PostgreSQL, one connection"
    )
    with cluster() as running, psycopg.connect(
        host=str(running.folder), user="postgres", dbname="postgres", autocommit=True
    ) as conn:  # fmt: skip
        found = {table: _made(conn, table, people) for table in TABLES}
        for name, (question, of) in QUESTIONS.items():
            times = _asked(conn, question, people if of == "people" else UNITS)
            for table in TABLES:
                half, most = statistics.median(times[table]), sorted(times[table])[int(ASKED * 0.95)]
                found[table][f"{name}, ms p50 / p95"] = f"{half:.2f} / {most:.2f}"
        for table in TABLES:
            found[table] |= _kept_up(conn, table, people)
    print(f"| {'what':<42} | {'one table':>14} | {'by years':>14} |\n|{'-' * 44}|{'-' * 16}|{'-' * 16}|")
    for name in found["one"]:
        print(f"| {name:<42} | {found['one'][name]:>14} | {found['years'][name]:>14} |")


def _made(conn: psycopg.Connection[Any], table: str, people: int) -> dict[str, str]:
    _make(conn, table)
    filled_s = _timed(conn, FILL, table, people)
    indexed_s = sum(
        _timed(conn, f"CREATE INDEX ix_{{table}}_{name} ON {{table}} ({columns})", table, people)
        for name, columns in (("person", "person_no, start_on"), ("unit", "unit_no, start_on"))
    )
    _timed(conn, "VACUUM ANALYZE {table}", table, people)
    return {
        "rows in, thousand a second": f"{ROWS / 1000 / filled_s:.0f}", "both indexes made, s": f"{indexed_s:.1f}",
        "largest index, MB": f"{_largest_index(conn, table) / 1e6:.0f}",
    }  # fmt: skip


def _asked(conn: psycopg.Connection[Any], question: str, most: int) -> dict[str, list[float]]:
    """Milliseconds by table, asked in turns, so that whatever else the machine does falls on both."""
    times: dict[str, list[float]] = {table: [] for table in TABLES}
    for n in range(1, ASKED + 1):
        for table in TABLES if n % 2 else reversed(TABLES):
            begun = time.perf_counter()
            conn.execute(question.format(table=table), {"n": 1 + n * 7717 % most}).fetchall()  # type: ignore[arg-type]
            times[table].append((time.perf_counter() - begun) * 1000)
    return times


def _kept_up(conn: psycopg.Connection[Any], table: str, people: int) -> dict[str, str]:
    """What upkeep costs: the newest year looked through, the oldest taken off."""
    newest = "years_2026" if table == "years" else "one"
    vacuumed_s = _timed(conn, f"VACUUM (FREEZE) {newest}", table, people)
    off = (
        "ALTER TABLE years DETACH PARTITION years_2012"
        if table == "years"
        else "DELETE FROM one WHERE start_on < date '2013-01-01'"
    )
    return {
        "the newest year's vacuum, s": f"{vacuumed_s:.2f}",
        "the oldest year taken off, s": f"{_timed(conn, off, table, people):.3f}",
    }


def _make(conn: psycopg.Connection[Any], table: str) -> None:
    if table == "one":
        conn.execute(f"CREATE TABLE one ({COLUMNS})")  # type: ignore[arg-type]
        return
    conn.execute(f"CREATE TABLE years ({COLUMNS}) PARTITION BY RANGE (start_on)")  # type: ignore[arg-type]
    for year in YEARS:
        conn.execute(
            f"CREATE TABLE years_{year} PARTITION OF years FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"  # type: ignore[arg-type]
        )


def _largest_index(conn: psycopg.Connection[Any], table: str) -> int:
    asked = "SELECT max(pg_relation_size(indexrelid)) FROM pg_index WHERE indrelid::regclass::text ~ %s"
    found = conn.execute(asked, [f"^{table}"])
    (size,) = found.fetchone() or (0,)
    return int(size)


def _timed(conn: psycopg.Connection[Any], statement: str, table: str, people: int) -> float:
    begun = time.perf_counter()
    values = {"people": people, "units": UNITS, "rows": ROWS}
    conn.execute(statement.format(table=table), values if "%(" in statement else None)  # type: ignore[arg-type]
    return time.perf_counter() - begun
