"""What an accepted operation does: an application comes in, a returned one comes back corrected, a card was printed.

Each takes the opened body and writes inside the batch's transaction: the case, its photographs awaited, its history,
and the feed item that tells the tablet. Nothing here decides about people: what looks odd becomes a flag for a
reviewer (sync.md B.6–B.8).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection

from center.secrets_box import server_secret
from center.settings import Settings
from center.store import cases, feed, intake
from center.store.devices import Device
from honorcard import identity, names
from honorcard.problems import ProblemError
from sync.claims import verdict_of, verdict_record
from sync.seal import SealError, open_sealed
from sync.upcasting import decode_application
from sync.wire import SCHEMA_V, ApplicationBody, ApplicationState, Op, OpResult, PrintAck, decode, encode
from web.clock import TAIPEI

MAX_PHOTOS = 80
CLOCK_SLACK = timedelta(hours=1)

BodyT = TypeVar("BodyT")


class Desk:
    """Takes operations at one moment with the keys that open them."""

    def __init__(self, settings: Settings, keys: Sequence[X25519PrivateKey], moment: datetime) -> None:
        self._settings = settings
        self._keys = keys
        self._moment = moment
        self.now_ms = int(moment.timestamp() * 1000)

    def take(self, conn: Connection, device: Device, op: Op) -> OpResult:
        """Applies one operation. ProblemError with an `op_` code when it can never be applied."""
        if op.schema_v < 1 or op.schema_v > SCHEMA_V:
            raise ProblemError("op_kind_unknown", schema_v=op.schema_v, known=SCHEMA_V)
        match op.kind:
            case "application.submit":
                return self._submit(conn, device, op)
            case "application.amend":
                return self._amend(conn, device, op)
            case "card.print_ack":
                return self._print_ack(conn, device, op)
        raise ProblemError("op_kind_unknown", schema_v=op.schema_v, known=SCHEMA_V)

    def _submit(self, conn: Connection, device: Device, op: Op) -> OpResult:
        body = self._application(op)
        if intake.standing(conn, body.application_id) is not None:
            raise ProblemError("op_application_exists")
        facts = self._facts(conn, device, op, body)
        intake.add(conn, body, unit_id=device.unit_id, device_id=device.device_id, now_ms=self.now_ms, **facts)
        self._arrived(conn, device, op, body, rev=1, what="submitted")
        return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=1, receipt=body.receipt)

    def _amend(self, conn: Connection, device: Device, op: Op) -> OpResult:
        body = self._application(op)
        before = intake.standing(conn, body.application_id)
        if before is None:
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_application_unknown")
        if device.device_id != before.device_id and (device.unit_id is None or device.unit_id != before.unit_id):
            raise ProblemError("op_not_yours")
        if before.state != "returned" or op.base_rev != before.rev:
            # somebody else was first: the first one accepted stays, and a person looks (B.6)
            return OpResult(
                seq=op.seq,
                op_id=op.op_id,
                status="conflict",
                rev=before.rev,
                receipt=before.receipt,
                code="op_not_returned",
            )
        body = msgspec.structs.replace(body, receipt=before.receipt)
        facts = self._facts(conn, device, op, body)
        rev = intake.replace(conn, before, body, device_id=device.device_id, now_ms=self.now_ms, **facts)
        self._arrived(conn, device, op, body, rev=rev, what="amended")
        return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=rev, receipt=before.receipt)

    def _print_ack(self, conn: Connection, device: Device, op: Op) -> OpResult:
        ack: PrintAck = self._opened(op, lambda clear: decode(PrintAck, clear))
        before = intake.standing(conn, ack.application_id)
        if before is None:
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_application_unknown")
        if ack.application_id != op.entity_id:
            raise ProblemError("op_malformed")
        cases.record(
            conn, ack.application_id, actor=device.device_id, what="printed", rev=before.rev, now_ms=self.now_ms,
            reasons=[ack.how], text=ack.number[:16],
        )  # fmt: skip
        return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=before.rev)

    def hand_over(self, conn: Connection, before: str, device: Device, op: Op, result: OpResult) -> None:
        """The very operation that an earlier enrolment of that tablet sent: nobody else has its id and its sealed bytes.

        The tablet may now send the photographs it names, and hears of the case, unless it went to another unit.
        """
        if result.status != "applied" or op.kind not in ("application.submit", "application.amend"):
            return
        try:
            body = self._application(op)
        except ProblemError:  # its key is gone since; the answer it got stands
            return
        intake.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
        found = intake.standing(conn, body.application_id)
        if found is not None and found.device_id == before and found.unit_id == device.unit_id:
            intake.hand_over(conn, body.application_id, device.device_id)
            tell_state(conn, body.application_id, found.state, found.rev, device.device_id, self.now_ms)

    def _arrived(self, conn: Connection, device: Device, op: Op, body: ApplicationBody, *, rev: int, what: str) -> None:
        intake.expect_photos(conn, body.application_id, body.photos)
        intake.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
        cases.record(conn, body.application_id, actor=device.device_id, what=what, rev=rev, now_ms=self.now_ms)
        if not move_on(conn, body.application_id, self.now_ms):
            tell_state(conn, body.application_id, "incomplete", rev, device.device_id, self.now_ms)

    def _facts(self, conn: Connection, device: Device, op: Op, body: ApplicationBody) -> dict[str, Any]:
        """What the center makes of the body: the index of the person, the verdict, the flags."""
        idbx = identity_index(self._settings, body)
        try:
            verdict = verdict_of(body, self._settings.jurisdiction, cases.counted_until(conn, idbx))
        except ValueError as error:  # a category nobody knows
            raise ProblemError("op_malformed") from error
        flags = []
        others = intake.others_open(conn, idbx, body.application_id)
        if others:
            flags.append("possible_duplicate")
            for other in others:
                intake.add_flag(conn, other, "possible_duplicate")
        if body.verdict.get("outcome") != verdict.outcome:
            flags.append("verdict_differs")
        if body.clock_doubt or self._clock_is_odd(op, body):
            flags.append("clock_doubt")
        number = identity.read(body.identity_number, passport=body.identity_kind == "passport")
        if number.problem is not None or number.kind != body.identity_kind:
            flags.append("identity_doubt")
        name_key = names.fold(body.name)
        if number.kind != "passport" and intake.is_known(conn, self._alike(number.number), name_key):
            flags.append("number_alike")
        return {"idbx": idbx, "name_key": name_key, "verdict": verdict_record(verdict), "flags": flags}

    def _alike(self, number: str) -> list[bytes]:
        """The indices under which the person would stand, had the number been mistyped where no check digit sees it."""
        return [_index(self._settings, other) for other in identity.lookalikes(number)]

    def _clock_is_odd(self, op: Op, body: ApplicationBody) -> bool:
        """Whether the tablet's moment lies in the future, or its date is not the day of that moment (sync.md B.8)."""
        if body.submitted_on > (self._moment + CLOCK_SLACK).astimezone(TAIPEI).date():
            return True
        if op.wall_ms is None:
            return False
        if op.wall_ms > self.now_ms + CLOCK_SLACK.total_seconds() * 1000:
            return True
        try:
            wall = datetime.fromtimestamp(op.wall_ms / 1000, TAIPEI)
        except (ValueError, OverflowError, OSError):
            return True
        return abs((wall.date() - body.submitted_on).days) > 1

    def _application(self, op: Op) -> ApplicationBody:
        body = self._opened(op, decode_application)
        places = [(photo.slot, photo.position) for photo in body.photos]
        addresses = [address for photo in body.photos for address in (photo.sealed_sha256, photo.clear_sha256)]
        sound = (
            body.application_id == op.entity_id
            and len(body.application_id) == 36
            and 0 < len(body.receipt) <= 16
            and bool(body.name)
            and len(places) == len(set(places)) <= MAX_PHOTOS
            and _has_what_is_needed(body)
            and all(len(address) == 64 and set(address) <= set("0123456789abcdef") for address in addresses)
        )
        if not sound:
            raise ProblemError("op_malformed")
        return body

    def _opened(self, op: Op, read: Callable[[bytes], BodyT]) -> BodyT:
        """What is in the seal, by `read`, which brings a body of an older schema up to ours (sync.upcasting)."""
        for key in self._keys:
            try:
                clear = open_sealed(op.body, key, "body")
            except SealError:
                continue
            try:
                return read(clear)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ProblemError("op_malformed") from error
        raise ProblemError("op_malformed")


