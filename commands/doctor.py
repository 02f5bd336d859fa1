"""`honorcard doctor`: whether this machine has what a kiosk or a center needs, a line each, and what to do where not.

`--mend` does what can be done without asking anybody: commands.doctor_mend. What a kiosk alone needs: commands.doctor_kiosk;
a host of phones: commands.doctor_host.
"""

from __future__ import annotations

import argparse
import ctypes.util
import json
import shutil
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from commands import doctor_host, doctor_kiosk, doctor_mend
from commands.doctor_finding import Finding, State, as_owner, data_owner
from sync import sqlite_build

FREE_BYTES_NEEDED = 500_000_000
RELEASED = datetime(2026, 11, 1, tzinfo=UTC)  # no clock on a working machine shows an earlier day
_FRONT_END = ("htmx.min.js", "zxing-reader.js", "zxing_reader.wasm")  # what deploy/setup.sh puts into static/vendor
SIGNS: dict[State, str] = {"good": "好 ok  ", "look": "看 look", "bad": "缺 bad "}


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser("doctor", help="check this machine")
    parser.add_argument("--dir", type=Path, default=Path(), help="data folder of a kiosk or a center")
    parser.add_argument("--printer", help="address of an IPP printer, ipp://…; else the kiosk's own")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--mend", action="store_true", help="do what can be done, and look again")
    parser.add_argument("--only", action="append", metavar="THING", help="look at this alone; may be given again")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the findings; exit status 1 when something needed is missing, after mending where that was asked."""
    worst = 0
    named = set(arguments.only or ())
    if unknown := named - set(checks(arguments.dir, arguments.printer)):
        print(f"nothing here is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    for finding in findings(arguments.dir, arguments.printer, only=named, mend=arguments.mend):
        if arguments.json:
            print(json.dumps(asdict(finding), ensure_ascii=False), flush=True)
        else:
            done = " (修好了 mended)" if finding.mended else ""
            remedy = f"  → {finding.remedy}" if finding.remedy else ""
            print(f"{SIGNS[finding.state]}  {finding.thing}: {finding.seen}{done}{remedy}", flush=True)
        worst = max(worst, 1 if finding.state == "bad" else 0)
    return worst


def checks(data_dir: Path, printer: str | None) -> dict[str, Callable[[], Finding]]:
    """Each check by its name, in order: those of every machine, then those of what lies in the data folder."""
    named: dict[str, Callable[[], Finding]] = {
        "python": _python, "sqlite": _sqlite, "fonts": _fonts, "libzbar": _libzbar, "libraries": _libraries,
        "decoder": _decoder, "camera": doctor_kiosk.camera, "clock": _clock, "clock sync": doctor_kiosk.clock_sync,
        "disk": lambda: _disk(data_dir), "front-end": _front_end,
        "printer": lambda: _printer(printer or doctor_kiosk.printer_of(data_dir)),
    }  # fmt: skip
    if (data_dir / "keys").is_dir():
        named["rights"] = lambda: doctor_kiosk.rights(data_dir)
    if doctor_kiosk.is_kiosk(data_dir):
        named |= {
            "browser": doctor_kiosk.browser,
            "port": lambda: doctor_kiosk.port(data_dir),
            "store": lambda: doctor_kiosk.store(data_dir),
            "schema": lambda: doctor_kiosk.schema(data_dir),
        }
        if doctor_host.is_host(data_dir):
            named["certificate"] = lambda: doctor_host.certificate(data_dir)
    if (data_dir / "keys" / "issuer").is_dir():
        named |= {"keys": lambda: _keys(data_dir), "issue log": lambda: _issue_log(data_dir)}
    return named


def findings(
    data_dir: Path, printer: str | None, *, only: Collection[str] = (), mend: bool = False
) -> Iterator[Finding]:
    """Each check in turn; a check that breaks is itself a finding. With `mend`, what can be mended is, and looked at again."""
    owner = data_owner(data_dir)
    for name, check in checks(data_dir, printer).items():
        if only and name not in only:
            continue
        if owner is not None and name in doctor_kiosk.OF_ITS_OWNER:
            yield from as_owner(owner, data_dir, name, mend=mend)
            continue
        finding = _look(name, check)
        if mend and finding.state != "good" and doctor_mend.mend(finding, data_dir):
            again = _look(name, check)
            finding = replace(again, mended=again.state == "good" or again != finding)
        yield finding


def _look(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:
        return Finding(name, "bad", f"{type(error).__name__}: {error}")


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return Finding(
        "python", "good" if good else "bad", sys.version.split()[0], "" if good else "install Python 3.11 or newer"
    )


def _sqlite() -> Finding:
    import sqlite3

    import sqlcipher3.dbapi2 as sqlcipher

    cipher = sqlite_build.read_version(sqlcipher.sqlite_version)
    seen = f"kiosk (SQLCipher) {sqlcipher.sqlite_version}, center (system) {sqlite3.sqlite_version}"
    if not sqlite_build.may_use_wal(cipher):
        return Finding(
            "sqlite", "bad", seen, "install sqlcipher3 0.6.4 or newer: older builds can corrupt a WAL database"
        )
    return Finding("sqlite", "good", seen)


def _fonts() -> Finding:
    from honorcard import fonts

    missing = fonts.missing_glyphs("王𡍼名夏曼‧藍波安堃")
    if missing:
        return Finding(
            "fonts",
            "look",
            f"no glyph for {missing}",
            "apt-get install fonts-noto-cjk fonts-cns11643-kai",
            mend="packages:fonts-noto-cjk fonts-cns11643-kai",
        )
    return Finding("fonts", "good", "Noto CJK and TW-Kai")


def _libzbar() -> Finding:
    if ctypes.util.find_library("zbar"):
        return Finding("libzbar", "good", "found")
    return Finding(
        "libzbar",
        "look",
        "not found: a few hard codes will not be read",
        "apt-get install libzbar0",
        mend="packages:libzbar0",
    )


def _libraries() -> Finding:
    for module in ("cv2", "dlib", "zxingcpp"):
        import_module(module)
    return Finding(
        "libraries",
        "good",
        ", ".join(f"{name} {version(name)}" for name in ("opencv-python-headless", "dlib-bin", "zxing-cpp")),
    )


def _decoder() -> Finding:
    """Makes a card's kind of QR, and reads it back through the safe decoder: camera backend, scanner and codec in one."""
    import io

    import qrcode

    from scanner import files, qr

    text = "HTTPS://HC.TAIPEI/ABCDEFGHIJKLMNOP#1234567890"
    buffer = io.BytesIO()
    qrcode.make(text).save(buffer, format="PNG")
    texts = qr.decode(files.read(buffer.getvalue()).pixels)
    return Finding(
        "decoder",
        "good" if texts == [text] else "bad",
        "a test code reads back" if texts == [text] else "does not read back",
    )


