"""A card to be issued again: the questions on the kiosk, and the whole way to the printed sheet."""

from __future__ import annotations

import subprocess
from datetime import UTC, date, datetime

import pytest

from center import card_secrets, decisions, issue, keyring, packing
from center.store import accounts
from center.store import cards as center_cards
from honorcard.card import pack, signing, verdict
from kiosk import sheets
from kiosk.asking import correcting
from kiosk.drafting import Answers, Identity
from kiosk.store import cards, drafts
from sync.ids import uuid7
from sync.wire import OldCard
from tests.kiosk.applying import Applicant, cover
from tests.kiosk.scene import Scene, build
from tests.sync.loopback import Center, Kiosk, picture

# --- the questions ---


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One kiosk for all: each test looks at its own application alone."""
    return build(tmp_path_factory.mktemp("again"))


def test_a_correction_is_asked_its_own_questions_and_no_service(scene):
    person = Applicant(scene, "correction")
    assert person.at == person.url("cause")
    page = person.get("cause").text
    for words in ("姓名更正", "出生年月日更正", "證號更正", "相片更換"):
        assert words in page
    assert "遺失" not in page
    assert person.say("cause", cause="lost").status_code == 422
    assert person.say("cause", cause="name").status_code == 303
    assert person.at == person.url("old_card")
    assert person.say("old_card", card_number="1150 0001", valid_until="118.11.21").status_code == 303
    person.identify()
    person.show_face()
    assert person.client.get(f"/apply/{person.id}").location == person.url("papers")
    page = person.get("papers").text
    for words in ("紀錄冊封面", "補發申請表", "更正後的證件", "form.pdf"):
        assert words in page
    assert person.post("papers").status_code == 422
    for slot in ("cover", "form", "document"):
        assert person.photograph(slot, cover()).status_code == 303
        assert f'href="/apply/{person.id}/papers"' in person.client.get(person.at).text
    assert person.post("papers").status_code == 303
    assert person.post("consent").status_code == 303
    assert person.at == person.url("check")
    page = person.get("check").text
    assert "姓名更正" in page
    assert "服務時數" not in page
    answers = person.answers()
    assert answers.old_card == OldCard(number="11500001", valid_until=date(2029, 11, 21))
    sent = person.post("submit")
    assert sent.location == f"/slip/{person.id}"
    assert scene.ops("application.reissue") == 1
    assert "林○琴" in person.client.get("/tray").text


def test_the_form_bears_what_was_typed_and_is_kept_nowhere(scene, tmp_path):
    person = Applicant(scene, "correction")
    person.say("cause", cause="identity_number")
    assert person.say("old_card").status_code == 422
    assert "卡片上原來的證號" in person.get("old_card").text
    person.say("old_card", old_identity="a123456789")
    person.identify()
    pdf = person.get("form.pdf")
    assert pdf.mimetype == "application/pdf"
    (tmp_path / "form.pdf").write_bytes(pdf.data)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "form.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    for words in ("臺北市志願服務榮譽卡補發申請表", "林秀琴", "A223456781", "A123456789", "047年08月16日", "■ 證號更正"):
        assert words in text
    assert "Pages:           1" in subprocess.run(
        ["pdfinfo", tmp_path / "form.pdf"], check=True, capture_output=True, text=True
    ).stdout


def test_a_first_application_has_no_papers_and_no_form(scene):
    person = Applicant(scene)
    assert person.get("papers").status_code == 404
    assert person.get("form.pdf").status_code == 404


def test_a_card_that_ended_is_led_to_a_renewal(scene):
    person = Applicant(scene, "reissue")
    person.say("cause", cause="damaged")
    answer = person.say("old_card", valid_until="115.11.20")
    assert answer.status_code == 422
    assert "請改辦換發" in answer.text
    assert person.say("old_card", valid_until="115.11.21").status_code == 303


def test_a_number_that_is_none_is_asked_again_and_nothing_typed_is_lost(scene):
    person = Applicant(scene, "reissue")
    person.say("cause", cause="lost")
    answer = person.say("old_card", card_number="1150001", valid_until="118.11.21")
    assert answer.status_code == 422
    assert 'value="1150001"' in answer.text
    assert 'value="118.11.21"' in answer.text
    assert person.say("old_card").status_code == 303  # knowing nothing is no obstacle


def test_a_lost_card_that_lies_here_is_led_to_its_printing(scene):
    held = scene.submit("林○琴")
    scene.issue(held, "11500007")
    person = Applicant(scene, "reissue")
    person.say("cause", cause="lost")
    answer = person.say("old_card", card_number="11500007")
    assert answer.status_code == 200
    assert f'href="/print/{held}"' in answer.text
    assert person.say("old_card", card_number="11500007", reprint_seen="1").status_code == 303


def test_a_card_of_ours_that_is_read_by_its_code_is_led_to_the_slip(scene):
    person = Applicant(scene, "reissue")
    person.say("cause", cause="damaged")
    assert person.say("old_card", qr=scene.cards.texts["valid"]).status_code == 303
    page = person.get("old_card").text
    assert "補印就可以" in page
    assert person.answers().old_card.source == "qr"


# --- the whole way ---


class Office:
    """Two reviewers at the center."""

    def __init__(self, center: Center) -> None:
        self.center = center
        with center.store.write() as conn:
            made = {
                role: accounts.add(conn, role, role, role, None, "kite-river-stone")
                for role in ("first_reviewer", "second_reviewer")
            }
            self.who = {role: accounts.find(conn, account_id) for role, account_id in made.items()}

    def pass_on(self, application_id: str) -> None:
        self.center.worker.step()
        decisions.approve(
            self.center.store, self.center.settings, application_id, self.who["first_reviewer"],
            rev=self.rev(application_id), text="看過", now=datetime.now(UTC),
        )  # fmt: skip

    def issue(self, application_id: str, **more: str) -> str:
        number = issue.issue(
            self.center.store, self.center.settings, application_id, self.who["second_reviewer"].account_id,
            now=datetime.now(UTC), rev=self.rev(application_id), text="看過", **more,
        )  # fmt: skip
        packing.rebuild(self.center.store, self.center.settings, now=datetime.now(UTC))
        return number

    def rev(self, application_id: str) -> int:
        return self.center.case(application_id).rev

    def judged(self, seq: int) -> verdict.GateVerdict:
        """What a gate with today's list says of the card of that issue number."""
        settings, now = self.center.settings, datetime.now(UTC)
        with self.center.store.read() as conn:
            card = center_cards.of_seq(conn, seq)
        lookup, secret = card_secrets.unbox(settings, card.seq, card.secret_box)
        kid, key = keyring.card_key(settings, card.seq, now)
        text = signing.sign(settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, key)
        trust = keyring.trust(settings)
        return verdict.decide(text, trust, pack.Pack.open(settings.pack_dir, trust), verdict.Interval(now, now))


