"""`honorcard kiosk` and `honorcard center`: one server each, with its background worker, until told to stop."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import signal
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from honorcard.problems import ProblemError
from web.watching import JsonLines

if TYPE_CHECKING:
    from flask import Flask

THREADS = 8
KIOSK_THREADS = 32  # twenty-four at most are about photographs, working or in line (kiosk.capture.turns)
PRACTICE_DIR = Path("var") / "training"
PRIVATE = 0o077  # databases, photographs and keys are for nobody else on the machine
_CENTER_DIR = "HONORCARD_CENTER_DIR"


def add(subparsers: Any) -> None:
    """Adds both subcommands."""
    for name, run, caption in (("kiosk", run_kiosk, "start a kiosk"), ("center", run_center, "start a center")):
        parser: argparse.ArgumentParser = subparsers.add_parser(name, help=caption)
        parser.add_argument("--dir", type=Path, default=Path("var") / name, help="data folder")
        parser.add_argument("--port", type=int, help="port to listen on")
        parser.add_argument("--host", help="address to listen on")
        if run is run_kiosk:
            help_ = f"a practice room, with no center at all (data folder: {PRACTICE_DIR})"
            parser.add_argument("--training", action="store_true", help=help_)
        if run is run_center:
            help_ = "processes to answer with, one for each processor core; more than one only on PostgreSQL"
            parser.add_argument("--processes", type=int, default=1, help=help_)
        else:
            lan = "serve the phones of this network too: https on 8443, and the way to trust it on 8080"
            parser.add_argument("--lan", action=argparse.BooleanOptionalAction, help=lan)
            parser.add_argument("--host-name", help="the name phones may use beside the address; else this machine's, with .local")
            parser.add_argument("--lan-port", type=int, help="port for https on the network")
            parser.add_argument("--lan-http-port", type=int, help="port for the way to trust it")
        parser.set_defaults(run=run)


def run_kiosk(arguments: argparse.Namespace) -> int:
    """A kiosk on loopback, and with --lan for the phones of its network too, with its sync worker."""
    from kiosk import create_app
    from kiosk.doors import Doors, PortTakenError
    from kiosk.locked import Door, asks
    from kiosk.settings import load, save
    from kiosk.upkeep import Keeper
    from kiosk.worker import SyncWorker

    os.umask(PRIVATE)
    folder: Path = arguments.dir
    if arguments.training and folder == Path("var") / "kiosk":
        folder = PRACTICE_DIR
    settings = load(folder)
    asked = replace(
        settings, port=arguments.port or settings.port, host=arguments.host or settings.host,
        lan=settings.lan if arguments.lan is None else arguments.lan,
        lan_name=settings.lan_name if arguments.host_name is None else arguments.host_name,
        lan_port=arguments.lan_port or settings.lan_port, lan_http_port=arguments.lan_http_port or settings.lan_http_port,
    )  # fmt: skip
    if arguments.training:
        if settings.profile != "training" and settings.database.exists():
            return _refused(ProblemError("not_for_practice"))
        asked = replace(asked, profile="training")
    if asked != settings or not (folder / "kiosk.json").exists():
        save(asked)
    _log_to_stderr(asked.log)
    beside: list[SyncWorker | Keeper] = []  # the threads

    def make() -> Flask:
        app = create_app(asked)
        app.extensions["worker"] = worker = SyncWorker(app)
        beside.extend((worker, Keeper(app)))
        return app

    def make_and_start() -> Flask:
        app = make()
        for thread in beside:
            thread.start()
        return app

    try:
        server = Doors(Door(asked, make_and_start) if asks(asked) else make(), asked, threads=KIOSK_THREADS)
    except PortTakenError as error:
        return _taken(error.port)
    _stop_with(server.close)
    for thread in beside:
        thread.start()
    _announce(f"kiosk on {' '.join(server.addresses())}", asked.log)
    try:
        server.run()
    except OSError:
        if not _stopping.is_set():
            raise
    finally:
        for thread in beside:
            thread.stop()
        _deaf_from_here()
    return 0


def run_center(arguments: argparse.Namespace) -> int:
    """A center (granian), each of its processes with its background worker; one alone on the embedded SQLite."""
    from granian import Granian
    from granian.constants import Interfaces

    from center import photostore
    from center.settings import load, save

    os.umask(PRIVATE)
    settings = load(arguments.dir)
    asked = replace(settings, port=arguments.port or settings.port, host=arguments.host or settings.host)
    try:
        photostore.check(asked)
    except ProblemError as problem:  # here: granian would say it in a traceback of its worker
        return _refused(problem)
    if not _is_free(asked.host, asked.port):
        return _taken(asked.port)
    if asked != settings or not (arguments.dir / "center.json").exists():
        save(asked)
    _log_to_stderr(asked.log)
    os.environ[_CENTER_DIR] = str(arguments.dir.resolve())
    _announce(f"center on http://{asked.host}:{asked.port}/", asked.log)
    Granian(
        "commands.serve:center_app",
        address=asked.host,
        port=asked.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=max(1, arguments.processes) if settings.database_url else 1,
        blocking_threads=THREADS,
        log_enabled=False,
        websockets=False,
    ).serve()
    _deaf_from_here()
    return 0


def center_app() -> Flask:
    """The center's app with its background worker running: what each server process loads."""
    from center import create_app
    from center.settings import load
    from center.worker import Worker

    os.umask(PRIVATE)
    settings = load(Path(os.environ[_CENTER_DIR]))
    _log_to_stderr(settings.log)
    app = create_app(settings)
    worker = Worker(app)
    app.extensions["worker"] = worker
    worker.start()
    return app


def _is_free(host: str, port: int) -> bool:
    """Whether the port can be listened on; granian itself would only say so in a traceback of its worker."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def _refused(problem: ProblemError) -> int:
    print(f"{problem.sentence('zh')}\n{problem.sentence('en')}", file=sys.stderr)
    return 1


def _taken(port: int) -> int:
    print(f"埠號 {port} 已被占用，請用 --port 換一個。\nPort {port} is in use. Choose another with --port.", file=sys.stderr)
    return 1


def _announce(said: str, form: str) -> None:
    if form == "json":
        logging.getLogger("honorcard").info(said)
    else:
        print(said, file=sys.stderr, flush=True)


_stopping = threading.Event()


def _stop_with(close: Any) -> None:
    def stop(told: int, _frame: FrameType | None) -> None:
        if told == signal.SIGTERM and _stopping.is_set():  # told again: it is at it. A second Ctrl-C waits for nothing
            return
        _stopping.set()
        close()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _deaf_from_here() -> None:
    """Told to stop once more, a process that has stopped ends as it was about to: Python gives its handlers back before that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _log_to_stderr(form: str) -> None:
    """form: `text`, or `json`: a line of JSON for each thing said and each request answered."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if form == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
    else:
        logging.getLogger("honorcard.request").setLevel(logging.WARNING)
    for chatty in ("httpx", "httpcore", "fontTools", "fpdf", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
