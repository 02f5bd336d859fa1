"""A center and a kiosk as real processes on loopback, killed and started again on the same files.

Everything is imported once; each process is a fork, so that a death and a new start take half a second. They run the code of
`honorcard kiosk` and `honorcard center` (app, sync thread, background worker) behind waitress, with short pauses. Whoever
forks must hold no connection to a database and no thread: look into the files (books) between the forks, and let go of them.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import pkgutil
import re
import shutil
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import waitress
from argon2 import PasswordHasher
from flask import Flask

import center.settings
import kiosk.settings
from center import create_app as create_center
from center import opening
from center.busy import Purse
from center.store import accounts
from center.worker import Worker
from honorcard.card import pack_build
from honorcard.card.manifest import MANIFEST
from kiosk import create_app as create_kiosk
from kiosk import enrolment, pins, submitting
from kiosk.errands import Errands
from kiosk.watch import PATIENCE_S as PATIENCE
from kiosk.worker import GUARD_EVERY_S, SyncWorker
from sync import crash, retry
from sync.client import Report, Round
from tests.faults import proxy
from tests.sync import loopback

PIN = "204680"
PASSWORD = "kite-river-stone"
PATIENCE_S = 60.0  # then something is stuck
MOST_TIMES = 10
_SOON_S = 0.02
_A_LOOK_S = 0.05
_SOONER = 0.025  # of the first pause after a failure


class NeverEnded(Exception):
    """A process did not do what it was waited for."""


def preload() -> None:
    """Imports everything both apps may come to need, before the first fork: otherwise each start would do it anew. PIN and
    passwords are hashed lightly from here on: nobody guesses them, and hashing was a third of a short run.
    """
    pins._hasher = accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    for package in (center, kiosk):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in module.name and ".sample" not in module.name:
                with contextlib.suppress(ImportError):  # an object store's library need not be there
                    importlib.import_module(module.name)


class Process:
    """A forked process. What it writes goes to `log`."""

    def __init__(self, run: Callable[[], None], log: Path) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        self.dead = False
        self.was_killed = False
        if self.pid:
            return
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            run()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    def ended(self) -> bool:
        """Whether it is gone."""
        if not self.dead:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self.dead = ended == self.pid
            self.was_killed = self.dead and os.WIFSIGNALED(status)
        return self.dead

    def kill(self) -> None:
        """Ends it at once, as a power cut would; gone when this returns."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.dead = True

    def freeze(self) -> None:
        """It stands still: what it holds open stays open, and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        os.kill(self.pid, signal.SIGCONT)

    def join(self, seconds: float = PATIENCE_S) -> None:
        """Waits for its end. NeverEnded when it does not come."""
        until(self.ended, seconds, "its end")


def until(holds: Callable[[], bool], seconds: float = PATIENCE_S, what: str = "it") -> None:
    """Waits until something holds. NeverEnded when it does not within the time.

    A look that took longer than looks do counts no more than they do: then this machine is busy with other things, and what is
    waited for gets as little of it. Not for ever, though.
    """
    began = seen = time.monotonic()
    waited = 0.0
    while not holds():
        if waited > seconds or seen - began > MOST_TIMES * seconds:
            raise NeverEnded(what)
        time.sleep(_SOON_S)
        now = time.monotonic()
        waited, seen = waited + min(now - seen, _A_LOOK_S), now


class Plant:
    """One center and one kiosk with their folders. Addresses stay what they are over every death and every copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken = [_reserved() for _ in range(3)]  # held as long as the plant, listened on by nobody
        self.center_port, self.kiosk_port, self._behind_port = (taken.getsockname()[1] for taken in self._taken)
        self.center_url = f"http://127.0.0.1:{self.center_port}"
        self.kiosk_url = f"http://127.0.0.1:{self.kiosk_port}"
        self.running: list[Process] = []
        self.opens = (
            True  # whether the center decodes what has arrived: a child process each start, left out of short runs
        )
        self.fetches = True  # whether the tablet fetches the verification list: 256 requests, left out likewise

    @property
    def center_dir(self) -> Path:
        """The center's data folder."""
        return self.folder / "center"

    @property
    def kiosk_dir(self) -> Path:
        """The tablet's data folder."""
        return self.folder / "kiosk"

    @property
    def told(self) -> Path:
        """What the hands wrote: `begun`, and the application that a person was told is saved, a line each."""
        return self.folder / "told"

    def lines_told(self) -> list[str]:
        """The lines of it."""
        return self.told.read_text().split() if self.told.exists() else []

    def start_center(self, crash_at: str = "", *, behind: bool = False) -> Process:
        """A center over the folder, answering when this returns; it dies at the named place. behind: behind the bad line."""
        folder, log = self.center_dir, self.folder / "center.log"
        port = self._behind_port if behind else self.center_port
        _left_alone(port)
        return self._awaited(Process(lambda: _serve_center(folder, port, crash_at, self.opens), log), port)

    def start_bad_line(self, seed: str) -> socket.socket:
        """A line at the center's address to the center behind it; the socket is for `proxy.tell`."""
        ours, its = socket.socketpair()
        process = Process(lambda: proxy.serve(self.center_port, self._behind_port, its, seed), self.folder / "line.log")
        its.close()
        self._awaited(process, self.center_port)
        return ours

    def start_kiosk(
        self,
        crash_at: str = "",
        wait: bool = True,
        hands: Sequence[str] = (),
        *,
        pace: float = 0.0,
        wedged: bool = False,
        rests: bool = False,
    ) -> Process:
        """A kiosk over the folder with its sync thread; it dies at the named place. hands: drafts that somebody submits
        there, one after the other; what was said to be saved stands in `told`. pace: every pause and deadline of sync is that
        share of the real one. wedged: the first round never ends. rests: as after hours without a line, each pause is the longest
        there can be.
        """

        def serve() -> None:
            _quick()
            if pace:
                _at_pace(pace)
            if wedged:
                _wedge()
            if rests:
                _rest_long()
            if not self.fetches:
                Errands.fetch_pack = lambda *_: None  # type: ignore[method-assign]
            _serve_kiosk(self.kiosk_dir, self.kiosk_port, crash_at, hands, self.told, pace)

        _left_alone(self.kiosk_port)
        process = Process(serve, self.folder / "kiosk.log")
        self.running.append(process)
        return self._awaited(process, self.kiosk_port) if wait else process

    def stop(self) -> None:
        """Kills what runs."""
        for process in self.running:
            process.kill()
        self.running.clear()

    def copy_from(self, template: Path) -> None:
        """The folders as they were when the template was put away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(template, self.folder)

    def put_away(self, template: Path) -> None:
        """Keeps the folders as they are now."""
        self.stop()
        shutil.copytree(self.folder, template)

    def _awaited(self, process: Process, port: int) -> Process:
        if process not in self.running:
            self.running.append(process)
        until(lambda: process.ended() or _answers(port), what=f"port {port}")
        return process


@contextlib.contextmanager
def plant(folder: Path) -> Iterator[Plant]:
    """A plant in `folder`; whatever still runs at the end is killed."""
    preload()
    made = Plant(folder)
    try:
        yield made
    finally:
        made.stop()


def furnish(at: Plant, *, drafts: Sequence[int], weight: int = 0) -> list[str]:
    """A center with its people, a kiosk with PIN, enrolled, and a finished draft for each number of inside pages in `drafts`;
    gives the drafts' ids.
    """
    at.folder.mkdir(parents=True, exist_ok=True)
    told = at.folder / "drafts"

    def make() -> None:
        enrolment.TIMEOUT = httpx.Timeout(180)  # making things ready is no part of any test
        there = loopback.Center(at.center_dir)
        there.port, there.url = at.center_port, at.center_url
        with there.store.write() as conn:
            for role in ("first_reviewer", "second_reviewer"):
                accounts.add(conn, role.split("_")[0], role, role, None, PASSWORD)
        there.serve()
        here = loopback.Kiosk(at.kiosk_dir)
        pins.set_pin(here.store, PIN)
        here.enrol(there)
        ids = [here.draft(pages=pages, person=place, weight=weight) for place, pages in enumerate(drafts)]
        told.write_text(" ".join(ids))

    Process(make, at.folder / "furnish.log").join(180)
    if not told.exists():
        raise NeverEnded((at.folder / "furnish.log").read_text())
    return told.read_text().split()


def submit_all(at: Plant, drafts: list[str]) -> list[str]:
    """Submits these drafts, with no line; gives them back."""

    def submit() -> None:
        here = loopback.Kiosk(at.kiosk_dir)
        for one in drafts:
            here.submit(one)

    Process(submit, at.folder / "submit.log").join()
    return drafts


class Browser:
    """Somebody at a screen: sends the CSRF token of the page that stands there."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120, trust_env=False)

    def see(self, path: str) -> str:
        """A page's text."""
        answer = self.http.get(path, follow_redirects=True)
        answer.raise_for_status()
        return answer.text

    def send(
        self, path: str, *, on: str = "/", files: dict[str, tuple[str, bytes]] | None = None, **form: str
    ) -> httpx.Response:
        """The answer to a form that stands on the page `on`."""
        page = self.see(on)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(r"X-CSRFToken\W+([^\"&]+)", page)
        token = {"csrf_token": found[1]} if found else {}
        return self.http.post(path, data=token | form, files=files)

    def unlock(self) -> Browser:
        """Types the kiosk's PIN."""
        assert self.send("/unlock", on="/unlock", pin=PIN).status_code == 303
        return self

    def sign_in(self, name: str) -> Browser:
        """Signs in at the center."""
        assert self.send("/sign-in", on="/sign-in", name=name, password=PASSWORD).status_code == 303
        return self

    def approve(self, application_id: str) -> httpx.Response:
        """Approves a case from its page."""
        page = f"/desk/case/{application_id}"
        rev = re.search(r'name="rev" value="(\d+)"', self.see(page))
        return self.send(f"{page}/approve", on=page, rev=rev[1] if rev else "0")


