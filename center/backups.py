"""A backup of a center in a folder, and a center put back from one.

`make` copies the database of one moment and every file it names (only what the folder lacks), opens and counts the copy,
reads every file again, and only then calls the backup whole. `restore` puts it into an empty place and begins a new server
epoch, so that tablets offer again what came in since (sync.md B.5, S7). Keys go to a folder of their own, or nowhere.

In the folder: `files/`, shared by all its backups, and one folder a backup, named by its moment, with the database, the list of
its files and `manifest.json`, which is written last. What is not here: SQL (store), the command line (commands.backup).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from center import photostore
from center import settings as settings_file
from center.objects import FileObjects
from center.settings import Settings
from center.store import Store, backups, copying, feed
from center.store.backups import Made
from center.store.copying import make_durable
from honorcard.durable import sync_folder
from honorcard.problems import ProblemError
from honorcard.typed import read_json
from web.clock import TAIPEI

MANIFEST = "manifest.json"
LISTING = "files.txt"
FILES = "files"
HALF_RESTORED = "restore.unfinished"
_KINDS: tuple[photostore.Kind, ...] = ("sealed", "photo", "sheet", "certificate")


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What one backup holds. digests: SHA-256 of each file beside it. rows: by table. files: how many, by kind."""

    format: int
    at: str
    server_epoch: str
    digests: dict[str, str]
    rows: dict[str, int]
    files: dict[str, int]
    size: int


@dataclass(frozen=True)
class Backup:
    """A whole backup: its folder and what it says of itself. fresh: files that the folder lacked before."""

    folder: Path
    manifest: Manifest
    fresh: int = 0


def make(store: Store, settings: Settings, folder: Path, *, now: datetime, elsewhere: bool) -> Backup:
    """A verified backup below `folder`. elsewhere: the folder lies on another machine, so that what it holds is durable.

    ProblemError `backup_damaged` when the copy is not what was copied, `backup_files_missing` when the center itself lacks
    files that its rows name (the backup is kept then, but nothing is durable by it), `backup_failed`, `backup_tool_missing`.
    OSError when the disk is full; an unfinished backup is none.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = now.strftime("%Y%m%dT%H%M%SZ")
    draft = folder / f".{name}.part"
    for left in folder.glob(".*.part"):
        shutil.rmtree(left)
    draft.mkdir(mode=0o700)

    with store.write() as conn:
        epoch = feed.begin_epoch(conn)
    database, rows, (named, complete) = copying.copy(
        store, draft, lambda conn: (backups.named_files(conn), backups.complete_through(conn))
    )
    if copying.count(database) != rows:
        raise ProblemError("backup_damaged", file=database.name)

    kept = FileObjects(folder / FILES)
    fresh, size, missing = 0, database.stat().st_size, 0
    for kind in _KINDS:
        for address in named[kind]:
            copied, length = _bring(settings, kept, kind, address)
            fresh += copied
            size += length or 0
            missing += length is None
    listing = draft / LISTING
    listing.write_text("".join(f"{kind} {address}\n" for kind in _KINDS for address in named[kind]), encoding="ascii")
    make_durable(listing)
    manifest = Manifest(
        format=1,
        at=now.isoformat(),
        server_epoch=epoch,
        digests={database.name: _digest(database), LISTING: _digest(listing)},
        rows=rows,
        files={kind: len(named[kind]) for kind in _KINDS},
        size=size,
    )
    (draft / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    make_durable(draft / MANIFEST)
    make_durable(draft)
    target = folder / name
    if target.exists():
        shutil.rmtree(target)  # of the same second
    draft.rename(target)
    sync_folder(folder)
    if missing:
        raise ProblemError("backup_files_missing", files=missing)
    made = Made(int(now.timestamp() * 1000), elsewhere, sum(rows.values()), sum(manifest.files.values()), size)
    with store.write() as conn:
        backups.note(conn, made, complete)
    return Backup(target, manifest, fresh)


def check(folder: Path) -> Backup:
    """The newest backup of a folder (or that backup, given its own folder), opened, counted and read to the last byte.

    ProblemError `backup_none`, `backup_damaged` naming the file.
    """
    found = _newest(folder)
    manifest = _manifest(found)
    for name, digest in manifest.digests.items():
        if not (found / name).is_file() or _digest(found / name) != digest:
            raise ProblemError("backup_damaged", file=name)
    (database,) = (found / name for name in manifest.digests if name != LISTING)
    if copying.count(database) != manifest.rows:
        raise ProblemError("backup_damaged", file=database.name)
    kept = FileObjects(found.parent / FILES)
    for kind, address in listed(found):
        content = kept.get(photostore.FOLDERS[kind], address)
        if content is None or hashlib.sha256(content).hexdigest() != address:
            raise ProblemError("backup_damaged", file=address)
    return Backup(found, manifest)


def restore(folder: Path, settings: Settings, *, now: datetime, seen_seq: int = 0, keys: Path | None = None) -> Backup:
    """The newest backup of `folder` in an empty place: the database, every file, and the keys from their own folder.

    seen_seq: the highest issue number that any tablet or list knows of. ProblemError as `check`; `restore_not_empty` when
    there is a database already; `backup_other_store`;
    `restore_keys_missing` when neither `keys` nor the settings' own folder has the issuer's.
    Nothing that exists is overwritten.
    """
    found = check(folder)
    url = settings.url
    (database,) = (found.folder / name for name in found.manifest.digests if name != LISTING)
    copying.check_kind(database, url)
    half = settings.data_dir / HALF_RESTORED
    here = _is_taken(url)
    if here and not half.exists():
        raise ProblemError("restore_not_empty")
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if keys is not None and not half.exists():
        _bring_keys(keys, settings.keys_dir)
    if not (settings.keys_dir / "issuer").is_dir():
        raise ProblemError("restore_keys_missing")
    kept = FileObjects(found.folder.parent / FILES)
    for kind, address in listed(found.folder):
        content = kept.get(photostore.FOLDERS[kind], address)
        if content is None:
            raise ProblemError("backup_damaged", file=address)
        photostore.put(settings, kind, address, content)
    # the database last: until it is there the place counts as empty, and the command can simply be given again
    if not here:
        half.touch(0o600)  # no center starts on these rows before they have their new epoch
        sync_folder(settings.data_dir)
        copying.put_back(database, url)
    store = Store(url)
    try:
        store.create()
        with store.write() as conn:
            backups.begin_again(conn, roc_year=now.astimezone(TAIPEI).year - 1911, seen_seq=seen_seq)
    finally:
        store.engine.dispose()
    half.unlink(missing_ok=True)
    sync_folder(settings.data_dir)
    if not (settings.data_dir / settings_file.FILE).exists():
        settings_file.save(settings)
    return found


def refuse_half_restored(settings: Settings) -> None:
    """ProblemError `restore_unfinished` where a restore broke off: without its new epoch nobody would offer anything again."""
    if (settings.data_dir / HALF_RESTORED).exists():
        raise ProblemError("restore_unfinished")


def copy_keys(settings: Settings, target: Path) -> None:
    """The keys folder, copied whole to a place apart. ProblemError `backup_keys_taken` when something is there."""
    if target.exists() and any(target.iterdir()):
        raise ProblemError("backup_keys_taken")
    _bring_keys(settings.keys_dir, target)


def is_same_disk(settings: Settings, folder: Path) -> bool:
    """Whether a backup there would be lost with the center's own disk, as far as the file system tells."""
    here = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    return here.stat().st_dev == settings.data_dir.stat().st_dev


