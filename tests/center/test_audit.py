"""Who saw and changed what: noted with the change itself, bound to what went before, guarded, read by the auditor."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from center import auditing
from center.store import audit
from tests.center.conftest import PASSWORD, World


def entries(world: World, **asked: object) -> list[audit.Entry]:
    auditing.gather(world.store)
    with world.store.read() as conn:
        return audit.listing(conn, audit.Asked(**asked), limit=500)  # type: ignore[arg-type]


def acts(world: World, **asked: object) -> list[str]:
    return [entry.act for entry in entries(world, **asked)]


def test_a_card_from_tablet_to_issue_stands_in_the_log_with_who_and_what_changed(world):
    number = world.issued()
    changes = {entry.act: entry for entry in entries(world, stream="done")}
    assert {"submitted", "completed", "approved", "issued"} <= set(changes)
    assert changes["submitted"].who == "花博 2 號機"
    assert changes["approved"].who == "陳初審"
    assert ("state", "first_review", "second_review") in changes["approved"].fields
    assert ("state", "second_review", "issued") in changes["issued"].fields
    assert ("card", "", number) in changes["issued"].fields


def test_what_is_refused_leaves_no_entry(world):
    application_id = world.application()
    before = len(entries(world, stream="done"))
    assert world.browser("first").decide(application_id, "return").status_code == 422
    assert len(entries(world, stream="done")) == before


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("/desk/case/{application_id}", "case_seen"),
        ("/desk/case/{application_id}/photo/cover/0.jpg", "photos_seen"),
        ("/people/{person_id}", "person_seen"),
        ("/people/{person_id}/record-zh.pdf", "record_sheet"),
        ("/cards/{number}", "card_seen"),
        ("/history", "history_seen"),
        ("/people", "people_listed"),
        ("/desk/queue", "queue_seen"),
    ],
)
def test_whoever_sees_somebodys_data_is_written_down(world, path, act):
    from center.store import people

    number = world.issued()
    application_id = world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    with world.store.read() as conn:
        person_id = people.of_application(conn, application_id)
    browser = world.browser("first")
    assert act not in acts(world, actor=world.people["first"], stream="seen", act=act, from_ms=1) or act in (
        "case_seen", "queue_seen",
    )  # fmt: skip
    answer = browser.get(path.format(application_id=application_id, person_id=person_id, number=number))
    assert answer.status_code == 200
    assert act in acts(world, actor=world.people["first"], stream="seen")


def test_a_look_within_ten_minutes_is_one_look_and_a_search_is_always_one(world):
    application_id = world.application()
    browser = world.browser("first")
    for minutes in (0, 5, 12):
        world.clock[0] += timedelta(minutes=minutes)
        browser.get(f"/desk/case/{application_id}")
        browser.send("/people", asked="林秀琴", see="/people")
    assert acts(world, stream="seen").count("case_seen") == 2
    assert acts(world, stream="seen").count("people_searched") == 3


def test_no_name_and_no_number_of_a_volunteer_stands_in_the_log(world):
    world.issued()
    for asked in ("林秀琴", "A223456781"):
        world.browser("first").send("/people", asked=asked, see="/people")
    auditing.gather(world.store)
    with world.store.read() as conn:
        said = " ".join(
            str(row) for row in conn.execute(text("SELECT actor, act, entity_kind, entity, fields FROM audit")).all()
        )
    assert "people_searched" in said
    assert not any(word in said for word in ("林秀琴", "A223456781", "1958"))


def test_the_same_word_has_the_same_digest_and_another_center_another_one(world, make_world, tmp_path):
    from dataclasses import replace

    from center import audit_values

    one = audit_values.digest(world.settings, "name", "林秀琴")
    assert one == audit_values.digest(world.settings, "name", "林秀琴")
    assert one != audit_values.digest(world.settings, "email", "林秀琴")
    assert one != audit_values.digest(replace(world.settings, data_dir=tmp_path / "other"), "name", "林秀琴")
    assert audit_values.digest(world.settings, "name", "") == ""


def test_a_correction_is_noted_field_by_field(world):
    import msgspec

    from center import audit_values
    from tests.center.conftest import body_of

    before = body_of("a" * 36, ())
    after = msgspec.structs.replace(before, name="林秀芹", half_hours=620, birth_date=date(1958, 8, 17))
    changes = {name: (old, new) for name, old, new in audit_values.differing(world.settings, before, after)}
    assert set(changes) == {"name", "half_hours", "birth_date"}
    assert changes["half_hours"] == ("", "620")
    assert all(value.startswith("#") for value in (*changes["name"], *changes["birth_date"]))


def test_coming_and_going_is_written_down_with_the_account(world):
    browser = world.browser("officer")
    browser.send("/sign-out", see="/")
    world.browser().send("/sign-in", name="officer", password="wrong-" + PASSWORD, see="/sign-in")
    world.browser().send("/sign-in", name="nobody-here", password=PASSWORD, see="/sign-in")
    found = entries(world, stream="door")
    assert [entry.act for entry in reversed(found)] == ["signed_in", "signed_out", "sign_in_refused", "sign_in_refused"]
    assert [entry.who for entry in reversed(found)] == ["黃承辦", "黃承辦", "黃承辦", ""]
    assert found[-1].unit == "北門文化導覽志工隊"


def test_what_the_administrator_does_is_noted_with_its_fields(world):
    browser = world.browser("admin")
    browser.send("/units", name="大安隊", code="U009", district="大安區", see="/units")
    browser.send(f"/accounts/{world.people['venue']}/close", see="/accounts")
    browser.send(f"/tablets/{world.device_id}/disable", see="/tablets")
    place = {
        "code": "V1",
        "name": "故宮",
        "city": "臺北市",
        "kind": "culture_education",
        "accepted_form": "paper",
        "note": "",
    }
    browser.send("/venues/list", see="/venues/list", **place)
    browser.send("/venues/list/V1", see="/venues/list", **{**place, "accepted_form": "both"})
    found = {entry.act: entry for entry in entries(world, actor=world.people["admin"], stream="done")}
    assert ("district", "", "大安區") in found["unit_added"].fields
    assert found["account_closed"].fields == (("active", "True", "False"),)
    assert found["account_closed"].called == "北門展館"
    assert found["tablet_disabled"].called == "花博 2 號機"
    assert found["venue_changed"].fields == (("accepted_form", "paper", "both"),)


def test_the_database_itself_refuses_to_change_or_delete_an_entry(world):
    world.issued()
    for statement in (
        "UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit", "UPDATE audit_cut SET upto = 1", "DELETE FROM audit_cut",
    ):  # fmt: skip
        with world.store.write() as conn:
            conn.execute(
                text("INSERT INTO audit_cut (stream, at_ms, upto, many, link) VALUES ('door', 1, 0, 0, :link)"),
                {"link": b"x"},
            )
        with pytest.raises(DBAPIError, match="stays as it is"), world.store.write() as conn:
            conn.execute(text(statement))


def without_guard(world: World, statement: str) -> None:
    """Somebody who owns the database and takes the guard off first."""
    with world.store.write() as conn:
        if world.store.is_sqlite:
            for name in ("audit_no_update", "audit_no_delete"):
                conn.execute(text(f"DROP TRIGGER {name}"))
        else:
            conn.execute(text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        conn.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'somebody else' WHERE entry = 2",
        "UPDATE audit SET fields = '[]' WHERE entry = 4",
        "UPDATE audit SET at_ms = at_ms + 1 WHERE entry = 3",
        "DELETE FROM audit WHERE entry = 2",
    ],
)
def test_an_entry_that_was_changed_or_taken_out_all_the_same_shows(world, statement):
    world.issued()
    auditing.gather(world.store)
    with world.store.read() as conn:
        assert audit.verify(conn).is_whole
    without_guard(world, statement)
    with world.store.read() as conn:
        assert not audit.verify(conn).is_whole
    page = world.browser("auditor").send("/audit/verify", see="/audit").get_data(as_text=True)
    assert "紀錄被改過" in page


def test_what_is_old_is_cut_off_and_the_rest_still_follows(world):
    world.issued()
    early = int(world.now.timestamp() * 1000)
    world.clock[0] += timedelta(days=400)
    world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    auditing.gather(world.store)
    with world.store.write() as conn:
        gone = audit.cut(conn, "done", early + 1, early + 2)
        assert audit.cut(conn, "done", early + 1, early + 2) == 0
    assert gone > 3
    with world.store.read() as conn:
        checked = audit.verify(conn)
    assert checked.is_whole
    assert checked.cuts == 1
    assert acts(world, stream="done") == ["audit_cut", "completed", "submitted"]


def test_a_cut_that_nobody_made_shows(world):
    world.issued()
    auditing.gather(world.store)
    with world.store.write() as conn:
        entry, link = conn.execute(
            text("SELECT entry, link FROM audit WHERE stream = 'done' ORDER BY entry DESC")
        ).all()[2]
        conn.execute(
            text("INSERT INTO audit_cut (stream, at_ms, upto, many, link) VALUES ('done', 1, :upto, 1, :link)"),
            {"upto": entry, "link": bytes(link)},
        )
        conn.execute(text("DELETE FROM audit WHERE stream = 'done' AND entry <= :upto"), {"upto": entry})
    with world.store.read() as conn:
        assert not audit.verify(conn).is_whole


def test_the_auditor_finds_a_person_by_number_a_case_by_receipt_and_a_card_by_number(world):
    number = world.issued()
    world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    browser = world.browser("auditor")
    for whom in ("A223456781", "HC-7K3M-22QF", number):
        page = browser.send("/audit", whom=whom, see="/audit").get_data(as_text=True)
        assert "複審核可，發卡" in page, whom
        assert "HC-CCCC-DDDD" not in page
        assert "林秀琴" not in page
    assert "沒有符合的紀錄" in browser.send("/audit", whom="F131104093", see="/audit").get_data(as_text=True)


def test_the_log_is_filtered_by_account_act_day_and_unit_and_goes_on(world, monkeypatch):
    from center import audit as view

    world.browser("officer").get("/people")
    world.clock[0] += timedelta(days=2)
    world.browser("first").get("/people")
    browser = world.browser("auditor")

    def rows(**asked: str) -> str:
        text = browser.send("/audit", see="/audit", **asked).get_data(as_text=True)
        return text.partition("<tbody>")[2]

    assert "黃承辦" in rows(unit=world.units["north_gate"])
    assert "陳初審" not in rows(unit=world.units["north_gate"])
    assert "黃承辦" not in rows(actor=world.people["first"])
    assert "黃承辦" not in rows(**{"from": "2026-11-22"})
    assert "陳初審" not in rows(until="2026-11-22", act="people_listed")
    assert "黃承辦" in rows(until="not-a-day")
    monkeypatch.setattr(view, "PAGE", 1)
    assert "更早的紀錄" in browser.get("/audit").get_data(as_text=True)


def test_the_log_goes_out_as_a_table_without_formulas_and_that_is_noted(world):
    world.browser("admin").send("/units", name="=cmd|1", code="U009", see="/units")
    answer = world.browser("auditor").send("/audit/export.csv", stream="done", see="/audit")
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert table[1][6] == "unit_added"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)
    assert "audit_exported" in acts(world, actor=world.people["auditor"])


def test_the_command_says_whether_the_log_is_whole(world, capsys):
    import cli
    from center.settings import save

    save(world.settings)
    world.issued()
    folder = str(world.settings.data_dir)
    assert cli.main(["audit", "verify", "--dir", folder]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["whole"] is True
    assert said["entries"] > 4
    assert cli.main(["audit", "verify", "--dir", folder, "--holds", said["heads"]["done"]]) == 0
    assert cli.main(["audit", "verify", "--dir", folder, "--holds", "ab" * 32]) == 1
    capsys.readouterr()
    without_guard(world, "DELETE FROM audit WHERE entry = 2")
    assert cli.main(["audit", "verify", "--dir", folder]) == 1
    assert json.loads(capsys.readouterr().out)["broken"]


def test_two_at_once_add_to_one_chain(world):
    from threading import Thread

    def add(name: str) -> None:
        for at in range(10):
            with world.store.write() as conn:
                audit.note(conn, "unit_added", actor=name, now_ms=at)

    threads = [Thread(target=add, args=(f"who{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.store.read() as conn:
        checked = audit.verify(conn)
    assert checked.is_whole
    assert checked.entries == 40
