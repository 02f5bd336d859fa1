"""D-12: one bit flips, anywhere: in the tablet's database, in a sealed photograph, in the verification pack. It is caught before
use, everything else goes on, and what the last copy has comes back.
"""

from __future__ import annotations

import logging
import random
import secrets
import shutil
import tempfile
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path

from honorcard.card import verdict
from honorcard.card.pack import Pack
from honorcard.problems import ProblemError
from kiosk import upkeep
from kiosk.settings import Settings
from kiosk.store import alarms, copies
from kiosk.store.opening import open_store, recover
from sync import blobs, outbox
from sync.ids import uuid7
from tests.faults.lines import Line, pick
from tests.kiosk import scene

KEY = bytes(range(32))
OPERATIONS = 20


def run(full: bool, seed: int) -> Line:
    """A third of the runs each."""
    each = pick(full, plan=1000, smoke=20, few=8)
    logging.disable(logging.CRITICAL)
    rng = random.Random(seed)
    harm: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="d12-") as made:
        folder = Path(made)
        for thing in (_databases, _photographs, _packs):
            harm += thing(folder, each, rng)
    count = Counter(kind for kind, _ in harm)
    return Line("D-12", 3 * each, count["lost"], count["doubled"], count["stuck"], seed, every_kind(harm))


def every_kind(harm: list[tuple[str, str]]) -> str:
    """Each thing that went wrong, and how often: the keys and contents are new in each run, so none is seen again."""
    return "; ".join(f"{said} ({often}x)" for (_, said), often in Counter(harm).most_common())


def flip(path: Path, rng: random.Random) -> int:
    """Changes one bit of the file where it lies, as a bad disk does, and says in which byte.

    Never by writing the file anew: a file system may flush that each time.
    """
    at = rng.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(at)
        changed = bytes([file.read(1)[0] ^ 1 << rng.randrange(8)])
        file.seek(at)
        file.write(changed)
    return at


def _databases(folder: Path, each: int, rng: random.Random) -> list[tuple[str, str]]:
    planted, copied = folder / "planted.db", folder / "copy"
    store = open_store(planted, KEY)
    with store.write() as db:
        for number in range(OPERATIONS):
            body = secrets.token_bytes(600 + 300 * number)  # from a part of a page to two of them
            outbox.put(db, kind="application.submit", entity_id=uuid7(), base_rev=None, body=body)
        written = {op.op_id: op.body for op in outbox.whole(db)}
    made = copies.copy(store, KEY, folder / "blobs", copied, scene.NOW)
    with store.read() as db:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    harm = []
    for _ in range(each):
        home = folder / "database"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        shutil.copyfile(planted, home / "kiosk.db")
        at = flip(home / "kiosk.db", rng)
        try:
            store = open_store(home / "kiosk.db", KEY)
            with store.write() as db:
                ops, _ = outbox.take(db, 0)
                told = bool(alarms.standing(db))
                outbox.put(db, kind="application.submit", entity_id="new", base_rev=None, body=b"new")
            recover(store, made, KEY)
            with store.read() as db:
                again = {op.op_id: op.body for op in outbox.whole(db)}
            store.close()
        except (ProblemError, OSError, RuntimeError) as error:
            harm.append(("stuck", f"bit in byte {at} of the database: {type(error).__name__}"))
            continue
        if any(written.get(op.op_id) != op.body for op in ops):
            harm.append(("lost", f"bit in byte {at} of the database: changed bytes would have been sent"))
        elif len(ops) < OPERATIONS and not told:
            harm.append(("lost", f"bit in byte {at} of the database: operations are gone and nobody is told"))
        elif at >= 4096 and len(ops) < OPERATIONS - 8 and not _is_inner(written, ops):
            harm.append(
                ("lost", f"bit in byte {at} of the database: {OPERATIONS - len(ops)} operations went with one page")
            )
        elif not written.items() <= again.items():
            harm.append(("lost", f"bit in byte {at} of the database: the copy did not bring back what was lost"))
    return harm


