"""Record books, pages, rows and trainings, from the screen to the center's database: two books, an inserted page, print-outs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from center.store import cases
from honorcard.problems import CATALOGUE, sentence
from kiosk import pins
from kiosk.asking import places, progress, rows
from kiosk.drafting import Answers, DraftPhoto
from sync.claims import verdict_of, verdict_record
from sync.wire import Evidence, Photo
from tests.kiosk.applying import BOOK, Applicant, cover, inside
from tests.kiosk.scene import PIN, Scene, build
from tests.sync.loopback import Center, Kiosk, running


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A city that counts nothing before the trainings are complete."""
    return build(tmp_path_factory.mktemp("strict"), rules={"training_gate": "enforce"})


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with running(tmp_path_factory.mktemp("center")) as answering:
        yield answering


def sures(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([\w-]+_sure)" value="([^"]+)">', page))


def monthly(years: tuple[int, ...], *, page: int = 0) -> dict[str, str]:
    """Rows of two days a year, 100 hours each, in November."""
    fields = {"mode": "rows", "book_prefix": "北市志", "book_number": "043871"}
    for at, year in enumerate(years):
        fields |= {
            f"start-{at}": f"{year}.11.01~{year}.11.30", f"hours-{at}": "100", f"item-{at}": "文化服務",
            f"content-{at}": "導覽", f"unit-{at}": "北門文化館", f"category-{at}": "ordinary",
        }  # fmt: skip
        if page:
            fields[f"page-{at}"] = str(page)
    return fields


# --- which page a photograph shows ---


def taken(position: int, slot: str = "page", at_ms: int | None = None, **more) -> DraftPhoto:
    return DraftPhoto(
        photo_id=f"{slot}{position}", application_id="a", slot=slot, position=position, original="o", original_width=1,
        original_height=1, taken_ms=position if at_ms is None else at_ms, **more,
    )  # fmt: skip


def told(photos, **answers) -> list[tuple[str, int, int]]:
    shown = places.shown(Answers(**answers), photos)
    return [(page.kind, page.book, page.page) for _, page in sorted(shown.items())]


def test_one_book_from_its_first_page_needs_no_word():
    photos = [taken(0, "cover"), *(taken(at) for at in (1, 2, 3))]
    assert told(photos) == [("book_page", 1, at) for at in (1, 2, 3)]


def test_a_cover_between_two_pages_begins_the_next_book():
    photos = [
        taken(0, "cover", 1), taken(1, at_ms=2), taken(2, at_ms=3), taken(2, "cover", 4), taken(3, at_ms=5), taken(4, at_ms=6),
    ]  # fmt: skip
    assert told(photos) == [("book_page", 1, 1), ("book_page", 1, 2), ("book_page", 2, 1), ("book_page", 2, 2)]


def test_what_was_said_stands_and_those_after_it_follow():
    photos = [
        taken(1, evidence=Evidence(page=7)), taken(2), taken(3, evidence=Evidence(kind="inserted_page", page=8)), taken(4),
        taken(5, evidence=Evidence(kind="printout", book=0, page=1, printed_on=date(2026, 11, 1))), taken(6),
    ]  # fmt: skip
    assert told(photos) == [
        ("book_page", 1, 7), ("book_page", 1, 8), ("inserted_page", 1, 8), ("book_page", 1, 9), ("printout", 0, 1),
        ("printout", 0, 2),
    ]  # fmt: skip
    assert places.shown(Answers(), photos)[6].printed_on == date(2026, 11, 1)


def test_with_printouts_alone_the_first_page_is_one():
    assert told([taken(1), taken(2)], record="printout") == [("printout", 0, 1), ("printout", 0, 2)]
    assert places.books_shown(Answers(record="printout"), [taken(1)]) == 0


def test_pages_that_stay_as_they_were_sent_keep_their_place():
    kept = Photo(
        slot="page", position=1, sealed_sha256="a" * 64, clear_sha256="b" * 64, size=1, width=1, height=1,
        evidence=Evidence(book=2, page=4),
    )  # fmt: skip
    assert told([taken(2)], kept=(kept,)) == [("book_page", 2, 4), ("book_page", 2, 5)]


def test_a_page_retaken_shows_what_it_showed_before_unless_somebody_says_otherwise():
    were = ((2, Evidence(kind="inserted_page", book=2, page=9)),)
    assert told([taken(1), taken(2)], were=were) == [("book_page", 1, 1), ("inserted_page", 2, 9)]
    assert told([taken(1), taken(2, evidence=Evidence(page=3))], were=were)[1] == ("book_page", 1, 3)
    assert told([taken(1)], were=were) == [("book_page", 1, 1)]  # and is none before it is retaken


def test_a_book_whose_cover_was_photographed_and_whose_number_nobody_typed_is_named(first: Applicant):
    first.identify()
    first.show_face()
    first.show_book()
    first.photograph("cover?position=2", cover())
    first.say("book", **BOOK)
    hint = "第 2 本拍了封面，還沒填編號"
    assert hint in first.get("check").text
    first.say("book", **BOOK, **{"book_prefix-2": "北市志", "book_number-2": "050001"})
    assert [book.number for book in first.answers().books] == ["043871", "050001"]
    assert hint not in first.get("check").text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"page": "0"}, "evidence_place"),
        ({"page": "501"}, "evidence_place"),
        ({"page": "two"}, "evidence_place"),
        ({"page": ""}, "evidence_place"),
        ({"book": "21"}, "evidence_place"),
        ({"page_kind": "printout", "printed_on": "114.12.31"}, "printout_too_early"),
        ({"page_kind": "printout", "printed_on": "116.01.01"}, "printout_from_future"),
        ({"page_kind": "printout", "printed_on": "115.13.01"}, "date_no_such_day"),
    ],
)
def test_a_page_that_cannot_be_is_named_and_stays_in_the_field(first: Applicant, fields: dict, code: str):
    first.photograph("cover", cover())
    first.photograph("page", inside())
    answer = first.say("pages/1", **{"page_kind": "book_page", "book": "1", "page": "1"} | fields)
    assert answer.status_code == 422
    assert sentence(code, "zh") in answer.text
    assert all(f'value="{value}"' in answer.text for value in fields.values() if value and value != "21")
    assert first.photos()[1].evidence is None