def _has_what_is_needed(body: ApplicationBody) -> bool:
    """Whether the photographs that every application bears are named: head, pages, and the cover of a paper book."""
    slots = {photo.slot for photo in body.photos}
    pages = [photo for photo in body.photos if photo.slot == "page"]
    is_paper = bool(body.books) or any(page.evidence is None or page.evidence.kind != "printout" for page in pages)
    return {"headshot", "page"} <= slots and (not is_paper or "cover" in slots)


def identity_index(settings: Settings, body: ApplicationBody) -> bytes:
    """The person's index: HMAC of the normalised identity number under the server's key, so that no index holds the
    number itself.
    """
    number = identity.read(body.identity_number, passport=body.identity_kind == "passport").number
    # two states may give the same passport number
    whose = f"passport {body.nationality.strip().upper()} {number}" if body.identity_kind == "passport" else number
    return _index(settings, whose)


def _index(settings: Settings, whose: str) -> bytes:
    return hmac.new(server_secret(settings.keys_dir, "idbx"), whose.encode(), hashlib.sha256).digest()


def move_on(conn: Connection, application_id: str, now_ms: int) -> bool:
    """Hands an incomplete application to its review once every photograph is opened or refused; whether it did.

    A photograph that could not be opened does not strand the case: it is flagged, and the reviewer sends it back for a
    new one.
    """
    found = intake.standing(conn, application_id)
    photos = intake.photos_of(conn, application_id)
    if found is None or found.state != "incomplete" or photos["awaited"] or photos["stored"]:
        return False
    if photos["refused"]:
        intake.add_flag(conn, application_id, "photo_refused")
    to = cases.returned_from(conn, application_id)
    rev = intake.set_state(conn, application_id, to, now_ms)
    cases.record(conn, application_id, actor="center", what="completed", rev=rev, now_ms=now_ms)
    tell_state(conn, application_id, to, rev, found.device_id, now_ms)
    return True


def tell_state(conn: Connection, application_id: str, state: str, rev: int, device_id: str | None, now_ms: int) -> None:
    """Puts the case's state into the feed of its tablet."""
    photos = intake.photos_of(conn, application_id)
    here = photos["stored"] + photos["opened"] + photos["refused"]
    body = encode(ApplicationState(state=state, photos_stored=here, photos=sum(photos.values())))
    feed.append(
        conn, kind="application.state", entity_id=application_id, rev=rev, device_id=device_id, body=body, at_ms=now_ms
    )
