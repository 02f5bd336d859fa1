"""A card printed: by staff, with the slip, as a PDF, on a real IPP printer; once, unless there is a reason."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from datetime import date

import pytest

from honorcard.card.slip import new_slip_secret, slip_text
from kiosk import printers, printjobs, sheets
from kiosk.store import cards, sent
from scanner import files, qr
from tests.kiosk.scene import BORN, PDF, build, frame, jpeg
from tests.printing_fixture import surroundings


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with surroundings(tmp_path_factory.mktemp("printers")) as held:
        yield held


def receipt_of(scene, application):
    with scene.store.read() as db:
        return db.conn.execute("SELECT receipt FROM application WHERE application_id = ?", (application,)).fetchone()[0]


def issued(scene, name="林○琴", number="11503127", *, secret=None, pdf=PDF):
    application = scene.submit(name, photos=1)
    scene.issue(application, number, pdf, secret=secret)
    return application


def with_printer(tmp_path, printer, **more):
    return build(tmp_path, printer_uri=printer.uri, **more)


def printed(scene, client, application, **form):
    """Presses print and waits for the end; the job's page."""
    answer = client.post(f"/print/{application}/send", data=form)
    assert answer.status_code == 303, answer.text
    job_id = answer.location.rsplit("/", 1)[1]
    printjobs.room(scene.app).wait(job_id, 30)
    return client.get(answer.location).text


# --- staff ---


def test_staff_sees_the_list_and_gets_the_sheet_as_it_was_sealed(scene):
    application = issued(scene)
    client = scene.client()
    assert f'href="/print/{application}"' in client.get("/print").text
    assert f"/print/{application}/card.pdf" in client.get(f"/print/{application}").text
    answer = client.get(f"/print/{application}/card.pdf")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert "no-store" in answer.headers["Cache-Control"]


def test_without_the_pin_there_is_no_list_and_no_card(scene):
    application = issued(scene)
    client = scene.client(unlocked=False)
    assert "11503127" not in client.get("/print").text
    for path in (f"/print/{application}", f"/print/{application}/card.pdf"):
        assert client.get(path).status_code == 303


def test_staff_gives_the_address_of_the_digital_card_and_the_center_is_told(scene):
    address = "https://hc.taipei/my/" + "A" * 32
    application = scene.submit("林○琴")
    scene.issue(application, digital=address)
    client = scene.client()
    page = client.get(f"/print/{application}").text
    assert "給電子卡的網址" in page and "digital.png" not in page
    assert client.get(f"/print/{application}/digital.png").status_code == 404  # nobody was told yet
    assert scene.ops("card.print_ack") == 0
    shown = client.post(f"/print/{application}/digital")
    assert "請持卡人用手機掃這個碼" in shown.text
    picture = client.get(re.search(r'src="(/print/[^"]+/digital.png)"', shown.text)[1])
    assert qr.decode(files.pixels(picture.data)) == [address]
    assert picture.headers["Cache-Control"] == "no-store"
    assert scene.ops("card.print_ack") == 1
    assert "0 次" in client.get(f"/print/{application}").text  # it is no print


def test_the_digital_address_is_staffs_to_give_and_a_good_cards_alone(scene):
    older = issued(scene)  # of a center that sends none
    assert "電子卡的網址" not in scene.client().get(f"/print/{older}").text
    assert scene.client().post(f"/print/{older}/digital").status_code == 404
    application = scene.submit("王○明")
    scene.issue(application, "11503128", digital="https://hc.taipei/my/" + "A" * 32)
    stranger = scene.client(unlocked=False)
    for answer in (stranger.post(f"/print/{application}/digital"), stranger.get(f"/print/{application}/digital.png")):
        assert answer.status_code == 303 and "/unlock" in answer.location
    with scene.store.write() as db:
        sent.set_card_status(db, application, "11503128", "suspended")
    assert scene.client().post(f"/print/{application}/digital").status_code == 404
    assert scene.ops("card.print_ack") == 0


def test_a_sheet_of_another_tablet_is_said_so(scene):
    application = issued(scene)
    with scene.store.write() as db:
        db.conn.execute("UPDATE card SET device_sheet = ?", (b"sealed elsewhere" * 9,))
    answer = scene.client().get(f"/print/{application}/card.pdf")
    assert answer.status_code == 409
    assert "打不開" in answer.text


