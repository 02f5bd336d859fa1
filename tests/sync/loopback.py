"""Real parts for tests of everything between tablet and center: a center on loopback, a kiosk's store, a line that
breaks.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import waitress
from PIL import Image
from sqlalchemy import func, select, update

import center.settings
import kiosk.settings
from center import create_app as create_center
from center import devices as codes
from center.store import Store as CenterStore
from center.store import accounts, metadata
from center.store.tables import application, application_photo, blob, dedup, feed, history
from center.worker import Worker
from kiosk import create_app as create_kiosk
from kiosk.asking.progress import SEEN
from kiosk.drafting import Answers, DraftPhoto, Identity, Service
from kiosk.enrolment import enrol
from kiosk.photos import PhotoBox
from kiosk.store import Store, data_key, drafts, sent, syncing
from kiosk.submitting import Submitted, submit
from kiosk.worker import SyncWorker
from sync.ids import uuid7
from sync.wire import Book, ServiceRow
from tests import kept

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 115.11.21, 10:00 in Taipei
PEOPLE = (("王小明", "A123456789"), ("陳美玲", "B223456786"), ("林志遠", "F131104093"))

# where the center of a folder keeps its rows; a test of both stores says otherwise (tests/both_stores.py)
database_of: Callable[[Path], str] = lambda folder: ""  # noqa: E731


class Center:
    """A center in `folder`; `serve` puts it on loopback, always on the same port, so that it can go away and come
    back.
    """

    def __init__(self, folder: Path) -> None:
        self.settings = center.settings.Settings(data_dir=folder, database_url=database_of(folder))
        self.now: datetime | None = None
        kept.empty_center(self.settings)
        self.app = create_center(self.settings, now_is=lambda: self.now or datetime.now(UTC))
        self.store: CenterStore = self.app.extensions["store"]
        metadata.create_all(self.store.engine)
        self.worker = Worker(self.app)
        with self.store.write() as conn:
            self.unit_id = accounts.add_unit(conn, "臺北市立動物園", "zoo")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = None
        self._thread: threading.Thread | None = None

    def serve(self, app=None) -> None:
        """Begins to answer; `app` stands for another WSGI app (a center that is broken)."""
        self._server = waitress.create_server(app or self.app, host="127.0.0.1", port=self.port, threads=4)
        self._thread = threading.Thread(target=self._run, args=(self._server,), daemon=True)
        self._thread.start()

    def _run(self, server) -> None:
        with contextlib.suppress(OSError):  # closed under its feet: that is how a center goes away here
            server.run()

    def close(self) -> None:
        """Stops answering and drops every connection."""
        if self._server is None:
            return
        self._server._map.clear()  # the loop runs as long as there is anything in it
        self._server.pull_trigger()
        self._thread.join(timeout=5)
        for channel in list(self._server.active_channels.values()):  # only now: the loop took in new ones to its end
            with contextlib.suppress(OSError):
                channel.socket.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._server = None

    def code(self, **values) -> str:
        """A one-time code."""
        return codes.new_code(
            self.store, self.unit_id, "花博", values.get("profile", "staff"), self.now or datetime.now(UTC)
        )

    def count(self, table) -> int:
        """Rows of a table."""
        with self.store.read() as conn:
            return conn.execute(select(func.count()).select_from(table)).scalar_one()

    def case(self, application_id: str):
        """The application's row."""
        with self.store.read() as conn:
            return conn.execute(select(application).where(application.c.application_id == application_id)).first()

    def moves(self, application_id: str) -> list[str]:
        """What its history says, in order."""
        with self.store.read() as conn:
            query = select(history.c.move).where(history.c.application_id == application_id)
            return list(conn.execute(query.order_by(history.c.history_id)).scalars())

    def photo_states(self, application_id: str) -> set[str]:
        """The states its photographs are in."""
        with self.store.read() as conn:
            query = select(application_photo.c.state).where(application_photo.c.application_id == application_id)
            return set(conn.execute(query).scalars())

    def give_back(self, application_id: str, device_id: str, reasons=("page_blurred",), slots=("page-1",)) -> int:
        """A reviewer returned the case; gives its rev."""
        from center.store import cases, devices
        from center.store import feed as feeds
        from sync import wire

        with self.store.write() as conn:
            case = cases.find(conn, application_id)
            rev = cases.move(conn, case, state="returned", now_ms=1)
            body = wire.encode(
                wire.Returned(reasons=reasons, text="第 1 頁看不清楚", slots=slots, application=case.body)
            )
            sealed = codes.seal_for_device(devices.find(conn, device_id), body, "returned")
            feeds.append(
                conn, kind="application.returned", entity_id=application_id, rev=rev, device_id=device_id, body=sealed,
                at_ms=1,
            )  # fmt: skip
        return rev

    def restore_to_nothing(self) -> None:
        """As after a restore from an old backup: applications and operations forgotten, another epoch."""
        from center.store.tables import application_body, blob_ref, device, meta, proposal, proposal_photo, twin

        with self.store.write() as conn:
            for table in (
                proposal_photo,
                proposal,
                twin,
                application_body,
                application_photo,
                history,
                blob_ref,
                application,
                dedup,
                blob,
                feed,
            ):
                conn.execute(table.delete())
            conn.execute(update(device).values(contiguous=0, high_seq=0))
            conn.execute(update(meta).where(meta.c.k == "server_epoch").values(v="another-epoch"))


