"""The self-test's folder at the center: made once, whole or not at all, and no gate believes its keys."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from center import keyring, selftest
from center.settings import Settings
from honorcard.card import pack, samples, verdict
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError
from scanner import files, qr

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("center"))


@pytest.fixture(scope="module")
def texts(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is read from the sheets, printed at 200 dots an inch."""
    folder = selftest.folder(settings, now=NOW)
    pages = tmp_path_factory.mktemp("pages")
    subprocess.run(["pdftoppm", "-r", "200", "-gray", "-png", folder / samples.TOGETHER, pages / "page"], check=True)
    return [text for page in sorted(pages.iterdir()) for text in qr.decode(files.pixels(page.read_bytes()))]


def test_every_printed_sheet_is_answered_as_it_says_by_the_samples_own_list_on_any_later_day(settings, texts) -> None:
    folder = selftest.folder(settings, now=datetime(2027, 6, 1, tzinfo=UTC))
    trust = Trust.load(folder / "trust.json")
    listed = pack.Pack.open(folder / "pack", trust)
    at = verdict.Interval.at(listed.manifest.as_of)
    said = {
        one["sha256"]: (one["verdict"], one["code"])
        for one in json.loads((folder / samples.MARKS).read_text("utf-8"))
    }
    found = {}
    for text in texts:
        got = verdict.decide(text, trust, listed, at)
        found[hashlib.sha256(text.encode()).hexdigest()] = (got.verdict, got.code)
    assert found == said
    assert {code for _, code in said.values()} >= {
        "valid",
        "expired",
        "practice",
        "foreign",
        "bad_signature",
        "key_withdrawn",
    }


def test_no_gate_of_the_center_believes_a_sheet_of_the_self_test(settings, texts) -> None:
    trust = keyring.trust(settings)
    codes = {verdict.decide(text, trust, None, verdict.Interval.at(NOW)).code for text in texts}
    assert codes == {"bad_signature", "foreign"}


def test_it_is_made_once_and_keeps_what_was_printed(settings, texts) -> None:
    folder = selftest.folder(settings, now=NOW)
    before = (folder / samples.MARKS).read_bytes()
    assert (selftest.folder(settings, now=NOW) / samples.MARKS).read_bytes() == before
    assert [path.name for path in settings.files.iterdir() if "selftest" in path.name] == [selftest.NAME]


def test_what_could_not_be_made_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(directory: Path, **_: object) -> None:
        (directory / "trust.json").write_text("half")
        raise ProblemError("fonts_missing")

    monkeypatch.setattr(samples, "write_samples", fails)
    settings = Settings(data_dir=tmp_path)
    with pytest.raises(ProblemError, match="fonts_missing"):
        selftest.folder(settings, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_second_process_that_was_slower_takes_the_first_ones_sheets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    place = tmp_path / selftest.NAME

    def late(directory: Path, **_: object) -> None:
        (directory / "trust.json").write_text("mine")
        place.mkdir()
        (place / "trust.json").write_text("theirs")

    monkeypatch.setattr(samples, "write_samples", late)
    assert (selftest.folder(settings, now=NOW) / "trust.json").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [place]