def test_a_page_of_nobody_is_not_found_and_a_locked_kiosk_says_nothing(first: Applicant):
    assert first.get("pages/1").status_code == CATALOGUE["photo_gone"].status
    assert first.say("pages/1", page_kind="printout", page="1").status_code == CATALOGUE["photo_gone"].status
    assert first.scene.client(unlocked=False).get(first.url("pages/1")).status_code == 303


def test_the_place_of_a_page_survives_a_retake_and_goes_along_when_pages_move(first: Applicant):
    first.photograph("cover", cover())
    first.photograph("page", inside(1))
    first.photograph("page", inside(2))
    assert first.say("pages/2", page_kind="inserted_page", book="1", page="9").status_code == 303
    first.say("book", **monthly((112,), page=2))
    first.photograph("page?position=2", inside(3))
    moved = next(photo for photo in first.photos() if photo.position == 2)
    assert moved.evidence == Evidence(kind="inserted_page", page=9)
    first.post(f"photos/{moved.photo_id}/up")
    assert [(photo.position, photo.evidence and photo.evidence.page) for photo in first.photos() if photo.slot == "page"] == [
        (1, 9), (2, None),
    ]  # fmt: skip
    assert first.answers().service.rows[0].page == 1
    assert first.answers().typed["book"]["page-0"] == "1"
    gone = next(photo for photo in first.photos() if photo.position == 1 and photo.slot == "page")
    first.post(f"photos/{gone.photo_id}/remove")
    assert first.answers().service.rows[0].page is None


def test_the_overview_says_each_page_by_its_place_and_asks_for_a_further_cover(first: Applicant):
    first.photograph("cover", cover())
    first.photograph("page", inside(1))
    page = first.get("book_photos").text
    assert "take/cover?position=2" in page and f'href="{first.url("pages/1")}"' in page
    first.photograph("cover?position=2", cover())
    first.photograph("page", inside(2))
    page = first.get("book_photos").text
    assert "第 2 本的封面" in page and "第 2 本第 1 頁" in page and "take/cover?position=3" in page
    second = next(photo for photo in first.photos() if (photo.slot, photo.position) == ("cover", 2))
    first.post(f"photos/{second.photo_id}/remove")
    assert "第 2 本" not in first.get("book_photos").text.replace("拍第 2 本", "")


# --- print-outs instead of a book ---


