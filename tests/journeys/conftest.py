"""The sample city, made once for all journeys and laid anew for each worker of a run: a seeded center and an enrolled kiosk."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from commands import demo_setup
from commands.demo_state import CARDS, Demo, keep, open_demo, point_kiosk_at
from commands.progress import Progress
from kiosk.settings import load, save
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
    demo = _laid(folder, tmp_path_factory)
    center = Server("center", folder / "center", free_port())
    kiosk = Server("kiosk", folder / "kiosk", free_port())
    try:
        center.start()
        point_kiosk_at(folder, center.url)
        save(replace(load(folder / "kiosk"), sync_every_s=0.5))
        kiosk.start()
        yield City(folder, demo, center, kiosk, Camera(folder / "camera.mjpeg"))
    finally:
        kiosk.stop()
        center.stop()


def _laid(folder: Path, factory: pytest.TempPathFactory) -> Demo:
    """The sample data in this folder: a copy of what one worker makes for all of a run, since it is a minute's drawing."""
    of_all = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_all = of_all.parent
    made = of_all / "sample-city"
    made.mkdir(exist_ok=True)
    with (made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        demo = open_demo(made)
        if demo is None or not demo.has_kiosk:
            demo = _make(made)
    for part in ("center", "kiosk", CARDS):
        shutil.copytree(made / part, folder / part)
    return keep(folder, demo)


def _make(folder: Path) -> Demo:
    with (folder / "progress.log").open("w", encoding="utf-8") as log:
        progress = Progress(log)
        demo = demo_setup.make_center(folder, progress)
        center = Server("center", folder / "center", free_port())
        try:
            center.start()
            return demo_setup.make_kiosk(folder, demo, center.url, progress)
        finally:
            center.stop()
            shutil.rmtree(folder / "pictures", ignore_errors=True)
