from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from center.store import cases
from honorcard import corrections
from sync import wire
from sync.seal import SealError, open_sealed


def feed_of(world, kind, application_id):
    from center.store import feed

    with world.store.read() as conn:
        items, _ = feed.page(conn, world.device_id, 0)
    return [item for item in items if item.kind == kind and item.entity_id == application_id]


def moves(world, application_id):
    return [event.move for event in world.case(application_id).history]


# --- the queues ---


def test_the_oldest_case_is_shown_first_and_the_next_one_after_a_decision(world):
    older = world.application(name="林秀琴", identity_number="A223456781")
    newer = world.application(name="陳文雄", identity_number="A123456789")
    browser = world.browser("first")
    assert "林秀琴　" in browser.get("/desk/first").get_data(as_text=True)
    answer = browser.decide(older, "approve")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/first")
    page = browser.get("/desk/first").get_data(as_text=True)
    assert "陳文雄　" in page
    assert "已核可，送複審" in page
    browser.decide(newer, "approve")
    assert "審完了，辛苦了" in browser.get("/desk/first").get_data(as_text=True)


def test_a_case_whose_photographs_are_still_coming_is_in_no_queue(world):
    world.application(state="incomplete")
    assert "審完了" in world.browser("first").get("/desk/first").get_data(as_text=True)
    assert "審完了" in world.browser("second").get("/desk/second").get_data(as_text=True)


def test_a_case_passed_on_waits_for_the_second_review_with_its_first_reviewer_noted(world):
    application_id = world.application(state="second_review")
    case = world.case(application_id)
    assert (case.state, case.first_reviewer) == ("second_review", world.people["first"])
    assert "林秀琴　" in world.browser("second").get("/desk/second").get_data(as_text=True)
    assert moves(world, application_id) == ["submitted", "completed", "approved"]


# --- what the page shows, and to whom ---


def test_the_case_page_masks_the_number_until_it_is_asked_for_and_writes_down_who_asked(world):
    application_id = world.application()
    browser = world.browser("first")
    page = browser.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "A22****781" in page
    assert "A223456781" not in page
    answer = browser.send(f"/desk/case/{application_id}/number", see=f"/desk/case/{application_id}")
    assert "A223456781" in answer.get_data(as_text=True)
    event = world.case(application_id).history[-1]
    assert (event.move, event.actor) == ("number_shown", "陳初審")


def test_the_revealed_number_comes_as_a_fragment_to_htmx_and_as_a_page_without_it(world):
    application_id = world.application()
    browser = world.browser("first")
    token = browser.token(f"/desk/case/{application_id}")
    path = f"/desk/case/{application_id}/number"
    fragment = browser.client.post(path, headers={"HX-Request": "true", "X-CSRFToken": token}).get_data(as_text=True)
    assert fragment.strip().startswith('<span class="identity" id="identity_number">A223456781')
    assert "檢查碼看不出來，請對證件：第一個字母是 A，不是 M、W？末兩碼是 81，不是 18？" in fragment
    page = browser.client.post(path, data={"csrf_token": token}).get_data(as_text=True)
    assert page.startswith("<!doctype html>")


def test_recent_service_that_lapsed_while_the_case_waited_is_said_and_refuses_nothing(world):
    """A5: judged on the day of submission."""
    application_id = world.application()
    assert "送件時在期限內" not in world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    world.at(world.now + timedelta(days=170))
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "最近一次服務 115 年 10 月 31 日，送件時在期限內" in page
    assert "都符合，有 1 處請看" in page


def test_the_page_holds_the_computed_verdict_the_rows_and_what_to_look_at(world):
    application_id = world.application(flags=["possible_duplicate", "verdict_differs"])
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    for words in (
        "都符合",
        "300",
        "112.11.01",
        "115.10.31",
        "展場導覽",
        "同一人可能有另一件申請",
        "平板的判定和這裡不同",
    ):
        assert words in page, words


def test_what_the_tablet_saw_in_a_photograph_that_was_kept_is_told_the_reviewer(world):
    application_id = world.application(hints={("headshot", 0): ("face_blurred",), ("page", 2): ("page_glare", "newer")})
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "都符合，有 2 處請看" in page
    text = re.sub(r"<[^>]+>", "", page)
    assert "大頭照：模糊" in text
    assert "第 2 頁：反光" in text
    assert f'href="/desk/case/{application_id}?photo=page-2" data-show="page-2"' in page


