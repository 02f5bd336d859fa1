"""The kiosk's pages: time inside the server, on an unlocked tablet with an application sheet of twelve (target: p95 ≤ 15 ms)."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from sqlite_utils import Database

from bench.timing import HEAD, measure, row
from kiosk import create_app, pins
from kiosk.drafting import Answers, Identity, Service
from kiosk.settings import Settings
from kiosk.store import application_sheets, drafts
from sync.ids import uuid7
from sync.wire import Book, ServiceRow
from web.clock import today

PIN = "204680"
APPLICANTS, ROWS = 12, 40


def _applicant(place: int, on: date) -> Answers:
    """Somebody with forty rows over somewhat more than three years."""
    rows = tuple(
        ServiceRow(
            start=on - timedelta(days=30 * (at + 1)),
            end=on - timedelta(days=30 * at + 1),
            minutes=450,
            unit=f"unit {at % 3}",
        )
        for at in range(ROWS)
    )
    return Answers(
        kind="first",
        identity=Identity(number=f"A{100_000_000 + place}", kind="national"),
        name=f"Volunteer {place}",
        birth_date=date(1958, 8, 16),
        books=(Book(prefix="北市志", number=f"{place:06}"),),
        service=Service(rows=rows),
    )


def _sheet(db: Database) -> tuple[str, str]:
    """An application sheet; gives its id and that of one applicant on it."""
    sheet_id, application_id = uuid7(), ""
    application_sheets.begin(db, sheet_id, "1", today().isoformat(), 1)
    for place in range(APPLICANTS):
        application_id = uuid7()
        drafts.create(db, application_id, 1, _applicant(place, today()))
        application_sheets.put_on(db, sheet_id, application_id, 1)
    return sheet_id, application_id


def run() -> None:
    """Prints the table."""
    print("## Kiosk pages, server time\n" + HEAD)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        app.config["WTF_CSRF_ENABLED"] = False
        store = app.extensions["store"]
        pins.set_pin(store, PIN)
        client = app.test_client()
        assert client.post("/unlock", data={"pin": PIN}).status_code == 303
        with app.app_context(), store.write() as db:
            sheet_id, application_id = _sheet(db)
        at = f"/apply/{application_id}"
        pages = {
            "/": "/", "/verify": "/verify", "/apply/new": "/apply/new", "/apply/…/identity": f"{at}/identity",
            "/apply/…/book, forty rows": f"{at}/book?mode=rows", "/apply/…/verdict, forty rows": f"{at}/verdict",
            "/apply/…/check": f"{at}/check", "/sheets": "/sheets", "/sheets/…, twelve applicants": f"/sheets/{sheet_id}",
            "/roster": "/roster", "/record": "/record", "/places": "/places", "/tray": "/tray",
        }  # fmt: skip
        for name, path in pages.items():
            status = client.get(path).status_code
            assert status == 200, (path, status)
            print(row(f"GET {name}", measure(lambda where=path: client.get(where), 60)))  # type: ignore[misc]
