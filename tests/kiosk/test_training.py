"""The practice room: seats, tasks read from what is there, practice cards, the trainer's screen, what was unclear; and that
nothing of it mixes with what is real.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from cli import main
from honorcard import practice_book
from honorcard.card.trust import Trust
from kiosk import create_app, emptying, rooms
from kiosk.drafting import DraftPhoto
from kiosk.photos import PhotoBox
from kiosk.settings import load
from kiosk.store import data_key, drafts, practice, syncing
from kiosk.store import tray as tray_rows
from sync import wire
from sync.ids import uuid7
from sync.seal import open_sealed
from tests.kiosk import applying
from tests.kiosk.applying import Applicant
from tests.kiosk.scene import NOW, PIN, Scene, build, frame, jpeg, portrait

ALL = 8


@pytest.fixture
def scene(tmp_path) -> Scene:
    return build(tmp_path, profile="training")


def seat(scene: Scene, number: int | str = ""):
    client = scene.client(unlocked=False)
    assert client.post("/training/seat", data={"number": number}).location == "/training"
    return client


class Trainee(Applicant):
    """Somebody at a seat, with the practice book that lies there."""

    def __init__(self, scene: Scene, number: int) -> None:
        self.scene, self.number = scene, number
        self.client = seat(scene, number)
        self.book = practice_book.book(number, NOW.date())
        begun = self.client.post("/apply/new", data={"kind": "first"})
        self.id, self.at = begun.location.split("/")[2], begun.location
        assert self.client.get(begun.location).status_code == 200

    def identify(self) -> None:
        assert self.say("identity", document="id", number=self.book.identity_number, twin_seen="yes").status_code == 303
        born = f"{self.book.birth_date:%Y-%m-%d}"
        assert self.say("person", name=self.book.name, birth=born, email="").status_code == 303

    def enter(self) -> None:
        days = {"first_day": f"{self.book.rows[0].start}", "last_day": f"{self.book.rows[-1].end}"}
        said = applying.BOOK | days | {"hours": f"{self.book.half_hours / 2}"}
        assert self.say("book", **said).status_code == 303

    def send(self) -> None:
        self.get("verdict")
        assert self.post("verdict").status_code == 303
        assert self.post("consent").status_code == 303
        assert self.post("submit").location == f"/slip/{self.id}"

    def lay_photographs(self, *slots: str) -> None:
        """As taken and finished, without the camera's work, which costs a second each."""
        room = self.scene.app.config["SETTINGS"]
        box = PhotoBox(room.photos_dir, data_key(room.key_file))
        with self.scene.store.write() as db:
            for slot in slots or ("headshot", "cover", "page"):
                name = box.put(portrait())
                drafts.add_photo(db, DraftPhoto(
                    photo_id=uuid7(), application_id=self.id, slot=slot, position=int(slot == "page"), original=name,
                    original_width=560, original_height=700, taken_ms=1, result=name, width=560, height=700,
                ))  # fmt: skip

    def all_of_it(self) -> Trainee:
        self.identify()
        self.lay_photographs()
        self.enter()
        self.send()
        return self

    @property
    def reached(self) -> int:
        panel = self.client.get("/training/panel").text
        return int(re.search(r"<small>(\d) ／", panel)[1])


def card_of(trainee: Trainee) -> str:
    with trainee.scene.store.read() as db:
        return practice.card_text(db, trainee.id)


def test_what_is_done_in_a_practice_room_leaves_nothing_for_the_center(tmp_path):
    scene = build(tmp_path, profile="training")
    one = Trainee(scene, 7).all_of_it()
    one.client.post(f"/print/{one.id}/printed", data={})
    trainer = scene.client()
    trainer.post("/events/new", data={
        "kind": "activity", "title": "練習", "place": "", "day": "115.11.21", "from": "09:00", "to": "12:00", "item": "導覽",
    })  # fmt: skip
    for store in (scene.store, scene.app.extensions["line_store"]):
        with store.read() as db:
            counts = [db.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("op_log", "blob")]
        assert counts == [0, 0]
    room = scene.app.config["SETTINGS"]
    assert not [path for of in (room, scene.settings) for path in of.blobs_dir.rglob("*") if path.is_file()]
    real = build_again(scene, "staff")
    page = real.get("/tray").text + real.get("/apply/new").text + real.get("/print").text
    assert "習" not in page
    assert not room.data_dir.exists(), "a machine that is none any more keeps nothing of its practice room"


def build_again(scene: Scene, profile: str):
    """The same data folder, started with another profile."""
    app = create_app(replace(scene.settings, profile=profile), now_is=lambda: NOW)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["HTTP_HOST"] = "localhost"
    assert client.post("/unlock", data={"pin": PIN}).status_code == 303
    return client


