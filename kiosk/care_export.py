"""Diagnostics as one file: how this machine stands, for whoever helps from afar.

Made of counts, moments, codes and versions alone, named one by one: no name, number, receipt, file name or address of a person
can get into it. A printer's address goes without whoever may sign in there.
"""

from __future__ import annotations

import platform
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kiosk import care_checks
from kiosk.settings import Settings
from kiosk.store import Store, alarms, syncing
from kiosk.version import app_version

FORMAT = 1


def document(store: Store, settings: Settings, moment: datetime) -> bytes:
    """The file: JSON, indented, UTF-8. `checks` are those of the page, by state alone."""
    at_ms = int(moment.timestamp() * 1000)
    with store.read() as db:
        facts, trouble = syncing.facts(db, at_ms), syncing.trouble(db)
        here, standing = syncing.membership(db), alarms.standing(db)
    power, disk = care_checks.battery(), shutil.disk_usage(settings.data_dir)
    said: dict[str, Any] = {
        "format": FORMAT,
        "made_at": moment.isoformat(timespec="seconds"),
        "program": {
            "version": app_version(), "python": platform.python_version(), "sqlite": store.sqlite_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        },
        "machine": {"device_id": here.device_id if here else None, "profile": settings.profile},
        "settings": {
            "jurisdiction": settings.jurisdiction, "print_paper": settings.print_paper,
            "printer": without_secrets(settings.printer_uri),
            "center": without_secrets(here.center_url if here else settings.center_url),
            "key_custody": settings.key_custody,
            "copies": bool(settings.copy_dir), "idle_lock_s": settings.idle_lock_s,
        },
        "checks": {one.thing: one.state or "unknown" for one in care_checks.checks(store, settings, moment)},
        "sync": {
            "line": facts.line, "unsent": facts.unsent, "photos_left": facts.photos_left, "oldest_ms": facts.oldest_ms,
            "last_sync_ms": facts.last_sync_ms, "thread_replaced": trouble.replaced, "min_app": trouble.min_app,
            "offered_again": trouble.offered_again,
        },
        "disk": {"free_bytes": disk.free, "total_bytes": disk.total},
        "battery": {"percent": power.percent, "charging": power.charging} if power else None,
        "alarms": [{"kind": one.kind, "at_ms": one.at_ms} for one in standing],
        "cameras": len(list(Path("/dev").glob("video*"))),
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(said), indent=2)


def without_secrets(address: str) -> str:
    """An address without user, password, query and fragment."""
    parts = urlsplit(address)
    return address if not parts.netloc else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
