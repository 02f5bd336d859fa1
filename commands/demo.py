"""`honorcard demo`: a center and a kiosk with sample data on this machine, until told to stop.

The first start makes everything (demo_setup); every later one finds it and keeps what was done. One demo a folder at
a time.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

from commands import children
from commands.children import Child, ChildDied
from commands.demo_state import CARDS, Demo, open_demo, point_kiosk_at, sign_in_by_password
from commands.progress import Progress, Stopped
from commands.serve import PRIVATE

KIOSK_PORT, CENTER_PORT = 8100, 8200
START_S = 60.0
_DOCS = {
    "unit_officer": "運用單位承辦人　unit officer",
    "first_reviewer": "初審　first reviewer",
    "second_reviewer": "複審　second reviewer",
    "administrator": "管理者　administrator",
    "auditor": "稽核　auditor",
    "venue": "優惠場所　venue",
}


def add(subparsers: Any) -> None:
    """Adds the subcommand."""
    parser: argparse.ArgumentParser = subparsers.add_parser("demo", help="a center and a kiosk with sample data")
    parser.add_argument("--dir", type=Path, default=Path("var/demo"), help="data folder (default: var/demo)")
    parser.add_argument("--kiosk-port", type=int, help=f"port of the kiosk (default: {KIOSK_PORT}, or a free one)")
    parser.add_argument("--center-port", type=int, help=f"port of the center (default: {CENTER_PORT}, or a free one)")
    parser.add_argument("--json", action="store_true", help="say where everything is as one line of JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Starts both, says where they are, and stays until it is told to stop or one of them ends."""
    os.umask(PRIVATE)
    folder: Path = arguments.dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder) as alone:
        if not alone:
            return _refuse(f"這個資料夾已有示範在執行：{folder}", f"A demo is already running in {folder}.")
        ports = _ports(arguments.kiosk_port, arguments.center_port)
        if isinstance(ports, str):
            return _refuse(f"埠號 {ports} 已被占用，請換一個", f"Port {ports} is in use. Please choose another one.")
        return _run(folder, *ports, as_json=arguments.json)


def _run(folder: Path, kiosk_port: int, center_port: int, *, as_json: bool) -> int:
    stopping = _stop_on_signals()
    running: list[Child] = []
    progress = Progress(sys.stderr if as_json else sys.stdout, stopping.is_set)
    try:
        demo = _start(folder, kiosk_port, center_port, running, progress, stopping)
        if demo is not None:
            _announce(folder, demo, *running, as_json=as_json)
            _watch(running, stopping)
    except Stopped:
        return 0
    except ChildDied as death:
        return _refuse(
            f"{death.child.name} 停了，原因在 {death.child.log}",
            f"The {death.child.name} ended. See {death.child.log}.",
        )
    except TimeoutError as late:
        return _refuse(
            f"{late} 沒有啟動，原因在 {folder / 'logs'}", f"The {late} did not start. See {folder / 'logs'}."
        )
    finally:
        children.stop(list(reversed(running)))
    return 0


def _start(
    folder: Path, kiosk_port: int, center_port: int, running: list[Child], progress: Progress, stopping: threading.Event
) -> Demo | None:
    """Both servers up, `running` in the order center, kiosk; None when told to stop meanwhile."""
    logs = folder / "logs"
    demo = open_demo(folder)
    if demo is None or not demo.has_kiosk:
        progress.say("第一次啟動，準備示範資料", "First start: preparing the sample data")
    if demo is None:
        demo = import_module("commands.demo_setup").make_center(folder, progress)
    sign_in_by_password(folder)
    progress.say("啟動伺服器", "Starting the servers")
    center = _server("center", folder, center_port, logs)
    running.append(center)
    if not demo.has_kiosk:
        if not children.wait_until_up(center, START_S, stopping.is_set):
            return None
        demo = import_module("commands.demo_setup").make_kiosk(folder, demo, center.url, progress)
    point_kiosk_at(folder, center.url)
    kiosk = _server("kiosk", folder, kiosk_port, logs)
    running.append(kiosk)
    up = all(children.wait_until_up(child, START_S, stopping.is_set) for child in running)
    return demo if up else None


def _server(name: str, folder: Path, port: int, logs: Path) -> Child:
    return children.start(name, [name, "--dir", str(folder / name), "--port", str(port)], port, logs / f"{name}.log")


def _announce(folder: Path, demo: Demo, center: Child, kiosk: Child, *, as_json: bool) -> None:
    accounts = [{"role": account.role, "name": account.name, "password": account.password} for account in demo.accounts]
    if as_json:
        document = {"kiosk": kiosk.url, "center": center.url, "pin": demo.pin, "accounts": accounts}
        print(json.dumps(document, ensure_ascii=False), flush=True)
        return
    width = max(len(account.name) for account in demo.accounts)
    lines = [
        "",
        "  志願服務榮譽卡　示範　Honor card demo",
        "",
        f"  服務站　kiosk       {kiosk.url}/",
        f"  中心　　center      {center.url}/",
        f"  驗證頁　verifier    {center.url}/gate/",
        f"  工作人員密碼　PIN   {demo.pin}",
        "",
        "  中心帳號　center accounts",
        *(f"    {account.name:<{width}}  {account.password:<14}  {_DOCS[account.role]}" for account in demo.accounts),
        "",
        f"  示範卡片　sample cards  {folder / CARDS}",
        f"  資料　data              {folder}",
        "",
        "  按 Ctrl-C 結束，資料會留著；make reset 重新開始",
        "  Press Ctrl-C to stop; the data is kept. 'make reset' begins anew.",
        "",
    ]
    print("\n".join(lines), flush=True)


def _watch(running: list[Child], stopping: threading.Event) -> None:
    while not stopping.wait(0.3):
        for child in running:
            if child.process.poll() is not None:
                raise ChildDied(child)


def _stop_on_signals() -> threading.Event:
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if stopping.is_set():  # asked twice: at once
            raise KeyboardInterrupt
        stopping.set()

    for what in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(what, stop)
    return stopping


@contextmanager
def _only_one(folder: Path) -> Iterator[bool]:
    """Whether this is the folder's only demo; held until the end, and let go by the system if we crash."""
    handle = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except BlockingIOError:
            alone = False
        yield alone
    finally:
        os.close(handle)


def _ports(kiosk: int | None, center: int | None) -> tuple[int, int] | str:
    """The ports to use (kiosk, center); the one that is taken, as text, when it was asked for."""
    chosen: list[int] = []
    for asked, usual in ((kiosk, KIOSK_PORT), (center, CENTER_PORT)):
        wanted = usual if asked is None else asked
        if wanted and wanted not in chosen and children.is_free(wanted):
            chosen.append(wanted)
        elif asked:
            return str(asked)
        else:  # busy, or 0: any
            chosen.append(children.free_port())
    return chosen[0], chosen[1]


def _refuse(chinese: str, english: str) -> int:
    print(f"{chinese}\n{english}", file=sys.stderr, flush=True)
    return 1
