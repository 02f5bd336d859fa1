"""The checks of `honorcard doctor` about a kiosk: browser, camera, clock, port, rights of the files, database and its schema."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from commands.doctor_finding import Finding
from kiosk.settings import FILE, Settings, load

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DEVICES = Path("/dev")
SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
OF_ITS_OWNER = ("store", "schema", "certificate")  # they open the database, or write keys
ANSWER_S = 3.0


def is_kiosk(data_dir: Path) -> bool:
    """Whether a kiosk's data lies there."""
    return (data_dir / FILE).exists() or (data_dir / "kiosk.db").exists()


def printer_of(data_dir: Path) -> str | None:
    """The printer the kiosk there is set to."""
    return load(data_dir).printer_uri if (data_dir / FILE).exists() else None


def browser() -> Finding:
    """Something to show the page with."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found:
        return Finding("browser", "good", found)
    return Finding(
        "browser",
        "look",
        "no Chromium: other machines' browsers still work",
        "apt-get install chromium",
        mend="packages:chromium",
    )


def camera() -> Finding:
    """A camera, and the right to use it."""
    devices = sorted(DEVICES.glob("video*"))
    if not devices:
        return Finding(
            "camera",
            "look",
            "none on this machine",
            "a browser with a camera, or photographs from files, serve as well",
        )
    named = ", ".join(map(str, devices))
    if not any(os.access(path, os.R_OK | os.W_OK) for path in devices):
        return Finding(
            "camera", "look", f"{named}, but not for this account", "add the account of the screen to the group video"
        )
    return Finding("camera", "good", named)


def clock_sync() -> Finding:
    """Whether the clock is set by the network."""
    if SYNCHRONIZED.exists():
        return Finding("clock sync", "good", "set by the network")
    tool = shutil.which("timedatectl")
    if tool:
        done = subprocess.run(  # noqa: S603 - fixed words
            [tool, "show", "-p", "NTPSynchronized", "--value"], capture_output=True, text=True, timeout=10
        )
        if done.stdout.strip() == "yes":
            return Finding("clock sync", "good", "set by the network")
    return Finding(
        "clock sync",
        "look",
        "not set by the network: cards at the gate may read amber",
        "timedatectl set-ntp true",
        mend="ntp",
    )


def port(data_dir: Path) -> Finding:
    """The kiosk's port: free, or the kiosk's own."""
    settings = load(data_dir)
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104 - compared, not bound
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(ANSWER_S)
        if probe.connect_ex((host, settings.port)) != 0:
            return Finding("port", "good", f"{settings.port} is free: the kiosk is not running")
    told = _healthz(host, settings.port)
    if told is None:
        return Finding(
            "port", "bad", f"another program listens on {settings.port}", "stop it, or start the kiosk with --port"
        )
    return Finding("port", "good", f"the kiosk answers on {settings.port}, version {told}")


def _healthz(host: str, number: int) -> str | None:
    name = f"[{host}]" if ":" in host else host
    try:
        with urllib.request.urlopen(f"http://{name}:{number}/healthz", timeout=ANSWER_S) as answer:
            told = json.loads(answer.read(100_000))
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return str(told.get("version", "")) if isinstance(told, dict) and "queue" in told else None


def open_to_others(data_dir: Path) -> list[Path]:
    """Files and folders of keys and the database that other accounts of the machine could read."""
    watched = [data_dir / "keys", *(data_dir / "keys").rglob("*"), *data_dir.glob("*.db*")]
    return [
        path
        for path in watched
        if path.exists() and not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def rights(data_dir: Path) -> Finding:
    """Keys and database are for their own account alone."""
    found = open_to_others(data_dir)
    if not found:
        return Finding("rights", "good", "keys and database are for their own account alone")
    named = ", ".join(str(path.relative_to(data_dir)) for path in found[:5])
    return Finding("rights", "bad", f"others can read {named}", "chmod -R go= on them", mend="rights")


def store(data_dir: Path) -> Finding:
    """Every page of the database is what was written."""
    from kiosk.store.inspecting import inspect

    settings = load(data_dir)
    key = _key(settings)
    if isinstance(key, Finding):
        return key
    damage = inspect(settings.database, key).damage
    if not damage:
        return Finding("store", "good", "the database is whole")
    return Finding(
        "store", "bad", f"the database is damaged: {damage[:120]}",
        "start the kiosk: it sets the file aside and takes over what is whole; then replace the disk", mend="store",
    )  # fmt: skip


def schema(data_dir: Path) -> Finding:
    """The database is of this program's version."""
    from kiosk.store.inspecting import inspect

    settings = load(data_dir)
    key = _key(settings)
    if isinstance(key, Finding):
        return Finding("schema", key.state, key.seen, key.remedy)
    found = inspect(settings.database, key)
    if found.damage:
        return Finding("schema", "look", "cannot be read: see store")
    if found.ahead:
        return Finding(
            "schema", "look", f"a newer program has been here: {', '.join(found.ahead)[:200]}",
            "install that version again; this one works on, without what is new",
        )  # fmt: skip
    if found.behind:
        return Finding(
            "schema",
            "look",
            f"{len(found.behind)} steps behind",
            "start the kiosk: it steps up by itself",
            mend="schema",
        )
    return Finding("schema", "good", "up to date")


def _key(settings: Settings) -> bytes | Finding:
    from kiosk.store import keys

    if not settings.database.exists():
        return Finding("store", "good", "none yet: the first start makes it")
    if keys.is_wrapped(settings.key_file):
        return Finding(
            "store", "look", "locked: its passphrase is typed at the start", "start the kiosk: it checks by itself"
        )
    if not settings.key_file.exists():
        return Finding(
            "store", "bad", "its key file is gone: nothing in it can be read",
            "put keys/data.key back; what was sent lies at the center, what was not is lost with the key",
        )  # fmt: skip
    return settings.key_file.read_bytes()
