"""D-26: a list that is older, frozen, put together of two, cut short or signed by a key of another kind is never used, and
the list in use stays; the honest one after it is.
"""

from __future__ import annotations

import json
import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx

from honorcard.card import cose, delta
from honorcard.card.keyring import KeyRing
from honorcard.card.manifest import BUCKETS, CONTEXT, DELTAS, EMPTY_BUCKET, MANIFEST, manifest_bytes, read_manifest
from honorcard.card.trust import Trust
from honorcard.card.verdict import Interval, decide
from honorcard.problems import ProblemError
from kiosk import packs
from tests.faults.gate import FIRST_SEQ, NOW, Issuer, quick_disk
from tests.faults.lines import Line, pick
from tests.kiosk import scene

CARDS = 60


def run(full: bool, seed: int) -> Line:
    """Each kind of attack in turn, at a place that chance chose."""
    logging.disable(logging.CRITICAL)
    with quick_disk(), tempfile.TemporaryDirectory(prefix="hc-d26-") as folder:
        city = City(Path(folder), random.Random(seed))
        kinds = city.kinds()
        for turn in range(pick(full, plan=420, smoke=len(kinds) * 3, few=len(kinds))):
            city.attack(*kinds[turn % len(kinds)])
        city.honest()
    seen = city.seen
    note = "; ".join(f"{name} ({often}x)" for name, often in seen.items() if name.startswith(("used", "lost", "stuck")))
    lost = sum(often for name, often in seen.items() if name.startswith(("used", "lost")))
    stuck = sum(often for name, often in seen.items() if name.startswith("stuck"))
    return Line("D-26", seen["runs"], lost=lost, stuck=stuck, seed=seed, note=note)


