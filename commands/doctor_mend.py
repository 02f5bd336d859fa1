"""What `honorcard doctor --mend` does: only what cannot lose anything and needs no decision. The rest is a person's."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from commands import doctor_kiosk
from commands.doctor_finding import SOURCE, Finding
from web.clock import system_now

SETUP = SOURCE / "deploy" / "setup.sh"


def mend(finding: Finding, data_dir: Path) -> bool:
    """Tries; whether something was done that is worth looking at again."""
    how, _, what = finding.mend.partition(":")
    if how == "rights":
        return _close(data_dir)
    if how in ("store", "schema"):
        return _open_as_at_a_start(data_dir)
    if how == "certificate":
        return _certify(data_dir)
    if how == "packages":
        return _as_root(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *what.split()])
    if how == "ntp":
        return _as_root(["timedatectl", "set-ntp", "true"])
    if how == "setup":
        return subprocess.run([str(SETUP), "run"], stdout=subprocess.DEVNULL).returncode == 0  # noqa: S603 - ours
    return False


def _close(data_dir: Path) -> bool:
    for path in doctor_kiosk.open_to_others(data_dir):
        path.chmod(path.stat().st_mode & 0o700)
    return True


def _open_as_at_a_start(data_dir: Path) -> bool:
    """As the kiosk's own start does: stepped up; what is damaged set aside, the rest taken over. Not beside a kiosk at work."""
    from kiosk.settings import load
    from kiosk.store import data_key
    from kiosk.store.opening import open_store

    if "is free" not in doctor_kiosk.port(data_dir).seen:
        return False
    settings = load(data_dir)
    os.umask(0o077)
    open_store(settings.database, data_key(settings.key_file), copies=settings.copy_dir).close()
    return True


def _certify(data_dir: Path) -> bool:
    """The host's certificate made anew by its authority, or both where that has ended. A kiosk at work does it by itself."""
    from kiosk import doors, local_ca
    from kiosk.settings import load

    if "is free" not in doctor_kiosk.port(data_dir).seen:
        return False
    settings = load(data_dir)
    (settings.lan_keys / local_ca.HOST_FILE).unlink(missing_ok=True)
    doors.identity(settings, system_now())
    return True


def _as_root(words: list[str]) -> bool:
    if os.geteuid() != 0 or shutil.which(words[0]) is None:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(words, stdout=subprocess.DEVNULL, env=quiet)  # noqa: S603 - fixed words
    return done.returncode == 0
