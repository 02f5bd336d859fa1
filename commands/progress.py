"""What a long command is doing, in both languages: one line a step, counted where there is something to count."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO


class Stopped(Exception):
    """The person does not want to wait any longer."""


class Progress:
    """Writes to a stream; on a terminal a counted line is rewritten in place, elsewhere it appears when it is done.

    Each line is also where a long command can be stopped: Stopped is raised when `stopped` says so.
    """

    def __init__(self, stream: TextIO, stopped: Callable[[], bool] = lambda: False) -> None:
        self._stream = stream
        self._stopped = stopped
        self._terminal = stream.isatty()

    def say(self, chinese: str, english: str) -> None:
        """One step that is beginning."""
        self._write(f"  {chinese}　{english}\n")

    def count(self, chinese: str, english: str, done: int, total: int) -> None:
        """How far a step has come."""
        if self._stopped():
            raise Stopped
        line = f"  {chinese}　{english}  {done}/{total}"
        if self._terminal:
            self._write(f"\r{line}" + ("\n" if done == total else ""))
        elif done == total or done == 0:
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        if self._stopped():
            raise Stopped
        self._stream.write(text)
        self._stream.flush()