class City:
    """An issuer with four lists behind it, a tablet that uses the third, and what somebody on the line hands out."""

    def __init__(self, folder: Path, by: random.Random) -> None:
        self.by = by
        self.seen: Counter[str] = Counter()
        self.folder = folder
        self.ours = Issuer(folder / "ours")
        self.texts = [self.ours.issue(FIRST_SEQ + place) for place in range(CARDS)]
        self.stranger = Issuer(folder / "stranger")
        self.leaked = self.ours.ring.rotate("pack", at=NOW - timedelta(days=90))
        self.history: list[Path] = []
        self.trusts: list[str] = []
        for step in range(4):
            if step == 2:
                self.ours.ring.withdraw(self.leaked.kid, at=NOW)
            self.ours.publish(at=NOW - timedelta(days=4 - step), folder=folder / "published")
            (folder / "published" / "trust.json").write_text(self.ours.trust.document())
            shutil.copytree(folder / "published", folder / f"version-{step + 1}")
            self.history.append(folder / f"version-{step + 1}")
            del self.ours.cards[FIRST_SEQ + step]  # revoked with the next list
        self.served = folder / "served"
        self.tablet = scene.build(folder / "tablet", center_url="http://center.test")
        shutil.rmtree(self.tablet.settings.pack_dir)
        self.tablet.settings.trust_file.write_text((self.history[2] / "trust.json").read_text())
        self._hand_out(self.history[2])
        self._fetch()
        self.kept = folder / "kept"
        shutil.copytree(self.tablet.settings.pack_dir, self.kept)
        self.kept_trust = self.tablet.settings.trust_file.read_bytes()

    def kinds(self) -> list[tuple[str, Callable[[], None], bool]]:
        """Name, what is done to what is handed out, and whether the next list may come through all the same."""
        return [
            ("older list", lambda: self._hand_out(self.by.choice(self.history[:2])), False),
            ("older list, tablet wiped", self._wiped, False),
            ("frozen", lambda: self._hand_out(self.history[2]), False),
            ("bucket of another list", self._other_bucket, False),
            ("bucket missing", self._without_bucket, False),
            ("bucket changed", lambda: self._spoil(self._fresh_bucket()), False),
            ("hashes of two lists", self._mixed_hashes, False),
            ("manifest changed", lambda: self._spoil(self.served / MANIFEST), False),
            ("manifest cut short", self._cut_manifest, False),
            ("signed by a key of another use", self._wrong_role, False),
            ("signed by a withdrawn key", self._withdrawn, False),
            ("signed by a withdrawn key, the key list frozen", self._frozen_trust, False),
            ("signed by a stranger", self._stranger, False),
            ("key list in its place", self._key_list, False),
            ("another root", self._other_root, False),
            ("older key list, its pack key withdrawn since", self._older_trust, False),
            ("delta cut short, no buckets", lambda: self._delta("cut", with_buckets=False), False),
            ("delta changed, no buckets", lambda: self._delta("changed", with_buckets=False), False),
            ("delta of another list, no buckets", lambda: self._delta("other", with_buckets=False), False),
            ("delta cut short", lambda: self._delta("cut", with_buckets=True), True),
            ("delta changed", lambda: self._delta("changed", with_buckets=True), True),
            ("delta missing", lambda: self._delta("gone", with_buckets=True), True),
        ]

    def attack(self, name: str, do: Callable[[], None], may_come: bool) -> None:
        """One turn: the tablet as it was, the attack, a fetch, and what the tablet uses then."""
        self._put_back()
        self._hand_out(self.history[3])
        do()
        self.seen["runs"] += 1
        try:
            self._fetch()
        except (httpx.HTTPError, packs.PackUnfit, ProblemError):
            pass
        except Exception as error:
            self.seen[f"stuck: {name}, {type(error).__name__}"] += 1
        trust, pack = packs.Shelf(self.tablet.settings, self.tablet.store).open()
        if trust is None or pack is None:
            if "wiped" not in name:
                self.seen[f"lost the list in use: {name}"] += 1
            return
        version = pack.manifest.version
        if "wiped" in name or version not in ((3, 4) if may_come else (3,)):
            self.seen[f"used: {name}"] += 1
        gone = self.texts[: version - 1]  # revoked by then
        for text in (*gone, *self.texts[-3:]):
            answer = decide(text, trust, pack, Interval.at(NOW))
            if answer.code != ("revoked_or_replaced" if text in gone else "valid"):
                self.seen[f"used: {name}, {answer.code}"] += 1
        if (
            name == "frozen"
            and decide(self.texts[-1], trust, pack, Interval.at(NOW + timedelta(days=40))).verdict == "green"
        ):
            self.seen["used: frozen for forty days"] += 1

    def honest(self) -> None:
        """After all that the honest list is taken."""
        self._put_back()
        self._hand_out(self.history[3])
        self._fetch()
        _, pack = packs.Shelf(self.tablet.settings, self.tablet.store).open()
        if pack is None or pack.manifest.version != 4 or pack.damaged_buckets():
            self.seen["stuck: the honest list"] += 1

    def _put_back(self) -> None:
        shutil.rmtree(self.tablet.settings.pack_dir, ignore_errors=True)
        shutil.copytree(self.kept, self.tablet.settings.pack_dir)
        self.tablet.settings.trust_file.write_bytes(self.kept_trust)
        with self.tablet.store.write() as db:
            db.conn.execute("UPDATE meta SET v = '3' WHERE k = 'pack_high_water'")

    def _fetch(self) -> None:
        with httpx.Client(transport=httpx.MockTransport(self._answer), trust_env=False) as line:
            packs.renew(self.tablet.settings, line, self.tablet.store)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = self.served / request.url.path.removeprefix("/pack/")
        return httpx.Response(200, content=path.read_bytes()) if path.is_file() else httpx.Response(404)

    def _hand_out(self, source: Path) -> None:
        shutil.rmtree(self.served, ignore_errors=True)
        shutil.copytree(source, self.served)

    def _fresh_bucket(self) -> Path:
        """A bucket the tablet lacks; nothing can be made of a delta then."""
        shutil.rmtree(self.served / DELTAS, ignore_errors=True)
        here = {path.name for path in (self.kept / BUCKETS).iterdir()}
        return self.by.choice(sorted(path for path in self._wanted() if path.name not in here))

    def _wanted(self) -> list[Path]:
        named = read_manifest((self.served / MANIFEST).read_bytes(), self.ours.trust).bucket_sha256
        return [self.served / BUCKETS / digest.hex() for digest in set(named) - {EMPTY_BUCKET}]

    def _spoil(self, path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[self.by.randrange(len(raw))] ^= 1 << self.by.randrange(8)
        path.write_bytes(raw)

    def _other_bucket(self) -> None:
        target = self._fresh_bucket()
        others = [path for path in self._wanted() if path != target]
        shutil.copyfile(self.by.choice(sorted(others)), target)

    def _without_bucket(self) -> None:
        self._fresh_bucket().unlink()

    def _wiped(self) -> None:
        self._hand_out(self.by.choice(self.history[:2]))
        shutil.rmtree(self.tablet.settings.pack_dir)

    def _manifest(self, step: int):
        return read_manifest((self.history[step] / MANIFEST).read_bytes(), self.ours.trust)

    def _sign(self, body: bytes, kid: int, ring: KeyRing, context: bytes = CONTEXT, by: int | None = None) -> None:
        (self.served / MANIFEST).write_bytes(cose.sign(body, kid, context, ring.p256(kid if by is None else by)))

    def _mixed_hashes(self) -> None:
        """What a thief of one pack key that was withdrawn, or of none, would sign: the revoked cards' buckets put back."""
        new, old = self._manifest(3), self._manifest(2)
        digests = tuple(self.by.choice(pair) for pair in zip(new.bucket_sha256, old.bucket_sha256, strict=True))
        mixed = replace(new, version=5, bucket_sha256=digests, deltas=())
        if self.by.random() < 0.5:
            self._sign(manifest_bytes(mixed), self.leaked.kid, self.ours.ring)
        else:
            self._sign(manifest_bytes(mixed), 2, self.stranger.ring)

    def _cut_manifest(self) -> None:
        raw = (self.served / MANIFEST).read_bytes()
        (self.served / MANIFEST).write_bytes(raw[: self.by.randrange(len(raw))])

    def _wrong_role(self) -> None:
        body = manifest_bytes(replace(self._manifest(3), version=9, deltas=()))
        ring = self.ours.ring
        card, pack, practice = (ring.current(use, NOW).kid for use in ("card", "pack", "practice"))
        match self.by.randrange(5):
            case 0:
                self._sign(body, card, ring)
            case 1:
                self._sign(body, practice, ring)
            case 2:
                self._sign(body, pack, ring, by=card)  # a card key that calls itself the pack's
            case 3:
                self._sign(body, pack, ring, context=self.by.choice((b"VHC1-keys", b"VHC1", b"")))
            case _:
                (self.served / MANIFEST).write_bytes(cose.sign(body, 0, CONTEXT, ring._root()))

    def _withdrawn(self) -> None:
        self._sign(manifest_bytes(replace(self._manifest(3), version=9, deltas=())), self.leaked.kid, self.ours.ring)

    def _stranger(self) -> None:
        body = manifest_bytes(
            replace(self._manifest(3), version=9, deltas=(), key_list=self.stranger.trust.signed_list)
        )
        self._sign(body, self.by.choice((1, 2, 3)), self.stranger.ring)

    def _key_list(self) -> None:
        (self.served / MANIFEST).write_bytes(self.ours.trust.signed_list)

    def _other_root(self) -> None:
        self._stranger()
        document = json.loads(self.stranger.trust.document())
        if self.by.random() < 0.5:
            document["root"] = json.loads(self.ours.trust.document())["root"]
        (self.served / "trust.json").write_text(json.dumps(document))

    def _older_trust(self) -> None:
        """The list of keys of a day when the leaked key was still good, and a pack by that key."""
        shutil.copyfile(self.history[0] / "trust.json", self.served / "trust.json")
        self._withdrawn()

    def _frozen_trust(self) -> None:
        """The same where the tablet's own file is of that day too: the list in use brought the newer keys."""
        old = (self.history[0] / "trust.json").read_text()
        (self.served / "trust.json").write_text(old)
        self.tablet.settings.trust_file.write_text(old)
        stale = Trust.read(old).signed_list
        body = manifest_bytes(replace(self._manifest(3), version=9, deltas=(), key_list=stale))
        self._sign(body, self.leaked.kid, self.ours.ring)

    def _delta(self, what: str, *, with_buckets: bool) -> None:
        manifest = self._manifest(3)
        (entry,) = delta.chain_to(manifest, 3)
        path = self.served / DELTAS / entry.sha256.hex()
        raw = path.read_bytes()
        if what == "cut":
            path.write_bytes(raw[: self.by.randrange(len(raw))])
        elif what == "changed":
            self._spoil(path)
        elif what == "other":
            shutil.copyfile(self.served / DELTAS / manifest.deltas[0].sha256.hex(), path)
        else:
            path.unlink()
        if not with_buckets:
            shutil.rmtree(self.served / BUCKETS)
