"""D-12 counts a gate that was misled, and no gate that was told the truth without its list."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from honorcard.card.pack import Pack
from honorcard.card.verdict import GateVerdict, Interval, decide
from tests.faults import d12_bit_rot
from tests.faults.d12_bit_rot import every_kind, flip, misled
from tests.kiosk import scene


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> scene.Cards:
    return scene.issuer(tmp_path_factory.mktemp("issuer") / "keys")


@pytest.fixture(scope="module")
def pack(cards: scene.Cards, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("list") / "pack"
    cards.pack(folder, min_records=0)
    return folder


def verdicts(cards: scene.Cards, folder: Path | None) -> dict[str, GateVerdict]:
    pack = Pack.open(folder, cards.ring.trust) if folder else None
    moment = Interval.at(scene.NOW)
    return {name: decide(text, cards.ring.trust, pack, moment) for name, text in cards.texts.items()}


def test_a_list_that_cannot_be_opened_takes_its_age_along_and_misleads_nobody(cards: scene.Cards, pack: Path) -> None:
    before, after = verdicts(cards, pack), verdicts(cards, None)
    assert {name for name in before if after[name].code == before[name].code} == {"expired", "forged"}
    assert all(after[name] != before[name] for name in before)
    assert misled(before, after, opens=False) == []


def test_an_age_that_changes_while_the_list_opens_is_counted(cards: scene.Cards, pack: Path) -> None:
    before, after = verdicts(cards, pack), verdicts(cards, None)
    told = [said for _, said in misled(before, after, opens=True)]
    assert sorted(told) == [
        "a bit in the pack made bad_signature into bad_signature: list_age_days",
        "a bit in the pack made expired into expired: list_age_days",
    ]


@pytest.mark.parametrize("opens", [True, False])
def test_another_name_or_another_verdict_is_counted(opens: bool, cards: scene.Cards, pack: Path) -> None:
    before = verdicts(cards, pack)
    after = {name: v if opens else replace(v, list_age_days=None) for name, v in before.items()}
    assert misled(before, after, opens=opens) == []
    after["valid"] = replace(after["valid"], name="林秀芬")
    after["expired"] = replace(after["expired"], verdict="green", code="valid")
    assert len(misled(before, after, opens=opens)) == 2


def test_one_bit_flips_and_nothing_else(tmp_path: Path) -> None:
    file, rng, sound = tmp_path / "file", random.Random(1), bytes(range(200))
    for _ in range(20):
        file.write_bytes(sound)
        at = flip(file, rng)
        changed = int.from_bytes(sound) ^ int.from_bytes(file.read_bytes())
        assert changed.bit_count() == 1 and file.read_bytes()[at] != sound[at]


def test_a_bucket_believed_without_its_hash_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pack, "damaged_buckets", lambda self: [])
    harm = d12_bit_rot._packs(tmp_path, 3, random.Random(1))
    assert "0 buckets found damaged instead of the one" in every_kind(harm)


def test_the_line_names_each_kind_of_harm() -> None:
    assert every_kind([("lost", "this"), ("stuck", "that"), ("lost", "this")]) == "this (2x); that (1x)"
    assert every_kind([]) == ""
