"""A decision can be taken back for ten seconds; nothing is issued, sealed or told before, and nothing is lost whoever dies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from center import issue, photostore, undo
from center.objects import AwayError
from center.store import accounts, cards, cases, feed, pending
from center.worker import Worker
from honorcard.problems import ProblemError

TEN = timedelta(seconds=10)


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    return make_world(undo_s=10)


def told(world: Any, application_id: str) -> list[str]:
    with world.store.read() as conn:
        items, _ = feed.page(conn, world.device_id, 0)
    return [item.kind for item in items if item.entity_id == application_id]


def settle(world: Any, after: timedelta = TEN) -> int:
    world.at(world.now + after)
    return undo.settle_due(world.store, world.settings, now=world.now)


def bar(page: str) -> str:
    found = re.search(r'action="(/desk/undo/[0-9a-f-]{36})" data-undo', page)
    assert found, "nothing to undo on the page"
    return found[1]


def card_of(world: Any, application_id: str) -> Any:
    with world.store.read() as conn:
        return cards.of_application(conn, application_id)


def second_review(world: Any, **changes: Any) -> str:
    application_id = world.application(**changes)
    assert world.browser("first").decide(application_id, "approve").status_code == 303
    settle(world)
    return application_id


def test_passing_on_moves_the_case_at_once_and_tells_its_tablet_after_ten_seconds(world):
    application_id = world.application()
    before = told(world, application_id)
    assert world.browser("first").decide(application_id, "approve").status_code == 303
    assert world.case(application_id).state == "second_review"
    assert told(world, application_id) == before
    assert settle(world, timedelta(seconds=9)) == 0
    assert told(world, application_id) == before
    assert settle(world, timedelta(seconds=1)) == 1
    assert told(world, application_id)[len(before) :].count("application.state") == 1
    assert settle(world, timedelta(hours=1)) == 0


def test_passing_on_is_taken_back_and_the_tablet_never_heard_of_it(world):
    application_id = world.application()
    before = told(world, application_id)
    first = world.browser("first")
    first.decide(application_id, "approve")
    page = first.get("/desk/first").get_data(as_text=True)
    assert "已核可，送複審" in page
    answer = first.send(bar(page), see="/desk/first")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/case/{application_id}")
    case = world.case(application_id)
    assert (case.state, case.first_reviewer) == ("first_review", None)
    assert [event.move for event in case.history][-2:] == ["approved", "taken_back"]
    settle(world, timedelta(minutes=1))
    assert told(world, application_id) == before
    assert first.decide(application_id, "approve").status_code == 303  # decided anew
    settle(world)
    assert world.case(application_id).state == "second_review"


def test_what_the_second_reviewer_has_decided_the_first_can_no_longer_take_back(world):
    application_id = world.application()
    first, second = world.browser("first"), world.browser("second")
    first.decide(application_id, "approve")
    undo_address = bar(first.get("/desk/first").get_data(as_text=True))
    assert second.decide(application_id, "return", reason="page_glare").status_code == 303
    answer = first.send(undo_address, see="/desk/first")
    assert answer.status_code == 409
    assert "已經生效，不能取消了" in answer.get_data(as_text=True)
    settle(world)
    assert world.case(application_id).state == "returned"


@pytest.mark.parametrize(
    ("name", "state", "action", "form", "to"),
    [
        ("first", "first_review", "return", {"reason": "page_glare"}, "returned"),
        ("second", "second_review", "return", {"reason": "page_glare"}, "returned"),
        ("second", "second_review", "refuse", {"reason": "hours_short"}, "refused"),
        ("second", "second_review", "approve", {}, "issued"),
    ],
)
def test_nothing_happens_for_ten_seconds_and_then_all_of_it_once(world, name, state, action, form, to):
    application_id = second_review(world) if state == "second_review" else world.application()
    before, heard = world.case(application_id), told(world, application_id)
    assert world.browser(name).decide(application_id, action, **form).status_code == 303
    assert world.case(application_id) == before
    assert told(world, application_id) == heard
    assert card_of(world, application_id) is None
    settle(world)
    assert world.case(application_id).state == to
    assert (card_of(world, application_id) is not None) == (to == "issued")
    after = told(world, application_id)
    assert len(after) > len(heard)
    settle(world, timedelta(hours=2))
    assert told(world, application_id) == after


@pytest.mark.parametrize(
    ("name", "state", "action", "form"),
    [
        ("first", "first_review", "return", {"reason": "page_glare", "text": "第 2 頁"}),
        ("second", "second_review", "refuse", {"reason": "hours_short"}),
        ("second", "second_review", "approve", {}),
    ],
)
def test_what_is_taken_back_never_happens(world, name, state, action, form):
    application_id = second_review(world) if state == "second_review" else world.application()
    rev, heard = world.case(application_id).rev, told(world, application_id)
    browser = world.browser(name)
    browser.decide(application_id, action, **form)
    home = "/desk/first" if name == "first" else "/desk/second"
    assert browser.send(bar(browser.get(home).get_data(as_text=True)), see=home).status_code == 303
    settle(world, timedelta(minutes=5))
    case = world.case(application_id)
    assert (case.state, case.rev) == (state, rev)
    assert case.history[-1].move == "taken_back"
    assert told(world, application_id) == heard
    assert card_of(world, application_id) is None


def test_a_decided_case_is_out_of_the_queue_and_nobody_else_can_decide_it(world):
    application_id = second_review(world)
    second = world.browser("second")
    rev = world.case(application_id).rev
    second.decide(application_id, "approve")
    page = second.get("/desk/second").get_data(as_text=True)
    assert "審完了" in page
    page = second.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "王複審 剛決定了這件，10 秒後生效" in page
    assert f"/desk/case/{application_id}/approve" not in page
    again = second.send(f"/desk/case/{application_id}/refuse", see="/desk/second", rev=rev, reason="hours_short")
    assert again.status_code == 409
    assert "剛剛決定過" in again.get_data(as_text=True)


def test_a_decision_that_is_wrong_is_refused_when_it_is_pressed(world):
    application_id = second_review(world)
    second = world.browser("second")
    assert second.decide(application_id, "return").status_code == 422
    assert second.decide(application_id, "refuse", reason="other").status_code == 422
    rows = [{"start": "2023-11-01", "end": "2026-10-31", "minutes": 17970, "content": "展場"}]
    short = world.application(rows=rows, identity_number="A123456789", name="陳文雄", receipt="HC-AAAA-AAAB")
    assert world.browser("first").decide(short, "approve").status_code == 422
    with world.store.read() as conn:
        assert pending.due(conn, 10**15) == []


def test_a_name_that_cannot_be_printed_is_said_when_it_is_pressed(world):
    application_id = second_review(world, name="林\U000323af琴")
    assert world.browser("second").decide(application_id, "approve").status_code == 422
    with world.store.read() as conn:
        assert pending.on_case(conn, application_id) is None


def test_a_case_withdrawn_meanwhile_stays_withdrawn_and_its_reviewer_reads_so(world):
    application_id = second_review(world)
    second = world.browser("second")
    second.decide(application_id, "approve")
    with world.store.write() as conn:
        case = cases.find(conn, application_id)
        cases.move(conn, case, state="withdrawn", now_ms=1)
    assert settle(world) == 0
    assert world.case(application_id).state == "withdrawn"
    assert card_of(world, application_id) is None
    page = second.get("/desk/second").get_data(as_text=True)
    assert "剛才的決定沒有生效" in page
    found = re.search(r'action="(/desk/undo/[0-9a-f-]{36}/read)"', page)
    assert found
    assert second.send(found[1], see="/desk/second").headers["Location"] == f"/desk/case/{application_id}"
    assert "沒有生效" not in second.get("/desk/second").get_data(as_text=True)


def test_a_store_that_is_down_delays_a_card_and_loses_nothing(world, monkeypatch):
    application_id = second_review(world)
    world.browser("second").decide(application_id, "approve")

    def away(*_: Any) -> bytes:
        raise AwayError("no route")

    with monkeypatch.context() as down:
        down.setattr(photostore, "get", away)
        assert settle(world) == 0
        assert world.case(application_id).state == "second_review"
        second = world.browser("second")
        assert "放檔案的地方沒有回應，所以還沒有生效" in second.get("/desk/second").get_data(as_text=True)
        case = second.get(f"/desk/case/{application_id}").get_data(as_text=True)
        assert "所以還沒有生效" in case.split('<footer class="decide">')[1] and "秒後生效" not in case
        picture = second.get(f"/desk/case/{application_id}/photo/headshot/0.jpg")
        assert picture.status_code == 503
        assert "資料都還在" in picture.get_data(as_text=True)
    assert settle(world, timedelta(seconds=6)) == 1
    assert world.case(application_id).state == "issued"


def test_a_crash_between_the_card_and_its_note_makes_no_second_card(world, monkeypatch):
    application_id = second_review(world)
    world.browser("second").decide(application_id, "approve")

    class PowerCutError(BaseException):
        pass

    def cut(place: str) -> None:
        if place == "U2":
            raise PowerCutError

    with monkeypatch.context() as crash:
        crash.setattr(undo, "crash_here", cut)
        with pytest.raises(PowerCutError):
            settle(world)
    made = card_of(world, application_id)
    heard = told(world, application_id)
    assert settle(world, timedelta(seconds=1)) == 1
    assert card_of(world, application_id) == made
    assert told(world, application_id) == heard
    assert f"卡號 {made.number}" in world.browser("second").get("/desk/second").get_data(as_text=True)


def test_a_crash_before_the_effect_is_made_good_and_can_no_longer_be_taken_back(world, monkeypatch):
    application_id = second_review(world)
    second = world.browser("second")
    second.decide(application_id, "approve")
    address = bar(second.get("/desk/second").get_data(as_text=True))

    class PowerCutError(BaseException):
        pass

    def cut(_place: str) -> None:
        raise PowerCutError

    with monkeypatch.context() as crash:
        crash.setattr(undo, "crash_here", cut)
        with pytest.raises(PowerCutError):
            settle(world)
    assert second.send(address, see="/desk/second").status_code == 409
    assert settle(world, timedelta(seconds=1)) == 1
    assert world.case(application_id).state == "issued"


def test_one_decision_that_cannot_take_effect_does_not_hold_up_the_others(world, monkeypatch):
    first = second_review(world)
    other = second_review(world, identity_number="A123456789", name="陳文雄", receipt="HC-AAAA-AAAB")
    second = world.browser("second")
    second.decide(first, "approve")
    second.decide(other, "approve")
    real = issue.issue

    def stuck(store: Any, settings: Any, application_id: str, *args: Any, **kwargs: Any) -> str:
        if application_id == first:
            raise RuntimeError("a fault of ours")
        return real(store, settings, application_id, *args, **kwargs)

    monkeypatch.setattr(issue, "issue", stuck)
    assert settle(world) == 1
    assert (world.case(first).state, world.case(other).state) == ("second_review", "issued")


def test_the_day_of_approval_is_the_day_it_was_pressed(world):
    application_id = second_review(world)
    world.browser("second").decide(application_id, "approve")
    pressed = world.now
    settle(world, timedelta(hours=20))  # the center was off over midnight
    assert card_of(world, application_id).approved_on == (pressed + timedelta(hours=8)).date()


def test_nobody_takes_back_what_somebody_else_decided(world):
    application_id = world.application()
    world.browser("first").decide(application_id, "return", reason="page_glare")
    with world.store.read() as conn:
        (one,) = pending.due(conn, 10**15)
    assert world.browser("second").send(f"/desk/undo/{one.pending_id}", see="/desk/second").status_code == 404
    settle(world)
    assert world.case(application_id).state == "returned"


def test_the_worker_lets_decisions_take_effect(world):
    application_id = second_review(world)
    world.browser("second").decide(application_id, "approve")
    world.at(world.now + TEN)
    Worker(world.app).step()
    assert world.case(application_id).state == "issued"


def test_the_bar_says_the_number_once_the_card_is_issued(world):
    application_id = second_review(world)
    second = world.browser("second")
    second.decide(application_id, "approve")
    address = bar(second.get("/desk/second").get_data(as_text=True))
    assert "已核可，發卡" in second.get(address).get_data(as_text=True)
    settle(world)
    said = second.get(address).get_data(as_text=True)
    assert f"已發卡，卡號 {card_of(world, application_id).number}" in said
    assert "data-undo" not in said
    assert world.browser("first").get(address).status_code == 404


def test_the_second_of_two_reviewers_who_was_disabled_meanwhile_decides_nothing(world):
    application_id = second_review(world)
    world.browser("second").decide(application_id, "approve")
    with world.store.write() as conn:
        accounts.set_active(conn, world.people["second"], False)
    assert settle(world) == 0
    assert world.case(application_id).state == "second_review"


def test_taking_back_twice_is_refused_in_words(world):
    application_id = world.application()
    first = world.browser("first")
    first.decide(application_id, "return", reason="page_glare")
    address = bar(first.get("/desk/first").get_data(as_text=True))
    assert first.send(address, see="/desk/first").status_code == 303
    assert first.send(address, see="/desk/first").status_code == 409
    with pytest.raises(ProblemError, match="undo_too_late"):
        with world.store.read() as conn:
            account = accounts.find(conn, world.people["first"])
        assert account is not None
        undo.take_back(world.store, world.settings, address.rsplit("/", 1)[1], account, now=world.now)


def test_a_form_with_bytes_that_no_text_has_is_taken_without_them(world):
    application_id = world.application()
    world.browser("first").decide(application_id, "return", reason="page_glare", text="第 2\0 頁")
    assert settle(world) == 1
    assert world.case(application_id).history[-1].text == "第 2 頁"
