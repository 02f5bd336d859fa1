"""What an import writes, and how it is taken back. Both inside one transaction that running opens: all of it, or nothing.

A line that changes a row of service, a training or an earlier card puts a new row in its place; the old one is void and says which
import did it, so that an undo brings it back. What is not here: what a line would change (comparing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from center import numbers
from center.audit_values import personal
from center.exchange.comparing import Compared
from center.indices import index_of
from center.settings import Settings
from center.store import audit, earlier, exchange, exchange_rows, members, service, training, volunteers
from center.store.audit import Act
from center.store.exchange import Batch, Staged
from center.store.members import NewMember
from center.store.origin import Origin
from center.store.service import NewService
from center.store.training import NewTraining
from honorcard import names

Line = tuple[Staged, Compared]
_MEMBER = {"unit": "", "book": "book_number", "since": "since_on", "until": "until_on"}


def write(conn: Connection, settings: Settings, batch: Batch, lines: Sequence[Line], *, by: str, now_ms: int) -> None:
    """Writes lines that are new or changed. by: the account that said so."""
    came = Origin("import", by, now_ms, batch.batch_id)
    ways = {"units": _units, "volunteers": _volunteers, "hours": _hours, "training": _training, "cards": _cards}
    ways[batch.kind](conn, settings, batch.batch_id, lines, came)
    _note(conn, settings, batch, lines, came)


def _note(conn: Connection, settings: Settings, batch: Batch, lines: Sequence[Line], came: Origin) -> None:
    """In the audit, what was changed of whom, field by field; what is new stands there as the batch with its file's digest."""
    changed = [(staged, compared) for staged, compared in lines if staged.outcome == "changed"]
    ids = volunteers.ids_of(conn, {compared.no for _, compared in changed if compared.no is not None})
    acts = []
    for staged, compared in changed:
        fields = [("exchange", "", batch.batch_id)]
        if batch.kind == "units":
            fields += [(of, str(was or ""), str(becomes or "")) for of, was, becomes in staged.changes]
            acts.append(Act("unit_changed", "unit", compared.unit_id or "", fields))
        else:
            fields += [personal(settings, of, was, becomes) for of, was, becomes in staged.changes]
            acts.append(Act("person_changed", "person", ids.get(compared.no or 0, ""), fields))
    audit.note_all(conn, acts, actor=came.by, now_ms=came.at_ms)


def _units(conn: Connection, _: Settings, batch_id: str, lines: Sequence[Line], __: Origin) -> None:
    new = [staged for staged, _ in lines if staged.outcome == "new"]
    said = [(one.entry["code"], one.entry["name"], one.entry.get("district", "")) for one in new]
    ids = exchange_rows.add_units(conn, said)
    exchange.note_targets(conn, batch_id, {one.line: unit_id for one, unit_id in zip(new, ids, strict=True)})
    for staged, compared in lines:
        if staged.outcome == "changed" and compared.unit_id is not None:
            exchange_rows.change_unit(conn, compared.unit_id, **{of: after for of, _, after in staged.changes})
            exchange.note_targets(conn, batch_id, {staged.line: compared.unit_id})


def _volunteers(conn: Connection, settings: Settings, batch_id: str, lines: Sequence[Line], came: Origin) -> None:
    about = {"name", "kept"}
    firsts = [one for one, _ in lines if about & {of for of, _, _ in one.changes}]
    people = [_known(settings, one.entry) for one in firsts]
    nos = volunteers.make_known(conn, people, came)
    targets: dict[int, str] = {}
    joining = []
    indices = {staged.line: _index(settings, staged.entry) for staged, _ in lines}
    absent = [idbx for idbx in indices.values() if idbx not in nos]
    nos |= {idbx: one.no for idbx, one in volunteers.find(conn, absent).items()}
    for staged, compared in lines:
        no = nos[indices[staged.line]]
        targets[staged.line] = f"{no} {compared.unit_id or ''}".rstrip()
        if staged.outcome == "changed":
            _change_person(conn, no, {of: after for of, _, after in staged.changes}, came)
        if compared.unit_id is not None and _MEMBER.keys() & {of for of, _, _ in staged.changes}:
            entry = staged.entry
            joining.append(
                NewMember(
                    no, compared.unit_id, entry.get("book", ""), _day(entry.get("since")), _day(entry.get("until"))
                )
            )
    members.join(conn, joining, came)
    exchange.note_targets(conn, batch_id, targets)


