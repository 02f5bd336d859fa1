"""A kiosk for tests: enrolled, with a PIN, a trust list, a pack of cards, and the sealed things a center would have
sent.
"""

from __future__ import annotations

import atexit
import functools
import io
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from PIL import Image, ImageDraw

from honorcard.card import pack, signing, slip
from honorcard.card.keyring import KeyRing
from honorcard.card.receipt import new_receipt
from honorcard.card.record import LiveCard
from honorcard.card.symbol import qr_png
from honorcard.card.thumbnail import thumbnail_webp
from kiosk import create_app, pins, timing
from kiosk.settings import Settings
from kiosk.store import sent, syncing
from kiosk.store.syncing import Membership
from sync import outbox, wire
from sync.device import DeviceKeys
from sync.ids import uuid7
from sync.seal import seal

PIN = "204680"
PREFIX = "HTTPS://HC.TAIPEI/"
NOW = datetime(2026, 11, 21, 2, 42, tzinfo=UTC)
AS_OF = NOW - timedelta(hours=2)
BORN = date(1958, 8, 16)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def portrait() -> bytes:
    """A drawn face as JPEG."""
    picture = Image.new("RGB", (560, 700), "#cfe0ee")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 480, 500, 900), fill="#e8743b")
    pen.ellipse((150, 130, 410, 500), fill="#d9a67f")
    pen.ellipse((120, 90, 440, 300), fill="#8b8a8d")
    pen.ellipse((160, 190, 400, 500), fill="#d9a67f")
    for x in (225, 335):
        pen.ellipse((x - 14, 300, x + 14, 328), fill="#2b2b2b")
    pen.arc((220, 370, 340, 440), 20, 160, fill="#8a3a30", width=10)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()


@dataclass
class Cards:
    """An issuer and some of its cards' QR texts."""

    ring: KeyRing
    texts: dict[str, str] = field(default_factory=dict)
    live: list[LiveCard] = field(default_factory=list)

    def sign(self, name: str, seq: int, *, until: date = date(2029, 11, 20), ring: KeyRing | None = None) -> bytes:
        secret = signing.new_secret()
        kid, key = (ring or self.ring).card_key(seq, NOW)
        self.texts[name] = signing.sign(PREFIX, signing.new_lookup(), seq, secret, until, kid, key)
        return secret

    def add(self, name: str, seq: int, person: str, **more) -> None:
        until = more.pop("until", date(2029, 11, 20))
        secret = self.sign(name, seq, until=until)
        self.live.append(LiveCard(seq, secret, person, until, photo=thumbnail_webp(portrait()), **more))

    def pack(
        self,
        folder: Path,
        *,
        version: int = 1,
        as_of: datetime = AS_OF,
        max_seq: int = 100_100,
        min_records: int = 1024,
    ) -> None:
        key = self.ring.current("pack", NOW)
        pack.build(
            folder, self.live, version=version, as_of=as_of, max_seq=max_seq, kid=key.kid, key=self.ring.p256(key.kid),
            trust=self.ring.trust, min_records=min_records,
        )  # fmt: skip


def issuer(folder: Path) -> Cards:
    """An issuer whose keys have been in use for a while, and the cards that a gate sees."""
    cards = Cards(KeyRing.create(folder, prefix=PREFIX, at=NOW - timedelta(days=100)))
    cards.add("valid", 100_010, "林秀琴")
    cards.add("suspended", 100_011, "陳文雄", status="suspended")
    cards.sign("revoked", 100_012)
    cards.sign("expired", 100_013, until=date(2026, 11, 20))
    cards.sign("newer", 100_900)
    strange = KeyRing.create(folder.with_name("forger"), prefix=PREFIX, at=NOW - timedelta(days=100))
    cards.sign("forged", 100_014, ring=strange)
    return cards


