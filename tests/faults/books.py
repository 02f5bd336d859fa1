"""Both books side by side: what the tablet wrote against what the center has, once everything has come to rest."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from kiosk.store import Store, data_key
from tests.faults.plant import NeverEnded, Plant, until

_ANSWERED = ("accepted", "durable")


@dataclass
class Harm:
    """What was found wrong, added up over runs; `words` says the first few. slowest: the longest wait of a run, in seconds."""

    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    words: list[str] = field(default_factory=list)
    runs: int = 0
    slowest: float = 0.0

    def say(self, kind: str, what: str) -> None:
        """One more of a kind."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.words) < 5:
            self.words.append(f"{kind}: {what}")

    def add(self, other: Harm, where: str = "") -> None:
        """What another run found."""
        self.lost += other.lost
        self.doubled += other.doubled
        self.stuck += other.stuck
        self.words = (self.words + [f"{where} {word}".strip() for word in other.words])[:5]
        self.runs += other.runs
        self.slowest = max(self.slowest, other.slowest)


class Books:
    """The rows of both ends. Holds connections: let go of it before the next fork (`with books(plant) as …`)."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self._kiosk = Store(plant.kiosk_dir / "kiosk.db", data_key(plant.kiosk_dir / "keys" / "data.key"))
        self._center = sqlite3.connect(f"file:{plant.center_dir / 'center.db'}?mode=ro", uri=True, timeout=20)

    def close(self) -> None:
        """Lets go."""
        self._kiosk.close()
        self._center.close()

    def there(self, sql: str, *values: object) -> list[tuple]:
        """Rows of the center."""
        return self._center.execute(sql, values).fetchall()

    def here(self, sql: str, *values: object) -> list[tuple]:
        """Rows of the tablet."""
        with self._kiosk.read() as db:
            return db.conn.execute(sql, values).fetchall()

    def at_rest(self) -> bool:
        """Whether the tablet has nothing left to bring."""
        ((pending,),) = self.here("SELECT count(*) FROM op_log WHERE state = 'pending'")
        ((files,),) = self.here("SELECT count(*) FROM blob WHERE state IN ('local', 'uploading')")
        return not pending and not files

    def state_here(self, application_id: str) -> str:
        """What the tray says of an application; empty when it does not know it."""
        rows = self.here("SELECT state FROM application WHERE application_id = ?", application_id)
        return rows[0][0] if rows else ""

    def state_there(self, application_id: str) -> str:
        """The state of a case at the center; empty when there is none."""
        rows = self.there("SELECT state FROM application WHERE application_id = ?", application_id)
        return rows[0][0] if rows else ""

    def compare(self, acknowledged: Iterable[str], drafts: Collection[str]) -> Harm:
        """acknowledged: applications a person was told are saved. drafts: all there were in the beginning; each must now be
        a draft or an application, and not both.
        """
        harm = Harm()
        ops = self.here("SELECT op_id, entity_id, kind, state, body_sha256, needs_blobs FROM op_log ORDER BY seq")
        sent = {row[0] for row in self.here("SELECT application_id FROM application")}
        left = {row[0] for row in self.here("SELECT application_id FROM draft")}
        arrived = Counter(row[0] for row in self.there("SELECT application_id FROM application"))
        for one in acknowledged:
            if one not in sent or arrived[one] != 1:
                harm.say("lost", f"acknowledged {one} is not at both ends")
        for one in drafts:
            if (one in sent) + (one in left) != 1:
                harm.say(
                    "doubled" if one in sent else "lost",
                    f"{one} is {'both' if one in sent else 'neither'} draft or sent",
                )
        submitted = Counter(entity for _, entity, kind, *_ in ops if kind == "application.submit")
        self._compare_pairs(harm, submitted, sent, arrived)
        self._compare_ops(harm, ops)
        for _, _, _, _, _, needs in ops:
            for address in json.loads(needs):
                self._compare_file(harm, address)
        return harm

    def _compare_pairs(self, harm: Harm, submitted: Counter[str], sent: set[str], arrived: Counter[str]) -> None:
        for one in submitted.keys() ^ sent:
            harm.say("lost", f"{one} has an operation without its row, or a row without its operation")
        for one, times in submitted.items():
            if times > 1:
                harm.say("doubled", f"{one} was submitted {times} times")
        for one in arrived.keys() - sent:
            harm.say("doubled", f"{one} is at the center and not on its tablet")
        rows = self.there(
            "SELECT application_id, count(*) FROM history WHERE move = 'submitted' GROUP BY application_id"
        )
        for one, times in rows:
            if times != 1:
                harm.say("doubled", f"{one} came in {times} times")

    def _compare_ops(self, harm: Harm, ops: list[tuple]) -> None:
        answered = {op_id: bytes(digest) for op_id, digest in self.there("SELECT op_id, sha256 FROM dedup")}
        for op_id, _, kind, state, digest, _ in ops:
            if state not in _ANSWERED:
                harm.say("stuck", f"{kind} is {state}")
            if op_id not in answered:
                harm.say("lost", f"{kind} {op_id} never arrived")
            elif answered[op_id] != bytes(digest):
                harm.say("lost", f"{kind} {op_id} arrived changed")
        for op_id in answered.keys() - {op[0] for op in ops}:
            harm.say("doubled", f"operation {op_id} is not the tablet's")

    def _compare_file(self, harm: Harm, address: str) -> None:
        there = self._plant.center_dir / "blobs" / address[:2] / address[2:4] / address
        here = self._plant.kiosk_dir / "blobs" / address[:2] / address[2:4] / address
        content = there.read_bytes() if there.exists() else b""
        if hashlib.sha256(content).hexdigest() != address or (here.exists() and here.read_bytes() != content):
            harm.say("lost", f"photograph {address[:12]} is not the same at both ends")
        if not self.there("SELECT 1 FROM blob WHERE sha256 = ?", bytes.fromhex(address)):
            harm.say("lost", f"photograph {address[:12]} has no row")


@contextmanager
def books(plant: Plant) -> Iterator[Books]:
    """Both books, for as long as the block."""
    with closing(Books(plant)) as open_books:
        yield open_books


def reckon(plant: Plant, acknowledged: Collection[str], drafts: Collection[str]) -> Harm:
    """Waits until the tablet has brought everything, and compares."""
    with books(plant) as both:
        try:
            until(both.at_rest, what="the queue")
        except NeverEnded:
            harm = both.compare(acknowledged, drafts)
            harm.say("stuck", "the queue did not drain")
            return harm
        return both.compare(acknowledged, drafts)


def talk(where: str, harm: Harm, plant: Plant) -> None:
    """Says how a run went, to whoever set HONORCARD_FAULTS_TALK; with the ends of the logs when it did not go well."""
    if talk_of(where, harm):
        for log in sorted(plant.folder.glob("*.log")) if harm.words else ():
            print(f"--- {log.name}\n{log.read_text()[-2500:]}", file=sys.stderr, flush=True)


def talk_of(where: str, harm: Harm) -> bool:
    """The same where no logs are; whether anybody listens."""
    listens = bool(os.environ.get("HONORCARD_FAULTS_TALK"))
    if listens:
        print(f"{time.monotonic():9.1f} {where} {harm}", file=sys.stderr, flush=True)
    return listens