def _change_person(conn: Connection, no: int, after: Mapping[str, Any], came: Origin) -> None:
    name = after.get("name")
    volunteers.change(
        conn, no, by=came.by, now_ms=came.at_ms, name=(name, names.fold(name)) if name else None,
        english_name=after.get("english_name"), birth_date=_day(after.get("birth")),
    )  # fmt: skip


def _hours(conn: Connection, _: Settings, batch_id: str, lines: Sequence[Line], came: Origin) -> None:
    rows = []
    for staged, compared in lines:
        entry = staged.entry
        if compared.was is not None:
            service.void(conn, int(compared.was), by=came.by, why=_why(batch_id), now_ms=came.at_ms)
        assert compared.no is not None
        rows.append(
            NewService(
                compared.no, compared.unit_id, date.fromisoformat(entry["start"]), date.fromisoformat(entry["end"]),
                entry["hours"], entry.get("item", ""), entry.get("content", ""), entry.get("category", "ordinary"),
            )
        )  # fmt: skip
    service.add(conn, rows, came)


def _training(conn: Connection, _: Settings, batch_id: str, lines: Sequence[Line], came: Origin) -> None:
    rows = []
    for staged, compared in lines:
        entry = staged.entry
        file = None
        if compared.was is not None:
            before = training.find(conn, str(compared.was))
            file = before.file_sha256 if before else None
            training.void(conn, str(compared.was), by=came.by, why=_why(batch_id), now_ms=came.at_ms)
        assert compared.no is not None
        rows.append(
            NewTraining(
                compared.no, entry["course_kind"], entry.get("field", ""), entry.get("course", ""), entry.get("hours"),
                _day(entry["day"]), entry.get("certificate", ""), file,
            )
        )  # fmt: skip
    training.add(conn, rows, came)


def _cards(conn: Connection, _: Settings, batch_id: str, lines: Sequence[Line], came: Origin) -> None:
    replaced = [str(compared.was) for _, compared in lines if compared.was is not None]
    earlier.void(conn, replaced, batch_id=batch_id, now_ms=came.at_ms)
    rows = [
        {
            "person_no": compared.no, "number": staged.entry["card"], "issuer": staged.entry.get("issuer", ""),
            "issued_on": _day(staged.entry.get("issued")), "valid_until": _day(staged.entry["valid_until"]),
            "counted_until": _day(staged.entry.get("counted_until")),
        }
        for staged, compared in lines
    ]  # fmt: skip
    earlier.add(conn, rows, batch_id=batch_id, now_ms=came.at_ms)


# --- taking back ---


def take_back(conn: Connection, batch: Batch, *, by: str, now_ms: int) -> None:
    """Takes back what a batch wrote; lines of what something depends on since are noted as kept, with the code of why."""
    ways = {
        "units": _units_back, "volunteers": _volunteers_back, "hours": _hours_back, "training": _training_back,
        "cards": _cards_back,
    }  # fmt: skip
    ways[batch.kind](conn, batch, by, now_ms)


def _units_back(conn: Connection, batch: Batch, _: str, __: int) -> None:
    for staged in _written(conn, batch):
        now = exchange_rows.unit_of(conn, staged.target or "")
        if now is None:
            continue
        if staged.outcome == "new":
            if not exchange_rows.remove_unit(conn, now.unit_id):
                _keep(conn, batch, [staged], "exchange_used_since")
            continue
        held = {"name": now.name, "district": now.district}
        back = {of: before for of, before, after in staged.changes if held[of] == after}
        if back:
            exchange_rows.change_unit(conn, now.unit_id, **back)
        if len(back) < len(staged.changes):
            _keep(conn, batch, [staged], "exchange_changed_since")


def _volunteers_back(conn: Connection, batch: Batch, by: str, now_ms: int) -> None:
    needed = exchange_rows.needed_since(conn, batch.batch_id)
    exchange_rows.keep_people(conn, needed)
    for staged in _written(conn, batch):
        no = _person_no(staged)
        if no in needed:
            _keep(conn, batch, [staged], "exchange_used_since")
        elif staged.outcome == "changed" and not _person_back(conn, no, staged, by, now_ms):
            _keep(conn, batch, [staged], "exchange_changed_since")
    volunteers.take_back(conn, batch.batch_id)


