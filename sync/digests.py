"""The digest of an answer's body (Content-Digest, RFC 9530), so that one damaged on the way is not believed.

Requests carry theirs under their signature (device). An answer's is unsigned: it stands against damage, not against
malice, which is TLS's to keep out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

HEADER = "Content-Digest"


def digest(body: bytes) -> str:
    """The header's value for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def holds(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body is what its header says; true when there is none, as from an older center."""
    said = headers.get(HEADER)
    return said is None or said.strip() == digest(body)
