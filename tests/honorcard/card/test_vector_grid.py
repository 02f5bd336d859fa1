"""The grid of the vectors, Python's half: every text × interval × list. The browser's is tests/center/test_verifier_vectors.py."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

from honorcard.card.manifest import read_manifest
from honorcard.card.pack import BUCKETS, MANIFEST, Pack
from honorcard.card.trust import Trust
from honorcard.card.verdict import COLOUR, Interval, decide

DOCUMENT = json.loads((Path(__file__).parents[2] / "vectors" / "token.json").read_text(encoding="utf-8"))
GRID = DOCUMENT["grid"]


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trust, dict[str, Pack | None]]:
    trust = Trust.read(json.dumps(DOCUMENT["trust"]))
    folder = tmp_path_factory.mktemp("pack")
    (folder / BUCKETS).mkdir()
    (folder / MANIFEST).write_bytes(base64.b64decode(DOCUMENT["pack"]["manifest"]))
    for name, content in DOCUMENT["pack"]["buckets"].items():
        (folder / BUCKETS / name).write_bytes(base64.b64decode(content))
    found: dict[str, Pack | None] = {"the list": Pack.open(folder, trust), "no list": None}
    for name, signed in GRID["manifests"].items():
        found[name] = Pack(folder, read_manifest(base64.b64decode(signed), trust))
    return trust, found


def test_every_text_at_every_time_with_every_list_is_answered_as_agreed(packs) -> None:
    trust, lists = packs
    wrong = []
    for row in GRID["rows"]:
        text, time, held, *said = row.split("|")
        interval = Interval(*(datetime.fromisoformat(end) if end else None for end in GRID["intervals"][time]))
        got = decide(GRID["texts"][text], trust, lists[held], interval)
        photo = hashlib.sha256(got.photo).hexdigest()[:16] if got.photo else None
        found = [got.code, got.name, got.valid_until, photo, got.list_age_days, got.note]
        if ["" if part is None else str(part) for part in found] != said:
            wrong.append((row, found))
    assert wrong == []


def test_the_grid_is_whole_and_every_row_of_the_table_stands_in_it_more_than_once() -> None:
    rows = [row.split("|") for row in GRID["rows"]]
    places = {tuple(row[:3]) for row in rows}
    assert len(places) == len(rows) == len(GRID["texts"]) * len(GRID["intervals"]) * (len(GRID["manifests"]) + 2)
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for _, time, held, code, *_ in rows:
        seen[code].add((time, held))
    assert set(seen) == set(COLOUR)
    assert all(len(places) > 5 for places in seen.values()), {code: len(places) for code, places in seen.items()}
