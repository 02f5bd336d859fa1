"""Two tablets, one case or one person: what waits for a reviewer, what they see, and what the tablets hear."""

from __future__ import annotations

import json

import msgspec
import pytest

from center import decisions, keyring, photostore
from center.store import accounts, cards, cases, intake, proposals, twins
from center.store.tables import application, application_photo, proposal_photo
from sync import wire
from tests.center.conftest import TEN_IN_THE_MORNING, World
from tests.center.signing import Tablet, application_body, photos_of
from tests.sync.loopback import PEOPLE
from tests.sync.loopback import picture as small_picture

THE_SENTENCE = "此身分證號已有另一件申請，承辦人會合併處理"


class Two:
    """Two tablets of one unit at a center with its people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.one, self.two = self.tablet("1 號機"), self.tablet("2 號機")
        self.seqs: dict[str, int] = {}

    def tablet(self, name: str, unit: str = "north_gate") -> Tablet:
        made = Tablet(
            self.world.app, self.world.store, keyring.sealing_public(self.world.settings), self.world.units[unit]
        )
        ask = made.ask
        made.ask = lambda method, path, body=b"", at=None, **more: ask(
            method, path, body, at or TEN_IN_THE_MORNING, **more
        )
        return made

    def say(self, tablet: Tablet, body, kind: str = "application.amend", base_rev: int | None = None) -> wire.OpResult:
        seq = self.seqs[tablet.device_id] = self.seqs.get(tablet.device_id, 0) + 1
        op = tablet.op(seq, body, kind, base_rev=base_rev)
        (result,) = tablet.push(op).results
        self.arrive()
        return result

    def arrive(self) -> None:
        """Every photograph that is awaited is here and opened."""
        with self.world.store.write() as conn:
            for table in (application_photo, proposal_photo):
                conn.execute(table.update().values(state="opened"))
            from center import taking

            for row in conn.execute(application.select().where(application.c.state == "incomplete")).all():
                taking.move_on(conn, row.application_id, 1)

    def submitted(self, **changed) -> wire.ApplicationBody:
        body = application_body(photos_of(self.one, "a")[0], **changed)
        assert self.say(self.one, body, "application.submit").status == "applied"
        return body

    def returned(self, body: wire.ApplicationBody) -> int:
        assert (
            self.world.browser("first").decide(body.application_id, "return", reason="name_differs").status_code == 303
        )
        return self.world.case(body.application_id).rev

    def clash(self) -> tuple[wire.ApplicationBody, proposals.Proposal]:
        """Both tablets corrected the name of one returned case, differently; the second also the e-mail address."""
        body = self.submitted()
        rev = self.returned(body)
        assert self.say(self.one, changed(body, name="王曉明"), base_rev=rev).status == "applied"
        answer = self.say(self.two, changed(body, name="王大明", email="a@b.tw"), base_rev=rev)
        assert (answer.status, answer.code) == ("conflict", "op_proposed")
        return body, self.waiting(body)

    def waiting(self, body: wire.ApplicationBody) -> proposals.Proposal:
        with self.world.store.read() as conn:
            (found,) = proposals.of_case(conn, body.application_id)
        return found

    def told(self, tablet: Tablet, kind: str, entity: str) -> list:
        made = {"application.state": wire.ApplicationState, "application.decided": wire.Decided}[kind]
        return [
            wire.decode(made, item.body)
            for item in tablet.feed().items
            if (item.kind, item.entity_id) == (kind, entity)
        ]

    def page(self, path: str, who: str = "first") -> str:
        answer = self.world.browser(who).get(path)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def choose(self, found: proposals.Proposal, who: str = "first", **form):
        path = f"/decide/{found.application_id}/{found.op_id}"
        rev = self.world.case(found.application_id).rev
        return self.world.browser(who).send(path, see=path, **{"rev": rev, "text": "看過證件", **form})

    def pair(self, one: str, other: str, what: str, who: str = "first", **form):
        path = f"/decide/{one}/twin/{other}"
        revs = {"rev_here": self.world.case(one).rev, "rev_there": self.world.case(other).rev}
        return self.world.browser(who).send(f"{path}/{what}", see=path, **{**revs, "text": "看過證件", **form})


def changed(body: wire.ApplicationBody, **values) -> wire.ApplicationBody:
    return msgspec.structs.replace(body, **values)


@pytest.fixture
def two(world: World) -> Two:
    return Two(world)


def test_what_two_tablets_changed_in_different_places_comes_together(two: Two) -> None:
    body = two.submitted()
    rev = two.returned(body)
    two.say(two.one, changed(body, name="王曉明"), base_rev=rev)
    assert two.say(two.two, changed(body, email="a@b.tw"), base_rev=rev).status == "applied"
    case = two.world.case(body.application_id)
    assert (case.body.name, case.body.email, case.state) == ("王曉明", "a@b.tw", "first_review")
    assert "merged_in" in [event.move for event in case.history]
    assert "verdict_differs" not in case.flags


def test_the_same_change_from_both_is_one_change(two: Two) -> None:
    body = two.submitted()
    rev = two.returned(body)
    first = two.say(two.one, changed(body, name="王曉明"), base_rev=rev)
    before = two.world.case(body.application_id).rev
    again = two.say(two.two, changed(body, name="王曉明"), base_rev=rev)
    assert (first.status, again.status, again.rev) == ("applied", "applied", before)
    assert two.world.case(body.application_id).rev == before


def test_the_first_accepted_stays_and_the_second_waits_and_both_tablets_hear(two: Two) -> None:
    body, found = two.clash()
    assert two.world.case(body.application_id).body.name == "王曉明"
    assert (found.kind, found.clashes, found.body.name) == ("propose", ("name",), "王大明")
    for tablet in (two.one, two.two):
        assert two.told(tablet, "application.state", body.application_id)[-1].notices == ("deciding",)
    answer = two.world.browser("first").decide(body.application_id, "approve")
    assert answer.status_code == 409 and "另一份修改" in answer.get_data(as_text=True)


def test_the_page_shows_both_sides_and_says_in_words_what_differs(two: Two) -> None:
    body, found = two.clash()
    assert "王曉明" in two.page("/decide")
    page = two.page(f"/decide/{body.application_id}/{found.op_id}")
    assert "王曉明" in page and "王大明" in page and "兩邊都改" in page and "a@b.tw" in page
    assert 'name="of name" value="here" checked' in page and 'name="of email" value="there" checked' in page
    assert "/decide/" in two.page(f"/desk/case/{body.application_id}")


def test_a_field_of_each_can_be_chosen(two: Two) -> None:
    body, found = two.clash()
    assert two.choose(found, **{"of name": "here", "of email": "there"}).status_code == 303
    case = two.world.case(body.application_id)
    assert (case.body.name, case.body.email, case.state) == ("王曉明", "a@b.tw", "first_review")
    last = next(event for event in case.history if event.move.startswith("chosen"))
    assert (last.move, last.actor, last.text, last.reasons) == ("chosen_part", "陳初審", "看過證件", ("email",))
    for tablet in (two.one, two.two):
        (told,) = two.told(tablet, "application.decided", body.application_id)
        assert (told.op_id, told.used) == (found.op_id, "part")
        assert two.told(tablet, "application.state", body.application_id)[-1].notices == ()


@pytest.mark.parametrize(("whole", "name", "used"), [("here", "王曉明", "kept"), ("there", "王大明", "taken")])
def test_one_of_the_two_can_be_chosen_whole(two: Two, whole: str, name: str, used: str) -> None:
    body, found = two.clash()
    assert two.choose(found, whole=whole).status_code == 303
    assert two.world.case(body.application_id).body.name == name
    assert two.told(two.two, "application.decided", body.application_id)[0].used == used
    assert two.choose(found, whole=whole).status_code == 409  # once


def test_a_choice_needs_its_reason_and_what_was_seen(two: Two) -> None:
    body, found = two.clash()
    assert two.choose(found, whole="there", text=" ").status_code == 422
    assert two.choose(found, whole="there", rev=1).status_code == 409
    assert two.waiting(body).state == "open"


def test_an_operation_sent_again_after_the_choice_is_taken_in(two: Two) -> None:
    body = two.submitted()
    rev = two.returned(body)
    two.say(two.one, changed(body, name="王曉明"), base_rev=rev)
    op = two.two.op(1, changed(body, name="王大明"), "application.amend", base_rev=rev)
    two.two.push(op)
    two.choose(two.waiting(body), whole="there")
    assert two.two.push(op).results[0].status == "duplicate"


def test_a_photograph_replaced_on_both_is_shown_twice_and_the_newer_one_is_ticked(two: Two) -> None:
    body = two.submitted()
    rev = two.returned(body)
    for tablet, seed in ((two.one, "x"), (two.two, "y")):
        new = photos_of(tablet, seed)[0][0]
        photostore.put(two.world.settings, "photo", new.clear_sha256, small_picture(f"{seed}headshot0"))
        two.say(tablet, changed(body, photos=(new, *body.photos[1:])), base_rev=rev)
    found = two.waiting(body)
    page = two.page(f"/decide/{body.application_id}/{found.op_id}")
    assert f"/decide/{body.application_id}/{found.op_id}/photo/headshot/0.jpg" in page
    assert 'name="of photo headshot" value="there" checked' in page
    path = f"/decide/{body.application_id}/{found.op_id}/photo/headshot/0.jpg"
    assert two.world.browser("first").get(path).status_code == 200
    assert two.world.browser("officer").get(path).status_code == 403
    two.choose(found, whole="there")
    two.arrive()
    assert two.world.case(body.application_id).photo("headshot").clear_sha256 == found.photos[1].clear_sha256


def test_a_change_under_second_review_is_a_request_and_leads_back_to_the_first(two: Two) -> None:
    body = two.submitted()
    two.world.browser("first").decide(body.application_id, "approve")
    rev = two.world.case(body.application_id).rev
    answer = two.say(two.one, changed(body, name="王曉明"), base_rev=rev)
    assert (answer.status, answer.code) == ("conflict", "op_requested")
    two.choose(two.waiting(body), who="second", whole="there")
    two.arrive()
    case = two.world.case(body.application_id)
    assert (case.state, case.body.name, case.first_reviewer) == ("first_review", "王曉明", None)


def test_a_decided_case_keeps_what_was_decided_on(two: Two) -> None:
    body = two.submitted()
    with two.world.store.write() as conn:
        rev = intake.set_state(conn, body.application_id, "refused", 1)
    assert two.say(two.one, changed(body, name="王曉明"), base_rev=rev).code == "op_requested"
    found = two.waiting(body)
    assert two.choose(found, whole="there").status_code == 409
    assert two.choose(found, whole="here").status_code == 303
    assert two.world.case(body.application_id).body.name == "王小明"


@pytest.mark.parametrize("order", ["withdraw first", "change first"])
def test_withdrawing_wins_over_a_change_whichever_comes_first(two: Two, order: str) -> None:
    body = two.submitted()
    rev = two.returned(body)
    wish = wire.Withdraw(application_id=body.application_id)
    change = changed(body, name="王曉明")
    if order == "withdraw first":
        assert two.say(two.one, wish, "application.withdraw", rev).status == "applied"
        late = two.say(two.two, change, base_rev=rev)
        assert (late.status, late.code) == ("rejected", "op_withdrawn_before")
    else:
        two.say(two.two, change, base_rev=rev)
        assert two.say(two.one, wish, "application.withdraw", rev).status == "applied"
    assert two.world.case(body.application_id).state == "withdrawn"
    assert two.say(two.two, wish, "application.withdraw", rev).status == "applied"  # twice is once
    assert two.told(two.two, "application.state", body.application_id)[-1].state == "withdrawn"


@pytest.mark.parametrize("state", ["approved", "issued", "refused"])
def test_a_decided_case_is_not_withdrawn_and_says_so(two: Two, state: str) -> None:
    body = two.submitted()
    with two.world.store.write() as conn:
        intake.set_state(conn, body.application_id, state, 1)
    answer = two.say(two.one, wire.Withdraw(application_id=body.application_id), "application.withdraw")
    assert (answer.status, answer.code) == ("rejected", "op_decided_already")
    assert two.world.case(body.application_id).state == state


def test_a_change_that_waits_ends_with_a_withdrawn_case(two: Two) -> None:
    body, _ = two.clash()
    two.say(two.one, wire.Withdraw(application_id=body.application_id), "application.withdraw")
    assert two.told(two.two, "application.decided", body.application_id)[-1].used == "overtaken"


def test_another_units_tablet_withdraws_nothing(two: Two) -> None:
    body = two.submitted()
    stranger = two.tablet("外", "shezi")
    answer = two.say(stranger, wire.Withdraw(application_id=body.application_id), "application.withdraw")
    assert answer.code == "op_not_yours"


def test_nothing_changes_the_case_of_a_revoked_card(two: Two) -> None:
    number = two.world.issued(identity_number=PEOPLE[1][1])
    with two.world.store.write() as conn:
        card = cards.find(conn, number)
        cards.end(conn, card.seq, status="revoked", why="冒用", now_ms=1, by="center")
    body = two.world.case(card.application_id).body
    answer = two.say(two.one, changed(body, name="王曉明"), base_rev=99)
    assert (answer.status, answer.code) == ("rejected", "op_card_revoked")


# --- one person, two cases ---


def same_person(two: Two) -> tuple[wire.ApplicationBody, wire.ApplicationBody]:
    one = two.submitted()
    other = application_body(photos_of(two.two, "b")[0], name="王小明", receipt="HC-2222-3333", email="x@y.tw")
    assert two.say(two.two, other, "application.submit").status == "applied"
    return one, other


def test_a_second_application_is_taken_in_and_linked_both_ways(two: Two) -> None:
    one, other = same_person(two)
    for body in (one, other):
        assert "possible_duplicate" in two.world.case(body.application_id).flags
        rest = other if body is one else one
        with two.world.store.read() as conn:
            assert twins.open_of(conn, body.application_id) == [rest.application_id]
        assert "並排看" in two.page(f"/desk/case/{body.application_id}")
    page = two.page(f"/decide/{one.application_id}/twin/{other.application_id}")
    assert one.receipt in page and other.receipt in page and "x@y.tw" in page


def test_the_tablets_hear_that_there_is_another_one_and_nothing_of_it(two: Two) -> None:
    one, other = same_person(two)
    for tablet, own, rest in ((two.one, one, other), (two.two, other, one)):
        heard = two.told(tablet, "application.state", own.application_id)
        assert heard[-1].notices == ("duplicate",)
        page = wire.encode(tablet.feed())
        assert rest.application_id.encode() not in page and rest.receipt.encode() not in page


def test_merging_keeps_one_and_withdraws_the_other_into_it(two: Two) -> None:
    one, other = same_person(two)
    answer = two.pair(one.application_id, other.application_id, "join", which=one.application_id)
    assert answer.status_code == 303
    stays, gone = two.world.case(one.application_id), two.world.case(other.application_id)
    assert (stays.state, gone.state) == ("first_review", "withdrawn")
    assert gone.photos and gone.body.rows  # evidence
    assert "possible_duplicate" not in stays.flags
    assert (stays.history[-1].move, stays.history[-1].text) == ("joined_with", "看過證件")
    heard = two.told(two.two, "application.state", other.application_id)[-1]
    assert (heard.state, heard.notices) == ("withdrawn", ("merged",))
    assert two.told(two.one, "application.state", one.application_id)[-1].notices == ()
    assert two.pair(one.application_id, other.application_id, "join").status_code == 409


def test_two_people_are_told_apart_and_the_mistyped_one_goes_back(two: Two) -> None:
    one, other = same_person(two)
    two.pair(one.application_id, other.application_id, "apart", which=other.application_id)
    stays, back = two.world.case(one.application_id), two.world.case(other.application_id)
    assert (stays.state, back.state) == ("first_review", "returned")
    assert [event.reasons for event in back.history if event.move == "returned"] == [("identity_differs",)]
    fixed = changed(back.body, identity_number=PEOPLE[2][1])
    two.say(two.two, fixed, base_rev=back.rev)
    assert "possible_duplicate" not in two.world.case(other.application_id).flags


def test_a_corrected_number_undoes_the_link_by_itself(two: Two) -> None:
    one, other = same_person(two)
    rev = two.returned(other)
    two.say(two.two, changed(other, identity_number=PEOPLE[2][1]), base_rev=rev)
    assert "possible_duplicate" not in two.world.case(one.application_id).flags
    assert two.told(two.one, "application.state", one.application_id)[-1].notices == ()


def test_the_second_reviewer_refuses_one_of_the_two(two: Two) -> None:
    one, other = same_person(two)
    two.world.browser("first").decide(other.application_id, "approve")
    two.pair(one.application_id, other.application_id, "refuse", who="second", which=other.application_id)
    assert two.world.case(other.application_id).state == "refused"
    assert two.world.case(one.application_id).state == "first_review"


def test_the_same_name_one_unseen_slip_away_is_shown_to_the_reviewer_alone(two: Two) -> None:
    one = two.submitted()
    other = application_body(photos_of(two.two, "b")[0], identity_number="A123456798", receipt="HC-2222-3333")
    two.say(two.two, other, "application.submit")
    page = two.page(f"/decide/{one.application_id}/twin/{other.application_id}")
    assert "A123456789" in page and "A123456798" in page  # whole: they are what has to be compared
    assert two.told(two.two, "application.state", other.application_id)[-1].notices == ()


def test_a_holders_first_application_becomes_a_renewal_judged_by_its_rules(two: Two) -> None:
    number = two.world.issued(name="王小明", identity_number="A123456789")
    body = two.submitted()
    case = two.world.case(body.application_id)
    assert "holds_card" in case.flags
    browser = two.world.browser("first")
    path = f"/desk/case/{body.application_id}"
    assert "改成換發" in browser.get(path).get_data(as_text=True)
    assert browser.send(f"{path}/renewal", see=path, rev=case.rev).status_code == 303
    case = two.world.case(body.application_id)
    assert (case.kind, case.body.previous.number, case.state) == ("renewal", number, "first_review")
    assert case.outcome == "fail" and "holds_card" not in case.flags  # three years to go before the window opens
    with two.world.store.read() as conn:
        row = conn.execute(application.select().where(application.c.application_id == body.application_id)).one()
    assert "window_not_open" in json.dumps(json.loads(row.verdict))


def test_a_decision_of_two_cases_is_for_reviewers(two: Two) -> None:
    one, other = same_person(two)
    path = f"/decide/{one.application_id}/twin/{other.application_id}"
    for who in ("officer", "admin", "auditor", "venue"):
        assert two.world.browser(who).get(path).status_code == 403
        assert two.world.browser(who).get("/decide").status_code == 403


def test_the_service_record_waits_until_the_two_are_told_apart(two: Two) -> None:
    _, other = same_person(two)
    two.returned(other)
    assert "service.record" not in {item.kind for item in two.two.feed().items}


def test_who_is_refused_hears_nothing_of_the_application_that_stands_under_the_number(two: Two) -> None:
    _, other = same_person(two)
    two.arrive()
    world = two.world
    with world.store.write() as conn:
        cases.move(conn, world.case(other.application_id), state="second_review", first=world.people["first"], now_ms=1)
        second = accounts.find(conn, world.people["second"])
    assert second is not None
    decisions.refuse(
        world.store, world.settings, other.application_id, second,
        rev=world.case(other.application_id).rev, reasons=["hours_short"], text="", now=world.now,
    )  # fmt: skip
    assert world.case(other.application_id).state == "refused"
    assert "service.record" not in {item.kind for item in two.two.feed().items}