def first_card(center: Center, kiosk: Kiosk, office: Office):
    """A card issued on an application from this tablet."""
    application_id = kiosk.draft(person=0)
    kiosk.submit(application_id)
    kiosk.sync()
    office.pass_on(application_id)
    office.issue(application_id)
    with center.store.read() as conn:
        return center_cards.of_application(conn, application_id)


def ask_again(kiosk: Kiosk, cause: str, **changed) -> str:
    """A finished draft of a case about a card, submitted."""
    kind = "reissue" if cause in ("lost", "damaged") else "correction"
    answers = Answers(
        kind=kind, cause=cause, identity=Identity(number="A123456789", kind="national"), consent=True,
        **{"name": "王小明", "birth_date": date(1970, 5, 17), "old_card": OldCard(), **changed},
    )  # fmt: skip
    application_id = uuid7()
    with kiosk.store.write() as db:
        drafts.create(db, application_id, 1, answers)
    for slot in ("headshot", "cover", "form", "document"):
        kiosk.photograph(application_id, slot, 0, picture(f"{application_id}{slot}"))
    kiosk.submit(application_id)
    return application_id


def test_a_correction_goes_from_the_kiosk_to_a_new_sheet_and_the_old_code_ends(center, kiosk):
    office = Office(center)
    old = first_card(center, kiosk, office)
    kiosk.step()
    again = ask_again(kiosk, "name", name="王曉明")
    kiosk.sync()
    assert kiosk.sent(again).receipt
    office.pass_on(again)
    assert office.issue(again) == old.number
    kiosk.step()
    with center.store.read() as conn:
        new = center_cards.of_application(conn, again)
    assert (new.number, new.valid_until) == (old.number, old.valid_until)
    good, ended = office.judged(new.seq), office.judged(old.seq)
    assert (good.verdict, good.name, good.valid_until) == ("green", "王曉明", old.valid_until)
    assert (ended.verdict, ended.code) == ("red", "revoked_or_replaced")
    with kiosk.store.read() as db:
        here, before = cards.find(db, again), cards.find(db, old.application_id)
    assert (here.number, here.status, before.status) == (old.number, "live", "replaced")
    sheet = sheets.for_staff(kiosk.store, kiosk.settings, again)
    assert sheet.startswith(b"%PDF")
    with pytest.raises(Exception, match="card_not_here"):
        sheets.for_staff(kiosk.store, kiosk.settings, old.application_id)