def test_each_reason_is_told_with_its_rule_its_figures_and_what_to_do(world):
    rows = [{"start": date(2024, 1, 1), "end": date(2026, 3, 31), "minutes": 17970, "content": "展場"}]
    application_id = world.application(rows=rows)
    text = re.sub(r"<[^>]+>", "", world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True))
    for words in ("還差 0.5 小時。 請繼續服務，時數滿了再申請。 R3", "滿年資，還差", "R2", "R22"):
        assert words in text, words


def test_a_row_over_the_renewals_floor_is_marked(world):
    previous = {"valid_until": date(2026, 11, 30), "source": "typed", "seq": None, "number": "11200001"}
    rows = [
        {"start": date(2023, 10, 20), "end": date(2023, 11, 20), "minutes": 600, "content": "跨期"},
        {"start": date(2023, 11, 1), "end": date(2026, 10, 31), "minutes": 18000, "content": "展場"},
    ]
    application_id = world.application(kind="renewal", previous=previous, rows=rows)
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    row = re.search(r'<tr aria-current="true">.*?</tr>', page, re.S)
    assert row is not None
    assert "跨期" in row[0]


def test_our_own_record_of_the_earlier_card_beats_what_was_typed(world):
    """A4, R6: hours that an earlier card of ours used up are not counted again."""
    world.issued(receipt="HC-AAAA-AAAA")
    again = world.application(receipt="HC-BBBB-BBBB")
    page = world.browser("first").get(f"/desk/case/{again}").get_data(as_text=True)
    assert "都符合" not in page
    assert "上一張卡 11500001" in page


def test_another_application_of_the_same_person_is_named_by_its_receipt(world):
    world.application(receipt="HC-AAAA-AAAA")
    second = world.application(receipt="HC-BBBB-BBBB")
    assert "HC-AAAA-AAAA" in world.browser("first").get(f"/desk/case/{second}").get_data(as_text=True)


@pytest.mark.parametrize("place", ["headshot/0", "cover/0", "page/1", "page/2"])
def test_photographs_are_for_reviewers_and_stay_in_no_cache(world, place):
    application_id = world.application()
    path = f"/desk/case/{application_id}/photo/{place}.jpg"
    answer = world.browser("first").get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.data.startswith(b"\xff\xd8")
    for name in ("admin", "officer", "auditor", "venue"):
        assert world.browser(name).get(path).status_code == 403
    assert world.browser().get(path).status_code == 303


@pytest.mark.parametrize("place", ["page/3", "cover/1", "secret/0", "headshot/99999999999"])
def test_a_photograph_there_is_not_is_a_404(world, place):
    application_id = world.application()
    assert world.browser("first").get(f"/desk/case/{application_id}/photo/{place}.jpg").status_code == 404


def test_an_unknown_case_is_a_404_with_a_sentence(world):
    answer = world.browser("first").get("/desk/case/00000000-0000-7000-8000-000000000000")
    assert answer.status_code == 404
    assert "找不到這個案件" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/desk/first", "/desk/second", "/desk/case/{id}"])
@pytest.mark.parametrize("name", ["admin", "officer", "auditor", "venue"])
def test_only_reviewers_see_the_desk(world, path, name):
    application_id = world.application()
    assert world.browser(name).get(path.format(id=application_id)).status_code == 403


def test_each_queue_is_its_reviewers_own(world):
    assert world.browser("second").get("/desk/first").status_code == 403
    assert world.browser("first").get("/desk/second").status_code == 403


def test_what_a_volunteer_wrote_cannot_become_markup(world):
    application_id = world.application(name="<b>林</b>", books=[{"prefix": "<script>x", "number": "1"}])
    page = world.browser("first").get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert "<b>林" not in page
    assert "<script>x" not in page


# --- decisions ---


