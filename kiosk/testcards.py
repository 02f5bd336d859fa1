"""The sheets of the morning's self-test, as `honorcard samples` made them, in the folder `samples` of this tablet.

They come with a trust list and a pack of their own, so that nothing on them is believed at the gate, and they are judged as
of the moment they were made, so that the same paper serves every morning. What is not here: the page (selftest).
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from honorcard.card.pack import Pack
from honorcard.card.samples import MARKS, text_mark, write_samples
from honorcard.card.trust import Trust
from honorcard.card.verdict import Code, GateVerdict, Interval, decide
from honorcard.problems import ProblemError
from honorcard.typed import read_json

FOLDER = "samples"
_one_at_a_time = threading.Lock()


class Expected(msgspec.Struct, frozen=True):
    """What one sheet must be answered, whose name it bears, and the digest of the text of its code."""

    file: str
    verdict: str
    code: Code
    holder: str
    sha256: str

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.file.removesuffix(".pdf")


@dataclass(frozen=True)
class TestCards:
    """A set of sheets. version: changes with the set."""

    __test__ = False  # no test class, for all its name

    folder: Path
    version: str
    expected: tuple[Expected, ...]
    trust: Trust
    pack: Pack

    def judge(self, text: str) -> tuple[Expected, GateVerdict] | None:
        """Which sheet bears the text, and what the gate's table answers; None for a text of no sheet."""
        mark = text_mark(text)
        expected = next((one for one in self.expected if one.sha256 == mark), None)
        if expected is None:
            return None
        return expected, decide(text, self.trust, self.pack, Interval.at(self.pack.manifest.as_of))

    def sheet(self, name: str) -> bytes | None:
        """The sheet to print; None for a name that is none of theirs."""
        found = next((one for one in self.expected if one.name == name), None)
        return _read(self.folder / found.file) or None if found else None


def make(data_dir: Path, at: datetime) -> None:
    """A new set with fresh keys in the place of the one before. ProblemError `fonts_missing`.

    Whole before it takes its place; sheets that were printed of the former set are no test cards any more.
    """
    with _one_at_a_time:
        draft = Path(tempfile.mkdtemp(prefix=".samples-", dir=data_dir))
        try:
            write_samples(draft, at=at)
            shutil.rmtree(data_dir / FOLDER, ignore_errors=True)
            draft.rename(data_dir / FOLDER)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def load(data_dir: Path) -> TestCards | None:
    """The set on this tablet; None where there is none, or it is not whole."""
    folder = data_dir / FOLDER
    marks = _read(folder / MARKS)
    try:
        expected = tuple(read_json(marks, list[Expected]))
        trust = Trust.load(folder / "trust.json")
        pack = Pack.open(folder / "pack", trust)
    except (msgspec.MsgspecError, ProblemError):
        return None
    if not expected:
        return None
    return TestCards(folder, hashlib.sha256(marks).hexdigest()[:16], expected, trust, pack)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
