"""What every app of a test run would work out anew and always alike, kept for as long as the process lives: compiled
templates, compiled builders of addresses, a center's empty database. Most of the start of an app and of its first page is these.

Nothing of an app's own is kept: each still reads its templates, registers its addresses and looks how new its schema is; what it
finds is what it would have made from the same source.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from center.settings import Settings

Kind = tuple[object, ...]
Builder = Callable[..., tuple[str, str]]


class CompiledTemplates(BytecodeCache):
    """Compiled templates by name, source and everything of an environment that has a say in compiling."""

    def __init__(self) -> None:
        self._kept: dict[Kind, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives the bucket its code when it is there."""
        bucket.code = self._kept.get(_kind(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the bucket's code."""
        assert bucket.code is not None
        self._kept[_kind(bucket)] = bucket.code


def _kind(bucket: Bucket) -> Kind:
    # the source is in the checksum; filters and tests, because what is constant is folded through them
    env = bucket.environment
    spelled = (env.trim_blocks, env.lstrip_blocks, env.keep_trailing_newline, env.optimized, _name(env.autoescape))
    said = (f"{name} {_name(does)}" for does_all in (env.filters, env.tests) for name, does in does_all.items())
    return (bucket.key, bucket.checksum, *spelled, *sorted(env.extensions), *said)


def _name(what: object) -> str:
    return f"{getattr(what, '__module__', '')}.{getattr(what, '__qualname__', what)}"


def keep_templates() -> None:
    """From here on every Flask app of this process compiles what no app before it has."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def keep_addresses() -> None:
    """From here on a rule of the address map takes over the builder that an equal rule has compiled."""
    compile_builder: Callable[[Rule, bool], Builder] = Rule._compile_builder
    kept: dict[Kind, Builder] = {}

    def kept_builder(self: Rule, append_unknown: bool = True) -> Builder:
        if self.defaults:  # they are worked into it by the converters of their own map
            return compile_builder(self, append_unknown)
        kind = (append_unknown, self.rule, *self._trace)
        if kind not in kept:
            kept[kind] = compile_builder(self, append_unknown)
        return kept[kind]  # a function yet to be bound to the rule

    Rule._compile_builder = kept_builder  # type: ignore[method-assign]


def empty_center(settings: Settings) -> None:
    """Lays a database with the center's schema and nothing in it where these settings want one; not where there is one, nor
    for PostgreSQL (`tests.postgres` has a template of its own).
    """
    file = Path(settings.url.removeprefix("sqlite:///"))
    if settings.url.startswith("sqlite") and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty_center())


@functools.cache
def _empty_center() -> bytes:
    """Made by the center's own migrations, once."""
    from center.settings import Settings
    from center.store import Store

    with tempfile.TemporaryDirectory(prefix="empty-") as folder:
        settings = Settings(data_dir=Path(folder))
        store = Store(settings.url)
        store.create()
        store.engine.dispose()
        return Path(settings.url.removeprefix("sqlite:///")).read_bytes()