def test_a_lost_card_comes_back_as_the_very_same_sheet(center, kiosk):
    office = Office(center)
    old = first_card(center, kiosk, office)
    kiosk.step()
    before = sheets.for_staff(kiosk.store, kiosk.settings, old.application_id)
    again = ask_again(kiosk, "lost")
    kiosk.sync()
    office.pass_on(again)
    assert office.issue(again) == old.number
    kiosk.step()
    assert sheets.for_staff(kiosk.store, kiosk.settings, again) == before
    assert office.judged(old.seq).verdict == "green"


def test_returned_retaken_and_sent_again(center, kiosk):
    office = Office(center)
    first_card(center, kiosk, office)
    again = ask_again(kiosk, "birth_date", birth_date=date(1970, 5, 18))
    receipt = kiosk.sent(again).receipt
    kiosk.sync()
    center.worker.step()
    decisions.send_back(
        center.store, center.settings, again, office.who["first_reviewer"],
        rev=office.rev(again), reasons=["form_unsigned"], slots=[], text="", now=datetime.now(UTC),
    )  # fmt: skip
    kiosk.step()
    correcting.begin(kiosk.store, kiosk.settings, again, 1, date(2026, 11, 21))
    with kiosk.store.read() as db:
        draft = drafts.find(db, again)
    assert (draft.answers.kind, draft.answers.cause, draft.answers.retake) == ("correction", "birth_date", ("form",))
    assert draft.answers.typed["cause"] == {"cause": "birth_date"}
    with pytest.raises(Exception, match="submit_incomplete"):
        kiosk.submit(again)
    kiosk.photograph(again, "form", 0, picture("signed now"))
    with kiosk.store.write() as db:
        drafts.save(db, again, _agreed(draft.answers), 2)
    assert kiosk.submit(again).receipt == receipt
    kiosk.sync()
    office.pass_on(again)
    assert office.issue(again)
    assert center.moves(again)[:4] == ["submitted", "completed", "returned", "amended"]


def _agreed(answers: Answers) -> Answers:
    from msgspec.structs import replace

    return replace(answers, consent=True)


def test_a_reprint_is_told_to_the_center_with_its_reason(center, kiosk):
    from center.store import card_log
    from kiosk import printjobs

    office = Office(center)
    old = first_card(center, kiosk, office)
    kiosk.step()
    room = printjobs.room(kiosk.app)
    room.taken_as_pdf(old.application_id, old.number)
    room.taken_as_pdf(old.application_id, old.number, reason="lost")
    kiosk.sync()
    with center.store.read() as conn:
        log = [(event.what, event.reason, event.actor) for event in card_log.events(conn, old.number)]
    assert log[1:] == [("printed", "", "1 號機"), ("reprinted", "lost", "1 號機")]