def test_without_a_printer_the_page_offers_the_pdf_and_says_so(scene):
    application = issued(scene)
    client = scene.client()
    text = client.get(f"/print/{application}").text
    assert "還沒有設定印表機" in text and "card.pdf" in text
    assert client.post(f"/print/{application}/send").status_code == 409
    assert client.post(f"/print/{application}/printed").status_code == 303
    assert scene.ops("card.print_ack") == 1
    again = client.post(f"/print/{application}/printed")
    assert again.status_code == 422 and "為什麼再印一次" in again.text
    assert client.post(f"/print/{application}/printed", data={"reason": "lost"}).status_code == 303
    assert "2 次" in client.get(f"/print/{application}").text
    assert scene.ops("card.print_ack") == 2  # the second with its reason (R39)


# --- slip and birth date ---


@pytest.fixture
def held_slip(scene):
    secret = new_slip_secret()
    application = issued(scene, secret=secret, pdf=PDF + b"by slip")
    return application, slip_text(receipt_of(scene, application), secret)


def test_slip_and_birth_date_open_that_card_for_that_browser_alone(scene, held_slip):
    application, text = held_slip
    client = scene.client(unlocked=False)
    seen = client.post("/print/slip/frame", data=jpeg(frame(text, module_px=8)), content_type="image/jpeg")
    assert seen.status_code == 200 and 'name="born"' in seen.text
    answer = client.post("/print/slip", data={"slip": text, "born": "47.08.16"})
    assert answer.location == f"/print/{application}"
    assert client.get(f"/print/{application}/card.pdf").data == PDF + b"by slip"
    assert scene.client(unlocked=False).get(f"/print/{application}/card.pdf").status_code == 303
    other = issued(scene, "陳○雄", "11503128")
    assert client.get(f"/print/{other}/card.pdf").status_code == 303
    client.post("/print/done")
    assert client.get(f"/print/{application}/card.pdf").status_code == 303


@pytest.mark.parametrize("born", ["1958-08-16", "民國47年8月16日", "0470816"])
def test_the_birth_date_is_read_as_people_write_it(scene, held_slip, born):
    application, text = held_slip
    answer = scene.client(unlocked=False).post("/print/slip", data={"slip": text, "born": born})
    assert answer.location == f"/print/{application}"


def test_five_wrong_birth_dates_and_the_slip_goes_to_staff_even_after_a_restart(scene, held_slip):
    application, text = held_slip
    client = scene.client(unlocked=False)
    for day in range(1, 6):
        answer = client.post("/print/slip", data={"slip": text, "born": f"47.08.{day:02d}"})
        assert answer.status_code == 403 and "對不上" in answer.text
    answer = client.post("/print/slip", data={"slip": text, "born": "47.08.16"})
    assert answer.status_code == 403 and "試了 5 次" in answer.text
    scene.store.close()
    assert client.post("/print/slip", data={"slip": text, "born": "47.08.16"}).status_code == 403
    assert scene.client().get(f"/print/{application}/card.pdf").status_code == 200


