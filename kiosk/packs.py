"""The verification pack on this tablet: fetched from the center, checked, swapped in whole, never set back.

The folder holds `manifest.cose` and `buckets/<sha256>`. Buckets never change under their name, so a new pack lays its
missing buckets beside the old ones and takes effect when its manifest is renamed into place (sync.md K12). Where the
manifest's deltas lead here from the pack in use, buckets are made of the old ones and the deltas. Photos that lie in layers
of their own come after that, into `photos/<sha256>`: until one is here its card is answered `photo_missing`. The highest
version ever used is kept in the store, apart from the folder. The trust list is renewed on the way, by the same root alone.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterable
from pathlib import Path

import httpx

from honorcard.card import delta
from honorcard.card.manifest import BUCKETS, DELTAS, MANIFEST, PHOTOS, DeltaEntry, Manifest, read_manifest
from honorcard.card.pack import Pack
from honorcard.card.trust import Trust
from honorcard.durable import sync_folder, write_durably
from honorcard.problems import ProblemError
from kiosk import timing
from kiosk.settings import Settings
from kiosk.store import Store, data_key, gate
from sync.crash import crash_here

log = logging.getLogger("honorcard.packs")

MANIFEST_BYTES = 1 << 20
BUCKET_BYTES = 16 << 20
CHAIN_BYTES = 64 << 20  # of deltas, held in memory together
TRUST_BYTES = 1 << 20
REPAIR = "repair"  # a file of that name asks for every bucket to be checked
_EMPTY = hashlib.sha256(b"").digest()
_one_at_a_time = threading.Lock()


class PackUnfit(Exception):
    """What the center sent cannot be used; the pack in use stays."""


def fetch(settings: Settings, client: httpx.Client, store: Store | None = None) -> bool:
    """Brings trust list and pack up to date; whether a new pack is in use now. Never raises for line or center.

    `store` defaults to the one of the settings, opened for the while.
    """
    if not settings.center_url or not settings.trust_file.exists():
        return False
    own = store is None
    held = Store(settings.database, data_key(settings.key_file)) if store is None else store
    try:
        return renew(settings, client, held)
    except (httpx.HTTPError, PackUnfit, ProblemError, OSError) as error:
        log.warning("pack not renewed: %s", error.code if isinstance(error, ProblemError) else type(error).__name__)
        return False
    finally:
        if own:
            held.close()


def renew(settings: Settings, client: httpx.Client, store: Store) -> bool:
    """Like `fetch`, for who wants to know why not: httpx.HTTPError, PackUnfit, ProblemError (`pack_rolled_back`…)."""
    if not settings.center_url or not settings.trust_file.exists():
        raise PackUnfit("not enrolled")
    with _one_at_a_time:
        return _fetch(settings, client, store)


class Shelf:
    """The pack in use, opened anew when its manifest or the trust list has changed."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._held: tuple[Trust, Pack | None] | None = None

    def open(self) -> tuple[Trust | None, Pack | None]:
        """Trust and pack as they are now; None for what this tablet does not have."""
        stamp = (_changed(self._settings.trust_file), _changed(self._settings.pack_dir / MANIFEST))
        with self._lock:
            if self._held is None or stamp != self._stamp:
                self._held = self._load()
                self._stamp = stamp
        return self._held if self._held is not None else (None, None)

    def ask_for_repair(self) -> None:
        """A bucket was found damaged, or a photo of a layer is not to be had: the next fetch checks them all."""
        if self._settings.pack_dir.is_dir():
            (self._settings.pack_dir / REPAIR).touch()

    def _load(self) -> tuple[Trust, Pack | None] | None:
        try:
            trust = Trust.load(self._settings.trust_file)
        except ProblemError:
            return None
        try:
            with self._store.read() as db:
                high_water = gate.high_water(db)
            pack = Pack.open(self._settings.pack_dir, trust, high_water=high_water)
        except ProblemError as problem:
            if problem.code != "pack_unreadable" or (self._settings.pack_dir / MANIFEST).exists():
                log.warning("pack not used: %s", problem.code)
            return trust, None
        return trust.newest(pack.manifest.key_list), pack


def _fetch(settings: Settings, client: httpx.Client, store: Store) -> bool:
    base = settings.center_url.rstrip("/") + "/pack/"
    trust = Trust.load(settings.trust_file)
    folder = settings.pack_dir
    (folder / BUCKETS).mkdir(parents=True, exist_ok=True)
    before = _manifest_here(folder, trust)
    if before is not None:  # a key that was withdrawn stays withdrawn, whatever list of keys the line still shows
        trust = trust.newest(before.key_list)
    repair = (folder / REPAIR).exists()
    tag = _read(folder / "etag").decode("ascii", "ignore") if before is not None and not repair else ""
    answer = client.get(base + MANIFEST, headers={"If-None-Match": tag} if tag else {})
    if answer.status_code == 304:
        return False
    raw = _body(answer, MANIFEST_BYTES)
    trust = _newer_trust(settings, client, base, trust)
    manifest = read_manifest(raw, trust)
    with store.read() as db:
        high_water = gate.high_water(db)
    if manifest.version < high_water:
        raise ProblemError("pack_rolled_back", version=manifest.version, high_water=high_water)
    if before is not None and not repair:
        _make_buckets(folder, before, manifest, client, base)
    _bring(folder, BUCKETS, manifest.bucket_sha256, client, base, check_all=repair)
    write_durably(folder / MANIFEST, raw)
    with store.write() as db:
        gate.raise_high_water(db, manifest.version)
        if manifest.signed:
            gate.note_signed(db, manifest.as_of, manifest.signed)
    timing.heard(store, int(manifest.as_of.timestamp() * 1000), live=False)
    _sweep(folder, manifest, before)
    _keep_newest(settings, trust, manifest)
    if manifest.photo_layers:
        # the list is in use meanwhile; a line that breaks here leaves no new ETag, so that everything is asked for again
        _bring(folder, PHOTOS, manifest.photo_sha256, client, base, check_all=repair)
    write_durably(folder / "etag", answer.headers.get("ETag", "").encode("ascii", "ignore"))
    (folder / REPAIR).unlink(missing_ok=True)
    return before is None or manifest.version > before.version or repair


