"""Letters go out once, whatever the mail server does; a letter that cannot is somebody's to see to, and holds up no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from center import postman
from center.mail_line import Times
from center.postman import Result
from center.settings import Settings
from center.store import Store, mail
from tests.center.postbox import HOST, Postbox, Trust, certificate, postbox, stranger
from tests.sync import loopback

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
QUICK = Times(silence_s=0.3, whole_s=0.6)
PATIENT = Times(silence_s=20.0, whole_s=30.0)
FACTS = {"name": "林○琴", "receipt": "HC-7K3M-22QF", "number": "11500001", "valid_until": "2029-11-21"}
ADDRESS = "officer@unit.example"


class Office:
    """A center's outbox, with a clock that stands."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.url)
        self.store.create()
        self.now = NOON

    def put(self, about: str = "one", address: str = ADDRESS, **facts: object) -> str:
        with self.store.write() as conn:
            assert mail.put(conn, "card_issued", address, {**FACTS, **facts}, about=about, now_ms=self._ms())
        return self.letters()[0].mail_id

    def deliver(self, box: Postbox | None = None, times: Times = PATIENT, **changes: object) -> Result:
        settings = replace(self.settings, smtp_port=box.port if box else self.settings.smtp_port)
        return postman.deliver(
            self.store, settings, now_is=lambda: self.now, times=times, draw=lambda _low, high: high, **changes
        )

    def letters(self) -> list[mail.Letter]:
        with self.store.read() as conn:
            return mail.listing(conn)

    def states(self) -> list[str]:
        return [one.state for one in reversed(self.letters())]

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def _ms(self) -> int:
        return int(self.now.timestamp() * 1000)


@pytest.fixture
def make_office(tmp_path: Path, store_kind: str) -> Iterator[Callable[..., Office]]:
    made: list[Office] = []

    def make(**changes: object) -> Office:
        folder = tmp_path / "center"
        plain = {"smtp_host": HOST, "smtp_security": "none", "mail_from": "榮譽卡 <card@hc.example.gov.tw>"}
        office = Office(Settings(data_dir=folder, database_url=loopback.database_of(folder), **{**plain, **changes}))
        made.append(office)
        return office

    yield make
    for one in made:
        one.store.engine.dispose()


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return certificate(tmp_path_factory.mktemp("trust"))


def test_a_letter_goes_out_once_and_a_second_round_has_nothing_to_do(office):
    office.put()
    with postbox() as box:
        assert office.deliver(box) == Result(sent=1)
        assert office.deliver(box) == Result()
        assert box.connections == 1
    assert office.states() == ["sent"]
    assert box.to == [[ADDRESS]]


def test_what_arrives_is_in_both_languages_with_a_link_and_no_secret(office):
    mail_id = office.put()
    with postbox() as box:
        office.deliver(box)
    (message,) = box.messages
    assert message["From"].addresses[0].display_name == "榮譽卡"
    assert message["Subject"] == "榮譽卡 11500001 可以印了 Honor card 11500001 is ready to print"
    assert message["Message-ID"] == f"<{mail_id}@hc.example.gov.tw>"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    plain = message.get_body(("plain",)).get_content()
    page = message.get_body(("html",)).get_content()
    for text in (plain, page):
        assert text.index("林○琴") < text.index("The honor card of 林○琴")
        assert "https://hc.taipei/cards/11500001" in text
        assert "118.11.21" in text
    assert not list(message.iter_attachments())
    box.raw[0].decode("ascii")  # every relay can carry it
    assert max(map(len, box.raw[0].split(b"\r\n"))) <= 998


def test_many_letters_share_a_connection_and_one_that_is_refused_holds_up_no_other(office):
    for number in range(5):
        office.put(about=str(number))
    with postbox() as box:
        box.after_rcpt = ["", "550 no such user", "", "451 try later"]
        assert office.deliver(box) == Result(sent=3, postponed=1, given_up=1)
        assert box.connections == 1
    assert office.states() == ["sent", "dead", "sent", "waiting", "sent"]
    assert [one.code for one in reversed(office.letters())] == ["", "smtp_550", "", "smtp_451", ""]