def test_a_try_counts_before_the_sheet_is_opened(scene, held_slip, monkeypatch):
    _, text = held_slip
    monkeypatch.setattr(sheets.slip_rules, "sheet_index", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sheets.by_slip(scene.store, text, BORN)
    with scene.store.read() as db:
        assert db.conn.execute("SELECT tries FROM slip_try").fetchone()[0] == 1


def test_an_unreadable_date_is_no_try(scene, held_slip):
    _, text = held_slip
    client = scene.client(unlocked=False)
    for _ in range(7):
        assert client.post("/print/slip", data={"slip": text, "born": "0"}).status_code == 422
    assert client.post("/print/slip", data={"slip": text, "born": "47.08.16"}).status_code == 303


def test_a_slip_of_a_case_under_review_says_come_back(scene):
    application = scene.submit("李○明")
    scene.accept(application, "second_review")
    text = slip_text(receipt_of(scene, application), new_slip_secret())
    answer = scene.client(unlocked=False).post("/print/slip", data={"slip": text, "born": "47.08.16"})
    assert answer.status_code == 409
    assert "還在審核" in answer.text


@pytest.mark.parametrize("text", ["", "HELLO", "HTTPS://HC.TAIPEI/ABC#1", "HCS1:7K3M29QX:AAAA"])
def test_what_is_no_slip_is_said_so(scene, text):
    answer = scene.client(unlocked=False).post("/print/slip/text", data={"text": text})
    assert answer.status_code == 422
    assert "不是榮譽卡申請收據" in answer.text


def test_a_frame_without_a_slip_answers_nothing(scene):
    client = scene.client(unlocked=False)
    for content in (jpeg(frame("HELLO")), b"", b"\xff\xd8\xff", b"GIF89a", jpeg(frame("HELLO"))[:500]):
        assert client.post("/print/slip/frame", data=content, content_type="image/jpeg").status_code == 204


def test_what_a_slip_opened_is_forgotten_after_a_quarter_of_an_hour():
    ticks = [0.0]
    opened = sheets.Opened(900, lambda: ticks[0])
    ticket = opened.keep("a", b"pdf")
    assert opened.find(ticket, "a") == b"pdf"
    assert opened.find(ticket, "b") is None
    assert opened.find(None, "a") is None
    ticks[0] = 901
    assert opened.find(ticket, "a") is None


# --- the printer ---


def test_a_card_is_printed_followed_to_completed_and_acknowledged(tmp_path, room):
    printer = room.printer("card", command="sleep 0.5")
    scene = with_printer(tmp_path, printer)
    application = issued(scene)
    client = scene.client()
    answer = client.post(f"/print/{application}/send")
    assert re.search(r'hx-get="/print/job/[^"]+" hx-trigger="every 1s"', client.get(answer.location).text)
    printjobs.room(scene.app).wait(answer.location.rsplit("/", 1)[1], 30)
    text = client.get(answer.location).text
    assert "印好了，請拿卡片" in text and 'hx-get="/print/job' not in text
    assert printer.documents() == [PDF]
    assert scene.ops("card.print_ack") == 1
    assert "已印過" in client.get("/print").text
    assert "可以列印" in client.get("/state").text


def test_a_second_print_asks_for_a_reason_and_keeps_it(tmp_path, room):
    printer = room.printer("twice")
    scene = with_printer(tmp_path, printer)
    application = issued(scene)
    client = scene.client()
    assert "印好了" in printed(scene, client, application)
    refused = client.post(f"/print/{application}/send")
    assert refused.status_code == 422 and "為什麼再印一次" in refused.text
    assert client.post(f"/print/{application}/send", data={"reason": "because"}).status_code == 422
    assert "印好了" in printed(scene, client, application, reason="lost")
    with scene.store.read() as db:
        assert [job.reason for job in cards.printed(db, application)] == ["", "lost"]
    assert len(printer.documents()) == 2


def test_a_second_press_while_it_prints_is_the_same_job(tmp_path, room):
    printer = room.printer("double", command="sleep 1")
    scene = with_printer(tmp_path, printer)
    application = issued(scene)
    client = scene.client()
    first, second = (client.post(f"/print/{application}/send").location for _ in range(2))
    assert first == second
    printjobs.room(scene.app).wait(first.rsplit("/", 1)[1], 30)
    assert len(printer.documents()) == 1


def test_out_of_paper_is_said_at_once_and_nothing_is_lost(tmp_path, room):
    printer = room.printer("empty")
    printer.load(0)
    scene = with_printer(tmp_path, printer)
    application = issued(scene)
    client = scene.client()
    where = client.post(f"/print/{application}/send").location
    until = time.monotonic() + 10
    while "印表機沒有紙了" not in (text := client.get(where).text):
        assert time.monotonic() < until, text
        time.sleep(0.1)
    assert "也沒有遺失" in text
    printer.load(250)
    printjobs.room(scene.app).wait(where.rsplit("/", 1)[1], 30)
    assert "印好了" in client.get(where).text


def test_a_printer_that_stays_out_of_paper_ends_at_the_deadline_and_prints_again(tmp_path, room):
    printer = room.printer("starving")
    printer.load(0)
    scene = with_printer(tmp_path, printer, printer_deadline_s=1.5)
    application = issued(scene)
    client = scene.client()
    text = printed(scene, client, application)
    assert "印表機沒有紙了" in text and "再印一次" in text
    assert scene.ops("card.print_ack") == 0
    printer.load(250)
    scene.app.config["PRINTER_DEADLINE_S"] = 20.0
    assert "印好了" in printed(scene, client, application)


def test_a_printer_that_is_off_is_said_so(tmp_path, room):
    printer = room.printer("dark", command="true")
    scene = with_printer(tmp_path, printer)
    printer.off()
    application = issued(scene)
    client = scene.client()
    assert "找不到印表機" in printed(scene, client, application)
    assert "找不到印表機" in client.get("/state").text


def failed_once(tmp_path, room, name="stuck"):
    """A scene whose printer jammed on the last card, and a volunteer with a slip in front of it."""
    printer = room.printer(name, command='echo "STATE: +media-jam-error" >&2; sleep 4')
    scene = with_printer(tmp_path, printer, printer_deadline_s=1.5)
    secret = new_slip_secret()
    application = issued(scene, secret=secret)
    assert "印表機卡紙了" in printed(scene, scene.client(), application)
    volunteer = scene.client(unlocked=False)
    text = slip_text(receipt_of(scene, application), secret)
    assert volunteer.post("/print/slip", data={"slip": text, "born": "47.08.16"}).status_code == 303
    return printer, scene, application, volunteer


def test_a_printer_that_failed_is_out_of_order_for_the_next_volunteer_who_may_take_the_pdf(tmp_path, room):
    _, scene, application, volunteer = failed_once(tmp_path, room)
    text = volunteer.get(f"/print/{application}").text
    assert "印表機暫停服務" in text and "印表機卡紙了" in text and "card.pdf" in text
    assert f'action="/print/{application}/send"' not in text
    refused = volunteer.post(f"/print/{application}/send")
    assert refused.status_code == 409 and "請工作人員處理" in refused.text
    assert volunteer.get(f"/print/{application}/card.pdf").data == PDF
    assert "印表機暫停服務" in volunteer.get("/state").text
    scene.store.close()  # as after a restart
    assert "印表機暫停服務" in volunteer.get(f"/print/{application}").text


def test_staff_sees_to_the_printer_and_clears_it_once_it_is_ready(tmp_path, room):
    printer, scene, application, volunteer = failed_once(tmp_path, room, "cleared")
    staff = scene.client()
    assert volunteer.post("/staff/printer/clear").status_code in (303, 401, 403)
    printer.off()
    still = staff.post("/staff/printer/clear").text
    assert "印表機暫停服務" in still and "找不到印表機" in still
    mended = room.printer("mended")
    answer = staff.post("/staff/printer", data={"uri": mended.uri, "paper": "a4"}).text
    assert "可以列印" in answer and "A4" in answer and "印表機暫停服務" not in answer
    assert scene.app.config["SETTINGS"].print_paper == "a4"
    assert "印表機暫停服務" not in volunteer.get(f"/print/{application}").text
    assert "印好了" in printed(scene, volunteer, application)


def test_staff_who_prints_again_has_seen_to_it(tmp_path, room):
    _, scene, application, volunteer = failed_once(tmp_path, room, "again")
    scene.app.config["SETTINGS"] = replace(scene.app.config["SETTINGS"], printer_uri=room.printer("other").uri)
    scene.app.config["PRINTER_DEADLINE_S"] = 20.0
    assert "印好了" in printed(scene, scene.client(), application)
    assert "印表機暫停服務" not in volunteer.get(f"/print/{application}").text


def test_a_job_from_before_a_restart_is_not_called_done(scene):
    application = issued(scene)
    job = cards.Job(
        job_id="j1", application_id=application, printer="ipp://x/", printer_job=3, state="printing", trouble="",
        reason="", started_ms=1, changed_ms=1,
    )  # fmt: skip
    with scene.store.write() as db:
        cards.add_job(db, job)
    text = scene.client().get("/print/job/j1").text
    assert "不知道印出來了沒有" in text and "再印一次" in text


def test_the_staff_page_asks_the_printer_itself(tmp_path, room):
    printer = room.printer("asked")
    scene = build(tmp_path)
    answer = scene.client().post("/staff/printer", data={"uri": printer.uri})
    assert "可以列印" in answer.text


def test_the_sheet_is_the_one_of_the_birth_date(scene):
    secret = new_slip_secret()
    application = issued(scene, secret=secret)
    text = slip_text(receipt_of(scene, application), secret)
    assert sheets.by_slip(scene.store, text, BORN) == (application, PDF)
    with pytest.raises(sheets.ProblemError) as refused:
        sheets.by_slip(scene.store, text, date(1958, 8, 17))
    assert refused.value.code == "slip_does_not_open"


# --- bad luck ---


def _begun(scene, application) -> str:
    answer = scene.client().post(f"/print/{application}/send")
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1]


