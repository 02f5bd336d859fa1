"""Which builds of SQLite are trusted with a write-ahead log."""

from __future__ import annotations

import pytest

from sync.sqlite_build import journal, may_use_wal, read_version


@pytest.mark.parametrize("text", ["3.7.0", "3.8.11", "3.40.1", "3.44.5", "3.45.0", "3.50.4", "3.50.6", "3.51.0", "3.51.2"])
def test_a_build_with_the_fault_gets_no_write_ahead_log(text: str) -> None:
    assert not may_use_wal(read_version(text))
    assert journal(read_version(text)) == ("TRUNCATE", "EXTRA")


@pytest.mark.parametrize("text", ["3.44.6", "3.44.9", "3.50.7", "3.51.3", "3.52.0", "3.53.4", "4.0.0"])
def test_a_mended_build_gets_one(text: str) -> None:
    assert may_use_wal(read_version(text))
    assert journal(read_version(text)) == ("WAL", "FULL")


def test_before_the_log_was_invented_there_is_none() -> None:
    assert not may_use_wal((3, 6, 23))