@pytest.mark.parametrize(
    ("name", "state", "action", "status"),
    [
        ("first", "first_review", "approve", 303),
        ("first", "first_review", "return", 303),
        ("first", "first_review", "refuse", 409),  # R34: refusing is the bureau's
        ("second", "first_review", "approve", 409),
        ("second", "first_review", "return", 403),
        ("first", "second_review", "approve", 409),
        ("first", "second_review", "return", 403),
        ("first", "second_review", "refuse", 403),
        ("second", "second_review", "approve", 303),
        ("second", "second_review", "return", 303),
        ("second", "second_review", "refuse", 303),
        ("admin", "first_review", "approve", 403),
        ("officer", "first_review", "approve", 403),
        ("auditor", "second_review", "refuse", 403),
        ("venue", "second_review", "return", 403),
    ],
)
def test_who_may_do_what(world, name, state, action, status):
    application_id = world.application(state=state)
    before = world.case(application_id)
    reasons = {"return": "page_glare", "refuse": "hours_short"}
    form = {"rev": before.rev, "reason": reasons.get(action, ""), "text": "說明"}
    answer = world.browser(name).send(f"/desk/case/{application_id}/{action}", see="/", **form)
    assert answer.status_code == status
    assert (world.case(application_id).state != before.state) == (status == 303)


def test_nobody_decides_without_signing_in(world):
    application_id = world.application()
    browser = world.browser()
    answer = browser.send(f"/desk/case/{application_id}/approve", see="/sign-in", rev=2)
    assert answer.headers["Location"].startswith("/sign-in?next=/desk/case/")
    assert world.case(application_id).state == "first_review"


def test_the_second_reviewer_is_never_the_first(world):
    """C50: the button is not there, and a form sent all the same is refused with a sentence."""
    from sqlalchemy import update

    from center.store.tables import account

    application_id = world.application(state="second_review")
    with world.store.write() as conn:  # the person has changed chairs since
        conn.execute(update(account).where(account.c.name == "first").values(role="second_reviewer"))
    browser = world.browser("first")
    page = browser.get(f"/desk/case/{application_id}").get_data(as_text=True)
    assert f"/desk/case/{application_id}/approve" not in page
    assert "初審和複審要由不同的人做" in page
    rev = world.case(application_id).rev
    for action in ("approve", "return", "refuse"):
        answer = browser.send(
            f"/desk/case/{application_id}/{action}", rev=rev, reason=["other", "page_glare"], text="說明"
        )
        assert answer.status_code == 403
        assert "初審和複審要由不同的人做" in answer.get_data(as_text=True)
    assert world.case(application_id).state == "second_review"


def test_a_decision_on_a_case_that_has_moved_on_is_not_saved(world):
    application_id = world.application()
    stale = world.case(application_id).rev
    world.browser("first").decide(application_id, "return", reason="page_glare")
    answer = world.browser("first").send(f"/desk/case/{application_id}/approve", rev=stale)
    assert answer.status_code == 409
    assert "您的決定沒有存" in answer.get_data(as_text=True)
    assert moves(world, application_id)[-1] == "returned"


@pytest.mark.parametrize("rev", ["", "x", "1e3"])
def test_a_form_without_its_rev_is_not_saved(world, rev):
    application_id = world.application()
    assert world.browser("first").send(f"/desk/case/{application_id}/approve", rev=rev).status_code == 409


def test_returning_tells_the_tablet_alone_what_to_correct(world):
    application_id = world.application()
    answer = world.browser("first").decide(
        application_id,
        "return",
        reason=["page_glare", "hours_differ"],
        slot=["page-2", "cover", "page-9"],
        text="第 2 頁反光",
    )
    assert answer.status_code == 303
    case = world.case(application_id)
    assert case.state == "returned"
    assert case.history[-1].reasons == ("page_glare", "hours_differ")
    (item,) = feed_of(world, "application.returned", application_id)
    told = wire.decode(wire.Returned, open_sealed(item.body, world.device_key, "returned"))
    assert told.reasons == ("page_glare", "hours_differ")
    assert told.text == "第 2 頁反光"
    assert set(told.slots) == {"page-2", "cover"}  # a photograph there is not cannot be taken again
    assert told.application.identity_number == "A223456781"
    assert item.rev == case.rev
    assert b"A223456781" not in item.body
    with pytest.raises(SealError):
        open_sealed(item.body, world.device_key, "sheet")
    state = wire.decode(wire.ApplicationState, feed_of(world, "application.state", application_id)[-1].body)
    assert (state.state, state.photos_stored, state.photos) == ("returned", 4, 4)


