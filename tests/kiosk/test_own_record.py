"""The service record at the kiosk: from a decision at a real center to the volunteer's eyes, with the line down."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from center import records
from center.store import cases
from honorcard.card.slip import new_slip_secret, read_slip, seal_record, slip_text
from kiosk import create_app
from kiosk.store import own_records
from sync import wire
from tests.kiosk.scene import BORN, NOW, build, frame, jpeg
from tests.sync.loopback import Kiosk, running

ROWS = tuple(
    wire.ServiceRow(start=date(y, 11, 1), end=date(y + 1, 10, 31), minutes=6000, unit="北門志工隊")
    for y in (2023, 2024, 2025)
)
CARD = wire.HeldCard(
    number="11500001", approved_on=date(2026, 11, 20), valid_until=date(2029, 11, 20), counted_until=ROWS[-1].end
)


def record(**more) -> wire.ServiceRecord:
    values = {"name": "林秀琴", "masked_number": "A22****781", "made_on": NOW.date(), "rows": ROWS, "cards": (CARD,)}
    return wire.ServiceRecord(**{**values, **more})


@pytest.fixture
def scene(tmp_path):
    return build(tmp_path)


@pytest.fixture
def slip(scene):
    """An application with a record that came; its slip's text."""
    return came(scene, record())


def came(scene, content: wire.ServiceRecord | bytes, application: str = "") -> str:
    secret = new_slip_secret()
    application = application or scene.submit("林○琴", photos=1)
    clear = content if isinstance(content, bytes) else wire.encode(content)
    sealed = seal_record(secret, BORN, clear)
    with scene.store.write() as db:
        own_records.keep(db, application, sealed.idx, sealed.blob, 3, 1)
        receipt = db.conn.execute("SELECT receipt FROM application WHERE application_id = ?", (application,)).fetchone()
    return slip_text(receipt[0], secret)


def plain(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.text)


def opened(scene, text: str, born: str = "47.08.16"):
    client = scene.client(unlocked=False)
    return client, client.post("/record", data={"slip": text, "born": born})


def test_slip_and_birth_date_show_hours_next_card_and_years_for_that_browser_alone(scene, slip):
    client = scene.client(unlocked=False)
    seen = client.post("/record/frame", data=jpeg(frame(slip, module_px=8)), content_type="image/jpeg")
    assert seen.status_code == 200
    assert 'name="born"' in seen.text
    answer = client.post("/record", data={"slip": slip, "born": "47.08.16"})
    assert (answer.status_code, answer.location) == (303, "/record/mine")
    page = plain(client.get("/record/mine"))
    for words in (
        "林秀琴的服務履歷",
        "A22****781",
        "300",
        "115 年",
        "北門志工隊",
        "118 年 11 月 1 日起可以換發",
        "11500001",
    ):
        assert words in page, words
    english = plain(client.get("/record/mine?language=en"))
    assert "Renewal opens on 1 November 2029" in english
    assert scene.client(unlocked=False).get("/record/mine").location == "/record"
    assert scene.client().get("/record/mine").location == "/record"  # staff neither
    client.post("/record/done")
    assert client.get("/record/mine").location == "/record"
    assert client.get("/record/mine.pdf").location == "/record"


