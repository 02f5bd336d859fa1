"""Drafts and their photographs, kept at every change so that a crash loses nothing (sync.md K1).

The pictures themselves lie in the photo box (`kiosk.photos`); here stand their names. Whoever removes rows gets the
names of the files that nobody needs any more, and removes those after the commit.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlite_utils import Database

from honorcard.typed import convert
from kiosk.drafting import Answers, Draft, DraftPhoto, decode
from sync.crash import crash_here
from sync.wire import Slot


def create(db: Database, application_id: str, now_ms: int, answers: Answers | None = None) -> None:
    """Begins a draft, empty unless answers are given."""
    text = msgspec.json.encode(answers or Answers()).decode()
    db.table("draft").insert(
        {"application_id": application_id, "answers": text, "created_ms": now_ms, "touched_ms": now_ms}
    )


def find(db: Database, application_id: str) -> Draft | None:
    """The draft of that application, None when there is none (never begun, submitted or thrown away)."""
    for row in db.query("SELECT * FROM draft WHERE application_id = :id", {"id": application_id}):
        return _draft(row)
    return None


def save(db: Database, application_id: str, answers: Answers, now_ms: int) -> None:
    """Keeps the answers as they now are."""
    db.conn.execute(
        "UPDATE draft SET answers = ?, touched_ms = ? WHERE application_id = ?",
        (msgspec.json.encode(answers).decode(), now_ms, application_id),
    )
    crash_here("K1")


def remove(db: Database, application_id: str) -> list[str]:
    """Removes the draft and its photographs' rows. Gives the names in the photo box to remove after the commit."""
    names = [name for photo in photos(db, application_id) for name in files_of(photo)]
    db.conn.execute("DELETE FROM draft WHERE application_id = ?", (application_id,))
    return names


def waiting(db: Database) -> list[Draft]:
    """Every draft, the one touched last first."""
    return [_draft(row) for row in db.query("SELECT * FROM draft ORDER BY touched_ms DESC, application_id")]


def open_case_of(db: Database, identity_mac: bytes, besides: str) -> bool:
    """Whether another application of the same person was submitted here and is not decided yet (sync.md B.7)."""
    sql = """
        SELECT count(*) FROM application
        WHERE identity_mac = ? AND application_id <> ? AND state NOT IN ('issued', 'refused', 'withdrawn')
        """
    return bool(db.conn.execute(sql, (identity_mac, besides)).fetchone()[0])


class ReturnedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A submitted application that a reviewer sent back: its revision, and what was sealed to this tablet about it."""

    rev: int
    kind: str
    sealed: bytes


def returned_case(db: Database, application_id: str) -> ReturnedCase | None:
    """The case, when it lies returned on this tablet."""
    sql = """
        SELECT rev, kind, returned FROM application
        WHERE application_id = :id AND state = 'returned' AND returned IS NOT NULL
        """
    for row in db.query(sql, {"id": application_id}):
        return ReturnedCase(rev=row["rev"], kind=row["kind"], sealed=bytes(row["returned"]))
    return None


# --- photographs ---


def photos(db: Database, application_id: str) -> list[DraftPhoto]:
    """The draft's photographs: headshot, cover, pages in order, previous card."""
    rows = db.query(
        """
        SELECT * FROM draft_photo
        WHERE application_id = :id
        ORDER BY
          CASE slot WHEN 'headshot' THEN 0 WHEN 'cover' THEN 1 WHEN 'page' THEN 2 WHEN 'certificate' THEN 3 ELSE 4 END,
          position, taken_ms, photo_id
        """,
        {"id": application_id},
    )
    return [_photo(row) for row in rows]


def find_photo(db: Database, application_id: str, photo_id: str) -> DraftPhoto | None:
    """One photograph of a draft."""
    sql = "SELECT * FROM draft_photo WHERE application_id = :id AND photo_id = :photo"
    for row in db.query(sql, {"id": application_id, "photo": photo_id}):
        return _photo(row)
    return None


def add_photo(db: Database, photo: DraftPhoto) -> list[str]:
    """Puts a photograph in its place.

    Each place, a slot and a position in it, holds one: what stood there is replaced, and a page taken again is the same
    page of the book. Gives the names in the photo box that are free then.
    """
    freed = []
    for old in photos(db, photo.application_id):
        if (old.slot, old.position) == (photo.slot, photo.position):
            photo = msgspec.structs.replace(photo, evidence=photo.evidence or old.evidence)
            freed += files_of(old)
            _delete(db, old)
    db.table("draft_photo").insert(_row(photo))
    return freed


def replace_photo(db: Database, photo: DraftPhoto) -> list[str]:
    """Exchanges what is known of a photograph (same id). Gives the names that are free then."""
    old = find_photo(db, photo.application_id, photo.photo_id)
    if old is None:
        return []
    db.table("draft_photo").update(photo.photo_id, _row(photo))
    return [name for name in files_of(old) if name not in files_of(photo)]


