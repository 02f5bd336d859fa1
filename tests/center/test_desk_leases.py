"""A case is one reviewer's for a while; two at one case, or a case that changes while open, end in a sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from center.store import accounts, cases, leases
from tests.center.coming_back import amend
from tests.center.conftest import PASSWORD, Browser


def ms(world: Any) -> int:
    return int(world.now.timestamp() * 1000)


def holder(world: Any, application_id: str) -> str | None:
    with world.store.read() as conn:
        found = leases.holder(conn, application_id, ms(world))
    return None if found is None else found.person


@pytest.fixture
def other(world: Any) -> Browser:
    """A second person who does first reviews."""
    with world.store.write() as conn:
        accounts.add(conn, "other", "周初審", "first_reviewer", None, PASSWORD)
    browser: Browser = world.browser("other")
    return browser


def two(world: Any) -> tuple[str, str]:
    return (
        world.application(name="林秀琴", identity_number="A223456781", receipt="HC-AAAA-AAAA"),
        world.application(name="陳文雄", identity_number="A123456789", receipt="HC-BBBB-BBBB"),
    )


def test_two_reviewers_who_reach_for_the_next_case_get_one_each(world, other):
    older, newer = two(world)
    first = world.browser("first")
    assert "林秀琴　" in first.get("/desk/first").get_data(as_text=True)
    assert "陳文雄　" in other.get("/desk/first").get_data(as_text=True)
    assert (holder(world, older), holder(world, newer)) == ("陳初審", "周初審")
    assert "林秀琴　" in first.get("/desk/first").get_data(as_text=True)  # asked again it is still theirs


def test_when_all_are_taken_the_page_says_by_whom(world, other):
    world.application()
    world.browser("first").get("/desk/first")
    page = other.get("/desk/first").get_data(as_text=True)
    assert "剩下的都有人在審" in page
    assert "陳初審" in page


def test_who_opens_a_taken_case_reads_by_whom_and_since_when_and_gets_no_buttons(world, other):
    application_id = world.application()
    world.browser("first").get(f"/desk/case/{application_id}")
    page = other.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "陳初審 正在審這件，從" in page
    assert f"/desk/case/{application_id}/approve" not in page
    assert holder(world, application_id) == "陳初審"


def test_deciding_a_case_that_somebody_else_holds_is_refused_and_what_was_written_stays(world, other):
    application_id = world.application()
    rev = world.case(application_id).rev
    world.browser("first").get(f"/desk/case/{application_id}")
    path = f"/desk/case/{application_id}/return"
    answer = other.client.post(
        path, data={"csrf_token": other.token("/decide"), "rev": rev, "reason": "page_glare", "text": "第二頁反光"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "現在有別人在審" in page
    assert "陳初審 正在審這件" in page
    assert "第二頁反光</textarea>" in page
    assert world.case(application_id).state == "first_review"


def test_a_lease_ends_when_nobody_attends_and_the_case_is_anybodys(world, other):
    application_id = world.application()
    world.browser("first").get(f"/desk/case/{application_id}")
    world.at(world.now + timedelta(minutes=5))
    assert holder(world, application_id) is None
    assert "林秀琴　" in other.get("/desk/first").get_data(as_text=True)
    assert holder(world, application_id) == "周初審"
    assert world.browser("first").decide(application_id, "return", reason="page_glare").status_code == 409


def test_attention_keeps_a_case(world, other):
    application_id = world.application()
    first = world.browser("first")
    first.get(f"/desk/case/{application_id}")
    rev = world.case(application_id).rev
    for _ in range(4):
        world.at(world.now + timedelta(minutes=4))
        answer = first.send(f"/desk/case/{application_id}/attention", see="/decide", rev=rev, seconds="15")
        assert (answer.status_code, answer.data) == (204, b"")
    assert holder(world, application_id) == "陳初審"


def test_leaving_lets_go_and_so_does_opening_another_and_deciding(world, other):
    older, newer = two(world)
    first = world.browser("first")
    first.get(f"/desk/case/{older}")
    first.send(f"/desk/case/{older}/leave", see="/decide", seconds="3")
    assert holder(world, older) is None
    first.get(f"/desk/case/{older}")
    first.get(f"/desk/case/{newer}")
    assert (holder(world, older), holder(world, newer)) == (None, "陳初審")
    rev = world.case(newer).rev
    first.send(f"/desk/case/{newer}/approve", see="/decide", rev=rev)
    assert holder(world, newer) is None


def test_leaving_takes_a_case_from_nobody_else(world, other):
    application_id = world.application()
    world.browser("first").get(f"/desk/case/{application_id}")
    other.send(f"/desk/case/{application_id}/leave", see="/decide")
    assert holder(world, application_id) == "陳初審"


def test_looking_without_a_right_to_decide_takes_nothing(world):
    application_id = world.application()
    world.browser("second").get(f"/desk/case/{application_id}")
    assert holder(world, application_id) is None


def test_a_case_that_changed_while_it_was_open_says_what_happened(world, other):
    application_id = world.application()
    first = world.browser("first")
    first.get(f"/desk/case/{application_id}")
    rev = world.case(application_id).rev
    with world.store.write() as conn:
        case = cases.find(conn, application_id)
        fresh = cases.move(conn, case, state="withdrawn", now_ms=ms(world))
        cases.record(conn, application_id, actor=world.device_id, what="withdrawn", rev=fresh, now_ms=ms(world))
    answer = first.send(f"/desk/case/{application_id}/attention", see="/decide", rev=rev, seconds="15")
    said = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "這件在您看的時候變了。現在是「已撤回」" in said
    assert "花博 2 號機" in said
    answer = first.send(f"/desk/case/{application_id}/approve", see="/decide", rev=rev)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "您的決定沒有存" in page
    assert "這件在您看的時候變了" in page


def test_new_evidence_while_a_case_is_open_is_shown_field_by_field(world):
    application_id = world.application()
    first = world.browser("first")
    first.get(f"/desk/case/{application_id}")
    seen = world.case(application_id).rev
    amend(world, application_id, "first_review", name="林秀芹")
    answer = first.send(f"/desk/case/{application_id}/approve", see="/decide", rev=seen)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "<del>林秀琴</del>" in page
    assert "<ins>林秀芹</ins>" in page
    assert world.case(application_id).state == "first_review"


# --- the stop-watch ---


def test_seconds_of_attention_are_kept_by_case_and_nobodys_name_is_with_them(world):
    from sqlalchemy import inspect

    from center.store import attention

    application_id = world.application()
    first = world.browser("first")
    rev = world.case(application_id).rev
    for _ in range(2):
        first.send(f"/desk/case/{application_id}/attention", see="/decide", rev=rev, seconds="15")
    first.send(f"/desk/case/{application_id}/leave", see="/decide", rev=rev, seconds="4")
    assert 'data-seconds="34"' in first.get(f"/desk/case/{application_id}").get_data(as_text=True)
    first.send(f"/desk/case/{application_id}/approve", see="/decide", rev=rev, seconds="6")
    with world.store.read() as conn:
        assert attention.seconds(conn, application_id, "first") == 0  # decided: a further round begins at nothing
        columns = {column["name"] for column in inspect(conn).get_columns("attention")}
    assert columns == {"application_id", "step", "seconds", "decided_ms"}


@pytest.mark.parametrize("said", ["", "-5", "x", "1e9", "９", "99999999999"])
def test_what_is_no_number_of_seconds_counts_for_nothing(world, said):
    application_id = world.application()
    first = world.browser("first")
    rev = world.case(application_id).rev
    assert first.send(
        f"/desk/case/{application_id}/attention", see="/decide", rev=rev, seconds=said
    ).status_code == 204  # fmt: skip
    assert 'data-seconds="0"' in first.get(f"/desk/case/{application_id}").get_data(as_text=True)


def test_others_see_the_teams_median_and_only_of_enough_cases(world):
    from center.store import attention

    ids = [world.application(receipt=f"HC-AAAA-AAA{n}") for n in range(6)]
    with world.store.write() as conn:
        for seconds, application_id in zip((10, 20, 24, 40), ids, strict=False):
            attention.add(conn, application_id, "first", seconds, decided_ms=1)
        assert attention.median(conn, "first") is None
        attention.add(conn, ids[4], "first", 300, decided_ms=1)
        assert attention.median(conn, "first") == 24
        assert attention.median(conn, "second") is None
    assert "全組中位數 24 秒" in world.browser("first").get(f"/desk/case/{ids[5]}").get_data(as_text=True)
