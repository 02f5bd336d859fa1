"""The catalogue: one entry a code, and a sentence even where a detail is missing."""

from __future__ import annotations

from collections import Counter

import pytest

from honorcard import problems
from honorcard.problems import CATALOGUE, ProblemError, sentence


def test_no_code_stands_in_two_rooms() -> None:
    codes = Counter(entry.code for room in problems.ROOMS for entry in room.ENTRIES)
    assert not [code for code, times in codes.items() if times > 1]
    assert set(codes) == set(CATALOGUE)


def test_a_detail_stands_in_the_sentence_and_a_missing_one_does_not_break_it() -> None:
    assert "3 MB" in sentence("too_large", "en", {"limit_mb": 3})
    assert "{limit_mb}" in sentence("too_large", "zh")


def test_the_document_is_of_rfc_9457() -> None:
    document = ProblemError("too_large", limit_mb=5).document("en")
    assert document["type"] == "urn:honorcard:problem:too_large" and document["status"] == 413 and document["limit_mb"] == 5


def test_an_unknown_code_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        ProblemError("no_such_code")
