"""People and their service records: who may see whose, what stands in them, what the volunteer's slip gets."""

from __future__ import annotations

import re
import subprocess
from datetime import date, timedelta

import pytest

from center import decisions, numbers, records
from center.store import feed, people
from honorcard.card import slip
from honorcard.collected import look
from honorcard.jurisdiction import TAIPEI
from sync import wire
from sync.records import unpacked

TODAY, BORN = date(2026, 11, 21), date(1958, 8, 16)
SECRET = bytes.fromhex("00112233445566778899aabbccddeeff")


def row(start, end, minutes, **more):
    return wire.ServiceRow(start=start, end=end, minutes=minutes, **more)


THREE_YEARS = tuple(row(date(y, 11, 1), date(y + 1, 10, 31), 6000, unit="北門志工隊") for y in (2023, 2024, 2025))


def plain(page):
    return re.sub(r"<[^>]+>", "", page)


def person_of(world, application_id):
    with world.store.read() as conn:
        return people.of_application(conn, application_id)


def record(world, application_id):
    with world.store.read() as conn:
        return records.history_of(conn, world.case(application_id).idbx)


def refuse(world, application_id):
    with world.store.read() as conn:
        from center.store import accounts

        account = accounts.find(conn, world.people["second"])
    decisions.refuse(
        world.store, world.settings, application_id, account,
        rev=world.case(application_id).rev, reasons=["hours_short"], text="", now=world.now,
    )  # fmt: skip


def told(world):
    """The records that the feed brought, newest last, opened with slip and birth date."""
    with world.store.read() as conn:
        found, _ = feed.page(conn, world.device_id, 0)
    sealed = [wire.decode(wire.SealedRecord, item.body) for item in found if item.kind == "service.record"]
    assert all(one.idx == slip.record_index(SECRET, BORN) for one in sealed)
    return [wire.decode(wire.ServiceRecord, slip.open_record(SECRET, BORN, one.blob)) for one in sealed]


# --- what stands in a record ---


def test_rows_under_review_wait_and_stand_once_the_card_is_issued(world):
    application_id = world.application(rows=THREE_YEARS)
    waiting = record(world, application_id)
    assert (len(waiting.person.rows), len(waiting.under_review), waiting.open_case) == (0, 3, True)
    world.browser("first").decide(application_id, "approve")
    assert record(world, application_id).open_case
    world.browser("second").decide(application_id, "approve")
    issued = record(world, application_id)
    assert (len(issued.person.rows), issued.under_review, issued.open_case) == (3, (), False)
    (card,) = issued.person.cards
    assert (card.valid_until, card.counted_until) == (date(2029, 11, 21), date(2026, 10, 31))
    ahead = look(issued, TODAY, TAIPEI).ahead
    assert (ahead.opens, ahead.counting_from, ahead.national_from) == (
        date(2029, 11, 1), date(2026, 11, 1), date(2026, 11, 22),
    )  # fmt: skip


def test_a_refused_application_leaves_nothing_in_the_record(world):
    application_id = world.application(state="second_review", rows=THREE_YEARS)
    refuse(world, application_id)
    gone = record(world, application_id)
    assert (gone.person.rows, gone.under_review, gone.open_case) == ((), (), False)
    assert "還沒有志工" in world.browser("first").get("/people").text


def test_the_same_rows_in_a_renewal_count_once(world):
    world.issued(rows=THREE_YEARS)
    world.at(world.now + timedelta(days=3 * 366))
    again = world.application(
        rows=(*THREE_YEARS[1:], row(date(2026, 11, 1), date(2029, 10, 31), 18_000, unit="北門志工隊")),
        kind="renewal", submitted_on=world.now.date(),
        previous={"valid_until": date(2029, 11, 21), "source": "typed", "seq": None, "number": ""},
    )  # fmt: skip
    found = record(world, again)
    assert (len(found.person.rows), [one.minutes for one in found.under_review]) == (3, [18_000])


