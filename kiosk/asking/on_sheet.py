"""Where somebody who puts an application aside goes: to the unit's sheet it stands on, or home."""

from __future__ import annotations

from typing import Any

from flask import url_for

from kiosk import guard
from kiosk.asking import drafted
from kiosk.store import application_sheets


def way_out(application_id: str) -> dict[str, Any]:
    """`sheet`: the sheet, for staff alone, else None; `away`: the address."""
    sheet = None
    if guard.is_unlocked():
        with drafted.store().read() as db:
            sheet = application_sheets.of_application(db, application_id)
    away = url_for("application_sheets.show", sheet_id=sheet.sheet_id) if sheet else url_for("home.show")
    return {"sheet": sheet, "away": away}
