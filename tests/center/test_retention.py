"""Personal data go when their time is over, rows and files alike; what a case under way needs stays."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from center import numbers, photostore, retention
from center.exchange import running
from center.store import (
    api_keys,
    audit,
    cards,
    earlier,
    mail,
    members,
    performances,
    person_log,
    registrations,
    service,
    tables,
    training,
    volunteers,
)  # fmt: skip
from center.store.origin import Origin
from honorcard import roc
from tests.center.conftest import World

WHO = {"identity_number": "F131104093", "name": "歐陽菲菲", "email": "fei@example.test", "receipt": "HC-EEEE-FFFF"}


def later(world: World, days: float) -> dict[str, int]:
    """What goes after so many days more, but for the sessions that every browser of a test leaves behind."""
    world.clock[0] += timedelta(days=days)
    gone = retention.delete_due(world.store, world.settings, now=world.now)
    return {kind: many for kind, many in gone.items() if kind != "sessions"}


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
    assert retention.keep_to(world.store, world.settings, now=world.now)["refused"] == 1


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
    assert "<td>0</td><td>1</td>" in browser.get(f"/retention?by={roc.dotted(soon)}").get_data(as_text=True)
    later(world, 400)
    answer = world.browser("auditor").get("/retention?by=nonsense")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'role="alert"' in text and 'value="nonsense"' in text
    assert "不符規定和撤回的申請：內容與相片" in text
    assert "歐陽菲菲" not in text


SOUGHT = "Wu Reg-Istrant"


def rows_with(world: World, word: str) -> list[str]:
    """Tables in whose rows a word stands."""
    with world.store.read() as conn:
        return [
            table.name
            for table in tables.metadata.sorted_tables
            if any(word in str(row) for row in conn.execute(select(table)).all())
        ]


def registered(world: World) -> None:
    """A unit registered, was refused, and a letter said so."""
    at_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        registration_id = registrations.add(
            conn, unit_name="新單位", unit_code="NEW-1", district="", person=SOUGHT, mail="wu@example.test",
            phone="02-27596000", password_hash="", proof="p", now_ms=at_ms,
        )  # fmt: skip
        registrations.refuse(conn, registration_id, world.people["admin"], at_ms, "不是運用單位")
        mail.put(conn, "unit_refused", "wu@example.test", {"unit": SOUGHT}, about=registration_id, now_ms=at_ms)
        mail.set_off(conn, at_ms)


def test_a_refused_registration_and_its_letter_go_after_their_times(world):
    registered(world)
    assert rows_with(world, SOUGHT) == ["mail", "registration"]
    assert "registrations" not in later(world, 181)
    assert rows_with(world, SOUGHT) == ["registration"]
    assert later(world, 190)["registrations"] == 1
    assert rows_with(world, SOUGHT) == rows_with(world, "wu@example.test") == []


def test_a_registration_that_waits_and_a_letter_nobody_saw_to_stay(world):
    at_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        registrations.add(
            conn, unit_name="新單位", unit_code="NEW-1", district="", person=SOUGHT, mail="wu@example.test",
            phone="02-27596000", password_hash="", proof="p", now_ms=at_ms,
        )  # fmt: skip
        mail.put(conn, "trial", "wu@example.test", {}, about="x", now_ms=at_ms)
    later(world, 800)
    assert rows_with(world, "wu@example.test") == ["mail", "registration"]


def test_a_list_that_was_brought_in_loses_its_lines_and_can_no_longer_be_undone(world):
    listed = f"證號,姓名,單位代碼\nA123456789,{SOUGHT},BM-1\n".encode()
    with world.store.read() as conn:
        code = conn.execute(select(tables.unit.c.code)).scalars().first()
    listed = listed.replace(b"BM-1", str(code).encode())
    batch_id = running.begin(
        world.store,
        world.settings,
        "volunteers",
        listed,
        by=world.people["admin"],
        now_ms=int(world.now.timestamp() * 1000),
    )
    running.work(world.store, world.settings, batch_id, world.now)
    admin = world.browser("admin")
    admin.send(f"/exchange/import/{batch_id}/write", see="/exchange")
    assert "exchange_line" in rows_with(world, SOUGHT)
    assert later(world, 370)["exchange"] == 1
    assert rows_with(world, SOUGHT) == ["person"]  # the volunteer is known here; only the list is gone
    browser = world.browser("admin")
    assert browser.get(f"/exchange/import/{batch_id}").status_code == 404
    assert browser.send(f"/exchange/import/{batch_id}/undo", see="/exchange").status_code == 404


def test_sessions_nobody_uses_go_and_whoever_is_signed_in_stays(world):
    world.browser("officer")
    with world.store.write() as conn:
        conn.execute(update(tables.account_session).values(kept=SOUGHT.encode()))
    world.clock[0] += timedelta(days=40)
    world.browser("auditor")
    assert retention.delete_due(world.store, world.settings, now=world.now) == {"sessions": 1}
    with world.store.read() as conn:
        assert conn.execute(select(tables.account_session.c.kept)).scalars().all() == [None]


def test_certificates_go_with_their_files_unless_something_else_needs_them(world):
    world.application()
    at_ms = int(world.now.timestamp() * 1000)
    contents = (b"paper", b"void", b"shared")
    digests = [hashlib.sha256(content).digest() for content in contents]
    for digest, content in zip(digests, contents, strict=True):
        photostore.put(world.settings, "certificate", digest.hex(), content)
    came = Origin("office", world.people["admin"], at_ms)
    with world.store.write() as conn:
        no = conn.execute(select(tables.person.c.no)).scalar_one()
        performances.add(
            conn, number="115-000001", check_code="AAAA2222", person_no=no, unit_id=None, name=SOUGHT, language="en",
            start=date(2020, 1, 1), end=date(2020, 2, 1), half_hours=4, by=world.people["admin"], now_ms=at_ms,
            sheet_sha256=digests[0],
        )  # fmt: skip
        new = [training.NewTraining(no, "basic", file_sha256=digest) for digest in (digests[1], digests[2], digests[2])]
        for training_id in training.add(conn, new, came)[:2]:
            training.void(conn, training_id, by=world.people["admin"], why="錯了", now_ms=at_ms)
    assert later(world, 366)["certificates"] == 2
    there = [photostore.exists(world.settings, "certificate", digest.hex()) for digest in digests]
    assert there == [True, False, True]
    assert later(world, 3650)["performances"] == 1
    assert not photostore.exists(world.settings, "certificate", digests[0].hex())
    assert rows_with(world, SOUGHT) == []


def test_what_keys_were_used_for_goes_with_what_was_looked_at(world):
    at_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        key_id = api_keys.add(
            conn, name="臺北卡", token_sha256=b"x" * 32, scopes=["records"], units=[], networks=[], per_minute=60,
            by=world.people["admin"], now_ms=at_ms, expires_ms=at_ms + 1,
        )  # fmt: skip
        api_keys.note_use(
            conn, key_id, at_ms=at_ms, operation="service_record", status=200, purpose="award", about=SOUGHT
        )
    assert "api_uses" not in later(world, 1824)
    assert later(world, 2)["api_uses"] == 1
    assert rows_with(world, SOUGHT) == []


def test_every_kind_stands_in_the_report_in_words(world):
    with world.app.test_request_context("/"):
        for kind in (*retention.SETTINGS, *retention.STREAMS):
            assert retention.kind_words(kind) != kind
    text = world.browser("admin").get("/retention").get_data(as_text=True)
    assert "決定過的單位註冊" in text


def known_by_a_list(world: World) -> int:
    """Somebody whom a list made known, with everything a list, an event and the office can say of a person; gives the number."""
    at_ms = int(world.now.timestamp() * 1000)
    came = Origin("import", world.people["admin"], at_ms, "one")
    person_no = []
    with world.store.write() as conn:
        who = numbers.known(world.settings, "F131104093", "歐陽菲菲")
        person_no += volunteers.make_known(conn, [who], came).values()
        no = person_no[0]
        members.join(conn, [members.NewMember(no, world.units["north_gate"])], came)
        service.add(
            conn, [service.NewService(no, world.units["north_gate"], date(2026, 1, 1), date(2026, 1, 31), 20)], came
        )
        digest = hashlib.sha256(b"paper of a course").digest()
        photostore.put(world.settings, "certificate", digest.hex(), b"paper of a course")
        training.add(conn, [training.NewTraining(no, "basic", file_sha256=digest)], came)
        earlier.add(
            conn,
            [{"person_no": no, "number": "1120001", "issuer": "", "issued_on": None, "valid_until": date(2026, 11, 30),
              "counted_until": None}],
            batch_id="one", now_ms=at_ms,
        )  # fmt: skip
        act = {
            "event_id": "event", "told_by": "tablet", "what": "in", "at_ms": at_ms, "told_ms": at_ms, "how": "number",
            "who": b"", "name": "歐陽菲菲",
        }  # fmt: skip
        conn.execute(
            tables.event_act.insert(),
            [{**act, "act_id": "a", "person_no": no}, {**act, "act_id": "b", "person_no": None}],
        )
        person_log.record(conn, no, by=world.people["admin"], what="changed_name", now_ms=at_ms, text="歐陽菲菲")
    return no


def test_whom_only_a_list_knows_goes_with_all_rows_after_the_last_word_and_the_sums_stay(world):
    known_by_a_list(world)
    assert {"known", "attendances"} & set(later(world, 3650)) == set()
    gone = later(world, 12)  # the youngest word of them is the last day of a card of before
    assert gone["known"] == gone["attendances"] == 1
    with world.store.read() as conn:
        for table in (tables.person, tables.service_row, tables.training, tables.earlier_card, tables.event_act):
            assert conn.execute(select(table)).all() == [], table.name
        assert [one.half_hours for one in service.sums(conn)] == [20]
    assert rows_with(world, "歐陽菲菲") == []
    assert not photostore.exists(world.settings, "certificate", hashlib.sha256(b"paper of a course").hexdigest())


def test_a_word_of_them_since_keeps_whom_a_list_knows(world):
    no = known_by_a_list(world)
    world.clock[0] += timedelta(days=3000)
    at_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        came = Origin("office", world.people["admin"], at_ms)
        day = world.now.date()
        service.add(conn, [service.NewService(no, world.units["north_gate"], day, day, 2)], came)
    assert "known" not in later(world, 700)
    assert later(world, 2951)["known"] == 1


def test_a_refused_applicant_with_a_card_of_before_holds_up_no_deletion(world):
    no = known_by_a_list(world)
    refused(world)
    with world.store.write() as conn:  # the list was taken back: nobody keeps the person, and the rows are void
        conn.execute(update(tables.person).where(tables.person.c.no == no).values(kept=0))
    assert later(world, 366)["refused"] == 1
    with world.store.read() as conn:
        assert conn.execute(select(tables.person.c.no)).scalars().all() == [no]