def _serve_center(folder: Path, port: int, crash_at: str, opens: bool) -> None:
    _quick()
    if not opens:
        opening.open_stored = lambda *_args, **_more: 0
    app = create_center(center.settings.Settings(data_dir=folder, undo_s=0, second_factor=()))
    app.extensions["purse"] = Purse(1e6, 1e6)  # rounds follow each other far faster than any tablet's
    _with_half_a_pack()
    worker = Worker(app, every_s=0.1)
    app.extensions["worker"] = worker
    crash.arm(crash_at)
    worker.start()
    waitress.create_server(app, host="127.0.0.1", port=port, threads=4).run()


def _serve_kiosk(folder: Path, port: int, crash_at: str, hands: Sequence[str], told: Path, pace: float) -> None:
    settings = kiosk.settings.Settings(data_dir=folder, sync_every_s=0.05, free_bytes_stop=1, free_bytes_submit=1)
    app = create_kiosk(settings)
    worker = SyncWorker(app, patience_s=PATIENCE * (pace or 1), guard_every_s=GUARD_EVERY_S * (pace or 1))
    app.extensions["worker"] = worker
    crash.arm(crash_at)
    worker.start()
    if hands:
        threading.Thread(target=_hands, args=(app, hands, told), daemon=True).start()
    waitress.create_server(app, host="127.0.0.1", port=port, threads=4).run()


