"""JSON and rows read into our types, by any number of threads at once.

msgspec learns a type when it first meets it, and lets other threads use it before it knows the whole of it: two first readings
at the same moment end the process (0.22.0, seen as D-4: a center asked twice in its first second). Here each type is learned by
one thread, and only then read by all. A test holds that nothing of ours reads into types on another way.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

_learned: set[Any] = set()
_learning = threading.Lock()


@overload
def read_json(content: bytes | str, kind: type[T], *, strict: bool = True) -> T: ...
@overload
def read_json(content: bytes | str, kind: Any, *, strict: bool = True) -> Any: ...
def read_json(content: bytes | str, kind: Any, *, strict: bool = True) -> Any:
    """What the JSON in `content` says, as that type. msgspec.ValidationError when it is not one, DecodeError when it is no JSON.

    strict: no number for a string that looks like one.
    """
    _learn(kind)
    return msgspec.json.decode(content, type=kind, strict=strict)


@overload
def convert(value: Any, kind: type[T], *, strict: bool = True) -> T: ...
@overload
def convert(value: Any, kind: Any, *, strict: bool = True) -> Any: ...
def convert(value: Any, kind: Any, *, strict: bool = True) -> Any:
    """What a row, or a document of dicts and lists, says, as that type. msgspec.ValidationError when it is not one."""
    _learn(kind)
    return msgspec.convert(value, kind, strict=strict)


def _learn(kind: Any) -> None:
    if kind not in _learned:
        with _learning:
            msgspec.json.Decoder(kind)  # with every type inside it
            _learned.add(kind)
