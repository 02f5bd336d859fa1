"""The gate's small photograph of a headshot: made once, kept beside the photograph."""

from __future__ import annotations

from center import photostore
from center.settings import Settings
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.problems import ProblemError


def face(settings: Settings, portrait_sha256: str) -> bytes:
    """The gate's small photograph of a headshot, made once; empty when there is none to be had (the gate then answers
    amber).
    """
    kept = photostore.get(settings, "face", portrait_sha256)
    if kept is not None:
        return kept
    portrait = photostore.get(settings, "photo", portrait_sha256)
    if portrait is None:
        return b""
    try:
        made = thumbnail_webp(portrait)
    except ProblemError:
        return b""
    photostore.put(settings, "face", portrait_sha256, made)
    return made
