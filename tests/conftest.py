"""What tests share: moments, free ports, a Chromium. The cast of people stands in tests/cast.py."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest


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