def test_every_page_says_that_it_is_practice(scene):
    trainee, trainer = seat(scene, 3), scene.client()
    pages = {
        trainee: (
            "/training",
            "/training/end",
            "/training/again",
            "/apply/new",
            "/tray",
            "/verify",
            "/progress",
            "/print",
            "/x",
        ),
        trainer: ("/", "/training/room", "/training/room/reset", "/staff/care", "/selftest", "/events", "/queue"),
    }
    for client, paths in pages.items():
        for path in paths:
            text = client.get(path).text
            assert '<body class="practice"' in text, path
            assert "這裡做的都不會送出" in text, path
            assert re.search(r"<title>\s*練習 · ", text), path
    real = build(scene.settings.data_dir.parent / "real").client()
    assert "practice-word" not in real.get("/").text
    assert "練習 · " not in real.get("/").text


def test_a_seat_is_a_number_and_no_name(scene):
    client = scene.client(unlocked=False)
    assert client.get("/").location == "/training"
    assert client.get("/training").location == "/training/seat"
    assert client.get("/tray").location == "/training/seat"
    assert client.post("/training/seat", data={"number": "41"}).status_code == 422
    assert client.post("/training/seat", data={"number": "7"}).status_code == 303
    other = scene.client(unlocked=False)
    refused = other.post("/training/seat", data={"number": "7"})
    assert (refused.status_code, "這個座位有人了" in refused.text) == (409, True)
    other.post("/training/seat")
    assert "1 號" in other.get("/training").text
    assert scene.client(unlocked=False).get("/training/room").location.startswith("/unlock")
    for number in range(2, 41):
        scene.client(unlocked=False).post("/training/seat", data={"number": number})
    assert "40 個座位都有人了" in scene.client(unlocked=False).post("/training/seat").text


def test_a_seat_outlives_a_restart_of_the_host(scene):
    client = seat(scene, 9)
    token = client.get_cookie("seat").value
    scene.app.extensions["store"].close()
    again = create_app(scene.settings, now_is=lambda: NOW).test_client()
    again.environ_base["HTTP_HOST"] = "localhost"
    again.set_cookie("seat", token)
    assert "9 號" in again.get("/training").text


def test_a_seat_opens_its_own_work_alone_and_nothing_of_the_trainers(scene):
    mine, theirs = Trainee(scene, 1), Trainee(scene, 2)
    mine.identify()
    theirs.identify()
    assert theirs.client.get(mine.url("headshot")).status_code == 404
    assert theirs.client.post(mine.url("throw_away")).status_code == 404
    begun = theirs.client.get("/apply/new").text
    assert theirs.id in begun
    assert mine.id not in begun
    mine.lay_photographs()
    mine.enter()
    mine.send()
    assert mine.id not in theirs.client.get("/tray").text + theirs.client.get("/print").text
    assert mine.id in mine.client.get("/tray").text
    assert mine.id in mine.client.get("/print").text
    assert theirs.client.get(f"/slip/{mine.id}").status_code == 404
    assert theirs.client.get(f"/print/{mine.id}/card.pdf").status_code == 404
    for path in (
        "/training/room",
        "/training/books.pdf",
        "/training/unclear.csv",
        "/staff/printer",
        "/sheets",
        "/roster",
    ):
        assert theirs.client.get(path).status_code in (303, 403), path
    trainer = scene.client()
    assert mine.id in trainer.get("/tray").text
    assert theirs.id in trainer.get("/apply/new").text


def test_the_tasks_follow_what_is_there_and_not_what_was_pressed(scene):
    one = Trainee(scene, 4)
    assert one.reached == 0
    one.identify()
    assert one.reached == 1
    one.lay_photographs("headshot")
    assert one.reached == 2
    one.lay_photographs("cover")
    assert one.reached == 2
    one.lay_photographs("page")
    assert one.reached == 3
    one.enter()
    assert one.reached == 4
    assert "看規則結果" in one.client.get("/training").text
    one.get("verdict")
    assert one.reached == 5
    one.send()
    assert one.reached == 6
    slip = re.search(r'name="text" value="(HCS1:[^"]+)"', one.client.get("/training/card").text)[1]
    assert "核准了，可以印卡" in one.client.post("/progress/text", data={"text": slip}).text
    assert one.reached == 7
    gate = scene.client()  # the trainer's screen, whose gate scans the phone
    seen = gate.post("/verify/text", data={"text": card_of(one)}).text
    assert "這是練習卡，不能入場。" in seen
    assert 'data-verdict="amber"' in seen
    assert one.reached == ALL
    assert "哪裡不清楚" in one.client.get("/training").text


