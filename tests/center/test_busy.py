"""When the center cannot take something now it says 503 and when to come again; what several processes count, they count
together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from center import create_app, keyring
from center import store as store_room
from center.busy import Purse
from center.store import Store, cards
from center.store.tables import application
from sync import wire
from tests.both_stores import Cluster
from tests.center.conftest import World
from tests.center.signing import Tablet, application_body, photos_of

UPLOADS = {"Tus_Resumable": "1.0.0"}


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(at=datetime.now(UTC))


def tablet_of(world: World) -> Tablet:
    return Tablet(world.app, world.store, keyring.sealing_public(world.settings), world.units["north_gate"])


def batch(tablet: Tablet, *ops: wire.Op) -> bytes:
    return wire.encode(wire.Push(proto=wire.PROTO, device_id=tablet.device_id, dev_epoch="epoch-1", ops=ops))


@pytest.fixture
def second(world: World) -> Iterator[Store]:
    """The same database as another process opens it."""
    other = Store(world.settings.url)
    yield other
    other.engine.dispose()


def test_a_tablet_that_runs_wild_waits_and_the_others_do_not(world: World) -> None:
    world.app.extensions["purse"] = Purse(per_second=0.5, at_once=5)
    wild, calm = tablet_of(world), tablet_of(world)
    answers = [wild.ask("GET", "/v1/feed?cursor=0") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [503] * 3
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers[5:])
    assert answers[5].json["type"].endswith("center_busy")
    assert calm.ask("GET", "/v1/feed?cursor=0").status_code == 200


def test_what_a_request_weighs_counts(world: World) -> None:
    purse = Purse(per_second=1, at_once=10)
    assert purse.pays("a", 4, 0) == 0
    assert purse.pays("a", 7, 0) == pytest.approx(1)
    assert purse.pays("a", 7, 1.001) == 0
    assert purse.pays("a", 1000, 11.1) == 0  # heavier than the purse is deep: it goes when the purse is full
    assert purse.pays("a", 1, 20) > 900


def test_who_waits_too_long_for_the_one_writer_is_told_to_come_again(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_room, "_LOCK_WAIT_MS", 300)
    monkeypatch.setattr(store_room, "_PRAGMAS", (("busy_timeout", 300, 300), *store_room._PRAGMAS[1:]))
    world = make_world(at=datetime.now(UTC))
    tablet = tablet_of(world)
    tablet.push()
    op = tablet.op(1, application_body(photos_of(tablet)[0]))
    with world.store.write():
        answer = tablet.ask("POST", "/v1/ops", batch(tablet, op), Content_Type="application/json")
    assert answer.status_code == 503
    assert 30 <= int(answer.headers["Retry-After"]) <= 301
    assert [result.status for result in tablet.push(op).results] == ["applied"]


def test_a_database_that_is_away_is_503_for_tablets_and_people(
    world: World, store_kind: str, request: pytest.FixtureRequest
) -> None:
    tablet = tablet_of(world)
    op = tablet.op(1, application_body(photos_of(tablet)[0]))
    if store_kind == "sqlite":
        path = world.settings.data_dir / "center.db"
        away = path.with_name("elsewhere")
        world.store.engine.dispose()
        path.rename(away)
        path.mkdir()
        back: Callable[[], object] = lambda: (path.rmdir(), away.rename(path))  # noqa: E731
    else:
        cluster: Cluster = request.getfixturevalue("cluster_of_the_session")
        name = world.settings.url.split("@/")[1].split("?")[0]
        say = psycopg.connect(host=str(cluster.folder), user="postgres", dbname="postgres", autocommit=True)
        say.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        say.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        back = lambda: say.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")  # noqa: E731
    try:
        for _ in range(2):
            answer = tablet.ask("POST", "/v1/ops", batch(tablet, op), Content_Type="application/json")
            assert answer.status_code == 503
            assert "Retry-After" in answer.headers
        page = world.app.test_client().get("/healthz")
        assert page.status_code == 503
    finally:
        back()
    assert [result.status for result in tablet.push(op).results] == ["applied"]
    if store_kind == "postgresql":
        say.close()


def test_what_one_process_counts_the_other_knows(world: World, store_kind: str) -> None:
    other = create_app(world.settings, now_is=lambda: world.now)
    seen = [app.test_client().get("/ABCDEFGHJKMNPQRS").status_code for _ in range(40) for app in (world.app, other)]
    # where there is one process only, each app counts for itself
    assert (429 in seen) == (store_kind == "postgresql")
    assert seen[:60].count(429) == 0
    other.extensions["store"].engine.dispose()


def test_of_two_writers_none_overwrites_what_it_has_not_read(world: World, second: Store) -> None:
    def count(store: Store) -> None:
        for _ in range(25):
            with store.write() as conn:
                cards.write_meta(conn, "counted", str(int(cards.read_meta(conn, "counted") or 0) + 1))

    threads = [threading.Thread(target=count, args=(store,)) for store in (world.store, second, world.store)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.store.read() as conn:
        assert cards.read_meta(conn, "counted") == "75"


def test_a_piece_of_work_is_one_processs_at_a_time(world: World, second: Store, store_kind: str) -> None:
    with world.store.claim("open a") as mine:
        assert mine
        with world.store.claim("open a") as again:
            assert not again
        with second.claim("open a") as theirs:
            assert theirs == (store_kind == "sqlite")  # there is no second process on SQLite
        with second.claim("open b") as other:
            assert other
    with second.claim("open a") as theirs:
        assert theirs
    with pytest.raises(ZeroDivisionError), world.store.claim("open a"):
        _ = 1 // 0
    with second.claim("open a") as theirs:
        assert theirs


def test_nothing_is_written_when_a_write_fails(world: World, second: Store) -> None:
    with pytest.raises(ZeroDivisionError), world.store.write() as conn:
        cards.write_meta(conn, "half", "1")
        _ = 1 // 0
    with second.write() as conn:
        assert cards.read_meta(conn, "half") is None
        assert conn.execute(application.select()).first() is None
