"""What a run of one fault test says: how often, and what went wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass

# the plan's tests that this harness answers for
EXPECTED = tuple(f"D-{number}" for number in (*range(1, 17), *range(24, 32), 33))

_FEW = "HONORCARD_FAULTS_FEW"


@dataclass(frozen=True)
class Line:
    """What was seen. lost: acknowledged and gone, or changed, or something false believed. doubled: an effect more than
    once. stuck: anything that did not come to its end. note: what else a reader should know, in a few words.
    """

    id: str
    runs: int
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    seed: int = 0
    note: str = ""

    @property
    def clean(self) -> bool:
        """Whether something was run and nothing went wrong."""
        return self.runs > 0 and not (self.lost or self.doubled or self.stuck)

    @property
    def bound(self) -> float | None:
        """With 95 % confidence a run fails less often than this (rule of three); None when one did."""
        return min(1.0, 3 / self.runs) if self.clean else None

    def text(self, commit: str, seconds: float) -> str:
        """The line as it is printed."""
        bound = f"95 % below {100 * self.bound:.2g} %" if self.bound is not None else "FAILED"
        said = (
            f"{self.id:<5} runs {self.runs:<7} lost {self.lost:<4} doubled {self.doubled:<4} stuck {self.stuck:<4} "
            f"seed {self.seed}  commit {commit}  {seconds:6.1f} s  {bound}"
        )
        return f"{said}  {self.note}" if self.note else said


def pick(full: bool, *, plan: int, smoke: int, few: int) -> int:
    """How often: the plan's count when full, else that of `make faults`, or the few that `make test` has time for."""
    return plan if full else few if os.environ.get(_FEW) else smoke


def only_a_few() -> None:
    """From here on `pick` gives the few; children inherit it."""
    os.environ[_FEW] = "1"