def _is_inner(written: dict[str, bytes], ops: list) -> bool:
    """Whether a page that leads to all others of the table was hit: then nothing past it can be read."""
    return len(ops) == 0 and bool(written)


def _photographs(folder: Path, each: int, rng: random.Random) -> list[tuple[str, str]]:
    settings = Settings(data_dir=folder / "photos", copy_dir=str(folder / "photo-copy"))
    store = open_store(settings.database, KEY)
    contents = {}
    with store.write() as db:
        for _ in range(6):
            content = secrets.token_bytes(rng.randrange(2_000, 60_000))
            contents[blobs.put(settings.blobs_dir, content)] = content
        for address, content in contents.items():
            outbox.add_blob(db, address, len(content))
    copies.copy(store, KEY, settings.blobs_dir, Path(settings.copy_dir), scene.NOW)
    bare = Settings(data_dir=settings.data_dir)  # without the copy
    harm = []
    for _ in range(each):
        address = rng.choice(sorted(contents))
        flip(blobs.path_of(settings.blobs_dir, address), rng)
        try:
            blobs.get(settings.blobs_dir, address)  # what an upload reads
            harm.append(("lost", "a changed photograph would have been sent"))
        except blobs.BlobDamagedError:
            pass
        found = upkeep.check_files(store, bare, 1)
        if found != [address]:
            harm.append(("lost", f"{len(found)} photographs found damaged instead of the one"))
        if upkeep.check_files(store, settings, 1) or blobs.get(settings.blobs_dir, address) != contents[address]:
            harm.append(("lost", "the copy did not bring the photograph back"))
    store.close()
    return harm


def misled(
    before: dict[str, verdict.GateVerdict], after: dict[str, verdict.GateVerdict], *, opens: bool
) -> list[tuple[str, str]]:
    """The cards of which something else is said than before the bit flipped, and not that the list is damaged.

    With a list that no longer `opens` its age is unknown, and only that may be missing: a card that is out of date or
    forged is refused without any list.
    """
    harm = []
    for name, now in after.items():
        due = before[name] if opens else replace(before[name], list_age_days=None, note=None)
        if now != due and now.code != "list_damaged":
            named = [part.name for part in fields(now) if getattr(now, part.name) != getattr(due, part.name)]
            harm.append(("lost", f"a bit in the pack made {due.code} into {now.code}: {', '.join(named)}"))
    return harm


def _packs(folder: Path, each: int, rng: random.Random) -> list[tuple[str, str]]:
    cards = scene.issuer(folder / "issuer")
    for number in range(40):
        cards.add(f"live {number}", 100_100 + number, f"王{number}")
    cards.pack(folder / "pack", max_seq=101_000)
    interval = verdict.Interval.at(scene.NOW)

    def opened() -> Pack | None:
        try:
            return Pack.open(folder / "pack", cards.ring.trust)
        except ProblemError:
            return None

    def verdicts(pack: Pack | None) -> dict[str, verdict.GateVerdict]:
        return {name: verdict.decide(text, cards.ring.trust, pack, interval) for name, text in cards.texts.items()}

    before = verdicts(opened())
    files = sorted(path for path in (folder / "pack").rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in files]
    harm = []
    for _ in range(each):
        (path,) = rng.choices(files, sizes)
        sound = path.read_bytes()
        flip(path, rng)
        pack = opened()
        after = verdicts(pack)
        found = [pack.manifest.bucket_sha256[number].hex() for number in pack.damaged_buckets()] if pack else []
        with path.open("r+b") as file:
            file.write(sound)
        harm += misled(before, after, opens=pack is not None)
        if path.parent == folder / "pack":
            if pack is not None:
                harm.append(("lost", "a list with a changed bit in it was opened"))
        elif set(found) != {path.name}:  # which one to fetch again
            harm.append(("lost", f"{len(found)} buckets found damaged instead of the one"))
        elif sum(after[name] == before[name] for name in before) < len(before) // 2:
            harm.append(("stuck", "one damaged bucket took half of the cards with it"))
    return harm
