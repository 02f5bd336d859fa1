"""The file of vectors that Python and the browser's page share: Python's half."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest

from honorcard.card.pack import BUCKETS, MANIFEST, Pack, derive
from honorcard.card.token import TokenError, parse, signature_holds
from honorcard.card.trust import Trust
from honorcard.card.verdict import COLOUR, Interval, decide

DOCUMENT = json.loads((Path(__file__).parents[2] / "vectors" / "token.json").read_text(encoding="utf-8"))
# What each named case must answer, so that the file cannot quietly agree with a mistake.
EXPECTED = {
    "no text": "not_a_card",
    "a slip": "not_a_card",
    "another host": "foreign",
    "practice": "practice",
    "practice, long over": "practice",
    "valid": "valid",
    "last day, first second": "valid",
    "last day, last second": "valid",
    "the second after": "expired",
    "expired": "expired",
    "expired and not listed": "expired",
    "a listed card with a later date signed": "expired",
    "suspended": "suspended",
    "no photo": "photo_missing",
    "withdrawn key, listed": "valid",
    "withdrawn key, not listed": "key_withdrawn",
    "bucket missing": "list_damaged",
    "a listed secret with another issue number": "list_damaged",
    "revoked": "revoked_or_replaced",
    "at the watermark": "revoked_or_replaced",
    "above the watermark": "newer_than_list",
    "at the cap": "newer_than_list",
    "beyond the cap": "suspected_forgery",
    "date unknown": "date_unknown",
    "no upper bound": "date_unknown",
    "nothing known of the time": "date_unknown",
    "no lower bound": "valid",
    "list thirty days old": "valid",
    "list over thirty days old": "list_stale",
}


@pytest.fixture(scope="module")
def trust() -> Trust:
    return Trust.read(json.dumps(DOCUMENT["trust"]))


@pytest.fixture(scope="module")
def pack(trust: Trust, tmp_path_factory) -> Pack:
    folder = tmp_path_factory.mktemp("pack")
    (folder / BUCKETS).mkdir()
    (folder / MANIFEST).write_bytes(base64.b64decode(DOCUMENT["pack"]["manifest"]))
    for name, content in DOCUMENT["pack"]["buckets"].items():
        (folder / BUCKETS / name).write_bytes(base64.b64decode(content))
    return Pack.open(folder, trust)


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: case["case"])
def test_the_gate_answers_as_agreed(case, trust: Trust, pack: Pack):
    interval = Interval(*(datetime.fromisoformat(case[end]) if case[end] else None for end in ("lo", "hi")))
    got = decide(case["text"], trust, pack, interval)
    assert (got.verdict, got.code, got.name) == (case["verdict"], case["code"], case["name"])
    assert (got.valid_until.isoformat() if got.valid_until else None) == case["valid_until"]
    assert (hashlib.sha256(got.photo).hexdigest() if got.photo else None) == case["photo_sha256"]
    assert (got.list_age_days, got.note) == (case["list_age_days"], case["note"])


def test_the_file_says_what_the_table_says():
    said = {case["case"]: case["code"] for case in DOCUMENT["cases"]}
    for name, code in EXPECTED.items():
        assert said[name] == code
    assert {code for name, code in said.items() if name.startswith("refused")} == {"bad_signature"}
    assert set(said.values()) == set(COLOUR), "every row of the table has a case"


@pytest.mark.parametrize("token", DOCUMENT["tokens"], ids=lambda token: str(token["seq"]))
def test_tokens_say_what_is_written(token, trust: Trust):
    read = parse(token["text"], DOCUMENT["prefix"])
    assert (read.kid, read.exp, read.seq, read.lookup) == (token["kid"], token["exp"], token["seq"], token["lookup"])
    assert (read.secret.hex(), read.last_valid_day.isoformat()) == (token["secret"], token["last_valid_day"])
    assert tuple(part.hex() for part in derive(read.secret)) == (token["idx"], token["record_key"])
    assert signature_holds(read, trust.key(read.kid).verifying_key)


def test_the_texts_of_the_file_are_refused_as_tokens_too(trust: Trust):
    key = trust.key(1).verifying_key
    for case in DOCUMENT["cases"]:
        if not case["case"].startswith("refused: "):
            continue
        try:
            token = parse(case["text"])
        except TokenError as trouble:
            assert trouble.code == "bad_signature"
        else:
            in_range = token.kid == 1 and token.seq >= 101_000
            assert not (in_range and signature_holds(token, key)), case["case"]
