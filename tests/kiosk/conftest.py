"""One kiosk for all tests of a module that look at their own application alone; PINs that are quickly hashed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from center.store import accounts
from kiosk import pins
from tests.kiosk.applying import Applicant
from tests.kiosk.scene import Scene, build


@pytest.fixture(scope="module", autouse=True)
def lightly_hashed(request: pytest.FixtureRequest) -> Iterator[None]:
    """argon2id itself, at the smallest cost: a thousand kiosks are given a PIN here and are unlocked. What a PIN costs to guess is
    asked in test_pins, which takes it as it is.
    """
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.rpartition(".")[2] != "test_pins":
            light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            patch.setattr(pins, "_hasher", light)
            patch.setattr(accounts, "_hasher", light)
        yield


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def first(shared: Scene) -> Applicant:
    return Applicant(shared)
