"""What the tray asks: every application that was submitted here, how far its operation and photographs got, what came
back.
"""

from __future__ import annotations

import msgspec
from sqlite_utils import Database

from honorcard.typed import convert, read_json


class TrayRow(msgspec.Struct, frozen=True, kw_only=True):
    """One submitted application as this tablet knows it. Nothing readable about a person but a masked name."""

    application_id: str
    receipt: str
    masked_name: str
    kind: str
    state: str  # the center's word on the case (honorcard.review), or what the tablet wrote at submit
    rev: int
    created_ms: int
    changed_ms: int
    returned: bytes | None
    op_state: str  # of the newest submit or amend: pending, accepted, durable, conflict, rejected, quarantined
    op_result: str | None
    photos: int
    photos_left: int
    photos_damaged: int  # of those left: no longer what was photographed
    card_status: str | None
    printed_ms: int | None
    withdraw_state: str | None  # of the newest application.withdraw, as op_state
    withdraw_result: str | None
    told: str  # JSON list, sync.wire.ApplicationState.notices
    letter_told: int = 0  # the center keeps a letter of its operation, which was not taken
    letter_done: int = 0  # and somebody there has dealt with it

    @property
    def notices(self) -> tuple[str, ...]:
        """What the applicant is to know besides the state."""
        return read_json(self.told, tuple[str, ...])


_ROWS = """
    SELECT a.application_id, a.receipt, a.masked_name, a.kind, a.state, a.rev, a.created_ms, a.changed_ms, a.returned,
      coalesce(o.state, 'durable') AS op_state,
      o.result AS op_result,
      (SELECT count(*) FROM json_each(o.needs_blobs)) AS photos,
      (
        SELECT count(*) FROM json_each(o.needs_blobs) AS named
        JOIN blob AS b ON b.sha256 = unhex(named.value)
        WHERE b.state IN ('local', 'quarantined')
      ) AS photos_left,
      (
        SELECT count(*) FROM json_each(o.needs_blobs) AS named
        JOIN blob AS b ON b.sha256 = unhex(named.value)
        WHERE b.state = 'quarantined'
      ) AS photos_damaged,
      c.status AS card_status,
      w.state AS withdraw_state,
      w.result AS withdraw_result,
      a.notices AS told,
      (SELECT count(*) FROM letter AS l WHERE l.op_id = o.op_id AND l.told IS NOT NULL) AS letter_told,
      (SELECT count(*) FROM letter AS l WHERE l.op_id = o.op_id AND l.done = 1) AS letter_done,
      (
        SELECT max(j.changed_ms) FROM print_job AS j
        WHERE j.application_id = a.application_id AND j.state = 'completed'
      ) AS printed_ms
    FROM application AS a
    LEFT JOIN op_log AS o ON o.seq = (
      SELECT max(seq) FROM op_log
      WHERE entity_id = a.application_id AND kind IN ('application.submit', 'application.amend', 'application.reissue')
    )
    LEFT JOIN op_log AS w ON w.seq = (
      SELECT max(seq) FROM op_log WHERE entity_id = a.application_id AND kind = 'application.withdraw'
    )
    LEFT JOIN card AS c ON c.application_id = a.application_id
"""


def rows(db: Database) -> list[TrayRow]:
    """All of them, the newest change first."""
    found = db.query(_ROWS + "ORDER BY a.changed_ms DESC, a.application_id")
    return [convert(row, TrayRow) for row in found]


def find(db: Database, application_id: str) -> TrayRow | None:
    """One of them."""
    found = db.query(_ROWS + "WHERE a.application_id = :id", {"id": application_id})
    return next((convert(row, TrayRow) for row in found), None)


def with_receipt(db: Database, receipt: str) -> list[TrayRow]:
    """Those with that receipt number; nearly always one (two equal ones are both kept: sync.md B.1)."""
    found = db.query(_ROWS + "WHERE a.receipt = :receipt", {"receipt": receipt})
    return [convert(row, TrayRow) for row in found]
