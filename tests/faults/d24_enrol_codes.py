"""D-24: codes guessed, used again, too old, and raced for: no more than five guesses are weighed, of one code, and one tablet
gets in.
"""

from __future__ import annotations

import random
import secrets
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from center.devices import ALPHABET, CODE_LENGTH, NAME_LENGTH
from center.store.devices import CODE_TRIES
from center.store.tables import device, enrol_code
from sync import wire
from sync.device import DeviceKeys
from tests.faults.lines import Line, pick
from tests.sync.loopback import NOW, Center

RACERS = 2


class Codes:
    """A center, and one tablet's keys that stand for everybody's."""

    def __init__(self, folder: Path, by: random.Random) -> None:
        self.center = Center(folder)
        self.center.now = NOW
        self.by = by
        keys = DeviceKeys.generate()
        self._keys = {"sign_key": keys.sign_public, "seal_key": keys.seal_public}
        self.tried = self.false = self.shut = 0

    def ask(self, code: str) -> str:
        """What the center answers to that code, asked from anywhere: `taken`, or the problem's code."""
        self.tried += 1
        address = (
            f"2001:db8:{self.tried >> 16:x}:{self.tried & 0xFFFF:x}::1"  # else the limit by address would answer alone
        )
        body = wire.encode(wire.Enrol(code=code, name="1", **self._keys))
        answer = self.center.app.test_client().post("/v1/enrol", data=body, environ_base={"REMOTE_ADDR": address})
        return "taken" if answer.status_code == 201 else str(answer.json["type"]).rpartition(":")[2]

    def expect(self, code: str, said: str) -> None:
        """One try whose answer is known."""
        got = self.ask(code)
        self.false += got == "taken" != said
        self.shut += got != said

    def guess(self, times: int) -> None:
        """Guesses against an open code, by somebody who has seen its public part: after five it is shut, even to who knows it
        whole; and blind ones. The other code that is open at that time is never touched.
        """
        code, other = self.center.code(), self.center.code()
        for _ in range(times):
            guessed = code[:NAME_LENGTH] + "".join(self.by.choices(ALPHABET, k=CODE_LENGTH - NAME_LENGTH))
            if guessed != code.replace("-", ""):
                self.false += self.ask(guessed) == "taken"
            self.false += self.ask("".join(self.by.choices(ALPHABET, k=CODE_LENGTH))) == "taken"
        with self.center.store.read() as conn:
            weighed = max(conn.execute(select(enrol_code.c.tries)).scalars())
        self.false += weighed > CODE_TRIES
        if times >= CODE_TRIES:
            self.expect(code, "enrol_code_spent")
        self.expect(other, "taken")

    def reuse(self) -> None:
        """Used, then used again."""
        code = self.center.code()
        self.expect(code, "taken")
        self.expect(code, "enrol_code_used")

    def expire(self) -> None:
        """A second before its end, and at its end."""
        for seconds, said in ((-1, "taken"), (0, "enrol_code_expired")):
            code = self.center.code()
            self.center.now += timedelta(minutes=15, seconds=seconds)
            self.expect(code, said)

    def race(self) -> None:
        """Two tablets, one code, the same moment."""
        code, before, answers = self.center.code(), self.center.count(device), []
        together = threading.Barrier(RACERS)

        def run() -> None:
            together.wait()
            answers.append(self.ask(code))

        threads = [threading.Thread(target=run) for _ in range(RACERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winners = self.center.count(device) - before
        self.false += max(0, winners - 1) + (answers.count("taken") != winners)
        self.shut += winners != 1


def run(full: bool, seed: int) -> Line:
    """The plan's guesses, and each of the others in turn."""
    with tempfile.TemporaryDirectory(prefix="hc-d24-") as folder:
        codes = Codes(Path(folder), random.Random(seed))
        for _ in range(pick(full, plan=50, smoke=5, few=2)):
            codes.race()
            codes.reuse()
            codes.expire()
            codes.center.now += timedelta(minutes=16)
        codes.guess(pick(full, plan=5_000, smoke=30, few=6))
        codes.expect(codes.center.code(), "taken")
        codes.expect(f"U{secrets.token_hex(2)}", "enrol_code_wrong")
        codes.center.store.engine.dispose()
    return Line("D-24", codes.tried, lost=codes.false, stuck=codes.shut, seed=seed, note="let in wrongly, kept out")
