"""Named places at which the fault tests kill this very process, as a power cut would (sync.md B.11).

`crash_here("K7")` does nothing, in the time of one comparison, unless HONORCARD_CRASH_AT named that place when the program
began: `K7`, or `K7:3` for the third time it comes by. What is not here: the tests (tests/faults).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

_at: str | None = None
_passings_left = 0


def arm(place: str) -> None:
    """From here on that place kills; an empty text disarms. `K7:3`: its third passing."""
    global _at, _passings_left
    name, _, passing = place.partition(":")
    _at, _passings_left = name or None, int(passing or 1)


def crash_here(name: str) -> None:
    """The end of this process when it is the place that was named; nothing is flushed, closed or told."""
    if _at is None or name != _at:
        return
    global _passings_left
    _passings_left -= 1
    if _passings_left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


def crash_during(name: str, event: str) -> dict[str, Any]:
    """httpx extensions that come by the place in the middle of a request, at an event of httpcore's trace
    (`send_request_body.started`); none when it is not the place that was named.
    """
    if _at is None or name != _at:
        return {}

    def heard(what: str, _info: object) -> None:
        if what.endswith(event):
            crash_here(name)

    trace: Callable[[str, object], None] = heard
    return {"trace": trace}


arm(os.environ.get("HONORCARD_CRASH_AT", ""))
