"""What the tablet knows of its line to the center: who it is there, how far it got, what waits, what time it may
believe.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass
from typing import Literal

import msgspec
from sqlite_utils import Database

from honorcard.typed import read_json
from kiosk.store import letters
from sync import outbox
from sync.clock import Evidence

# busy: the center said "later"; outdated: it does not understand this version any more
Line = Literal["good", "no_line", "busy", "refused", "outdated", "not_enrolled"]

_LINE_GOOD_FOR_MS = 120_000  # without news for longer, the line is not called good any more


@dataclass(frozen=True)
class SyncFacts:
    """For the header and the tray. Moments in milliseconds since 1970.

    unsent: applications and acknowledgements that the center has not wholly got, photographs included. oldest_ms: when
    the oldest of them was saved.
    """

    unsent: int
    oldest_ms: int | None
    last_sync_ms: int | None
    line: Line
    photos_left: int


@dataclass(frozen=True)
class Membership:
    """Where this tablet is enrolled."""

    device_id: str
    center_url: str
    center_seal_key: bytes
    unit: str
    profile: str
    card_prefix: str
    fingerprint: str


_WAITING = "SELECT count(DISTINCT o.entity_id), min(o.wall_ms) FROM op_log AS o WHERE o.state = 'pending'"
_WAITING_WITH_PHOTOS = f"""
    {_WAITING}
      OR (
        o.state IN ('accepted', 'durable')
        AND EXISTS (
          SELECT 1 FROM json_each(o.needs_blobs) AS named
          JOIN blob AS b ON b.sha256 = unhex(named.value)
          WHERE b.state = 'local'
        )
      )
"""  # noqa: S608 - constant


def facts(db: Database, now_ms: int) -> SyncFacts:
    """How sync stands."""
    photos_left = outbox.blobs_left(db)
    # on every page: the whole log is read only while photographs wait
    row = db.conn.execute(_WAITING_WITH_PHOTOS if photos_left else _WAITING).fetchone()
    last = get(db, "last_sync_ms")
    return SyncFacts(
        unsent=row[0],
        oldest_ms=row[1],
        last_sync_ms=None if last is None else int(last),
        line=_line(db, now_ms),
        photos_left=photos_left,
    )


def _line(db: Database, now_ms: int) -> Line:
    if get(db, "device_id") is None:
        return "not_enrolled"
    line = get(db, "line")
    if line == "refused":
        return "refused"
    if line == "outdated":
        return "outdated"
    if line == "busy":
        return "busy"
    if line == "good" and now_ms - int(get(db, "line_ms") or 0) <= int(get(db, "line_for_ms") or _LINE_GOOD_FOR_MS):
        return "good"
    return "no_line"


def note_heard(db: Database, now_ms: int) -> None:
    """The center has just answered: there is a line, though nothing was synced yet."""
    put(db, "line", "good")
    put(db, "line_ms", str(now_ms))


def note_line(db: Database, line: Line, now_ms: int, every_s: float) -> None:
    """How the last round ended. A good one counts as the last time of sync."""
    put(db, "line", line)
    put(db, "line_ms", str(now_ms))
    put(db, "line_for_ms", str(max(_LINE_GOOD_FOR_MS, int(every_s * 3000))))
    if line == "good":
        put(db, "last_sync_ms", str(now_ms))


@dataclass(frozen=True)
class Trouble:
    """What the header says besides: how many operations a restored center is offered again and has not answered yet; the
    oldest version of the program that the center works with, and the day (ISO, or empty) from which older ones begin nothing
    new; how often the sync thread was replaced, and when last.
    """

    offered_again: int
    min_app: str
    min_app_from: str
    replaced: int
    replaced_ms: int | None


def trouble(db: Database) -> Trouble:
    """What is out of the ordinary."""
    row = db.conn.execute(
        "SELECT count(*) FROM op_log WHERE state = 'pending' AND seq <= ?", (int(get(db, "offered_again") or 0),)
    ).fetchone()
    replaced_ms = get(db, "replaced_ms")
    return Trouble(
        offered_again=row[0],
        min_app=get(db, "min_app") or "",
        min_app_from=get(db, "min_app_from") or "",
        replaced=int(get(db, "replaced") or 0),
        replaced_ms=None if replaced_ms is None else int(replaced_ms),
    )


def note_restored(db: Database) -> None:
    """The center was restored: all that was sent until now is being compared with it."""
    row = db.conn.execute("SELECT coalesce(max(seq), 0) FROM op_log").fetchone()
    put(db, "offered_again", str(row[0]))


def note_replaced(db: Database, now_ms: int) -> None:
    """The sync thread got nowhere and was replaced."""
    put(db, "replaced", str(int(get(db, "replaced") or 0) + 1))
    put(db, "replaced_ms", str(now_ms))


def membership(db: Database) -> Membership | None:
    """Where this tablet is enrolled; None before enrolment."""
    stored = get(db, "membership")
    if stored is None:
        return None
    values = msgspec.json.decode(stored)
    return Membership(**{**values, "center_seal_key": base64.b64decode(values["center_seal_key"])})


def join(db: Database, here: Membership, server_epoch: str, *, same_center: bool = False) -> None:
    """The tablet is enrolled: from now on it sends there, and the feed begins at its beginning.

    same_center: it was enrolled there before. The center takes photographs only of operations that this enrolment has
    sent, so that everything kept is offered once more; what the center has already, it knows again.
    """
    values = {**asdict(here), "center_seal_key": base64.b64encode(here.center_seal_key).decode()}
    put(db, "membership", msgspec.json.encode(values).decode())
    put(db, "device_id", here.device_id)
    put(db, "server_epoch", server_epoch)
    put(db, "cursor", "0")
    db.conn.execute("DELETE FROM meta WHERE k IN ('standing', 'wipe', 'emptied')")
    outbox.forget_uploads(db)
    letters.tell_all_again(db)
    if same_center:
        outbox.reoffer(db, 0)


def standing(db: Database) -> str:
    """What the center last said of this tablet: `good`; `suspended`, no news; `disabled`, no news and no new applications."""
    return get(db, "standing") or "good"


def ask_wipe(db: Database) -> None:
    """The center wants this tablet emptied once nothing waits on it any more."""
    if get(db, "wipe") is None:
        put(db, "wipe", "asked")


def wipe_state(db: Database) -> str:
    """`asked`, `begun`, or empty."""
    return get(db, "wipe") or ""


def was_emptied(db: Database) -> bool:
    """Whether the center had this tablet emptied, and it was not enrolled again since."""
    return get(db, "emptied") is not None


def move_center(db: Database, center_url: str) -> None:
    """The center is reached at another address from now on; it is the same center. Nothing before enrolment."""
    here = membership(db)
    if here is not None and here.center_url != center_url:
        values = {**asdict(here), "center_seal_key": base64.b64encode(here.center_seal_key).decode()}
        put(db, "membership", msgspec.json.encode(values | {"center_url": center_url}).decode())


def evidence(db: Database) -> Evidence:
    """What the tablet keeps about time."""
    stored = get(db, "time")
    return Evidence() if stored is None else read_json(stored, Evidence)


def keep_evidence(db: Database, known: Evidence) -> None:
    """Keeps what is known about time."""
    put(db, "time", msgspec.json.encode(known).decode())


def get(db: Database, key: str) -> str | None:
    """One remembered value."""
    row = db.conn.execute("SELECT v FROM meta WHERE k = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def put(db: Database, key: str, value: str) -> None:
    """Remembers a value."""
    db.conn.execute("INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v", (key, value))
