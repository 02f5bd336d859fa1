"""Events on a tablet: made without a line, people checked in and out by card, slip, number, list or on the spot, undone, closed."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from honorcard.card import slip
from kiosk.events import checking
from kiosk.store import events
from sync import wire
from sync.ids import uuid7
from sync.seal import open_sealed
from tests.kiosk.scene import NOW, build

FORM = {
    "kind": "activity", "title": "花博導覽", "place": "爭艷館", "day": "115.11.21", "from": "09:00", "to": "12:00",
    "counting": "clock", "item": "導覽",
}  # fmt: skip
WANG, LIN = "A123456789", "A223456781"


@pytest.fixture
def kiosk(tmp_path):
    scene = build(tmp_path)
    scene.moments = [NOW]
    scene.app.config["NOW"] = lambda: scene.moments[0]
    return scene


def later(kiosk, **gone):
    kiosk.moments[0] = kiosk.moments[0] + timedelta(**gone)


def made(kiosk, client, **changes):
    answer = client.post("/events/new", data={**FORM, **changes})
    assert answer.status_code == 303
    return answer.location.rpartition("/")[2]


def sent(kiosk, kind):
    """The bodies of operations of that kind, opened as the center opens them."""
    with kiosk.store.read() as db:
        rows = db.conn.execute("SELECT body FROM op_log WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    struct = {"event.new": wire.Event, "event.mark": wire.EventMark, "event.close": wire.EventClose}[kind]
    return [wire.decode(struct, open_sealed(row[0], kiosk.center, "body")) for row in rows]


def plain(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def hold_up(client, event_id, text, way="in"):
    return client.post(f"/events/{event_id}/text?way={way}", data={"text": text}, headers={"HX-Request": "true"})


def counted(kiosk, event_id):
    with kiosk.store.read() as db:
        return events.counts(db, event_id)


def test_an_event_made_without_a_line_is_there_at_once_and_travels_sealed(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    assert "花博導覽" in plain(client.get("/events"))
    (told,) = sent(kiosk, "event.new")
    assert (told.event_id, told.ends_ms - told.starts_ms, told.item) == (event_id, 3 * 3_600_000, "導覽")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": " "}, "還沒有填活動名稱"),
        ({"day": "去年"}, "活動日期看不出來"),
        ({"to": "08:59"}, "開始和結束的時間不對"),
        ({"from": "25:00"}, "開始和結束的時間不對"),
        ({"counting": "fixed", "hours": "1.3"}, "固定時數"),
        ({"kind": "training", "course": ""}, "訓練要選"),
        ({"kind": "training", "course": "special", "field": ""}, "特殊訓練要填領域"),
    ],
)
def test_what_cannot_be_an_event_is_refused_with_what_was_typed_kept(kiosk, wrong, words):
    answer = kiosk.client().post("/events/new", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert words in plain(answer)
    assert 'value="爭艷館"' in answer.get_data(as_text=True)
    assert sent(kiosk, "event.new") == []


@pytest.mark.parametrize("typed", ["09:00", "0900", "9:00", "09：00"])
def test_the_hours_are_chosen_from_a_list_or_typed_in_digits_alone(kiosk, typed):
    client = kiosk.client()
    form = client.get("/events/new").get_data(as_text=True)
    listed = re.findall(
        r'<option value="([^"]+)">', form.partition('<datalist id="event-times">')[2].partition("</datalist>")[0]
    )
    names = re.findall(r' id="([^"]+)"', form)
    assert len(names) == len(set(names))
    assert listed == sorted(set(listed)) and {"07:00", "09:00", "17:30", "22:00"} <= set(listed)
    for name in ("from", "to"):
        (field,) = re.findall(rf'<input id="event-{name}"[^>]*>', form)
        assert 'list="event-times"' in field and 'inputmode="numeric"' in field
    made(kiosk, client, **{"from": typed, "to": listed[-1]})
    (told,) = sent(kiosk, "event.new")
    assert told.ends_ms - told.starts_ms == 13 * 3_600_000


def test_a_card_is_checked_in_once_and_offered_the_way_out(kiosk):
    client = kiosk.client(unlocked=True)
    event_id = made(kiosk, client)
    card = kiosk.cards.texts["valid"]
    answer = hold_up(client, event_id, card)
    assert "第 1 位" in plain(answer) and 'data-sound="yes"' in answer.get_data(as_text=True)
    assert "林秀琴" not in answer.get_data(as_text=True)
    assert hold_up(client, event_id, card).status_code == 204, "held on, it is not a second visit"
    later(kiosk, minutes=20)
    again = hold_up(client, event_id, card)
    assert "10:42 報到過了" in plain(again)
    held = re.search(r'name="held" value="([^"]+)"', again.get_data(as_text=True))
    assert "已簽退 11:02" in plain(client.post(f"/events/{event_id}/leave", data={"held": held[1]}))
    later(kiosk, minutes=1)
    assert hold_up(client, event_id, card).status_code == 204, "still in the hand, it does not come in again"
    told = sent(kiosk, "event.mark")
    assert [(one.what, one.how, one.text == card) for one in told] == [("in", "card", True), ("out", "card", True)]
    assert counted(kiosk, event_id) == events.Counts(came=1, here=0, left=1, unknown=1)


def test_checking_works_without_the_pin_and_tells_no_name(kiosk):
    staff = kiosk.client()
    event_id = made(kiosk, staff)
    staff.post(f"/events/{event_id}/walk-in", data={"name": "王小明", "number": WANG, "birth_date": "47.08.16"})
    later(kiosk, minutes=1)
    anybody = kiosk.client(unlocked=False)
    again = anybody.post(f"/events/{event_id}/number", data={"number": WANG}, headers={"HX-Request": "true"})
    assert "報到過了" in plain(again) and "王" not in plain(again)
    assert "王" in plain(
        staff.post(f"/events/{event_id}/number", data={"number": WANG}, headers={"HX-Request": "true"})
    )
    assert anybody.get(f"/events/{event_id}/people").location.startswith("/unlock")


@pytest.mark.parametrize("text", ["https://example.com/x", "HC-7K3M-22QF", "你好"])
def test_another_code_is_told_and_nothing_is_noted(kiosk, text):
    client = kiosk.client()
    event_id = made(kiosk, client)
    answer = hold_up(client, event_id, text)
    assert "這不是榮譽卡，也不是收據" in plain(answer) and 'data-sound="no"' in answer.get_data(as_text=True)
    assert sent(kiosk, "event.mark") == []


def test_a_wrong_number_is_refused_and_never_repeated_on_the_page(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    answer = client.post(f"/events/{event_id}/number", data={"number": "A123456788"}, headers={"HX-Request": "true"})
    assert "這個證號不對" in plain(answer) and "A123456788" not in answer.get_data(as_text=True)
    assert sent(kiosk, "event.mark") == []


def test_a_slip_is_known_by_its_receipt_and_names_whom_the_tray_has(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    kiosk.submit("林○琴", receipt="HC-7K3M-22QF")
    answer = hold_up(client, event_id, slip.slip_text("HC-7K3M-22QF", b"s" * 16))
    assert "第 1 位" in plain(answer) and "林○琴" in plain(answer)


def test_only_what_was_noted_last_is_taken_back(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    hold_up(client, event_id, kiosk.cards.texts["valid"])
    first = sent(kiosk, "event.mark")[0].mark_id
    hold_up(client, event_id, kiosk.cards.texts["suspended"])
    client.post(f"/events/{event_id}/undo", data={"act": first})
    assert counted(kiosk, event_id).came == 2
    second = sent(kiosk, "event.mark")[1].mark_id
    answer = client.post(f"/events/{event_id}/undo", data={"act": second}, headers={"HX-Request": "true"})
    assert "取消了" in plain(answer)
    assert counted(kiosk, event_id).came == 1
    assert [(one.what, one.mark_id) for one in sent(kiosk, "event.mark")][-1] == ("undo", second)
    assert "第 2 位" in plain(hold_up(client, event_id, kiosk.cards.texts["suspended"]))


def test_who_leaves_without_having_come_here_is_noted_all_the_same(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    answer = hold_up(client, event_id, kiosk.cards.texts["valid"], way="out")
    assert "已簽退" in plain(answer) and "由中心核對" in plain(answer)
    assert counted(kiosk, event_id).out_only == 1


def test_a_list_says_who_is_expected_and_is_ticked_by_hand(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    table = f"姓名,身分證字號,電話\n王小明,{WANG},1\n林秀琴,{LIN},2\n林秀琴,{LIN},2\n誰,A123,3\n".encode()
    send = {"list": (io.BytesIO(table), "list.csv")}
    fragment = {"HX-Request": "true"}
    figures = [client.get(f"/events/{event_id}/{path}", headers=fragment) for path in ("people", "counts")]
    assert not any("不在名單上" in plain(one) for one in figures), "nobody is off a list that is none"
    assert client.post(f"/events/{event_id}/expected", data=send).status_code == 303
    assert "不在名單上" in plain(client.get(f"/events/{event_id}/counts", headers=fragment))
    assert client.get(f"/events/{event_id}/counts").location == f"/events/{event_id}/people"
    page = plain(client.get(f"/events/{event_id}/people"))
    assert "名單加了 2 位" in page and "有 1 列" in page and "名單（2 位）" in page and WANG not in page
    assert client.post(f"/events/{event_id}/tick", data={"line": "2"}).status_code == 303
    (told,) = sent(kiosk, "event.mark")
    assert (told.how, told.text, told.what) == ("number", LIN, "in")
    client.post(f"/events/{event_id}/close", data={})
    with kiosk.store.read() as db:
        assert events.expected(db, event_id) == [], "the list goes with the end"


def test_a_list_without_numbers_is_refused_in_words(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    send = {"list": (io.BytesIO("姓名\n王小明\n".encode()), "list.csv")}
    answer = client.post(f"/events/{event_id}/expected", data=send)
    assert answer.status_code == 422 and "名單裡沒有可以用的人" in plain(answer)


def test_a_walk_in_can_go_straight_on_to_an_application(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    form = {"name": "王小明", "number": WANG, "birth_date": "47.08.16", "apply": "yes"}
    answer = client.post(f"/events/{event_id}/walk-in", data=form)
    assert answer.location.startswith("/apply/")
    assert WANG in client.get(answer.location + "/identity").get_data(as_text=True)
    (told,) = sent(kiosk, "event.mark")
    assert (told.how, told.name, told.text, told.birth_date.year) == ("walk_in", "王小明", WANG, 1958)
    assert counted(kiosk, event_id).walk_ins == 1


def test_somebody_with_a_passport_is_registered_on_the_spot_and_leaves_by_the_number_alone(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    form = {"name": "Nguyen Van An", "number": "c-1234567", "birth_date": "1988-02-03", "nationality": "VN"}
    assert client.post(f"/events/{event_id}/walk-in", data=form).status_code == 303
    later(kiosk, minutes=30)
    headers = {"HX-Request": "true"}
    anybody = kiosk.client(unlocked=False)
    left = anybody.post(f"/events/{event_id}/number?way=out", data={"number": "C1234567"}, headers=headers)
    assert "已簽退" in plain(left)
    came, gone = sent(kiosk, "event.mark")
    assert (came.how, came.text, came.nationality) == ("walk_in", "C1234567", "VN")
    assert (gone.how, gone.what, gone.text, gone.nationality) == ("number", "out", "C1234567", "VN")
    other = anybody.post(f"/events/{event_id}/number", data={"number": "C7654321"}, headers=headers)
    assert "這個證號不對" in plain(other)


@pytest.mark.parametrize(
    ("number", "nationality"), [("C1234567", ""), ("C1234567", "ZZ"), ("C1", "VN"), ("A123456788", "")]
)
def test_a_passport_needs_its_nationality_and_what_was_typed_stays(kiosk, number, nationality):
    client = kiosk.client()
    event_id = made(kiosk, client)
    form = {"name": "Nguyen Van An", "number": number, "birth_date": "1988-02-03", "nationality": nationality}
    answer = client.post(f"/events/{event_id}/walk-in", data=form)
    assert answer.status_code == 422 and "用護照的人，也要選國籍" in plain(answer)
    assert f'value="{number}"' in answer.text and 'value="Nguyen Van An"' in answer.text
    assert sent(kiosk, "event.mark") == []


def test_a_walk_in_with_a_passport_goes_straight_on_to_an_application(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    form = {
        "name": "Nguyen Van An", "number": "C1234567", "birth_date": "1988-02-03", "nationality": "VN", "apply": "yes",
    }  # fmt: skip
    answer = client.post(f"/events/{event_id}/walk-in", data=form)
    page = client.get(answer.location + "/identity").text
    assert "C1234567" in page and re.search(r'<option value="VN" selected', page)


def test_an_event_is_closed_once_with_the_times_for_all_who_are_missing(kiosk):
    client = kiosk.client()
    event_id = made(kiosk, client)
    hold_up(client, event_id, kiosk.cards.texts["valid"])
    refused = client.post(f"/events/{event_id}/close", data={"missing_out": "noon"})
    assert refused.status_code == 422
    assert client.post(f"/events/{event_id}/close", data={"missing_out": "12:00"}).status_code == 303
    assert client.post(f"/events/{event_id}/close", data={"missing_out": "12:00"}).status_code == 409
    (told,) = sent(kiosk, "event.close")
    (event,) = sent(kiosk, "event.new")
    assert (told.missing_out_ms, told.missing_in_ms) == (event.ends_ms, None)
    answer = hold_up(client, event_id, kiosk.cards.texts["suspended"])
    assert "已經結束報到" in plain(answer)
    assert len(sent(kiosk, "event.mark")) == 1


def test_an_event_of_the_center_appears_and_what_was_closed_here_stays_closed(kiosk):
    from kiosk.news import News

    news = News(kiosk.settings, kiosk.app, lambda: None)
    event = wire.Event(
        event_id=uuid7(), kind="training", title="基礎訓練", place="", starts_ms=1, ends_ms=2, counting="fixed", half_hours=12,
        course="basic",
    )  # fmt: skip

    def heard(lsn):
        item = wire.FeedItem(lsn=lsn, kind="event.open", entity_id=event.event_id, rev=1, body=wire.encode(event))
        with kiosk.store.write() as db:
            news.received(db, item)

    heard(1)
    client = kiosk.client()
    assert "基礎訓練" in plain(client.get("/events"))
    client.post(f"/events/{event.event_id}/close", data={})
    heard(2)
    with kiosk.store.read() as db:
        assert events.find(db, event.event_id).state == "closed"


def test_twenty_people_a_minute_need_no_more_than_a_twentieth_of_it(kiosk):
    """Server time of a check-in is far below the three seconds a person has, also with many people there."""
    client = kiosk.client()
    event_id = made(kiosk, client)
    with kiosk.store.write() as db:
        for number in range(400):
            events.add_act(
                db, event_id, events.Act(f"act-{number}", number.to_bytes(32, "big"), "in", 1, "card", "")
            )  # fmt: skip
    import time

    begun = time.process_time()
    answer = hold_up(client, event_id, kiosk.cards.texts["valid"])
    assert "第 401 位" in plain(answer)
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize("path", ["", "/people", "/counts"])
def test_an_event_nobody_knows_is_a_sentence(kiosk, path):
    answer = kiosk.client().get(f"/events/{uuid7()}{path}")
    assert answer.status_code == 404 and "沒有這個活動" in plain(answer)


def test_a_card_held_on_after_leaving_is_known_until_it_is_put_down():
    held = checking.Held()
    assert not held.is_held_on(b"card", 0)
    held.leaves(b"card", 0)
    assert [held.is_held_on(b"card", at) for at in (3, 12, 20, 31, 32)] == [True, True, True, False, False]
    assert not held.is_held_on(b"another", 3)