def test_somebody_with_printouts_only_needs_no_cover_and_no_book_number(first: Applicant):
    assert "只有全國系統列印" in first.get("book_photos").text
    assert first.say("record", record="printout").status_code == 303
    assert first.photograph("page", inside()).status_code == 303
    assert first.post("book_photos").status_code == 303
    assert "book_photos" not in progress.missing(first.answers(), first.photos())
    typed = monthly((112, 113, 114))
    typed |= {"book_prefix": "", "book_number": "", "start-3": "115.10", "hours-3": "20"}
    asked = first.say("book", **typed)
    assert first.say("book", **typed | sures(asked.text)).status_code == 303
    assert first.answers().books == ()
    page = first.get("verdict").text
    assert "可以申請了" in page
    assert "字第" not in first.get("check").text


# --- books ---


def test_two_books_are_read_and_a_blank_further_one_is_none(first: Applicant):
    two = {"book_prefix-2": "北市志", "book_number-2": "050001", "book_issued-2": "113.5.1", "book_issued": "108.6.2"}
    assert first.say("book", **BOOK | two).status_code == 303
    assert [(book.number, book.issued_on) for book in first.answers().books] == [
        ("043871", date(2019, 6, 2)), ("050001", date(2024, 5, 1)),
    ]  # fmt: skip
    assert first.say("book", **BOOK | {"book_prefix-2": "北市志", "book_number-2": ""}).status_code == 303
    assert len(first.answers().books) == 1


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"book_prefix-2": "", "book_number-2": "5"}, "book_number_missing", "book_prefix-2"),
        ({"book_prefix-3": "北", "book_number-3": "5"}, "book_number_missing", "book_number-2"),
        ({"book_issued": "116.1.1"}, "date_in_future", "book_issued"),
        ({"book_issued": "99.1.1"}, "date_short_year", "book_issued"),
    ],
)
def test_what_is_wrong_with_a_book_is_said_at_its_field(first: Applicant, more: dict, code: str, field: str):
    answer = first.say("book", **BOOK | more)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and f'id="{field}"' in answer.text


def test_one_book_more_keeps_all_that_was_typed(first: Applicant):
    first.say("book", act="book", **BOOK)
    page = first.get("book").text
    assert 'name="book_number-2"' in page and 'value="043871"' in page and 'value="318.5"' in page
    assert first.answers().typed["book"]["book_prefix-2"] == "北市志"


# --- rows with few keys ---


def test_a_row_takes_both_ends_in_one_field_and_the_next_row_takes_over_what_repeats(first: Applicant):
    first.say("book", act="add", **monthly((112,), page=1))
    typed = first.answers().typed["book"]
    assert (typed["item-1"], typed["unit-1"], typed["page-1"]) == ("文化服務", "北門文化館", "1")
    assert "content-1" not in typed
    assert first.say("book", **typed).status_code == 303  # what was taken over is no row yet
    [row] = first.answers().service.rows
    assert (row.start, row.end, row.minutes) == (date(2023, 11, 1), date(2023, 11, 30), 6000)
    assert (row.item, row.content, row.unit, row.page) == ("文化服務", "導覽", "北門文化館", 1)


def test_rows_are_read_beside_their_fields_while_they_are_typed_and_summed_by_page(first: Applicant):
    first.photograph("cover", cover())
    first.photograph("page", inside(1))
    first.photograph("page", inside(2))
    typed = monthly((112, 113)) | {"page-0": "1", "page-1": "2", "start-2": "98.3", "hours-2": "2:10", "page-2": "2"}
    answer = first.post("live/sum", data=typed, headers={"HX-Request": "true"}).text
    assert "3 列，共 202 小時" in answer
    assert re.search(r"第 1 頁</span><strong>100 小時.*第 2 頁</span><strong>102 小時", answer)
    assert 'id="row-2-says" hx-swap-oob' in answer and "098.03.01（西元 2009）" in answer
    assert sures(answer)["start-2_sure"] == "2009-03-01/2009-03-31"
    assert first.say("book", **typed | sures(answer)).status_code == 303  # asked there, so not asked again


def test_a_changed_month_is_asked_again(first: Applicant):
    typed = monthly((112,)) | {"start-0": "105.2", "start-0_sure": "2016-11-01/2016-11-30"}
    assert first.say("book", **typed).status_code == 422


def test_two_hundred_rows_with_all_their_fields_lose_nothing(first: Applicant):
    typed = {"mode": "rows", "book_prefix": "北", "book_number": "1"}
    for at in range(rows.MOST_ROWS):
        day = f"112.{at % 12 + 1}.{at % 28 + 1}"
        typed |= {f"start-{at}": day, f"end-{at}": day, f"hours-{at}": "1", f"item-{at}": "x", f"content-{at}": str(at)}
        typed |= {f"unit-{at}": "u", f"category-{at}": "ordinary", f"page-{at}": "1"}
    assert first.say("book", **typed).status_code == 303
    assert [row.content for row in first.answers().service.rows] == [str(at) for at in range(rows.MOST_ROWS)]