def test_a_job_whose_end_could_not_be_noted_is_not_under_way_for_ever(tmp_path, monkeypatch):
    scene = build(tmp_path, printer_uri="ipp://127.0.0.1:9/ipp/print")
    application = issued(scene)
    full = "CREATE TRIGGER full BEFORE UPDATE ON print_job BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
    with scene.store.write() as db:
        db.conn.execute(full)
    monkeypatch.setattr(printers, "send", lambda *_: printers.Printed(True, "", 7))
    room = printjobs.room(scene.app)
    job_id = _begun(scene, application)
    room.wait(job_id, 10)
    with scene.store.write() as db:
        db.conn.execute("DROP TRIGGER full")
    job = room.look(job_id)
    assert (job.state, job.trouble) == ("failed", "lost_track")
    assert _begun(scene, application) != job_id  # it can be printed again
    assert scene.ops("card.print_ack") <= 1


def test_a_card_said_to_be_printed_while_the_printer_still_works_on_it_is_told_once(tmp_path, monkeypatch):
    scene = build(tmp_path, printer_uri="ipp://127.0.0.1:9/ipp/print")
    application = issued(scene)
    paper = threading.Event()

    def slow(*_):
        paper.wait(10)
        return printers.Printed(True, "", 7)

    monkeypatch.setattr(printers, "send", slow)
    job_id = _begun(scene, application)
    assert scene.client().post(f"/print/{application}/printed").status_code == 303
    with scene.store.read() as db:
        assert [job.printer for job in cards.printed(db, application)] == ["pdf"]
    paper.set()
    printjobs.room(scene.app).wait(job_id, 10)
    with scene.store.read() as db:
        assert len(cards.printed(db, application)) == 2
    assert scene.ops("card.print_ack") == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("status = 'revoked'", "已經註銷或換發"),
        ("status = 'suspended'", "停用中"),
        ("status = 'replaced'", "已經註銷或換發"),
        ("valid_until = '2026-11-20'", "請改辦換發"),
    ],
)
def test_a_card_that_is_no_longer_good_is_not_printed_and_it_is_said_why(scene, change, words):
    application = issued(scene)
    with scene.store.write() as db:
        db.conn.execute(f"UPDATE card SET {change} WHERE application_id = ?", (application,))
    client = scene.client()
    for method, path in (("get", "card.pdf"), ("post", "printed"), ("post", "send")):
        answer = getattr(client, method)(f"/print/{application}/{path}")
        assert answer.status_code == 409
        assert words in answer.text
    assert scene.ops("card.print_ack") == 0