def test_an_address_beyond_ascii_goes_where_the_server_can_carry_it_and_waits_with_the_reason_where_not(office):
    office.put(about="one", address="志工@例子.台灣")
    office.put(about="two", address="info@例子.台灣")
    with postbox() as plain:
        assert office.deliver(plain) == Result(sent=1, given_up=1)
        assert plain.connections == 1  # the line is as good as before
    assert plain.to == [["info@xn--fsqu00a.xn--kpry57d"]]
    plain.raw[0].decode("ascii")
    assert office.states() == ["dead", "sent"]
    dead = office.letters()[1]
    assert dead.code == "mail_no_utf8"
    with office.store.write() as conn:
        assert mail.retry(conn, dead.mail_id, "somebody", int(NOON.timestamp() * 1000))
    with postbox(utf8=True) as able:
        assert office.deliver(able) == Result(sent=1)
    assert able.to == [["志工@xn--fsqu00a.xn--kpry57d"]]
    assert "To: 志工@xn--fsqu00a.xn--kpry57d" in able.raw[0].decode()
    assert "林○琴" in able.messages[0].get_body(("plain",)).get_content()


def test_the_same_thing_is_told_to_an_address_once(office):
    office.put()
    with office.store.write() as conn:
        assert not mail.put(conn, "card_issued", ADDRESS.upper(), FACTS, about="one", now_ms=1)
        assert mail.put(conn, "card_issued", ADDRESS, FACTS, about="one", again="2", now_ms=1)
        assert mail.put(conn, "card_issued", "other@unit.example", FACTS, about="one", now_ms=1)


def test_a_letter_put_in_a_transaction_that_fails_was_never_there(office):
    with pytest.raises(ZeroDivisionError), office.store.write() as conn:
        mail.put(conn, "card_issued", ADDRESS, FACTS, about="one", now_ms=1)
        raise ZeroDivisionError
    assert office.letters() == []


@pytest.mark.parametrize(("answer", "code"), [("451 greylisted", "smtp_451"), ("452 full", "smtp_452")])
def test_a_no_for_now_is_tried_again_later_and_later(office, answer, code):
    office.put()
    with postbox() as box:
        box.after_data = [answer, answer]
        assert office.deliver(box) == Result(postponed=1)
        first = office.letters()[0]
        assert (first.state, first.code, first.tries) == ("waiting", code, 1)
        assert office.deliver(box) == Result()  # not before its time
        office.now = datetime.fromtimestamp(first.due_ms / 1000, UTC)
        assert office.deliver(box) == Result(postponed=1)
        second = office.letters()[0]
        assert second.due_ms - int(office.now.timestamp() * 1000) == 2 * (first.due_ms - int(NOON.timestamp() * 1000))
        office.later(hours=1)
        assert office.deliver(box) == Result(sent=1)
    assert len({message["Message-ID"] for message in box.messages}) == 1


def test_a_no_for_good_waits_for_the_administrator_and_goes_out_when_sent_again(office):
    mail_id = office.put()
    with postbox() as box:
        box.after_data = ["554 rejected"]
        assert office.deliver(box) == Result(given_up=1)
        office.later(days=30)
        assert office.deliver(box) == Result()
        with office.store.write() as conn:
            assert mail.retry(conn, mail_id, "somebody", int(office.now.timestamp() * 1000))
        assert office.deliver(box) == Result(sent=1)
    assert box.messages[0]["Message-ID"] == f"<{mail_id}@hc.example.gov.tw>"


