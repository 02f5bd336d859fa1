"""A center of real parts: SQLite in a folder, issuer keys, a person of each role, a tablet, applications."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from center import create_app, photostore
from center.indices import identity_index
from center.settings import Settings
from center.store import Store, accounts, cases, devices, intake, metadata, photographs
from honorcard import names
from sync.claims import verdict_of, verdict_record
from sync.ids import uuid7
from sync.wire import ApplicationBody, Photo, ServiceRow
from tests import kept
from tests.both_stores import cluster_of_the_session, store_kind  # noqa: F401 - fixtures
from tests.center.verifying import gate_page  # noqa: F401 - a fixture
from tests.sync import loopback

PASSWORD = "kite-river-stone"
TEN_IN_THE_MORNING = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 115.11.21, Taipei 10:00


def picture(word: str, size: tuple[int, int] = (560, 700)) -> bytes:
    """A JPEG that differs from others by its word."""
    image = Image.new("RGB", size, "#cfe0ee")
    pen = ImageDraw.Draw(image)
    pen.ellipse((size[0] * 0.3, size[1] * 0.2, size[0] * 0.7, size[1] * 0.6), fill="#b98")
    pen.text((20, 20), word, fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


# what is tried on SQLite and on PostgreSQL alike; pages that only show what others wrote are tried on one
BOTH = {
    "test_accounts", "test_audit", "test_backups", "test_batch", "test_busy", "test_desk_queue", "test_devices", "test_drill",
    "test_events", "test_exchange", "test_expanding", "test_feed", "test_finding", "test_intake", "test_issue", "test_mail_outbox",
    "test_opening", "test_people", "test_retention", "test_uploads", "test_volunteers",
}  # fmt: skip
# on both with `make both`, too: they go by the same rooms of the store as those above
PAGES = {
    "test_api_service",
    "test_cards",
    "test_earlier",
    "test_exchange_out",
    "test_reissues",
    "test_statistics",
    "test_venues",
}
if os.environ.get("STORES") == "both":
    BOTH |= PAGES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if Path(metafunc.module.__file__).stem in BOTH:
        metafunc.fixturenames.insert(0, "store_kind")  # before anything that makes a center
        metafunc.parametrize("store_kind", ["sqlite", "postgresql"], indirect=True)


@dataclass
class World:
    """The center under test and the people in it."""

    app: Flask
    settings: Settings
    store: Store
    device_key: X25519PrivateKey
    device_id: str
    units: dict[str, str]
    people: dict[str, str]
    clock: list[datetime] = field(default_factory=lambda: [TEN_IN_THE_MORNING])

    @property
    def now(self) -> datetime:
        return self.clock[0]

    def at(self, moment: datetime) -> None:
        self.clock[0] = moment

    def browser(self, name: str | None = None) -> Browser:
        browser = Browser(self.app.test_client())
        if name is not None:
            answer = browser.send("/sign-in", name=name, password=PASSWORD, see="/sign-in")
            assert answer.status_code == 303
        return browser

    def application(self, *, state: str = "first_review", **changes: Any) -> str:
        """An application that has come in with its photographs opened; returns its id. shots: each photograph's place,
        and what a page shows; hints: what the tablet saw, by place.
        """
        hints = changes.pop("hints", {})
        application_id = uuid7()
        photos = []
        shots = changes.pop("shots", {("headshot", 0): None, ("cover", 0): None, ("page", 1): None, ("page", 2): None})
        for place, ((slot, position), shown) in enumerate(shots.items()):
            content = picture(f"{application_id} {slot} {position}")
            address = hashlib.sha256(content).hexdigest()
            photostore.put(self.settings, "photo", address, content)
            sealed = hashlib.sha256(f"{application_id}{place}".encode()).hexdigest()
            photos.append(
                Photo(
                    slot=slot, position=position, sealed_sha256=sealed, clear_sha256=address, size=len(content) + 48,
                    width=560, height=700, evidence=shown, hints=hints.get((slot, position), ()),
                )
            )  # fmt: skip
        unit = changes.pop("unit", "north_gate")
        device_id = changes.pop("device_id", self.device_id)
        flags = changes.pop("flags", [])
        body = body_of(application_id, tuple(photos), **changes)
        idbx = identity_index(self.settings, body)
        now_ms = int(self.now.timestamp() * 1000)
        with self.store.write() as conn:
            verdict = verdict_record(verdict_of(body, "taipei", cases.counted_until(conn, idbx)))
            intake.add(
                conn,
                [(body, intake.Facts(idbx, names.fold(body.name), verdict, tuple(flags)))],
                unit_id=self.units[unit],
                device_id=device_id,
                now_ms=now_ms,
            )
            photographs.expect(conn, application_id, body.photos)
            for photo in body.photos:
                found = photographs.ToOpen(
                    application_id, photo.slot, photo.position, photo.sealed_sha256, photo.clear_sha256
                )
                arrive(conn, found)
            cases.record(conn, application_id, actor=device_id or "center", what="submitted", rev=1, now_ms=now_ms)
            if state != "incomplete":
                intake.set_state(conn, application_id, "first_review", now_ms)
                cases.record(conn, application_id, actor="center", what="completed", rev=2, now_ms=now_ms)
        if state == "second_review":
            self.browser("first").decide(application_id, "approve")
        return application_id

    def issued(self, **changes: Any) -> str:
        """A card issued by the desk's own way; returns its number."""
        application_id = self.application(state="second_review", **changes)
        answer = self.browser("second").decide(application_id, "approve")
        assert answer.status_code == 303
        from center.store import cards

        with self.store.read() as conn:
            card = cards.of_application(conn, application_id)
        assert card is not None
        return card.number

    def case(self, application_id: str) -> cases.Case:
        with self.store.read() as conn:
            found = cases.find(conn, application_id)
        assert found is not None
        return found


