"""Writes delta.json: what a delta makes of a pack's buckets, or that it is refused; Python and the browser's page are
both held to it.

Run `python -m tests.vectors.make_delta` from the repository's root. A record is told as its place and the byte that
fills the rest of it, so that the file stays small; the same is done to the delta's own bytes (`runs`). Nothing in it is
random.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from honorcard.card import delta
from honorcard.card.manifest import DeltaEntry
from honorcard.card.record import IDX, RECORD

FILE = Path(__file__).with_name("delta.json")
Told = tuple[str, int]  # place in hex, filling byte
BUCKETS = 256


def record(told: Told) -> bytes:
    """A record's bytes: its place, then nothing but that byte."""
    return bytes.fromhex(told[0]) + bytes([told[1]]) * (RECORD - IDX)


def place(bucket: int, number: int) -> str:
    """A place in that bucket."""
    return bytes([bucket, number, *range(IDX - 2)]).hex()


def runs(raw: bytes) -> list[str | list[int]]:
    """The bytes told short: hex, and [byte, how often] where one repeats more than 64 times."""
    told: list[str | list[int]] = []
    at = plain = 0
    while at < len(raw):
        end = at
        while end < len(raw) and raw[end] == raw[at]:
            end += 1
        if end - at > 64:
            if plain < at:
                told.append(raw[plain:at].hex())
            told.append([raw[at], end - at])
            plain = end
        at = end
    return [*told, raw[plain:].hex()] if plain < len(raw) else told


def told_again(told: list[str | list[int]]) -> bytes:
    """The bytes of `runs`."""
    return b"".join(bytes.fromhex(part) if isinstance(part, str) else bytes([part[0]]) * part[1] for part in told)


def case(
    name: str, old: dict[int, list[Told]], raw: bytes, new: dict[int, list[Told]] | None, **more: int
) -> dict[str, Any]:
    """One case. new: buckets that come out of it, by number; None where the delta must be refused."""
    return {
        "name": name,
        "from": more.get("from_version", 6),
        "to": more.get("to_version", 7),
        "buckets": more.get("buckets", BUCKETS),
        "delta": runs(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "size": len(raw),
        "old": {str(number): records for number, records in old.items()},
        "new": None
        if new is None
        else {
            str(number): {"records": records, "sha256": hashlib.sha256(b"".join(map(record, records))).hexdigest()}
            for number, records in new.items()
        },
    }


def cases() -> list[dict[str, Any]]:
    """All of them."""
    a, b, c, changed = (place(9, 1), 1), (place(9, 2), 2), (place(9, 3), 3), (place(9, 2), 4)
    other = (place(200, 1), 5)

    def sound(changes: dict[int, delta.Change], **more: int) -> bytes:
        return delta.encode(
            more.get("from_version", 6), more.get("to_version", 7), more.get("buckets", BUCKETS), changes
        )

    def gone(*which: Told) -> tuple[bytes, ...]:
        return tuple(bytes.fromhex(idx) for idx, _ in which)

    def come(*which: Told) -> tuple[bytes, ...]:
        return tuple(map(record, which))

    one = sound({9: delta.Change((), come(b))})
    two = sound({9: delta.Change(gone(b), come(changed)), 200: delta.Change((), come(other))})
    head = len(sound({}))
    wide = place(9, 0x35)
    return [
        case("nothing changed", {9: [a]}, sound({}), {9: [a]}),
        case("a record comes between two", {9: [a, c]}, one, {9: [a, b, c]}),
        case("a record goes, and the bucket is empty", {9: [a]}, sound({9: delta.Change(gone(a), ())}), {9: []}),
        case("a record is sealed anew, another bucket begins", {9: [a, b], 200: []}, two, {9: [a, changed], 200: [other]}),
        case("4,096 buckets", {0x093: []}, sound({0x093: delta.Change((), come((wide, 1)))}, buckets=4_096),
             {0x093: [(wide, 1)]}, buckets=4_096),
        case("a version higher than two bytes", {9: []}, sound({9: delta.Change((), come(a))}, from_version=70_000,
             to_version=70_001), {9: [a]}, from_version=70_000, to_version=70_001),
        case("cut short in a record", {9: [a, c]}, one[:-1], None),
        case("cut short in a count", {9: [a, c]}, one[: head + 3], None),
        case("a byte too many", {9: [a, c]}, one + b"\0", None),
        case("an empty file", {9: [a]}, b"", None),
        case("another mark", {9: [a, c]}, b"VHC2" + one[4:], None),
        case("of other versions", {9: [a, c]}, sound({9: delta.Change((), come(b))}, from_version=5), None),
        case("of another number of buckets", {9: [a, c]}, sound({}, buckets=4_096), None),
        case("buckets in the wrong order", {9: [a, b], 200: []}, two[:head] + two[-(6 + RECORD):] + two[head:-(6 + RECORD)],
             None),
        case("a bucket twice", {9: [a]}, one + one[head:], None),
        case("a bucket that is not there", {9: [a]}, one[:head] + b"\1\0" + one[head + 2 :], None),
        case("a record of another bucket", {9: [a]}, sound({9: delta.Change((), come(other))}), None),
        case("records in the wrong order", {9: [a]}, sound({9: delta.Change((), come(c, b))}), None),
        case("places in the wrong order", {9: [a, b]}, sound({9: delta.Change(gone(b, a), ())}), None),
        case("a bucket named without a change", {9: [a]}, sound({9: delta.Change((), ())}), None),
        case("a record to remove that is not there", {9: [a]}, sound({9: delta.Change(gone(b), ())}), None),
        case("a record to add that is there", {9: [a, b]}, one, None),
    ]  # fmt: skip


def check(one: dict[str, Any]) -> dict[str, list[Told]] | None:
    """What Python makes of a case: the buckets by number, or None when the delta is refused."""
    raw = told_again(one["delta"])
    entry = DeltaEntry(one["from"], one["to"], bytes.fromhex(one["sha256"]), one["size"])
    try:
        changes = delta.decode(raw, entry, one["buckets"])
        made = {}
        for number, records in one["old"].items():
            content = b"".join(record((idx, fill)) for idx, fill in records)
            change = changes.pop(int(number), None)
            made[number] = content if change is None else delta.applied(content, change)
        return {
            number: [(content[at : at + IDX].hex(), content[at + IDX]) for at in range(0, len(content), RECORD)]
            for number, content in made.items()
        }
    except delta.DeltaUnfit:
        return None


if __name__ == "__main__":
    FILE.write_text(json.dumps({"record": RECORD, "cases": cases()}, indent=1) + "\n", encoding="utf-8")
