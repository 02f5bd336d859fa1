"""Schema steps by Alembic, run from the program itself or by `honorcard migrate`.

A step first adds and later takes away: the programs of the version before go on working on the schema after it, so that one process
after another can be replaced while the center works (docs/growing.md). A step that takes something away names, in `needs`, the
oldest revision whose program can still work with it; an older program does not start on such a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from honorcard.problems import ProblemError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
NEEDS = "schema_needs"  # in `meta`: the oldest revision whose program may work here


@dataclass(frozen=True)
class Standing:
    """What the database stands at and what this program speaks; here: None for an empty one, waiting: steps to be taken.

    stops: those of them that take away what a program of the schema as it stands may still use.
    """

    here: str | None
    ours: str
    waiting: tuple[str, ...]
    stops: tuple[str, ...] = ()

    @property
    def is_newer(self) -> bool:
        """Whether a newer program has changed it; this one goes on working with it."""
        return self.here is not None and self.here > self.ours


def upgrade(engine: Engine, to: str = "head") -> None:
    """Brings the database of `engine` to the newest schema; nothing happens when it is there already, or further on by the hand of
    a newer program.

    ProblemError `schema_too_new` where a newer program has taken away what this one needs.
    """
    with engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
        found = _standing(conn)
        if found.is_newer:
            _refuse_too_new(conn)
            return
        if to == "head" and not found.waiting:
            return
        if conn.dialect.name == "postgresql":  # processes that start together take the steps once
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": 0x48_43_4D_47})
        config = _config()
        config.attributes["connection"] = conn
        command.upgrade(config, to)
        _note_needs(conn)


def standing(engine: Engine) -> Standing:
    """How far the database is, changing nothing."""
    with engine.connect() as conn:
        return _standing(conn)


def steps() -> list[str]:
    """All revisions of this program, the first one first."""
    return [revision for revision, _ in _needed()]


@cache
def _needed() -> tuple[tuple[str, str], ...]:
    """Each revision, the first one first, with what its step says it needs; read once, since reading them is most of a start."""
    found = reversed(list(ScriptDirectory.from_config(_config()).walk_revisions()))
    return tuple((step.revision, str(getattr(step.module, "needs", ""))) for step in found)


def _standing(conn: Connection) -> Standing:
    known = steps()
    here = None
    if inspect(conn).has_table("alembic_version"):
        here = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    waiting = known[known.index(here) + 1 :] if here in known else known if here is None else []
    needs = dict(_needed())
    stops = [step for step in waiting if here is not None and needs[step] > here]
    return Standing(here, known[-1], tuple(waiting), tuple(stops))


def _refuse_too_new(conn: Connection) -> None:
    needs = conn.execute(text("SELECT v FROM meta WHERE k = :k"), {"k": NEEDS}).scalar()
    if needs is not None and str(needs) > steps()[-1]:
        raise ProblemError("schema_too_new")


def _note_needs(conn: Connection) -> None:
    """What the steps taken so far say they need, the highest of it, where every program looks before it starts."""
    here = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    needs = max((needs for revision, needs in _needed() if revision <= str(here)), default="")
    known = conn.execute(text("SELECT v FROM meta WHERE k = :k"), {"k": NEEDS}).scalar()
    if needs > str(known or ""):
        said = {"k": NEEDS, "v": needs}
        change = "INSERT INTO meta (k, v) VALUES (:k, :v)" if known is None else "UPDATE meta SET v = :v WHERE k = :k"
        conn.execute(text(change), said)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
