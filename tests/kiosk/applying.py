"""Applicants for tests: pictures of a head, a cover and pages, and somebody who answers question after question."""

from __future__ import annotations

import io
import re
from datetime import date
from functools import lru_cache

from PIL import Image

from center.sample import desk, pages, portraits
from kiosk.store import drafts
from tests.kiosk.scene import Scene

PERSON = {"name": "林秀琴", "birth": "047.08.16", "email": ""}
BOOK = {
    "mode": "totals",
    "book_prefix": "北市志",
    "book_number": "043871",
    "first_day": "112.11.01",
    "last_day": "115.10.31",
    "hours": "318.5",
    "category": "ordinary",
}


def jpeg(picture: Image.Image, **more) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, **more)
    return out.getvalue()


@lru_cache
def head() -> bytes:
    """A person before a wall."""
    return jpeg(portraits.draw(3, (720, 960), zoom=0.7))


@lru_cache
def cover() -> bytes:
    """The book's cover on a table."""
    made = pages.cover("林秀琴", "北市志", "043871", "臺北市政府社會局", issued_on=date(2023, 10, 1))
    return jpeg(desk.on_desk(made, size=(900, 1200))[0])


@lru_cache
def inside(number: int = 1) -> bytes:
    """An inside page on a table."""
    day = date(2023, 11, number)
    row = pages.BookRow(day, day, "導覽", "展場導覽", 5, "花博", "王")
    return jpeg(desk.on_desk(pages.page([row] * 8, number=number), size=(900, 1200))[0])


@lru_cache
def nothing() -> bytes:
    """A grey surface: no outline, no face."""
    return jpeg(Image.new("RGB", (1000, 800), (120, 120, 120)))


class Applicant:
    """One application at one kiosk, answered through its pages."""

    def __init__(self, scene: Scene, kind: str = "first") -> None:
        self.scene = scene
        self.client = scene.client()
        begun = self.client.post("/apply/new", data={"kind": kind})
        assert begun.status_code == 303
        self.id = begun.location.split("/")[2]
        self.at = begun.location

    def url(self, step: str) -> str:
        return f"/apply/{self.id}/{step}"

    def get(self, step: str, **more):
        return self.client.get(self.url(step), **more)

    def post(self, step: str, **more):
        answer = self.client.post(self.url(step), **more)
        if answer.status_code == 303:
            self.at = answer.location
        return answer

    def say(self, step: str, **fields: str):
        return self.post(step, data=fields)

    def photograph(self, slot: str, picture: bytes, name: str = "photo.jpg", **more):
        return self.post(f"take/{slot}", data={"photo": (io.BytesIO(picture), name)}, **more)

    def identify(self) -> None:
        assert self.say("identity", document="id", number="A223456781", twin_seen="yes").status_code == 303
        assert self.say("person", **PERSON).status_code == 303

    def show_face(self) -> None:
        assert self.photograph("headshot", head()).status_code == 303
        stage = self.client.get(self.at).text
        names = ("x", "y", "height", "angle")
        fields = {name: re.search(rf'name="{name}" value="([^"]+)"', stage)[1] for name in names}
        assert self.client.post(self.at, data=fields | {"anyway": "yes"}).status_code == 303

    def show_book(self, inside_pages: int = 1) -> None:
        assert self.photograph("cover", cover()).status_code == 303
        for number in range(1, inside_pages + 1):
            assert self.photograph("page", inside(number)).status_code == 303
        assert self.post("book_photos").status_code == 303

    def fill(self) -> Applicant:
        """Everything up to the check page."""
        self.identify()
        self.show_face()
        self.show_book()
        assert self.say("book", **BOOK).status_code == 303
        assert self.post("verdict").status_code == 303
        assert self.post("consent").status_code == 303
        assert self.at == self.url("check")
        return self

    def draft(self):
        with self.scene.store.read() as db:
            return drafts.find(db, self.id)

    def answers(self):
        return self.draft().answers

    def photos(self):
        with self.scene.store.read() as db:
            return drafts.photos(db, self.id)
