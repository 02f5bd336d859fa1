"""Service rows that another system brings, many at once, each taken or refused by itself (R64: care stations).

The same request again is answered as the first time, and the same row again, whoever brings it, is not added twice. What was
brought by one request can be taken back together. What is not here: reading a record (people).
"""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec
from sqlalchemy import Connection

from center import current, numbers
from center.api import shapes
from center.api.declared import Call, Param, operation
from center.settings import Settings
from center.store import accounts, api_keys, audit, members, service, volunteers
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService
from center.store.volunteers import Known
from honorcard import identity, names
from honorcard.problems import ProblemError
from honorcard.typed import read_json
from sync.ids import uuid7
from web.clock import now_ms, today
from web.languages import language

HALF_HOURS_A_DAY = 48

Line = tuple[date, date, int, str | None, str, str, str]


@operation(
    "POST", "/service-rows", scope="service.write", summary=("送服務紀錄", "Bring service rows"), answer=shapes.RowsTaken,
    body=shapes.NewRows, params=(Param("Idempotency-Key", "header", shapes.IdempotencyKey, required=True),),
    problems=("api_again_differs",),
)  # fmt: skip
def bring_service(call: Call) -> shapes.RowsTaken:
    """Adds rows of service, at most 500, in one transaction; a row that is wrong is refused and holds up no other. Whoever is not
    known here yet becomes known. Send the same Idempotency-Key again when an answer was lost: nothing is added twice.
    """
    key = call.key
    assert key is not None
    again, settings = call.values["Idempotency-Key"], current.settings()
    digest = hashlib.sha256(call.raw).digest()
    with current.store().write() as conn:
        kept = api_keys.answered(conn, key.key_id, again)
        if kept is not None:
            if kept.sha256 != digest:
                raise ProblemError("api_again_differs")
            return read_json(kept.body, shapes.RowsTaken)
        at_ms = now_ms()
        came = Origin("import", f"api {key.key_id}", at_ms, uuid7())
        taken = _Taking(conn, settings, call, came).take(call.body.rows, today())
        if taken.added:
            audit.note(
                conn, "api_rows_added", actor=f"api:{key.key_id}", now_ms=at_ms, entity_kind="api_batch", entity=taken.batch,
                fields=[("rows", "", str(taken.added)), ("sha256", "", digest.hex())],
            )  # fmt: skip
        api_keys.keep_answer(
            conn, key.key_id, again, sha256=digest, body=msgspec.json.encode(taken), now_ms=at_ms
        )  # fmt: skip
    return taken


class _Taking:
    """One request's rows, inside its transaction."""

    def __init__(self, conn: Connection, settings: Settings, call: Call, came: Origin) -> None:
        self._conn, self._settings, self._came = conn, settings, came
        self._units = {
            one.code: one.unit_id for one in accounts.units(conn) if not call.units or one.unit_id in call.units
        }
        self._known: dict[str, Known] = {}

    def take(self, rows: list[shapes.NewRow], day: date) -> shapes.RowsTaken:
        """What became of each row."""
        problems = [self._problem(row, day) for row in rows]
        self._check_names(rows, problems)
        good = [row for row, problem in zip(rows, problems, strict=True) if problem is None]
        new = {row.identity_number: self._known[row.identity_number] for row in good}
        nos = volunteers.make_known(self._conn, list(new.values()), self._came)
        of_row = {number: nos[one.idbx] for number, one in new.items()}
        members.join(
            self._conn,
            [
                NewMember(*pair)
                for pair in dict.fromkeys((of_row[r.identity_number], self._units[r.unit]) for r in good)
            ],
            self._came,
        )
        return self._add(rows, problems, of_row)

    def _problem(self, row: shapes.NewRow, day: date) -> str | None:
        if not identity.read(row.identity_number).valid:
            return "api_row_number"
        if not names.tidy(row.name):
            return "api_row_name"
        if row.unit not in self._units:
            return "api_row_unit"
        fits = row.half_hours <= ((row.end - row.start).days + 1) * HALF_HOURS_A_DAY
        return None if row.start <= row.end <= day and fits else "api_row_days"

    def _check_names(self, rows: list[shapes.NewRow], problems: list[str | None]) -> None:
        """Everybody by number. A name is compared with the one known here, or else with the first that this request gives."""
        for row, problem in zip(rows, problems, strict=True):
            if problem is None and row.identity_number not in self._known:
                self._known[row.identity_number] = numbers.known(self._settings, row.identity_number, row.name)
        here = volunteers.find(self._conn, [one.idbx for one in self._known.values()])
        for at, row in enumerate(rows):
            if problems[at] is None:
                one = self._known[row.identity_number]
                held = here.get(one.idbx)
                if names.fold(row.name) != (one.name_key if held is None else names.fold(held.name)):
                    problems[at] = "api_row_name"

    def _add(
        self, rows: list[shapes.NewRow], problems: list[str | None], of_row: dict[str, int]
    ) -> shapes.RowsTaken:  # fmt: skip
        held: dict[int, set[Line]] = {
            no: {(r.start, r.end, r.half_hours, r.unit_id, r.item, r.content, r.category) for r in several}
            for no, several in service.of_people(self._conn, set(of_row.values())).items()
        }
        adding, results = [], []
        for at, (row, problem) in enumerate(zip(rows, problems, strict=True)):
            if problem is not None:
                results.append(shapes.RowResult(index=at, status="refused", problem=_said(problem)))
                continue
            no, unit_id = of_row[row.identity_number], self._units[row.unit]
            line: Line = (row.start, row.end, row.half_hours, unit_id, row.item, row.content, row.category)
            if line in held[no]:
                results.append(shapes.RowResult(index=at, status="already"))
                continue
            held[no].add(line)
            adding.append(
                NewService(no, unit_id, row.start, row.end, row.half_hours, row.item, row.content, row.category)
            )
            results.append(shapes.RowResult(index=at, status="added"))
        service.add(self._conn, adding, self._came)
        count = [sum(one.status == status for one in results) for status in ("added", "already", "refused")]
        return shapes.RowsTaken(
            batch=self._came.ref, added=count[0], already=count[1], refused=count[2], results=results
        )  # fmt: skip


def _said(code: str) -> shapes.Problem:
    said = ProblemError(code)
    return shapes.Problem(
        type=f"urn:honorcard:problem:{code}", title=said.sentence(language()), status=said.problem.status
    )  # fmt: skip