# --- English name, trainings ---


def test_an_english_name_is_optional_and_read_as_the_passport_spells_it(first: Applicant):
    person = {"name": "林秀琴", "birth": "047.08.16", "email": ""}
    assert first.say("person", **person, english_name="  LIN, Hsiu-chin ").status_code == 303
    assert first.answers().english_name == "LIN, Hsiu-chin"
    assert first.say("person", **person, english_name="林秀琴").status_code == 422
    assert first.say("person", **person).status_code == 303
    assert first.answers().english_name == ""


def test_trainings_are_optional_where_the_city_only_warns(first: Applicant):
    assert "training" not in first.get("identity").text
    assert "/training" in first.get("book").text
    assert first.say("book", **BOOK).status_code == 303
    assert first.answers().trainings is None
    said = {"basic_done": "yes", "basic_day": "113.1.1", "special_done": "no", "service_field": "文化"}
    assert first.say("training", **said).status_code == 303
    [training] = first.answers().trainings
    assert (training.kind, training.completed_on) == ("basic", date(2024, 1, 1))
    page = first.get("verdict").text
    assert "可以申請了" in page and "沒有完訓紀錄" in page and "R61" in page


def test_a_training_may_have_no_day_and_several_special_ones_are_read(first: Applicant):
    said = {
        "basic_done": "yes",
        "special_done": "yes",
        "special_field-1": "衛生福利",
        "special_certificate-1": "字第 7 號",
    }
    said |= {"special_field-2": "文化", "special_day-2": "112.5.1"}
    assert first.say("training", **said).status_code == 303
    basic, one, two = first.answers().trainings
    assert (basic.completed_on, one.completed_on, two.completed_on) == (None, None, date(2023, 5, 1))
    assert (one.field, one.certificate, two.field) == ("衛生福利", "字第 7 號", "文化")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "training_not_said"),
        ({"basic_done": "yes"}, "training_not_said"),
        ({"basic_done": "yes", "basic_day": "116.1.1", "special_done": "no"}, "date_in_future"),
        ({"basic_done": "yes", "basic_day": "99.1.1", "special_done": "no"}, "date_short_year"),
        ({"basic_done": "no", "special_done": "yes", "special_day-1": "x"}, "date_unreadable"),
    ],
)
def test_what_is_wrong_with_a_training_is_said_and_kept(first: Applicant, said: dict, code: str):
    answer = first.say("training", **said)
    assert answer.status_code == 422
    assert first.answers().trainings is None
    assert all(f'value="{value}"' in answer.text for value in said.values())


def test_where_the_city_enforces_trainings_they_are_asked_and_judged(strict: Scene):
    applicant = Applicant(strict)
    applicant.say("book", **BOOK)
    assert applicant.get("verdict").location.endswith("/training")
    applicant.say("training", basic_done="yes", basic_day="112.1.1", special_done="no")
    page = applicant.get("verdict").text
    assert "沒有完訓紀錄" in page and "R61" in page and "特殊訓練" in page
    applicant.say("training", basic_done="yes", basic_day="112.1.1", special_done="yes", **{"special_day-1": "113.1.1"})
    late = applicant.get("verdict").text  # counted from 113.01.01 on, so the years are not full
    assert "還差" in late and "12 月 31 日" in late


def test_where_a_city_looks_away_nobody_is_asked(tmp_path: Path):
    applicant = Applicant(build(tmp_path, rules={"training_gate": "off"}))
    assert "/training" not in applicant.get("book").text


# --- all the way to the center ---


def tablet(center: Center, folder: Path) -> SimpleNamespace:
    """A tablet enrolled at that center, as the scene of an applicant."""
    kiosk = Kiosk(folder)
    kiosk.enrol(center)
    kiosk.app.config["WTF_CSRF_ENABLED"] = False
    pins.set_pin(kiosk.store, PIN)

    def client():
        opened = kiosk.app.test_client()
        opened.environ_base["HTTP_HOST"] = "localhost"
        assert opened.post("/unlock", data={"pin": PIN}).status_code == 303
        return opened

    return SimpleNamespace(store=kiosk.store, client=client, kiosk=kiosk)


