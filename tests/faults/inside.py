"""Tablets and a center in this one process: the real sync client, the real apps, and between them a line that loses answers,
says everything twice and brings old requests late.

No socket is opened: requests go to the center's WSGI app. What is not here: what is done with them (d07_model, d31_duplicates).
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

import kiosk.settings
from center import keyring, opening
from center.store import accounts, devices
from center.store.tables import feed, meta
from honorcard import identity
from honorcard.card import slip
from kiosk import create_app as create_kiosk
from kiosk import greeting
from kiosk.news import News
from kiosk.store import sent, syncing
from kiosk.store.syncing import Membership
from sync import blobs, clock, outbox, uploads, wire
from sync.client import Round
from sync.device import DeviceAuth, DeviceKeys
from sync.ids import uuid7
from sync.seal import SealError, seal
from tests.sync.loopback import Center, picture

BORN = date(1970, 5, 17)
REVIEWERS = (("first", "first_reviewer"), ("second", "second_reviewer"))


class City:
    """A center with two reviewers, in a folder."""

    def __init__(self, folder: Path) -> None:
        accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # nobody signs in here
        self.folder = folder
        self.center = Center(folder / "center")
        # a run signs in minutes what a city signs in years
        self.center.settings = replace(self.center.settings, signings_a_day=10**6)
        keyring.ring(self.center.settings, at=datetime.now(UTC))
        with self.center.store.write() as conn:
            for name, role in REVIEWERS:
                accounts.add(conn, name, name, role, None, "kite-river-stone")
            self.people = {found.role: found for found in accounts.everyone(conn)}

    def open_all(self) -> None:
        """Every photograph that has arrived is opened, and the list of cards is fresh."""
        self.center.worker.step()

    def open_photographs(self) -> None:
        """Every photograph that has arrived is opened; the list of cards, hundreds of files, stays as it was."""
        opening.open_stored(self.center.store, self.center.settings, now=datetime.now(UTC))

    def last(self) -> int:
        """The number of the feed's last item."""
        with self.center.store.read() as conn:
            return int(conn.execute(select(func.coalesce(func.max(feed.c.lsn), 0))).scalar_one())

    def copy(self) -> Path:
        """The database as it is now."""
        made = self.folder / "copy.db"
        made.unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(self.center.settings.data_dir / "center.db")) as db:
            db.execute("VACUUM INTO ?", (str(made),))
        return made

    def put_back(self, copy: Path) -> None:
        """The center comes back from that copy: another life of its database begins."""
        self.center.store.engine.dispose()
        shutil.copy(copy, self.center.settings.data_dir / "center.db")
        with self.center.store.write() as conn:
            conn.execute(update(meta).where(meta.c.k == "server_epoch").values(v=uuid7()))


