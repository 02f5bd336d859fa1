from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from center import card_secrets, ending, issue
from center.store import cards


def lookup_of(world, number):
    with world.store.read() as conn:
        card = cards.find(conn, number)
    return card_secrets.unbox(world.settings, card.seq, card.secret_box)[0]


def test_the_page_shows_name_photo_and_last_day_and_nothing_else(world):
    """R47, C45."""
    number = world.issued(email="lin@example.org")
    lookup = lookup_of(world, number)
    answer = world.browser().get(f"/{lookup}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "林秀琴" in page
    assert "118.11.21" in page
    assert "21 November 2029" in page
    assert f'src="/{lookup}/photo.jpg"' in page
    said = re.sub(r"<(svg|style).*?</\1>", "", page, flags=re.S).replace(lookup, "")
    for kept_back in (
        "A223456781", "A22", "781", "047.08.16", "1958", "北門", "志工隊", "300", number, "100000", "lin@example.org",
        "HC-7K3M", "0012345", "北市志",
    ):  # fmt: skip
        assert kept_back not in said, kept_back
    photo = world.browser().get(f"/{lookup}/photo.jpg")
    assert (photo.status_code, photo.headers["Content-Type"]) == (200, "image/jpeg")


def test_no_script_runs_nothing_is_cached_and_nobody_learns_where_one_came_from(world):
    lookup = lookup_of(world, world.issued())
    for path in (f"/{lookup}", f"/{lookup}/photo.jpg", "/ABCDEFGHIJKLMNOP", "/ABCDEFGHIJKLMNOP/photo.jpg"):
        headers = world.browser().get(path).headers
        assert "script-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers
    assert "<script" not in world.browser().get(f"/{lookup}").get_data(as_text=True)


def after(world, what):
    """The look-up token of a card that is no longer good, for this reason."""
    number = world.issued()
    lookup = lookup_of(world, number)
    if what == "revoked":
        world.browser("admin").send(f"/cards/{number}/revoke", text="冒用")
    elif what == "suspended":
        ending.end_card(world.store, world.settings, number, "suspended", "x", world.people["admin"], now=world.now)
    elif what == "replaced":
        world.at(datetime(2029, 11, 1, 2, 0, tzinfo=UTC))  # the renewal window is open, the old card still good
        again = world.application(receipt="HC-BBBB-BBBB", submitted_on=world.now.date())
        world.browser("first").decide(again, "approve", text="x")
        issue.issue(world.store, world.settings, again, world.people["second"], now=world.now, text="x")
    elif what == "expired":
        world.at(world.now + timedelta(days=3 * 366))
    return lookup


@pytest.mark.parametrize("what", ["revoked", "suspended", "replaced", "expired"])
@pytest.mark.parametrize("path", ["", "/photo.jpg"])
def test_a_card_that_is_not_good_looks_like_one_that_never_was(world, what, path):
    lookup = after(world, what)
    gone = world.browser().get(f"/{lookup}{path}")
    never = world.browser().get(f"/ABCDEFGHIJKLMNOP{path}")
    assert gone.status_code == never.status_code == 404
    assert gone.data == never.data
    drop = {"Date", "X-Request-ID"}  # the id is drawn for each request, of nothing that was asked
    assert {k: v for k, v in gone.headers if k not in drop} == {k: v for k, v in never.headers if k not in drop}


def test_every_answer_asks_the_store_the_same_in_the_same_words(world):
    """Same timing, by the same way: one statement, whatever is behind the look-up; nothing more is read for a refusal."""
    asked: list[str] = []
    lookups = [after(world, "revoked"), "ABCDEFGHIJKLMNOP", "abcdefghijklmno1"]
    lookups.append(lookup_of(world, world.issued(identity_number="A123456789", receipt="HC-CCCC-CCCC")))
    event.listen(world.store.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    ways, pages = [], []
    for lookup in lookups:
        asked.clear()
        pages.append(world.browser().get(f"/{lookup}"))
        ways.append(list(asked))
    assert [page.status_code for page in pages] == [404, 404, 404, 200]
    assert all(way == ways[0] for way in ways)
    assert sum("FROM card" in said for said in ways[0]) == 1


def test_the_page_for_none_says_so_in_both_languages(world):
    page = world.browser().get("/ABCDEFGHIJKLMNOP").get_data(as_text=True)
    assert "此卡無效或不存在" in page
    assert "not valid or does not exist" in page


def test_the_last_day_counts_to_midnight_in_taipei(world):
    """C44."""
    lookup = lookup_of(world, world.issued())  # to 118.11.21
    world.at(datetime(2029, 11, 21, 15, 59, 59, tzinfo=UTC))
    assert world.browser().get(f"/{lookup}").status_code == 200
    world.at(datetime(2029, 11, 21, 16, 0, 0, tzinfo=UTC))
    assert world.browser().get(f"/{lookup}").status_code == 404


@pytest.mark.parametrize("text", ["abcdefghijklmnop", "ABCDEFGHIJKLMNO1", "ABCDEFGHIJKLMNO'", "ＡBCDEFGHIJKLMNOP"])
def test_a_text_that_can_be_no_token_gets_the_same_page(world, text):
    assert world.browser().get(f"/{text}").data == world.browser().get("/ABCDEFGHIJKLMNOP").data


def test_the_address_follows_the_path_of_the_cards_prefix(make_world):
    world = make_world(card_prefix="HTTPS://CARDS.EXAMPLE/V/")
    lookup = lookup_of(world, world.issued())
    assert world.browser().get(f"/V/{lookup}").status_code == 200
    assert world.browser().get(f"/{lookup}").status_code == 404


def test_an_address_that_asks_without_end_is_told_to_wait_also_for_a_good_card(world):
    lookup = lookup_of(world, world.issued())
    browser = world.browser()
    answers = [browser.get(f"/{lookup}").status_code for _ in range(70)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert browser.get(f"/{lookup}/photo.jpg").status_code == 404
    page = browser.get(f"/{lookup}").get_data(as_text=True)
    assert "林秀琴" not in page
    assert "請過一分鐘再試" in page
    other = browser.client.get(f"/{lookup}", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert other.status_code == 200


def test_the_look_up_token_is_in_no_log(world, caplog):
    caplog.set_level("DEBUG")
    lookup = lookup_of(world, world.issued())
    world.browser().get(f"/{lookup}")
    world.browser().get(f"/{lookup}/photo.jpg")
    assert lookup not in caplog.text
    assert "林秀琴" not in caplog.text
    assert "A223456781" not in caplog.text


def test_the_page_speaks_for_a_name_of_any_script(world):
    lookup = lookup_of(world, world.issued(name="夏曼‧藍波安"))
    assert "夏曼‧藍波安" in world.browser().get(f"/{lookup}").get_data(as_text=True)
