"""Personal data go when their time is over, rows and files alike; what a case under way needs stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from center import photostore, retention
from center.store import audit, cards, tables
from tests.center.conftest import World

WHO = {"identity_number": "F131104093", "name": "歐陽菲菲", "email": "fei@example.test", "receipt": "HC-EEEE-FFFF"}


def later(world: World, days: float) -> dict[str, int]:
    world.clock[0] += timedelta(days=days)
    return retention.delete_due(world.store, world.settings, now=world.now)


def refused(world: World, **who: object) -> str:
    application_id = world.application(state="second_review", **{**WHO, **who})
    answer = world.browser("second").decide(application_id, "refuse", reason="other", text="歐陽菲菲本人說不要了")
    assert answer.status_code == 303
    return application_id


def found_in_folder(world: World, words: list[str]) -> list[str]:
    """Files of the center in whose bytes a word stands."""
    forms = [form for word in words for form in (word.encode(), word.encode("utf-16-le"))]
    return [
        str(path)
        for path in Path(world.settings.data_dir).rglob("*")
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def test_after_its_time_nothing_of_a_refused_applicant_is_left_anywhere(world):
    application_id = refused(world)
    addresses = [photo.clear_sha256 for photo in world.case(application_id).photos]
    pictures = [photostore.get(world.settings, "photo", address) for address in addresses]
    assert all(pictures)
    words = ["歐陽菲菲", "F131104093", "fei@example.test", *addresses]
    if world.store.is_sqlite:
        assert found_in_folder(world, words)
    assert later(world, 364) == {}
    assert later(world, 2) == {"refused": 1}
    assert not any(photostore.exists(world.settings, "photo", address) for address in addresses)
    with world.store.read() as conn:
        for table in tables.metadata.sorted_tables:
            said = " ".join(str(row) for row in conn.execute(select(table)).all())
            assert not any(word in said for word in words), table.name
    world.store.engine.dispose()
    assert found_in_folder(world, words) == []


def test_what_was_erased_is_still_a_case_that_can_be_counted_and_opened(world):
    application_id = refused(world)
    later(world, 400)
    assert world.case(application_id).state == "refused"
    assert world.browser("second").get(f"/desk/case/{application_id}").status_code == 200
    assert later(world, 1) == {}


def test_a_picture_that_another_case_needs_stays(world):
    from sqlalchemy import update

    application_id = refused(world)
    other = world.application()
    shared = bytes.fromhex(world.case(application_id).photos[0].clear_sha256)
    with world.store.write() as conn:
        photo = tables.application_photo
        conn.execute(
            update(photo).where(photo.c.application_id == other, photo.c.slot == "headshot").values(clear_sha256=shared)
        )
    assert later(world, 400) == {"refused": 1}
    assert photostore.exists(world.settings, "photo", shared.hex())
    assert len(world.case(other).photos) == 4


def test_the_books_photographs_go_a_year_after_the_card_and_its_portrait_stays(world):
    number = world.issued()
    with world.store.read() as conn:
        card = cards.find(conn, number)
    assert card is not None
    assert later(world, 366) == {"pages": 1}
    assert [photo.slot for photo in world.case(str(card.application_id)).photos] == ["headshot"]
    assert photostore.exists(world.settings, "photo", card.portrait_sha256)
    assert photostore.exists(world.settings, "sheet", str(card.sheet_sha256))


def test_whoever_has_a_case_under_way_is_left_alone(world):
    world.issued()
    world.clock[0] += timedelta(days=300)
    world.application(receipt="HC-CCCC-DDDD", state="incomplete")
    assert later(world, 100) == {}


def test_an_expired_card_loses_its_pictures_and_at_last_its_holder(world):
    number = world.issued()
    with world.store.read() as conn:
        card = cards.find(conn, number)
    assert card is not None
    later(world, 366)
    assert later(world, 3 * 365 + 2)["card_photos"] == 1
    for kind, address in (
        ("photo", card.portrait_sha256),
        ("sheet", card.sheet_sha256),
        ("face", card.portrait_sha256),
    ):
        assert not photostore.exists(world.settings, kind, str(address)), kind
    assert world.browser("second").get(f"/cards/{number}").status_code == 200
    gone = later(world, 3650)
    assert gone["people"] == 1
    with world.store.read() as conn:
        assert cards.find(conn, number).name == ""  # type: ignore[union-attr]
        assert conn.execute(select(tables.person)).all() == []
        assert audit.verify(conn).is_whole
    assert later(world, 1).keys() <= {"looks", "doors", "changes"}


def test_old_looks_go_and_the_log_still_holds(world):
    world.issued()
    gone = later(world, 1830)
    assert gone["doors"] >= 2
    with world.store.read() as conn:
        assert audit.verify(conn).is_whole
        acts = [entry.act for entry in audit.listing(conn, audit.Asked())]
    assert "retention" in acts
    assert "audit_cut" in acts
    assert "signed_in" not in acts


def test_nothing_goes_on_the_first_day_and_then_once_a_day(world):
    refused(world)
    world.clock[0] += timedelta(days=500)
    assert retention.keep_to(world.store, world.settings, now=world.now) == {}
    world.clock[0] += timedelta(hours=23)
    assert retention.keep_to(world.store, world.settings, now=world.now) == {}
    world.clock[0] += timedelta(hours=2)
    assert retention.keep_to(world.store, world.settings, now=world.now) == {"refused": 1}


def test_what_is_kept_for_good_is(make_world):
    world = make_world(keep_refused_days=0)
    refused(world)
    assert "refused" not in later(world, 5000)


def test_a_removal_that_was_interrupted_goes_on(world, monkeypatch):
    application_id = refused(world)
    addresses = [photo.clear_sha256 for photo in world.case(application_id).photos]

    def away(*_said: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(photostore, "remove", away)
        with pytest.raises(OSError):
            later(world, 400)
    retention.remove_files(world.store, world.settings)
    assert not any(photostore.exists(world.settings, "photo", address) for address in addresses)


def test_the_page_says_what_goes_by_a_day_and_what_went_without_a_name(world):
    refused(world)
    browser = world.browser("auditor")
    soon = (world.now + timedelta(days=366)).date()
    text = browser.get(f"/retention?by={soon}").get_data(as_text=True)
    assert "還沒有刪過資料" in text
    assert "<td>0</td><td>1</td>" in text
    later(world, 400)
    text = world.browser("auditor").get("/retention?by=nonsense").get_data(as_text=True)
    assert "不符規定和撤回的申請：內容與相片" in text
    assert "歐陽菲菲" not in text
