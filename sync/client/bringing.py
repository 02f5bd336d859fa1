"""Photographs go up, each until the center says that it holds it whole (sync.md B.4)."""

from __future__ import annotations

from time import monotonic

import httpx

from sync import blobs, outbox, uploads
from sync.client.asking import has_no_room
from sync.client.trip import Trip
from sync.wire import Need, encode

_UPLOAD_FOR_S = 60.0  # of one round, so that decisions need not wait; photographs go on in the next


class Bringing:
    """Of one round."""

    def __init__(self, trip: Trip) -> None:
        self._trip = trip
        self._brought: set[str] = set()

    def all(self) -> None:
        """Those whose operation the center has."""
        with self._trip.store.read() as db:
            offered = outbox.offered_blobs(db)
        if not offered:
            return
        missing = self._settle_whole(offered)
        until = monotonic() + _UPLOAD_FOR_S
        for blob in offered:
            if blob.sha256 not in missing:
                continue
            if not self._trip.alive() or monotonic() > until:
                self._trip.report.more_to_upload = True
                return
            try:
                self._upload(blob)
            except httpx.HTTPStatusError as error:
                if not has_no_room(error.response):
                    raise
                self._trip.hold_back(error.response)
                return
        self._settle_whole([blob for blob in offered if blob.sha256 in self._brought])

    def _settle_whole(self, offered: list[outbox.Blob]) -> set[str]:
        """Asks which of these the center does not hold whole, gives them, and notes the others as stored there.

        Its word alone counts: an upload's offsets travel in headers, which no digest covers.
        """
        if not offered:
            return set()
        question = encode(Need(hashes=tuple(blob.sha256 for blob in offered)))
        need: Need = self._trip.ask(
            "POST", "/v1/blobs/need", Need, content=question, headers={"Content-Type": "application/json"}
        )
        missing = set(need.hashes)
        with self._trip.store.write() as db:
            for blob in offered:
                if blob.sha256 not in missing:
                    outbox.settle_blob(db, blob.sha256, "stored")
        return missing

    def _upload(self, blob: outbox.Blob) -> None:
        def progress(url: str | None, offset: int) -> None:
            with self._trip.store.write() as db:
                outbox.note_upload(db, blob.sha256, url, offset)
            self._trip.report.moved |= offset > 0

        try:
            uploads.upload(
                self._trip.http, self._trip.blobs_dir, blob.sha256, blob.upload_url, self._trip.chunks, progress
            )
        except blobs.BlobDamagedError:
            self._trip.report.damaged_blobs.append(blob.sha256)
            with self._trip.store.write() as db:
                outbox.settle_blob(db, blob.sha256, "quarantined")
        except (uploads.UploadRefusedError, OSError):  # not taken, or not readable just now: later, after the others
            with self._trip.store.write() as db:
                outbox.note_refused(db, blob.sha256)
        else:
            self._trip.report.uploaded += 1
            self._brought.add(blob.sha256)