def _person_back(conn: Connection, no: int, staged: Staged, by: str, now_ms: int) -> bool:
    """Puts back what a line changed of a person; False when some of it was changed again since."""
    person = volunteers.of_no(conn, no)
    if person is None:
        return True
    birth = person.birth_date.isoformat() if person.birth_date else ""
    held = {"name": person.name, "birth": birth, "english_name": person.english_name}
    back = {of: was for of, was, after in staged.changes if of in held and held[of] == after}
    if back.get("birth") == "":
        exchange_rows.set_person(conn, no, birth_date=None)
    name = back.get("name")
    volunteers.change(
        conn, no, by=by, now_ms=now_ms, name=(name, names.fold(name)) if name else None,
        english_name=back.get("english_name"), birth_date=_day(back.get("birth")),
    )  # fmt: skip
    asked = sum(of in held for of, _, _ in staged.changes)
    return len(back) == asked and _member_back(conn, no, staged)


def _member_back(conn: Connection, no: int, staged: Staged) -> bool:
    """Puts back what a line changed of a membership that stood before; a new one goes with its batch."""
    changed = {of: (was, after) for of, was, after in staged.changes if of in _MEMBER}
    if not changed or "unit" in changed:
        return True
    unit_id = (staged.target or "").partition(" ")[2]
    one = next((one for one in members.memberships(conn, [no])[no] if one.unit_id == unit_id), None)
    if one is None:
        return False
    held = {"book": one.book_number, "since": _iso(one.since), "until": _iso(one.until)}
    if any(held[of] != after for of, (_, after) in changed.items()):
        return False
    values = {_MEMBER[of]: was if of == "book" else _day(was) for of, (was, _) in changed.items()}
    exchange_rows.set_membership(conn, no, unit_id, **values)
    return True


def _hours_back(conn: Connection, batch: Batch, by: str, now_ms: int) -> None:
    needed = exchange_rows.certified_since(conn, batch.batch_id, batch.ended_ms or 0)
    _keep_people(conn, batch, needed)
    service.void_of(conn, batch.batch_id, by=by, why="undo", now_ms=now_ms, but_people=needed)
    service.bring_back(conn, batch.batch_id, _why(batch.batch_id), but_people=needed)


def _training_back(conn: Connection, batch: Batch, by: str, now_ms: int) -> None:
    needed = exchange_rows.handed_in_since(conn, batch.batch_id)
    _keep_people(conn, batch, needed)
    training.void_of(conn, batch.batch_id, by=by, why="undo", now_ms=now_ms, but_people=needed)
    training.bring_back(conn, batch.batch_id, _why(batch.batch_id), but_people=needed)


def _cards_back(conn: Connection, batch: Batch, _: str, now_ms: int) -> None:
    earlier.take_back(conn, batch.batch_id, now_ms)


def _keep_people(conn: Connection, batch: Batch, needed: set[int]) -> None:
    if needed:
        kept = [one for one in _written(conn, batch) if _person_no(one) in needed]
        _keep(conn, batch, kept, "exchange_used_since")


def _keep(conn: Connection, batch: Batch, lines: Sequence[Staged], code: str) -> None:
    exchange.note_kept(conn, batch.batch_id, {one.line: code for one in lines})


def _written(conn: Connection, batch: Batch) -> list[Staged]:
    """Every line that was written, the last first."""
    found: list[Staged] = []
    while part := exchange.lines(
        conn, batch.batch_id, ("new", "changed"), above=found[-1].line if found else 0, limit=5000
    ):
        found += part
    return found[::-1]


def _known(settings: Settings, entry: Mapping[str, Any]) -> volunteers.Known:
    return numbers.known(
        settings, entry["number"], entry["name"], passport_of=entry.get("country"), birth_date=_day(entry.get("birth")),
        english_name=entry.get("english_name", ""),
    )  # fmt: skip


def _index(settings: Settings, entry: Mapping[str, Any]) -> bytes:
    return index_of(settings, entry["number"], entry.get("country"))


def _person_no(staged: Staged) -> int:
    return int((staged.target or "0").partition(" ")[0])


def _why(batch_id: str) -> str:
    return f"import {batch_id}"


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