def test_what_did_not_go_out_for_days_is_given_up_and_cancelled_ones_never_go(make_office):
    office = make_office(mail_days=2)
    first, second = office.put(about="one"), office.put(about="two")
    with office.store.write() as conn:
        assert mail.cancel(conn, second, "somebody", 1)
    with postbox() as box:
        box.after_data = ["451 later"] * 9
        for _ in range(3):
            office.deliver(box)
            office.later(days=1)
        with office.store.read() as conn:
            found = mail.find(conn, first)
        assert found is not None
        assert (found.state, found.code) == ("dead", "smtp_451")
        assert office.states() == ["dead", "cancelled"]


def test_a_server_that_drops_the_line_in_the_middle_costs_that_letter_a_try_and_no_other(office):
    office.put(about="one")
    office.put(about="two")
    with postbox() as box:
        box.after_data = ["drop"]
        assert office.deliver(box) == Result(postponed=1)
        assert office.deliver(box) == Result(sent=1)
        office.later(hours=2)
        assert office.deliver(box) == Result(sent=1)
    assert [one.tries for one in reversed(office.letters())] == [2, 1]


def test_a_yes_that_was_lost_brings_the_same_message_again_so_that_it_is_known(office):
    office.put()
    with postbox() as box:
        box.after_data = ["take and drop"]
        office.deliver(box)
        office.later(hours=2)
        assert office.deliver(box) == Result(sent=1)
    first, second = box.raw
    assert first == second


@pytest.mark.parametrize(("how", "where"), [("hang", "after_data"), ("hang", "after_rcpt")])
def test_a_server_that_hangs_is_left_and_the_letter_waits(office, how, where):
    office.put()
    with postbox() as box:
        getattr(box, where).append(how)
        begun = time.monotonic()
        assert office.deliver(box, QUICK) == Result(postponed=1)
        assert time.monotonic() - begun < 10
        assert office.letters()[0].code == "mail_timeout"


@pytest.mark.parametrize(("says", "every_s"), [(b"", 0.05), (b"2", 0.1)])
def test_a_server_that_never_greets_or_never_ends_its_greeting_is_no_server(make_office, says, every_s):
    with stranger(says, every_s) as port:
        office = make_office(smtp_port=port)
        office.put()
        begun = time.monotonic()
        found = office.deliver(times=QUICK)
        assert found == Result(postponed=1, trouble="mail_timeout")
        assert time.monotonic() - begun < 10
    assert office.states() == ["waiting"]


def test_a_server_that_is_away_is_not_the_letters_fault(make_office):
    with stranger() as port:
        pass
    office = make_office(smtp_port=port)
    office.put()
    assert office.deliver() == Result(postponed=1, trouble="mail_unreachable")
    with postbox() as box:
        assert office.deliver(box) == Result(sent=1)  # at once, when it is back


def test_starttls_and_sign_in(make_office, trust, tmp_path):
    (tmp_path / "password").write_text("stone-river\n")
    office = make_office(
        smtp_security="starttls", smtp_ca_file=str(trust.ca_file), smtp_user="card",
        smtp_password_file=str(tmp_path / "password"),
    )  # fmt: skip
    office.put()
    with postbox(trust, user="card", password="stone-river") as box:
        assert office.deliver(box) == Result(sent=1)
    assert box.encrypted == [True]
    assert box.sign_ins == ["card"]


def test_tls_from_the_first_byte(make_office, trust):
    office = make_office(smtp_security="tls", smtp_ca_file=str(trust.ca_file))
    office.put()
    with postbox(trust, smtps=True) as box:
        assert office.deliver(box) == Result(sent=1)


def test_nothing_is_said_to_a_server_without_the_right_certificate(make_office, trust, tmp_path):
    other = certificate(tmp_path, "mail.example")  # known, and of another host
    for ca_file, used in (("", trust), (str(other.ca_file), other)):
        office = make_office(smtp_security="starttls", smtp_ca_file=ca_file)
        if not office.letters():
            office.put()
        with postbox(used) as box:
            assert office.deliver(box).trouble == "mail_tls"
        assert box.messages == []


def test_a_server_that_offers_no_encryption_gets_no_letter_and_a_password_never_goes_in_clear(make_office):
    office = make_office(smtp_security="starttls")
    office.put()
    with postbox() as box:
        assert office.deliver(box).trouble == "mail_no_tls"
        clear = make_office(smtp_security="none", smtp_user="card")
        assert clear.deliver(box).trouble == "mail_password_in_clear"
        assert make_office(smtp_security="off").deliver(box).trouble == "mail_settings"
    assert box.messages == []


def test_a_wrong_password_stops_the_round_and_kills_no_letter(make_office, trust, tmp_path):
    (tmp_path / "password").write_text("wrong")
    office = make_office(
        smtp_security="starttls", smtp_ca_file=str(trust.ca_file), smtp_user="card",
        smtp_password_file=str(tmp_path / "password"),
    )  # fmt: skip
    office.put(about="one")
    office.put(about="two")
    with postbox(trust, user="card", password="right") as box:
        assert office.deliver(box) == Result(postponed=1, trouble="smtp_535")
    assert set(office.states()) == {"waiting"}


def test_mail_that_is_off_sends_nothing_and_does_not_flood_on_the_day_it_is_on(make_office):
    office = make_office(smtp_host="")
    office.put()
    assert office.deliver() == Result()
    assert office.states() == ["off"]
    with postbox() as box:
        on = make_office()
        assert on.deliver(box) == Result()
    assert box.messages == []


def test_of_two_processes_one_has_a_letter_and_the_other_takes_it_over_when_the_lease_is_over(office):
    office.put()
    now_ms = int(NOON.timestamp() * 1000)
    with office.store.write() as conn:
        mine = mail.claim(conn, "one", now_ms, now_ms + 1000)
        assert mine is not None
        assert mail.claim(conn, "other", now_ms, now_ms + 1000) is None
    with office.store.write() as conn:
        theirs = mail.claim(conn, "other", now_ms + 1000, now_ms + 9000)
        assert theirs is not None
        assert theirs.tries == 2
        assert not mail.settle(conn, mine.mail_id, "one", "sent", now_ms)  # not the first one's any more
        assert mail.settle(conn, mine.mail_id, "other", "sent", now_ms)


class PowerCutError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(("place", "copies"), [("M1", 1), ("M2", 2)])
def test_a_crash_loses_no_letter_and_a_copy_has_the_same_id(office, monkeypatch, place, copies):
    office.put()

    def cut(name: str) -> None:
        if name == place:
            raise PowerCutError

    with postbox() as box:
        with monkeypatch.context() as crash:
            crash.setattr(postman, "crash_here", cut)
            with pytest.raises(PowerCutError):
                office.deliver(box)
        assert office.deliver(box) == Result()  # the dead one's until the lease is over
        office.later(minutes=11)
        assert office.deliver(box) == Result(sent=1)
    assert len(box.messages) == copies
    assert len({message["Message-ID"] for message in box.messages}) == 1
    assert office.states() == ["sent"]


def test_no_log_names_a_person_or_an_address(office, caplog):
    caplog.set_level(logging.DEBUG, logger="honorcard")
    office.put()
    office.put(about="two", name=None, valid_until="never")
    with postbox() as box:
        box.after_data = ["554 officer@unit.example 11500001 is refused"]
        office.deliver(box)
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("honorcard"))
    for word in ("林", "officer", "unit.example", "11500001"):
        assert word not in said
    assert "smtp_554" in said


def test_what_is_over_is_forgotten_after_its_time_and_what_waits_for_somebody_is_not(office):
    office.put(about="sent")
    office.put(about="dead")
    with postbox() as box:
        box.after_data = ["", "554 no"]
        office.deliver(box)
    with office.store.write() as conn:
        over = conn.execute(mail.over(int((NOON + timedelta(days=1)).timestamp() * 1000))).scalars().all()
        mail.forget(conn, over)
    assert len(over) == 1
    assert office.states() == ["dead"]
