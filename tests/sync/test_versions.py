"""Older is by numbers; what is no version is never called old."""

from __future__ import annotations

import pytest

from sync.versions import is_older


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("1.2.3", "1.2.4", True), ("1.9", "1.10", True), ("1.10", "1.9", False), ("1.0", "1", False), ("1", "1.0", False),
        ("0", "0.1", True), ("2.0.dev3+local", "2.1", True), ("2.1", "2.1.0", False), ("", "1.0", False), ("1.0", "", False),
        ("new", "1.0", False), ("1.0", "soon", False), ("٣.0", "4.0", False),
    ],
)  # fmt: skip
def test_a_version_is_older_by_its_numbers(version: str, than: str, older: bool) -> None:
    assert is_older(version, than) is older
