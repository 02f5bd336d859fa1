"""A printer for tests: CUPS' `ippeveprinter` with the D-Bus and the Avahi it insists on, all started here and ended
here.

Nothing of the machine is touched: the bus has its own socket, Avahi its own /run in a mount namespace where the
system allows one (as root or not), the printer a free port. Only processes started here are ended, by their own ids.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen>
<auth>EXTERNAL</auth><auth>ANONYMOUS</auth><allow_anonymous/>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/>
<allow receive_type="signal"/></policy></busconfig>
"""
AVAHI = "[server]\nallow-interfaces=lo\nuse-ipv6=no\nenable-dbus=yes\n[publish]\npublish-hinfo=no\n"
RUN = "mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon && exec "


@dataclass
class Surroundings:
    """What a printer needs round it; `start` as many printers as a test likes."""

    folder: Path
    env: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    turn: IO[str] | None = None

    def run(self, *command: str, log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("wb") as out:
            process = subprocess.Popen(
                command, env=self.env, stdout=out, stderr=out, cwd=self.folder, start_new_session=True
            )
        self.started.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.started):
            end(process)
        if self.turn is not None:
            self.turn.close()

    def printer(self, name: str = "kiosk", *, command: str = "sleep 0.2", formats: str = "application/pdf") -> Printer:
        """A printer that takes PDF. `command`: shell lines run for each job; they may say `STATE: +media-jam-error`
        on stderr. Without any, the printer would take its time by chance, up to ten seconds a job.
        """
        port = free_port()
        spool = self.folder / f"spool-{name}"
        spool.mkdir(exist_ok=True)
        script = self.folder / f"{name}.sh"
        script.write_text(f"#!/bin/sh\n{command}\n")
        script.chmod(0o755)
        process = self.run(
            "ippeveprinter", "-p", str(port), "-n", "localhost", "-f", formats, "-d", str(spool), "-k", "-r", "off",
            "-c", str(script), name, log=f"{name}.log",
        )  # fmt: skip
        printer = Printer(f"ipp://localhost:{port}/ipp/print", port, spool, process)
        log = self.folder / f"{name}.log"
        wait_for(lambda: answers(port), f"ippeveprinter: {log.read_text()[-400:]}")
        return printer


@dataclass
class Printer:
    """A running printer."""

    uri: str
    port: int
    spool: Path
    process: subprocess.Popen[bytes]

    def load(self, sheets: int, by_pass: str = "na_number-10_4.125x9.5in", kind: str = "envelope") -> None:
        """Puts so many sheets of A4 into the main tray, and into the by-pass some of another size and kind."""
        tray = {"size1": "iso_a4_210x297mm", "type1": "stationery", "level1": sheets}
        other = {"size3": by_pass, "type3": kind, "level3": -2}  # every tray, or none counts
        query = urllib.parse.urlencode(tray | other)
        with urllib.request.urlopen(f"http://localhost:{self.port}/media?{query}", timeout=5) as answer:
            answer.read()

    def documents(self) -> list[bytes]:
        """What was sent, oldest first."""
        files = [path for path in self.spool.glob("*.pdf") if path.is_file()]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)]

    def off(self) -> None:
        """Pulls the plug."""
        end(self.process)


# In the printer DL envelopes; on the line card stock of A6, as a printer that has such a tray would say. Names of one length,
# sides as IPP counts them, in hundredths of a millimetre.
_AS_A6 = (
    (b"iso_dl_110x220mm", b"iso_a6_105x148mm"),
    *((struct.pack(">i", dl), struct.pack(">i", a6)) for dl, a6 in ((11_000, 10_500), (22_000, 14_800))),
)


@contextlib.contextmanager
def with_card_stock(printer: Printer, *, takes_it: bool = True) -> Iterator[str]:
    """The address of a printer in whose by-pass lies card stock of A6: a relay before a real one that has no such size.

    `takes_it`: whether a job on it is passed on as such; else the real printer refuses the size that it does not know.
    """

    class Relay(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            coded = self.headers.get("Transfer-Encoding") == "chunked"
            body = chunks(self.rfile) if coded else self.rfile.read(int(self.headers["Content-Length"]))
            head, data = body[:4_000], body[4_000:]
            for dl, a6 in _AS_A6 if takes_it else ():
                head = head.replace(a6, dl)
            asked = urllib.request.Request(
                f"http://localhost:{printer.port}{self.path}", head + data, {"Content-Type": "application/ipp"}
            )
            with urllib.request.urlopen(asked, timeout=10) as answer:
                told = answer.read()
            for dl, a6 in _AS_A6:
                told = told.replace(dl, a6)
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    printer.load(50, "iso_dl_110x220mm", "cardstock")
    with ThreadingHTTPServer(("127.0.0.1", 0), Relay) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"ipp://127.0.0.1:{server.server_address[1]}/ipp/print"
        finally:
            server.shutdown()


def chunks(body: IO[bytes]) -> bytes:
    """A body that comes in chunks (RFC 9112 7.1), whole."""
    out = b""
    while size := int(body.readline().split(b";")[0], 16):
        out += body.read(size)
        body.readline()
    body.readline()
    return out


@contextlib.contextmanager
def surroundings(folder: Path) -> Iterator[Surroundings]:
    """The bus and Avahi, for as long as the block runs."""
    address = folder / "bus.sock"
    (folder / "bus.conf").write_text(BUS.format(socket=address))
    (folder / "avahi.conf").write_text(AVAHI)
    held = Surroundings(folder, {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={address}"})
    try:
        held.run("dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", log="bus.log")
        wait_for(address.exists, "dbus-daemon")
        start_avahi(held)
        yield held
    finally:
        held.stop()


def start_avahi(held: Surroundings) -> None:
    avahi = f"avahi-daemon -f {held.folder / 'avahi.conf'} --no-drop-root --no-chroot --no-rlimits"
    if os.geteuid() == 0:
        apart, inner = ["unshare", "--mount"], avahi
    else:  # its runtime folder must belong to a user named avahi: in there, that is who we are
        apart = ["unshare", "--user", "--map-root-user", "--mount"]
        inner = f"unshare --user --map-user=$(id -u avahi) --map-group=$(id -g avahi) {avahi}"
    for command in ([*apart, "sh", "-c", RUN + inner], ["sh", "-c", "exec " + avahi]):
        if command[0] == "sh":  # not apart from the machine's /run, where only one can be at a time: tests take turns
            held.turn = (Path(tempfile.gettempdir()) / "honorcard-test-avahi.lock").open("w")
            fcntl.flock(held.turn, fcntl.LOCK_EX)
        process = held.run(*command, log="avahi.log")
        log = held.folder / "avahi.log"
        with contextlib.suppress(TimeoutError):
            wait_for(
                lambda log=log: b"startup complete" in log.read_bytes(),
                "avahi",
                lambda process=process: process.poll() is not None,
            )
            if process.poll() is None:
                return
    raise RuntimeError(f"avahi-daemon does not start: {(held.folder / 'avahi.log').read_text()[-500:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process started here."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(3)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("localhost", port), timeout=1):
            return True
    except OSError:
        return False


def wait_for(holds, what: str, gave_up=lambda: False, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until or gave_up():
            raise TimeoutError(what)
        time.sleep(0.05)
