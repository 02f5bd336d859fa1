"""Settings of an app as one JSON file of its data folder: unknown members are left alone, written whole or not at all."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import msgspec

SettingsT = TypeVar("SettingsT")


def load(kind: type[SettingsT], data_dir: Path, file: str) -> SettingsT:
    """The settings of a data folder: what the file says, defaults where it says nothing. `kind` is a dataclass."""
    path = data_dir / file
    stored: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    known = {field.name for field in fields(kind)} - {"data_dir"}  # type: ignore[arg-type]
    # JSON knows lists only; settings are frozen and hold tuples
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items() if name in known}
    return kind(data_dir=data_dir, **values)  # type: ignore[call-arg]


def save(settings: Any, data_dir: Path, file: str) -> None:
    """Writes the settings to their folder."""
    data_dir.mkdir(parents=True, exist_ok=True)
    values = {name: value for name, value in asdict(settings).items() if name != "data_dir"}
    target = data_dir / file
    draft = target.with_suffix(".new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(values)))
    draft.replace(target)