def _keep_newest(settings: Settings, trust: Trust, manifest: Manifest) -> None:
    """The key list that the pack in use brought is kept apart from it, so that it outlives the pack's folder."""
    newest = trust.newest(manifest.key_list)
    if newest.version > Trust.load(settings.trust_file).version:
        write_durably(settings.trust_file, newest.document().encode())


def _newer_trust(settings: Settings, client: httpx.Client, base: str, trust: Trust) -> Trust:
    """The trust list, renewed when the center has a newer one by the same root."""
    answer = client.get(base + "trust.json")
    if answer.status_code == 404:
        return trust
    newer = Trust.read(_body(answer, TRUST_BYTES), root=trust.root)
    if newer.version > trust.version and newer.prefix == trust.prefix:
        write_durably(settings.trust_file, newer.document().encode())
        return newer
    return trust


def _make_buckets(folder: Path, before: Manifest, manifest: Manifest, client: httpx.Client, base: str) -> None:
    """Makes buckets of this manifest from those in use and the deltas between, as far as they come out right by their
    digest. What is then missing is fetched whole: a delta can spare bytes, and do nothing else."""
    chain = delta.chain_to(manifest, before.version)
    shapes = {(one.pack, len(one.bucket_sha256), one.record_bytes) for one in (before, manifest)}
    if not chain or len(shapes) > 1:
        return
    if sum(entry.size for entry in chain) > CHAIN_BYTES or not delta.is_worth(chain, before, manifest):
        return
    steps: dict[int, list[delta.Change]] = {}
    try:
        for entry in chain:
            for number, change in _changes(entry, manifest, client, base).items():
                steps.setdefault(number, []).append(change)
    except (PackUnfit, delta.DeltaUnfit) as unfit:
        log.warning("delta not used: %s", unfit)
        return
    for number, changes in sorted(steps.items()):
        digest = manifest.bucket_sha256[number]
        target = folder / BUCKETS / digest.hex()
        if digest == _EMPTY or target.exists():
            continue
        content = _changed_bucket(folder, before.bucket_sha256[number], changes, manifest.record_bytes)
        if hashlib.sha256(content).digest() != digest:
            log.warning("bucket %d is fetched whole: the delta does not lead to it", number)
            continue
        _lay_down(target, content)


def _changes(entry: DeltaEntry, manifest: Manifest, client: httpx.Client, base: str) -> dict[int, delta.Change]:
    raw = _body(client.get(f"{base}{DELTAS}/{entry.sha256.hex()}"), entry.size)
    if len(raw) != entry.size or hashlib.sha256(raw).digest() != entry.sha256:
        raise PackUnfit("delta")
    return delta.decode(raw, entry, len(manifest.bucket_sha256), manifest.record_bytes)


def _changed_bucket(folder: Path, digest: bytes, changes: list[delta.Change], size: int) -> bytes:
    """The bucket in use after these changes, in memory; nothing when they do not fit it."""
    content = b"" if digest == _EMPTY else _read(folder / BUCKETS / digest.hex())
    try:
        for change in changes:
            content = delta.applied(content, change, size)
    except delta.DeltaUnfit:
        return b""
    return content


def _bring(
    folder: Path, kind: str, digests: Iterable[bytes], client: httpx.Client, base: str, *, check_all: bool
) -> None:
    """Every one of these buckets, of records or of photos, into its folder, checked against its name; those that are there
    stay."""
    (folder / kind).mkdir(parents=True, exist_ok=True)
    for digest in sorted(set(digests) - {_EMPTY}):
        target = folder / kind / digest.hex()
        if target.exists() and not (check_all and hashlib.sha256(_read(target)).digest() != digest):
            continue
        content = _body(client.get(f"{base}{kind}/{digest.hex()}"), BUCKET_BYTES)
        if hashlib.sha256(content).digest() != digest:
            raise PackUnfit("bucket")
        _lay_down(target, content)
    sync_folder(folder / kind)


def _lay_down(bucket: Path, content: bytes) -> None:
    write_durably(bucket, content)
    crash_here("K12")


def _sweep(folder: Path, manifest: Manifest, before: Manifest | None) -> None:
    """Removes buckets that neither this pack nor the one before names: a look-up may still be reading the old one."""
    named = [one for one in (manifest, before) if one is not None]
    for kind in (BUCKETS, PHOTOS):
        kept = [one.bucket_sha256 if kind == BUCKETS else one.photo_sha256 for one in named]
        keep = {digest.hex() for digests in kept for digest in digests}
        for path in (folder / kind).iterdir() if (folder / kind).is_dir() else ():
            if path.name not in keep:
                path.unlink(missing_ok=True)


def _manifest_here(folder: Path, trust: Trust) -> Manifest | None:
    try:
        return read_manifest(_read(folder / MANIFEST), trust)
    except ProblemError:
        return None


def _body(answer: httpx.Response, limit: int) -> bytes:
    if answer.status_code != 200 or len(answer.content) > limit:
        raise PackUnfit(f"status {answer.status_code}")
    return answer.content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
