"""Messages as bytes: canonical JSON, sorted members; read strictly."""

from __future__ import annotations

from typing import Any

import msgspec

from honorcard.typed import read_json

_encoder = msgspec.json.Encoder(order="sorted")


def encode(message: msgspec.Struct) -> bytes:
    """Canonical JSON of a message."""
    return _encoder.encode(message)


def decode(kind: type[Any], body: bytes) -> Any:
    """The message in `body`, strictly typed; msgspec.ValidationError when it is not one."""
    return read_json(body, kind)
