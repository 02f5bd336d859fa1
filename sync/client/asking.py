"""One request to the center and what its answer says; an answer that is not the center's is as good as no line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import msgspec

from sync import digests
from sync.wire import decode

TIMEOUT = httpx.Timeout(30.0, connect=5.0)


def asked(http: httpx.Client, method: str, path: str, kind: type[Any], **content: Any) -> Any:
    """The center's answer, a message of that kind. httpx.HTTPError when the line or the center failed."""
    answer = http.request(method, path, **content)
    answer.raise_for_status()
    if not digests.holds(answer.headers, answer.content):
        raise httpx.RemoteProtocolError("damaged on the way", request=answer.request)
    try:
        return decode(kind, answer.content)
    except msgspec.DecodeError as error:
        # a hotel's sign-in page answers 200 too: not the center, so as good as no line
        raise httpx.RemoteProtocolError("not the center's answer", request=answer.request) from error


def is_ours(answer: httpx.Response) -> bool:
    """Whether a refusal is in the center's own words, and not by something on the way."""
    return str(answer.headers.get("Content-Type", "")).startswith("application/problem+json")


def problem_code(answer: httpx.Response) -> str:
    """The code of the center's problem; empty when the answer has none."""
    try:
        return str(msgspec.json.decode(answer.content)["type"]).rpartition(":")[2]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""


def has_no_room(answer: httpx.Response) -> bool:
    """Whether the center's disk has no room for more just now."""
    return answer.status_code == 507 and is_ours(answer)


def is_about_the_batch(answer: httpx.Response) -> bool:
    """Whether this refusal is of what was sent: too large (any proxy may say so), or malformed in the center's own
    words.
    """
    return answer.status_code == 413 or (answer.status_code in (400, 422) and is_ours(answer))


def ms(moment: str) -> int | None:
    """A moment of the center's in milliseconds; None when it is none."""
    try:
        return int(datetime.fromisoformat(moment).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