def _clock() -> Finding:
    now = datetime.now(UTC)
    if now < RELEASED:
        return Finding(
            "clock",
            "bad",
            now.isoformat(timespec="minutes"),
            "set the clock: it shows a day before this program was made",
        )
    return Finding("clock", "good", now.isoformat(timespec="minutes"))


def _disk(data_dir: Path) -> Finding:
    place = next(path for path in (data_dir.resolve(), *data_dir.resolve().parents) if path.exists())
    free = shutil.disk_usage(place).free
    seen = f"{free / 1e9:.1f} GB free"
    return (
        Finding("disk", "good", seen)
        if free > FREE_BYTES_NEEDED
        else Finding("disk", "bad", seen, "free at least 0.5 GB")
    )


def _front_end() -> Finding:
    from web.assets import STATIC

    missing = [part for part in _FRONT_END if not (STATIC / "vendor" / part).exists()]
    if not missing:
        return Finding("front-end", "good", "htmx and zxing-wasm are installed")
    return Finding("front-end", "bad", f"missing: {', '.join(missing)}", "run: deploy/setup.sh run", mend="setup")


def _keys(data_dir: Path) -> Finding:
    """The issuer's keys of the center in that folder: what its holders are to do about them."""
    from center import keyring
    from center.settings import load

    trust = keyring.trust(load(data_dir))
    due = keyring.due(load(data_dir), datetime.now(UTC))
    seen = f"list version {trust.version}"
    if not due:
        return Finding("keys", "good", f"{seen}, nothing due")
    said = ", ".join(f"{found.use} key: {found.what} by {found.by.date().isoformat()}" for found in due)
    over = any(found.what == "over" for found in due)
    return Finding("keys", "bad" if over else "look", f"{seen}; {said}", "honorcard keys list, then rotate or close")


def _issue_log(data_dir: Path) -> Finding:
    """Whether every line of the center's issue log follows from those before it, and the published list's is among them."""
    from center import keyring
    from center.settings import load
    from center.store import Store, issued
    from honorcard.card.pack import MANIFEST, Pack

    settings = load(data_dir)
    published = None
    if (settings.pack_dir / MANIFEST).exists():
        published = Pack.open(settings.pack_dir, keyring.trust(settings)).manifest.signed
    store = Store(settings.url)
    try:
        with store.read() as conn:
            broken = issued.first_broken(conn)
            known = published is None or issued.holds(conn, published.head)
            entries = issued.counted(conn, int(datetime.now(UTC).timestamp() * 1000)).entries
    finally:
        store.engine.dispose()
    if broken is not None:
        return Finding(
            "issue log",
            "bad",
            f"changed at issue number {broken}",
            "keep the database as it is, and compare with a backup",
        )
    if not known:
        return Finding(
            "issue log", "bad", "lacks what the published list says",
            "unless this center was just put back from a backup: keep the database as it is, and compare with a backup",
        )  # fmt: skip
    return Finding("issue log", "good", f"{entries} signatures, each follows from those before it")


def _printer(address: str | None) -> Finding:
    if not address:
        return Finding("printer", "look", "none named", "give --printer ipp://…, or print from the PDF")
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 631), timeout=3):
            return Finding("printer", "good", f"{parts.hostname} answers")
    except OSError:
        return Finding(
            "printer", "bad", f"{parts.hostname} does not answer", "switch it on, check the cable and the address"
        )