def _bring(settings: Settings, kept: FileObjects, kind: photostore.Kind, address: str) -> tuple[bool, int | None]:
    """(whether it was copied now, its length): the file lies in the backup and has been read there. Length None when the
    center itself has lost it.
    """
    name = photostore.FOLDERS[kind]
    here = kept.get(name, address)
    if here is not None and hashlib.sha256(here).hexdigest() == address:
        return False, len(here)
    content = photostore.get(settings, kind, address)
    if content is None or hashlib.sha256(content).hexdigest() != address:
        return False, None
    kept.remove(name, address)
    kept.put(name, address, content)
    if kept.get(name, address) != content:
        raise ProblemError("backup_damaged", file=address)
    return True, len(content)


def _bring_keys(source: Path, target: Path) -> None:
    if not (source / "issuer").is_dir():
        raise ProblemError("restore_keys_missing")
    if target.exists() and any(target.iterdir()):
        raise ProblemError("backup_keys_taken")
    draft = target.with_name(f".{target.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft)
    for path in (draft, *draft.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        make_durable(path)
    if target.exists():
        target.rmdir()
    draft.rename(target)
    sync_folder(target.parent)


def _is_taken(url: str) -> bool:
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).exists()
    store = Store(url)
    try:
        with store.read() as conn:
            return not backups.is_empty(conn)
    finally:
        store.engine.dispose()


def _newest(folder: Path) -> Path:
    if (folder / MANIFEST).is_file():
        return folder
    whole = sorted(path.parent for path in folder.glob(f"[0-9]*/{MANIFEST}")) if folder.is_dir() else []
    if not whole:
        raise ProblemError("backup_none")
    return whole[-1]


def _manifest(found: Path) -> Manifest:
    try:
        read = read_json((found / MANIFEST).read_bytes(), Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise ProblemError("backup_damaged", file=MANIFEST) from error
    known = {copying.SQLITE_FILE, copying.POSTGRES_FILE, LISTING}
    if read.format != 1 or len(read.digests) != 2 or not set(read.digests) <= known:
        raise ProblemError("backup_damaged", file=MANIFEST)
    return read


def listed(found: Path) -> list[tuple[photostore.Kind, str]]:
    """Kind and address of every file that a backup holds."""
    kinds: Mapping[str, photostore.Kind] = {kind: kind for kind in _KINDS}
    lines = (found / LISTING).read_text(encoding="ascii").split("\n")
    return [(kinds[kind], address) for kind, _, address in (line.partition(" ") for line in lines if line)]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
