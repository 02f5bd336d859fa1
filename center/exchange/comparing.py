"""What lines would change here: compared with what stands, and with the lines before them in the same list.

The same comparison is made for the dry run and, inside the transaction that writes, once more: what was shown is what is written.
What is not here: reading cells (reading), the writing (writing).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from center.exchange.fields import Kind
from center.exchange.reading import Read, shape, trouble
from center.indices import index_of, indices_of
from center.settings import Settings
from center.store import earlier, exchange_rows, members, service, training, volunteers
from center.store.exchange import Staged
from center.store.exchange_rows import UnitRow
from center.store.members import Member
from center.store.volunteers import Volunteer
from honorcard import names

Changes = list[list[Any]]
_BESIDE = {"number", "country", "name", "unit"}  # not shown as a change of their own where a person's row is added


class Refused(Exception):
    """A line that cannot be taken: which field, and the code of why."""

    def __init__(self, of: str, code: str, **details: Any) -> None:
        super().__init__(code)
        self.of, self.code, self.details = of, code, details


@dataclass
class _Around:
    """What stands here about the people of one handful of lines."""

    people: Mapping[bytes, Volunteer] = field(default_factory=dict)
    members: Mapping[int, list[Member]] = field(default_factory=dict)
    rows: Mapping[int, list[Any]] = field(default_factory=dict)
    cards: Mapping[str, Any] = field(default_factory=dict)
    ours: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """A line compared. was: id of the row that a change takes the place of; no: the person's number, where known."""

    outcome: str
    changes: Changes
    no: int | None = None
    was: str | int | None = None
    unit_id: str | None = None


