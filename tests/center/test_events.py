"""Events at the center: whose card it was, half hours and trainings from check-ins, who is not known, corrections, certificates."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
from datetime import UTC, date, datetime

import pytest

from center import card_secrets, keyring, numbers
from center.store import cards, events, members, people, service, training, volunteers
from center.store.origin import Origin
from honorcard.card import signing
from honorcard.card.slip import slip_text
from sync import wire
from sync.ids import uuid7
from sync.seal import seal
from tests.center.signing import Tablet

WANG, CHEN = "A123456789", "F131104093"
FORM = {
    "kind": "activity",
    "title": "花博導覽",
    "place": "爭艷館",
    "day": "115.11.20",
    "from": "09:00",
    "to": "12:00",
    "item": "導覽",
}


def at(clock: str, day: int = 20) -> int:
    """A moment of that day of November 2026 in Taiwan, in milliseconds."""
    hour, minute = (int(part) for part in clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp() * 1000) - 8 * 3_600_000


class Teller(Tablet):
    """A tablet of the north gate that tells of events."""

    def __init__(self, world, unit="north_gate"):
        super().__init__(world.app, world.store, keyring.sealing_public(world.settings), world.units[unit])
        self.world, self.seq = world, 0

    def ask(self, method, path, body=b"", at=None, **more):
        return super().ask(method, path, body, at or self.world.now, **more)

    def made(self, kind, body):
        self.seq += 1
        sealed = seal(wire.encode(body), self.center_key, "body")
        return wire.Op(
            seq=self.seq, op_id=uuid7(), kind=f"event.{kind}", entity_id=body.event_id, base_rev=None, schema_v=wire.SCHEMA_V,
            sha256=hashlib.sha256(sealed).hexdigest(), needs_blobs=(), body=sealed,
        )  # fmt: skip

    def tell(self, kind, body):
        (result,) = self.push(self.made(kind, body)).results
        return result

    def event(self, **changes):
        values = {
            "event_id": uuid7(), "kind": "activity", "title": "花博導覽", "place": "爭艷館", "starts_ms": at("09:00"),
            "ends_ms": at("12:00"), "counting": "clock", "item": "導覽",
        }  # fmt: skip
        event = wire.Event(**{**values, **changes})
        assert self.tell("new", event).status == "applied"
        return event

    def mark(self, event, what, clock, how, text, **more):
        body = wire.EventMark(
            event_id=event.event_id, mark_id=uuid7(), what=what, at_ms=at(clock), how=how, text=text, **more
        )  # fmt: skip
        assert self.tell("mark", body).status == "applied"
        return body

    def close(self, event, **times):
        body = wire.EventClose(event_id=event.event_id, at_ms=at("12:30"), **times)
        assert self.tell("close", body).status == "applied"


@pytest.fixture
def tablet(world):
    return Teller(world)


def known(world, number=WANG, name="王小明"):
    with world.store.write() as conn:
        one = numbers.known(world.settings, number, name, birth_date=date(1958, 8, 16))
        (no,) = volunteers.make_known(conn, [one], Origin("import", "who", 1, "import-1")).values()
    return no


def rows(world, no, **which):
    with world.store.read() as conn:
        return [(row.start, row.end, row.half_hours, row.item) for row in service.of_person(conn, [no], **which)]


def text_of(world, number):
    """The text of the QR on that card."""
    with world.store.read() as conn:
        card = cards.find(conn, number)
        lookup, secret = card_secrets.unbox(world.settings, card.seq, card.secret_box)
        no = people.of(conn, card.idbx).no
    kid, key = keyring.ring(world.settings, at=world.now).card_key(card.seq, world.now)
    return signing.sign(world.settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, key), no


def plain(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_a_passports_holder_is_one_person_whether_registered_or_typed_and_another_states_is_another(world, tablet):
    with world.store.write() as conn:
        one = numbers.known(world.settings, "C1234567", "Nguyen Van An", passport_of="VN", birth_date=date(1988, 2, 3))
        (no,) = volunteers.make_known(conn, [one], Origin("import", "who", 1, "import-1")).values()
    event = tablet.event()
    tablet.mark(event, "in", "09:00", "walk_in", "C1234567", name="Nguyen Van An", nationality="VN")
    tablet.mark(event, "out", "11:00", "number", "C1234567", nationality="VN")
    tablet.mark(event, "out", "11:30", "number", "C1234567", nationality="TH")
    tablet.close(event)
    assert [row[2] for row in rows(world, no)] == [4]


def test_a_card_held_to_a_tablet_becomes_half_hours_on_its_holders_record(world, tablet):
    text, no = text_of(world, world.issued())
    event = tablet.event()
    tablet.mark(event, "in", "09:10", "card", text)
    tablet.mark(event, "out", "11:25", "card", text)
    assert rows(world, no) == [], "nothing before the end"
    tablet.close(event)
    assert rows(world, no) == [(date(2026, 11, 20), date(2026, 11, 20), 4, "導覽")], "135 minutes make four half hours"
    page = plain(world.browser("officer").get(f"/events/{event.event_id}").text)
    assert "林秀琴" in page and "2.0 小時" in page and "09:10 報到" in page
    with world.store.read() as conn:
        person = volunteers.of_no(conn, no)
        assert world.units["north_gate"] in {one.unit_id for one in members.memberships(conn, [no])[no]}
    assert "花博導覽" in plain(world.browser("officer").get(f"/people/{person.person_id}/entries").text)


def test_a_card_in_and_a_number_out_are_one_person_on_two_tablets(world, tablet):
    number = world.issued()
    text, no = text_of(world, number)
    other = Teller(world)
    event = tablet.event()
    tablet.mark(event, "in", "09:00", "card", text)
    other.mark(event, "in", "09:01", "number", "A223456781")
    other.mark(event, "out", "12:30", "number", "A223456781")
    tablet.close(event)
    assert rows(world, no) == [(date(2026, 11, 20), date(2026, 11, 20), 6, "導覽")]


def test_what_is_told_in_any_order_makes_the_same_rows(world, tablet):
    no = known(world)
    event = wire.Event(
        event_id=uuid7(), kind="activity", title="花博導覽", place="", starts_ms=at("09:00"), ends_ms=at("12:00"), counting="clock",
    )  # fmt: skip
    mark = {"event_id": event.event_id, "how": "number", "text": WANG}
    told = [
        ("new", event),
        ("mark", wire.EventMark(mark_id=uuid7(), what="in", at_ms=at("09:00"), **mark)),
        ("mark", wire.EventMark(mark_id=uuid7(), what="out", at_ms=at("10:00"), **mark)),
        ("mark", wire.EventMark(mark_id=uuid7(), what="in", at_ms=at("10:30"), **mark)),
        ("mark", wire.EventMark(mark_id=uuid7(), what="out", at_ms=at("11:45"), **mark)),
    ]
    random.Random(7).shuffle(told)
    for kind, body in told:
        assert tablet.tell(kind, body).status == "applied"
    tablet.close(event)
    assert [half_hours for _, _, half_hours, _ in rows(world, no)] == [4], (
        "60 and 75 minutes, summed, then floored once"
    )


def test_a_tablet_heard_after_the_end_adds_what_it_has(world, tablet):
    no, other_no = known(world), known(world, CHEN, "陳美玲")
    late = Teller(world)
    event = tablet.event()
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.close(event, missing_out_ms=at("11:00"))
    assert [row[2] for row in rows(world, no)] == [4]
    late.mark(event, "out", "12:00", "number", WANG)
    late.mark(event, "in", "10:00", "number", CHEN)
    assert [row[2] for row in rows(world, no)] == [6]
    assert [row[2] for row in rows(world, other_no)] == [2]
    assert len(rows(world, no, with_void=True)) == 2, "what was made void can still be seen"


def test_an_act_sent_twice_and_one_taken_back_count_as_they_should(world, tablet):
    no = known(world)
    event = tablet.event(counting="fixed", half_hours=5)
    mark = tablet.mark(event, "in", "09:00", "number", WANG)
    assert tablet.tell("mark", mark).status == "applied"
    tablet.close(event)
    assert [row[2] for row in rows(world, no)] == [5]
    undo = wire.EventMark(event_id=event.event_id, mark_id=mark.mark_id, what="undo", at_ms=at("09:01"), how="card")
    assert tablet.tell("mark", undo).status == "applied"
    assert rows(world, no) == []


def test_a_training_is_recorded_as_one_and_brings_no_service(world, tablet):
    no = known(world)
    event = tablet.event(
        kind="training", title="特殊訓練", counting="fixed", half_hours=12, course="special", field="衛生福利", item=""
    )
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.close(event)
    assert rows(world, no) == []
    with world.store.read() as conn:
        (held,) = training.of_people(conn, [no])[no]
    assert (held.kind, held.field, held.course, held.half_hours, held.completed_on) == (
        "special", "衛生福利", "特殊訓練", 12, date(2026, 11, 20),
    )  # fmt: skip


def test_a_slip_leads_to_its_applicant_only_with_its_secret(world, tablet):
    world.application(receipt="HC-7K3M-22QF")
    event = tablet.event(counting="fixed", half_hours=2)
    secret = bytes.fromhex("00112233445566778899aabbccddeeff")
    tablet.mark(event, "in", "09:00", "slip", slip_text("HC-7K3M-22QF", b"x" * 16))
    tablet.close(event)
    page = plain(world.browser("officer").get(f"/events/{event.event_id}").text)
    assert "還不知道是誰" in page and "HC-7K3M-22QF" in page
    tablet.mark(event, "in", "09:05", "slip", slip_text("HC-7K3M-22QF", secret))
    with world.store.read() as conn:
        found = events.acts(conn, events.find(conn, event.event_id))
    assert [act.person_no is None for act in found] == [True, False]


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("card", "HTTPS://HC.TAIPEI/ABCDEFGHIJKLMNOP#123"),
        ("slip", "HCS1:?"),
        ("number", "A1"),
        ("walk_in", "A123456788"),
    ],
)
def test_whatever_was_held_up_never_stops_the_tablet(world, tablet, how, text):
    event = tablet.event()
    tablet.mark(event, "in", "09:00", how, text)
    assert "還不知道是誰" in plain(world.browser("officer").get(f"/events/{event.event_id}").text)


def test_a_walk_in_nobody_knows_waits_for_a_person_and_then_counts(world, tablet):
    event = tablet.event()
    tablet.mark(event, "in", "09:00", "walk_in", WANG, name="王小明", birth_date=date(1958, 8, 16))
    tablet.mark(event, "out", "10:00", "number", WANG)
    tablet.close(event)
    officer = world.browser("officer")
    here = f"/events/{event.event_id}"
    page = officer.get(here).text
    assert "王小明" in page and WANG not in page
    who = re.search(r'name="who" value="([0-9a-f]+)"', page)[1]
    assert officer.send(f"{here}/match", see=here, who=who, new="yes").status_code == 303
    with world.store.read() as conn:
        no = volunteers.find(conn, [numbers.known(world.settings, WANG, "王小明").idbx]).popitem()[1].no
        assert volunteers.of_no(conn, no).birth_date == date(1958, 8, 16)
    assert [row[2] for row in rows(world, no)] == [2]


def test_another_name_under_a_known_number_is_left_to_a_person(world, tablet):
    no = known(world)
    event = tablet.event(counting="fixed", half_hours=2)
    tablet.mark(event, "in", "09:00", "walk_in", WANG, name="李大同", birth_date=date(1958, 8, 16))
    tablet.close(event)
    assert rows(world, no) == []
    officer, here = world.browser("officer"), f"/events/{event.event_id}"
    who = re.search(r'name="who" value="([0-9a-f]+)"', officer.get(here).text)[1]
    assert officer.send(f"{here}/match", see=here, who=who, number="A1").status_code == 422
    assert officer.send(f"{here}/match", see=here, who=who, number=CHEN).status_code == 422
    assert officer.send(f"{here}/match", see=here, who=who, number=WANG).status_code == 303
    assert [row[2] for row in rows(world, no)] == [2]


def test_times_are_mended_after_the_end_only_with_a_reason(world, tablet):
    no = known(world)
    event = tablet.event()
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.close(event)
    officer, here = world.browser("officer"), f"/events/{event.event_id}"
    assert "還沒有簽退" in plain(officer.get(here).text)
    form = {"person": str(no), "from": "09:00", "to": "11:30"}
    assert officer.send(f"{here}/fix", see=here, **form).status_code == 422
    assert officer.send(f"{here}/fix", see=here, **{**form, "to": "08:00"}, why="忘記簽退").status_code == 422
    assert officer.send(f"{here}/fix", see=here, **form, why="忘記簽退").status_code == 303
    assert [row[2] for row in rows(world, no)] == [5]
    assert "忘記簽退" in officer.get(here).text
    gone = {"person": str(no), "from": "", "to": "", "why": "掃到別人的卡"}
    assert officer.send(f"{here}/fix", see=here, **gone).status_code == 303
    assert rows(world, no) == []


def test_what_the_office_made_void_is_not_brought_back(world, tablet):
    no = known(world)
    event = tablet.event(counting="fixed", half_hours=2)
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.close(event)
    with world.store.write() as conn:
        (row,) = service.of_person(conn, [no])
        service.void(conn, row.row_id, by="office", why="重複", now_ms=1)
    tablet.mark(event, "out", "10:00", "number", WANG)
    assert rows(world, no) == []


def test_an_event_made_at_the_center_reaches_the_units_tablets_and_no_other(world, tablet):
    stranger = Teller(world, "shezi")
    officer = world.browser("officer")
    answer = officer.send("/events/new", see="/events/new", **FORM)
    assert answer.status_code == 303
    (item,) = [item for item in tablet.feed().items if item.kind == "event.open"]
    event = wire.decode(wire.Event, item.body)
    assert (event.title, event.state, f"/events/{event.event_id}") == ("花博導覽", "open", answer.location)
    assert not [item for item in stranger.feed().items if item.kind == "event.open"]
    officer.send(f"{answer.location}/close", see=answer.location, missing_out="12:00")
    assert [wire.decode(wire.Event, one.body).state for one in tablet.feed().items if one.kind == "event.open"] == [
        "open",
        "closed",
    ]


def test_another_units_tablet_and_officer_have_no_say(world, tablet):
    event = tablet.event()
    other = Teller(world, "shezi")
    body = wire.EventMark(
        event_id=event.event_id, mark_id=uuid7(), what="in", at_ms=at("09:00"), how="number", text=WANG
    )  # fmt: skip
    assert other.tell("mark", body).code == "op_not_yours"
    assert world.browser("stranger").get(f"/events/{event.event_id}").status_code == 404
    assert world.browser("stranger").send(f"/events/{event.event_id}/close", see="/events").status_code == 404
    assert world.browser("first").get("/events").status_code == 403
    assert world.browser("admin").get(f"/events/{event.event_id}").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"ends_ms": 0}, {"counting": "fixed"}, {"kind": "training"}, {"half_hours": -1}, {"place": "長" * 61}]
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused(world, tablet, wrong):
    values = {
        "event_id": uuid7(), "kind": "activity", "title": "花博", "place": "", "starts_ms": at("09:00"), "ends_ms": at("12:00"),
        "counting": "clock",
    }  # fmt: skip
    assert tablet.tell("new", wire.Event(**{**values, **wrong})).code == "op_malformed"


def test_certificates_of_attendance_are_a_page_a_person(world, tablet, tmp_path):
    known(world)
    no = known(world, CHEN, "陳美玲")
    event = tablet.event(
        kind="training", title="基礎訓練", counting="fixed", half_hours=12, course="basic", item=""
    )  # fmt: skip
    officer, here = world.browser("officer"), f"/events/{event.event_id}"
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.mark(event, "in", "09:01", "number", CHEN)
    assert officer.get(f"{here}/certificates-zh.pdf").status_code == 422, "not before the end"
    tablet.close(event)

    def said(address):
        file = tmp_path / "paper.pdf"
        file.write_bytes(officer.get(address).data)
        return subprocess.run(
            ["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True
        ).stdout

    every = said(f"{here}/certificates-zh.pdf")
    assert "王小明" in every and "陳美玲" in every and "志願服務基礎訓練" in every and "6 小時" in every
    assert WANG not in every and every.count("\f") == 2
    one = said(f"{here}/certificates-en.pdf?person={no}")
    assert "陳美玲" in one and "王小明" not in one and "basic training" in one


def test_the_list_and_the_figures_are_live(world, tablet):
    event = tablet.event()
    officer = world.browser("officer")
    assert "已報到 0 位" in plain(officer.get("/events").text)
    known(world)
    tablet.mark(event, "in", "09:00", "number", WANG)
    tablet.mark(event, "in", "09:00", "number", CHEN)
    assert "已報到 2 位" in plain(officer.get("/events").text)
    fragment = officer.get(f"/events/{event.event_id}/counts", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<section id="counts"')


def test_an_administrator_chooses_the_unit(world):
    admin = world.browser("admin")
    assert admin.send("/events/new", see="/events/new", **FORM).status_code == 422
    answer = admin.send("/events/new", see="/events/new", **FORM, unit=world.units["shezi"])
    with world.store.read() as conn:
        found = events.find(conn, answer.location.rpartition("/")[2])
    assert found.unit_id == world.units["shezi"]
