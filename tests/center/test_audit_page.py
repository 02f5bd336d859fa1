"""What is noted of looks and acts on the center's pages, and how the auditor finds it. Tried on one store."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from center.audit_words import value_words
from tests.center.test_audit import acts, entries


def test_whoever_sees_somebodys_data_is_written_down(world):
    from center.store import people

    number = world.issued()
    application_id = world.application(receipt="HC-CCCC-DDDD", identity_number="A123456789", name="陳文雄")
    with world.store.read() as conn:
        person_id = people.of_application(conn, application_id)
    browser = world.browser("first")
    world.clock[0] += timedelta(minutes=20)
    since = int(world.now.timestamp() * 1000)
    for path, act in (
        (f"/desk/case/{application_id}", "case_seen"),
        (f"/desk/case/{application_id}/photo/cover/0.jpg", "photos_seen"),
        (f"/people/{person_id}", "person_seen"),
        (f"/people/{person_id}/record-zh.pdf", "record_sheet"),
        (f"/cards/{number}", "card_seen"),
        ("/history", "history_seen"),
        ("/people", "people_listed"),
        ("/desk/queue", "queue_seen"),
    ):
        asked = {"actor": world.people["first"], "stream": "seen", "act": act, "from_ms": since}
        assert acts(world, **asked) == [], act
        assert browser.get(path).status_code == 200
        assert acts(world, **asked) == [act]


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
    assert "黃承辦" not in rows(**{"from": "115.11.22"})
    assert "黃承辦" not in rows(**{"from": "民國 115 年 11 月 22 日"})
    monkeypatch.setattr(view, "PAGE", 1)
    assert "更早的紀錄" in browser.get("/audit").get_data(as_text=True)


def test_the_log_goes_out_as_a_table_without_formulas_and_that_is_noted(world):
    world.browser("admin").send("/units", name="=cmd|1", code="U009", see="/units")
    answer = world.browser("auditor").send("/audit/export.csv", stream="done", see="/audit")
    table = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert table[1][6] == "unit_added"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in table for cell in row)
    assert "audit_exported" in acts(world, actor=world.people["auditor"])


@pytest.mark.parametrize("path", ["/audit", "/audit/export.csv"])
@pytest.mark.parametrize("typed", ["not-a-day", "115.13.01", "115.11"])
def test_a_day_that_is_none_is_said_and_stays_in_its_field(world, path: str, typed: str):
    answer = world.browser("auditor").send(path, see="/audit", until=typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in text and f'value="{typed}"' in text


def test_a_list_that_was_brought_in_stands_there_in_words(world):
    with world.app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        said = [value_words(*field) for field in (("kind", "volunteers"), ("state", "imported"), ("state", "undoing"))]
        assert said == ["志工", "已匯入", "復原中"]
        assert value_words("state", "first_review") == "等待初審"