class Line(httpx.BaseTransport):
    """What lies between: with these odds an answer is lost, a request is said twice, or an older one comes again."""

    def __init__(self, app: Callable[..., Any], chance: random.Random, trouble: float) -> None:
        self._wsgi = httpx.WSGITransport(app=app)
        self._chance = chance
        self.trouble = trouble
        self._old: list[tuple[str, str, list[tuple[bytes, bytes]], bytes]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        content = request.read()
        kept = (request.method, str(request.url), request.headers.raw, content)
        if request.url.path == "/v1/ops":
            self._old.append(kept)
        if self._chance.random() < self.trouble / 3:
            self._say(*self._chance.choice([*self._old[-5:], kept]))
        answer = self._say(*kept)
        if self._chance.random() < self.trouble / 2:
            raise httpx.ReadError("the answer was lost", request=request)
        return answer

    def forget(self) -> None:
        """What was under way is gone with the center."""
        self._old.clear()

    def _say(self, method: str, url: str, headers: list[tuple[bytes, bytes]], content: bytes) -> httpx.Response:
        answer = self._wsgi.handle_request(httpx.Request(method, url, headers=headers, content=content))
        answer.read()
        return answer


class Tablet:
    """A tablet's store and sync, without its pages. Its applications name the tablet in every word of theirs."""

    def __init__(self, city: City, name: str, chance: random.Random, trouble: float = 0.0) -> None:
        self.name, self._city, self._chance = name, city, chance
        self.settings = kiosk.settings.Settings(data_dir=city.folder / name, free_bytes_stop=1)
        self.app = create_kiosk(self.settings)
        self.store = self.app.extensions["store"]
        self.keys = DeviceKeys.generate()
        self.keys.save(self.settings.key_file.parent)
        self.settings.trust_file.write_bytes(_bytes(keyring.trust(city.center.settings).document()))
        self.device_id, self.center_key = uuid7(), keyring.sealing_public(city.center.settings)
        with city.center.store.write() as conn:
            devices.add(
                conn, device_id=self.device_id, unit_id=city.center.unit_id, name=name, profile="staff",
                sign_key=self.keys.sign_public, seal_key=self.keys.seal_public, at_ms=1,
            )  # fmt: skip
        here = Membership(
            device_id=self.device_id, center_url="http://localhost", center_seal_key=self.center_key, unit="zoo",
            profile="staff", card_prefix="HTTPS://HC.TAIPEI/", fingerprint="123456",
        )  # fmt: skip
        with self.store.write() as db:
            syncing.join(db, here, "")
            db.conn.execute("DELETE FROM meta WHERE k = 'server_epoch'")
        self.clock_off_ms = 0
        self.line = Line(city.center.app, chance, trouble)
        auth = DeviceAuth(self.keys, self.device_id, self._now_ms, self._correct, self._read_time)
        self._http = httpx.Client(base_url="http://localhost", transport=self.line, auth=auth)
        self._hooks = News(self.settings, self.app, lambda: None)
        self._chunks = uploads.ChunkSize()

    def _now_ms(self) -> int:
        return int(time.time() * 1000) + self.clock_off_ms

    def _correct(self, server_ms: int) -> None:
        self.clock_off_ms = server_ms - int(time.time() * 1000)

    def _read_time(self, signed: object, nonce: str) -> int | None:
        return greeting.read_time(self.settings, signed, nonce)

    def photo(self, slot: str, position: int, word: str) -> wire.Photo:
        """A photograph that only this tablet takes, sealed and waiting."""
        return self.photo_of(slot, position, f"{self.name} {word} {slot} {position}")

    def photo_of(self, slot: str, position: int, seed: str) -> wire.Photo:
        """A photograph of something, the same on every tablet, sealed and waiting."""
        clear = picture(seed)
        content = seal(clear, self.center_key, "photo")
        address = blobs.put(self.settings.blobs_dir, content)
        with self.store.write() as db:
            outbox.add_blob(db, address, len(content))
        return wire.Photo(
            slot=slot, position=position, sealed_sha256=address, clear_sha256=hashlib.sha256(clear).hexdigest(),  # type: ignore[arg-type]
            size=len(content), width=64, height=80,
        )  # fmt: skip

    def send(self, body: wire.ApplicationBody | wire.Withdraw, kind: wire.OpKind, base_rev: int | None = None) -> None:
        """Puts an operation into the log, as submitting does."""
        photos = getattr(body, "photos", ())
        wall = clock.read(int(time.time() * 1000) + self.clock_off_ms)
        with self.store.write() as db:
            outbox.put(
                db, kind=kind, entity_id=body.application_id, base_rev=base_rev, reading=wall,
                body=seal(wire.encode(body), self.center_key, "body"),
                needs_blobs=sorted({photo.sealed_sha256 for photo in photos} & outbox.blob_addresses(db)),
            )  # fmt: skip
            if kind == "application.submit" and isinstance(body, wire.ApplicationBody):
                sent.add(
                    db, application_id=body.application_id, receipt=body.receipt, masked_name="王○", kind=body.kind,
                    photos=len(photos), now_ms=1, identity_mac=b"",
                )  # fmt: skip

    def round(self) -> bool:
        """One round of sync; False when the line failed in it."""
        with self.store.write() as db:  # no waiting between tries here: the model has no clock
            db.conn.execute("UPDATE op_log SET next_try_mono = NULL")
        try:
            Round(self._http, self.store, self.device_id, self.settings.blobs_dir, self._hooks, self._chunks).run()
        except httpx.HTTPError:
            return False
        return True

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the tablet's database."""
        with self.store.read() as db:
            return list(db.conn.execute(sql, values).fetchall())

    def state(self, application_id: str) -> str:
        """What the tray would say of it."""
        found = self.rows("SELECT state FROM application WHERE application_id = ?", application_id)
        return found[0][0] if found else ""

    def quiet(self) -> bool:
        """Whether nothing waits any more."""
        with self.store.read() as db:
            return not outbox.waits(db)

    def close(self) -> None:
        """Hangs up."""
        self._http.close()


def told(
    city: City, tablet: Tablet, mine: wire.ApplicationBody, *, since: int = 0, of_it_alone: bool = False
) -> list[bytes]:
    """Everything that the center has told a tablet, opened wherever the tablet, or the slip of `mine`, can open it.

    since: only items of the feed after that one. of_it_alone: only those about `mine`.
    """
    asked = select(feed).where(feed.c.device_id == tablet.device_id, feed.c.lsn > since)
    if of_it_alone:
        asked = asked.where(feed.c.entity_id == mine.application_id)
    with city.center.store.read() as conn:
        items = conn.execute(asked).all()
    secret = slip.secret_of(mine.slip_secret)
    heard: list[bytes] = []
    for item in items:
        heard += [item.body, item.entity_id.encode()]
        for label in ("returned", "sheet"):
            with contextlib.suppress(SealError, ValueError):
                heard.append(tablet.keys.open(item.body, label))  # type: ignore[arg-type]
        if item.kind == "service.record" and item.entity_id == mine.application_id and secret is not None:
            record = wire.decode(wire.SealedRecord, item.body)
            heard.append(slip.open_record(secret, mine.birth_date, record.blob))
    return heard


def number(chance: random.Random) -> str:
    """A valid identity number."""
    while True:
        found = identity.read(f"A{chance.randint(1, 2)}{chance.randrange(10**8):08d}")
        if found.valid:
            return found.number


def whole(tablet: Tablet, number_: str, word: str, **changed: object) -> wire.ApplicationBody:
    """An application that passes; every word that could give it away has `word` in it."""
    rows = tuple(
        wire.ServiceRow(start=date(year, 10, 1), end=date(year, 11, 15), minutes=80 * 60, content=f"row {word}")
        for year in (2022, 2023, 2024, 2025, 2026)
    )
    values: dict[str, object] = {
        "application_id": uuid7(), "receipt": f"HC-{word}"[:16], "kind": "first", "identity_kind": "national",
        "identity_number": number_, "nationality": "", "name": "王小明", "birth_date": BORN, "email": f"{word}@example.tw",
        "books": (wire.Book(prefix="北", number=word),), "rows": rows, "first_day": None, "last_day": None,
        "half_hours": None, "category": "ordinary", "previous": None, "submitted_on": date(2026, 11, 21),
        "photos": tuple(tablet.photo(slot, at, word) for slot, at in (("headshot", 0), ("cover", 0), ("page", 1))),
        "language": "zh", "notice": "…", "slip_secret": hashlib.sha256(word.encode()).hexdigest()[:32],
        "verdict": {"outcome": "pass"},
    }  # fmt: skip
    return wire.ApplicationBody(**{**values, **changed})  # type: ignore[arg-type]


def _bytes(document: str | bytes) -> bytes:
    return document if isinstance(document, bytes) else document.encode()
