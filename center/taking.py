"""What an accepted operation does: an application comes in, a returned one comes back corrected, a card was printed.

Each takes the opened body and writes inside the batch's transaction: the case, its photographs awaited, its history,
and the feed item that tells the tablet. Nothing here decides about people: what looks odd becomes a flag for a
reviewer (sync.md B.6–B.8). What is not here: the seal and what must be in it (bodies), pairs of cases (pairs).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection

from center import audit_values, bodies, pairs, telling
from center.events import arriving
from center.facts import Judge
from center.practice import arriving as practice
from center.settings import Settings
from center.store import backups, card_log, cards, cases, earlier, intake, photographs, proposals
from center.store.audit import Change
from center.store.cards import Held
from center.store.devices import Device
from center.store.intake import Body
from honorcard import review
from honorcard.card import number as numbering
from honorcard.problems import ProblemError
from sync import merge
from sync.wire import SCHEMA_V, Op, OpResult, PrintAck, ReissueBody, Withdraw, decode


@dataclass(frozen=True)
class First:
    """An operation with which an application begins."""

    op: Op
    body: Body
    person: pairs.Person

    @property
    def traces(self) -> frozenset[object]:
        """What it is known by: two that share none of it are different cases of different people, whatever was mistyped."""
        person = self.person
        under = ((person.name_key, index) for index in (person.idbx, *person.alike))
        return frozenset((self.body.application_id, person.idbx, *under))


class Desk:
    """Takes operations at one moment with the keys that open them."""

    def __init__(self, settings: Settings, keys: Sequence[X25519PrivateKey], moment: datetime) -> None:
        self._settings = settings
        self._keys = keys
        self._judge = Judge(settings, moment)
        self.now_ms = int(moment.timestamp() * 1000)

    def first_word(self, op: Op) -> First | None:
        """What an operation says with which an application begins; None for any other. ProblemError as `take`."""
        if op.schema_v < 1 or op.schema_v > SCHEMA_V:
            raise ProblemError("op_kind_unknown", schema_v=op.schema_v, known=SCHEMA_V)
        body: Body
        if op.kind == "application.submit":
            body = bodies.application(op, self._keys)
        elif op.kind == "application.reissue" and op.base_rev is None:  # with one it is corrected after a return
            body = bodies.reissue(op, self._keys)
        else:
            return None
        return First(op, body, pairs.person_of(self._settings, body))

    def begin(self, conn: Connection, device: Device, firsts: Sequence[First]) -> list[OpResult]:
        """Applications that come in and share no trace: what taking one after the other makes, with as many statements as one
        of them. ProblemError as `take`, of any of them; then all have to be undone.
        """
        return self._begin(conn, device, firsts)

    def take(self, conn: Connection, device: Device, op: Op) -> OpResult:
        """Applies one operation. ProblemError with an `op_` code when it can never be applied."""
        if (first := self.first_word(op)) is not None:
            return self._begin(conn, device, [first])[0]
        match op.kind:
            case "application.amend":
                return self._amend(conn, device, op, bodies.application(op, self._keys))
            case "application.reissue":
                return self._amend(conn, device, op, bodies.reissue(op, self._keys))
            case "application.withdraw":
                return self._withdraw(conn, device, op)
            case "card.print_ack":
                return self._print_ack(conn, device, op)
            case kind if kind in arriving.KINDS:
                return arriving.take(conn, self._settings, self._keys, device, op, self.now_ms)
            case practice.KIND:
                return practice.take(conn, self._keys, device, op, self.now_ms)
        raise ProblemError("op_kind_unknown", schema_v=op.schema_v, known=SCHEMA_V)

    def _begin(self, conn: Connection, device: Device, firsts: Sequence[First]) -> list[OpResult]:
        ids = [first.body.application_id for first in firsts]
        if intake.are_here(conn, ids):
            raise ProblemError("op_application_exists")
        near = pairs.near_each(conn, [(first.body.application_id, first.person) for first in firsts])
        held = earlier.held(conn, [close.idbx for close in near])
        new = [
            (first.body, self._judge.of_new(conn, first.body, close, held.get(close.idbx, Held()), first.op))
            for first, close in zip(firsts, near, strict=True)
        ]
        intake.add(conn, new, unit_id=device.unit_id, device_id=device.device_id, now_ms=self.now_ms)
        photos = {first.body.application_id: first.body.photos for first in firsts}
        here = photographs.expect_first(conn, photos)
        named = (photo.sealed_sha256 for asked in photos.values() for photo in asked)
        photographs.note_named(conn, device.device_id, named)
        cases.record_all(conn, ids, actor=device.device_id, what="submitted", rev=1, now_ms=self.now_ms)
        for first, close in zip(firsts, near, strict=True):
            pairs.link(conn, first.body, close, self.now_ms, is_new=True)
        # each has a photograph that is not opened yet, so that it cannot move on
        told = [
            telling.Begun(application_id, here[application_id], len(photos[application_id]), bool(close.same))
            for application_id, close in zip(ids, near, strict=True)
        ]
        telling.first(conn, told, device.device_id, self.now_ms)
        return [
            OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=1, receipt=body.receipt)
            for op, body in ((first.op, first.body) for first in firsts)
        ]

    def _amend(self, conn: Connection, device: Device, op: Op, body: Body) -> OpResult:
        before = intake.standing(conn, body.application_id)
        if before is None:
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_application_unknown")
        self._is_theirs(device, before)
        if isinstance(body, ReissueBody) != (before.kind in cases.ABOUT_A_CARD):
            raise ProblemError("op_malformed")  # a case stays what it was begun as
        card = cards.of_application(conn, body.application_id)
        if card is not None and card.status == "revoked":
            raise ProblemError("op_card_revoked")  # revoking wins, for good
        body = msgspec.structs.replace(body, receipt=before.receipt)
        theirs = proposals.says(conn, body.application_id)
        base = self._made_on(conn, device, op, before, theirs)
        settled = merge.settle(before.state, before.rev, op.base_rev, base, body, theirs)
        result = OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=before.rev, receipt=before.receipt)
        if settled.outcome == "late":
            raise ProblemError("op_withdrawn_before")
        if settled.outcome == "same":
            # the files are named all the same: the tablet asks about them
            photographs.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
            telling.state(conn, body.application_id, before.state, before.rev, self.now_ms, device.device_id)
            return result
        if settled.outcome in ("propose", "request"):
            return self._propose(conn, device, op, body, before, settled)
        assert settled.body is not None
        is_merged = settled.outcome == "merge"
        close = pairs.near(conn, self._settings, settled.body)
        facts = self._judge.of(conn, settled.body, close, op, compare=not is_merged)
        rev = intake.replace(conn, before, settled.body, facts, device_id=device.device_id, now_ms=self.now_ms)
        notes = settled.taken if is_merged else ()
        changed = [
            *audit_values.differing(self._settings, theirs, settled.body), ("state", before.state, "incomplete"),
        ]  # fmt: skip
        self._corrected(
            conn, device, settled.body, close, rev=rev, what="merged_in" if is_merged else "amended", notes=notes,
            changed=changed,
        )  # fmt: skip
        return msgspec.structs.replace(result, rev=rev)

    def _made_on(self, conn: Connection, device: Device, op: Op, before: intake.Standing, theirs: Body) -> Body | None:
        """What the change was made on; None when nobody knows.

        A revision that is not here yet was lost in a restore: a tablet's own changes follow each other in its own order,
        so that what it said last is what it goes on from.
        """
        if op.base_rev is None:
            return None
        about_a_card = before.kind in cases.ABOUT_A_CARD
        said = proposals.said_at(conn, before.application_id, op.base_rev, about_a_card)
        if op.base_rev <= before.rev:
            return None if said is None else said.body
        return theirs if said is not None and said.device_id == device.device_id else None

    def _propose(
        self, conn: Connection, device: Device, op: Op, body: Body, before: intake.Standing, settled: merge.Settled
    ) -> OpResult:
        """The first change that was accepted stays; this one waits beside it for a reviewer (B.6)."""
        proposals.add(
            conn, op_id=op.op_id, application_id=body.application_id, device_id=device.device_id, kind=settled.outcome,
            base_rev=op.base_rev, body=body, clashes=settled.clashes, now_ms=self.now_ms,
        )  # fmt: skip
        photographs.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
        cases.record(
            conn, body.application_id, actor=device.device_id, what="proposed", rev=before.rev, now_ms=self.now_ms,
            reasons=settled.clashes,
        )  # fmt: skip
        telling.again(conn, body.application_id, self.now_ms)
        return OpResult(
            seq=op.seq, op_id=op.op_id, status="conflict", rev=before.rev, receipt=before.receipt,
            code="op_proposed" if settled.outcome == "propose" else "op_requested",
        )  # fmt: skip

    def _withdraw(self, conn: Connection, device: Device, op: Op) -> OpResult:
        """The applicant wants it no more: that wins over any change, but not over a decision (B.6)."""
        asked: Withdraw = bodies.opened(op, self._keys, lambda clear: decode(Withdraw, clear))
        before = intake.standing(conn, asked.application_id)
        if before is None:
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_application_unknown")
        if asked.application_id != op.entity_id:
            raise ProblemError("op_malformed")
        self._is_theirs(device, before)
        rev = before.rev
        if before.state != "withdrawn":
            try:
                to = review.move(before.state, "withdraw", "unit_officer", device.device_id)  # type: ignore[arg-type]
            except ProblemError as error:
                raise ProblemError("op_decided_already") from error
            rev = intake.set_state(conn, before.application_id, to, self.now_ms)
            actor = device.device_id
            cases.record(
                conn, before.application_id, actor=actor, what="withdrawn", rev=rev, now_ms=self.now_ms,
                changed=[("state", before.state, to)],
            )  # fmt: skip
            pairs.leave(conn, before.application_id, rev, self.now_ms)
        telling.state(conn, before.application_id, "withdrawn", rev, self.now_ms)
        if device.device_id not in proposals.tablets_of(
            conn, before.application_id
        ):  # of the same unit, its first word
            telling.state(conn, before.application_id, "withdrawn", rev, self.now_ms, device.device_id)
        return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=rev, receipt=before.receipt)

    @staticmethod
    def _is_theirs(device: Device, before: intake.Standing) -> None:
        """ProblemError `op_not_yours`: neither the tablet that sent the case, nor one of the same unit."""
        if device.device_id != before.device_id and (device.unit_id is None or device.unit_id != before.unit_id):
            raise ProblemError("op_not_yours")

    def _print_ack(self, conn: Connection, device: Device, op: Op) -> OpResult:
        ack: PrintAck = bodies.opened(op, self._keys, lambda clear: decode(PrintAck, clear))
        before = intake.standing(conn, ack.application_id)
        if before is None:
            return OpResult(seq=op.seq, op_id=op.op_id, status="retry", code="op_application_unknown")
        if ack.application_id != op.entity_id:
            raise ProblemError("op_malformed")
        cases.record(
            conn, ack.application_id, actor=device.device_id, what="digital_given" if ack.how == "digital" else "printed",
            rev=before.rev, now_ms=self.now_ms, reasons=[ack.how, *([ack.reason[:32]] if ack.reason else [])],
            text=ack.number[:16],
        )  # fmt: skip
        if ack.how != "digital":
            self._log_print(conn, device, before, ack)
        with contextlib.suppress(ProblemError, ValueError):
            backups.heard_of_number(conn, *numbering.read(ack.number))
        return OpResult(seq=op.seq, op_id=op.op_id, status="applied", rev=before.rev)

    def _log_print(self, conn: Connection, device: Device, before: intake.Standing, ack: PrintAck) -> None:
        """The card's own log: the card of that number which this case was given."""
        found = cards.find(conn, ack.number)
        given = found is not None and ack.application_id in {
            holder.application_id for holder in card_log.holders(conn, found.seq, found.application_id)
        }
        if found is not None and given and before.state == "issued":
            card_log.note(
                conn, found.seq, what="reprinted" if ack.reason else "printed", actor=device.device_id,
                now_ms=self.now_ms, reason=ack.reason,
            )  # fmt: skip

    def hand_over(self, conn: Connection, before: str, device: Device, op: Op, result: OpResult) -> None:
        """The very operation that an earlier enrolment of that tablet sent: nobody else has its id and its sealed bytes.

        The tablet may now send the photographs it names, and hears of the case, unless it went to another unit.
        """
        if result.status != "applied" or not op.kind.startswith("application."):
            return
        try:
            body = (
                bodies.reissue(op, self._keys)
                if op.kind == "application.reissue"
                else bodies.application(op, self._keys)
            )
        except ProblemError:  # its key is gone since; the answer it got stands
            return
        photographs.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
        found = intake.standing(conn, body.application_id)
        if found is not None and found.device_id == before and found.unit_id == device.unit_id:
            intake.hand_over(conn, body.application_id, device.device_id)
            telling.state(conn, body.application_id, found.state, found.rev, self.now_ms, device.device_id)

    def _corrected(
        self, conn: Connection, device: Device, body: Body, close: pairs.Near, *, rev: int, what: str,
        notes: Sequence[str] = (), changed: Sequence[Change] = (),
    ) -> None:  # fmt: skip
        photographs.expect(conn, body.application_id, body.photos)
        photographs.note_named(conn, device.device_id, [photo.sealed_sha256 for photo in body.photos])
        cases.record(
            conn, body.application_id, actor=device.device_id, what=what, rev=rev, now_ms=self.now_ms, reasons=notes,
            changed=changed,
        )  # fmt: skip
        pairs.link(conn, body, close, self.now_ms)
        if not move_on(conn, body.application_id, self.now_ms):
            telling.state(conn, body.application_id, "incomplete", rev, self.now_ms)


def move_on(conn: Connection, application_id: str, now_ms: int) -> bool:
    """Hands an incomplete application to its review once every photograph is opened or refused; whether it did.

    A photograph that could not be opened does not strand the case: it is flagged, and the reviewer sends it back for a
    new one.
    """
    found = intake.standing(conn, application_id)
    photos = photographs.count(conn, application_id)
    if found is None or found.state != "incomplete" or photos["awaited"] or photos["stored"]:
        return False
    if photos["refused"]:
        intake.add_flag(conn, application_id, "photo_refused")
    to = cases.returned_from(conn, application_id)
    rev = intake.set_state(conn, application_id, to, now_ms)
    changed = [("state", found.state, to)]
    cases.record(conn, application_id, actor="center", what="completed", rev=rev, now_ms=now_ms, changed=changed)
    telling.state(conn, application_id, to, rev, now_ms)
    return True