class Kiosk:
    """A tablet in `folder`: app, store and sync thread's work, done step by step."""

    def __init__(self, folder: Path) -> None:
        self.settings = kiosk.settings.Settings(data_dir=folder, free_bytes_stop=1, sync_every_s=0.05)
        self.app = create_kiosk(self.settings)
        self.store: Store = self.app.extensions["store"]
        self.worker = SyncWorker(self.app)
        self._people = iter(range(10_000))

    def enrol(self, center: Center, url: str = "", name: str = "1 號機"):
        """Enrols at the center, through `url` when that is not its own."""
        return enrol(self.settings, self.store, url or center.url, center.code(), name)

    def draft(
        self, *, pages: int = 1, person: int | None = None, weight: int = 0, answers: Answers | None = None
    ) -> str:
        """A finished draft; its photographs weigh about `weight` bytes more than the least. Gives its id."""
        application_id = uuid7()
        n = next(self._people)
        name, number = PEOPLE[(n if person is None else person) % len(PEOPLE)]
        answers = answers or whole_answers(name, number)
        with self.store.write() as db:
            drafts.create(db, application_id, 1, answers)
        places = [("headshot", 0), ("cover", 0), *(("page", place) for place in range(1, pages + 1))]
        for slot, position in places:
            self.photograph(application_id, slot, position, picture(f"{application_id}{slot}{position}", weight))
        return application_id

    def photograph(self, application_id: str, slot: str, position: int, content: bytes) -> None:
        """Adds a finished photograph to a draft."""
        box = PhotoBox(self.settings.photos_dir, data_key(self.settings.key_file))
        with self.store.write() as db:
            drafts.add_photo(
                db,
                DraftPhoto(
                    photo_id=uuid7(), application_id=application_id, slot=slot, position=position,
                    original=box.put(content), original_width=64, original_height=80, taken_ms=1,
                    result=box.put(content), result_sha256=hashlib.sha256(content).hexdigest(), width=64, height=80,
                ),
            )  # fmt: skip

    def submit(self, application_id: str) -> Submitted:
        """Submits a draft."""
        return submit(self.store, self.settings, application_id, now=datetime.now(UTC), language="zh")

    def step(self) -> float:
        """One round of sync."""
        return self.worker.step()

    def sync(self, seconds: float = 20, until=None) -> None:
        """Rounds until nothing waits any more."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.step()
            if until() if until else not self.facts().unsent:
                return
        raise AssertionError(f"not drained: {self.facts()}")

    def facts(self) -> syncing.SyncFacts:
        """What the header would say."""
        with self.store.read() as db:
            return syncing.facts(db, int(time.time() * 1000))

    def sent(self, application_id: str) -> sent.Sent:
        """The tray's row."""
        with self.store.read() as db:
            return sent.find(db, application_id)

    def rows(self, sql: str, *values) -> list[tuple]:
        """Rows of the tablet's database."""
        with self.store.read() as db:
            return db.conn.execute(sql, values).fetchall()

    @property
    def device_id(self) -> str:
        """Its id at the center."""
        with self.store.read() as db:
            return syncing.membership(db).device_id


def whole_answers(name: str, number: str, /, **changed) -> Answers:
    """A first application that passes: four years, 400 hours, the last of them this month."""
    rows = tuple(
        ServiceRow(
            start=date(year, 11, 1) if year < 2026 else date(2026, 10, 1),
            end=date(year, 11, 15),
            minutes=80 * 60,
            page=1,
        )
        for year in (2022, 2023, 2024, 2025, 2026)
    )
    answers = Answers(
        kind="first", identity=Identity(number=number, kind="national"), name=name, birth_date=date(1970, 5, 17),
        books=(Book(prefix="北市動物園", number="000123"),), service=Service(rows=rows), consent=True,
        typed={"verdict": {SEEN: "1"}},
    )  # fmt: skip
    return msgspec.structs.replace(answers, **changed)


def picture(seed: str, weight: int = 0) -> bytes:
    """A small JPEG that no other seed gives; noise makes it heavier."""
    side = max(64, int((weight * 0.7) ** 0.5))
    digest = hashlib.shake_256(seed.encode()).digest(64 * 80 * 3 if not weight else side * side * 3)
    size = (64, 80) if not weight else (side, side)
    out = io.BytesIO()
    Image.frombytes("RGB", size, digest).save(out, "JPEG", quality=85)
    return out.getvalue()


class CuttingLine:
    """A TCP proxy to `port` that cuts every connection after `budget` bytes from the tablet (None: never), or changes one bit of
    those pieces that `spoils` says.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self.budget: int | None = None
        self.reply_budget: int | None = None
        self.spoils: Callable[[bytes], bool] = lambda _piece: False
        self.carried = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=5)
            except OSError:
                near.close()
                continue
            pair = (near, far)
            threading.Thread(target=self._pump, args=(near, far, pair, "budget"), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, pair, "reply_budget"), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, pair, limit: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if self.spoils(data):
                    data = data[:20] + bytes([data[20] ^ 1]) + data[21:]
                left = getattr(self, limit)
                if left is not None:
                    data, left = data[:left], left - len(data)
                    setattr(self, limit, max(0, left))
                sink.sendall(data)
                self.carried += len(data)
                if left is not None and left <= 0:
                    break
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Center]:
    """A center that answers."""
    center = Center(folder)
    center.serve()
    try:
        yield center
    finally:
        center.close()
