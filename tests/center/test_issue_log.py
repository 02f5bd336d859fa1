"""Every signature is in the log for good, and no more are made in a day than a city makes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import delete, insert, select, text, update

from center import keyring, pace, packing
from center.issue import issue
from center.store import Store, issued
from center.store.tables import issue_log
from center.store.upgrading import MIGRATIONS
from honorcard.card import pack
from honorcard.problems import ProblemError


def signed(world, count: int, days_ago: float = 0.0) -> None:
    """So many lines of the log, as if that many cards had been signed then."""
    at_ms = int((world.now - timedelta(days=days_ago)).timestamp() * 1000)
    with world.store.write() as conn:
        first = (
            conn.execute(select(issue_log.c.seq).order_by(issue_log.c.entry.desc())).scalars().first() or 500_000
        ) + 1
        for seq in range(first, first + count):
            issued.note(conn, seq, kid=1, token_sha256=bytes(32), by="somebody", now_ms=at_ms)


def test_the_log_follows_and_says_how_much_was_signed(world):
    world.issued()
    signed(world, 3, days_ago=2)
    with world.store.read() as conn:
        assert issued.first_broken(conn) is None
        said = issued.counted(conn, int(world.now.timestamp() * 1000))
        assert (said.entries, said.last_day) == (4, 1)
        assert said.head == issued.head(conn)
        assert issued.holds(conn, said.head) and issued.holds(conn, issued.BEGIN)
        assert not issued.holds(conn, bytes([1]) * 32)


@pytest.mark.parametrize("change", ["a word", "a line gone", "a line in between", "two lines changed places", "a link"])
def test_whatever_is_done_to_a_line_shows(world, change):
    signed(world, 6)
    with world.store.write() as conn:
        rows = conn.execute(select(issue_log).order_by(issue_log.c.entry)).all()
        third = issue_log.c.entry == rows[2].entry
        if change == "a word":
            conn.execute(update(issue_log).where(third).values(by_account="nobody"))
        elif change == "a line gone":
            conn.execute(delete(issue_log).where(third))
        elif change == "a line in between":
            conn.execute(delete(issue_log).where(issue_log.c.entry > rows[2].entry))
            false = {"kid": 1, "token_sha256": bytes(32), "by_account": "x", "at_ms": 1, "link": bytes(32)}
            conn.execute(insert(issue_log).values(entry=rows[2].entry + 50, seq=700_000, **false))
        elif change == "two lines changed places":
            for row, other in ((rows[2], rows[3]), (rows[3], rows[2])):
                conn.execute(update(issue_log).where(issue_log.c.entry == row.entry).values(seq=other.seq))
        else:
            conn.execute(update(issue_log).where(third).values(link=bytes(32)))
    expected = {"a line gone": rows[3].seq, "a line in between": 700_000, "two lines changed places": rows[3].seq}
    with world.store.read() as conn:
        assert issued.first_broken(conn) == expected.get(change, rows[2].seq)


def test_a_log_cut_at_its_end_lacks_what_was_published(world):
    signed(world, 3)
    with world.store.read() as conn:
        published = issued.head(conn)
    with world.store.write() as conn:
        last = conn.execute(select(issue_log.c.entry).order_by(issue_log.c.entry.desc())).scalars().first()
        conn.execute(delete(issue_log).where(issue_log.c.entry == last))
    with world.store.read() as conn:
        assert issued.first_broken(conn) is None
        assert not issued.holds(conn, published)


def test_each_list_says_what_the_log_holds(world):
    world.issued()
    world.issued(identity_number="A123456789", name="王小明")
    packing.rebuild(world.store, world.settings, now=world.now)
    manifest = pack.Pack.open(world.settings.pack_dir, keyring.trust(world.settings)).manifest
    with world.store.read() as conn:
        assert manifest.signed == issued.counted(conn, int(world.now.timestamp() * 1000))
    assert manifest.signed.entries == 2


def test_a_log_of_before_is_bound_together_as_it_stands(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'center.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.connect().execution_options(begin="IMMEDIATE") as conn, conn.begin():
        config.attributes["connection"] = conn
        command.upgrade(config, "0006")
        for seq in (100_000, 100_001):
            conn.execute(
                text(
                    "INSERT INTO issue_log (seq, kid, token_sha256, by_account, at_ms) VALUES (:seq, 1, :token, 'who', 7)"
                ),
                {"seq": seq, "token": bytes([seq % 7]) * 32},
            )
    store.create()
    with store.read() as conn:
        assert issued.counted(conn, 8).entries == 2
        assert issued.first_broken(conn) is None
        assert len(issued.head(conn)) == 32


@pytest.mark.parametrize(
    ("before", "at_least", "most"), [(0, 300, 300), (1_260, 300, 300), (9_001, 300, 301), (90_000, 300, 3_000)]
)
def test_three_times_the_daily_mean_but_never_fewer_than_the_floor(before, at_least, most):
    assert pace.limit(before, at_least) == most


def test_the_card_after_the_last_of_the_day_waits_and_nothing_of_it_is_lost(make_world):
    world = make_world(signings_a_day=5)
    application_id = world.application(state="second_review")
    signed(world, 5)
    with pytest.raises(ProblemError, match="signing_paced"):
        issue(world.store, world.settings, application_id, world.people["second"], now=world.now)
    assert world.case(application_id).state == "second_review"
    answer = world.browser("second").decide(application_id, "approve")
    assert "24 小時內已發 5 張卡" in answer.get_data(as_text=True)
    assert world.case(application_id).state == "second_review"
    with world.store.read() as conn:
        assert issued.counted(conn, int(world.now.timestamp() * 1000)).entries == 5
    tomorrow = world.now + timedelta(hours=24, minutes=1)
    assert issue(world.store, world.settings, application_id, world.people["second"], now=tomorrow)


def test_a_city_that_issues_much_may_issue_much(make_world):
    world = make_world(signings_a_day=2)
    signed(world, 120, days_ago=10)
    signed(world, 3)
    application_id = world.application(state="second_review")
    assert issue(world.store, world.settings, application_id, world.people["second"], now=world.now)
    other = world.application(state="second_review", identity_number="A123456789", name="王小明")
    with pytest.raises(ProblemError, match="signing_paced"):
        issue(world.store, world.settings, other, world.people["second"], now=world.now)