@pytest.mark.parametrize(
    ("action", "form", "sentence"),
    [
        ("return", {}, "還沒有選原因"),
        ("return", {"reason": "no_such_reason"}, "還沒有選原因"),
        ("return", {"reason": "other"}, "請用一句話寫清楚"),
        ("return", {"reason": "other", "text": "  "}, "請用一句話寫清楚"),
    ],
)
def test_a_return_needs_its_reason(world, action, form, sentence):
    application_id = world.application()
    answer = world.browser("first").decide(application_id, action, **form)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert world.case(application_id).state == "first_review"


def test_what_was_written_is_still_there_when_a_decision_is_not_taken(world):
    application_id = world.application()
    answer = world.browser("first").decide(application_id, "return", slot=["page-2"], text="第 2 頁看不清楚")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "林秀琴　" in page  # the case itself, not a bare page
    assert "第 2 頁看不清楚</textarea>" in page
    assert 'value="page-2" checked' in page


@pytest.mark.parametrize(("state", "name"), [("first_review", "first"), ("second_review", "second")])
def test_a_corrected_case_goes_back_to_the_review_that_returned_it(world, state, name):
    from center import taking
    from center.store import intake

    application_id = world.application(state=state)
    world.browser(name).decide(application_id, "return", reason="hours_differ")
    with world.store.write() as conn:
        intake.set_state(conn, application_id, "incomplete", 0)  # amended; its photographs are all here
        assert taking.move_on(conn, application_id, int(world.now.timestamp() * 1000))
    assert world.case(application_id).state == state


def test_a_refusal_names_its_rule_and_ends_the_case(world):
    application_id = world.application(state="second_review")
    browser = world.browser("second")
    assert browser.decide(application_id, "refuse").status_code == 422
    assert browser.decide(application_id, "refuse", reason="hours_short").status_code == 303
    case = world.case(application_id)
    assert (case.state, case.second_reviewer) == ("refused", world.people["second"])
    assert case.history[-1].reasons == ("hours_short",)
    state = wire.decode(wire.ApplicationState, feed_of(world, "application.state", application_id)[-1].body)
    assert state.state == "refused"


def test_approving_against_the_verdict_needs_a_written_reason(world):
    rows = [{"start": date(2023, 11, 1), "end": date(2026, 10, 31), "minutes": 299 * 60 + 30, "content": "展場"}]
    application_id = world.application(rows=rows)
    browser = world.browser("first")
    answer = browser.decide(application_id, "approve")
    assert answer.status_code == 422
    assert "仍要核可，請寫下理由" in answer.get_data(as_text=True)
    assert browser.decide(application_id, "approve", text="第 3 頁另有 2 小時").status_code == 303
    assert world.case(application_id).history[-1].text == "第 3 頁另有 2 小時"


def test_every_reason_has_words_in_both_languages_and_says_what_to_do(world):
    for entry in corrections.RETURNS:
        assert corrections.words(entry.code, "zh") == entry.do_zh
        assert corrections.words(entry.code, "en") == entry.do_en
        assert "請" in entry.do_zh
    for ground in corrections.REFUSALS:
        assert corrections.label(ground.code, "zh") == ground.zh
        assert corrections.label(ground.code, "en") == ground.en
    assert corrections.slot_words("page-2", "zh") == "內頁第 2 頁"
    assert corrections.slot_words("cover", "en") == "Cover"


def test_a_crash_in_the_middle_of_a_decision_leaves_nothing_half(world, monkeypatch):
    application_id = world.application()
    before = world.case(application_id)
    browser = world.browser("first")
    real = cases.record

    def power_cut(*args, **kwargs):
        real(*args, **kwargs)
        raise OSError("power cut")

    monkeypatch.setattr(cases, "record", power_cut)
    assert browser.decide(application_id, "return", reason="page_glare").status_code == 500
    monkeypatch.setattr(cases, "record", real)
    assert world.case(application_id) == before
    assert feed_of(world, "application.returned", application_id) == []
