"""The review desk: time inside the server for the next case, the queue and its filters among many applications (SIZE=full:
100,000 of which a tenth waits; else 20,000), and a reviewer in Chromium with 50 cases of which five have planted errors: keys
pressed, server time a case (targets: next case p95 ≤ 100 ms, at most 2 keys for a clean case).
"""

from __future__ import annotations

import hashlib
import io
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
from flask import Flask, g, request
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import insert

from bench.timing import HEAD, measure, row
from center import create_app, photostore
from center.settings import Settings
from center.store import accounts
from center.store.tables import application, application_body, application_photo
from sync.claims import verdict_of, verdict_record
from sync.ids import uuid7
from sync.wire import ApplicationBody, Book, Photo, ServiceRow, encode

FULL = os.environ.get("SIZE") == "full"
APPLICATIONS = 100_000 if FULL else 20_000
DECISIONS = 200 if FULL else 60
CASES, PLANTED, KEYS = 50, 5, 2
PASSWORD = "kite-river-stone"
ON = date(2026, 11, 20)
ROWS = 24
DAY_MS = 86_400_000
_PLACES: tuple[tuple[Literal["headshot", "cover", "page"], int], ...] = (
    ("headshot", 0), ("cover", 0), ("page", 1), ("page", 2),
)  # fmt: skip


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (900, 1200), "#f4efe2").save(out, "JPEG", quality=80)
    return out.getvalue()


def body_of(place: int, photos: tuple[Photo, ...], hours_short: bool = False) -> ApplicationBody:
    """Somebody with rows over three years; one hour short of 300 when that is planted."""
    rows = tuple(
        ServiceRow(
            start=ON - timedelta(days=20 + 46 * (at + 1)), end=ON - timedelta(days=20 + 46 * at),
            minutes=748 if hours_short else 780, content="展場導覽",
        )
        for at in reversed(range(ROWS))
    )  # fmt: skip
    body = ApplicationBody(
        application_id=uuid7(), receipt=f"HC-{place // 10_000:04}-{place % 10_000:04}", kind="first", identity_kind="national",
        identity_number=f"A{100_000_000 + place}", nationality="", name=f"志工{place:06}", birth_date=date(1958, 8, 16),
        email="", books=(Book(prefix="北市志", number=f"{place:06}"),), rows=rows, first_day=None, last_day=None,
        half_hours=None, category="ordinary", previous=None, photos=photos, submitted_on=ON, language="zh", notice="",
        slip_secret="00" * 16, verdict={},
    )  # fmt: skip
    return msgspec.structs.replace(body, verdict=verdict_record(verdict_of(body, "taipei")))