def remove_photo(db: Database, application_id: str, photo_id: str, *, close_gap: bool = True) -> list[str]:
    """Takes a photograph out; later pages move up unless the gap is to stay. Gives the names that are free then."""
    old = find_photo(db, application_id, photo_id)
    if old is None:
        return []
    _delete(db, old)
    if old.slot == "page":
        later = [
            photo.position
            for photo in photos(db, application_id)
            if photo.slot == "page" and photo.position > old.position
        ]
        _move_rows(db, application_id, {old.position: None} | ({at: at - 1 for at in later} if close_gap else {}))
    if old.slot == "page" and close_gap:
        db.conn.execute(
            """
            UPDATE draft_photo SET position = position - 1
            WHERE application_id = ? AND slot = 'page' AND position > ?
            """,
            (application_id, old.position),
        )
    return files_of(old)


def reorder(db: Database, application_id: str, photo_id: str, steps: int) -> None:
    """Moves a page `steps` places towards the end (negative: towards the front); at the ends it stays."""
    pages = [photo for photo in photos(db, application_id) if photo.slot == "page"]
    order = [photo.photo_id for photo in pages]
    positions = sorted(photo.position for photo in pages)
    if photo_id not in order:
        return
    old = order.index(photo_id)
    order.insert(max(0, min(len(order) - 1, old + steps)), order.pop(old))
    were = {photo.photo_id: photo.position for photo in pages}
    _move_rows(db, application_id, {were[moved]: position for position, moved in zip(positions, order, strict=True)})
    for position, moved in zip(positions, order, strict=True):
        db.conn.execute("UPDATE draft_photo SET position = ? WHERE photo_id = ?", (position, moved))


def _move_rows(db: Database, application_id: str, moved: dict[int, int | None]) -> None:
    """Lets the rows of the book go along with their pages: {old position: new one}, None where the page is gone."""
    found = find(db, application_id)
    service = found.answers.service if found is not None else None
    if found is None or (service is None and "book" not in found.answers.typed):
        return
    answers = found.answers
    if service is not None and service.rows:
        rows = tuple(
            msgspec.structs.replace(row, page=moved.get(row.page, row.page)) if row.page else row
            for row in service.rows
        )
        answers = msgspec.structs.replace(answers, service=msgspec.structs.replace(service, rows=rows))
    book = {
        name: str(moved.get(int(value), int(value)) or "") if name.startswith("page-") and value.isdecimal() else value
        for name, value in answers.typed.get("book", {}).items()
    }
    answers = msgspec.structs.replace(answers, typed={**answers.typed, **({"book": book} if book else {})})
    if answers != found.answers:
        save(db, application_id, answers, found.touched_ms)


def files_in_use(db: Database) -> set[str]:
    """Every name in the photo box that a draft needs."""
    rows = db.conn.execute("SELECT original, result FROM draft_photo").fetchall()
    return {name for row in rows for name in row if name}


def next_page(db: Database, application_id: str) -> int:
    """The position that a further inside page gets (from 1)."""
    sql = "SELECT coalesce(max(position), 0) + 1 FROM draft_photo WHERE application_id = ? AND slot = 'page'"
    return int(db.conn.execute(sql, (application_id,)).fetchone()[0])


def of_slot(found: list[DraftPhoto], slot: Slot) -> list[DraftPhoto]:
    """Those of one place, in order."""
    return [photo for photo in found if photo.slot == slot]


def _delete(db: Database, photo: DraftPhoto) -> None:
    db.conn.execute("DELETE FROM draft_photo WHERE photo_id = ?", (photo.photo_id,))


def files_of(photo: DraftPhoto) -> list[str]:
    """The names in the photo box that a photograph needs."""
    return [name for name in (photo.original, photo.result) if name]


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(
        application_id=row["application_id"],
        answers=decode(row["answers"]),
        created_ms=row["created_ms"],
        touched_ms=row["touched_ms"],
    )


def _row(photo: DraftPhoto) -> dict[str, Any]:
    row = msgspec.structs.asdict(photo)
    row["outline"] = None if photo.outline is None else msgspec.json.encode(photo.outline).decode()
    row["hints"] = msgspec.json.encode(photo.hints).decode()
    row["evidence"] = None if photo.evidence is None else msgspec.json.encode(photo.evidence).decode()
    return row


def _photo(row: dict[str, Any]) -> DraftPhoto:
    outline = row["outline"] and msgspec.json.decode(row["outline"])
    evidence = row["evidence"] and msgspec.json.decode(row["evidence"])
    hints = msgspec.json.decode(row["hints"])
    return convert(dict(row, outline=outline, hints=hints, evidence=evidence), DraftPhoto)
