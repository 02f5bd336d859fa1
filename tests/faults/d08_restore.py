"""D-8: the center is lost after a backup and put back from it. What tablets sent since comes again from them, once each;
no issue number and no card number is given a second time.
"""

from __future__ import annotations

import contextlib
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from center import backups, issue
from center import create_app as create_center
from center.busy import Purse
from center.store import Store, accounts, cases
from center.store.tables import application, application_photo, card
from tests.faults.books import Harm
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick
from tests.postgres import Cluster, cluster
from tests.sync import loopback
from tests.sync.loopback import Center, Kiosk

LANES = 2


def run(full: bool, seed: int) -> Line:
    """The plan's count: 20 drills of 500 operations; half of them on PostgreSQL."""
    drills, ops = pick(full, plan=20, smoke=2, few=1), pick(full, plan=500, smoke=20, few=6)
    harm = in_lanes(range(drills), lambda some: _lane(some, ops, seed), LANES if full else 1)
    note = "; ".join([f"{ops} operations after each backup", *harm.words])
    return Line("D-8", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, note)


def _lane(numbers: Sequence[int], ops: int, seed: int) -> Harm:
    harm = Harm()
    with cluster() as running:
        for number in numbers:
            found = drill(None if number % 2 else running, ops, random.Random(f"{seed} D-8 {number}"))
            harm.add(found, f"drill {number}")
    return harm


def drill(on: Cluster | None, ops: int, chance: random.Random) -> Harm:
    """One drill."""
    before = loopback.database_of
    urls = []

    def database_of(_folder: Path) -> str:
        if on is None:
            return ""
        urls.append(on.fresh())
        return urls[-1]

    loopback.database_of = database_of
    try:
        with quick_folder("hc-d08-") as made:
            center = Center(Path(made) / "center")
            _serve(center)
            try:
                return _drill(center, Path(made), on, ops, chance)
            finally:
                center.close()
                center.store.engine.dispose()
    finally:
        loopback.database_of = before
        for url in urls:
            assert on is not None
            on.drop(url)


def _drill(center: Center, folder: Path, on: Cluster | None, ops: int, chance: random.Random) -> Harm:
    harm = Harm(runs=1)
    kiosks = [Kiosk(folder / f"kiosk{n}") for n in range(2)]
    for n, kiosk in enumerate(kiosks):
        kiosk.enrol(center, name=f"{n} 號機")
        kiosk.worker.errands.fetch_pack = lambda *_: None  # 256 files a time, and none of them is what this is about
    reviewers = _reviewers(center.store)
    sent = [_sent(kiosks[0], 0), _sent(kiosks[1], 1)]
    _settled(center, kiosks, harm, "before the backup")
    given = [_card(center, sent[0], reviewers)]

    backups.make(center.store, center.settings, folder / "backup", now=datetime.now(UTC), elsewhere=True)
    later = [_sent(kiosks[n] if n < 2 else chance.choice(kiosks), None) for n in range(ops)]
    _settled(center, kiosks, harm, "after the backup")
    # the same answers brought the word that what the backup holds is durable, and nothing else is
    states = [kiosk.rows("SELECT state FROM op_log ORDER BY seq") for kiosk in kiosks]
    for kept in states:
        if kept[0] != ("durable",) or ("durable",) in kept[1:]:
            harm.say("stuck", f"told as durable: {Counter(state for (state,) in kept)}")
    given.append(_card(center, sent[1], reviewers))  # issued after the backup: its number is lost, and stays given

    center.close()
    center.store.engine.dispose()
    for name in ("center.db", "blobs", "photos", "sheets", "faces", "pack"):
        path = folder / "center" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    if on is not None:
        center.settings = center.settings.__class__(
            data_dir=folder / "center", database_url=on.fresh(with_schema=False)
        )
    backups.restore(folder / "backup", center.settings, now=datetime.now(UTC))
    center.app = create_center(center.settings)
    center.store = center.app.extensions["store"]
    center.worker = center.worker.__class__(center.app)
    _serve(center)

    _settled(center, kiosks, harm, "after the restore")
    given += [_card(center, sent[1], reviewers), _card(center, later[0], reviewers)]
    with center.store.read() as conn:
        there = Counter(conn.execute(select(application.c.application_id)).scalars())
        waiting = conn.execute(
            select(application_photo.c.application_id).where(application_photo.c.state != "opened")
        ).all()
        seqs = list(conn.execute(select(card.c.seq).order_by(card.c.seq)).scalars())
    harm.lost = sum(one not in there for one in [*sent, *later]) + len(waiting)
    doubled = sum(times - 1 for times in there.values()) + len(given) - len({number for number, _ in given})
    doubled += len(given) - len({seq for _, seq in given})
    doubled += int(not given[2][1] > max(given[0][1], given[1][1]) + 9_000) + int(len(seqs) != 3)
    harm.doubled = doubled
    return harm


def _serve(center: Center) -> None:
    """On the air, for rounds that follow each other far faster than any tablet's: they wait for nothing when told to."""
    center.app.extensions["purse"] = Purse(1e6, 1e6)
    center.serve()


def _sent(kiosk: Kiosk, person: int | None) -> str:
    application_id = kiosk.draft(person=2 if person is None else person)
    kiosk.submit(application_id)
    return application_id


def _settled(center: Center, kiosks: list[Kiosk], harm: Harm, when: str) -> None:
    """Everything is sent, opened and told. A tablet that does not come to an end is stuck."""
    for _ in range(2):  # the second round finds out about a new epoch's photographs, and about what is durable
        for kiosk in kiosks:
            try:
                kiosk.step()
                kiosk.sync(seconds=120)
            except AssertionError as error:
                harm.say("stuck", f"{when}: {error}")
    center.worker.step()


def _reviewers(store: Store) -> tuple[str, str]:
    with store.write() as conn:
        return (
            accounts.add(conn, "first", "陳初審", "first_reviewer", None, "kite-river-stone"),
            accounts.add(conn, "second", "王複審", "second_reviewer", None, "kite-river-stone"),
        )


def _card(center: Center, application_id: str, reviewers: tuple[str, str]) -> tuple[str, int]:
    """The card's number and its issue number, by the desk's own way."""
    with center.store.write() as conn:
        case = cases.find(conn, application_id)
        assert case is not None
        cases.move(conn, case, state="second_review", first=reviewers[0], now_ms=1)
    number = issue.issue(
        center.store, center.settings, application_id, reviewers[1], now=datetime.now(UTC), text="已電話確認"
    )
    with center.store.read() as conn:
        query = select(card.c.seq).where(card.c.application_id == application_id)
        return number, conn.execute(query).scalar_one()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        print(run(False, 1))
