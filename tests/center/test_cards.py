from __future__ import annotations

import pytest

ALL = ("first", "second", "admin", "officer", "stranger", "auditor", "venue")


@pytest.mark.parametrize(
    ("name", "list_", "card", "sheet"),
    [
        ("first", 200, 200, 200),
        ("second", 200, 200, 200),
        ("admin", 200, 200, 403),
        ("officer", 200, 200, 200),
        ("stranger", 200, 404, 404),  # another unit's officer: for them there is no such card
        ("auditor", 403, 403, 403),
        ("venue", 403, 403, 403),
        (None, 303, 303, 303),
    ],
)
def test_who_sees_and_prints_what(world, name, list_, card, sheet):
    number = world.issued()
    browser = world.browser(name)
    assert browser.get("/cards").status_code == list_
    assert browser.get(f"/cards/{number}").status_code == card
    assert browser.get(f"/cards/{number}/sheet.pdf").status_code == sheet


def test_an_officer_lists_only_the_own_units_cards(world):
    number = world.issued()
    other = world.issued(identity_number="A123456789", unit="shezi", name="陳文雄")
    page = world.browser("officer").get("/cards").get_data(as_text=True)
    assert number in page
    assert other not in page
    searched = world.browser("officer").get(f"/cards?number={other}").get_data(as_text=True)
    assert "沒有這個號碼的卡" in searched
    assert "陳文雄" not in searched