# --- what the slip gets ---


def test_each_decision_sends_the_record_sealed_under_slip_and_birth_date(world):
    application_id = world.application(state="second_review", rows=THREE_YEARS)
    world.browser("second").decide(application_id, "approve")
    first, second = told(world)
    assert (len(first.under_review), len(first.rows)) == (3, 0)
    assert (len(second.under_review), len(second.rows), second.cards[0].number) == (0, 3, "11500001")
    holder, history = unpacked(second)
    assert (holder.name, holder.masked_number) == ("林秀琴", "A22****781")
    assert history == record(world, application_id)


def test_a_return_and_a_refusal_send_it_too(world):
    returned, refused = world.application(receipt="HC-AAAA-AAAA"), world.application(state="second_review")
    world.browser("first").decide(returned, "return", reason="page_blurred", slot="page-1")
    refuse(world, refused)
    assert len(told(world)) == 3


def test_nothing_about_the_person_is_readable_in_the_feed(world):
    world.issued(rows=THREE_YEARS)
    with world.store.read() as conn:
        found, _ = feed.page(conn, world.device_id, 0)
    (body, *_) = [item.body for item in found if item.kind == "service.record"]
    for words in ("林秀琴", "A22****781", "北門志工隊", "A223456781"):
        assert words.encode() not in body


@pytest.mark.parametrize("secret", ["", "00", "not hex"])
def test_without_a_usable_slip_secret_the_decision_stands_and_nothing_is_sent(world, secret):
    application_id = world.application(state="second_review", slip_secret=secret)
    assert world.browser("second").decide(application_id, "approve").status_code == 303
    with world.store.read() as conn:
        found, _ = feed.page(conn, world.device_id, 0)
    assert "service.record" not in [item.kind for item in found]


# --- the list ---


def listed(world, name, **form):
    answer = world.browser(name).send("/people", see="/people", **form)
    assert answer.status_code == 200
    return answer.text


def test_people_are_found_by_part_of_a_name_number_last_digits_and_card(world):
    number = world.issued(rows=THREE_YEARS)
    world.application(identity_number="A123456789", name="王明", birth_date=date(1970, 1, 1))
    numbers.read_new(world.store, world.settings)
    found = {
        asked: (("林秀琴" in text), ("王明" in text))
        for asked in (
            "秀",
            "明",
            "王",
            "a223456781",
            "781",
            "6789",
            number,
            "A12",
            "海",
            "　",
            "%",
            "王 明",
            "A223456780",
        )
        for text in [listed(world, "first", asked=asked)]
    }
    assert found == {
        "秀": (True, False), "明": (False, True), "王": (False, True), "a223456781": (True, False), "781": (True, False),
        "6789": (False, True), number: (True, False), "A12": (False, True), "海": (False, False), "　": (True, True),
        "%": (False, False), "王 明": (False, True), "A223456780": (False, False),
    }  # fmt: skip


def test_the_list_is_filtered_by_unit_and_shown_page_by_page(world, monkeypatch):
    monkeypatch.setattr("center.people.PAGE", 2)
    for at in range(3):
        world.application(identity_number=("A123456789", "F222222222", "L123456788")[at], name=f"志工{'甲乙丙'[at]}")
        world.at(world.now + timedelta(minutes=1))
    world.application(identity_number="B120000008", name="志工丁", unit="shezi")
    page = world.browser("first").get("/people").text
    assert [name for name in ("志工丁", "志工丙", "志工乙", "志工甲") if name in page] == ["志工丁", "志工丙"]
    below = page.split('name="below" value="')[1].split('"')[0]
    rest = listed(world, "first", below=below)
    assert [name for name in ("志工丁", "志工丙", "志工乙", "志工甲") if name in rest] == ["志工乙", "志工甲"]
    assert 'name="below"' not in rest
    mine = listed(world, "first", unit=world.units["shezi"])
    assert "志工丁" in mine
    assert "志工丙" not in mine


