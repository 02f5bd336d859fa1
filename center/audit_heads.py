"""The heads of the audit's chains, published signed: whoever keeps a copy can tell later whether the log was rewritten.

One small file beside the pack, made anew with it, at least once a day; anybody may take it, and it says nothing about anybody:
three entries' numbers and links, and when. What is not here: handing it out (packs), comparing on a page (audit).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from center import keyring
from center.settings import Settings
from center.store import audit_heads
from center.store.audit_heads import STREAMS, Head, Standing
from honorcard.card import cose
from honorcard.card.trust import Trust
from honorcard.durable import write_durably
from honorcard.problems import ProblemError

FILE = "audit-heads.json"
CONTEXT = b"VHC1-audit-heads"
LONGEST = 8_192


@dataclass(frozen=True)
class Published:
    """What a published file says: the head of each stream at a moment (milliseconds since 1970)."""

    at_ms: int
    heads: dict[str, Head]


def publish(settings: Settings, heads: dict[str, Head], now: datetime) -> None:
    """Writes the file, in place of the one before."""
    ring = keyring.ring(settings)
    signer = ring.current("pack", now)
    at_ms = int(now.timestamp() * 1000)
    said = {"ms": at_ms, "heads": {stream: [head.entry, head.link] for stream, head in heads.items()}}
    signed = cose.sign(cose.encode(said), signer.kid, CONTEXT, ring.p256(signer.kid))
    document = {
        "at": now.isoformat(timespec="seconds"),
        "heads": {stream: {"entry": head.entry, "link": head.link.hex()} for stream, head in heads.items()},
        "signed": base64.b64encode(signed).decode(),
    }
    write_durably(settings.pack_dir / FILE, json.dumps(document, indent=1).encode() + b"\n")


def read(text: str, trust: Trust) -> Published:
    """What a file that somebody kept says; only what is signed counts. ProblemError `audit_heads_unreadable` for anything that
    no key of ours signed.
    """
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        envelope = cose.parse(base64.b64decode(json.loads(text)["signed"], validate=True))
        key = trust.key(envelope.kid, "pack")
        if key is None or key.withdrawn or not cose.holds(envelope, CONTEXT, key.verifying_key):
            raise ValueError("not signed by us")
        said = cose.decode(envelope.payload)
        heads = {stream: Head(int(entry), bytes(link)) for stream, (entry, link) in said["heads"].items()}
        return Published(int(said["ms"]), {stream: heads[stream] for stream in STREAMS})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProblemError("audit_heads_unreadable") from error


def compare(conn: Connection, published: Published) -> dict[str, Standing]:
    """Whether each of these heads is in the log still, by stream."""
    return {stream: audit_heads.standing(conn, stream, head) for stream, head in published.heads.items()}