def test_the_card_is_there_at_once_and_every_sheet_is_marked(scene, tmp_path):
    one = Trainee(scene, 5).all_of_it()
    slip = one.client.get(f"/slip/{one.id}")
    assert "練習卡已經好了" in slip.text
    assert 'class="practice-chip"' in slip.text
    for number, path in enumerate((f"/slip/{one.id}.pdf", f"/print/{one.id}/card.pdf", "/training/card.png")):
        answer = one.client.get(path)
        assert answer.status_code == 200, path
        if number < 2:
            file = tmp_path / f"{number}.pdf"
            file.write_bytes(answer.data)
            assert subprocess.run(["qpdf", "--check", file], capture_output=True).returncode == 0
            drawn = subprocess.run(["pdftoppm", "-r", "60", "-png", file, file.with_suffix("")], check=True)
            assert drawn.returncode == 0
            assert yellow(next(tmp_path.glob(f"{number}-*.png"))) > 0.01
    printed = one.client.get("/print").text
    assert one.id in printed


def yellow(picture) -> float:
    """How much of a picture is the mark's yellow."""
    pixels = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    return float(((pixels[..., 0] > 230) & (pixels[..., 1] > 150) & (pixels[..., 2] < 200)).mean())


def test_no_other_gate_lets_a_practice_card_in(scene, tmp_path):
    text = card_of(Trainee(scene, 6).all_of_it())
    real = build(tmp_path / "gate", profile="verifier").client(unlocked=False)
    answer = real.post("/verify/typed", data={"text": text}).text
    assert 'data-verdict="green"' not in answer
    assert 'data-verdict="red"' in answer
    room = Trust.load(scene.app.config["SETTINGS"].trust_file)
    assert [key.use for key in room.keys] == ["practice"], "the room holds no key of a card"
    genuine = scene.client().post("/verify/typed", data={"text": scene.cards.texts["valid"]}).text
    assert 'data-verdict="green"' not in genuine


def test_the_trainer_sees_everybody_and_who_waits(scene):
    one = Trainee(scene, 12)
    one.identify()
    two = seat(scene, 30)
    trainer = scene.client()
    page = trainer.get("/training/room").text
    assert ("2 人在座" in page, "0 人請老師" in page) == (True, True)
    assert re.search(r"12 號.*?拍大頭照.*?1 ／ 8", page, re.S)
    assert two.post("/training/help", data={"back": "/training"}).location == "/training"
    page = trainer.get("/training/room/seats", headers={"HX-Request": "true", "X-Poll": "1"}).text
    assert ("1 人請老師" in page, "請老師來：30" in page, "<h1" in page) == (True, True, False)
    stays = {"HX-Request": "true", "HX-Current-URL": "http://localhost/apply/new"}
    panel = two.post("/training/help", headers=stays).text
    assert ("請老師來" in panel, "<html" in panel, 'value="/apply/new"' in panel) == (True, False, True)
    assert "取消請老師" in two.post("/training/help", headers=stays).text, "pressed again"
    trainer.post("/training/room/30/helped")
    assert "0 人請老師" in trainer.get("/training/room").text
    trainer.post("/training/room", data={"session": " 第 2 場 "})
    assert "第 2 場" in two.get("/training").text


