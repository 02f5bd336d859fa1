"""What a page needs that is shown on another machine than the kiosk itself: phones and tablets on a hosted kiosk's Wi-Fi.

`by_wifi` for every template: such a page says when the kiosk cannot be reached (static/js/line.js) and can be installed. There is
no store of applications in the browser: what is not on the kiosk is on the page.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from flask.sansio.app import App
from flask_babel import gettext

from kiosk import current
from web.assets import STATIC, static_url

bp = Blueprint("hosting", __name__)

BY_WIFI = ("hosted", "training")
PACKED = (".js", ".css", ".svg", ".wasm")


@bp.record_once
def _tell(state: Any) -> None:
    app: App | Flask = state.app

    @app.context_processor
    def _by_wifi() -> dict[str, Any]:
        return {"by_wifi": current.settings().profile in BY_WIFI}


@bp.after_app_request
def _smaller(answer: Response) -> Response:
    """Scripts, drawings and the code reader go gzipped: no proxy stands before a kiosk. Pages do not, they hold tokens (BREACH)."""
    name = request.path.removeprefix("/static/")
    if name == request.path or answer.status_code != 200 or "gzip" not in request.headers.get("Accept-Encoding", ""):
        return answer
    if not name.endswith(PACKED) or "Content-Encoding" in answer.headers:
        return answer
    path = STATIC / name
    answer.direct_passthrough = False
    answer.set_data(_packed(path, path.stat().st_mtime_ns))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("ETag", None)
    answer.vary.add("Accept-Encoding")
    return answer


@lru_cache(maxsize=256)
def _packed(path: Path, _changed_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone asks before it puts the kiosk among its apps."""
    icon = {"src": static_url("icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    answer = jsonify(
        {
            "id": "/", "start_url": "/", "scope": "/", "display": "standalone", "name": gettext("榮譽卡服務站"),
            "short_name": gettext("榮譽卡"), "lang": "zh-Hant-TW", "background_color": "#ffffff", "theme_color": "#0c2143",
            "icons": [{**icon, "purpose": "any"}, {**icon, "purpose": "maskable"}],
        }
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer
