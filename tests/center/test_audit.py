"""Who saw and changed what: noted with the change itself, bound to what went before, guarded, read by the auditor."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from center import auditing
from center.store import audit, people
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


def test_coming_and_going_is_written_down_with_the_account(world):
    browser = world.browser("officer")
    browser.send("/sign-out", see="/")
    world.browser().send("/sign-in", name="officer", password="wrong-" + PASSWORD, see="/sign-in")
    world.browser().send("/sign-in", name="nobody-here", password=PASSWORD, see="/sign-in")
    found = entries(world, stream="door")
    assert [entry.act for entry in reversed(found)] == ["signed_in", "signed_out", "sign_in_refused", "sign_in_refused"]
    assert [entry.who for entry in reversed(found)] == ["黃承辦", "黃承辦", "黃承辦", ""]
    assert found[-1].unit == "北門文化導覽志工隊"


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


def test_what_is_done_to_an_account_stands_in_both_logs_once_with_its_fields(world):
    admin, account_id = world.browser("admin"), world.people["officer"]
    admin.send(f"/accounts/{account_id}/role", role="auditor", see="/accounts")
    admin.send(f"/accounts/{account_id}/close", see="/accounts")
    done = [entry for entry in entries(world, stream="done") if entry.entity == account_id]
    assert [entry.act for entry in reversed(done)] == ["account_role_changed", "account_closed"]
    assert ("role", "unit_officer", "auditor") in done[1].fields
    assert done[0].fields == (("active", "True", "False"),)


def test_an_english_name_that_was_changed_stands_there_as_digests_and_by_whom(world):
    application_id = world.application()
    with world.store.read() as conn:
        person_id = people.of_application(conn, application_id)
    browser = world.browser("officer")
    for name in ("LIN, HSIU-CHIN", "LIN, SHIOW-CHIN"):
        browser.send(f"/people/{person_id}/entries/english", english_name=name, see="/account")
    found = entries(world, act="person_changed")
    assert [entry.entity for entry in found] == [person_id, person_id]
    (field, before, after), (_, _, then) = found[0].fields[0], found[1].fields[0]
    assert field == "english_name"
    assert before == then != after
    assert all("LIN" not in value and value.startswith("#") for value in (before, after, then))
    assert found[0].who == "黃承辦"


def test_a_key_for_another_system_is_noted_when_it_is_made_and_when_it_ends(world):
    admin = world.browser("admin")
    until = (world.now + timedelta(days=30)).date().isoformat()
    admin.send("/systems", name="臺北卡", scope="cards.status", until=until, per_minute="60", see="/systems")
    (made,) = entries(world, act="api_key_made")
    assert ("scopes", "", "cards.status") in made.fields
    admin.send(f"/systems/{made.entity}/revoke", see="/systems")
    (ended,) = entries(world, act="api_key_revoked")
    assert ended.entity == made.entity
    said = " ".join(value for _, before, after in made.fields for value in (before, after))
    assert "hc_" not in said