# --- the right to print ---


def by_slip(scene, held):
    """A browser in which a volunteer's slip has opened the own card."""
    application, text = held
    client = scene.client(unlocked=False)
    assert client.post("/print/slip", data={"slip": text, "born": "47.08.16"}).status_code == 303
    return client, f"/print/{application}"


def test_a_volunteer_prints_again_within_the_limit_and_staff_beyond_it(tmp_path, room):
    scene = with_printer(tmp_path, room.printer("limit"), reprints_by_slip=1)
    secret = new_slip_secret()
    application = issued(scene, secret=secret)
    client, address = by_slip(scene, (application, slip_text(receipt_of(scene, application), secret)))
    assert "印好了" in printed(scene, client, application)
    assert client.post(f"{address}/send").status_code == 422  # a reason first
    assert "印好了" in printed(scene, client, application, reason="lost")
    refused = client.post(f"{address}/send", data={"reason": "lost"})
    assert refused.status_code == 403 and "印過 2 次" in refused.text
    assert "印好了" in printed(scene, scene.client(), application, reason="unreadable")
    assert scene.ops("card.print_ack") == 3  # each is told to the center, with its reason


def test_when_nothing_came_out_the_right_to_print_is_what_it_was(tmp_path):
    scene = build(tmp_path, profile="public", printer_uri="ipp://127.0.0.1:9/ipp/print", printer_deadline_s=1.0)
    secret = new_slip_secret()
    application = issued(scene, secret=secret)
    slip = slip_text(receipt_of(scene, application), secret)
    client, address = by_slip(scene, (application, slip))
    text = printed(scene, client, application)  # the printer has vanished
    assert "找不到印表機" in text and "沒有遺失" in text
    assert 'action="/call"' in text  # and somebody can be called
    assert "PDF" not in re.sub(r"<[^>]+>", "", text)
    assert client.post(f"{address}/send").status_code == 409  # out of order until a person has looked at it
    assert scene.ops("card.print_ack") == 0
    with scene.store.read() as db:
        assert cards.printed(db, application) == []
    scene.client().post("/staff/printer/clear")
    assert "為什麼再印一次" not in client.get(address).text  # the first print needs no reason still


def test_hammering_the_button_makes_one_job(tmp_path, room):
    scene = with_printer(tmp_path, room.printer("hammer", command="sleep 1"))
    application = issued(scene)
    client = scene.client()
    jobs = {client.post(f"/print/{application}/send").location for _ in range(20)}
    assert len(jobs) == 1
    printjobs.room(scene.app).wait(jobs.pop().rsplit("/", 1)[1], 30)
    with scene.store.read() as db:
        assert len(cards.printed(db, application)) == 1
