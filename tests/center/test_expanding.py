"""A program goes on, and starts again, on the schema of a version after its own: so versions change without a stop."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from center import create_app
from center.store import upgrading
from honorcard.problems import ProblemError
from tests.center.calling import system
from tests.center.conftest import World


def ahead(world: World) -> None:
    """A newer version has taken its step, while this one works."""
    with world.store.write() as conn:
        conn.execute(text("ALTER TABLE application ADD COLUMN of_tomorrow TEXT"))
        conn.execute(text("ALTER TABLE card ADD COLUMN of_tomorrow INTEGER NOT NULL DEFAULT 0"))
        conn.execute(text("CREATE TABLE tomorrow (k INTEGER PRIMARY KEY)"))
        conn.execute(text("CREATE INDEX ix_tomorrow ON application (of_tomorrow)"))
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def test_a_program_goes_on_and_starts_again_on_the_schema_of_the_next(world: World) -> None:
    world.issued()
    ahead(world)
    number = world.issued(identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    assert system(world).get(f"/cards/{number}").get_json()["status"] == "valid"
    again = create_app(world.settings, now_is=lambda: world.now)
    assert again.test_client().get("/healthz").status_code == 200
    assert upgrading.standing(world.store.engine).is_newer
    again.extensions["store"].engine.dispose()


def test_a_program_too_old_for_the_schema_does_not_start(world: World) -> None:
    ahead(world)
    with world.store.write() as conn:
        conn.execute(text("UPDATE meta SET v = '9999' WHERE k = :k"), {"k": upgrading.NEEDS})
    with pytest.raises(ProblemError) as caught:
        create_app(world.settings)
    assert caught.value.code == "schema_too_new"
