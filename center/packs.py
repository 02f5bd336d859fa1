"""The verification pack, handed out without sign-in: it is signed, and sealed record by record (credential.md C.3).

What is not here: building it (packing; `rebuild`, `keep_fresh` and `is_stale` are named here too, for those who only
know packs).
"""

from __future__ import annotations

import hashlib
import re

from flask import Blueprint, Response, make_response, request

from center import audit_heads, current, keyring
from center.packing import is_stale, keep_fresh, rebuild
from honorcard.card import manifest as manifests
from honorcard.card import pack
from honorcard.problems import ProblemError

__all__ = ["bp", "is_stale", "keep_fresh", "rebuild"]

bp = Blueprint("packs", __name__)

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@bp.get("/pack/manifest.cose")
def manifest() -> Response:
    """The signed manifest of the newest pack."""
    return _file(pack.MANIFEST)


@bp.get("/pack/buckets/<name>")
def bucket(name: str) -> Response:
    """One bucket."""
    return _named_by_content(pack.BUCKETS, name)


@bp.get("/pack/photos/<name>")
def photos(name: str) -> Response:
    """One bucket of photos, where a list keeps them in a layer of their own."""
    return _named_by_content(manifests.PHOTOS, name)


@bp.get("/pack/deltas/<name>")
def delta(name: str) -> Response:
    """What changed from one version to the next; the manifest names those that lead to it."""
    return _named_by_content(pack.DELTAS, name)


@bp.get("/pack/trust.json")
def trust() -> Response:
    """The root's public key and the key list it signed. A verifier keeps the root it got at enrolment and believes
    only that one.
    """
    return _answer(keyring.trust(current.settings()).document().encode(), "application/json", None)


@bp.get("/pack/audit-heads.json")
def heads() -> Response:
    """The heads of the audit's chains when the pack was made, signed; who keeps a copy can compare later (audit_heads)."""
    return _file(audit_heads.FILE, mime="application/json")


def _named_by_content(folder: str, name: str) -> Response:
    """A file that never changes under its name."""
    if not _DIGEST.match(name):
        raise ProblemError("not_found")
    answer = _file(f"{folder}/{name}", etag=name)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _file(name: str, etag: str | None = None, mime: str = "application/octet-stream") -> Response:
    settings = current.settings()
    try:
        content = (settings.pack_dir / name).read_bytes()
    except FileNotFoundError:
        raise ProblemError("pack_not_ready") from None
    return _answer(content, mime, etag)


def _answer(content: bytes, mime: str, etag: str | None) -> Response:
    answer = make_response(
        content,
        200,
        {"Content-Type": mime, "Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"},
    )
    answer.set_etag(etag or hashlib.sha256(content).hexdigest())
    answer.make_conditional(request)
    return answer
