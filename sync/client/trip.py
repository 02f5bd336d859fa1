"""What a round is given, and what it tells: the caller's store, what news means to the app, the report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx
from sqlite_utils import Database

from sync.client.asking import asked
from sync.retry import CAP_S, retry_after
from sync.uploads import ChunkSize
from sync.wire import FeedItem, Op, OpResult


class Store(Protocol):
    """What a round needs of the app's store."""

    def read(self) -> AbstractContextManager[Database]:
        """A database to read from."""

    def write(self) -> AbstractContextManager[Database]:
        """A database inside one transaction."""


class Hooks(Protocol):
    """What the app does with news, always inside the transaction that notes them."""

    def answered(self, db: Database, op: Op, result: OpResult, state: str) -> None:
        """An operation got its new state in the log."""

    def received(self, db: Database, item: FeedItem) -> None:
        """A feed item arrived; must not raise for content it does not understand."""

    def restored(self, db: Database, reoffered: int) -> None:
        """The center was restored from a backup: the feed begins anew, and so many operations are offered again."""


@dataclass
class Report:
    """What one round did."""

    accepted: int = 0
    refused: int = 0
    quarantined: int = 0
    uploaded: int = 0
    received: int = 0
    restored: bool = False
    more_to_upload: bool = False
    more_to_hear: bool = False
    moved: bool = False  # something was brought or heard, however the round ended
    trusted: bool = False  # the center took a signature of ours, however the round ended
    asked: bool = False  # how much of this log the center knows, and has in a backup
    held_back: bool = False  # the center has no room just now
    damaged_blobs: list[str] = field(default_factory=list)
    retry_after_s: float = 0.0
    server_ms: int | None = None


@dataclass
class Trip:
    """One round over a store. `chunks` lives longer than a round: it remembers how the line behaves."""

    http: httpx.Client
    store: Store
    device_id: str
    blobs_dir: Path
    hooks: Hooks
    chunks: ChunkSize
    alive: Callable[[], bool]
    report: Report = field(default_factory=Report)

    def ask(self, method: str, path: str, kind: type[Any], **content: Any) -> Any:
        """The center's answer to a signed request, a message of that kind. httpx.HTTPError when the line or the center failed."""
        answer = asked(self.http, method, path, kind, **content)
        self.report.trusted = True
        return answer

    def hold_back(self, answer: httpx.Response) -> None:
        """The center has no room for more: the rest of it in another round."""
        self.report.held_back = True
        after = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        self.report.retry_after_s = max(self.report.retry_after_s, min(CAP_S, after or 0.0))
