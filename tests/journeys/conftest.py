"""The sample city, made once for all journeys: a seeded center, an enrolled kiosk, a printer; and a picture on failure."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from commands import demo_setup
from commands.demo_state import CARDS, Demo
from commands.progress import Progress
from tests.journeys.stage import Camera, Server, free_port


@dataclass
class City:
    """Both servers, the sample accounts, the folder with the sample cards, the camera's file."""

    folder: Path
    demo: Demo
    center: Server
    kiosk: Server
    camera: Camera

    def account(self, role: str) -> tuple[str, str]:
        """Name and password of the first sample account of a role."""
        found = next(account for account in self.demo.accounts if account.role == role)
        return found.name, found.password

    @property
    def sample_cards(self) -> Path:
        """Sheets and pictures of a valid, an expired, a revoked and a forged card."""
        return self.folder / CARDS


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A center and a kiosk with the demo's own data, running as processes of their own."""
    folder = tmp_path_factory.mktemp("city")
    with (folder / "progress.log").open("w", encoding="utf-8") as log:
        progress = Progress(log)
        demo = demo_setup.make_center(folder, progress)
        center = Server("center", folder / "center", free_port())
        kiosk = Server("kiosk", folder / "kiosk", free_port())
        try:
            center.start()
            demo = demo_setup.make_kiosk(folder, demo, center.url, progress)
            from kiosk.settings import load, save

            save(replace(load(folder / "kiosk"), sync_every_s=0.5))
            kiosk.start()
            yield City(folder, demo, center, kiosk, Camera(folder / "camera.mjpeg"))
        finally:
            kiosk.stop()
            center.stop()
            shutil.rmtree(folder / "pictures", ignore_errors=True)
