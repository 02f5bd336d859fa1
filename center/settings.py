"""What one center is set to. Lives in `center.json` of its data folder; keys and passwords are not here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import msgspec

FILE = "center.json"


@dataclass(frozen=True)
class Settings:
    """Settings of a center; every one has a default that works on a single machine."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8200
    database_url: str = ""  # empty: SQLite in the data folder; postgresql+psycopg://… for a city
    jurisdiction: str = "taipei"
    card_prefix: str = "HTTPS://HC.TAIPEI/"
    allowed_hosts: tuple[str, ...] = ()
    secure_cookies: bool = False

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'center.db'}"

    @property
    def keys_dir(self) -> Path:
        """Issuer's keys (root, card, pack, sealing) and the server's own secrets, mode 0700."""
        return self.data_dir / "keys"

    @property
    def blobs_dir(self) -> Path:
        """Sealed photographs as received, by content address."""
        return self.data_dir / "blobs"

    @property
    def photos_dir(self) -> Path:
        """Opened and checked photographs, by content address."""
        return self.data_dir / "photos"

    @property
    def pack_dir(self) -> Path:
        """The published verification pack."""
        return self.data_dir / "pack"


def load(data_dir: Path) -> Settings:
    """The settings of a data folder; defaults where the file says nothing."""
    path = data_dir / FILE
    stored: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    known = {field.name for field in fields(Settings)} - {"data_dir"}
    values = {name: value for name, value in stored.items() if name in known}
    if "allowed_hosts" in values:
        values["allowed_hosts"] = tuple(values["allowed_hosts"])
    return Settings(data_dir=data_dir, **values)


def save(settings: Settings) -> None:
    """Writes the settings to their folder (whole file or nothing)."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    values = {name: value for name, value in asdict(settings).items() if name != "data_dir"}
    target = settings.data_dir / FILE
    draft = target.with_suffix(".new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(values)))
    draft.replace(target)
