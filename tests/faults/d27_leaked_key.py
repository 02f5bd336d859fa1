"""D-27: somebody has the real card key. Not one card made with it is let in as green, not before the center knows and not
after; once the key is withdrawn every one is red, and the genuine cards stay green.
"""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path

from honorcard.card.pack import Pack
from honorcard.card.token import SEQ_LIMIT, parse
from honorcard.card.verdict import Interval
from tests.faults.gate import FIRST_SEQ, MAX_SEQ, NOW, UNTIL, Gate, Issuer, quick_disk
from tests.faults.lines import Line, pick

GENUINE = 40


def run(full: bool, seed: int) -> Line:
    """The leak, the cards made with it, the withdrawal, and the tablets before and after their next list."""
    by = random.Random(seed)
    with quick_disk(), tempfile.TemporaryDirectory(prefix="hc-d27-") as folder:
        drill = Drill(Path(folder), by)
        forged = [drill.forge() for _ in range(pick(full, plan=1_000, smoke=1_000, few=250))]
        # the leak is not known yet: never green; and a card on the list is what the list says, whatever was signed
        green = drill.gate.let_in_green(forged)
        longer = [drill.lengthened(text) for text in drill.genuine]
        lied = sum(drill.gate.answer(text).valid_until not in (None, UNTIL) for text in longer)
        shut_out = sum(drill.gate.answer(text).code != "valid" for text in drill.genuine)
        before = drill.gate
        drill.withdraw()
        after = drill.gate
        still = sum(after.answer(text).verdict != "red" for text in forged)
        shut_out += sum(after.answer(text).code != "valid" for text in drill.genuine)
        # a tablet that has not heard: as before, never green
        green += before.let_in_green(forged)
        fresh = [drill.ours.issue(MAX_SEQ + 1 + place) for place in range(5)]  # by the key that came in its place
        drill.publish(MAX_SEQ + 5)
        shut_out += sum(drill.gate.answer(text).code != "valid" for text in (*fresh, *drill.genuine))
        still += sum(drill.gate.answer(text).verdict != "red" for text in forged)
        still += sum(drill.at(days).let_in_green(forged) for days in (1, 40, 400))
    runs = 3 * len(forged) + 3 * len(longer)
    return Line(
        "D-27",
        runs,
        lost=green + still + lied,
        stuck=shut_out,
        seed=seed,
        note="green, not red after the list; shut out",
    )


class GreenGate(Gate):
    """A gate that counts what it lets in without a second look."""

    def let_in_green(self, texts: list[str]) -> int:
        """How many are green."""
        return sum(self.answer(text).verdict == "green" for text in texts)


class Drill:
    """The city, and the thief with a copy of its card key."""

    def __init__(self, folder: Path, by: random.Random) -> None:
        self.by = by
        self.ours = Issuer(folder)
        self.genuine = [self.ours.issue(FIRST_SEQ + 20 * place) for place in range(GENUINE)]
        self.kid, self.key = self.ours.ring.card_key(FIRST_SEQ)
        self.publish()

    def publish(self, max_seq: int = MAX_SEQ) -> None:
        """The next list, and a tablet that has it."""
        folder = self.ours.folder / f"pack-{self.ours.version}"
        self.ours.publish(max_seq=max_seq, folder=folder)
        self.gate = GreenGate(self.ours.trust, Pack.open(folder, self.ours.trust))

    def forge(self) -> str:
        """A card by the leaked key: a number that was given, one that was not, one just above, one far away."""
        seq = self.by.choice(
            (
                FIRST_SEQ + 20 * self.by.randrange(GENUINE), self.by.randrange(FIRST_SEQ, MAX_SEQ + 1),
                self.by.randrange(MAX_SEQ + 1, MAX_SEQ + 20_000), self.by.randrange(MAX_SEQ, SEQ_LIMIT),
            )
        )  # fmt: skip
        until = UNTIL + timedelta(days=self.by.randrange(-100, 9_000))
        return self.ours.sign(seq, until=until, kid=self.kid)

    def lengthened(self, text: str) -> str:
        """A card that the thief held in hand, signed again with a later day."""
        token = parse(text)
        return self.ours.sign(
            token.seq, until=UNTIL + timedelta(days=900), kid=self.kid, secret=token.secret, lookup=token.lookup
        )

    def withdraw(self) -> None:
        """As `honorcard keys withdraw --emergency` does, with the list that goes out at once."""
        self.ours.ring.withdraw(self.kid, at=NOW, replaced=True)
        self.publish()

    def at(self, days: int) -> GreenGate:
        """The newest gate, so many days later without a line."""
        return GreenGate(self.gate.trust, self.gate.pack, Interval.at(NOW + timedelta(days=days)))
