"""The outbox of the mail, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from center.store import mail


def test_two_officers_of_one_unit_and_one_claim_at_a_time(world):
    with world.store.write() as conn:
        assert mail.set_account_address(conn, world.people["officer"], "huang@north.example")
        mail.set_unit_address(conn, world.units["north_gate"], "box@north.example")
    world.issued()
    with world.store.write() as conn:
        claimed = [mail.claim(conn, "one", 2**50, 2**51) for _ in range(3)]
    assert sorted(one.address for one in claimed if one) == ["box@north.example", "huang@north.example"]
    assert claimed[2] is None
    with world.store.write() as conn:
        assert mail.settle(conn, claimed[0].mail_id, "one", "sent", 1)
        assert not mail.postpone(conn, claimed[1].mail_id, "other", 1, "")
        assert mail.set_off(conn, 1) == 1
    with world.store.read() as conn:
        assert mail.counts(conn) == {"sent": 1, "off": 1}
        assert [one.state for one in mail.listing(conn, state="off", unit_id=world.units["north_gate"])] == ["off"]
