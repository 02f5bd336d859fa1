"""A PostgreSQL cluster of the tests' own: made in a temporary folder at first use, answered on a socket there, thrown away at
the end. Nothing of the machine's own databases is touched.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from center.store import Store
from tests import memory

# durability is what the server's users want, not a cluster that lives for a minute
_QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    here = shutil.which("postgres")
    if here is None:
        raise RuntimeError("PostgreSQL is not installed: deploy/setup.sh test")
    return Path(here).parent


@dataclass
class Cluster:
    """A running cluster. Each database it hands out is a copy of one with the center's schema in it."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str) -> str:
        """Where SQLAlchemy finds a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def fresh(self, *, with_schema: bool = True) -> str:
        """The address of a new database, with the center's schema unless told otherwise."""
        name = f"t{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {'with_schema' if with_schema else 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Throws a database away, whoever is still connected."""
        self._say(f"DROP DATABASE {url.split('@/')[1].split('?')[0]} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as conn:
            conn.execute(statement)  # type: ignore[call-overload]  # our own words, no values

    def prepare(self) -> None:
        """Makes the database that the others are copies of, by the center's own migrations."""
        self._say("CREATE DATABASE with_schema TEMPLATE template0 ENCODING 'UTF8'")
        store = Store(self.url("with_schema"))
        store.create()
        store.engine.dispose()


def _as_its_owner() -> dict[str, int]:
    """PostgreSQL refuses to run as root: then it runs as the system's own user for it."""
    if os.geteuid() != 0:
        return {}
    import pwd

    owner = pwd.getpwnam("postgres")
    return {"user": owner.pw_uid, "group": owner.pw_gid}


@contextlib.contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A cluster that answers, on a socket in a folder of its own; stopped and removed at the end. durable: it writes to the
    disk as a city's would, to be measured.
    """
    binaries, who = _binaries(), _as_its_owner()
    # short: the path of a socket may have 107 characters
    folder = Path(tempfile.mkdtemp(prefix="hcpg-", dir=(None if durable else memory.roomy()) or "/tmp"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd="/", **who)  # type: ignore[call-overload]

    try:
        run(
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        settings = {name: value for name, value in _QUICK.items() if not (durable and value == "off")}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        run(
            str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"),
            "-o", f"{options} -c listen_addresses='' -c unix_socket_directories={folder}", "start",
        )  # fmt: skip
        try:
            made = Cluster(folder)
            made.prepare()
            yield made
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "fast", "-w", "stop")  # immediate would leave shared memory
    finally:
        shutil.rmtree(folder, ignore_errors=True)