def test_one_seat_begins_anew_and_the_others_go_on(scene):
    one, two = Trainee(scene, 1).all_of_it(), Trainee(scene, 2)
    two.identify()
    trainer = scene.client()
    assert "清空 1 號？" in trainer.get("/training/room/1/reset").text
    trainer.post("/training/room/1/reset")
    assert one.client.get("/training").location == "/training/seat"
    assert "老師重新開始了" in one.client.get("/training/seat").text
    told = one.client.get("/training/panel", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/tray"})
    assert told.headers["HX-Redirect"] == "/training/seat"
    assert two.reached == 1
    with scene.store.read() as db:
        assert [row.application_id for row in tray_rows.rows(db)] == []
        assert practice.card_text(db, one.id) == ""


def test_the_whole_room_begins_anew_after_one_question(scene):
    one, two = Trainee(scene, 1).all_of_it(), Trainee(scene, 2)
    two.identify()
    two.lay_photographs()
    one.client.post("/training/end", data={"ease": "3"})
    trainer = scene.client()
    assert "2 個座位" in trainer.get("/training/room/reset").text
    with scene.store.read() as db:
        assert practice.seats(db) != []
    trainer.post("/training/room/reset")
    with scene.store.read() as db:
        assert (practice.seats(db), drafts.waiting(db), tray_rows.rows(db)) == ([], [], [])
        assert len(practice.unclear(db)) == 1
    photos = scene.app.config["SETTINGS"].photos_dir
    assert not [path for path in photos.rglob("*") if path.is_file()]
    assert "老師重新開始了" in two.client.get("/training/seat").text
    assert two.client.post("/training/seat", data={"number": "2"}).status_code == 303


def test_a_trainee_begins_anew_and_keeps_the_seat(scene):
    one = Trainee(scene, 8)
    one.identify()
    assert one.client.get("/training/again").status_code == 200
    assert one.reached == 1
    one.client.post("/training/again")
    assert one.reached == 0
    assert "8 號" in one.client.get("/training").text


def test_what_was_unclear_goes_to_the_center_sealed_and_once(scene):
    one = seat(scene, 3)
    scene.client().post("/training/room", data={"session": "第 1 場"})
    assert one.post("/training/end", data={}).status_code == 422
    said = {"ease": "2", "task": ["book_photos", "nonsense", "hours"], "words": "  反光了怎麼辦  "}
    assert one.post("/training/end", data=said).location == "/training/end"
    one.post("/training/end", data=said | {"ease": "1"})
    assert "謝謝，收到了" in one.get("/training/end").text
    line = scene.app.extensions["line_store"]
    with line.read() as db:
        ops = db.conn.execute("SELECT kind, entity_id, body FROM op_log").fetchall()
    assert [kind for kind, _, _ in ops] == ["training.feedback"]
    body = wire.decode(wire.TrainingFeedback, open_sealed(ops[0][2], scene.center, "body"))
    assert (body.session, body.ease, body.tasks, body.words) == ("第 1 場", 2, ("book_photos", "hours"), "反光了怎麼辦")
    assert (body.done, body.of, body.feedback_id) == (0, ALL, ops[0][1])
    table = scene.client().get("/training/unclear.csv").data.decode("utf-8-sig")
    assert "有些地方不懂,拍攝紀錄冊、填紀錄冊的時數,反光了怎麼辦,0" in table
    assert '"3"' not in table


def test_without_a_center_it_stays_for_the_trainer(scene):
    line = scene.app.extensions["line_store"]
    with line.write() as db:
        db.conn.execute("DELETE FROM meta WHERE k = 'membership'")
    one = seat(scene, 3)
    one.post("/training/end", data={"ease": "1", "words": "=1+1"})
    with line.read() as db:
        assert db.conn.execute("SELECT count(*) FROM op_log").fetchone()[0] == 0
    assert "很多地方不懂,,'=1+1,0" in scene.client().get("/training/unclear.csv").data.decode("utf-8-sig")


def test_the_books_for_the_seats_come_as_one_pdf(scene):
    trainer = scene.client()
    answer = trainer.get("/training/books.pdf?first=3&last=4")
    assert answer.data.startswith(b"%PDF")
    assert answer.data.count(b"/Type /Page\n") == 2 * practice_book.PAGES
    assert trainer.get("/training/books.pdf?first=4&last=3").status_code == 422
    assert trainer.get("/training/books.pdf?first=0").status_code == 422


def test_the_pin_is_the_machines_and_outlives_the_room(scene):
    assert scene.client().get("/training/room").status_code == 200
    assert build_again(scene, "staff").get("/staff/care").status_code == 200


def test_emptying_takes_the_room_too_and_it_begins_anew(scene):
    one = Trainee(scene, 2).all_of_it()
    emptying.empty(scene.app.extensions["line_store"], scene.settings)
    rooms.begin_anew(scene.app)
    assert one.client.get("/training").location == "/training/seat"
    with scene.store.read() as db:
        assert tray_rows.rows(db) == []


def test_a_frame_with_a_practice_card_is_answered_too(scene):
    one = Trainee(scene, 2).all_of_it()
    answer = scene.client(unlocked=False).post(
        "/verify/frame", data=jpeg(frame(card_of(one))), content_type="image/jpeg"
    )
    assert "練習卡" in answer.text


def test_enrolling_changes_the_room_at_once(scene, tmp_path):
    one = Trainee(scene, 2)
    one.identify()
    changed = replace(scene.settings, profile="staff")
    rooms.enter(scene.app, changed)
    assert one.client.get("/tray").location.startswith("/unlock")
    assert one.id not in scene.client().get("/apply/new").text
    with scene.store.read() as db:
        assert syncing.membership(db) is not None, "the machine's own store again"
    rooms.enter(scene.app, scene.settings)
    assert scene.client(unlocked=False).get("/tray").location == "/training/seat"
    with scene.store.read() as db:
        assert practice.seats(db) == []


def test_what_is_set_in_a_practice_room_is_the_machines(scene):
    scene.client().post("/staff/printer", data={"uri": "ipp://127.0.0.1:9/ipp/print", "paper": "a4"})
    kept = load(scene.settings.data_dir)
    assert (kept.printer_uri, kept.profile) == ("ipp://127.0.0.1:9/ipp/print", "training")
    assert not (scene.app.config["SETTINGS"].data_dir / "kiosk.json").exists()


def test_a_folder_in_real_use_is_not_made_a_practice_room(tmp_path, capsys):
    real = build(tmp_path)
    assert main(["kiosk", "--training", "--dir", str(real.settings.data_dir)]) == 1
    assert "--dir" in capsys.readouterr().err
    assert load(real.settings.data_dir).profile == "staff"
