"""What is known of the demo in a folder: accounts, PIN, how far it was made. Kept in `demo.json` (mode 0600)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import msgspec

from honorcard.typed import read_json

FILE = "demo.json"
CARDS = "sample-cards"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the sample center."""

    role: str
    name: str
    password: str


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """The sample data as a person needs to know it."""

    accounts: tuple[Account, ...]
    unit_id: str
    pin: str
    made_on: str
    has_kiosk: bool = False


def open_demo(folder: Path) -> Demo | None:
    """The demo in that folder; None when there is none yet, or its center was not finished."""
    try:
        found: Demo = read_json((folder / FILE).read_bytes(), Demo)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return found


def keep(folder: Path, demo: Demo) -> Demo:
    """Writes it down, whole or not at all."""
    draft = folder / f".{FILE}.new"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(demo)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / FILE)
    return demo


def sign_in_by_password(folder: Path) -> None:
    """The sample center's accounts sign in with name and password, also in a demo that was made before there were second
    factors; what somebody has set there since is left alone.
    """
    from center.settings import FILE as SETTINGS
    from center.settings import load, save

    said = (folder / "center" / SETTINGS).read_bytes()
    if "second_factor" not in read_json(said, dict[str, object]):
        save(replace(load(folder / "center"), second_factor=()))


def point_kiosk_at(folder: Path, center_url: str) -> None:
    """Tells the kiosk where the center listens today; while the kiosk is not running."""
    from kiosk.settings import load, save
    from kiosk.store import Store, data_key, syncing

    settings = load(folder / "kiosk")
    if settings.center_url != center_url:
        save(replace(settings, center_url=center_url))
    store = Store(settings.database, data_key(settings.key_file))
    with store.write() as db:
        syncing.move_center(db, center_url)
    store.close()