def _hands(app: Flask, hands: Sequence[str], told: Path) -> None:
    """Submits what is not submitted yet; tells it after the fact, as the screen does."""
    store, settings = app.extensions["store"], app.config["SETTINGS"]
    with told.open("a", buffering=1) as out:
        out.write("begun\n")
        for one in hands:
            submitting.submit(store, settings, one, now=datetime.now(UTC), language="zh")
            out.write(f"{one}\n")


def _quick() -> None:
    """The same rules with shorter pauses."""
    retry.FIRST_S *= _SOONER
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s", force=True)
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _at_pace(pace: float) -> None:
    """Pauses and deadlines of sync, all shorter by the same share."""
    retry.FIRST_S, retry.CAP_S = retry.FIRST_S * pace / _SOONER, retry.CAP_S * pace
    real = enrolment.TIMEOUT
    # not below what a busy machine takes for an answer: no round would ever come to its end
    read_s, connect_s = max(1.0, (real.read or 30.0) * pace), max(1.0, (real.connect or 5.0) * pace)
    enrolment.TIMEOUT = httpx.Timeout(read_s, connect=connect_s)


def _wedge() -> None:
    """The first round hangs where no deadline reaches."""
    run, begun = Round.run, threading.Event()

    def once(self: Round) -> Report:
        if not begun.is_set():
            begun.set()
            threading.Event().wait()
        return run(self)

    Round.run = once  # type: ignore[method-assign]


def _rest_long() -> None:
    """As after hours of failures, with no luck in drawing. What answers is waited for as long as ever: a busy machine that is taken
    for a dead line would bring the next long rest.
    """
    enrolment.TIMEOUT = httpx.Timeout(30.0, connect=5.0)
    retry.Backoff.__init__.__defaults__ = (lambda _low, high: high,)  # type: ignore[attr-defined]
    retry.FIRST_S = retry.CAP_S


def _with_half_a_pack() -> None:
    """S6 lies in honorcard, which knows nothing of faults: every bucket is there, the manifest is not yet."""
    write = pack_build.write_durably

    def write_durably(path: Path, content: bytes) -> None:
        if path.name == MANIFEST:
            crash.crash_here("S6")
        write(path, content)

    pack_build.write_durably = write_durably


def _reserved() -> socket.socket:
    """A port of our own: bound, so that nobody is given it, and not listened on."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    return taken


def _left_alone(port: int) -> None:
    """Returns when nobody listens there: a program that a killed one had just begun to start still holds its socket, for as long as
    a busy machine lets it wait, and would be taken for the next one.
    """
    until(lambda: not _answers(port), what=f"port {port} to be left alone")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
