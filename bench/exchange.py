"""A list of 100,000 lines of service of which 300 are wrong: CPU seconds of the dry run, the import and the undo, and peak memory.

    python -m bench.exchange [--rows 100000] [--form xlsx] [--url postgresql+psycopg://…]

Everything runs in this process over a new store; memory is the process's own peak beyond what it had before the file came.
"""

from __future__ import annotations

import argparse
import io
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from center.exchange import running
from center.exchange.fields import Kind
from center.settings import Settings
from center.store import Store, accounts, exchange
from honorcard import identity

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WRONG = 300
PEOPLE = 5_000


def numbers(count: int) -> list[str]:
    """So many valid identity numbers of nobody."""
    found: list[str] = []
    serial = 0
    while len(found) < count:
        for digit in range(10):
            number = f"A1{serial:07d}{digit}"
            if identity.read(number).valid:
                found.append(number)
                break
        serial += 1
    return found


def table(rows: list[list[object]], form: str) -> bytes:
    """The rows as a file."""
    if form == "csv":
        return "\r\n".join(",".join(map(str, row)) for row in rows).encode("utf-8-sig")
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def measured(name: str, work: Callable[[], object]) -> None:
    """CPU seconds, wall seconds, and peak memory so far."""
    cpu, wall = time.process_time(), time.monotonic()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name:24} {time.process_time() - cpu:7.1f} s CPU {time.monotonic() - wall:7.1f} s  peak {peak} MB", flush=True
    )


def main() -> None:
    """Runs it once and prints a table."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--rows", type=int, default=running.MOST_ROWS)
    ask.add_argument("--form", choices=("csv", "xlsx"), default="xlsx")
    ask.add_argument("--url", default="")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder), database_url=asked.url)
        store = Store(settings.url)
        store.create()
        with store.write() as conn:
            unit = accounts.add_unit(conn, "北門文化導覽志工隊", "U001")
            by = accounts.add(conn, "admin", "吳管理", "administrator", None, "kite-river-stone")
        assert unit
        people = numbers(PEOPLE)

        def bring(kind: Kind, data: bytes) -> str:
            batch_id = running.begin(store, settings, kind, data, by=by, now_ms=1)
            running.work(store, settings, batch_id, NOW)
            return batch_id

        def go(batch_id: str, before: str, after: str) -> None:
            with store.write() as conn:
                assert exchange.change(conn, batch_id, if_state=before, state=after)
            running.work(store, settings, batch_id, NOW)

        named = [
            ["姓名", "身分證字號", "運用單位"],
            *([f"志工{at}", number, "U001"] for at, number in enumerate(people)),
        ]
        listed = bring("volunteers", table([[*row] for row in named], "csv"))
        measured(f"import {PEOPLE:,} volunteers", lambda: go(listed, "ready", "importing"))
        every = max(1, asked.rows // WRONG)
        rows: list[list[object]] = [["身分證字號", "單位", "服務起日", "服務迄日", "服務時數", "服務內容"]]
        for at in range(asked.rows):
            day = f"{112 + at // PEOPLE % 3}.{1 + at // PEOPLE // 3 % 12:02d}.{1 + at % 28:02d}"
            rows.append([people[at % PEOPLE], "U001", day, day, "12:17" if at % every == 0 else "4.5", "展場導覽"])
        data = table(rows, asked.form)
        del rows
        print(f"{asked.rows:,} lines of {asked.form}, {len(data) / 2**20:.1f} MB")
        held: list[str] = []
        measured("dry run", lambda: held.append(bring("hours", data)))
        with store.read() as conn:
            batch = exchange.find(conn, held[0])
        assert batch is not None
        print(batch.state, batch.counts)
        measured("import", lambda: go(held[0], "ready", "importing"))
        measured("undo", lambda: go(held[0], "imported", "undoing"))
        store.engine.dispose()


if __name__ == "__main__":
    main()
