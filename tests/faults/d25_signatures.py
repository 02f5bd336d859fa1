"""D-25: requests whose digest, body, signature or moment is not the sender's are refused; exact replays change nothing."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from center import keyring
from center.store.tables import application, dedup, feed, history
from sync import wire
from tests.center.signing import Tablet, application_body, photos_of
from tests.faults.lines import Line, pick
from tests.sync.loopback import NOW, Center

REPLAYS = 100
PATH = "/v1/ops"
_EFFECTS = (application, dedup, feed, history)


class Requests:
    """A center with two tablets, and what it made of what it was sent."""

    def __init__(self, folder: Path, by: random.Random) -> None:
        self.center = Center(folder)
        self.center.now = NOW
        self.by = by
        key = keyring.sealing_public(self.center.settings)
        self.one, self.other = (Tablet(self.center.app, self.center.store, key, self.center.unit_id) for _ in range(2))
        self.seq = self.sent = self.let_in = self.doubled = self.kept_out = 0

    def body(self) -> bytes:
        """A batch with an application nobody has sent."""
        self.seq += 1
        photos, _ = photos_of(self.one, str(self.by.random()))
        op = self.one.op(self.seq, application_body(photos))
        push = wire.Push(proto=wire.PROTO, device_id=self.one.device_id, dev_epoch=self.one.epoch, ops=(op,))
        return wire.encode(push)

    def effects(self) -> tuple[int, ...]:
        """How many rows of each kind there are."""
        return tuple(self.center.count(table) for table in _EFFECTS)

    def send(self, body: bytes, headers: dict[str, str]) -> int:
        """The status it is answered with."""
        self.sent += 1
        return int(self.one.client.post(PATH, data=body, headers=headers).status_code)

    def spoilt(self, spoil: Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]) -> None:
        """A request made wrong: refused, without any effect."""
        body = self.body()
        headers = self.one.headers("POST", PATH, body, NOW)
        before = self.effects()
        self.let_in += self.send(*spoil(body, headers)) != 401 or self.effects() != before
        self.seq -= 1

    def replayed(self, times: int) -> None:
        """A good request, and again and again."""
        body = self.body()
        headers = self.one.headers("POST", PATH, body, NOW)
        before = self.effects()
        self.kept_out += self.send(body, headers) != 200
        after = self.effects()
        self.kept_out += after == before
        for _ in range(times):
            self.kept_out += self.send(body, headers) != 200
        self.doubled += self.effects() != after

    def ways(self) -> dict[str, Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]]:
        """The ways in which a request is spoilt."""
        one, other, flip = self.one, self.other, self._flipped

        def off(**by: float) -> Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]:
            return lambda body, _: (body, one.headers("POST", PATH, body, NOW + timedelta(**by)))

        def foreign(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
            theirs = other.headers("POST", PATH, body, NOW)
            named = theirs["Signature-Input"].replace(other.device_id, one.device_id)
            return body, {**theirs, "Signature-Input": named}

        return {
            "no digest": lambda body, headers: (body, _without(headers, "Content-Digest")),
            "no signature": lambda body, headers: (body, _without(headers, "Signature")),
            "an old digest": lambda body, headers: (
                body, {**headers, "Content-Digest": one.headers("POST", PATH, b"{}", NOW)["Content-Digest"]},
            ),
            "an altered digest": lambda body, headers: (
                body, {**headers, "Content-Digest": flip(headers["Content-Digest"], len("sha-256=:"))},
            ),
            "an altered signature": lambda body, headers: (
                body, {**headers, "Signature": flip(headers["Signature"], len("device=:"))},
            ),
            "another body": lambda _, headers: (self.body(), headers),
            "another body and its digest": lambda _, headers: _swapped(one, self.body(), headers),
            "another tablet's key": foreign,
            "ten years ahead": off(days=3653),
            "ten years back": off(days=-3653),
            "six minutes ahead": off(minutes=6),
            "six minutes back": off(minutes=-6),
        }  # fmt: skip

    def _flipped(self, text: str, begin: int) -> str:
        """One character of the base64 inside changed to another; not the last ones, whose low bits mean nothing."""
        place = self.by.randrange(begin, len(text) - 6)
        other = self.by.choice([letter for letter in "ABCDabcd0123" if letter != text[place]])
        return text[:place] + other + text[place + 1 :]


def run(full: bool, seed: int) -> Line:
    """Every way once in each turn, then replays."""
    with tempfile.TemporaryDirectory(prefix="hc-d25-") as folder:
        requests = Requests(Path(folder), random.Random(seed))
        for _ in range(pick(full, plan=34, smoke=4, few=1)):
            for spoil in requests.ways().values():
                before = requests.seq
                requests.spoilt(spoil)
                requests.seq = before
        requests.replayed(pick(full, plan=REPLAYS, smoke=REPLAYS, few=10))
        requests.center.store.engine.dispose()
    return Line(
        "D-25", requests.sent, lost=requests.let_in, doubled=requests.doubled, stuck=requests.kept_out, seed=seed,
        note="taken wrongly, effects of replays, refused wrongly",
    )  # fmt: skip


def _without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


def _swapped(tablet: Tablet, body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    digest = tablet.headers("POST", PATH, body, NOW)["Content-Digest"]
    return body, {**headers, "Content-Digest": digest}