def test_the_sheet_is_a_pdf_named_by_its_number_and_taking_it_is_written_down(world):
    application_id = world.application(state="second_review")
    world.browser("second").decide(application_id, "approve")
    browser = world.browser("officer")
    page = browser.get("/cards").get_data(as_text=True)
    assert 'href="/cards/11500001/sheet.pdf"' in page
    answer = browser.get("/cards/11500001/sheet.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert '11500001.pdf"' in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.data.startswith(b"%PDF")
    event = world.case(application_id).history[-1]
    assert (event.move, event.actor) == ("sheet_taken", "黃承辦")


@pytest.mark.parametrize(
    ("name", "status"),
    [("second", 303), ("admin", 303), ("first", 403), ("officer", 403), ("auditor", 403), ("venue", 403)],
)
def test_who_may_revoke(world, name, status):
    number = world.issued()
    answer = world.browser(name).send(f"/cards/{number}/revoke", text="冒用")
    assert answer.status_code == status
    page = world.browser("admin").get(f"/cards/{number}").get_data(as_text=True)
    assert ("已註銷" in page) == (status == 303)


def test_revoking_needs_a_reason_and_is_for_good(world):
    number = world.issued()
    browser = world.browser("admin")
    answer = browser.send(f"/cards/{number}/revoke", text="  ")
    assert answer.status_code == 422
    assert "請寫下原因" in answer.get_data(as_text=True)
    assert browser.send(f"/cards/{number}/revoke", text="冒用").status_code == 303
    page = browser.get(f"/cards/{number}").get_data(as_text=True)
    assert "冒用" in page
    assert "/revoke" not in page
    assert browser.send(f"/cards/{number}/revoke", text="再一次").status_code == 409


def test_a_ground_is_chosen_and_stands_on_the_card_with_what_was_written(world):
    number = world.issued()
    browser = world.browser("second")
    assert '<option value="misused">轉借或冒用</option>' in browser.get(f"/cards/{number}").get_data(as_text=True)
    for ground in ("", "nonsense", "other"):
        assert browser.send(f"/cards/{number}/revoke", ground=ground, text="").status_code == 422
    assert browser.send(f"/cards/{number}/revoke", ground="misused", text="友人持卡入園").status_code == 303
    assert "轉借或冒用：友人持卡入園" in browser.get(f"/cards/{number}").get_data(as_text=True)


def test_a_revoked_cards_sheet_is_no_longer_given(world):
    number = world.issued()
    world.browser("admin").send(f"/cards/{number}/revoke", text="冒用")
    assert world.browser("officer").get(f"/cards/{number}/sheet.pdf").status_code == 409
    assert f"/cards/{number}/sheet.pdf" not in world.browser("officer").get("/cards").get_data(as_text=True)


def test_a_card_is_found_by_its_number(world):
    number = world.issued()
    browser = world.browser("first")
    assert f'href="/cards/{number}"' in browser.get(f"/cards?number={number}").get_data(as_text=True)
    assert "沒有這個號碼的卡" in browser.get("/cards?number=99999999").get_data(as_text=True)


@pytest.mark.parametrize("number", ["1150000", "115000010", "abcdefgh", "1150000x", "..%2f..%2fetc"])
def test_a_number_that_is_none_is_a_404(world, number):
    assert world.browser("admin").get(f"/cards/{number}").status_code == 404


def test_a_long_list_goes_on_over_pages(world, monkeypatch):
    from center import cards

    monkeypatch.setattr(cards, "PAGE", 2)
    numbers = [world.issued(identity_number=number) for number in ("A223456781", "A123456789", "F222222222")]
    browser = world.browser("admin")
    first = browser.get("/cards").get_data(as_text=True)
    assert [number in first for number in numbers] == [False, True, True]
    assert "/cards?below=100001" in first
    last = browser.get("/cards?below=100001").get_data(as_text=True)
    assert [number in last for number in numbers] == [True, False, False]


def test_a_card_that_has_run_out_is_called_so(world):
    from datetime import timedelta

    number = world.issued()
    world.at(world.now + timedelta(days=3 * 366))
    assert "已過期" in world.browser("admin").get(f"/cards/{number}").get_data(as_text=True)


def test_printing_again_takes_a_reason_gives_the_very_same_sheet_and_is_logged(world):
    """R39, C42."""
    number = world.issued()
    browser = world.browser("officer")
    first = browser.get(f"/cards/{number}/sheet.pdf").data
    asked = browser.get(f"/cards/{number}/sheet.pdf")
    assert (asked.status_code, asked.headers["Location"]) == (303, f"/cards/{number}#print")
    page = browser.get(f"/cards/{number}").get_data(as_text=True)
    assert "請選補印的原因" in page
    assert f"/cards/{number}/reprint" in page
    assert f"/cards/{number}#print" in browser.get("/cards").get_data(as_text=True)
    answer = browser.send(f"/cards/{number}/reprint", reason="because")
    assert answer.status_code == 422
    assert "請選原因" in answer.get_data(as_text=True)
    again = browser.send(f"/cards/{number}/reprint", reason="lost")
    assert again.status_code == 200
    assert again.data == first
    page = browser.get(f"/cards/{number}").get_data(as_text=True)
    assert "補印卡片" in page
    assert "卡片弄丟了" in page


@pytest.mark.parametrize(
    ("name", "status"), [("second", 303), ("admin", 303), ("first", 403), ("officer", 403), ("auditor", 403)]
)
def test_who_may_suspend(world, name, status):
    number = world.issued()
    assert world.browser(name).send(f"/cards/{number}/suspend", text="查證中").status_code == status


def test_a_card_is_suspended_and_restored_with_words_and_meanwhile_not_printed(world):
    number = world.issued()
    browser = world.browser("admin")
    assert browser.send(f"/cards/{number}/suspend", text=" ").status_code == 422
    assert browser.send(f"/cards/{number}/suspend", text="查證中").status_code == 303
    assert browser.send(f"/cards/{number}/suspend", text="再一次").status_code == 409
    page = browser.get(f"/cards/{number}").get_data(as_text=True)
    assert "停用中" in page
    assert "查證中" in page
    officer = world.browser("officer")
    assert officer.get(f"/cards/{number}/sheet.pdf").status_code == 409
    assert "停用中" in officer.send(f"/cards/{number}/reprint", reason="lost").get_data(as_text=True)
    assert browser.send(f"/cards/{number}/reinstate", text="查清楚了").status_code == 303
    assert officer.get(f"/cards/{number}/sheet.pdf").status_code == 200
    assert "查清楚了" in browser.get(f"/cards/{number}").get_data(as_text=True)


def test_a_card_past_its_last_day_is_not_printed_again(world):
    from datetime import timedelta

    number = world.issued()
    world.at(world.now + timedelta(days=3 * 366))
    answer = world.browser("first").send(f"/cards/{number}/reprint", reason="lost")
    assert answer.status_code == 409
    assert "請改辦換發" in answer.get_data(as_text=True)


def test_a_card_that_is_printed_again_and_again_needs_words_to_it_and_they_stand_on_its_page(world):
    number = world.issued()
    officer = world.browser("officer")
    assert officer.get(f"/cards/{number}/sheet.pdf").status_code == 200
    for _ in range(2):
        answer = officer.send(f"/cards/{number}/reprint", see=f"/cards/{number}", reason="spoiled")
        assert answer.status_code == 200
    answer = officer.send(f"/cards/{number}/reprint", see=f"/cards/{number}", reason="spoiled", text=" ")
    assert answer.status_code == 422
    assert "補印過 2 次" in answer.text
    answer = officer.send(f"/cards/{number}/reprint", see=f"/cards/{number}", reason="spoiled", text="印表機壞了")
    assert answer.data.startswith(b"%PDF")
    assert "印表機壞了" in officer.get(f"/cards/{number}").text
