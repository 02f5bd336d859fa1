"""Which version of the program this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def app_version() -> str:
    """The installed version; 0 where the program runs from its source alone."""
    try:
        return version("honorcard-kiosk")
    except PackageNotFoundError:
        return "0"