@dataclass
class Scene:
    """The kiosk, its store, and what a center would do to it."""

    settings: Settings
    app: object
    keys: DeviceKeys
    cards: Cards
    center: X25519PrivateKey
    recovery: str

    @property
    def store(self):
        return self.app.extensions["store"]

    def client(self, *, unlocked: bool = True):
        client = self.app.test_client()
        client.environ_base["HTTP_HOST"] = "localhost"
        if unlocked:
            assert client.post("/unlock", data={"pin": PIN}).status_code == 303
        return client

    def submit(
        self, name: str, *, photos: int = 0, hours_ago: float = 1.0, kind: str = "first", receipt: str = ""
    ) -> str:
        """An application as submitting leaves it, waiting."""
        application_id, now_ms = uuid7(), int((NOW - timedelta(hours=hours_ago)).timestamp() * 1000)
        named = [f"{number:02x}" * 16 + application_id.replace("-", "")[-32:] for number in range(photos)]
        with self.store.write() as db:
            for sha256 in named:
                outbox.add_blob(db, sha256, 1000)
            outbox.put(
                db, kind="application.submit", entity_id=application_id, base_rev=None, body=b"sealed",
                needs_blobs=named, reading=None,
            )  # fmt: skip
            db.conn.execute("UPDATE op_log SET wall_ms = ? WHERE entity_id = ?", (now_ms, application_id))
            sent.add(
                db, application_id=application_id, receipt=receipt or new_receipt(), masked_name=name, kind=kind,
                photos=photos, now_ms=now_ms, identity_mac=b"",
            )  # fmt: skip
        return application_id

    def accept(self, application_id: str, state: str = "incomplete", *, photos_stored: int = 99, rev: int = 1) -> None:
        """The center took it and so many of its photographs; its word on the case is `state`."""
        now_ms = int(NOW.timestamp() * 1000)
        with self.store.write() as db:
            db.conn.execute("UPDATE op_log SET state = 'accepted' WHERE entity_id = ?", (application_id,))
            sent.accepted(db, application_id, rev, now_ms)
            sent.set_state(db, application_id, state, rev, now_ms)
            named = db.conn.execute(
                "SELECT n.value FROM op_log AS o, json_each(o.needs_blobs) AS n WHERE o.entity_id = ?",
                (application_id,),
            ).fetchall()
            for (sha256,) in named[:photos_stored]:
                outbox.settle_blob(db, sha256, "stored")

    def give_back(self, application_id: str, body: wire.Returned) -> None:
        sealed = seal(wire.encode(body), self.keys.seal_public, "returned")
        with self.store.write() as db:
            sent.keep_returned(db, application_id, sealed, 2, int(NOW.timestamp() * 1000))

    def issue(
        self,
        application_id: str,
        number: str = "11503127",
        pdf: bytes = PDF,
        *,
        secret: bytes | None = None,
        digital: str = "",
    ) -> None:
        """The card comes back: the sheet sealed to this tablet, and under the slip where there is a secret."""
        until, now_ms = date(2029, 11, 20), int(NOW.timestamp() * 1000)
        issued = wire.CardIssued(number=number, valid_until=until, sheet=pdf, digital=digital)
        sealed = seal(wire.encode(issued), self.keys.seal_public, "sheet")
        self.accept(application_id, "issued", rev=5)
        with self.store.write() as db:
            sent.keep_device_sheet(db, application_id, number, until.isoformat(), sealed, now_ms)
            if secret is not None:
                closed = slip.seal_sheet(secret, BORN, pdf)
                sent.keep_slip_sheet(db, application_id, number, until.isoformat(), closed.idx, closed.blob, now_ms)

    def ops(self, kind: str) -> int:
        with self.store.read() as db:
            return db.conn.execute("SELECT count(*) FROM op_log WHERE kind = ?", (kind,)).fetchone()[0]


@functools.cache
def _issued() -> tuple[Cards, Path]:
    """One issuer and its pack for the whole run: making them is what takes long."""
    folder = Path(tempfile.mkdtemp(prefix="issuer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    cards = issuer(folder / "keys")
    cards.pack(folder / "pack")
    return cards, folder / "pack"


def build(folder: Path, *, csrf: bool = False, printer_deadline_s: float = 20.0, **settings) -> Scene:
    """The scene in an empty folder."""
    made = Settings(data_dir=folder / "kiosk", **settings)
    app = create_app(made, now_is=lambda: NOW, printer_deadline_s=printer_deadline_s)
    app.config["WTF_CSRF_ENABLED"] = csrf
    app.config["PROPAGATE_EXCEPTIONS"] = True
    keys, center = DeviceKeys.generate(), X25519PrivateKey.generate()
    keys.save(made.key_file.parent)
    cards, pack_dir = _issued()
    made.trust_file.write_text(cards.ring.trust.document())
    same_disk = pack_dir.stat().st_dev == made.data_dir.stat().st_dev
    shutil.copytree(
        pack_dir, made.pack_dir, copy_function=os.link if same_disk else shutil.copy2
    )  # buckets never change
    store = app.extensions.get("line_store") or app.extensions["store"]  # a training device is enrolled, not its room
    here = Membership(
        device_id=uuid7(), center_url=made.center_url or "http://127.0.0.1:9",
        center_seal_key=center.public_key().public_bytes_raw(), unit="北門文化導覽志工隊", profile="staff",
        card_prefix=PREFIX, fingerprint="123456",
    )  # fmt: skip
    with store.write() as db:
        syncing.join(db, here, "epoch")
    timing.heard(store, int(AS_OF.timestamp() * 1000), live=False)  # as fetching the list does
    recovery = pins.set_pin(store, PIN)
    return Scene(made, app, keys, cards, center, recovery)


def frame(text: str, *, width: int = 1280, height: int = 720, module_px: int = 6) -> Image.Image:
    """A camera's picture of a card: its QR on a table."""
    symbol = Image.open(io.BytesIO(qr_png(text, module_px))).convert("RGB")
    noise = np.random.default_rng(1).integers(60, 80, (height, width, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    picture.paste(symbol, ((width - symbol.width) // 2, (height - symbol.height) // 2))
    return picture


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
