"""Photographs of an application: taken in, judged, corrected, moved, removed; every bad file has its sentence."""

from __future__ import annotations

import errno
import io
import re
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from honorcard.problems import sentence
from kiosk.photos import PhotoBox
from tests.kiosk.applying import Applicant, cover, head, inside, jpeg, nothing
from tests.kiosk.scene import Scene, build, frame
from tests.kiosk.scene import jpeg as frame_jpeg

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def alone(tmp_path: Path) -> Applicant:
    """An application on a kiosk of its own."""
    return Applicant(build(tmp_path))


def whole(answer) -> bool:
    return answer.text.lstrip().startswith("<!doctype html>")


def path_of(applicant: Applicant, photo) -> str:
    return applicant.url(f"photos/{photo.photo_id}")


def clear(applicant: Applicant, photo, which: str) -> bytes:
    return applicant.client.get(f"{path_of(applicant, photo)}/{which}.jpg").data


# --- who may, how, page and fragment ---


PATHS = ("headshot", "book_photos", "take/cover", "take/headshot", "take/page", "take/previous_card", "previous/scan")


@pytest.mark.parametrize("path", PATHS)
def test_without_the_pin_no_camera_opens_and_nothing_is_taken(first: Applicant, path: str):
    locked = first.scene.client(unlocked=False)
    assert locked.get(first.url(path)).location.startswith("/unlock")
    assert locked.post(first.url(path), data={"photo": (io.BytesIO(head()), "a.jpg")}).location.startswith("/unlock")
    assert first.photos() == []


@pytest.mark.parametrize("path", PATHS)
def test_each_camera_comes_as_page_and_its_word_as_fragment(first: Applicant, path: str):
    page, fragment = first.get(path), first.get(path, headers=FRAGMENT)
    assert page.status_code == fragment.status_code == 200
    assert whole(page) and not whole(fragment)
    assert fragment.text.lstrip().startswith('<p class="camera-word" id="say"')
    assert 'type="file"' in page.text  # works without a camera, and without a script
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", page.text)


def test_without_the_pin_no_picture_is_shown(first: Applicant):
    first.photograph("cover", cover())
    [photo] = first.photos()
    locked = first.scene.client(unlocked=False)
    for end in ("", "/original.jpg", "/result.jpg"):
        assert locked.get(path_of(first, photo) + end).location.startswith("/unlock")
    assert locked.post(path_of(first, photo) + "/remove").location.startswith("/unlock")
    assert len(first.photos()) == 1


def test_a_picture_belongs_to_its_application_alone(first: Applicant):
    first.photograph("cover", cover())
    [photo] = first.photos()
    other = Applicant(first.scene)
    answer = other.get(f"photos/{photo.photo_id}/result.jpg")
    assert answer.status_code == 404
    assert sentence("photo_gone", "zh") in answer.text


@pytest.mark.parametrize("end", ["/remove", "/up", "/down"])
def test_what_changes_a_photo_is_never_a_link(first: Applicant, end: str):
    first.photograph("cover", cover())
    assert first.client.get(path_of(first, first.photos()[0]) + end).status_code in (404, 405)


def test_a_place_that_is_none_is_not_found(first: Applicant):
    assert first.get("take/passport").status_code == 404


def test_an_upload_by_script_is_sent_on_without_a_page(first: Applicant):
    answer = first.photograph("cover", cover(), headers=FRAGMENT)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == path_of(first, first.photos()[0])


# --- bad files, each with its sentence ---