@pytest.mark.parametrize("below", ["x y", "1", "9" * 40 + " 1", "-1 2"])
def test_a_place_nobody_gave_out_is_no_error(world, below):
    world.application()
    assert listed(world, "first", below=below)


# --- who may ---


def test_an_officer_sees_the_own_units_people_alone(world):
    application_id = world.application(rows=THREE_YEARS)
    person_id = person_of(world, application_id)
    addresses = (f"/people/{person_id}", f"/people/{person_id}/record-zh.pdf", f"/people/case/{application_id}")
    assert "林秀琴" in world.browser("officer").get("/people").text
    assert person_id not in listed(world, "stranger", asked="林秀琴")
    assert person_id not in listed(world, "stranger", asked="", unit=world.units["north_gate"])
    for address in addresses:
        assert world.browser("officer").get(address).status_code in (200, 303)
        assert world.browser("stranger").get(address).status_code == 404


@pytest.mark.parametrize("name", ["auditor", "venue"])
def test_others_see_nobody(world, name):
    person_id = person_of(world, world.application())
    for address in ("/people", f"/people/{person_id}", f"/people/{person_id}/record-zh.pdf"):
        assert world.browser(name).get(address).status_code == 403


def test_the_page_shows_years_next_card_and_a_masked_number(world):
    application_id = world.application(rows=THREE_YEARS, trainings=({"kind": "basic", "completed_on": "2020-01-05"},))
    page = plain(world.browser("first").get(f"/people/{person_of(world, application_id)}").text)
    for words in ("A22****781", "審查中 3 筆", "115 年", "北門志工隊", "可以申請了", "基礎訓練", "看全部 3 筆"):
        assert words in page
    assert "A223456781" not in page
    world.browser("first").decide(application_id, "approve")
    world.browser("second").decide(application_id, "approve")
    page = plain(world.browser("admin").get(f"/people/{person_of(world, application_id)}").text)
    for words in (
        "11500001",
        "有效到 118 年 11 月 21 日",
        "換發開始",
        "全國系統從 115 年 11 月 22 日起算",
        "採計起日之前",
    ):
        assert words in page, words
    english = world.browser("admin").get(f"/people/{person_of(world, application_id)}?language=en").text
    assert "valid until 21 November 2029" in plain(english)


@pytest.mark.parametrize(("said", "words"), [("zh", "志工服務履歷"), ("en", "Volunteer service record")])
def test_the_record_goes_home_as_a_pdf(world, tmp_path, said, words):
    person_id = person_of(world, world.application(rows=THREE_YEARS))
    answer = world.browser("officer").get(f"/people/{person_id}/record-{said}.pdf")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "private, no-store")
    (tmp_path / "record.pdf").write_bytes(answer.data)
    text = subprocess.run(
        ["pdftotext", tmp_path / "record.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    assert words in text
    assert "A22****781" in text
    assert "A223456781" not in text


# --- one row a person ---


def test_a_card_fixes_the_name_that_later_applications_do_not_change(world):
    world.issued(rows=THREE_YEARS)
    world.at(world.now + timedelta(days=3 * 366))
    world.application(name="林秀芩", submitted_on=world.now.date())
    page = world.browser("first").get("/people").text
    assert "林秀琴" in page
    assert "林秀芩" not in page


def test_somebody_nobody_applied_for_has_no_record(world):
    assert world.browser("first").get(f"/people/{'0' * 36}").status_code == 404


def test_the_desk_leads_from_a_case_to_the_record_of_its_person(world):
    application_id = world.application(rows=THREE_YEARS)
    browser = world.browser("first")
    assert f'href="/people/case/{application_id}"' in browser.get(f"/desk/case/{application_id}").text
    assert browser.get(f"/people/case/{application_id}").location == f"/people/{person_of(world, application_id)}"
