"""The issuer's keys are made once, and never in place of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from center import keyring
from center.settings import Settings
from honorcard.problems import ProblemError


def test_keys_that_are_away_are_not_made_anew(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    root = keyring.ring(settings).trust.root
    folder = settings.keys_dir / keyring.FOLDER
    folder.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(ProblemError, match="trust_unreadable"):
            keyring.ring(settings)
        assert not folder.exists()
    (tmp_path / "away").rename(folder)
    assert keyring.ring(settings).trust.root == root


def test_a_center_of_before_notes_that_it_has_its_keys(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    keyring.ring(settings)
    (tmp_path / keyring.MADE_FILE).unlink()
    keyring.ring(settings)
    assert (tmp_path / keyring.MADE_FILE).exists()
