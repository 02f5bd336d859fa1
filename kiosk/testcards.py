"""The sheets of the morning's self-test, as `honorcard samples` made them, in the folder `samples` of this tablet.

They come with a trust list and a pack of their own, so that nothing on them is believed at the gate, and they are judged as
of the moment they were made, so that the same paper serves every morning. What is not here: the page (selftest).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from honorcard.card.pack import Pack
from honorcard.card.trust import Trust
from honorcard.card.verdict import Code, GateVerdict, Interval, decide
from honorcard.problems import ProblemError

FOLDER = "samples"
ANSWERS, MARKS = "answers.json", "marks.json"


class Expected(msgspec.Struct, frozen=True):
    """What one sheet must be answered."""

    file: str
    verdict: str
    code: Code

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.file.removesuffix(".pdf")


class Mark(msgspec.Struct, frozen=True):
    """Which sheet a text is on, and the name its card bears."""

    file: str
    name: str


@dataclass(frozen=True)
class TestCards:
    """A set of sheets. version: changes with the set. marks: by the digest of the sheet's text."""

    __test__ = False  # no test class, for all its name

    folder: Path
    version: str
    expected: tuple[Expected, ...]
    marks: dict[str, Mark]
    trust: Trust
    pack: Pack

    def judge(self, text: str) -> tuple[Expected, GateVerdict] | None:
        """Which sheet bears the text, and what the gate's table answers; None for a text of no sheet."""
        mark = self.marks.get(hashlib.sha256(text.encode()).hexdigest())
        expected = next((one for one in self.expected if mark and one.file == mark.file), None)
        if expected is None:
            return None
        return expected, decide(text, self.trust, self.pack, Interval.at(self.pack.manifest.as_of))

    def holder(self, file: str) -> str:
        """The name on a sheet's card."""
        return next((mark.name for mark in self.marks.values() if mark.file == file), "")

    def sheet(self, name: str) -> bytes | None:
        """The sheet to print; None for a name that is none of theirs."""
        found = next((one for one in self.expected if one.name == name), None)
        return _read(self.folder / found.file) or None if found else None


def load(data_dir: Path) -> TestCards | None:
    """The set on this tablet; None where there is none, or it is not whole."""
    folder = data_dir / FOLDER
    answers, marks = _read(folder / ANSWERS), _read(folder / MARKS)
    try:
        expected = tuple(msgspec.json.decode(answers, type=list[Expected]))
        known = msgspec.json.decode(marks, type=dict[str, Mark])
        trust = Trust.load(folder / "trust.json")
        pack = Pack.open(folder / "pack", trust)
    except (msgspec.MsgspecError, ProblemError):
        return None
    if not expected or {one.file for one in expected} != {mark.file for mark in known.values()}:
        return None
    return TestCards(folder, hashlib.sha256(answers + marks).hexdigest()[:16], expected, known, trust, pack)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
