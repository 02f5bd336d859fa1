"""Each step of the schema leaves the program before it able to work; steps can be taken apart from a start."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from center import create_app
from center.settings import Settings, save
from center.store import Store, upgrading
from commands import drill as command
from honorcard.problems import ProblemError

FROM = "0007"  # steps up to here were taken with the center stopped
STEPS = [pair for pair in zip(upgrading.steps(), upgrading.steps()[1:], strict=False) if pair[0] >= FROM]


def shape(engine: Engine) -> dict[str, dict[str, Any]]:
    """Each table as whoever writes to it meets it."""
    found = {}
    look = inspect(engine)
    for table in look.get_table_names():
        checks = " ".join(str(check["sqltext"]) for check in look.get_check_constraints(table))
        unique = {tuple(one["column_names"]) for one in look.get_unique_constraints(table)}
        unique |= {tuple(one["column_names"]) for one in look.get_indexes(table) if one["unique"]}
        found[table] = {
            "columns": {column["name"]: column for column in look.get_columns(table)},
            "words": set(re.findall(r"'([^']*)'", checks)),
            "unique": unique,
        }
    return found


def harm(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    """What a program that knows only `before` would stumble over in `after`."""
    found = []
    for table, was in before.items():
        now = after.get(table)
        if now is None:
            found.append(f"{table} is gone")
            continue
        for name, column in was["columns"].items():
            new = now["columns"].get(name)
            if new is None:
                found.append(f"{table}.{name} is gone")
            elif type(new["type"]) is not type(column["type"]):
                found.append(f"{table}.{name} is of another type")
            elif column["nullable"] and not new["nullable"]:
                found.append(f"{table}.{name} must be filled")
        for name in set(now["columns"]) - set(was["columns"]):
            new = now["columns"][name]
            if not new["nullable"] and new["default"] is None:
                found.append(f"{table}.{name} has nothing where it is not said")
        found += [f"{table} takes {word!r} no more" for word in was["words"] - now["words"]]
        known = set(was["columns"])
        found += [f"{table} must be unique by {one}" for one in now["unique"] - was["unique"] if set(one) <= known]
    return found


@pytest.mark.parametrize(("before", "after"), STEPS, ids=[after for _, after in STEPS])
def test_a_step_takes_nothing_from_the_program_before_it(tmp_path: Path, before: str, after: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    upgrading.upgrade(store.engine, before)
    was = shape(store.engine)
    upgrading.upgrade(store.engine, after)
    (file,) = upgrading.MIGRATIONS.glob(f"versions/{after}_*.py")
    said = re.search(r'^needs = "(\w+)"', file.read_text(encoding="utf-8"), flags=re.M)
    found = harm(was, shape(store.engine))
    assert not found or said, "\n".join(found)
    if said:
        with store.read() as conn:
            assert conn.execute(text("SELECT v FROM meta WHERE k = :k"), {"k": upgrading.NEEDS}).scalar() == said[1]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("ALTER TABLE unit DROP COLUMN district", "unit.district is gone"), ("DROP TABLE api_answer", "api_answer is gone"),
        ("ALTER TABLE unit ADD COLUMN motto TEXT NOT NULL DEFAULT ''", ""), ("ALTER TABLE unit ADD COLUMN motto TEXT", ""),
        ("CREATE UNIQUE INDEX one_name ON unit (name)", "unit must be unique by ('name',)"),
    ],
)  # fmt: skip
def test_what_would_harm_is_noticed(tmp_path: Path, step: str, said: str) -> None:
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    store.create()
    was = shape(store.engine)
    with store.write() as conn:
        conn.execute(text(step))
    assert harm(was, shape(store.engine)) == ([said] if said else [])


def test_steps_are_taken_apart_from_a_start_where_the_settings_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path, migrate_at_start=False)
    save(settings)
    with pytest.raises(ProblemError) as caught:
        create_app(settings)
    assert caught.value.code == "schema_behind"
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())

    def migrate(*more: str) -> tuple[int, dict[str, Any]]:
        asked = parser.parse_args(["migrate", "--dir", str(tmp_path), *more])
        status = asked.run(asked)
        return status, json.loads(capsys.readouterr().out)

    ours = upgrading.steps()
    said: dict[str, Any] = {"from": None, "program": ours[-1], "stops": [], "counted": 0}
    assert migrate("--check") == (1, {**said, "at": None, "taken": [], "waiting": ours})
    assert migrate() == (0, {**said, "at": ours[-1], "taken": ours, "waiting": []})
    assert migrate("--check")[0] == 0
    assert create_app(settings).test_client().get("/healthz").status_code == 200


STEP = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"
branch_labels = None
depends_on = None
needs = "9999"


def upgrade() -> None:
    op.drop_table("tally_whole")
"""


@pytest.fixture
def taking_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The next version, whose step takes away what this one uses."""
    last = upgrading.steps()[-1]
    folder = tmp_path / "migrations"
    shutil.copytree(upgrading.MIGRATIONS, folder)
    (folder / "versions" / "9999_gone.py").write_text(STEP.format(before=last), encoding="utf-8")
    yield monkeypatch.setattr(upgrading, "MIGRATIONS", folder)
    upgrading._needed.cache_clear()


def test_a_step_that_the_running_version_could_not_work_with_waits_until_that_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    settings = Settings(data_dir=tmp_path / "center")
    settings.data_dir.mkdir()
    save(settings)
    store = Store(settings.url)
    store.create()
    request.getfixturevalue("taking_away")
    upgrading._needed.cache_clear()
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())

    def migrate(*more: str) -> int:
        asked = parser.parse_args(["migrate", "--dir", str(settings.data_dir), *more])
        status: int = asked.run(asked)
        return status

    assert migrate("--check") == 1
    assert json.loads(capsys.readouterr().out)["stops"] == ["9999"]
    assert migrate() == 1
    assert "--stopped" in capsys.readouterr().err
    assert "tally_whole" in inspect(store.engine).get_table_names()
    assert migrate("--stopped") == 0
    assert "tally_whole" not in inspect(store.engine).get_table_names()
    with store.read() as conn:
        assert conn.execute(text("SELECT v FROM meta WHERE k = :k"), {"k": upgrading.NEEDS}).scalar() == "9999"
    Store(f"sqlite:///{tmp_path / 'new.db'}").create()  # an empty database asks nothing
