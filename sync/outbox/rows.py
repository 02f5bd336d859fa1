"""A row of the log and its place in the chain of hashes: whether it is still what was written."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from sync.wire import Op, OpResult

GENESIS = bytes(32)  # before the first


def chained(row: dict[str, Any]) -> bytes:
    """The hash of a row and of all before it."""
    named = [row[name] for name in ("seq", "op_id", "kind", "entity_id", "base_rev", "schema_v", "needs_blobs")]
    return hashlib.sha256(row["prev_hash"] + row["body_sha256"] + msgspec.json.encode(named)).digest()


def is_sound(row: dict[str, Any]) -> bool:
    """Whether a row is what was written."""
    released = row["state"] == "durable" and not row["body"]  # its bytes are let go, by `release`
    whole = released or hashlib.sha256(row["body"]).digest() == row["body_sha256"]
    return bool(whole and chained(row) == row["hash"])


def damage_of(row: dict[str, Any]) -> OpResult:
    """What is noted of an operation in quarantine."""
    return OpResult(seq=row["seq"], op_id=row["op_id"], status="rejected", code="op_damaged")


def op_of(row: dict[str, Any]) -> Op:
    """The operation in a row, as it travels."""
    return Op(
        seq=row["seq"],
        op_id=row["op_id"],
        kind=row["kind"],
        entity_id=row["entity_id"],
        base_rev=row["base_rev"],
        schema_v=row["schema_v"],
        sha256=row["body_sha256"].hex(),
        needs_blobs=tuple(msgspec.json.decode(row["needs_blobs"])),
        body=row["body"],
        wall_ms=row["wall_ms"],
        mono_ms=row["mono_ms"],
        boot_id=row["boot_id"],
    )