def test_two_books_an_inserted_page_and_a_printout_reach_the_center_as_they_were_typed(center: Center, tmp_path: Path):
    scene = tablet(center, tmp_path / "kiosk")
    volunteer = Applicant(scene)
    volunteer.say("identity", document="id", number="A223456781", twin_seen="yes")
    volunteer.say("person", name="林秀琴", birth="047.08.16", email="", english_name="LIN HSIU-CHIN")
    volunteer.show_face()
    volunteer.photograph("cover", cover())
    volunteer.photograph("page", inside(1))
    volunteer.say("pages/1", page_kind="inserted_page", book="1", page="9")
    volunteer.photograph("cover?position=2", cover())
    volunteer.photograph("page", inside(2))
    volunteer.photograph("page", inside(3))
    volunteer.say("pages/3", page_kind="printout", page="1", printed_on="115.11.20")
    assert volunteer.post("book_photos").status_code == 303
    assert places.books_shown(volunteer.answers(), volunteer.photos()) == 2
    typed = monthly((112, 113, 114)) | {"book_prefix-2": "北市志", "book_number-2": "050001"}
    typed |= {
        "start-3": "115.10.1",
        "end-3": "115.10.31",
        "hours-3": "20:10",
        "page-0": "1",
        "page-1": "2",
        "page-2": "2",
        "page-3": "3",
    }
    assert volunteer.say("book", **typed).status_code == 303
    volunteer.say(
        "training",
        basic_done="yes",
        basic_day="108.1.1",
        special_done="yes",
        service_field="文化",
        **{"special_field-1": "文化"},
    )
    shown = volunteer.get("verdict").text
    assert volunteer.post("verdict").status_code == 303
    assert volunteer.post("consent").status_code == 303
    check = volunteer.get("check").text
    assert "第 9 頁（加頁）" in check and "第 2 本第 1 頁" in check and "全國系統列印第 1 頁" in check
    assert "LIN HSIU-CHIN" in check and "北市志字第 050001 號" in check
    assert volunteer.post("submit").status_code == 303
    scene.kiosk.sync()
    with center.store.read() as conn:
        body = cases.find(conn, volunteer.id).body
    pages = {photo.position: photo.evidence for photo in body.photos if photo.slot == "page"}
    assert pages == {
        1: Evidence(kind="inserted_page", page=9), 2: Evidence(book=2, page=1),
        3: Evidence(kind="printout", book=0, page=1, printed_on=date(2026, 11, 20)),
    }  # fmt: skip
    assert {(photo.slot, photo.position) for photo in body.photos} >= {("cover", 0), ("cover", 2)}
    assert [book.number for book in body.books] == ["043871", "050001"]
    assert [row.page for row in body.rows] == [1, 2, 2, 3]
    assert (body.rows[0].item, body.rows[0].unit, body.rows[3].minutes) == ("文化服務", "北門文化館", 1210)
    assert [training.kind for training in body.trainings] == ["basic", "special"]
    assert (body.english_name, body.service_field) == ("LIN HSIU-CHIN", "文化")
    here = verdict_record(verdict_of(replace(body, verdict={}), "taipei"))
    assert body.verdict == here  # both ends say the same, notes and all
    assert here["outcome"] == "pass" and "可以申請了" in shown
    assert "verdict_differs" not in center.case(volunteer.id).flags
    device_id = scene.kiosk.device_id
    center.give_back(volunteer.id, device_id, reasons=("hours_differ",), slots=("page-2", "cover-2"))
    scene.kiosk.sync(until=lambda: scene.kiosk.sent(volunteer.id).state == "returned")
    assert "請重拍：第 2 本第 1 頁、第 2 本的封面" in volunteer.client.get("/tray").text
    assert volunteer.client.post(f"/apply/correct/{volunteer.id}").status_code == 303
    again = volunteer.answers()
    assert "請重拍：第 2 本第 1 頁、第 2 本的封面" in volunteer.get("check").text
    assert "拍第 2 本第 1 頁" in volunteer.get("take/page?position=2").text
    assert "拍第 2 本的封面" in volunteer.get("take/cover?position=2").text
    assert (again.books, again.trainings, again.english_name, again.record) == (
        body.books, body.trainings, "LIN HSIU-CHIN", "both",
    )  # fmt: skip
    assert again.service.rows == body.rows and again.retake == ("page-2", "cover-2")
    assert {photo.evidence for photo in again.kept if photo.slot == "page"} == {pages[1], pages[3]}
    assert dict(again.were)[2] == pages[2]
    assert 'value="9"' in volunteer.get("pages/1").text  # also what was sent can be said anew
