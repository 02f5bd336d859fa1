"""Export: which rows a file has, and what the log says of it; on both stores."""

from __future__ import annotations

import hashlib
import re

import pytest

from center.store import exchange
from tests.center.test_exchange import LIN, PEOPLE, SERVED, bring, person, served


def brought(world):
    """Two volunteers with service, one with a character that Big5 lacks."""
    bring(world, "volunteers", *PEOPLE[:2], ("林錫堃", LIN, "047.08.16", "U002", ""))
    bring(world, "hours", *SERVED)
    return world


@pytest.fixture
def people(world):
    return brought(world)


def take(world, kind, **form):
    browser = world.browser("admin")
    return browser.send(f"/exchange/export/{kind}", see="/exchange/export", **{"form": "utf8", "state": "all", **form})


def table(answer):
    return [line.split(",") for line in answer.data.decode("utf-8-sig").splitlines()]


def entries(world):
    with world.store.read() as conn:
        return exchange.logged(conn)


def test_filters_choose_unit_days_and_state(people):
    bring(people, "hours", SERVED[0], (LIN, "U002", "115.10.01", "115.10.02", "3"))
    assert len(table(take(people, "hours"))) == 4
    assert len(table(take(people, "hours", unit=people.units["shezi"]))) == 2
    assert len(table(take(people, "hours", since="115.10.01"))) == 2
    assert len(table(take(people, "hours", until="115.09.30"))) == 3
    assert take(people, "hours", since="115.10.02", until="115.10.01").status_code == 422
    assert take(people, "hours", since="昨天").status_code == 422
    assert len(table(take(people, "volunteers", unit=people.units["north_gate"]))) == 2
    assert len(table(take(people, "volunteers", state="left"))) == 1


def test_cards_go_out_with_their_state_as_it_is_today(world):
    number = world.issued()
    (headings, row) = table(take(world, "cards"))
    assert dict(zip(headings, row, strict=True))["卡號"] == number
    assert row[-1] == "有效"
    assert len(table(take(world, "cards", state="revoked"))) == 1


def test_the_log_says_who_took_out_which_rows_and_the_files_digest(people):
    answer = take(people, "hours", unit=people.units["north_gate"], since="115.01.01")
    content = answer.data
    done, begun, *_ = entries(people)
    assert (begun.what, done.what, done.rows, done.person) == ("export", "exported", 2, "吳管理")
    assert done.sha256 == hashlib.sha256(content).hexdigest()
    assert done.details["since"] == "2026-01-01"
    page = re.sub(r"<[^>]+>", " ", people.browser("auditor").get("/exchange/log").get_data(as_text=True))
    assert "北門文化導覽志工隊、115.01.01" in page and "陳文雄" not in page


def test_rows_are_read_handful_by_handful_and_none_twice(people, monkeypatch):
    monkeypatch.setattr("center.store.exchange_out.AT_ONCE", 1)
    assert len(table(take(people, "hours"))) == 3
    assert len(table(take(people, "volunteers"))) == 3
    assert person(people, LIN) is not None and len(served(people, LIN)) == 1
