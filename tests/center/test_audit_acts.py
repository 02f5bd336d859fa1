"""What is done with lists, mail and places leaves its entry in the audit when it is done, with who, what about and which fields."""

from __future__ import annotations

from center import postman
from center.store import mail
from tests.center.test_audit import acts, entries
from tests.center.test_exchange import PEOPLE, bring, csv, press, send

PLACE = {
    "code": "V1", "name": "故宮", "city": "臺北市", "kind": "culture_education", "accepted_form": "paper", "note": "",
}  # fmt: skip


def test_a_list_brought_in_taken_back_and_taken_out_is_told_step_by_step(world):
    batch = bring(world, "volunteers", *PEOPLE)
    press(world, batch, "undo")
    given_up = send(world, "volunteers", csv(*PEOPLE))
    press(world, given_up, "drop")
    admin = world.browser("admin")
    taken = admin.send("/exchange/export/volunteers", see="/exchange/export", form="utf8", state="all")
    assert taken.get_data()
    of_lists = [one for one in reversed(entries(world, stream="done")) if one.entity_kind == "exchange"]
    assert {one.actor for one in of_lists} <= {world.people["admin"], "center"}
    by_batch = [one.act for one in of_lists if one.entity == batch.batch_id]
    assert by_batch[-1] == "exchange_undo" and "exchange_import" in by_batch, by_batch
    assert "exchange_drop" in [one.act for one in of_lists if one.entity == given_up.batch_id]
    assert "exchange_exported" in [one.act for one in of_lists]
    assert not any("陳文雄" in str(one.fields) for one in of_lists)
    world.browser("admin").get(f"/exchange/import/{batch.batch_id}")
    assert "exchange_seen" in acts(world, stream="seen", actor=world.people["admin"])


def test_what_is_seen_to_in_the_mail_is_told_without_an_address(make_world):
    world = make_world(smtp_host="127.0.0.1", mail_from="center@honor.example")
    admin = world.browser("admin")
    whose = f"account:{world.people['officer']}"
    admin.send("/mail/addresses", see="/mail", whose=whose, address="huang@north.example")
    world.issued()
    with world.store.write() as conn:
        (letter,) = mail.listing(conn)
        assert mail.claim(conn, "one", 2**50, 2**51)
        mail.settle(conn, letter.mail_id, "one", "dead", 1, "mail_refused")
    assert postman.is_on(world.settings)
    assert admin.send(f"/mail/{letter.mail_id}/again", see="/mail").status_code == 303
    assert admin.send(f"/mail/{letter.mail_id}/cancel", see="/mail").status_code == 303
    assert admin.send("/mail/trial", see="/mail", address="somebody@else.example").status_code == 303
    done = [one for one in reversed(entries(world, actor=world.people["admin"], stream="done")) if "mail" in one.act]
    assert [one.act for one in done] == ["mail_address", "mail_again", "mail_cancel", "mail_trial"]
    assert [one.entity for one in done[1:3]] == [letter.mail_id] * 2
    assert "example" not in str([one.fields for one in done])


def test_what_becomes_of_a_place_its_tablets_and_its_staff_is_told(world):
    admin = world.browser("admin")
    for path, form in (
        ("/venues/list", PLACE),
        ("/venues/list/V1", {**PLACE, "benefit_zh": "門票半價"}),
        ("/venues/list/V1/tablet", {"name": "北門"}),
        ("/venues/list/V1/account", {"account": world.people["venue"]}),
        ("/venues/list/V1/off", {}),
    ):
        assert admin.send(path, see="/venues/list", **form).status_code in (200, 303), path
    done = list(reversed(entries(world, actor=world.people["admin"], stream="done")))
    assert [one.act for one in done] == ["venue_added", "venue_changed", "tablet_code", "account_venue", "venue_off"]
    assert done[1].fields == (("benefit_zh", "", "門票半價"),)
    assert done[3].entity == world.people["venue"]
