"""Building the verification pack from the rows of cards (credential.md C.3).

`rebuild` makes it, `keep_fresh` makes it when the rows have moved on or a day has passed; the background worker calls
the latter each round, and a view calls `after_change` after its commit. A crash leaves the pack before, and the next
round sees that it is behind. What is not here: handing it out (packs).
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from flask import current_app

from center import audit_heads, current, keyring
from center.card_secrets import unbox
from center.faces import face
from center.secrets_box import server_secret
from center.settings import Settings
from center.store import Store, cards, feed, issued
from center.store import audit_heads as heads_of
from center.store.cards import Card
from honorcard.card import pack
from honorcard.card.record import LiveCard, fits
from sync import wire
from sync.crash import crash_here
from web.clock import TAIPEI, now

log = logging.getLogger("honorcard.center.packs")

REFRESH = timedelta(hours=20)  # a list's age stands beside every verdict, so that a quiet day still gets a new one
LATELY = timedelta(days=14)  # credential.md C.3: the cap

_one_at_a_time = threading.Lock()


def rebuild(store: Store, settings: Settings, *, now: datetime) -> int:
    """Builds and publishes the pack of this moment; returns its version. Files are durable before anybody is told of
    them.
    """
    with _alone(settings):
        return _rebuild(store, settings, now)


def _rebuild(store: Store, settings: Settings, now: datetime) -> int:
    with store.read() as conn:
        keyring.renew(settings, at=now, last_seq=lambda kid: issued.last_seq_of(conn, kid))
    ring = keyring.ring(settings)
    signing = ring.current("pack", now)
    with store.write() as conn:
        cards.lock_numbers(conn)  # no lower number is in flight while the watermark is read
        version = cards.take_version(conn)
        seen = cards.snapshot(conn, int((now - LATELY).timestamp() * 1000), now.astimezone(TAIPEI).date())
        signed = issued.counted(conn, int(now.timestamp() * 1000))
        heads = heads_of.every(conn)
    pack.build(
        settings.pack_dir,
        (_live(settings, card) for card in seen.cards),
        version=version,
        as_of=now,
        max_seq=seen.max_seq,
        kid=signing.kid,
        key=ring.p256(signing.kid),
        cap=pack.cap_for(seen.issued_lately),
        trust=ring.trust,
        signed=signed,
        filler=server_secret(settings.keys_dir, "dummies"),
    )
    audit_heads.publish(settings, heads, now)
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        cards.set_built(conn, seen.changes, now_ms)
        feed.append(
            conn, kind="pack.manifest", entity_id="pack", rev=version, device_id=None,
            body=wire.encode(wire.PackManifest(version=version)), at_ms=now_ms,
        )  # fmt: skip
    log.info("pack %d built of %d cards", version, len(seen.cards))
    return version


def is_stale(store: Store, settings: Settings, *, now: datetime) -> bool:
    """Whether the published pack is missing, behind the rows, or a day old."""
    with store.read() as conn:
        changed, built_ms = cards.built(conn)
        behind = changed != cards.changes(conn)
    aged = now.timestamp() * 1000 - built_ms > REFRESH.total_seconds() * 1000
    return behind or aged or not (settings.pack_dir / pack.MANIFEST).exists()


def keep_fresh(store: Store, settings: Settings, *, now: datetime) -> bool:
    """Rebuilds when the pack is stale; whether it did."""
    if not is_stale(store, settings, now=now):
        return False
    with _alone(settings):
        if not is_stale(store, settings, now=now):  # another process has built it while this one waited
            return False
        _rebuild(store, settings, now)
    return True


def after_change() -> None:
    """After a card was issued or ended and committed: the background worker is told, or the pack is built here when
    there is none.
    """
    crash_here("S5")
    worker = current_app.extensions.get("worker")
    if worker is not None:
        worker.nudge()
        return
    try:
        keep_fresh(current.store(), current.settings(), now=now())
    except Exception as error:
        # the card is issued whatever becomes of the list (sync.md S5); the next round makes it. The class alone is
        # logged: a message may quote what is in a row
        log.error("pack not built: %s", type(error).__name__)


def _live(settings: Settings, card: Card) -> LiveCard:
    _, secret = unbox(settings, card.seq, card.secret_box)
    live = LiveCard(
        seq=card.seq, secret=secret, name=card.name, valid_until=card.valid_until,
        status="suspended" if card.status == "suspended" else "live", photo=face(settings, card.portrait_sha256),
    )  # fmt: skip
    # a long name of rare characters beside a rich photograph: this one card is amber then, and the list goes out
    return live if fits(live) else replace(live, photo=b"")


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One build at a time, over all processes that share the folder of files."""
    with _one_at_a_time:
        settings.files.mkdir(parents=True, exist_ok=True)
        with (settings.files / ".pack.lock").open("ab") as file:
            try:
                import fcntl
            except ImportError:  # Windows runs one process
                yield
                return
            fcntl.flock(file, fcntl.LOCK_EX)
            yield  # closing the file lets go
