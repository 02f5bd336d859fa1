"""The kiosk's pages: time inside the server, and the tablet's commit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.timing import HEAD, measure, row
from kiosk import create_app
from kiosk.settings import Settings


def run() -> None:
    """Prints the table."""
    print("## Kiosk pages, server time\n" + HEAD)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        client = app.test_client()
        for path in ("/", "/verify", "/unlock"):
            assert client.get(path).status_code == 200, path
            print(row(f"GET {path}", measure(lambda where=path: client.get(where), 60)))
