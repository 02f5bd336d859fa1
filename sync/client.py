"""One round between tablet and center: push what waits, bring the photographs, pull what the center says (sync.md
B.3–B.5).

Works on the caller's store (`read`, `write` give a database) and an httpx client that signs. Each answer is noted in
one transaction; nothing is marked before the center has said it. One bad operation or photograph never stops the
others. What is not here: when the next round is (retry, the app's worker) and what the feed's items mean to the app
(`Hooks`).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import httpx
import msgspec
from sqlite_utils import Database

from sync import blobs, clock, digests, outbox, uploads
from sync.crash import crash_during, crash_here
from sync.retry import CAP_S, retry_after
from sync.wire import PROTO, FeedItem, FeedPage, Need, Op, OpResult, Push, PushAnswer, decode, encode

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
FEED_LIMIT = 500
_GZIP_FROM = 1024
_SEQ_REUSED = "op_seq_reused"
_MAX_PUSHES = 200  # of one round, so that a long queue does not keep the feed waiting for ever
_MAX_PAGES = 50
_UPLOAD_FOR_S = 60.0  # of one round, for the same reason; photographs go on in the next


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
    held_back: bool = False  # the center has no room just now
    moved: bool = False  # something was brought or heard, however the round ended
    damaged_blobs: list[str] = field(default_factory=list)
    retry_after_s: float = 0.0
    server_ms: int | None = None


class Round:
    """One round over a store. `chunks` lives longer than a round: it remembers how the line behaves."""

    def __init__(
        self,
        http: httpx.Client,
        store: Store,
        device_id: str,
        blobs_dir: Path,
        hooks: Hooks,
        chunks: uploads.ChunkSize,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self._http = http
        self._store = store
        self._device_id = device_id
        self._blobs_dir = blobs_dir
        self._hooks = hooks
        self._chunks = chunks
        self._alive = alive
        self.report = Report()
        self._brought: set[str] = set()

    def run(self) -> Report:
        """The whole round. httpx.HTTPError when the line or the center failed: what was done until then is kept.

        A center that has no room takes less, photographs first; what it has to say is heard all the same.
        """
        self._push_all()
        if not self.report.held_back:
            self._upload_all()
        self._pull_all()
        if self.report.restored:  # what is offered again need not wait for the next round
            self._push_all()
            self._upload_all()
        return self.report

    # --- push ---

    def _push_all(self) -> None:
        max_ops, max_bytes = outbox.MAX_OPS, outbox.MAX_BYTES
        for turn in range(_MAX_PUSHES):
            with self._store.write() as db:
                epoch, parted = outbox.dev_epoch(db), outbox.has_parted(db)
                ops, damaged = outbox.take(db, clock.read().mono_ms, max_ops=max_ops, max_bytes=max_bytes)
                for op, result in damaged:
                    self._hooks.answered(db, op, result, "quarantined")
                self.report.quarantined += len(damaged)
                # before photographs are asked about: is it still the center that took their operations?
                ask_anyway = turn == 0 and (parted or bool(outbox.offered_blobs(db, limit=1)))
            if not ops and not ask_anyway:
                return
            crash_here("K6")
            try:
                answer = self._push(
                    Push(proto=PROTO, device_id=self._device_id, dev_epoch=epoch, ops=tuple(ops), parted=parted)
                )
            except httpx.HTTPStatusError as error:
                if _has_no_room(error.response):
                    self._hold_back(error.response)
                    return
                if not ops or not _is_about_the_batch(error.response):
                    raise
                if len(ops) > 1:
                    max_ops, max_bytes = max(1, len(ops) // 2), max_bytes // 2
                else:
                    self._put_off(ops[0])
                continue
            self._note(ops, answer, parted=parted)
            max_ops = min(max_ops, max(1, answer.max_ops))
            if answer.retry_after_s:
                self.report.retry_after_s = answer.retry_after_s
                return
            if not ops or not self._alive():
                return

    def _push(self, push: Push) -> PushAnswer:
        body, headers = encode(push), {"Content-Type": "application/json"}
        if len(body) > _GZIP_FROM:
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        cut = crash_during("K7", "receive_response_headers.complete")
        answer: PushAnswer = self._asked(
            "POST", "/v1/ops", PushAnswer, content=body, headers=headers, extensions=cut
        )
        return answer

    def _put_off(self, op: Op) -> None:
        """The center does not take this operation even alone: the others go on, and in the end a person looks at it."""
        result = OpResult(seq=op.seq, op_id=op.op_id, status="retry")
        with self._store.write() as db:
            state = outbox.record(db, result, clock.read().mono_ms)
            if state is not None and state != "pending":
                self._hooks.answered(db, op, result, state)
                self.report.refused += 1

    def _note(self, ops: list[Op], answer: PushAnswer, *, parted: bool = False) -> None:
        mono_ms = clock.read().mono_ms
        by_id = {op.op_id: op for op in ops}
        with self._store.write() as db:
            if parted:
                outbox.told_parted(db)
            known = outbox.parted_for(db)
            taken = {result.op_id for result in answer.results if result.code == _SEQ_REUSED and result.op_id in by_id}
            if taken - known:  # another tablet of our name was there first: ours goes under another one
                outbox.part(db, taken - known)
            for result in answer.results:
                if result.op_id in taken - known:
                    continue
                op = by_id.get(result.op_id)
                state = outbox.record(db, result, mono_ms) if op is not None else None
                if op is None or state is None:
                    continue
                self._hooks.answered(db, op, result, state)
                self.report.accepted += state == "accepted"
                self.report.refused += state in ("rejected", "conflict")
            self.report.moved |= self.report.accepted + self.report.refused > 0
            outbox.mark_durable(db, answer.durable_through, _ms(answer.server_time))
            self._heed_epoch(db, answer.server_epoch, answer.contiguous_through)
            crash_here("K8")

    def _heed_epoch(self, db: Database, server_epoch: str, contiguous_through: int) -> None:
        known = _meta(db, "server_epoch")
        if known == server_epoch:
            return
        _set_meta(db, "server_epoch", server_epoch)
        if known is None:
            return
        _set_meta(db, "cursor", "0")
        reoffered = outbox.reoffer(db, contiguous_through)
        self._hooks.restored(db, reoffered)
        self.report.restored = True

    # --- photographs ---

    def _upload_all(self) -> None:
        with self._store.read() as db:
            offered = outbox.offered_blobs(db)
        if not offered:
            return
        missing = self._settle_whole(offered)
        until = monotonic() + _UPLOAD_FOR_S
        for blob in offered:
            if blob.sha256 not in missing:
                continue
            if not self._alive() or monotonic() > until:
                self.report.more_to_upload = True
                return
            try:
                self._upload(blob)
            except httpx.HTTPStatusError as error:
                if not _has_no_room(error.response):
                    raise
                self._hold_back(error.response)
                return
        self._settle_whole([blob for blob in offered if blob.sha256 in self._brought])

    def _settle_whole(self, asked: list[outbox.Blob]) -> set[str]:
        """Asks which of these the center does not hold whole, gives them, and notes the others as stored there.

        Its word alone counts: an upload's offsets travel in headers, which no digest covers.
        """
        if not asked:
            return set()
        need: Need = self._asked(
            "POST", "/v1/blobs/need", Need, content=encode(Need(hashes=tuple(blob.sha256 for blob in asked))),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        missing = set(need.hashes)
        with self._store.write() as db:
            for blob in asked:
                if blob.sha256 not in missing:
                    outbox.settle_blob(db, blob.sha256, "stored")
        return missing

    def _upload(self, blob: outbox.Blob) -> None:
        def progress(url: str | None, offset: int) -> None:
            with self._store.write() as db:
                outbox.note_upload(db, blob.sha256, url, offset)
            self.report.moved |= offset > 0

        try:
            uploads.upload(self._http, self._blobs_dir, blob.sha256, blob.upload_url, self._chunks, progress)
        except blobs.BlobDamagedError:
            self.report.damaged_blobs.append(blob.sha256)
            with self._store.write() as db:
                outbox.settle_blob(db, blob.sha256, "quarantined")
        except (uploads.UploadRefusedError, OSError):  # not taken, or not readable just now: later, after the others
            with self._store.write() as db:
                outbox.note_refused(db, blob.sha256)
        else:
            self.report.uploaded += 1
            self._brought.add(blob.sha256)

    def _hold_back(self, answer: httpx.Response) -> None:
        self.report.held_back = True
        after = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        self.report.retry_after_s = max(self.report.retry_after_s, min(CAP_S, after or 0.0))

    # --- pull ---

    def _pull_all(self) -> None:
        for _ in range(_MAX_PAGES):
            with self._store.read() as db:
                cursor = int(_meta(db, "cursor") or 0)
                known_epoch = _meta(db, "server_epoch")
                standing = _meta(db, "standing") or "good"
            query: dict[str, Any] = {"cursor": cursor, "limit": FEED_LIMIT}
            page: FeedPage = self._asked("GET", "/v1/feed", FeedPage, params=query)
            if known_epoch is not None and page.server_epoch != known_epoch:
                # restored: an empty push tells how much the center still has, then the feed begins anew
                self._push_nothing()
                continue
            if self._is_behind(page):
                self._push_nothing()
                continue
            self.report.server_ms = _ms(page.server_time)
            changed = standing != page.standing or known_epoch is None
            if page.items or page.cursor != cursor or changed:  # nothing new, nothing to write
                with self._store.write() as db:
                    _set_meta(db, "standing", page.standing)
                    if known_epoch is None:
                        _set_meta(db, "server_epoch", page.server_epoch)
                    for item in page.items:
                        self._hooks.received(db, item)
                    _set_meta(db, "cursor", str(page.cursor))
                    crash_here("K11")
            self.report.received += len(page.items)
            self.report.moved |= bool(page.items)
            self.report.more_to_hear = page.more
            if not page.more or not self._alive():
                return

    def _push_nothing(self) -> None:
        """Tells how this log is called now, and hears how far the center knows it."""
        with self._store.write() as db:
            epoch, parted = outbox.dev_epoch(db), outbox.has_parted(db)
        push = Push(proto=PROTO, device_id=self._device_id, dev_epoch=epoch, ops=(), parted=parted)
        self._note([], self._push(push), parted=parted)

    def _is_behind(self, page: FeedPage) -> bool:
        """Whether the center has heard more of this log than there is in it: then it goes under another name from now on."""
        with self._store.read() as db:
            if page.dev_epoch != _meta(db, "dev_epoch") or page.high_seq <= outbox.last_seq(db):
                return False
        with self._store.write() as db:
            outbox.part(db)
        return True

    def _asked(self, method: str, path: str, kind: type[Any], **content: Any) -> Any:
        answer = self._http.request(method, path, **content)
        answer.raise_for_status()
        if not digests.holds(answer.headers, answer.content):
            raise httpx.RemoteProtocolError("damaged on the way", request=answer.request)
        try:
            return decode(kind, answer.content)
        except msgspec.DecodeError as error:
            # a hotel's sign-in page answers 200 too: not the center, so as good as no line
            raise httpx.RemoteProtocolError("not the center's answer", request=answer.request) from error


def is_ours(answer: httpx.Response) -> bool:
    """Whether a refusal is in the center's own words, and not by something on the way."""
    return str(answer.headers.get("Content-Type", "")).startswith("application/problem+json")


def problem_code(answer: httpx.Response) -> str:
    """The code of the center's problem; empty when the answer has none."""
    try:
        return str(msgspec.json.decode(answer.content)["type"]).rpartition(":")[2]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""


def _has_no_room(answer: httpx.Response) -> bool:
    return answer.status_code == 507 and is_ours(answer)


def _is_about_the_batch(answer: httpx.Response) -> bool:
    """Whether this refusal is of what was sent: too large (any proxy may say so), or malformed in the center's own
    words.
    """
    return answer.status_code == 413 or (answer.status_code in (400, 422) and is_ours(answer))


def _ms(moment: str) -> int | None:
    try:
        return int(datetime.fromisoformat(moment).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _meta(db: Database, key: str) -> str | None:
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _set_meta(db: Database, key: str, value: str) -> None:
    db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", (key, value))
