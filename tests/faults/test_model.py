"""The model of D-7 notices when the center is wrong: some of its faults; the full run makes all of them, many times over."""

from __future__ import annotations

import pytest

from center.store import accounts
from tests.faults.__main__ import SEED
from tests.faults.mutants import MUTANTS, finds

FEW = (
    "the last one wins",
    "the first one wins and nobody is asked",
    "the revision is not looked at",
    "a field is forgotten in the merge",
    "one person's applications are not linked",
    "the other application is told",
)


@pytest.mark.parametrize("name", FEW)
def test_a_part_spoiled_on_purpose_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", accounts._hasher)  # the model's city takes a weaker one
    assert name in MUTANTS
    assert finds(name, SEED, lives=6, steps=4)
