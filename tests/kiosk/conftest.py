"""One kiosk for all tests of a module that look at their own application alone."""

from __future__ import annotations

import pytest

from tests.kiosk.applying import Applicant
from tests.kiosk.scene import Scene, build


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("shared"))


@pytest.fixture
def first(shared: Scene) -> Applicant:
    return Applicant(shared)
