"""What tests share: moments, free ports, a center and its tablet."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests import kept

if TYPE_CHECKING:
    from tests.sync.loopback import Center, Kiosk

# The same examples on every machine and every run, and no clock in the judging: a property fails for what it says,
# never because a neighbour kept the processor busy. `--hypothesis-profile=wide` looks further.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("wide", deadline=None, max_examples=2_000)
settings.load_profile("steady")

kept.keep_templates()
kept.keep_addresses()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A function that finds a port nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


@pytest.fixture
def saturday() -> datetime:
    """115.11.21, ten in the morning in Taipei."""
    return datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    """A real center on loopback."""
    from tests.sync.loopback import running  # what it imports is not wanted where no test asks for it

    with running(tmp_path / "center") as found:
        yield found


@pytest.fixture
def kiosk(tmp_path: Path, center: Center) -> Kiosk:
    """A tablet that the center has enrolled."""
    from tests.sync.loopback import Kiosk

    found = Kiosk(tmp_path / "kiosk")
    found.enrol(center)
    return found
