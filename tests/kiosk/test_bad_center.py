"""A center in trouble, or something else in its place: the tablet goes on taking applications, says there is no line,
and when the trouble is gone everything arrives once.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from center.store.tables import application
from tests.small_disk import small_disk
from tests.sync.loopback import Center, Kiosk, running


def _answers(status: str, body: bytes, kind: str = "text/html", **more: str) -> Callable:
    def app(environ, start_response):
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(status, headers + [(name.replace("_", "-"), value) for name, value in more.items()])
        return [body]

    return app


IN_ITS_PLACE = {
    "500": _answers("500 Internal Server Error", b"Internal Server Error"),
    "502 of a proxy": _answers("502 Bad Gateway", b"<html><h1>502</h1></html>"),
    "503 for an hour": _answers("503 Service Unavailable", b"", Retry_After="0"),
    "429": _answers("429 Too Many Requests", b"", Retry_After="0"),
    "a hotel's welcome page": _answers("200 OK", b"<html>Please accept our terms</html>"),
    "a redirect to a log-in": _answers("302 Found", b"", Location="http://127.0.0.1:9/login"),
    "an empty 200": _answers("200 OK", b"", "application/json"),
    "other JSON": _answers("200 OK", json.dumps({"results": [{"op_id": "?", "state": "accepted"}]}).encode()),
    "404 for everything": _answers("404 Not Found", b"{}", "application/problem+json"),
    "422 from a proxy": _answers("422 Unprocessable Content", b"blocked"),
    "413": _answers("413 Content Too Large", b"too large"),
}


@pytest.mark.parametrize("trouble", IN_ITS_PLACE)
def test_what_stands_in_the_centers_place_delays_and_loses_nothing(center: Center, kiosk: Kiosk, trouble: str):
    kiosk.step()
    assert kiosk.facts().line == "good"
    first = kiosk.submit(kiosk.draft(person=0)).application_id
    center.close()
    center.serve(IN_ITS_PLACE[trouble])
    for _ in range(3):
        kiosk.step()
    second = kiosk.submit(kiosk.draft(person=1)).application_id  # the counter goes on
    for _ in range(2):
        kiosk.step()
    assert (kiosk.facts().unsent, kiosk.facts().line) == (2, "no_line")
    assert {state for (state,) in kiosk.rows("SELECT state FROM op_log")} == {"pending"}
    assert kiosk.app.test_client().get("/", base_url="http://localhost").status_code == 200
    center.close()
    center.serve()
    kiosk.sync()
    assert center.count(application) == 2
    for application_id in (first, second):
        assert center.photo_states(application_id) == {"stored"}


@pytest.mark.parametrize("after", range(0, 14, 2))
def test_trouble_that_begins_in_the_middle_doubles_nothing(center: Center, kiosk: Kiosk, after: int):
    """The center does its work and then fails: half of the answers never leave it."""
    for person in range(2):
        kiosk.submit(kiosk.draft(person=person))
    asked = 0

    def failing(environ, start_response):
        nonlocal asked
        asked += 1
        if asked <= after:
            return center.app(environ, start_response)
        body = io.BytesIO(b"".join(center.app(environ, lambda *_: None)))  # done, and then
        body.close()
        start_response("500 Internal Server Error", [("Content-Length", "0")])
        return [b""]

    center.close()
    center.serve(failing)
    for _ in range(4):
        kiosk.step()
    center.close()
    center.serve()
    kiosk.sync()
    assert center.count(application) == 2
    assert kiosk.facts().photos_left == 0
    assert kiosk.rows("SELECT DISTINCT state FROM op_log") in ([("accepted",)], [("durable",)])


def test_a_center_whose_disk_is_full_gets_everything_once_there_is_room(tmp_path: Path):
    with small_disk(tmp_path / "disk") as disk, running(tmp_path / "disk" / "center") as center:
        kiosk = Kiosk(tmp_path / "kiosk")
        kiosk.enrol(center)
        sent = [kiosk.submit(kiosk.draft(person=person, weight=60_000)).application_id for person in range(2)]
        disk.fill()
        for _ in range(4):
            kiosk.step()
        assert kiosk.facts().unsent == 2
        disk.free()
        kiosk.sync()
        assert center.count(application) == 2
        assert [center.photo_states(application_id) for application_id in sent] == [{"stored"}] * 2
        assert kiosk.facts().photos_left == 0
