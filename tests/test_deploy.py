"""What lies in deploy/ can be run as it stands: units that systemd understands, settings and commands that exist, proxies that
pass on what tablets sign.
"""

from __future__ import annotations

import argparse
import configparser
import json
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

import cli
from center.settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
UNITS = sorted([*DEPLOY.rglob("*.service"), *DEPLOY.rglob("*.timer")])
NGINX = sorted(DEPLOY.rglob("nginx.conf"))
SECTIONS = {"Unit", "Service", "Install", "Timer"}
# what systemd knows of what we use: a misspelt one is ignored by it, and a door stays open
KNOWN = {
    "Description", "After", "Wants", "RequiresMountsFor", "ConditionPathIsMountPoint", "PartOf", "User", "Group", "UMask",
    "ExecStart", "Restart", "RestartSec", "TimeoutStopSec", "TimeoutStartSec", "StateDirectoryMode", "ReadWritePaths",
    "ReadOnlyPaths", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectHostname",
    "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups", "ProtectProc",
    "NoNewPrivileges", "CapabilityBoundingSet", "AmbientCapabilities", "RestrictAddressFamilies", "RestrictNamespaces",
    "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality", "RemoveIPC", "SystemCallArchitectures", "SystemCallFilter",
    "LimitNOFILE", "MemoryMax", "WantedBy", "Type", "Nice", "IOSchedulingClass", "OnCalendar", "RandomizedDelaySec",
    "Persistent", "EnvironmentFile", "Conflicts", "PAMName", "TTYPath", "TTYReset", "TTYVHangup", "TTYVTDisallocate",
    "StandardInput", "UtmpIdentifier", "UtmpMode",
}  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(DEPLOY))


def entries(unit: Path) -> list[tuple[str, str, str]]:
    """(section, name, value) of a unit's lines."""
    found, section = [], ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line.strip() and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.append((section, name, value))
    return found


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_a_unit_says_only_what_systemd_knows(unit: Path) -> None:
    found = entries(unit)
    assert {section for section, _, _ in found} <= SECTIONS
    assert {name for _, name, _ in found} <= KNOWN


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=name_of)
def test_a_service_runs_a_command_that_there_is(unit: Path) -> None:
    (started,) = (value for _, name, value in entries(unit) if name == "ExecStart")
    words = started.split()
    if not words[0].endswith("/honorcard"):
        assert words[0] == "/usr/bin/cage"
        assert (DEPLOY.parent / words[-1].removeprefix("/opt/honorcard/current/")).stat().st_mode & 0o111
        return
    parser = argparse.ArgumentParser(exit_on_error=False)
    import_module(f"commands.{cli.COMMANDS[words[1]]}").add(parser.add_subparsers())
    asked = parser.parse_args([word.replace("%i", "8201") for word in words[1:]])
    written = {path for _, name, value in entries(unit) if name == "ReadWritePaths" for path in value.split()}
    assert str(asked.dir) in written  # everything else is read-only to it
    assert ("Service", "NoNewPrivileges", "true") in entries(unit)


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_systemd_itself_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    """With the program where the unit says: a stand-in, since nothing is installed there while tests run."""
    tool = shutil.which("systemd-analyze")
    if tool is None:  # then the tests above are what holds it
        assert entries(unit)
        return
    for other in UNITS:
        text = other.read_text(encoding="utf-8").replace("/opt/honorcard/.venv/bin/honorcard", "/bin/true")
        text = text.replace("/opt/honorcard/current/.venv/bin/honorcard", "/bin/true")
        text = text.replace("/usr/bin/cage", "/bin/true").replace("Group=honorcard\n", "")
        who = pwd.getpwuid(os.geteuid()).pw_name
        (tmp_path / other.name).write_text(re.sub("User=honorcard.*", f"User={who}", text), encoding="utf-8")
    name = unit.name.replace("@.", "@8201.")
    if name != unit.name:
        (tmp_path / name).write_bytes((tmp_path / unit.name).read_bytes())
    done = subprocess.run(
        [tool, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / name)], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if unit.stem.split("@")[0] in line]
    assert not said, "\n".join(said)


@pytest.mark.parametrize("file", sorted(DEPLOY.rglob("center.json")), ids=name_of)
def test_settings_are_settings(file: Path) -> None:
    said = json.loads(file.read_text(encoding="utf-8"))
    assert set(said) <= {field.name for field in fields(Settings)} - {"data_dir"}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    made = Settings(data_dir=Path("x"), **values)
    assert (made.secure_cookies, made.trusted_proxies, made.log) == (True, 1, "json")
    assert ":" not in made.database_url.partition("//")[2].partition("@")[0]  # no password in a file that is copied about


@pytest.mark.parametrize("file", NGINX, ids=name_of)
def test_nginx_passes_on_what_tablets_sign_and_logs_no_address(file: Path) -> None:
    text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    places = re.findall(r"location [^{]*\{([^}]*)\}", text)
    passing = [place for place in places if "proxy_pass" in place]
    assert passing
    assert all("proxy_set_header Host $http_host;" in place for place in passing)
    assert "access_log off;" in text
    assert all(line.rstrip().endswith((";", "{", "}")) for line in text.splitlines() if line.strip())
    assert "location = /metrics" in text


def test_nginx_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    tool = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if tool is None:  # then the test above is what holds it
        assert NGINX
        return
    for number, file in enumerate(NGINX):
        text = re.sub(r"(?m)^\s*(ssl_certificate|ssl_certificate_key|listen) .*$", "", file.read_text(encoding="utf-8"))
        whole = tmp_path / f"{number}.conf"
        whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}\n}}\n", encoding="utf-8")
        done = subprocess.run([tool, "-t", "-q", "-c", str(whole)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_caddy_passes_on_what_tablets_sign_and_logs_no_address() -> None:
    file = DEPLOY / "one-machine/Caddyfile"
    text = re.sub(r"(?m)^\s*#.*$", "", file.read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    assert "header_up Host" not in text  # Caddy's own way is to pass it on unchanged
    assert re.search(r"log \{\s*output discard\s*\}", text)
    assert "respond @numbers 404" in text
    tool = shutil.which("caddy")
    if tool is not None:
        done = subprocess.run([tool, "validate", "--adapter", "caddyfile", "--config", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_pooler_keeps_sessions() -> None:
    read = configparser.ConfigParser()
    read.read(DEPLOY / "city/pgbouncer.ini", encoding="utf-8")
    assert read["pgbouncer"]["pool_mode"] == "session"
    assert "options" in read["pgbouncer"]["ignore_startup_parameters"].split(",")


def test_the_database_logs_no_values() -> None:
    text = (DEPLOY / "city/postgresql.conf").read_text(encoding="utf-8")
    for line in ("log_statement = none", "log_parameter_max_length = 0", "log_parameter_max_length_on_error = 0"):
        assert line in text
