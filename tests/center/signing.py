"""A tablet's side by hand: requests signed one by one, so that a test can spoil them."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import msgspec

from center.store import devices
from sync import wire
from sync.claims import verdict_of, verdict_record
from sync.device import DeviceKeys, sign
from sync.ids import uuid7
from sync.seal import seal
from tests.sync.loopback import picture


class _Request:
    def __init__(self, method: str, url: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, url, headers


class Tablet:
    """An enrolled tablet that talks to the app's test client."""

    def __init__(self, app, store, center_key: bytes, unit_id: str | None) -> None:
        self.client = app.test_client()
        self.keys = DeviceKeys.generate()
        self.device_id = uuid7()
        self.center_key = center_key
        self.epoch = "epoch-1"
        with store.write() as conn:
            devices.add(
                conn, device_id=self.device_id, unit_id=unit_id, name="1 號機", profile="staff",
                sign_key=self.keys.sign_public, seal_key=self.keys.seal_public, at_ms=1,
            )  # fmt: skip

    def headers(self, method: str, path: str, body: bytes = b"", at: datetime | None = None, **more: str) -> dict:
        """Signed headers for a request."""
        request = _Request(method, f"http://localhost{path}", {})
        sign(request, self.keys.sign, self.device_id, int((at or datetime.now(UTC)).timestamp() * 1000), body)
        return {**request.headers, **{name.replace("_", "-"): value for name, value in more.items()}}

    def ask(self, method: str, path: str, body: bytes = b"", at: datetime | None = None, **more: str):
        """A signed request's answer."""
        return self.client.open(path, method=method, data=body, headers=self.headers(method, path, body, at, **more))

    def push(self, *ops: wire.Op, **changed) -> wire.PushAnswer:
        """Pushes a batch."""
        message = wire.Push(proto=wire.PROTO, device_id=self.device_id, dev_epoch=self.epoch, ops=ops)
        body = wire.encode(msgspec.structs.replace(message, **changed))
        answer = self.ask("POST", "/v1/ops", body, Content_Type="application/json")
        assert answer.status_code == 200, answer.text
        return wire.decode(wire.PushAnswer, answer.data)

    def feed(self, cursor: int = 0) -> wire.FeedPage:
        """A page of the feed."""
        answer = self.ask("GET", f"/v1/feed?cursor={cursor}&limit=500")
        assert answer.status_code == 200, answer.text
        return wire.decode(wire.FeedPage, answer.data)

    def op(self, seq: int, body: wire.ApplicationBody | wire.PrintAck, kind: str = "application.submit", **changed):
        """An operation with a sealed body."""
        sealed = seal(wire.encode(body), self.center_key, "body")
        photos = getattr(body, "photos", ())
        values = {
            "seq": seq, "op_id": uuid7(), "kind": kind, "entity_id": body.application_id, "base_rev": None,
            "schema_v": wire.SCHEMA_V, "sha256": hashlib.sha256(sealed).hexdigest(), "body": sealed,
            "needs_blobs": tuple(photo.sealed_sha256 for photo in photos),
        }  # fmt: skip
        return wire.Op(**{**values, **changed})


def sealed_photo(tablet: Tablet, slot: str, position: int, clear: bytes) -> tuple[wire.Photo, bytes]:
    """A photograph as an application names it, and its sealed bytes."""
    content = seal(clear, tablet.center_key, "photo")
    photo = wire.Photo(
        slot=slot, position=position, sealed_sha256=hashlib.sha256(content).hexdigest(),
        clear_sha256=hashlib.sha256(clear).hexdigest(), size=len(content), width=64, height=80,
    )  # fmt: skip
    return photo, content


def application_body(photos, **changed) -> wire.ApplicationBody:
    """A first application that passes on 115.11.21."""
    rows = tuple(
        wire.ServiceRow(start=date(year, 10, 1), end=date(year, 11, 15), minutes=80 * 60)
        for year in (2022, 2023, 2024, 2025, 2026)
    )
    body = wire.ApplicationBody(
        application_id=uuid7(), receipt="HC-7K3M-22QF", kind="first", identity_kind="national",
        identity_number="A123456789", nationality="", name="王小明", birth_date=date(1970, 5, 17), email="",
        books=(wire.Book(prefix="北市動物園", number="000123"),), rows=rows, first_day=None, last_day=None, half_hours=None,
        category="ordinary", previous=None, photos=tuple(photos), submitted_on=date(2026, 11, 21), language="zh",
        notice="…", slip_secret="00" * 16, verdict={},
    )  # fmt: skip
    body = msgspec.structs.replace(body, **changed)
    if "verdict" not in changed:
        body = msgspec.structs.replace(body, verdict=verdict_record(verdict_of(body, "taipei")))
    return body


def photos_of(tablet: Tablet, seed: str = "a", pages: int = 1) -> tuple[list[wire.Photo], dict[str, bytes]]:
    """Headshot, cover and pages with their sealed bytes by address."""
    places = [("headshot", 0), ("cover", 0), *(("page", place) for place in range(1, pages + 1))]
    made = [sealed_photo(tablet, slot, place, picture(f"{seed}{slot}{place}")) for slot, place in places]
    return [photo for photo, _ in made], {photo.sealed_sha256: content for photo, content in made}
