"""Backups hold everything and say so only after they were read again; a restored center goes on where nobody is misled."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import cli
from center import backups, card_secrets, create_app, photostore
from center.settings import Settings
from center.store import Store, cards, cases, copying, feed, intake
from center.store import backups as rows
from center.store.tables import application, card, device, history, metadata
from honorcard.problems import ProblemError
from sync import uploads as tus
from sync import wire
from tests.both_stores import Cluster
from tests.center.conftest import World
from tests.center.signing import Tablet, application_body, photos_of
from tests.sync import loopback


@pytest.fixture
def worked(make_world: Callable[..., World]) -> World:
    """A center with a case under review."""
    world = make_world()
    world.application(identity_number="A123456789", name="王小明")
    return world


def empty_place(tmp_path: Path, request: pytest.FixtureRequest, name: str = "spare") -> Settings:
    """Where nothing is, of the same kind of store."""
    url = ""
    if loopback.database_of(tmp_path / "center"):
        cluster: Cluster = request.getfixturevalue("cluster_of_the_session")
        url = cluster.fresh(with_schema=False)
        request.addfinalizer(lambda: cluster.drop(url))
    return Settings(data_dir=tmp_path / name, database_url=url)


def backed_up(world: World, folder: Path, **changes: object) -> backups.Backup:
    return backups.make(world.store, world.settings, folder, **{"now": world.now, "elsewhere": True, **changes})  # type: ignore[arg-type]


def counted(store: Store) -> dict[str, int]:
    with store.read() as conn:
        return {
            name: conn.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def test_what_was_backed_up_is_what_comes_back(worked: World, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    worked.issued()
    before = counted(worked.store)
    with worked.store.read() as conn:
        number = conn.execute(select(card.c.number)).scalar_one()
        old = cards.find(conn, number)
        epoch = feed.server_epoch(conn)
    assert old is not None
    made = backed_up(worked, tmp_path / "backup")
    place = empty_place(tmp_path, request)
    backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)

    app = create_app(place, now_is=lambda: worked.now)
    store: Store = app.extensions["store"]
    after = counted(store)
    # of single facts there are new ones, and the backup is noted after its own copy was made
    kept = {name: rows for name, rows in before.items() if name not in ("meta", "backup", "durable")}
    assert {name: after[name] for name in kept} == kept
    assert sum(made.manifest.rows.values()) == sum(before.values()) + (epoch is None)
    with store.read() as conn:
        again = cards.find(conn, number)
        assert again == old
        assert feed.server_epoch(conn) not in (None, epoch)
        for one in conn.execute(select(application.c.application_id)).scalars().all():
            case = cases.find(conn, one)
            assert case is not None
            for photo in case.photos:
                content = photostore.get(place, "photo", photo.clear_sha256)
                assert content is not None
                assert hashlib.sha256(content).hexdigest() == photo.clear_sha256
    lookup, _ = card_secrets.unbox(place, old.seq, old.secret_box)
    assert app.test_client().get(f"/{lookup}").status_code == 200
    assert photostore.get(place, "sheet", old.sheet_sha256 or "") is not None
    store.engine.dispose()


def test_no_number_that_may_have_been_given_is_given_again(
    worked: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    worked.issued()
    backed_up(worked, tmp_path / "backup")
    with worked.store.read() as conn:
        last, serial = cards.highest_seq(conn), cards.next_serial(conn, 115) - 1
        version = int(cards.read_meta(conn, cards.VERSION) or 0)
    for n, (seen, floor) in enumerate(((0, last), (last + 777, last + 777))):
        place = empty_place(tmp_path, request, f"spare{n}")
        backups.restore(tmp_path / "backup", place, now=worked.now, seen_seq=seen, keys=worked.settings.keys_dir)
        store = Store(place.url)
        with store.write() as conn:
            assert cards.next_seq(conn) == floor + 10_001
            assert cards.next_serial(conn, 115) == serial + 1_001
            assert cards.next_serial(conn, 116) == 1
            assert cards.take_version(conn) == version + 1_001
            # a tablet that printed a card unknown here: its number is not given either
            rows.heard_of_number(conn, 115, serial + 1_500)
            assert cards.next_serial(conn, 115) == serial + 1_501
            rows.heard_of_number(conn, 115, 99_999)
            rows.heard_of_number(conn, 115, 1)
            assert cards.next_serial(conn, 115) == serial + 1_501
        store.engine.dispose()


def test_only_what_the_folder_lacks_is_copied(worked: World, tmp_path: Path) -> None:
    first = backed_up(worked, tmp_path / "backup")
    assert first.fresh == sum(first.manifest.files.values()) > 0
    worked.at(worked.now + timedelta(days=1))
    second = backed_up(worked, tmp_path / "backup")
    assert second.fresh == 0
    worked.application(identity_number="B223456786", name="陳美玲")
    worked.at(worked.now + timedelta(days=1))
    third = backed_up(worked, tmp_path / "backup")
    assert third.fresh == third.manifest.files["photo"] - second.manifest.files["photo"] == 4
    assert backups.check(tmp_path / "backup").folder == third.folder
    assert backups.check(first.folder).manifest == first.manifest


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_any_changed_or_missing_byte_is_found(worked: World, tmp_path: Path) -> None:
    made = backed_up(worked, tmp_path / "backup")
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert len(files) == 3 + sum(made.manifest.files.values())
    for path in files:
        content = path.read_bytes()
        if path.name != backups.MANIFEST:
            _damage(path)
            with pytest.raises(ProblemError) as problem:
                backups.check(tmp_path / "backup")
            assert (problem.value.code, problem.value.details["file"]) == ("backup_damaged", path.name)
        path.unlink()
        with pytest.raises(ProblemError) as problem:
            backups.check(tmp_path / "backup")
        assert problem.value.code == ("backup_none" if path.name == backups.MANIFEST else "backup_damaged")
        path.write_bytes(content)
    backups.check(tmp_path / "backup")


def test_a_manifest_that_cannot_be_read_is_no_backup(worked: World, tmp_path: Path) -> None:
    manifest = backed_up(worked, tmp_path / "backup").folder / backups.MANIFEST
    later = manifest.read_text().replace('"format": 1', '"format": 2')
    for text in ("", "{", "[]", '{"format": 1}', later):
        manifest.write_text(text)
        with pytest.raises(ProblemError, match="backup_damaged"):
            backups.check(tmp_path / "backup")


def test_a_backup_that_broke_off_is_none(worked: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(copying, "count", lambda path: {"application": 0})
        with pytest.raises(ProblemError, match="backup_damaged"):
            backed_up(worked, tmp_path / "backup")
    with worked.store.read() as conn:
        assert rows.latest(conn) is None
    with pytest.raises(ProblemError, match="backup_none"):
        backups.check(tmp_path / "backup")
    made = backed_up(worked, tmp_path / "backup")
    assert sorted(path.name for path in (tmp_path / "backup").iterdir()) == sorted([made.folder.name, "files"])


def test_a_file_the_center_has_lost_is_said_and_nothing_is_durable(worked: World, tmp_path: Path) -> None:
    address = next(photostore.addresses(worked.settings, "photo"))
    photostore.remove(worked.settings, "photo", address)
    with pytest.raises(ProblemError) as problem:
        backed_up(worked, tmp_path / "backup")
    assert (problem.value.code, problem.value.details["files"]) == ("backup_files_missing", 1)
    with worked.store.read() as conn:
        assert rows.latest(conn) is None


def test_nothing_that_exists_is_overwritten(worked: World, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    backed_up(worked, tmp_path / "backup")
    before = counted(worked.store)
    with pytest.raises(ProblemError, match="restore_not_empty"):
        backups.restore(tmp_path / "backup", worked.settings, now=worked.now)
    assert counted(worked.store) == before
    place = empty_place(tmp_path, request)
    with pytest.raises(ProblemError, match="restore_keys_missing"):
        backups.restore(tmp_path / "backup", place, now=worked.now)
    shutil.copytree(worked.settings.keys_dir, place.keys_dir)
    with pytest.raises(ProblemError, match="backup_keys_taken"):
        backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)
    backups.restore(tmp_path / "backup", place, now=worked.now)


def test_a_restore_that_broke_off_lets_no_center_start_and_can_be_given_again(
    worked: World, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(worked, tmp_path / "backup")
    with worked.store.read() as conn:
        epoch = feed.server_epoch(conn)
    place = empty_place(tmp_path, request)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr("center.store.backups.begin_again", dies)
        with pytest.raises(KeyboardInterrupt):
            backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)
    with pytest.raises(ProblemError, match="restore_unfinished"):
        create_app(place)
    backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)
    app = create_app(place)
    with app.extensions["store"].read() as conn:
        assert feed.server_epoch(conn) != epoch
    app.extensions["store"].engine.dispose()


def test_a_backup_of_one_kind_of_database_is_not_put_into_the_other(worked: World, tmp_path: Path) -> None:
    backed_up(worked, tmp_path / "backup")
    other = "" if worked.settings.database_url else "postgresql+psycopg://nobody@/x?host=/nowhere"
    place = Settings(data_dir=tmp_path / "spare", database_url=other)
    with pytest.raises(ProblemError, match="backup_other_store"):
        backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)
    assert not (tmp_path / "spare").exists()


def test_what_a_backup_elsewhere_holds_is_durable_and_tablets_hear_it(worked: World, tmp_path: Path) -> None:
    from center import keyring

    worked.at(datetime.now(UTC))
    tablet = Tablet(worked.app, worked.store, keyring.sealing_public(worked.settings), worked.units["north_gate"])

    def sent(seq: int, photographs: bool = True) -> wire.PushAnswer:
        photos, contents = photos_of(tablet, f"photo {seq}")
        answer = tablet.push(tablet.op(seq, application_body(photos)))
        for address, content in contents.items() if photographs else ():
            uploaded = tablet.ask(
                "POST", "/v1/uploads", content, Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
                Upload_Metadata=tus.metadata({"sha256": address}), Content_Type=tus.CONTENT_TYPE,
            )  # fmt: skip
            assert uploaded.status_code == 201
        settle()
        return answer

    def settle() -> None:
        from center import opening

        opening.open_stored(worked.store, worked.settings, now=worked.now)

    assert sent(1).durable_through == 0
    backed_up(worked, tmp_path / "here", elsewhere=False)
    worked.at(worked.now + timedelta(seconds=1))
    assert sent(2).durable_through == 0
    backed_up(worked, tmp_path / "backup")
    worked.at(worked.now + timedelta(seconds=1))
    answer = sent(3, photographs=False)
    assert (answer.durable_through, answer.contiguous_through) == (2, 3)
    worked.at(worked.now + timedelta(seconds=1))
    assert sent(4).durable_through == 2
    # the third still waits for its photographs: neither it nor what follows it is durable yet
    worked.at(worked.now + timedelta(seconds=1))
    backed_up(worked, tmp_path / "backup")
    assert tablet.push().durable_through == 2
    with worked.store.write() as conn:
        waiting = conn.execute(
            select(application.c.application_id).where(application.c.state == "incomplete")
        ).scalar_one()
        intake.set_state(conn, waiting, "first_review", int(worked.now.timestamp() * 1000))
    worked.at(worked.now + timedelta(seconds=1))
    backed_up(worked, tmp_path / "backup")
    assert tablet.push().durable_through == 4
    # another life of the same tablet begins at nothing
    tablet.epoch = "epoch-2"
    assert tablet.push().durable_through == 0


def test_what_comes_in_while_a_backup_is_made_does_not_disturb_it(worked: World, tmp_path: Path) -> None:
    stop, added, failed = threading.Event(), [0], []

    def write() -> None:
        while not stop.is_set():
            try:
                with worked.store.write() as conn:
                    one = conn.execute(select(application.c.application_id).limit(1)).scalar_one()
                    for _ in range(5):
                        cases.record(conn, one, actor="center", what="noted", rev=1, now_ms=1)
                added[0] += 5
                time.sleep(0.005)
            except Exception as error:
                failed.append(error)
                return

    writing = threading.Thread(target=write)
    writing.start()
    try:
        made = [
            backed_up(worked, tmp_path / "backup", now=worked.now + timedelta(seconds=n)).manifest.rows["history"]
            for n in range(2)
        ]
    finally:
        stop.set()
        writing.join()
    assert not failed
    assert made == sorted(made)
    with worked.store.read() as conn:
        begun = conn.execute(select(func.count()).select_from(history)).scalar_one() - added[0]
    assert all((rows - begun) % 5 == 0 for rows in made)  # whole transactions only


def test_the_command_line_backs_up_checks_and_restores(
    worked: World, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    from center import settings as settings_file

    worked.issued()
    settings_file.save(worked.settings)
    folder, home = str(tmp_path / "backup"), str(worked.settings.data_dir)
    assert cli.main(["backup", folder, "--dir", home, "--keys", str(tmp_path / "keys")]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["whole"] is True
    assert (told["applications"], told["cards"]) == (2, 1)
    assert "離線" in said.err  # the keys
    assert "--elsewhere" in said.err  # a folder of this very disk makes nothing durable
    with worked.store.read() as conn:
        latest = rows.latest(conn)
    assert latest is not None
    assert not latest.elsewhere
    assert not list((tmp_path / "backup").rglob("*.pem"))
    assert not list((tmp_path / "backup").rglob("*.key"))

    assert cli.main(["backup", folder, "--dir", home, "--elsewhere"]) == 0
    assert "金鑰不在這份備份裡" in capsys.readouterr().err
    assert cli.main(["backup", folder, "--dir", home, "--check"]) == 0
    assert cli.main(["backup", folder, "--dir", home, "--keys", str(tmp_path / "keys")]) == 1
    assert "沒有蓋過去" in capsys.readouterr().err

    place = empty_place(tmp_path, request)
    again = ["restore", folder, "--dir", str(place.data_dir), "--keys", str(tmp_path / "keys"), "--seen", "123456"]
    again += ["--database-url", place.database_url] if place.database_url else []
    assert cli.main(again) == 0
    capsys.readouterr()
    assert cli.main(again) == 1
    assert "沒有蓋過去" in capsys.readouterr().err
    restored = settings_file.load(place.data_dir)
    assert restored.url == place.url
    store = Store(restored.url)
    with store.read() as conn:
        assert cards.next_seq(conn) == 133_457
        assert conn.execute(select(func.count()).select_from(device)).scalar_one() == 1
    store.engine.dispose()
    assert cli.main(["restore", str(tmp_path / "nothing"), "--dir", str(tmp_path / "third")]) == 1
    assert cli.main(["backup", folder, "--dir", str(tmp_path / "nobody")]) == 1


def test_a_restored_center_may_keep_its_files_elsewhere(
    worked: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = backed_up(worked, tmp_path / "backup")
    place = replace(empty_place(tmp_path, request), files_dir=str(tmp_path / "files"))
    backups.restore(tmp_path / "backup", place, now=worked.now, keys=worked.settings.keys_dir)
    assert len(set(photostore.addresses(place, "photo"))) == made.manifest.files["photo"]
    assert not (tmp_path / "spare" / "photos").exists()
