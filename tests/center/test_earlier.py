"""Cards of before that a list brought: who sees them, and what they mean for the next application (R18, R21, A4)."""

from __future__ import annotations

from datetime import date

import msgspec

from center import decisions, pairs, together
from center.facts import Judge
from center.store import accounts, cards, earlier, people
from honorcard.service_record import CardHeld
from tests.center.conftest import body_of
from tests.center.test_exchange import LIN, PEOPLE, bring, person, press

HEAD = ("證號", "卡號", "發卡機關", "發卡日期", "有效日期", "採計至")


def text_of(world, name, path):
    answer = world.browser(name).get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def accounts_of(world, name):
    with world.store.read() as conn:
        found = accounts.find(conn, world.people[name])
    assert found is not None
    return found


def judged(world, application_id):
    with world.store.read() as conn:
        return decisions.verdict(conn, world.settings, world.case(application_id))


def test_the_desk_and_the_persons_page_show_which_card_until_when_and_from_which_list(world):
    bring(world, "volunteers", *PEOPLE)
    batch = bring(world, "cards", HEAD, (LIN, "1120001", "新北市", "112.11.21", "115.11.21", "112.10.31"))
    application_id = world.application(identity_number=LIN, name="林秀琴")
    person_id = person(world, LIN).person_id
    for name, path in (("first", f"/desk/case/{application_id}"), ("first", f"/people/{person_id}")):
        shown = text_of(world, name, path)
        assert "從前的卡 1120001" in shown and "新北市" in shown
        assert "115.11.21" in shown and "112.10.31" in shown and "吳管理" in shown
        assert "/exchange/import/" not in shown  # R60: lists are the administrator's
    assert f"/exchange/import/{batch.batch_id}" in text_of(world, "admin", f"/people/{person_id}")
    press(world, batch, "undo")
    assert "1120001" not in text_of(world, "first", f"/desk/case/{application_id}")
    assert "1120001" not in text_of(world, "first", f"/people/{person_id}")


def test_a_card_of_before_makes_a_first_application_a_renewal_that_waits_for_its_window(world):
    bring(world, "volunteers", *PEOPLE)
    application_id = world.application(identity_number=LIN, name="林秀琴")
    assert judged(world, application_id).passed
    later = bring(world, "cards", HEAD, (LIN, "1130001", "", "", "116.05.31", ""))
    assert [reason.code for reason in judged(world, application_id).reasons] == [
        "window_not_open",
        "tenure_short",
        "hours_short",
    ]
    press(world, later, "undo")
    assert judged(world, application_id).passed


def test_hours_that_a_card_of_before_used_up_do_not_count_again(world):
    bring(world, "volunteers", *PEOPLE)
    bring(world, "cards", HEAD, (LIN, "1120001", "", "112.11.30", "115.11.30", "113.10.31"))
    application_id = world.application(identity_number=LIN, name="林秀琴")
    (reason,) = judged(world, application_id).reasons
    assert (reason.code, reason.details["half_hours"]) == ("hours_short", 400)


def test_what_comes_in_from_somebody_who_had_a_card_is_flagged_as_a_card_holders(world):
    bring(world, "volunteers", *PEOPLE)
    bring(
        world,
        "cards",
        HEAD,
        (LIN, "1120001", "", "", "115.11.30", "113.10.31"),
        (LIN, "1090001", "", "", "112.11.30", "109.10.31"),
    )
    idbx = person(world, LIN).idbx
    with world.store.read() as conn:
        assert earlier.held(conn, [idbx, b"nobody"]) == {idbx: cards.Held(True, date(2024, 10, 31))}
        judge = Judge(world.settings, world.now)
        body = body_of("a" * 36, (), identity_number=LIN)
        facts = judge.of(conn, body, pairs.near(conn, world.settings, body))
    assert "holds_card" in facts.flags and facts.verdict["outcome"] == "fail"  # 200 of the 300 hours are used up


def test_of_what_was_typed_and_what_a_list_says_the_card_that_runs_out_later_counts(world):
    bring(world, "volunteers", *PEOPLE)
    bring(world, "cards", HEAD, (LIN, "1110001", "", "", "114.01.31", ""), (LIN, "1090001", "", "", "112.01.31", ""))
    previous = msgspec.to_builtins({"valid_until": date(2026, 11, 30), "source": "typed"})
    typed_later = world.application(identity_number=LIN, name="林秀琴", kind="renewal", previous=previous)
    with world.store.read() as conn:
        claim = decisions.claim(conn, world.case(typed_later))
    assert claim.previous_valid_until == date(2026, 11, 30)
    previous["valid_until"] = "2024-01-31"
    typed_earlier = world.application(
        identity_number=LIN, name="林秀琴", kind="renewal", previous=previous, receipt="HC-CCCC-DDDD"
    )
    with world.store.read() as conn:
        claim = decisions.claim(conn, world.case(typed_earlier))
    assert claim.previous_valid_until == date(2025, 1, 31)


def test_a_card_of_before_that_nobody_named_keeps_a_case_from_being_approved_with_others(world):
    bring(world, "volunteers", *PEOPLE)
    application_id = world.application(identity_number=LIN, name="林秀琴", state="second_review")
    account = accounts_of(world, "second")
    with world.store.read() as conn:
        assert together.clean(conn, world.settings, world.case(application_id), account, world.now.date()) is not None
    bring(world, "cards", HEAD, (LIN, "1120001", "", "", "115.11.30", "112.10.31"))
    with world.store.read() as conn:
        assert decisions.verdict(conn, world.settings, world.case(application_id)).passed
        assert together.clean(conn, world.settings, world.case(application_id), account, world.now.date()) is None


def test_the_reviewer_can_make_it_a_renewal_of_that_card(world):
    bring(world, "volunteers", *PEOPLE)
    bring(world, "cards", HEAD, (LIN, "1120001", "新北市", "112.11.30", "115.11.30", "112.10.31"))
    application_id = world.application(identity_number=LIN, name="林秀琴")  # before the list came, nothing was flagged
    path = f"/desk/case/{application_id}"
    browser = world.browser("first")
    assert "改成換發" in browser.get(path).get_data(as_text=True)
    assert browser.send(f"{path}/renewal", see=path, rev=world.case(application_id).rev).status_code == 303
    case = world.case(application_id)
    assert (case.kind, case.body.previous.number, case.body.previous.valid_until) == (
        "renewal", "1120001", date(2026, 11, 30)
    )  # fmt: skip
    assert "holds_card" not in case.flags and judged(world, application_id).passed


def test_the_service_record_counts_from_it_and_does_not_link_to_a_card_that_is_not_ours(world):
    from center.records import history_of

    bring(world, "volunteers", *PEOPLE)
    bring(world, "cards", HEAD, (LIN, "1120001", "", "", "115.11.30", "112.10.31"))
    who = person(world, LIN)
    with world.store.read() as conn:
        assert people.cards_of(conn, [who.idbx]) == []
        held = history_of(conn, who.idbx).person.cards
    assert held == (CardHeld("1120001", date.min, date(2026, 11, 30), date(2023, 10, 31)),)
    page = text_of(world, "admin", f"/people/{who.person_id}")
    assert "有效到" in page and "/cards/1120001" not in page
