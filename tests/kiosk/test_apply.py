"""A new application, one question a page: what is asked, what is kept, what is said when something cannot be."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from honorcard.problems import sentence
from kiosk import slips
from kiosk.asking.rows import month_of
from kiosk.store import drafts
from sync import wire
from sync.seal import open_sealed
from tests.kiosk.applying import BOOK, PERSON, Applicant
from tests.kiosk.scene import NOW, PREFIX, Scene, build

FRAGMENT = {"HX-Request": "true"}
QUESTIONS = ("kind", "previous", "identity", "person", "book")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return build(tmp_path)


@pytest.fixture
def renewal(shared: Scene) -> Applicant:
    return Applicant(shared, "renewal")


@pytest.fixture
def alone(scene: Scene) -> Applicant:
    """An application on a kiosk of its own."""
    return Applicant(scene)


def whole(answer) -> bool:
    return answer.text.lstrip().startswith("<!doctype html>")


# --- locked, wrong method, gone, page and fragment ---


@pytest.mark.parametrize("path", ["new", "ID/identity", "ID/verdict", "ID/consent", "ID/check", "ID", "ID/throw_away"])
def test_without_the_pin_nothing_of_an_application_is_shown(first: Applicant, path: str):
    locked = first.scene.client(unlocked=False)
    answer = locked.get(f"/apply/{path.replace('ID', first.id)}")
    assert answer.status_code == 303
    assert answer.location.startswith("/unlock?next=")


@pytest.mark.parametrize("path", ["identity", "identity/keep", "live/number", "submit", "verdict", "consent"])
def test_without_the_pin_nothing_is_taken(first: Applicant, path: str):
    locked = first.scene.client(unlocked=False)
    answer = locked.post(f"/apply/{first.id}/{path}", data={"number": "A223456781"})
    assert answer.status_code == 303
    assert answer.location.startswith("/unlock")
    assert first.answers().identity is None


def test_without_the_pin_no_application_begins(scene: Scene):
    assert scene.client(unlocked=False).post("/apply/new", data={"kind": "first"}).location.startswith("/unlock")
    with scene.store.read() as db:
        assert drafts.waiting(db) == []


@pytest.mark.parametrize("path", ["identity/keep", "live/number", "submit"])
def test_what_changes_something_is_never_a_link(first: Applicant, path: str):
    assert first.get(path).status_code == 405


@pytest.mark.parametrize("path", ["check", "identity", "headshot", "book_photos", "verdict"])
def test_other_methods_are_refused(first: Applicant, path: str):
    assert first.client.delete(first.url(path)).status_code == 405


def test_an_application_that_is_not_here_says_so(scene: Scene):
    client = scene.client()
    for answer in (client.get("/apply/nobody/identity"), client.post("/apply/nobody/submit")):
        assert answer.status_code == 404
        assert sentence("draft_gone", "zh") in answer.text


@pytest.mark.parametrize("step", QUESTIONS)
def test_each_question_comes_as_page_and_as_fragment(renewal: Applicant, step: str):
    page, fragment = renewal.get(step), renewal.get(step, headers=FRAGMENT)
    assert page.status_code == fragment.status_code == 200
    assert whole(page) and not whole(fragment)
    assert fragment.text.lstrip().startswith('<main id="main"')
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize("step", [*QUESTIONS, "verdict", "consent", "check"])
def test_each_page_speaks_english_too_and_has_no_inline_script_or_style(first: Applicant, step: str):
    first.say("book", **BOOK)
    text = first.get(f"{step}?language=en").text
    assert '<html lang="en"' in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", text)


# --- beginning ---


def test_the_first_page_begins_nothing_and_offers_every_kind(scene: Scene):
    page = scene.client().get("/apply/new")
    assert re.findall(r'name="kind" value="(\w+)"', page.text) == ["first", "renewal", "reissue", "correction"]
    with scene.store.read() as db:
        assert drafts.waiting(db) == []


def test_one_press_begins_a_first_card_and_asks_for_the_number(first: Applicant):
    assert first.at == first.url("identity")
    assert first.answers().kind == "first"


def test_a_renewal_is_asked_for_the_old_card(renewal: Applicant):
    assert renewal.at == renewal.url("previous")


def test_a_kind_that_is_none_leaves_the_question_open(scene: Scene):
    other = Applicant(scene, "third")
    assert other.at == other.url("kind")
    assert sentence("kind_missing", "zh") in other.say("kind", kind="").text


def test_what_was_begun_is_offered_again_without_the_whole_name(alone: Applicant):
    alone.say("person", **PERSON)
    page = alone.client.get("/apply/new").text
    assert "林○琴" in page
    assert "林秀琴" not in page
    assert alone.client.get(f"/apply/{alone.id}").location == alone.url("identity")


def test_a_nearly_full_disk_stops_new_applications_and_no_begun_one(tmp_path: Path):
    scene = build(tmp_path, free_bytes_stop=10**18)
    answer = scene.client().post("/apply/new", data={"kind": "first"})
    assert answer.status_code == 507
    assert sentence("storage_low", "zh") in answer.text


def test_a_draft_goes_only_after_it_was_asked_about(alone: Applicant):
    alone.show_face()
    assert alone.client.get(alone.url("throw_away")).status_code == 200
    assert alone.draft() is not None
    assert alone.post("throw_away").status_code == 303
    assert alone.draft() is None
    assert list(alone.scene.settings.photos_dir.iterdir()) == []


# --- kept as typed ---


def test_half_typed_fields_survive_a_crash_of_the_browser(alone: Applicant):
    kept = alone.client.post(alone.url("person/keep"), data={"name": "林秀", "birth": "47.8.", "email": "a@"})
    assert (kept.status_code, kept.data) == (204, b"")
    alone.scene.store.close()
    page = alone.scene.client().get(alone.url("person")).text
    for text in ("林秀", "47.8.", "a@"):
        assert f'value="{text}"' in page


def test_another_process_finds_the_draft(alone: Applicant):
    from kiosk import create_app

    alone.say("person", **PERSON)
    app = create_app(alone.scene.settings, now_is=lambda: NOW)
    with app.extensions["store"].read() as db:
        assert drafts.find(db, alone.id).answers.name == "林秀琴"


def test_a_wrong_field_loses_nothing_of_the_right_ones(first: Applicant):
    answer = first.say("person", name="林秀琴", birth="104.2.29", email="a@example.tw")
    assert answer.status_code == 422
    assert 'value="104.2.29"' in answer.text
    assert sentence("date_no_such_day", "zh") in answer.text
    assert 'href="#birth"' in answer.text
    assert (first.answers().name, first.answers().birth_date) == ("林秀琴", None)


def test_a_right_answer_made_wrong_opens_its_question_again(first: Applicant):
    first.identify()
    first.say("identity", document="id", number="A223456782")
    assert first.answers().identity is None
    assert first.client.get(f"/apply/{first.id}").location == first.url("identity")


def test_tokens_and_strange_fields_are_not_kept(first: Applicant):
    first.say("person", csrf_token="secret", **{"Evil Field": "x", "name": "林", "birth": "47.8.16"})
    assert set(first.answers().typed["person"]) == {"name", "birth"}


# --- identity number ---


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("a223456781", "national"),
        ("Ａ２２３４５６７８１", "national"),
        ("A800000014", "ui_new"),
        ("AC01234567", "ui_old"),
    ],
)
def test_numbers_of_each_kind_are_taken_as_they_are_typed(first: Applicant, number: str, kind: str):
    assert first.say("identity", document="id", number=number, twin_seen="yes").status_code == 303
    assert first.answers().identity.kind == kind


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "identity_missing"),
        ("A223456782", "id_check_digit"),
        ("LI225464410", "id_length"),
        ("A323456789", "id_characters"),
    ],
)
def test_a_wrong_number_has_its_sentence(first: Applicant, number: str, code: str):
    answer = first.say("identity", document="id", number=number)
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_passport_is_only_what_is_said_to_be_one_and_needs_its_nationality(first: Applicant):
    assert first.say("identity", document="id", number="C1234567").status_code == 422
    answer = first.say("identity", document="passport", number="c-1234567")
    assert sentence("passport_nationality_missing", "zh") in answer.text
    assert first.say("identity", document="passport", number="c-1234567", nationality="XX").status_code == 422
    assert first.say("identity", document="passport", number="c-1234567", nationality="VN").status_code == 303
    assert (first.answers().identity.number, first.answers().identity.nationality) == ("C1234567", "VN")


def test_the_passport_page_offers_nationalities(first: Applicant):
    page = first.get("identity?document=passport").text
    assert '<option value="VN">越南' in page
    assert "<select" not in first.get("identity").text


@pytest.mark.parametrize(
    ("number", "state", "words"),
    [
        ("", "", "請看著證件輸入"),
        ("A22345", "", "還差 4 個字"),
        ("2", "stop", "第 1 個字是英文字母"),
        ("A223456781", "good", "國民身分證"),
        ("A223456782", "stop", "號碼不對"),
    ],
)
def test_the_live_check_asks_the_same_rules(first: Applicant, number: str, state: str, words: str):
    answer = first.client.post(first.url("live/number"), data={"document": "id", "number": number}, headers=FRAGMENT)
    assert not whole(answer)
    assert f'data-state="{state}"' in answer.text
    assert words in answer.text


def test_the_same_number_in_two_drafts_is_said_at_once(scene: Scene):
    one, two = Applicant(scene), Applicant(scene)
    assert one.say("identity", document="id", number="A223456781").status_code == 303
    assert "還有同一個號碼" not in one.get("identity").text
    told = two.say("identity", document="id", number="A223456781")
    assert told.status_code == 200
    assert "還有同一個號碼" in told.text
    assert 'name="twin_seen" value="yes"' in told.text
    assert two.say("identity", document="id", number="A223456781", twin_seen="yes").status_code == 303


def test_a_number_that_was_sent_and_is_not_decided_is_said_too(alone: Applicant):
    alone.fill()
    alone.post("submit")
    other = Applicant(alone.scene)
    assert "已經從這台機器送出過" in other.say("identity", document="id", number="A223456781").text
    alone.scene.accept(alone.id, "issued")
    assert "已經從這台機器送出過" not in other.get("identity").text


# --- person ---


def test_a_short_year_is_asked_back_once_and_then_taken(first: Applicant):
    asked = first.say("person", name="林秀琴", birth="47.8.16", email="")
    assert asked.status_code == 422
    assert asked.text.count("嗎？") == asked.text.count("您說的是民國 47 年嗎？") == 1
    assert "出生年月日：民國 47 年。對就按「下一步」，不對請輸入完整的年份" in asked.text
    assert "data-asks" in asked.text and "有 1 個地方要看" not in asked.text  # nothing is wrong
    assert 'aria-describedby="birth-hint birth-live"' in asked.text
    sure = re.search(r'name="birth_sure" value="([^"]+)"', asked.text)[1]
    assert first.say("person", name="林秀琴", birth="47.8.16", birth_sure=sure).status_code == 303
    assert first.answers().birth_date == date(1958, 8, 16)


def test_the_live_check_asks_about_a_short_year_so_that_going_on_takes_one_press(first: Applicant):
    answer = first.client.post(first.url("live/birth"), data={"birth": "47.8.16"})
    assert "您說的是民國 47 年嗎？" in answer.text
    assert "西元 1958 年" in answer.text
    assert 'name="birth_sure" value="1958-08-16"' in answer.text


def test_a_year_that_was_asked_about_counts_for_that_day_only(first: Applicant):
    answer = first.say("person", name="林秀琴", birth="48.8.16", birth_sure="1958-08-16")
    assert answer.status_code == 422


@pytest.mark.parametrize("birth", ["1958/8/16", "民國47年8月16日", "0470816", "０４７.０８.１６"])
def test_both_calendars_are_read_and_both_shown(first: Applicant, birth: str):
    assert first.say("person", name="林秀琴", birth=birth).status_code == 303
    assert "民國 47 年 8 月 16 日（西元 1958 年），星期六" in first.get("person").text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "name_empty"),
        ({"name": "林\u200b秀琴"}, "name_characters"),
        ({"name": "林" * 51}, "name_over_limit"),
        ({"birth": ""}, "date_missing"),
        ({"birth": "115.11.22"}, "birth_in_future"),
        ({"birth": "民國前1年1月1日"}, "date_before_roc"),
        ({"birth": "1911-12-31"}, "date_before_roc"),
        ({"birth": "昨天"}, "date_unreadable"),
        ({"email": "somebody"}, "email_wrong"),
        ({"email": "a b@example.tw"}, "email_wrong"),
    ],
)
def test_a_wrong_person_field_has_its_sentence(first: Applicant, fields: dict, code: str):
    answer = first.say("person", **PERSON | fields)
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text


def test_todays_child_and_no_mail_are_fine(first: Applicant):
    assert first.say("person", name="NGUYEN THI HOA", birth="115.11.21", email="").status_code == 303


# --- the book ---


def test_totals_are_read(first: Applicant):
    assert first.say("book", **BOOK).status_code == 303
    service = first.answers().service
    assert (service.first_day, service.last_day, service.half_hours) == (date(2023, 11, 1), date(2026, 10, 31), 637)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"book_prefix": ""}, "book_number_missing"),
        ({"book_number": ""}, "book_number_missing"),
        ({"book_number": "1" * 31}, "book_number_too_long"),
        ({"hours": "0.3"}, "hours_step"),
        ({"hours": ""}, "hours_missing"),
        ({"hours": "很多"}, "hours_unreadable"),
        ({"hours": "99999"}, "hours_more_than_time"),
        ({"last_day": "112.10.31"}, "start_after_last"),
        ({"first_day": "106.11.31"}, "date_no_such_day"),
        ({"first_day": ""}, "date_missing"),
    ],
)
def test_a_wrong_book_field_has_its_sentence_and_keeps_the_rest(first: Applicant, fields: dict, code: str):
    answer = first.say("book", **BOOK | fields)
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text
    for name, value in BOOK.items():
        if name not in fields and name not in ("mode", "category"):
            assert f'value="{value}"' in answer.text


def test_service_in_the_future_is_not_served_yet(first: Applicant):
    answer = first.say("book", **BOOK | {"last_day": "115.11.22"})
    assert sentence("date_in_future", "zh", {"day": "115.11.22"}) in answer.text
    assert first.say("book", **BOOK | {"last_day": "115.11.21"}).status_code == 303


def rows(*given: tuple[str, str, str], **more: str) -> dict[str, str]:
    fields = {"mode": "rows", "book_prefix": "北市志", "book_number": "1", **more}
    for at, (start, end, hours) in enumerate(given):
        fields |= {f"start-{at}": start, f"end-{at}": end, f"hours-{at}": hours, f"category-{at}": "ordinary"}
    return fields


def test_rows_are_read_minutes_and_all(first: Applicant):
    typed = rows(("112.11.1", "112.11.3", "2:10"), ("112.12.1", "", "2.5"), ("113.1.1", "", "1小時40分"))
    assert first.say("book", **typed).status_code == 303
    read = [(row.start.isoformat(), row.end.isoformat(), row.minutes) for row in first.answers().service.rows]
    assert read == [
        ("2023-11-01", "2023-11-03", 130),
        ("2023-12-01", "2023-12-01", 150),
        ("2024-01-01", "2024-01-01", 100),
    ]


def sures(page: str) -> dict[str, str]:
    """What a page asks back with, as its form would return it."""
    return dict(re.findall(r'<input type="hidden" name="([\w-]+_sure)" value="([^"]+)">', page))


def test_a_month_alone_is_asked_back_then_runs_from_its_first_day_to_its_last_and_is_flagged(first: Applicant):
    typed = rows(("105年11月", "", "20"), ("105.2", "105年3月", "20"), **{"content-0": "導覽"})
    asked = first.say("book", **typed)
    assert asked.status_code == 422 and first.answers().service is None
    assert "105.11.01" in asked.text and "105.03.31" in asked.text
    assert first.say("book", **typed | sures(asked.text)).status_code == 303
    one, two = first.answers().service.rows
    assert (one.start, one.end, one.content) == (date(2016, 11, 1), date(2016, 11, 30), "（只寫到月）導覽")
    assert (two.start, two.end) == (date(2016, 2, 1), date(2016, 3, 31))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("105年11月", ("2016-11-01", "2016-11-30")),
        ("民國105年2月", ("2016-02-01", "2016-02-29")),
        ("2016/12", ("2016-12-01", "2016-12-31")),
        ("１０５．１１", ("2016-11-01", "2016-11-30")),
        ("105.13", None),
        ("105.11.1", None),
        ("", None),
    ],
)
def test_months_are_read_in_the_forms_people_write(text: str, span: tuple[str, str] | None):
    found = month_of(text)
    assert (found and tuple(day.isoformat() for day in found)) == span


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (("112.11.31", "", "2"), "date_no_such_day", "start-0"),
        (("112.11.3", "112.11.1", "2"), "start_after_last", "end-0"),
        (("112.11.1", "", "0.3"), "hours_step", "hours-0"),
        (("112.11.1", "", "0"), "hours_missing", "hours-0"),
        (("112.11.1", "", "25"), "hours_more_than_time", "hours-0"),
        (("", "112.11.1", "2"), "date_missing", "start-0"),
    ],
)
def test_a_wrong_row_is_named_and_linked(first: Applicant, row: tuple, code: str, field: str):
    answer = first.say("book", **rows(("112.11.1", "", "2")) | rows(row))
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text
    assert f'href="#{field}"' in answer.text
    assert "第 1 列" in answer.text


def test_no_rows_at_all_is_not_a_service(first: Applicant):
    answer = first.say("book", **rows(("", "", "")))
    assert sentence("rows_missing", "zh") in answer.text


def test_an_empty_row_between_full_ones_does_not_matter(first: Applicant):
    assert first.say("book", **rows(("112.11.1", "", "2"), ("", "", ""), ("112.12.1", "", "3"))).status_code == 303
    assert len(first.answers().service.rows) == 2


def test_rows_are_added_and_taken_out_without_losing_the_others(first: Applicant):
    fields = rows(("112.11.1", "", "1"), ("112.11.2", "", "2"), ("112.11.3", "", "3"))
    first.say("book", act="remove-1", **fields)
    page = first.get("book").text
    assert re.findall(r'name="start-\d+" value="([^"]*)"', page) == ["112.11.1", "112.11.3", ""]
    first.say("book", act="add", **fields)
    assert len(re.findall(r'name="start-\d+"', first.get("book").text)) == 4


def test_changing_the_way_of_typing_and_back_costs_nothing(first: Applicant):
    first.say("book", act="rows", **BOOK)
    first.client.post(first.url("book/keep"), data=rows(("112.11.1", "", "2")))
    first.say("book", act="totals", **rows(("112.11.1", "", "2")))
    page = first.get("book").text
    assert 'value="112.11.01"' in page
    assert 'value="318.5"' in page
    first.say("book", act="rows", **BOOK)
    assert 'value="112.11.1"' in first.get("book").text


def test_the_sum_of_the_rows_is_shown_while_they_are_typed(first: Applicant):
    fields = rows(("112.11.1", "", "100:10"), ("113.1", "", "100:10"), ("113.2", "", "99:50"))
    fields["end-0"] = "112.11.30"
    answer = first.client.post(first.url("live/sum"), data=fields)
    assert "3 列，共 300 小時" in answer.text  # A14: minutes are summed before they are floored


# --- the old card of a renewal ---


def test_a_typed_date_needs_the_cards_photograph(renewal: Applicant):
    answer = renewal.say("previous", valid_until="115.11.30")
    assert answer.status_code == 422
    assert sentence("previous_photo_missing", "zh") in answer.text
    assert renewal.answers().previous.valid_until == date(2026, 11, 30)


def test_a_scanners_text_fills_in_date_and_number(renewal: Applicant):
    answer = renewal.say("previous", qr=renewal.scene.cards.texts["valid"])
    assert answer.status_code == 303
    known = renewal.answers().previous
    assert (known.valid_until, known.source, known.seq) == (date(2029, 11, 20), "qr", 100_010)
    assert "讀到舊卡了" in renewal.get("previous").text
    assert renewal.at == renewal.url("identity")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "previous_qr_not_card"),
        ("HTTPS://EXAMPLE.ORG/ABCDEFGHIJKLMNOP#1234567890123456789012345", "previous_qr_foreign"),
        (PREFIX + "ABCDEFGHIJKLMNOP#1234567890123456789012345", "previous_qr_unsound"),
    ],
)
def test_a_code_that_is_no_card_of_ours_has_its_sentence(renewal: Applicant, text: str, code: str):
    answer = renewal.say("previous", qr=text)
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text
    assert renewal.answers().previous is None


def test_a_forged_card_is_not_believed(renewal: Applicant):
    answer = renewal.say("previous", qr=renewal.scene.cards.texts["forged"])
    assert sentence("previous_qr_unsound", "zh") in answer.text


def test_without_a_trust_list_the_center_decides_about_the_card(scene: Scene):
    renewal = Applicant(scene, "renewal")
    renewal.scene.settings.trust_file.unlink()
    assert renewal.say("previous", qr=renewal.scene.cards.texts["forged"]).status_code == 303


def test_a_date_typed_over_the_qrs_is_typed(renewal: Applicant):
    renewal.say("previous", qr=renewal.scene.cards.texts["valid"])
    renewal.say("previous", valid_until="115.11.30")
    known = renewal.answers().previous
    assert (known.valid_until, known.source, known.seq) == (date(2026, 11, 30), "typed", None)


def test_turning_a_renewal_into_a_first_card_forgets_the_old_one(renewal: Applicant):
    renewal.say("previous", qr=renewal.scene.cards.texts["valid"])
    renewal.say("kind", kind="first")
    assert renewal.answers().previous is None


def test_a_renewal_is_told_from_which_day_hours_count(renewal: Applicant):
    renewal.say("previous", qr=renewal.scene.cards.texts["expired"])  # to 115.11.20
    assert "112.11.01" in renewal.get("book").text


# --- verdict ---


def test_a_pass_says_so_and_goes_on(first: Applicant):
    first.say("book", **BOOK)
    page, fragment = first.get("verdict"), first.get("verdict", headers=FRAGMENT)
    assert 'data-verdict="good"' in page.text
    assert "可以申請了" in page.text
    assert "318.5" in page.text
    assert whole(page) and not whole(fragment)
    assert first.post("verdict").status_code == 303


def test_a_miss_gives_the_figure_the_day_and_the_next_step(first: Applicant):
    first.say("book", **BOOK | {"first_day": "112.12.15", "last_day": "115.11.14"})
    page = first.get("verdict").text
    assert 'data-verdict="wait"' in page
    assert "12 月 14 日起可以申請" in page
    assert "要到 115.12.14" in page
    assert page.count("115.11.14 最後一筆") == 1
    assert "接下來怎麼做" in page
    assert "2 年 11 個月" in page


def test_a_failing_verdict_cannot_be_pressed_away(first: Applicant):
    first.say("book", **BOOK | {"hours": "299.5"})
    assert first.post("verdict").status_code == 200
    assert "verdict" not in first.answers().typed
    assert "時數還差 0.5 小時" in first.get("verdict").text


def test_an_excluded_category_points_to_police_and_fire(first: Applicant):
    first.say("book", **BOOK | {"category": "volunteer_fire"})
    page = first.get("verdict").text
    assert "警察或消防單位" in page
    assert "怎麼算的" not in page


def test_a_verdict_before_the_book_sends_to_the_book(first: Applicant):
    assert first.get("verdict").location == first.url("book")


def test_new_dates_want_a_new_verdict(first: Applicant):
    first.fill()
    first.say("book", **BOOK | {"hours": "320"})
    assert first.at == first.url("verdict")
    first.say("person", **PERSON)
    assert first.at == first.url("verdict")


# --- check and submit ---


def test_the_check_page_shows_every_answer_with_a_way_to_change_it(first: Applicant):
    first.fill()
    page, fragment = first.get("check"), first.get("check", headers=FRAGMENT)
    for text in ("A223456781", "林秀琴", "047年08月16日", "北市志字第 043871 號", "318.5 小時", "封面和內頁 1 張"):
        assert text in page.text
    for step in ("kind", "identity", "person", "headshot", "book_photos", "book"):
        assert f'href="{first.url(step)}?back=check"' in page.text
    assert "本資料僅用於申請志願服務卡等相關志工服務。" in page.text
    assert whole(page) and not whole(fragment)


def test_a_change_from_the_check_page_comes_back_to_it(first: Applicant):
    first.fill()
    assert f'href="{first.url("check")}"' in first.get("person?back=check").text
    first.say("person", back="check", **PERSON | {"name": "林秀英"})
    assert first.at == first.url("check")


def test_an_unfinished_application_is_not_sent_and_says_what_is_open(first: Applicant):
    answer = first.post("submit")
    assert answer.status_code == 409
    assert sentence("draft_incomplete", "zh") in answer.text
    assert answer.text.count("還沒有答完") >= 5
    assert first.draft() is not None


def test_nothing_is_sent_without_consent(alone: Applicant):
    alone.fill()
    from msgspec.structs import replace

    with alone.scene.store.write() as db:
        drafts.save(db, alone.id, replace(alone.answers(), consent=False), 1)
    answer = alone.post("submit")
    assert sentence("consent_missing", "zh") in answer.text
    assert alone.scene.ops("application.submit") == 0


def test_the_notice_is_shown_before_the_consent(first: Applicant):
    page, fragment = first.get("consent"), first.get("consent", headers=FRAGMENT)
    assert "本資料僅用於申請志願服務卡等相關志工服務。" in page.text
    assert whole(page) and not whole(fragment)
    assert first.answers().consent is False


def test_submitting_leaves_a_sealed_operation_a_slip_and_no_draft(alone: Applicant):
    alone.fill()
    answer = alone.post("submit")
    assert answer.location == f"/slip/{alone.id}"
    assert slips.recall(alone.id) is not None
    assert "林秀琴" not in alone.client.get(answer.location).text  # the slip masks the name
    assert alone.draft() is None
    assert list(alone.scene.settings.photos_dir.iterdir()) == []
    with alone.scene.store.read() as db:
        sealed = db.conn.execute("SELECT body FROM op_log").fetchone()[0]
    body = wire.decode(wire.ApplicationBody, open_sealed(sealed, alone.scene.center, "body"))
    assert (body.name, body.identity_number, body.birth_date) == ("林秀琴", "A223456781", date(1958, 8, 16))
    assert (body.first_day, body.last_day, body.half_hours) == (date(2023, 11, 1), date(2026, 10, 31), 637)
    assert {(photo.slot, photo.position) for photo in body.photos} == {("headshot", 0), ("cover", 0), ("page", 1)}
    assert body.verdict["outcome"] == "pass"


def test_a_second_press_sends_nothing_twice(alone: Applicant):
    alone.fill()
    alone.post("submit")
    secret = slips.recall(alone.id)
    assert alone.post("submit").location == f"/slip/{alone.id}"
    assert slips.recall(alone.id) == secret
    assert alone.scene.ops("application.submit") == 1


def test_a_verdict_that_lapsed_overnight_stops_the_submit(alone: Applicant):
    alone.fill()
    alone.scene.app.config["NOW"] = lambda: datetime(2027, 6, 21, 2, 0, tzinfo=UTC)
    answer = alone.post("submit")
    assert answer.status_code == 409
    assert sentence("not_eligible_yet", "zh") in answer.text
    assert f'href="{alone.url("verdict")}"' in answer.text
    assert alone.draft() is not None
    assert alone.scene.ops("application.submit") == 0


def test_a_photo_lost_from_the_disk_is_said_and_nothing_is_sent(alone: Applicant):
    alone.fill()
    for path in alone.scene.settings.photos_dir.iterdir():
        path.write_bytes(b"")
    answer = alone.post("submit")
    assert answer.status_code >= 400
    assert alone.draft() is not None
    assert alone.scene.ops("application.submit") == 0


# --- a returned case ---


def returned(applicant: Applicant, *reasons: str, slots: tuple[str, ...] = (), text: str = "") -> None:
    """The center takes the application and gives it back."""
    scene = applicant.scene
    with scene.store.read() as db:
        sealed = db.conn.execute("SELECT body FROM op_log ORDER BY seq DESC").fetchone()[0]
    body = wire.decode(wire.ApplicationBody, open_sealed(sealed, scene.center, "body"))
    scene.accept(applicant.id, "returned", rev=2)
    scene.give_back(applicant.id, wire.Returned(reasons=reasons, text=text, slots=slots, application=body))


@pytest.fixture
def sent_in(alone: Applicant) -> Applicant:
    alone.identify()
    alone.show_face()
    alone.show_book(2)
    alone.say("book", **BOOK)
    alone.post("verdict")
    alone.post("consent")
    assert alone.post("submit").status_code == 303
    return alone


def test_a_returned_case_opens_at_the_question_concerned_with_the_reviewers_words(sent_in: Applicant):
    returned(sent_in, "hours_differ", text="第 3 列應該是 2 小時")
    answer = sent_in.client.post(f"/apply/correct/{sent_in.id}")
    assert answer.location == sent_in.url("book")
    page = sent_in.get("book").text
    assert "填的時數和紀錄冊不同" in page
    assert "第 3 列應該是 2 小時" in page
    assert 'value="318.5"' in page
    assert "審查人員請您補正" not in sent_in.get("person").text


def test_only_the_page_concerned_is_photographed_again(sent_in: Applicant):
    returned(sent_in, "page_glare", slots=("page-2",))
    assert sent_in.client.post(f"/apply/correct/{sent_in.id}").location == sent_in.url("book_photos")
    camera = sent_in.get("book_photos").text
    assert "第 2 頁" in camera
    assert "position=2" in camera
    from tests.kiosk.applying import inside

    assert sent_in.photograph("page", inside(3), query_string={"position": "2"}).status_code == 303
    assert [(photo.slot, photo.position) for photo in sent_in.photos()] == [("page", 2)]
    assert sent_in.post("book_photos").location == sent_in.url("verdict")


def test_the_amendment_bears_old_and_new_photographs_and_the_revision(sent_in: Applicant):
    first_op = sent_in.scene.ops("application.submit")
    returned(sent_in, "headshot_unfit", slots=("headshot",))
    sent_in.client.post(f"/apply/correct/{sent_in.id}")
    sent_in.show_face()
    sent_in.post("verdict")
    sent_in.post("consent")
    assert sent_in.post("submit").location == f"/slip/{sent_in.id}"
    assert (first_op, sent_in.scene.ops("application.amend")) == (1, 1)
    with sent_in.scene.store.read() as db:
        op = db.conn.execute("SELECT base_rev, body FROM op_log WHERE kind = 'application.amend'").fetchone()
    body = wire.decode(wire.ApplicationBody, open_sealed(op[1], sent_in.scene.center, "body"))
    assert op[0] == 2
    assert {(photo.slot, photo.position) for photo in body.photos} == {
        ("headshot", 0), ("cover", 0), ("page", 1), ("page", 2),
    }  # fmt: skip


def test_correcting_twice_keeps_what_was_corrected(sent_in: Applicant):
    returned(sent_in, "name_differs")
    sent_in.client.post(f"/apply/correct/{sent_in.id}")
    sent_in.say("person", **PERSON | {"name": "林秀英"})
    sent_in.client.post(f"/apply/correct/{sent_in.id}")
    assert sent_in.answers().name == "林秀英"


def test_a_case_that_was_not_returned_cannot_be_corrected(sent_in: Applicant):
    answer = sent_in.client.post(f"/apply/correct/{sent_in.id}")
    assert answer.status_code == 409
    assert sentence("case_not_returned", "zh") in answer.text


def test_a_case_sealed_to_another_tablet_does_not_open(sent_in: Applicant):
    returned(sent_in, "other", text="請補")
    from sync.device import DeviceKeys

    DeviceKeys.generate().save(sent_in.scene.settings.key_file.parent)
    answer = sent_in.client.post(f"/apply/correct/{sent_in.id}")
    assert answer.status_code == 409
    assert sentence("case_does_not_open", "zh") in answer.text


def test_correcting_needs_the_pin_and_a_press(sent_in: Applicant):
    returned(sent_in, "other", text="請補")
    assert sent_in.scene.client(unlocked=False).post(f"/apply/correct/{sent_in.id}").location.startswith("/unlock")
    assert sent_in.client.get(f"/apply/correct/{sent_in.id}").status_code in (404, 405)
    assert sent_in.draft() is None


