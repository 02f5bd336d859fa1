"""The feed: every tablet its own items, in the order of the decisions, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from center import keyring
from center.store import feed
from tests.center.signing import Tablet
from tests.sync.loopback import Center


@pytest.fixture
def center(tmp_path: Path) -> Center:
    return Center(tmp_path)


def _tablet(center: Center) -> Tablet:
    return Tablet(center.app, center.store, keyring.sealing_public(center.settings), None)


def _append(center: Center, device_id: str | None, body: bytes = b"{}", entity: str = "e") -> int:
    with center.store.write() as conn:
        return feed.append(
            conn, kind="card.status", entity_id=entity, rev=1, device_id=device_id, body=body, at_ms=1
        )  # fmt: skip


def test_a_tablet_gets_its_own_items_and_everybodys(center: Center) -> None:
    one, two = _tablet(center), _tablet(center)
    mine, theirs, ours = (
        _append(center, one.device_id), _append(center, two.device_id), _append(center, None),
    )  # fmt: skip
    assert mine < theirs < ours
    assert [item.lsn for item in one.feed().items] == [mine, ours]
    assert [item.lsn for item in two.feed().items] == [theirs, ours]


def test_pages_follow_one_another_without_gap_or_repetition(center: Center) -> None:
    tablet = _tablet(center)
    lsns = [_append(center, tablet.device_id, bytes(300_000)) for _ in range(15)]
    seen, cursor, pages = [], 0, 0
    while True:
        page = tablet.feed(cursor)
        assert sum(len(item.body) for item in page.items) <= feed.PAGE_BYTES
        seen += [item.lsn for item in page.items]
        cursor, pages = page.cursor, pages + 1
        if not page.more:
            break
    assert seen == lsns
    assert pages == 3
    assert tablet.feed(cursor).items == ()
    assert tablet.feed(cursor).cursor == cursor


def test_an_item_larger_than_a_page_still_arrives(center: Center) -> None:
    tablet = _tablet(center)
    big = _append(center, tablet.device_id, bytes(feed.PAGE_BYTES + 1))
    small = _append(center, tablet.device_id)
    page = tablet.feed()
    assert ([item.lsn for item in page.items], page.more) == ([big], True)
    assert [item.lsn for item in tablet.feed(page.cursor).items] == [small]


def test_the_server_epoch_stays_the_same(center: Center) -> None:
    tablet = _tablet(center)
    epoch = tablet.feed().server_epoch
    assert epoch
    assert tablet.push().server_epoch == epoch
    assert tablet.feed().server_epoch == epoch


def test_nothing_is_taken_back_by_a_failed_transaction(center: Center) -> None:
    tablet = _tablet(center)
    with pytest.raises(RuntimeError), center.store.write() as conn:
        feed.append(conn, kind="x", entity_id="e", rev=1, device_id=None, body=b"", at_ms=1)
        raise RuntimeError
    assert tablet.feed().items == ()


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=abc", "limit=x", "cursor=99999999999999999999"])
def test_a_cursor_that_is_no_number_is_refused(center: Center, query: str) -> None:
    assert _tablet(center).ask("GET", f"/v1/feed?{query}").status_code == 400


def test_the_feed_is_for_tablets_only(center: Center) -> None:
    assert center.app.test_client().get("/v1/feed?cursor=0").status_code == 401