def arrive(conn: Any, photo: photographs.ToOpen) -> None:
    """The photograph has been uploaded and opened."""
    from sqlalchemy import update

    from center.store.tables import application_photo

    conn.execute(
        update(application_photo)
        .where(application_photo.c.sealed_sha256 == bytes.fromhex(photo.sealed_sha256))
        .values(state="stored")
    )
    assert photographs.settle(conn, photo, "opened")


class Browser:
    """A Flask test client that sends the CSRF token of the page it stands on."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def token(self, path: str) -> str:
        page = self.client.get(path, follow_redirects=True).get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(r'"X-CSRFToken": "([^"]+)"', page)
        assert found, f"no CSRF token on {path}"
        return found[1]

    def send(self, path: str, *, see: str = "/", **form: Any) -> Any:
        return self.client.post(path, data={"csrf_token": self.token(see), **form})

    def decide(self, application_id: str, action: str, **form: Any) -> Any:
        page = self.client.get(f"/desk/case/{application_id}").get_data(as_text=True)
        rev = re.search(r'name="rev" value="(\d+)"', page)
        data = {"rev": rev[1] if rev else "0", **form}
        return self.send(f"/desk/case/{application_id}/{action}", **data)


def body_of(application_id: str, photos: tuple[Photo, ...], **changes: Any) -> ApplicationBody:
    """A clean first application: three years and 300 hours to 115.10.31."""
    rows = tuple(
        ServiceRow(start=date(2023 + n, 11, 1), end=date(2024 + n, 10, 31), minutes=6000, content="展場導覽")
        for n in range(3)
    )
    values: dict[str, Any] = {
        "application_id": application_id,
        "receipt": "HC-7K3M-22QF",
        "kind": "first",
        "identity_kind": "national",
        "identity_number": "A223456781",
        "nationality": "",
        "name": "林秀琴",
        "birth_date": date(1958, 8, 16),
        "email": "",
        "books": [{"prefix": "北市志", "number": "0012345"}],
        "rows": rows,
        "first_day": None,
        "last_day": None,
        "half_hours": None,
        "category": "ordinary",
        "previous": None,
        "photos": photos,
        "submitted_on": date(2026, 11, 20),
        "language": "zh",
        "notice": "本資料僅用於申請志願服務卡等相關志工服務。",
        "slip_secret": "00112233445566778899aabbccddeeff",
        "verdict": {"outcome": "pass"},
    }
    return msgspec.convert(msgspec.to_builtins({**values, **changes}), ApplicationBody)


@pytest.fixture
def make_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_kind: str) -> Callable[..., World]:  # noqa: F811
    """A function that builds a center; settings may be changed by name."""
    # argon2id itself, at the smallest cost: a hundred sign-ins a test file otherwise take a minute
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts._nobody.cache_clear()

    def make(at: datetime = TEN_IN_THE_MORNING, **changes: Any) -> World:
        folder = tmp_path / "center"
        plain = {"database_url": loopback.database_of(folder), "undo_s": 0, "second_factor": ()}
        settings = Settings(data_dir=folder, **{**plain, **changes})
        clock = [at]
        kept.empty_center(settings)
        app = create_app(settings, now_is=lambda: clock[0])
        app.config["TESTING"] = False
        store: Store = app.extensions["store"]
        assert store.is_sqlite == (store_kind == "sqlite")
        metadata.create_all(store.engine)
        key = X25519PrivateKey.generate()
        device_id = uuid7()
        people: dict[str, str] = {}
        with store.write() as conn:
            units = {
                "north_gate": accounts.add_unit(conn, "北門文化導覽志工隊", "U001"),
                "shezi": accounts.add_unit(conn, "社子島環境隊", "U002"),
            }
            for name, person, role, unit in (
                ("first", "陳初審", "first_reviewer", None),
                ("second", "王複審", "second_reviewer", None),
                ("admin", "吳管理", "administrator", None),
                ("officer", "黃承辦", "unit_officer", units["north_gate"]),
                ("stranger", "張外人", "unit_officer", units["shezi"]),
                ("auditor", "林稽核", "auditor", None),
                ("venue", "北門展館", "venue", None),
            ):
                people[name] = accounts.add(conn, name, person, role, unit, PASSWORD)
            devices.add(
                conn, device_id=device_id, unit_id=units["north_gate"], name="花博 2 號機", profile="staff",
                sign_key="-", seal_key=key.public_key().public_bytes_raw(),
                at_ms=int((clock[0] - timedelta(days=1)).timestamp() * 1000),
            )  # fmt: skip
        return World(app, settings, store, key, device_id, units, people, clock)

    return make


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """A center with one person of each role."""
    return make_world()
