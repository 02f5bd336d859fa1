"""`honorcard device`: one-time codes, enrolling a tablet, the list of tablets."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from honorcard.problems import ProblemError


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser("device", help="enrol tablets")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    code = verbs.add_parser("code", help="at the center: a one-time code for one tablet (15 minutes)")
    code.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    code.add_argument("--unit", required=True, help="code of the utilisation unit")
    code.add_argument("--site", default="", help="where the tablet will stand")
    code.add_argument("--profile", default="staff", help="staff, public, verifier, hosted or training")
    code.set_defaults(run=_told(new_code))

    enrol = verbs.add_parser("enrol", help="on the tablet: introduce it to the center")
    enrol.add_argument("--dir", type=Path, default=Path("var/kiosk"), help="the kiosk's data folder")
    enrol.add_argument("--center", required=True, help="the center's address, https://…")
    enrol.add_argument("--code", required=True, help="the one-time code")
    enrol.add_argument("--name", default="", help="what this tablet is called, on its screen and at the center")
    enrol.set_defaults(run=_told(enrol_here))

    rescue = verbs.add_parser("rescue", help="on the tablet: save everything sealed as one file for the center")
    rescue.add_argument("file", type=Path, help="where to, for example /media/stick/today.hcrescue")
    rescue.add_argument("--dir", type=Path, default=Path("var/kiosk"), help="the kiosk's data folder")
    rescue.set_defaults(run=_told(save_rescue))

    recover = verbs.add_parser(
        "recover", help="on the tablet: take sealed operations over from an old database or a copy"
    )
    recover.add_argument("database", type=Path, help="the old file; `set-aside` in the data folder has those set aside")
    recover.add_argument("--dir", type=Path, default=Path("var/kiosk"), help="the kiosk's data folder")
    recover.set_defaults(run=_told(recover_here))

    listing = verbs.add_parser("list", help="at the center: all tablets, one JSON object a line")
    listing.add_argument("--dir", type=Path, default=Path("var/center"), help="the center's data folder")
    listing.set_defaults(run=_told(show))


def new_code(arguments: argparse.Namespace) -> int:
    """Prints a fresh code."""
    from center.devices import new_code as make
    from center.settings import load
    from center.store import Store, accounts

    store = Store(load(arguments.dir).url)
    store.create()
    with store.read() as conn:
        unit = next((unit for unit in accounts.units(conn) if unit.code == arguments.unit), None)
    if unit is None:
        raise ProblemError("enrol_unit_unknown", unit=arguments.unit)
    print(make(store, unit.unit_id, arguments.site, arguments.profile, datetime.now(UTC)))
    return 0


def enrol_here(arguments: argparse.Namespace) -> int:
    """Enrols this machine's kiosk and prints where it belongs, and the fingerprint to compare."""
    from kiosk.enrolment import enrol
    from kiosk.settings import load

    settings = load(arguments.dir)
    store = _store_of(settings)
    enrolled = enrol(settings, store, arguments.center, arguments.code, arguments.name)
    print(
        json.dumps(
            {
                "device_id": enrolled.device_id,
                "unit": enrolled.unit,
                "profile": enrolled.profile,
                "fingerprint": enrolled.fingerprint,
            },
            ensure_ascii=False,
        )
    )
    return 0


def save_rescue(arguments: argparse.Namespace) -> int:
    """Writes the rescue file and prints what is in it."""
    from kiosk import rescuing

    settings, store = _kiosk(arguments.dir)
    try:
        made = rescuing.save(store, settings, arguments.file, datetime.now(UTC))
    except OSError as error:
        print(
            f"存不進 {arguments.file}：{error.strerror}\nCannot write {arguments.file}: {error.strerror}",
            file=sys.stderr,
        )
        return 1
    line = {
        "file": str(arguments.file),
        "operations": made.operations,
        "photos": made.photos,
        "left_out": made.left_out,
    }
    print(json.dumps(line, ensure_ascii=False))
    return 0


def recover_here(arguments: argparse.Namespace) -> int:
    """Takes the sealed operations over and prints how many; photographs that lie beside a copy too."""
    from kiosk.store import data_key
    from kiosk.store.opening import recover
    from sync import blobs

    settings, store = _kiosk(arguments.dir)
    if not arguments.database.is_file():
        print(f"找不到 {arguments.database}\nThere is no {arguments.database}", file=sys.stderr)
        return 1
    photos = 0
    for path in (arguments.database.parent / "blobs").glob("??/??/*"):
        if blobs.intact(arguments.database.parent / "blobs", path.name) and not blobs.intact(
            settings.blobs_dir, path.name
        ):
            blobs.put(settings.blobs_dir, path.read_bytes())
            photos += 1
    done = recover(store, arguments.database, data_key(settings.key_file))
    line = {"operations": done.operations, "rows": done.rows, "photos": photos, "unreadable": done.unreadable}
    print(json.dumps(line, ensure_ascii=False))
    return 0 if done.whole else 1


def _kiosk(folder: Path) -> tuple[Any, Any]:
    """Settings and store of the kiosk there. ProblemError `device_not_enrolled` where there is none."""
    from kiosk.settings import load

    settings = load(folder)
    if not settings.database.exists():
        raise ProblemError("device_not_enrolled")
    return settings, _store_of(settings)


def _store_of(settings: Any) -> Any:
    """The kiosk's store; asks for the passphrase where its key is wrapped. ProblemError `passphrase_wrong`."""
    from getpass import getpass

    from kiosk.pins import boot_clock
    from kiosk.store import Store, data_key, keys

    if not keys.is_open(settings.key_file):
        wait = keys.open_with(settings.key_file, getpass("開機密語 passphrase: "), boot_clock)
        if wait:
            raise ProblemError("passphrase_wrong")
    return Store(settings.database, data_key(settings.key_file))


def show(arguments: argparse.Namespace) -> int:
    """Prints every tablet with the fingerprint its own screen shows."""
    from center import keyring
    from center.settings import load
    from center.store import Store, devices
    from sync.device import fingerprint

    settings = load(arguments.dir)
    store = Store(settings.url)
    store.create()
    center_key = keyring.sealing_public(settings)
    with store.read() as conn:
        found = devices.everyone(conn)
    for device in found:
        line = {
            "device_id": device.device_id,
            "name": device.name,
            "unit": device.unit,
            "profile": device.profile,
            "fingerprint": fingerprint(device.sign_key, device.seal_key, center_key),
            "enrolled": _moment(device.enrolled_ms),
            "seen": _moment(device.seen_ms),
            "disabled": _moment(device.disabled_ms),
            "alarm": device.alarm,
        }
        print(json.dumps(line, ensure_ascii=False))
    return 0


def _moment(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def _told(run: Any) -> Any:
    """The command, with a problem told in both languages and exit status 1."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            return int(run(arguments))
        except ProblemError as problem:
            print(f"{problem.sentence('zh')}\n{problem.sentence('en')}", file=sys.stderr)
            return 1

    return told
