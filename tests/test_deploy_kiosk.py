"""The kiosk's installation: into an empty folder as if it were a machine, again, and what --check finds when it is broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALL = ROOT / "deploy" / "kiosk-install.sh"
SCREEN = ROOT / "deploy" / "kiosk" / "screen.sh"


def install(machine: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(INSTALL), "--root", str(machine), *words], capture_output=True, text=True)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    machine = tmp_path_factory.mktemp("machine")
    assert install(machine, "--check").returncode == 1  # nothing is there yet
    assert not list(machine.iterdir())  # and looking made nothing
    done = install(machine, "--rotate", "90")
    assert done.returncode == 0, done.stderr
    return machine


def test_everything_is_where_it_is_looked_for(installed):
    current = installed / "opt/honorcard/current"
    assert (current / "cli.py").is_file()
    assert current.resolve().parent.name == "versions"
    assert os.access(current / "deploy/kiosk/screen.sh", os.X_OK)
    assert not (current / ".git").exists()
    for unit in (ROOT / "deploy/kiosk").glob("*.service"):
        assert (installed / "etc/systemd/system" / unit.name).read_bytes() == unit.read_bytes()
    assert "ROTATE=90" in (installed / "etc/honorcard/screen.conf").read_text()
    assert (installed / "srv/honorcard/kiosk").stat().st_mode & 0o777 == 0o700


def test_a_second_time_changes_nothing_and_check_is_content(installed):
    again = install(installed)
    assert (again.returncode, again.stderr) == (0, "")
    assert install(installed, "--check", "--rotate", "90").returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "etc/systemd/system/honorcard-screen.service", "etc/chromium/policies/managed/honorcard.json",
        "etc/systemd/system/ctrl-alt-del.target",
        "opt/honorcard/current", "etc/honorcard/screen.conf", "etc/systemd/logind.conf.d/honorcard.conf",
    ],
)  # fmt: skip
def test_what_is_gone_is_named_and_put_back(installed, path):
    (installed / path).unlink()
    found = install(installed, "--check")
    assert found.returncode == 1
    assert path in found.stderr or Path(path).name in found.stderr
    assert not (installed / path).exists()
    assert install(installed, "--rotate", "90").returncode == 0
    assert install(installed, "--check", "--rotate", "90").returncode == 0


def test_a_setting_of_the_screen_that_somebody_made_stays(installed):
    conf = installed / "etc/honorcard/screen.conf"
    conf.write_text(conf.read_text().replace("OUTPUT=", "OUTPUT=DSI-1"))
    assert install(installed).returncode == 0
    assert "OUTPUT=DSI-1" in conf.read_text()


@pytest.mark.parametrize("words", [["--rotate", "45"], ["--nonsense"]])
def test_what_it_does_not_know_is_refused(tmp_path, words):
    assert install(tmp_path, *words).returncode == 2
    assert not list(tmp_path.iterdir())


def test_the_browser_may_go_nowhere_else_and_use_the_camera_here():
    policy = json.loads((ROOT / "deploy/kiosk/chromium-policy.json").read_text())
    assert policy["URLBlocklist"] == ["*"]
    assert "http://127.0.0.1:8100" in policy["URLAllowlist"]
    assert policy["VideoCaptureAllowedUrls"] == ["http://127.0.0.1:8100"]
    assert policy["DeveloperToolsAvailability"] == 2


def test_printing_without_asking_and_papers_over_the_page_are_not_forbidden_by_the_policy():
    """--kiosk-printing goes through Chromium's own pages, which a list of everything forbidden would hold up."""
    policy = json.loads((ROOT / "deploy/kiosk/chromium-policy.json").read_text())
    assert "--kiosk-printing" in SCREEN.read_text()
    assert {"chrome://print", "chrome-untrusted://print"} <= set(policy["URLAllowlist"])
    assert any(address.startswith("chrome-extension://") for address in policy["URLAllowlist"])  # shows a PDF
    assert policy["PrintingEnabled"] and policy["PrintPreviewUseSystemDefaultPrinter"]
    assert "PrintPreviewDisabled" not in policy  # prints by the preview that it does not show


def test_the_screen_waits_for_the_kiosk_then_shows_it_turned(tmp_path):
    """With stand-ins for the programs that a machine without a screen cannot run."""
    tools, told = tmp_path / "bin", tmp_path / "told"
    tools.mkdir()
    stand_ins = {
        "curl": f'[ -e {tmp_path}/up ] && exit 0; touch {tmp_path}/up; exit 7', "sleep": "exit 0",
        "wlr-randr": f'[ $# = 0 ] && echo "HDMI-A-1 \\"Screen\\"" || echo "turn $*" >> {told}',
        "browser": f'echo "show $*" >> {told}',
    }  # fmt: skip
    for name, words in stand_ins.items():
        (tools / name).write_text(f"#!/bin/sh\n{words}\n")
        (tools / name).chmod(0o755)
    conf = tmp_path / "screen.conf"
    shutil.copy(ROOT / "deploy/kiosk/screen.conf", conf)
    conf.write_text(conf.read_text().replace("ROTATE=normal", "ROTATE=270"))
    said = {
        "PATH": f"{tools}:{os.environ['PATH']}", "HONORCARD_BROWSER": str(tools / "browser"), "HONORCARD_SCREEN_CONF": str(conf),
        "XDG_RUNTIME_DIR": str(tmp_path),
    }  # fmt: skip
    assert subprocess.run([str(SCREEN)], env=said, capture_output=True).returncode == 0
    turned, shown = told.read_text().splitlines()
    assert turned == "turn --output HDMI-A-1 --transform 270"
    for word in (
        "--kiosk",
        "--app=http://127.0.0.1:8100/",
        "--kiosk-printing",
        "--noerrdialogs",
        "--hide-crash-restore-bubble",
    ):
        assert word in shown.split()
