"""Operations go up, batch by batch, and the center's word on each is noted; a restored center is offered what it lost."""

from __future__ import annotations

import gzip

import httpx
from sqlite_utils import Database

from sync import clock, outbox
from sync.client.asking import has_no_room, is_about_the_batch, ms
from sync.client.trip import Trip
from sync.crash import crash_during, crash_here
from sync.wire import PROTO, Op, OpResult, Push, PushAnswer, encode

_GZIP_FROM = 1024
_SEQ_REUSED = "op_seq_reused"
_MAX_PUSHES = 200  # of one round, so that a long queue does not keep the feed waiting for ever


class Pushing:
    """Of one round."""

    def __init__(self, trip: Trip) -> None:
        self._trip = trip

    def all(self, *, asks: bool = False) -> None:
        """Everything that waits, in the log's order. asks: if nothing does, an empty batch, whose answer says what is durable."""
        max_ops, max_bytes = outbox.MAX_OPS, outbox.MAX_BYTES
        answer: PushAnswer | None = None
        for turn in range(_MAX_PUSHES):
            with self._trip.store.write() as db:
                outbox.dev_epoch(db)  # made before there is anything to send: a copy of an empty log is one of the same life
                ops, damaged = outbox.take(db, clock.read().mono_ms, max_ops=max_ops, max_bytes=max_bytes)
                for op, result in damaged:
                    self._trip.hooks.answered(db, op, result, "quarantined")
                self._trip.report.quarantined += len(damaged)
                # before photographs are asked about: is it still the center that took their operations?
                ask_anyway = turn == 0 and (
                    outbox.has_parted(db)
                    or bool(outbox.offered_blobs(db, limit=1))
                    or (asks and outbox.awaits_durable(db))
                )
                push = self._about(db, ops) if ops or ask_anyway else None
            if push is None:
                break
            crash_here("K6")
            try:
                answer = self._push(push)
            except httpx.HTTPStatusError as error:
                if has_no_room(error.response):
                    self._trip.hold_back(error.response)
                    return
                if not ops or not is_about_the_batch(error.response):
                    raise
                if len(ops) > 1:
                    max_ops, max_bytes = max(1, len(ops) // 2), max_bytes // 2
                else:
                    self._put_off(ops[0])
                continue
            self._note(push, answer)
            max_ops = min(max_ops, max(1, answer.max_ops))
            if answer.retry_after_s:
                self._trip.report.retry_after_s = answer.retry_after_s
                return
            if not ops or not self._trip.alive():
                break
        if asks and answer is not None:
            self._name_again(answer)

    def _about(self, db: Database, ops: list[Op], after: int | None = None) -> Push:
        """after: how far the center counts this log, where it has just said so."""
        return Push(
            proto=PROTO, device_id=self._trip.device_id, dev_epoch=outbox.dev_epoch(db), ops=tuple(ops),
            parted=outbox.has_parted(db), over=outbox.to_count_over(db, after),
        )  # fmt: skip

    def _push(self, push: Push) -> PushAnswer:
        body, headers = encode(push), {"Content-Type": "application/json"}
        if len(body) > _GZIP_FROM:
            body, headers["Content-Encoding"] = gzip.compress(body, mtime=0), "gzip"
        cut = crash_during("K7", "receive_response_headers.complete")
        answer: PushAnswer = self._trip.ask(
            "POST", "/v1/ops", PushAnswer, content=body, headers=headers, extensions=cut
        )
        return answer

    def _put_off(self, op: Op) -> None:
        """The center does not take this operation even alone: the others go on, and in the end a person looks at it."""
        result = OpResult(seq=op.seq, op_id=op.op_id, status="retry")
        with self._trip.store.write() as db:
            state = outbox.record(db, result, clock.read().mono_ms)
            if state is not None and state != "pending":
                self._trip.hooks.answered(db, op, result, state)
                self._trip.report.refused += 1

    def _note(self, push: Push, answer: PushAnswer) -> None:
        mono_ms = clock.read().mono_ms
        by_id = {op.op_id: op for op in push.ops}
        with self._trip.store.write() as db:
            if push.parted:
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
                self._trip.hooks.answered(db, op, result, state)
                self._trip.report.accepted += state == "accepted"
                self._trip.report.refused += state in ("rejected", "conflict")
            self._trip.report.moved |= self._trip.report.accepted + self._trip.report.refused > 0
            outbox.mark_durable(db, answer.durable_through, ms(answer.server_time))
            self._heed_epoch(db, answer.server_epoch, answer.contiguous_through)
            self._trip.report.asked = True
            crash_here("K8")

    def _heed_epoch(self, db: Database, server_epoch: str, contiguous_through: int) -> None:
        known = outbox.meta.value(db, "server_epoch")
        if known == server_epoch:
            return
        outbox.meta.note(db, "server_epoch", server_epoch)
        if known is None:
            return
        outbox.meta.note(db, "cursor", "0")
        reoffered = outbox.reoffer(db, contiguous_through)
        self._trip.hooks.restored(db, reoffered)
        self._trip.report.restored = True

    def nothing(self) -> None:
        """Tells how this log is called now, and hears how far the center knows it."""
        with self._trip.store.write() as db:
            push = self._about(db, [])
        self._note(push, self._push(push))

    def _name_again(self, answer: PushAnswer) -> None:
        """When the center does not count to the end of this log: it knows operations under an earlier name of it, and is told
        their places under this one. Nothing changes here, unless it does not know one after all.
        """
        while not self._trip.report.restored and self._trip.alive():
            through = answer.contiguous_through
            with self._trip.store.write() as db:
                ops = outbox.settled_after(db, through)
                push = self._about(db, ops, through)
            if not ops and not push.over:
                return
            answer = self._push(push)
            with self._trip.store.write() as db:
                for result in answer.results:
                    if result.status == "retry":
                        outbox.offer_one(db, result.op_id)
            self._note(push, answer)
            if answer.contiguous_through <= through:
                return