@pytest.mark.parametrize(("language", "words"), [("zh", "志工服務履歷"), ("en", "Volunteer service record")])
def test_the_record_goes_home_on_paper(scene, slip, tmp_path, language, words):
    client, _ = opened(scene, slip)
    answer = client.get(f"/record/mine.pdf?language={language}")
    assert answer.mimetype == "application/pdf"
    (tmp_path / "record.pdf").write_bytes(answer.data)
    text = subprocess.run(
        ["pdftotext", tmp_path / "record.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    assert words in text
    assert "林秀琴" in text


def test_what_the_figures_mean_moves_on_with_the_day(tmp_path):
    scene = build(tmp_path)
    text = came(scene, record(cards=(), under_review=ROWS, rows=(), open_case=True))
    client, _ = opened(scene, text)
    assert "可以申請了" in plain(client.get("/record/mine"))
    later = create_app(scene.settings, now_is=lambda: NOW.replace(year=2027))
    later.config["WTF_CSRF_ENABLED"] = False
    client = later.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    client.post("/record", data={"slip": text, "born": "47.08.16"})
    page = plain(client.get("/record/mine"))
    assert "可以申請了" not in page
    assert "最近" in page


def test_five_wrong_birth_dates_close_the_slip_for_record_and_card_alike(scene, slip):
    with scene.store.read() as db:
        (application,) = db.conn.execute("SELECT application_id FROM own_record").fetchone()
    scene.issue(application, secret=read_slip(slip)[1])
    client = scene.client(unlocked=False)
    for day in range(1, 6):
        answer = client.post("/record", data={"slip": slip, "born": f"47.08.{day:02d}"})
        assert answer.status_code == 403
    assert "試了 5 次" in client.post("/record", data={"slip": slip, "born": "47.08.16"}).text
    assert "試了 5 次" in client.post("/print/slip", data={"slip": slip, "born": "47.08.16"}).text


def test_right_at_once_the_tries_begin_anew(scene, slip):
    for _ in range(7):
        _, answer = opened(scene, slip)
        assert answer.status_code == 303


@pytest.mark.parametrize("born", ["", "13.13.13", "130.01.01", "2030-01-01"])
def test_an_unreadable_day_is_no_try(scene, slip, born):
    _, answer = opened(scene, slip, born)
    assert answer.status_code == 422
    with scene.store.read() as db:
        assert db.conn.execute("SELECT count(*) FROM slip_try").fetchone()[0] == 0


def test_an_application_without_a_decision_says_so(scene):
    application = scene.submit("林○琴")
    with scene.store.read() as db:
        receipt = db.conn.execute("SELECT receipt FROM application").fetchone()[0]
    assert application
    _, answer = opened(scene, slip_text(receipt, new_slip_secret()))
    assert answer.status_code == 409
    assert "還沒有審查結果" in answer.text


@pytest.mark.parametrize("text", ["", "HCS1:nonsense", "A223456781"])
def test_what_is_no_slip_leads_back_to_the_camera(scene, text):
    assert "data-scan" in scene.client(unlocked=False).post("/record/text", data={"text": text}).text
    _, answer = opened(scene, text)
    assert answer.status_code == 422
    assert "data-scan" in answer.text


def test_a_record_of_a_newer_center_is_said_so(scene):
    text = came(scene, b'{"name":"x","rows":[{"category":"astronaut"}]}')
    client, _ = opened(scene, text)
    assert client.get("/record/mine").status_code == 409


def test_an_older_record_does_not_replace_a_newer_one_until_the_center_was_restored(scene, slip):
    with scene.store.write() as db:
        (application,) = db.conn.execute("SELECT application_id FROM own_record").fetchone()
        own_records.keep(db, application, b"i" * 16, b"old", 2, 2)
    assert opened(scene, slip)[1].status_code == 303
    with scene.store.write() as db:
        own_records.forget_revs(db)
        own_records.keep(db, application, b"i" * 16, b"restored", 1, 3)
    assert opened(scene, slip)[1].status_code == 403


def test_the_disk_holds_nothing_readable(scene, slip):
    scene.store.close()
    for path in scene.settings.data_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert "林秀琴".encode() not in content, path
            assert "北門志工隊".encode() not in content, path


def test_a_decision_at_the_center_reaches_the_volunteer_with_the_line_down_again(tmp_path: Path):
    with running(tmp_path / "center") as center:
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center)
        application_id = kiosk.draft(person=0)
        submitted = kiosk.submit(application_id)
        kiosk.sync()
        center.worker.step()
        with center.store.write() as conn:
            case = cases.find(conn, application_id)
            records.tell(conn, case, case.rev, int(NOW.timestamp() * 1000))
        kiosk.step()
        ((sealed,),) = kiosk.rows("SELECT sealed FROM own_record")
        assert "王小明".encode() not in sealed
    app: Flask = kiosk.app
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    text = slip_text(submitted.receipt, submitted.slip_secret)
    born = case.body.birth_date.isoformat()
    assert client.post("/record", data={"slip": text, "born": born}).location == "/record/mine"
    page = plain(client.get("/record/mine"))
    assert "王小明的服務履歷" in page
    assert "審查中" in page
