"""IPP as bytes on the wire: an address, one operation and its answer. Nothing here knows what is printed, or why.

CUPS is reached the same way: its queues are IPP printers of their own, and `cups:QUEUE` is short for the one on this machine.
So there is one adapter, and neither a driver nor `lp`, whose success says only that a job was taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

REQUEST_S = 8
FIRST_ERROR = 0x0200  # statuses below mean success
NOT_PRINTABLE = 0x040A  # client-error-document-format-not-supported
NOT_SUPPORTED = 0x040B  # client-error-attributes-or-values-not-supported
CONFLICTING = 0x040E  # client-error-conflicting-attributes
BUSY = (0x0505, 0x0507)  # server-error-temporary-error, -busy: some printers hold one job at a time

_QUEUE = re.compile(r"cups:([A-Za-z0-9_.-]{1,127})\Z")


class Refused(Exception):
    """The printer said no, with an IPP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:04x}")
        self.status = status


def is_address(uri: str) -> bool:
    """Whether this can be a printer's address: ipp:// or ipps://, a host, nothing secret in it; or cups:QUEUE."""
    if _QUEUE.match(uri):
        return True
    try:
        parts = urlsplit(uri)
        return parts.scheme in ("ipp", "ipps") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False


def resolved(uri: str) -> str:
    """The ipp:// address behind `cups:QUEUE`; any other as it is."""
    queue = _QUEUE.match(uri)
    return f"ipp://localhost:631/printers/{queue[1]}" if queue else uri


def open_printer(uri: str) -> Any:
    """pyipp's client for an address; to be closed with `await printer.close()`."""
    from pyipp import IPP
    from pyipp.enums import IppTag
    from pyipp.tags import ATTRIBUTE_TAG_MAP

    # pyipp leaves out, without a word, what its table does not list; and RFC 8011 5.2.11 has `media` as a keyword first
    ATTRIBUTE_TAG_MAP.setdefault("print-scaling", IppTag.KEYWORD)
    ATTRIBUTE_TAG_MAP["media"] = IppTag.KEYWORD
    return IPP(resolved(uri), request_timeout=REQUEST_S)


async def call(printer: Any, operation: Any, message: dict[str, Any]) -> Mapping[str, Any]:
    """One operation and its answer, parsed. Refused for a status that is no success; pyipp's IPPError for the rest."""
    from pyipp.exceptions import IPPParseError
    from pyipp.parser import parse

    body = await printer.raw(operation, message)
    try:
        answer: Mapping[str, Any] = parse(body)
        status = int(answer["status-code"])
    except Exception as error:  # whatever a printer may send instead of IPP
        raise IPPParseError from error
    if status >= FIRST_ERROR:
        raise Refused(status)
    return answer


def first(answer: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The first job or printer of an answer; empty when there is none."""
    held = answer.get(kind) or [{}]
    found: Mapping[str, Any] = held[0]
    return found


def every(value: Any) -> list[Any]:
    """An attribute's values: none, one, or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple, set)) else [value]


def words(value: Any) -> list[str]:
    """The same, as text."""
    return [str(word) for word in every(value)]
