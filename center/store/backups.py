"""What a backup must hold, what it has made durable, and what a restored database must be told (sync.md B.5, S7).

What is not here: copying the database (copying) and the files (center.backups).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, func, insert, select, update

from center.store import cards
from center.store.tables import (
    application,
    application_photo,
    backup,
    blob,
    card,
    dedup,
    device,
    durable,
    meta,
    performance,
    proposal_photo,
    training,
)

SEQ_GAP = 10_000  # S7: so far above every issue number that anybody has seen
SERIAL_GAP = 1_000  # the same for the printed numbers of the year, of which there are 99,999
VERSION_GAP = 1_000  # tablets take no list of a lower version than they have seen


@dataclass(frozen=True)
class Through:
    """Up to which operation of one tablet's log everything is in the database and in files."""

    device_id: str
    dev_epoch: str
    seq: int


@dataclass(frozen=True)
class Made:
    """A verified backup."""

    at_ms: int
    elsewhere: bool
    rows: int
    files: int
    size: int


def named_files(conn: Connection) -> dict[str, list[str]]:
    """The addresses of every file that a row names, by kind (center.photostore.Kind), in order. Faces are made again."""
    queries = {
        "sealed": [select(blob.c.sha256)],
        "photo": [
            select(application_photo.c.clear_sha256).where(application_photo.c.state == "opened"),
            select(proposal_photo.c.clear_sha256).where(proposal_photo.c.state == "opened"),
            select(card.c.portrait_sha256),
        ],
        "sheet": [select(card.c.sheet_sha256).where(card.c.sheet_sha256.is_not(None))],
        "certificate": [
            select(training.c.file_sha256).where(training.c.file_sha256.is_not(None)),
            select(performance.c.sheet_sha256),
        ],
    }
    return {
        kind: sorted({bytes(found).hex() for query in asked for found in conn.execute(query).scalars()})
        for kind, asked in queries.items()
    }


def complete_through(conn: Connection) -> list[Through]:
    """For each tablet, the seq up to which its operations are here with every photograph they name.

    An application, or a change that a reviewer has to decide on, that still waits for a photograph holds its operation back,
    and all after it; all there is, when it came under an earlier name of the log, where its place in this one is not known.
    """
    waiting = {
        row.device_id: row.since
        for row in conn.execute(
            select(application.c.device_id, func.min(application.c.changed_ms).label("since"))
            .where(application.c.state == "incomplete")
            .group_by(application.c.device_id)
        )
    }
    found = []
    for row in conn.execute(select(device).where(device.c.dev_epoch.is_not(None)).order_by(device.c.device_id)):
        through = row.contiguous
        if row.device_id in waiting:
            first = conn.execute(
                select(func.min(dedup.c.seq)).where(
                    dedup.c.device_id == row.device_id,
                    dedup.c.dev_epoch == row.dev_epoch,
                    dedup.c.at_ms >= waiting[row.device_id],
                )
            ).scalar_one()
            through = 0 if first is None else min(through, first - 1)
        proposed = conn.execute(
            select(dedup.c.dev_epoch, func.min(dedup.c.seq).label("first"))
            .join(proposal_photo, proposal_photo.c.op_id == dedup.c.op_id)
            .where(dedup.c.device_id == row.device_id, proposal_photo.c.state.in_(("awaited", "stored")))
            .group_by(dedup.c.dev_epoch)
        )
        for waits in proposed:
            through = min(through, waits.first - 1 if waits.dev_epoch == row.dev_epoch else 0)
        found.append(Through(row.device_id, row.dev_epoch, through))
    return found


def note(conn: Connection, made: Made, complete: list[Through]) -> None:
    """Notes a verified backup; what it holds is durable when it lies elsewhere, and never less than before."""
    conn.execute(
        insert(backup).values(
            backup_id=str(uuid4()), at_ms=made.at_ms, elsewhere=int(made.elsewhere), row_count=made.rows,
            file_count=made.files, size=made.size,
        )
    )  # fmt: skip
    for one in complete if made.elsewhere else ():
        place = (durable.c.device_id == one.device_id, durable.c.dev_epoch == one.dev_epoch)
        known = conn.execute(select(durable.c.through).where(*place)).scalar()
        if known is None:
            values = {"device_id": one.device_id, "dev_epoch": one.dev_epoch, "through": one.seq}
            conn.execute(insert(durable).values(**values))
        elif known < one.seq:
            conn.execute(update(durable).where(*place).values(through=one.seq))


def latest(conn: Connection) -> Made | None:
    """The newest verified backup; None before the first."""
    row = conn.execute(select(backup).order_by(backup.c.at_ms.desc()).limit(1)).first()
    return None if row is None else Made(row.at_ms, bool(row.elsewhere), row.row_count, row.file_count, row.size)


def durable_through(conn: Connection, device_id: str, dev_epoch: str) -> int:
    """Up to which seq of that log a verified backup on another machine holds everything; 0 when none does."""
    query = select(durable.c.through).where(durable.c.device_id == device_id, durable.c.dev_epoch == dev_epoch)
    return int(conn.execute(query).scalar() or 0)


def begin_again(conn: Connection, *, roc_year: int, seen_seq: int) -> str:
    """After a restore: a new server epoch, so that tablets offer again what is missing here; numbers and versions begin above
    all that may have been given since the backup. seen_seq: the highest issue number anybody knows of. Gives the epoch.
    """
    epoch = str(uuid4())
    for key, value in (
        ("server_epoch", epoch),
        (cards.SEQ_FLOOR, str(max(cards.highest_seq(conn), seen_seq) + SEQ_GAP)),
        (cards.serial_floor(roc_year), str(min(cards.next_serial(conn, roc_year) - 1 + SERIAL_GAP, 99_998))),
        (cards.VERSION, str(int(cards.read_meta(conn, cards.VERSION) or 0) + VERSION_GAP)),
        (cards.BUILT, "-1:0"),
    ):
        cards.write_meta(conn, key, value)
    return epoch


def heard_of_number(conn: Connection, roc_year: int, serial: int) -> None:
    """A tablet has printed a card of that number: it is not given to anybody else, even if the card is not known here."""
    following = cards.next_serial(conn, roc_year)
    if following <= serial <= following + SERIAL_GAP:
        cards.write_meta(conn, cards.serial_floor(roc_year), str(serial))


def is_empty(conn: Connection) -> bool:
    """Whether there is nothing in this database: not one table of ours."""
    from sqlalchemy import inspect

    return not set(inspect(conn).get_table_names()) & {meta.name, application.name, card.name, "alembic_version"}