@contextmanager
def center_with(many: int, waiting: int, planted: int = 0) -> Iterator[Flask]:
    """A center with so many applications, the first `waiting` of which wait for their first review, `planted` of them short of
    hours.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), second_factor=())
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        store = app.extensions["store"]
        picture = _picture()
        address = hashlib.sha256(picture).hexdigest()
        photostore.put(settings, "photo", address, picture)
        photos = tuple(
            Photo(slot=slot, position=position, sealed_sha256=address, clear_sha256=address, size=1, width=900, height=1200)
            for slot, position in _PLACES
        )  # fmt: skip
        bad = {(at + 1) * waiting // (planted + 1) for at in range(planted)}
        with store.write() as conn:
            units = [accounts.add_unit(conn, f"運用單位 {n}", f"U{n:03}") for n in range(100)]
            for name, role in (("first", "first_reviewer"), ("second", "second_reviewer")):
                accounts.add(conn, name, name, role, None, PASSWORD)
            now_ms = int(time.time() * 1000)
            rows: list[dict[str, Any]] = []
            shown: list[dict[str, Any]] = []
            bodies: list[dict[str, Any]] = []
            for place in range(many):
                body = body_of(place, photos, place in bad)
                waits = place < waiting
                state = "first_review" if waits else "second_review" if place < 2 * waiting else "issued"
                rows.append({
                    "application_id": body.application_id, "receipt": body.receipt, "rev": 2, "state": state, "kind": "first",
                    "unit_id": units[place % len(units)], "device_id": None, "idbx": hashlib.sha256(b"%d" % place).digest(),
                    "name": body.name, "name_key": body.name, "body": encode(body).decode(), "verdict": "{}",
                    "outcome": str(body.verdict["outcome"]),
                    "flags": '["clock_doubt"]' if place % 10 == 0 and not planted else "[]",
                    "submitted_on": ON, "received_ms": now_ms - 9 * DAY_MS + place * 10, "changed_ms": now_ms,
                })  # fmt: skip
                if waits:
                    bodies.append({"application_id": body.application_id, "rev": 1, "body": encode(body).decode()})
                    shown += [
                        {
                            "application_id": body.application_id, "slot": photo.slot, "position": photo.position,
                            "sealed_sha256": bytes.fromhex(address), "clear_sha256": bytes.fromhex(address), "state": "opened",
                        }
                        for photo in photos
                    ]  # fmt: skip
                if len(rows) == 2_000 or place == many - 1:
                    conn.execute(insert(application), rows)
                    if shown:
                        conn.execute(insert(application_photo), shown)
                        conn.execute(insert(application_body), bodies)
                    rows, shown, bodies = [], [], []
        yield app


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert client.post("/sign-in", data={"name": "first", "password": PASSWORD}).status_code == 303
    return client


def _server_times() -> None:
    waiting = APPLICATIONS // 10
    print(
        f"## Review desk, server time among {APPLICATIONS:,} applications, {waiting:,} of them in the queue\n\n{HEAD}"
    )
    with center_with(APPLICATIONS, waiting) as app:
        client = _signed_in(app)

        def decide() -> None:
            page = client.get("/desk/first").get_data(as_text=True)
            case = page.split('data-case-id="')[1][:36]
            rev = page.split('name="rev" value="')[1].split('"')[0]
            began, worked = time.perf_counter(), time.process_time()
            assert client.post(f"/desk/case/{case}/approve", data={"rev": rev}).status_code == 303
            assert client.get("/desk/first").status_code == 200
            taken.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - worked) * 1000)

        taken: list[float] = []
        busy: list[float] = []
        for _ in range(DECISIONS):
            decide()
        for name, times in (
            ("approve, and the next case on the screen", taken),
            ("the same, time of the processor", busy),
        ):
            times.sort()
            print(
                f"| {name:<52} | {statistics.median(times):9.3f} | {times[int(0.95 * len(times))]:9.3f} |"
                f" {len(times):5} | {'':>9} |"
            )
        for name, path in {
            "GET the queue, with figures and every filter's counts": "/desk/queue",
            "GET the queue of flagged cases": "/desk/queue?flag=any",
            "GET the queue, waiting for a week": "/desk/queue?age=7",
            "GET a case": "/desk/first",
        }.items():
            print(row(name, measure(lambda where=path: client.get(where), 30)))  # type: ignore[misc]


def _journey() -> None:
    """A reviewer who knows what to press: A where all is met, else R and the reason."""
    import waitress
    from playwright.sync_api import expect, sync_playwright

    with center_with(CASES, CASES, PLANTED) as app:
        spent: list[float] = []
        app.before_request(lambda: setattr(g, "began", time.perf_counter()))

        @app.after_request
        def _note(answer: Any) -> Any:
            if not request.path.endswith((".jpg", ".webp", "/attention")) and request.path.startswith("/desk/"):
                spent.append((time.perf_counter() - g.began) * 1000)
            return answer

        server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        pressed: dict[bool, list[int]] = {True: [], False: []}
        a_case: list[float] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-TW")
            page.goto(f"http://127.0.0.1:{server.effective_port}/sign-in")
            page.fill("[name=name]", "first")
            page.fill("[name=password]", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/desk/first")
            for _ in range(CASES):
                main = page.locator("main[data-desk]")
                case = main.get_attribute("data-case-id") or ""
                clean = page.locator("button[data-decide=approve]").count() > 0
                spent.clear()
                keys = ["a"] if clean else ["r", "5", "Enter"]
                for key in keys:
                    page.keyboard.press(key)
                expect(page.locator("main[data-desk]")).not_to_have_attribute("data-case-id", case, timeout=60_000)
                pressed[clean].append(len(keys))
                a_case.append(sum(spent))
            browser.close()
        server.close()
    a_case.sort()
    print(f"\n## A reviewer in Chromium, {CASES} cases of which {PLANTED} have an error\n")
    print("| cases | keys a case, most | target | server ms a case, median | p95 |\n|---|---|---|---|---|")
    print(
        f"| clean: {len(pressed[True])}; in error, sent back: {len(pressed[False])} | clean {max(pressed[True])};"
        f" in error {max(pressed[False])} | clean ≤ {KEYS} | {statistics.median(a_case):.1f} |"
        f" {a_case[int(0.95 * len(a_case))]:.1f} |"
    )
    assert len(pressed[False]) == PLANTED


def run() -> None:
    """Prints both tables."""
    _server_times()
    _journey()
