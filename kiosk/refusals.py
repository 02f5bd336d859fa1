"""What a refusal says about the line, and whether the center still knows this tablet."""

from __future__ import annotations

import httpx

from kiosk.store.syncing import Line
from sync.client import is_ours, problem_code

DOUBTS = 2  # rounds in a row in which a signature was refused and none taken: the requests may be damaged on the way


class Refusals:
    """As far as the center's answers tell."""

    def __init__(self) -> None:
        self._doubts = 0

    def taken(self) -> None:
        """The center took a signature of ours."""
        self._doubts = 0

    def line_after(self, answer: httpx.Response) -> Line:
        """The line as this refusal leaves it: what is not in the center's own words says that it is not there."""
        if not is_ours(answer):
            return "no_line"
        if answer.status_code in (401, 403):
            return "no_line" if problem_code(answer) == "clock_skew" or self._doubts_it(answer) else "refused"
        if answer.status_code == 426:
            return "outdated"
        return "busy" if answer.status_code in (429, 503, 507) else "no_line"

    def _doubts_it(self, answer: httpx.Response) -> bool:
        if answer.status_code != 401 or self._doubts >= DOUBTS:  # by its number: what answers HEAD has no words
            return False
        self._doubts += 1
        return True