def huge_png(width: int, height: int) -> bytes:
    """A PNG of so many white pixels that is a few kilobytes itself."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compressobj(9)
    line = b"\0" + b"\xff" * ((width + 7) // 8)
    data = b"".join(rows.compress(line) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


BAD = [
    pytest.param(b"", "picture_empty", {}, id="empty"),
    pytest.param(b"%PDF-1.7\n%%EOF", "picture_not_a_picture", {"looks_zh": " PDF"}, id="renamed PDF"),
    pytest.param(b"hello there", "picture_not_a_picture", {"looks_zh": "文字檔"}, id="text"),
    pytest.param(head()[:2000], "picture_damaged", {}, id="cut short"),
    pytest.param(jpeg(Image.new("RGB", (60, 40))), "picture_too_small", {"width": 60, "height": 40}, id="tiny"),
]


@pytest.mark.parametrize(("data", "code", "details"), BAD)
@pytest.mark.parametrize("slot", ["headshot", "cover"])
def test_a_bad_file_has_its_sentence_and_loses_nothing(
    first: Applicant, slot: str, data: bytes, code: str, details: dict
):
    first.say("identity", document="id", number="A223456781")
    page, fragment = first.photograph(slot, data), first.photograph(slot, data, headers=FRAGMENT)
    for answer in (page, fragment):
        assert answer.status_code >= 400
        assert sentence(code, "zh", details) in answer.text
    assert whole(page) and not whole(fragment)
    assert first.photos() == []
    assert first.answers().identity is not None


def test_no_file_at_all_has_its_sentence(first: Applicant):
    for fields in ({}, {"photo": (io.BytesIO(b""), "")}):
        answer = first.post("take/cover", data=fields, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert sentence("photo_missing", "zh") in answer.text


def test_a_bad_retake_keeps_the_photo_that_was_there(first: Applicant):
    first.photograph("cover", cover())
    before = first.photos()
    first.photograph("cover", b"%PDF-1.7")
    assert first.photos() == before


def test_a_photograph_of_sixty_megapixels_is_taken_or_told_and_never_a_crash(first: Applicant):
    answer = first.photograph("cover", huge_png(10_000, 6_000))
    if answer.status_code == 303:
        [photo] = first.photos()
        assert max(photo.original_width, photo.original_height) == 2400
    else:
        assert answer.status_code in (413, 422)
        assert 'data-state="wait"' in answer.text


def test_a_bomb_of_a_picture_is_told(first: Applicant):
    answer = first.photograph("cover", huge_png(60_000, 60_000))
    assert answer.status_code in (413, 422)
    assert first.photos() == []


def test_a_body_beyond_the_limit_is_told(first: Applicant):
    first.scene.app.config["MAX_CONTENT_LENGTH"] = 1000
    try:
        answer = first.photograph("cover", cover())
    finally:
        first.scene.app.config["MAX_CONTENT_LENGTH"] = 80 * 2**20
    assert answer.status_code == 413
    assert "檔案太大了" in answer.text


def test_a_full_disk_is_told_and_what_was_there_stays(alone: Applicant, monkeypatch: pytest.MonkeyPatch):
    alone.photograph("cover", cover())
    before = alone.photos()

    def full(self: PhotoBox, data: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    alone.scene.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(PhotoBox, "put", full)
    answer = alone.photograph("cover", inside())
    assert answer.status_code == 507
    assert sentence("disk_full", "zh") in answer.text
    assert alone.photos() == before


# --- what is kept ---


def test_what_is_kept_is_fresh_without_place_or_camera(first: Applicant):
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    first.photograph("cover", jpeg(Image.open(io.BytesIO(cover())), exif=exif))
    [photo] = first.photos()
    for which in ("original", "result"):
        data = clear(first, photo, which)
        assert b"SECRETCAMERA" not in data and b"Exif" not in data
        assert Image.open(io.BytesIO(data)).format == "JPEG"


def test_a_phones_sideways_photo_stands_upright(first: Applicant):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.open(io.BytesIO(cover())).rotate(90, expand=True)
    first.photograph("cover", jpeg(lying, exif=exif))
    [photo] = first.photos()
    assert photo.original_height > photo.original_width


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_other_pictures_are_taken_whatever_their_name_says(first: Applicant, kind: str):
    out = io.BytesIO()
    Image.open(io.BytesIO(cover())).save(out, kind)
    assert first.photograph("cover", out.getvalue(), name="book.doc").status_code == 303


def test_pictures_are_not_kept_by_the_browser(first: Applicant):
    first.photograph("cover", cover())
    answer = first.client.get(f"{path_of(first, first.photos()[0])}/result.jpg")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/jpeg", "no-store")


def test_the_disk_shows_no_picture(alone: Applicant):
    alone.photograph("cover", cover())
    files = list(alone.scene.settings.photos_dir.iterdir())
    assert len(files) == 2
    assert not any(b"JFIF" in path.read_bytes()[:200] for path in files)


def test_a_photo_lost_from_the_disk_is_said(alone: Applicant):
    alone.photograph("cover", cover())
    for path in alone.scene.settings.photos_dir.iterdir():
        path.unlink()
    [photo] = alone.photos()
    for answer in (
        alone.client.get(f"{path_of(alone, photo)}/result.jpg"),
        alone.client.post(path_of(alone, photo), data=corners(photo)),
    ):
        assert answer.status_code == 409
        assert sentence("photo_damaged_here", "zh") in answer.text


# --- pages ---


def corners(photo, inset: float = 0.0) -> dict[str, str]:
    w, h = photo.original_width - 1, photo.original_height - 1
    x, y = inset * w, inset * h
    points = ((x, y), (w - x, y), (w - x, h - y), (x, h - y))
    return {f"{axis}{n}": str(value) for n, point in enumerate(points) for axis, value in zip("xy", point, strict=True)}


def test_a_page_with_an_outline_is_flattened_at_once_and_shown_whole_and_at_full_size(first: Applicant):
    first.photograph("cover", cover())
    assert first.photograph("page", inside()).status_code == 303
    photo = first.photos()[1]
    assert photo.finished and len(photo.outline) == 4
    page, fragment = first.client.get(first.at), first.client.get(first.at, headers=FRAGMENT)
    assert f'width="{photo.width}" height="{photo.height}"' in page.text
    assert 'href="#flat"' in page.text
    assert whole(page) and not whole(fragment)
    flat = Image.open(io.BytesIO(clear(first, photo, "result")))
    assert flat.size == (photo.width, photo.height)
    assert max(flat.size) == 1600
    assert abs(flat.width / flat.height - 1144 / 1600) < 0.05  # the drawn page's own proportions
    assert len(clear(first, photo, "result")) <= 190_000


def test_a_page_without_an_outline_is_told_and_its_corners_are_dragged(first: Applicant):
    first.photograph("cover", cover())
    first.photograph("page", nothing())
    stage = first.client.get(first.at)
    assert "第 1 頁找不到四個邊" in stage.text
    assert 'data-corner="3"' in stage.text
    [_, photo] = first.photos()
    assert not photo.finished
    assert first.get("book_photos").location == path_of(first, photo)
    assert first.client.post(first.at, data=corners(photo, 0.1)).status_code == 303
    done = first.photos()[1]
    assert done.finished
    assert done.outline[0] == pytest.approx((0.1 * 999, 0.1 * 799), abs=0.1)


def test_a_cover_is_named_in_its_hint_not_numbered(first: Applicant):
    first.photograph("cover", nothing())
    page = first.client.get(first.at).text
    assert "封面找不到四個邊" in page
    assert "第 0 頁" not in page
    english = first.client.get(f"{first.at}?language=en").text
    assert "Page 0" not in english


def test_the_result_can_be_adjusted_again(first: Applicant):
    first.photograph("cover", cover())
    [photo] = first.photos()
    assert 'data-corner="0"' in first.get(f"photos/{photo.photo_id}?adjust=1").text
    before = clear(first, photo, "result")
    first.client.post(path_of(first, photo), data=corners(photo, 0.2))
    [changed] = first.photos()
    assert changed.result_sha256 != photo.result_sha256
    assert clear(first, changed, "result") != before


@pytest.mark.parametrize(
    "change",
    [
        {"x0": "nan"},
        {"x0": "1e999"},
        {"x1": "word"},
        {"x1": "0", "x2": "0", "y1": "1", "y2": "2"},
        {"x0": "450", "y0": "590", "x1": "455", "x2": "455", "x3": "450", "y1": "590", "y2": "595", "y3": "595"},
        {"x0": "800", "y0": "1000"},
    ],
)
def test_corners_that_enclose_no_page_are_told_and_change_nothing(first: Applicant, change: dict):
    first.photograph("cover", cover())
    before = first.photos()
    answer = first.client.post(path_of(first, before[0]), data=corners(before[0]) | change)
    assert answer.status_code == 422
    assert sentence("outline_impossible", "zh") in answer.text
    assert first.photos() == before


def test_missing_corners_are_told(first: Applicant):
    first.photograph("cover", cover())
    assert first.client.post(path_of(first, first.photos()[0]), data={}).status_code == 422


def test_corners_dragged_beyond_the_photo_lie_on_its_edge(first: Applicant):
    first.photograph("cover", cover())
    [photo] = first.photos()
    answer = first.client.post(path_of(first, photo), data=corners(photo) | {"x0": "-500", "y0": "-500"})
    assert answer.status_code == 303
    assert first.photos()[0].outline[0] == (0.0, 0.0)


def test_the_camera_asks_for_the_cover_then_for_pages_in_order(first: Applicant):
    assert "拍紀錄冊封面" in first.get("book_photos").text
    first.photograph("cover", cover())
    assert "拍紀錄冊內頁，第 1 頁" in first.get("book_photos").text
    assert first.post("book_photos").location == first.url("book_photos")  # a cover alone is not enough
    first.photograph("page", inside(1))
    assert "第 2 頁" in first.get("take/page").text
    page, fragment = first.get("book_photos"), first.get("book_photos", headers=FRAGMENT)
    assert "紀錄冊的相片都在這裡嗎" in page.text
    assert whole(page) and not whole(fragment)
    assert first.post("book_photos").location != first.url("book_photos")


def test_a_retaken_page_takes_the_place_of_the_old_one(first: Applicant):
    for number in (1, 2):
        first.photograph("page", inside(number))
    before = first.photos()
    first.photograph("page", inside(3), query_string={"position": "1"})
    after = first.photos()
    assert [photo.position for photo in after] == [1, 2]
    assert after[0].photo_id != before[0].photo_id
    assert after[1] == before[1]


def test_a_position_far_beyond_the_last_page_is_the_next_one(first: Applicant):
    first.photograph("page", inside(1), query_string={"position": "30"})
    first.photograph("page", inside(2), query_string={"position": "-2"})
    assert [photo.position for photo in first.photos()] == [1, 2]


def test_pages_are_moved_and_removed(first: Applicant):
    first.photograph("cover", cover())
    for number in (1, 2, 3):
        first.photograph("page", inside(number))
    one, two, three = first.photos()[1:]
    assert first.client.post(path_of(first, three) + "/up").location == first.url("book_photos")
    assert [photo.photo_id for photo in first.photos()[1:]] == [one.photo_id, three.photo_id, two.photo_id]
    first.client.post(path_of(first, one) + "/down")
    assert [photo.photo_id for photo in first.photos()[1:]] == [three.photo_id, one.photo_id, two.photo_id]
    first.client.post(path_of(first, one) + "/remove")
    left = [(photo.photo_id, photo.position) for photo in first.photos()[1:]]
    assert left == [(three.photo_id, 1), (two.photo_id, 2)]
    assert first.client.post(path_of(first, one) + "/remove").status_code == 404


def test_there_is_an_end_to_pages(first: Applicant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("kiosk.capture.shared.MOST_PAGES", 1)
    first.photograph("page", inside(1))
    answer = first.photograph("page", inside(2))
    assert sentence("pages_too_many", "zh", {"limit": 1}) in answer.text
    assert len(first.photos()) == 1


# --- the headshot ---


def crop_fields(applicant: Applicant) -> dict[str, str]:
    text = applicant.client.get(applicant.at).text
    return {name: re.search(rf'name="{name}" value="([^"]+)"', text)[1] for name in ("x", "y", "height", "angle")}


def test_a_crop_is_proposed_around_the_face_and_taken_without_a_script(first: Applicant):
    first.photograph("headshot", head())
    page, fragment = first.client.get(first.at), first.client.get(first.at, headers=FRAGMENT)
    assert whole(page) and not whole(fragment)
    assert "找到臉了" in page.text
    fields = crop_fields(first)
    assert 0 < float(fields["height"]) <= 960
    answer = first.client.post(first.at, data=fields)
    assert answer.location == first.url("identity")
    [photo] = first.photos()
    assert (photo.width, photo.height) == (560, 700)
    assert len(clear(first, photo, "result")) <= 100_000
    assert first.get("headshot").location == path_of(first, photo)


def test_the_frame_is_moved_scaled_and_turned(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first)
    moved = {"x": "100", "y": "120", "height": "500", "angle": "90", "anyway": "yes"}
    first.client.post(first.at, data=fields | moved)
    [photo] = first.photos()
    result = np.asarray(Image.open(io.BytesIO(clear(first, photo, "result"))))
    original = np.asarray(Image.open(io.BytesIO(clear(first, photo, "original"))))
    # the frame's middle stays the middle
    assert np.abs(result[345:355, 275:285].mean((0, 1)) - original[365:375, 295:305].mean((0, 1))).max() < 12
    assert crop_fields(first)["angle"] == "90.0"


def test_a_frame_without_the_face_is_asked_about_once(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first) | {"x": "0", "y": "0", "height": "150", "angle": "0"}
    asked = first.client.post(first.at, data=fields)
    assert asked.status_code == 422
    assert sentence("face_no_face", "zh") in asked.text
    assert 'name="anyway"' in asked.text
    assert first.client.post(first.at, data=fields | {"anyway": "yes"}).status_code == 303


def test_a_photo_without_a_face_says_so_and_can_be_framed_by_hand(first: Applicant):
    first.photograph("headshot", nothing())
    assert sentence("face_no_face", "zh") in first.client.get(first.at).text
    assert first.client.post(first.at, data=crop_fields(first)).status_code == 303
    assert first.photos()[0].finished


@pytest.mark.parametrize(
    "change",
    [
        {"height": "0"},
        {"height": "10"},
        {"height": "99999"},
        {"x": "nan"},
        {"x": "-5000"},
        {"y": "word"},
        {"angle": "inf"},
    ],
)
def test_a_frame_outside_the_photo_is_told(first: Applicant, change: dict):
    first.photograph("headshot", head())
    answer = first.client.post(first.at, data=crop_fields(first) | change)
    assert answer.status_code == 422
    assert sentence("crop_impossible", "zh") in answer.text
    assert not first.photos()[0].finished


def test_one_headshot_is_kept(first: Applicant):
    first.photograph("headshot", head())
    first.photograph("headshot", nothing())
    assert [photo.slot for photo in first.photos()] == ["headshot"]


def test_going_on_without_a_headshot_asks_for_one(first: Applicant):
    assert first.post("headshot").location == first.url("headshot")


# --- the old card ---


def test_the_old_cards_photograph_answers_its_question(shared: Scene):
    renewal = Applicant(shared, "renewal")
    renewal.say("previous", valid_until="115.11.30")
    renewal.photograph("previous_card", cover())
    assert "用這張相片" in renewal.client.get(renewal.at).text
    assert renewal.say("previous", valid_until="115.11.30").location == renewal.url("identity")


def test_the_old_cards_qr_is_read_from_a_picture_that_is_not_kept(shared: Scene):
    renewal = Applicant(shared, "renewal")
    picture = frame_jpeg(frame(shared.cards.texts["valid"]))
    answer = renewal.post("previous/scan", data={"photo": (io.BytesIO(picture), "f.jpg")})
    assert answer.location == renewal.url("previous")
    assert renewal.answers().previous.seq == 100_010
    assert renewal.photos() == []


def test_a_picture_without_a_code_and_one_with_another_code_have_their_sentences(shared: Scene):
    renewal = Applicant(shared, "renewal")
    for picture, code in ((nothing(), "previous_qr_none"), (frame_jpeg(frame("hello")), "previous_qr_not_card")):
        for headers in ({}, FRAGMENT):
            answer = renewal.post("previous/scan", data={"photo": (io.BytesIO(picture), "f.jpg")}, headers=headers)
            assert answer.status_code == 422
            assert sentence(code, "zh") in answer.text
    assert renewal.answers().previous is None


def test_a_photograph_on_its_way_in_touches_no_disk_in_clear(alone: Applicant, monkeypatch: pytest.MonkeyPatch):
    noise = np.random.default_rng(5).integers(0, 255, (900, 1200, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=95)
    assert len(buffer.getvalue()) > 600_000  # beyond what a request's file may weigh in memory by itself

    def refuse(*_: object, **__: object):
        raise AssertionError("a temporary file was opened")

    monkeypatch.setattr(tempfile, "_sanitize_params", refuse)  # every way of opening one goes through it
    head_of_it = b'--edge\r\nContent-Disposition: form-data; name="photo"; filename="x.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = head_of_it + buffer.getvalue() + b"\r\n--edge--\r\n"
    answer = alone.client.post(alone.url("take/cover"), data=body, content_type="multipart/form-data; boundary=edge")
    assert answer.status_code == 303


# --- the crop between two looks ---


def adjusted(applicant: Applicant, fields: dict[str, str], headers: dict[str, str] | None = None):
    return applicant.client.post(applicant.at + "/crop", data=fields, headers=headers)


def frame_in(text: str) -> dict[str, float]:
    names = ("x", "y", "height", "angle")
    return {name: float(re.search(rf'name="{name}" value="([^"]+)"', text)[1]) for name in names}


def test_without_a_script_every_button_moves_the_photo_a_step(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first)
    was = {name: float(value) for name, value in fields.items()}

    def after(act: str) -> dict[str, float]:
        answer = adjusted(first, fields | {"act": act})
        assert answer.status_code == 200 and whole(answer)
        return frame_in(answer.text)

    assert after("larger")["height"] < was["height"] < after("smaller")["height"]
    assert after("left")["x"] > was["x"] > after("right")["x"]  # the photo moves, the frame stands
    assert after("up")["y"] > was["y"] > after("down")["y"]
    assert after("lean_right")["angle"] == 358 and after("lean_left")["angle"] == 2 and after("turn")["angle"] == 270
    for act in ("", "nonsense"):
        assert after(act) == was
    assert not first.photos()[0].finished  # looked at, not used


def test_steps_follow_the_photo_as_it_is_turned(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first) | {"angle": "90"}
    before, after = frame_in(adjusted(first, fields).text), frame_in(adjusted(first, fields | {"act": "left"}).text)
    assert abs(after["x"] - before["x"]) <= 1 and after["y"] - before["y"] > 5


def test_undo_brings_the_proposed_frame_back(first: Applicant):
    first.photograph("headshot", head())
    proposed = crop_fields(first)
    first.client.post(first.at, data=proposed | {"x": "10", "y": "20", "height": "400", "anyway": "yes"})
    answer = adjusted(first, crop_fields(first) | {"act": "reset"})
    assert frame_in(answer.text) == {name: float(value) for name, value in proposed.items()}


def test_a_moved_frame_is_judged_in_words_before_it_is_used(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first)
    good = adjusted(first, fields, FRAGMENT)
    assert good.text.lstrip().startswith('<div class="judged"') and "找到臉了" in good.text
    wide = {"x": str(-float(fields["height"]) / 2), "height": str(float(fields["height"]) * 2)}
    small = adjusted(first, fields | wide, FRAGMENT)
    assert sentence("face_framed_small", "zh") in small.text
    assert 'name="anyway"' in small.text  # never in the way
    aside = adjusted(first, fields | {"x": "0", "y": "0", "height": "150"}, FRAGMENT)
    assert sentence("face_no_face", "zh") in aside.text
    assert adjusted(first, fields | {"x": "word"}, FRAGMENT).status_code == 422
    assert first.client.get(first.at + "/crop").status_code == 405


def test_only_an_unlocked_tablet_judges_a_frame(first: Applicant):
    first.photograph("headshot", head())
    fields = crop_fields(first)
    assert first.scene.client(unlocked=False).post(first.at + "/crop", data=fields).location.startswith("/unlock")


def test_a_headshot_that_lies_on_its_side_comes_upright(first: Applicant):
    lying = Image.open(io.BytesIO(head())).rotate(-90, expand=True)
    first.photograph("headshot", jpeg(lying))
    fields = crop_fields(first)
    assert fields["angle"] == "90.0" and "找到臉了" in first.client.get(first.at).text
    assert first.client.post(first.at, data=fields).status_code == 303
    result = np.asarray(Image.open(io.BytesIO(clear(first, first.photos()[0], "result"))).convert("L")).astype(float)
    upright = np.asarray(Image.open(io.BytesIO(head())).convert("L")).astype(float)
    assert upright[:40].mean() == pytest.approx(result[:40].mean(), abs=25)
