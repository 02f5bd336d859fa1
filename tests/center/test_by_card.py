"""The holder of an earlier card prints the new one at a tablet: with a line, the birth date and five tries."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import waitress

from center import devices as codes
from center import digital_address, keyring
from center.issue import issue
from center.store import card_log, cards
from kiosk.enrolment import enrol
from kiosk.store import cards as kept
from kiosk.store import syncing
from sync import wire
from sync.seal import seal
from tests.center.signing import Tablet
from tests.sync.loopback import Kiosk

BORN, TYPED = date(1958, 8, 16), "47.08.16"


class Ask(Tablet):
    """A tablet that asks by a card."""

    def __init__(self, world):
        super().__init__(world.app, world.store, keyring.sealing_public(world.settings), world.units["north_gate"])
        self.world = world

    def by(self, text, born=BORN):
        body = seal(wire.encode(wire.SheetAsked(text=text, birth_date=born)), self.center_key, "ask")
        return self.ask("POST", "/v1/sheets", body, self.world.now)

    def code(self, text, born=BORN):
        answer = self.by(text, born)
        return "" if answer.status_code == 200 else answer.json["type"].rpartition(":")[2]


@pytest.fixture
def tablet(world):
    return Ask(world)


def code_of(world, number):
    with world.store.read() as conn:
        return digital_address.qr_text(world.settings, cards.find(conn, number))


@pytest.fixture
def pair(world):
    """An earlier card that is over and was replaced, and the one its holder has today."""
    text = code_of(world, world.issued())
    world.at(world.now + timedelta(days=3 * 366))
    later = world.application(receipt="HC-BBBB-BBBB", submitted_on=world.now.date())
    world.browser("first").decide(later, "approve", text="看過紀錄冊")
    return text, issue(world.store, world.settings, later, world.people["second"], now=world.now, text="看過紀錄冊")


def test_the_earlier_card_and_the_birth_date_lead_to_the_card_of_today_within_five_tries(world, tablet, pair):
    old, new = pair
    answer = tablet.by(old)
    found = wire.decode(wire.SheetFound, answer.data)
    issued = wire.decode(wire.CardIssued, tablet.keys.open(found.sealed, "sheet"))
    assert (found.number, issued.number, issued.digital) == (new, new, "")
    assert issued.sheet.startswith(b"%PDF-") and b"%PDF-" not in answer.data
    history = world.case(found.application_id).history
    assert (history[-1].move, history[-1].actor) == ("sheet_given", "1 號機")

    assert tablet.code(code_of(world, new)) == "", "the card of today opens its own sheet too"
    at = old.index("#") - 1  # the last letter of what the server knows it by
    forged = old[:at] + ("A" if old[at] != "A" else "B") + old[at + 1 :]
    for text in (forged, "HCS1:7K3M22QF:" + "A" * 26, "", "https://example.com/" + "1" * 200):
        assert tablet.code(text) == "old_card_does_not_match"
    for body in (b"plain", seal(b"{}", tablet.center_key, "ask"), seal(b"{}", tablet.center_key, "body")):
        refused = tablet.ask("POST", "/v1/sheets", body, world.now)
        assert refused.status_code in (400, 422) and refused.json["type"].endswith("push_malformed")

    other = Ask(world)  # whichever tablet asks: the card is what counts
    for n in range(5):
        assert (tablet, other)[n % 2].code(pair[0], date(1960, 1, n + 1)) == "old_card_does_not_match"
    assert tablet.code(pair[0]) == "old_card_tries_spent"
    world.at(world.now + timedelta(days=8))
    assert tablet.code(pair[0]) == ""
    assert tablet.code(pair[0], date(1960, 1, 1)) == "old_card_does_not_match"


def test_what_may_not_be_printed_is_said_in_words_and_only_with_the_right_date(world, tablet, pair):
    old, new = pair
    now_ms = int(world.now.timestamp() * 1000)
    with world.store.write() as conn:
        seq = cards.find(conn, new).seq
        for _ in range(3):
            card_log.note(conn, seq, what="reprinted", actor="x", now_ms=now_ms)
    assert tablet.code(old) == "old_card_reprints_spent"
    world.at(world.now + timedelta(days=4 * 365))
    assert tablet.code(old) == "old_card_none_good", "the card of that day is over"
    world.at(world.now - timedelta(days=4 * 365))
    for status, code in (("suspended", "card_suspended"), ("revoked", "old_card_none_good")):
        with world.store.write() as conn:
            cards.end(conn, seq, status=status, why="", now_ms=now_ms, by="second")
        assert tablet.code(old, date(1960, 1, 1)) == "old_card_does_not_match"
        assert tablet.code(old) == code
    assert tablet.code(code_of(world, new)) == "old_card_does_not_match", "a revoked card opens nothing"


# --- at the kiosk ---


@pytest.fixture
def kiosk(tmp_path, world) -> Iterator[Kiosk]:
    """A public tablet that has never heard of the application, with the center behind a real line."""
    server = waitress.create_server(world.app, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    found = Kiosk(tmp_path / "kiosk")
    code = codes.new_code(world.store, world.units["north_gate"], "花博", "public", world.now)
    enrol(found.settings, found.store, f"http://127.0.0.1:{server.effective_port}", code, "1 號機")
    found.app.config["WTF_CSRF_ENABLED"] = False
    yield found
    server.close()


def browser(kiosk):
    client = kiosk.app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    return client


def test_a_volunteer_holds_up_the_earlier_card_and_prints_at_any_tablet_that_has_a_line(
    world, kiosk, pair, monkeypatch
):
    with world.store.write() as conn:
        card_log.note(conn, cards.find(conn, pair[1]).seq, what="printed", actor="x", now_ms=1)
    client = browser(kiosk)
    asked = client.post("/print/slip/text", data={"text": pair[0]})
    assert "讀到榮譽卡了" in asked.text
    with monkeypatch.context() as cut:
        real = syncing.membership
        cut.setattr(syncing, "membership", lambda db: replace(real(db), center_url="http://127.0.0.1:9"))
        for _ in range(7):  # and no try is lost
            assert "請改用收據" in client.post("/print/slip", data={"slip": pair[0], "born": TYPED}).text
    wrong = client.post("/print/slip", data={"slip": pair[0], "born": "50.01.01"})
    assert "榮譽卡和出生年月日對不上" in wrong.text and 'name="born"' in wrong.text
    opened = client.post("/print/slip", data={"slip": pair[0], "born": TYPED})
    assert opened.status_code == 303
    page = client.get(opened.location).text
    assert "卡片可以列印了" in page and pair[1] in page and "林秀琴" not in page
    with kiosk.store.read() as db:
        (card,) = db.query("SELECT * FROM card")
        assert kept.times_printed(db, card["application_id"]) == 1, "printed elsewhere: once more needs a reason"
    assert (card["number"], card["device_sheet"], card["slip_sheet"]) == (pair[1], None, None)
    assert browser(kiosk).get(opened.location).location.startswith("/unlock"), "the next person finds nothing"