class Comparer:
    """Compares the lines of one list, handful by handful, in their order. at: the list's columns by field."""

    def __init__(self, settings: Settings, kind: Kind, batch_id: str, at: Mapping[str, int]) -> None:
        self._settings, self._kind, self._batch_id, self._at = settings, kind, batch_id, at
        self._units: list[UnitRow] | None = None
        self._by_code: dict[str, UnitRow] = {}
        self._by_name: dict[str, list[UnitRow]] = {}
        self._seen: dict[bytes, tuple[int, bytes]] = {}
        self._people: dict[bytes, tuple[int, bytes, bool]] = {}

    def compare(self, conn: Connection, reads: Sequence[Read]) -> list[tuple[Staged, Compared | None]]:
        """Each line with its outcome; None beside one that is refused."""
        self._load_units(conn)
        keys = self._indices(reads) if self._kind != "units" else {}
        around = self._around(conn, reads, keys)
        found = []
        for read in reads:
            compared: Compared | None = None
            if not read.troubles:
                try:
                    compared = self._ways()[self._kind](read, keys.get(read.line, b""), around)
                except Refused as why:
                    at = self._at.get(why.of, -1)
                    shaped = shape(read.cells[at]) if 0 <= at < len(read.cells) else "empty"
                    read.troubles.append(trouble(self._at, shaped, why.of, why.code, **why.details))
            found.append((_staged(read, compared), compared))
        return found

    def _indices(self, reads: Sequence[Read]) -> dict[int, bytes]:
        """The index of each line's person."""
        ours = [read for read in reads if read.entry and "country" not in read.entry]
        found = indices_of(self._settings, [read.entry["number"] for read in ours])
        by_line = {read.line: idbx for read, idbx in zip(ours, found, strict=True)}
        for read in reads:
            if "country" in read.entry:
                by_line[read.line] = index_of(self._settings, read.entry["number"], read.entry["country"])
        return by_line

    def _ways(self) -> dict[str, Callable[[Read, bytes, _Around], Compared]]:
        return {
            "units": self._unit_line, "volunteers": self._volunteer, "hours": self._service, "training": self._training,
            "cards": self._card,
        }  # fmt: skip

    def _load_units(self, conn: Connection) -> None:
        if self._units is None:
            self._units = exchange_rows.units(conn)
            for unit in self._units:
                self._by_code[unit.code.casefold()] = unit
                self._by_name.setdefault(names.fold(unit.name), []).append(unit)

    def _around(self, conn: Connection, reads: Sequence[Read], keys: Mapping[int, bytes]) -> _Around:
        around = _Around()
        if self._kind == "units":
            return around
        around.people = volunteers.find(conn, list(dict.fromkeys(keys.values())))
        nos = [one.no for one in around.people.values()]
        if self._kind == "volunteers":
            around.members = members.memberships(conn, nos)
        elif self._kind == "hours":
            around.rows = service.of_people(conn, nos, but_not=self._batch_id)
        elif self._kind == "training":
            around.rows = training.of_people(conn, nos, but_not=self._batch_id)
        else:
            numbers = [read.entry["card"] for read in reads if read.entry]
            around.cards = earlier.by_number(conn, numbers, but_not=self._batch_id)
            around.ours = exchange_rows.holders_of(conn, numbers)
        return around

    # --- one way a kind ---

    def _unit_line(self, read: Read, _: bytes, __: _Around) -> Compared:
        entry = read.entry
        self._once(read, entry["code"].casefold().encode(), _digest(entry["name"], entry.get("district", "")), "code")
        held = self._by_code.get(entry["code"].casefold())
        if held is None:
            return Compared("new", [[of, "", value] for of, value in entry.items()])
        pairs = [("name", held.name), ("district", held.district)]
        changes = [[of, was, entry[of]] for of, was in pairs if of in entry and entry[of] != was]
        return Compared("changed" if changes else "same", changes, unit_id=held.unit_id)

    def _volunteer(self, read: Read, idbx: bytes, around: _Around) -> Compared:
        entry = read.entry
        unit = self._unit(entry)
        about = _digest(entry["name"], entry.get("birth", ""), entry.get("english_name", ""))
        person = around.people.get(idbx)
        seen = self._people.get(idbx)
        self._once(read, idbx + (unit.unit_id if unit else "").encode(), about, "identity")
        if seen is not None and seen[1] != about:
            raise Refused("name", "exchange_lines_disagree", other=seen[0])
        is_new = seen[2] if seen is not None else person is None
        changes: Changes = []
        if seen is None:
            changes = self._about_person(entry, person)
        if unit is not None:
            changes += self._membership(entry, unit, None if is_new else person, around)
        self._people.setdefault(idbx, (read.line, about, is_new))
        unit_id = unit.unit_id if unit else None
        no = None if is_new or person is None else person.no
        if is_new:
            return Compared("new", changes or [["unit", "", ""]], unit_id=unit_id)
        return Compared("changed" if changes else "same", changes, no=no, unit_id=unit_id)

    def _about_person(self, entry: Mapping[str, Any], person: Volunteer | None) -> Changes:
        if person is None:
            return [[of, "", entry[of]] for of in ("name", "birth", "english_name") if of in entry]
        changes: Changes = [] if person.kept else [["kept", "application", "list"]]
        if entry["name"] != person.name:
            if person.has_card:
                raise Refused("name", "exchange_name_on_card")
            changes.append(["name", person.name, entry["name"]])
        birth = person.birth_date.isoformat() if person.birth_date else ""
        if entry.get("birth", birth) != birth:
            changes.append(["birth", birth, entry["birth"]])
        if entry.get("english_name", person.english_name) != person.english_name:
            changes.append(["english_name", person.english_name, entry["english_name"]])
        return changes

    def _membership(
        self, entry: Mapping[str, Any], unit: UnitRow, person: Volunteer | None, around: _Around
    ) -> Changes:
        held = next(
            (one for one in around.members.get(person.no, []) if one.unit_id == unit.unit_id) if person else iter(()),
            None,
        )
        said = [("book", entry.get("book", "")), ("since", entry.get("since", "")), ("until", entry.get("until", ""))]
        label = f"{unit.code} {unit.name}"
        if held is None:
            return [["unit", "", label], *([of, "", value] for of, value in said if value)]
        changes: Changes = [["unit", "application", label]] if held.source == "application" else []
        was = {"book": held.book_number, "since": _iso(held.since), "until": _iso(held.until)}
        return changes + [[of, was[of], value] for of, value in said if value and value != was[of]]

    def _service(self, read: Read, idbx: bytes, around: _Around) -> Compared:
        entry, person, unit = read.entry, self._known(read.entry, idbx, around), self._unit(read.entry)
        assert unit is not None  # the column is needed
        item, content, category = entry.get("item", ""), entry.get("content", ""), entry.get("category", "ordinary")
        key = _digest(idbx.hex(), unit.unit_id, entry["start"], entry["end"], item, content, category)
        self._once(read, key, _digest(str(entry["hours"])), "hours")
        same = [
            row
            for row in around.rows[person.no]
            if (row.unit_id, _iso(row.start), _iso(row.end), row.item, row.content, row.category)
            == (unit.unit_id, entry["start"], entry["end"], item, content, category)
        ]
        if any(row.half_hours == entry["hours"] for row in same):
            return Compared("same", [], person.no, unit_id=unit.unit_id)
        if same:
            change = [["hours", same[0].half_hours, entry["hours"]]]
            return Compared("changed", change, person.no, same[0].row_id, unit.unit_id)
        return Compared("new", _all(entry), person.no, unit_id=unit.unit_id)

    def _training(self, read: Read, idbx: bytes, around: _Around) -> Compared:
        entry, person = read.entry, self._known(read.entry, idbx, around)
        where = (entry["course_kind"], entry.get("field", ""), entry.get("course", ""), entry["day"])
        said = {"hours": entry.get("hours"), "certificate": entry.get("certificate", "")}
        self._once(read, _digest(idbx.hex(), *where), _digest(str(said["hours"]), str(said["certificate"])), "day")
        for row in around.rows[person.no]:
            if (row.kind, row.field, row.course, _iso(row.completed_on)) == where:
                was = {"hours": row.half_hours, "certificate": row.certificate}
                changes = [[of, was[of], value] for of, value in said.items() if value and value != was[of]]
                return Compared(
                    "changed" if changes else "same", changes, person.no, row.training_id if changes else None
                )
        return Compared("new", _all(entry), person.no)

    def _card(self, read: Read, idbx: bytes, around: _Around) -> Compared:
        entry, person = read.entry, self._known(read.entry, idbx, around)
        number = entry["card"]
        said = {of: entry.get(of, "") for of in ("issuer", "issued", "valid_until", "counted_until")}
        self._once(read, number.encode(), _digest(idbx.hex(), *said.values()), "card")
        if number in around.ours:
            if around.ours[number] != idbx:
                raise Refused("card", "exchange_card_of_other")
            return Compared("same", [], person.no)
        held = around.cards.get(number)
        if held is None:
            return Compared("new", _all(entry), person.no)
        if held.person_no != person.no:
            raise Refused("card", "exchange_card_of_other")
        was = {
            "issuer": held.issuer, "issued": _iso(held.issued_on), "valid_until": _iso(held.valid_until),
            "counted_until": _iso(held.counted_until),
        }  # fmt: skip
        changes = [[of, was[of], value] for of, value in said.items() if value and value != was[of]]
        return Compared("changed" if changes else "same", changes, person.no, held.earlier_id if changes else None)

    # --- what lines have in common ---

    def _once(self, read: Read, key: bytes, value: bytes, of: str) -> None:
        """No two lines of a list are about the same thing. Raises Refused for the later one."""
        short = hashlib.blake2b(key, digest_size=16).digest()
        before = self._seen.setdefault(short, (read.line, value))
        if before[0] != read.line:
            code = "exchange_line_twice" if before[1] == value else "exchange_lines_disagree"
            raise Refused(of, code, other=before[0])

    def _known(self, entry: Mapping[str, Any], idbx: bytes, around: _Around) -> Volunteer:
        of = "passport" if "country" in entry else "identity"
        person = around.people.get(idbx)
        if person is None:
            raise Refused(of, "exchange_person_unknown")
        if "name" in entry and names.fold(entry["name"]) != names.fold(person.name):
            raise Refused("name", "exchange_name_differs")
        return person

    def _unit(self, entry: Mapping[str, Any]) -> UnitRow | None:
        said = entry.get("unit")
        if said is None:
            return None
        found = self._by_code.get(said.casefold()) or self._by_code.get(said.split(" ")[0].casefold())
        if found is not None:
            return found
        named = self._by_name.get(names.fold(said), [])
        if len(named) != 1:
            raise Refused("unit", "exchange_unit_twice" if named else "exchange_unit_unknown")
        return named[0]


def _staged(read: Read, compared: Compared | None) -> Staged:
    troubles = [[one.of, one.column, one.shape, one.code, dict(one.details)] for one in read.troubles]
    if compared is None:
        return Staged(read.line, "refused", read.cells, {}, [], troubles)
    target = None if compared.no is None else str(compared.no)
    return Staged(read.line, compared.outcome, read.cells, read.entry, compared.changes, [], target or compared.unit_id)


def _all(entry: Mapping[str, Any]) -> Changes:
    """Everything a new row says, beside whose it is."""
    return [[of, "", value] for of, value in entry.items() if of not in _BESIDE]


def _digest(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _iso(day: Any) -> str:
    return day.isoformat() if day else ""
