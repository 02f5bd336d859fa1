"""What every page says in its headers that shows a card to whoever has its address: no script, nothing kept, nothing indexed, and
no word to the next page of where one came from.
"""

from __future__ import annotations

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def closed(answer: Response) -> Response:
    """The answer under these headers."""
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
