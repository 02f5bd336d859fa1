"""Calls for help between the machines of one unit: which screen calls, who goes there. Nothing about whoever stands at it.

No operation of the log: a call that could not be told in time is over, and must not wait on a tablet or be counted there.
"""

from __future__ import annotations

from typing import Literal

import msgspec

CALLS_AT_ONCE = 50


class HelpWord(msgspec.Struct, frozen=True, kw_only=True):
    """What a tablet says of a call: that it is made, that somebody here goes there, that it is over. number: what stands on the
    caller's screen.
    """

    call_id: str
    number: int
    what: Literal["call", "take", "end"]


class HelpWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a tablet has to say of calls, at most CALLS_AT_ONCE; saying it again changes nothing."""

    words: tuple[HelpWord, ...]


class HelpCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it stands: the body of `help.call`. place: the name of the machine that calls; taken_by: of the one whose
    staff goes there, empty as long as nobody does.
    """

    call_id: str
    number: int
    state: Literal["waiting", "taken", "over"]
    place: str
    taken_by: str = ""


class HelpCalls(msgspec.Struct, frozen=True, kw_only=True):
    """The calls that were told of, as they stand now."""

    calls: tuple[HelpCall, ...]
