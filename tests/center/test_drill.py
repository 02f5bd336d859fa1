"""The restore drill finds a good backup whole, and says what is wrong with any other, on both databases."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from center import backups, drill
from center.settings import save
from center.store import Store, comparing, copying
from center.store.tables import application, card, card_event
from commands import drill as command
from honorcard.problems import ProblemError
from tests.center.conftest import World


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """A backup of a center with a card and a case."""
    world.issued()
    world.application(identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    backups.make(world.store, world.settings, tmp_path / "backup", now=world.now, elsewhere=True)
    return tmp_path / "backup"


def test_a_good_backup_is_whole_and_nothing_of_the_drill_is_left(world: World, folder: Path, tmp_path: Path) -> None:
    world.application(identity_number="B123456780", name="王大明", receipt="HC-EEEE-FFFF")  # after the backup
    room = tmp_path / "room"
    room.mkdir()
    report = drill.drill(folder, world.settings, now=world.now, room=room)
    assert report.differs == ()
    assert report.whole
    assert (report.cards, report.stepped_up) == (1, False)
    assert report.files > 5
    assert report.rows > 20
    assert list(room.iterdir()) == []
    assert world.app.test_client().get("/healthz").status_code == 200


def test_rows_that_come_back_otherwise_are_named(
    world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = copying.put_back

    def put_back_badly(path: Path, url: str) -> None:
        whole(path, url)
        store = Store(url)
        with store.write() as conn:
            conn.execute(update(application).values(name="somebody else"))
            conn.execute(card_event.delete())
        store.engine.dispose()

    monkeypatch.setattr(copying, "put_back", put_back_badly)
    report = drill.drill(folder, world.settings, now=world.now, room=tmp_path)
    assert report.differs == ("application: other rows", "card_event: 1 → 0")
    assert not report.whole


def test_keys_of_another_center_are_noticed(world: World, folder: Path, tmp_path: Path, make_world: object) -> None:
    from center import keyring
    from center.settings import Settings

    other = Settings(data_dir=tmp_path / "other")
    keyring.ring(other, at=world.now)
    for name in ("cards.key", "session.key", "idbx.key"):
        if (world.settings.keys_dir / name).exists():
            shutil.copy(world.settings.keys_dir / name, other.keys_dir / name)
    report = drill.drill(folder, world.settings, now=world.now, room=tmp_path, keys=other.keys_dir)
    assert report.differs == ("cards: 1 not signed by these keys",)


def test_a_damaged_backup_is_refused(world: World, folder: Path, tmp_path: Path) -> None:
    file = next(path for path in (folder / backups.FILES).rglob("*") if path.is_file())
    file.write_bytes(b"rotten")
    with pytest.raises(ProblemError) as caught:
        drill.drill(folder, world.settings, now=world.now, room=tmp_path)
    assert caught.value.code == "backup_damaged"


def test_the_command_tells_in_json(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    world.issued()
    save(world.settings)
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers())
    words = [
        "drill",
        str(tmp_path / "backup"),
        "--dir",
        str(world.settings.data_dir),
        "--make",
        "--room",
        str(tmp_path),
    ]
    asked = parser.parse_args(words)
    assert asked.run(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["differs"], told["cards"]) == (True, [], 1)


def test_a_fingerprint_is_of_the_rows_and_not_of_their_order(world: World, tmp_path: Path) -> None:
    world.issued()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, _, _ = copying.copy(world.store, tmp_path / "one", lambda _conn: None)
    with world.store.write() as conn:  # PostgreSQL moves the row to the end of its table
        conn.execute(update(card).values(name=card.c.name))
    two, _, _ = copying.copy(world.store, tmp_path / "two", lambda _conn: None)
    assert comparing.fingerprints(one) == comparing.fingerprints(two)
