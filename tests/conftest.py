"""What tests share: moments, free ports, a center and its tablet."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests import kept, machine, memory

if TYPE_CHECKING:
    from tests.sync.loopback import Center, Kiosk

# The same examples on every machine and every run, and no clock in the judging: a property fails for what it says,
# never because a neighbour kept the processor busy. `--hypothesis-profile=wide` looks further.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("wide", deadline=None, max_examples=2_000)
settings.load_profile("steady")

# What starts servers and browsers of its own. xdist hands out one file after the other: the last ones are to be
# short, or one worker ends minutes after the others (`--no-loadscope-reorder` lets this order stand).
LONG = (
    "faults/test_smoke.py", "journeys/test_every_page.py", "journeys/test_camera.py", "commands/test_demo.py",
    "journeys/test_bad_luck.py", "journeys/test_crop.py", "journeys/test_desk.py", "journeys/test_queue.py",
    "journeys/test_whole_way.py", "center/test_two_centers.py", "center/test_verifier_page.py", "kiosk/test_printing.py",
    "kiosk/test_printers.py", "faults/test_model.py", "journeys/test_public.py", "journeys/test_wifi.py", "commands/test_update.py",
    "journeys/test_exchange.py", "journeys/test_events.py", "center/test_api_document.py", "center/test_selftest.py",
)  # fmt: skip
HERE = Path(__file__).parent

kept.keep_templates()
kept.keep_addresses()


def pytest_xdist_auto_num_workers() -> int:
    """So many workers."""
    return machine.beside_each_other()


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """The tests' folders in memory where there is room: each database and photograph is brought to the disk, as it is to be,
    and a disk takes a quarter of the run for that. What becomes of a disk is tried where that is the matter (tests.faults).
    """
    if quick := memory.roomy():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick))  # read when the first folder is asked for


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order in which they are to be handed out: the long ones, then those with the most tests."""
    tests = Counter(item.path for item in items)
    place = {HERE / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: (place.get(item.path, len(LONG)), -tests[item.path], item.path))


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
