"""The restore drill: a backup put back into a fresh place, compared with what was backed up, tried, and thrown away.

Compared are the rows of every table, every file by its hash, the chain of the issue log; tried are the issuer's keys, on the codes
of cards, and the app itself. What is not here: making a backup and putting it back (backups).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag

from center import backups, digital_address, photostore
from center.settings import Settings
from center.store import Store, cards, comparing, copying, issued
from honorcard.problems import ProblemError

CARDS_TRIED = 50
# what a restore changes by itself: a new life begins, and perhaps a newer schema
MAY_DIFFER = frozenset({"meta", "alembic_version"})


@dataclass(frozen=True)
class Report:
    """What a drill found. differs: what is not as it was backed up, in words; empty when all is well."""

    backup: str
    at: str
    tables: int
    rows: int
    files: int
    cards: int
    stepped_up: bool
    seconds: float
    differs: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether the backup would bring the center back."""
        return not self.differs


def drill(
    folder: Path, settings: Settings, *, now: datetime, keys: Path | None = None, database_url: str = "", room: Path | None = None
) -> Report:  # fmt: skip
    """Puts the newest backup of `folder` (or that backup) back into a fresh place, compares, tries, and removes it.

    keys: the folder of keys, default the center's own. database_url: an empty PostgreSQL database for a backup from one; without it
    a spare one is made beside the center's. room: where the fresh place is made. ProblemError as backups.check and
    backups.restore; what differs is in the report.
    """
    began_s = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="honorcard-drill-", dir=room) as place,
        _database(settings, database_url) as url,
    ):
        fresh = replace(
            settings,
            data_dir=Path(place) / "center",
            files_dir="",
            object_store="",
            object_endpoint="",
            database_url=url,
        )
        found = backups.restore(folder, fresh, now=now, keys=keys or settings.keys_dir)
        store = Store(fresh.url)
        try:
            differs, stepped_up = _compare_rows(store, found, Path(place) / "again")
            differs += _compare_files(fresh, found)
            tried, broken = _try_cards(store, fresh)
            differs += broken
        finally:
            store.engine.dispose()
        differs += _try_app(fresh)
    return Report(
        str(found.folder), found.manifest.at, len(found.manifest.rows), sum(found.manifest.rows.values()),
        sum(found.manifest.files.values()), tried, stepped_up, round(time.monotonic() - began_s, 1), tuple(differs),
    )  # fmt: skip


@contextmanager
def _database(settings: Settings, database_url: str) -> Iterator[str]:
    if database_url or not settings.database_url:
        yield database_url
        return
    with comparing.spare_database(settings.database_url) as url:
        yield url


def _compare_rows(store: Store, found: backups.Backup, again: Path) -> tuple[list[str], bool]:
    """Table by table, the copy in the backup with a copy of what was restored."""
    (name,) = (name for name in found.manifest.digests if name != backups.LISTING)
    before = comparing.fingerprints(found.folder / name)
    again.mkdir(mode=0o700)
    path, _, _ = copying.copy(store, again, lambda _conn: None)
    after = comparing.fingerprints(path)
    shutil.rmtree(again)
    differs, stepped_up = [], False
    for table, was in before.items():
        is_now = after.get(table)
        if is_now is None or is_now.rows < was.rows:
            differs.append(f"{table}: {was.rows} → {is_now.rows if is_now else 0}")
        elif is_now.columns != was.columns:  # a newer program has stepped its schema up: then rows are counted only
            stepped_up = True
        elif is_now.digest != was.digest and table not in MAY_DIFFER:
            differs.append(f"{table}: other rows")
    return differs, stepped_up


def _compare_files(fresh: Settings, found: backups.Backup) -> list[str]:
    lost = 0
    for kind, address in backups.listed(found.folder):
        content = photostore.get(fresh, kind, address)
        lost += content is None or hashlib.sha256(content).hexdigest() != address
    return [f"files: {lost} lost"] if lost else []


def _try_cards(store: Store, fresh: Settings) -> tuple[int, list[str]]:
    """Codes of the newest cards signed again: signatures are deterministic, so with the right keys each is the very text that the
    issue log remembers.
    """
    differs: list[str] = []
    broken = 0
    with store.read() as conn:
        newest = cards.listing(conn, limit=CARDS_TRIED)
        if issued.first_broken(conn) is not None:
            differs.append("issue_log: the chain does not hold")
        for card in newest:
            try:
                text = digital_address.qr_text(fresh, card)
            except (ProblemError, StopIteration, ValueError, InvalidTag):
                text = ""
            broken += not issued.was_signed(conn, card.seq, hashlib.sha256(text.encode()).digest())
    return len(newest), [*differs, *([f"cards: {broken} not signed by these keys"] if broken else [])]


def _try_app(fresh: Settings) -> list[str]:
    from center import create_app

    app = create_app(fresh)
    try:
        answers = {
            path: app.test_client().get(path).status_code for path in ("/healthz", "/sign-in", "/pack/trust.json")
        }
    finally:
        app.extensions["store"].engine.dispose()
    return [f"{path}: {status}" for path, status in answers.items() if status != 200]
