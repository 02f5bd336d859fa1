"""Two center processes on one PostgreSQL: whichever a request reaches, it is one center."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import func, select

from center import keyring, photostore
from center.store import accounts, cases
from center.store.tables import account, application, application_photo, card, dedup, feed, history, issue_log
from sync import uploads as tus
from sync import wire
from sync.device import sign
from tests.center.signing import Tablet, application_body, photos_of
from tests.center.two import HOST, Two, two_centers
from tests.sync.loopback import PEOPLE

PASSWORD = "kite-river-stone"
NUMBERS = ("A123456789", "B223456786", "F131104093", "A223456781")


@pytest.fixture(scope="module")
def two(cluster_of_the_session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder: Path = tmp_path_factory.mktemp("two") / "center"
    url = cluster_of_the_session.fresh()
    with two_centers(folder, url) as running:
        yield running
    cluster_of_the_session.drop(url)


class Line:
    """A tablet that asks one of the two by name, as the proxy would."""

    def __init__(self, two: Two) -> None:
        self.two = two
        nobody: Any = SimpleNamespace(test_client=lambda: None)
        self.tablet = Tablet(nobody, two.store, keyring.sealing_public(two.settings), two.unit_id)
        self.http = [httpx.Client(base_url=url, timeout=60) for url in two.urls]

    def ask(self, which: int, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        request = SimpleNamespace(method=method, url=f"http://{HOST}{path}", headers={})
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        sign(request, self.tablet.keys.sign, self.tablet.device_id, now_ms, body)
        sent = {**request.headers, "Host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http[which].request(method, path, content=body, headers=sent)

    def push(self, which: int, ops: tuple[wire.Op, ...]) -> wire.PushAnswer:
        message = wire.Push(proto=wire.PROTO, device_id=self.tablet.device_id, dev_epoch="epoch-1", ops=ops)
        answer = self.ask(which, "POST", "/v1/ops", wire.encode(message), Content_Type="application/json")
        assert answer.status_code == 200, answer.text
        return wire.decode(wire.PushAnswer, answer.content)


@pytest.fixture
def line(two: Two) -> Line:
    return Line(two)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Does all of it at the same moment; gives what each gave."""
    start = threading.Barrier(len(works))

    def go(work: Callable[[], Any]) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as hands:
        return list(hands.map(go, works))


def count(two: Two, table: Any, *where: Any) -> int:
    with two.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.05)


def test_one_batch_to_both_at_once_has_one_effect(two: Two, line: Line) -> None:
    for turn in range(4):
        bodies = [application_body(photos_of(line.tablet, f"batch {turn} {n}")[0]) for n in range(3)]
        ops = tuple(line.tablet.op(turn * 3 + n + 1, body) for n, body in enumerate(bodies))
        answers = at_once(*[lambda which=which, ops=ops: line.push(which, ops) for which in (0, 1, 0, 1)])
        seen = Counter(result.status for answer in answers for result in answer.results)
        assert seen == {"applied": 3, "duplicate": 9}
        assert {answer.contiguous_through for answer in answers} == {turn * 3 + 3}
        for body in bodies:
            assert (
                count(two, history, history.c.application_id == body.application_id, history.c.move == "submitted") == 1
            )
    assert count(two, dedup, dedup.c.device_id == line.tablet.device_id) == 12
    assert len({answer.server_epoch for answer in answers}) == 1


def test_chunks_of_one_photograph_may_go_to_either_in_turn(two: Two, line: Line) -> None:
    photos, contents = photos_of(line.tablet, "in turn", pages=2)
    body = application_body(photos)
    line.push(0, (line.tablet.op(1, body),))
    which = 0
    for address, content in contents.items():
        meta = tus.metadata({"sha256": address})
        begun = line.ask(which, "POST", "/v1/uploads", b"", Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
                         Upload_Metadata=meta)  # fmt: skip
        assert begun.status_code == 201, begun.text
        url = begun.headers["Location"]
        for at in range(0, len(content), 900):
            which = 1 - which
            head = line.ask(1 - which, "HEAD", url, Tus_Resumable="1.0.0")
            assert head.headers["Upload-Offset"] == str(at)
            sent = line.ask(which, "PATCH", url, content[at : at + 900], Tus_Resumable="1.0.0", Upload_Offset=str(at),
                            Content_Type=tus.CONTENT_TYPE)  # fmt: skip
            assert sent.status_code == 204, sent.text
        assert photostore.get(two.settings, "sealed", address) == content
    until(lambda: count(two, application_photo, application_photo.c.application_id == body.application_id,
                        application_photo.c.state == "opened") == len(photos))  # fmt: skip
    until(lambda: count(two, application, application.c.application_id == body.application_id,
                        application.c.state == "first_review") == 1)  # fmt: skip
    # both workers saw the row; one has moved it on
    assert count(two, history, history.c.application_id == body.application_id, history.c.move == "completed") == 1
    assert count(two, feed, feed.c.entity_id == body.application_id, feed.c.device_id == line.tablet.device_id) == 2


def test_one_chunk_to_both_at_once_is_kept_once(two: Two, line: Line) -> None:
    photos, contents = photos_of(line.tablet, "twice")
    line.push(0, (line.tablet.op(1, application_body(photos)),))
    address, content = next(iter(contents.items()))
    url = line.ask(0, "POST", "/v1/uploads", b"", Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
                   Upload_Metadata=tus.metadata({"sha256": address})).headers["Location"]  # fmt: skip
    for at in range(0, len(content), 1500):
        chunk = content[at : at + 1500]
        answers = at_once(*[
            lambda which=which, at=at, chunk=chunk: line.ask(
                which, "PATCH", url, chunk, Tus_Resumable="1.0.0", Upload_Offset=str(at), Content_Type=tus.CONTENT_TYPE
            ).status_code
            for which in (0, 1)
        ])  # fmt: skip
        assert sorted(answers) == [204, 409]
    assert photostore.get(two.settings, "sealed", address) == content


def people(two: Two) -> dict[str, str]:
    with two.store.write() as conn:
        there = {row.name: row.account_id for row in conn.execute(select(account.c.name, account.c.account_id))}
        wanted = {"first": "first_reviewer", "second": "second_reviewer", "third": "second_reviewer"}
        return {
            name: there.get(name) or accounts.add(conn, name, name, role, None, PASSWORD)
            for name, role in wanted.items()
        }


class Browser:
    """Somebody's browser; the proxy sends each request to either."""

    def __init__(self, two: Two, which: int) -> None:
        self.urls, self.http, self.which = two.urls, httpx.Client(timeout=120), which

    def get(self, path: str, which: int | None = None) -> httpx.Response:
        return self.http.get(self.urls[self.which if which is None else which] + path, headers={"Host": HOST})

    def post(self, path: str, data: dict[str, str], see: str, which: int | None = None) -> httpx.Response:
        page = self.get(see).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(r'"X-CSRFToken": "([^"]+)"', page)
        assert token, page[:300]
        url = self.urls[self.which if which is None else which]
        return self.http.post(url + path, data={"csrf_token": token[1], **data}, headers={"Host": HOST})


def test_a_session_begun_at_one_holds_at_the_other(two: Two) -> None:
    people(two)
    browser = Browser(two, 0)
    # the form comes from one process and is sent to the other
    answer = browser.post("/sign-in", {"name": "first", "password": PASSWORD}, see="/sign-in", which=1)
    assert answer.status_code == 303, answer.text[:300]
    for which in (0, 1, 0, 1):
        assert browser.get("/desk/first", which).status_code == 200


def test_a_lock_after_wrong_passwords_counts_at_both(two: Two) -> None:
    with two.store.write() as conn:
        accounts.add(conn, "locked", "locked", "auditor", None, PASSWORD)
    browser = Browser(two, 0)
    for turn in range(accounts.TRIES):
        answer = browser.post("/sign-in", {"name": "locked", "password": "wrong"}, see="/sign-in", which=turn % 2)
        assert answer.status_code == 401
    for which in (0, 1):
        answer = browser.post("/sign-in", {"name": "locked", "password": PASSWORD}, see="/sign-in", which=which)
        assert answer.status_code == 401


def test_cards_issued_at_both_at_once_have_numbers_of_their_own(two: Two, line: Line) -> None:
    ids = people(two)
    issued = []
    for n, number in enumerate(NUMBERS):
        photos, contents = photos_of(line.tablet, f"card {n}")
        body = application_body(photos, identity_number=number, name=PEOPLE[n % 3][0])
        line.push(n % 2, (line.tablet.op(n + 1, body),))
        for address, content in contents.items():
            sent = line.ask(
                n % 2, "POST", "/v1/uploads", content, Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
                Upload_Metadata=tus.metadata({"sha256": address}), Content_Type=tus.CONTENT_TYPE,
            )  # fmt: skip
            assert sent.status_code == 201
        issued.append(body.application_id)
    mine = application.c.application_id.in_(issued)
    until(lambda: count(two, application, mine, application.c.state == "first_review") == len(issued))
    with two.store.write() as conn:
        for application_id in issued:
            case = cases.find(conn, application_id)
            assert case is not None
            cases.move(conn, case, state="second_review", first=ids["first"], now_ms=1)
    browsers = [Browser(two, 0), Browser(two, 1)]
    for name, browser in zip(("second", "third"), browsers, strict=True):
        assert browser.post("/sign-in", {"name": name, "password": PASSWORD}, see="/sign-in").status_code == 303

    def approve(browser: Browser, which: list[str]) -> list[int]:
        said = []
        for application_id in which:
            rev = re.search(r'name="rev" value="(\d+)"', browser.get(f"/desk/case/{application_id}").text)
            form = {"rev": rev[1] if rev else "0", "text": "已電話確認"}
            said.append(browser.post(f"/desk/case/{application_id}/approve", form, see="/decide").status_code)
        return said

    # both reviewers approve all of them, from the two ends: each case is decided once
    said = at_once(lambda: approve(browsers[0], issued), lambda: approve(browsers[1], issued[::-1]))
    assert all(status < 500 for one in said for status in one), said
    with two.store.read() as conn:
        made = conn.execute(
            select(card.c.seq, card.c.serial, card.c.application_id).where(card.c.application_id.in_(issued))
        ).all()
        seqs = sorted(row.seq for row in made)
        signed = sorted(conn.execute(select(issue_log.c.seq)).scalars())
    assert sorted(row.application_id for row in made) == sorted(issued)
    assert seqs == list(range(seqs[0], seqs[0] + len(issued)))
    assert sorted(row.serial for row in made) == list(range(1, len(issued) + 1))
    assert signed == seqs


def test_when_one_is_killed_the_other_goes_on(two: Two, line: Line) -> None:
    photos, contents = photos_of(line.tablet, "killed")
    body = application_body(photos)
    line.push(1, (line.tablet.op(1, body),))
    two.kill(1)
    answer = line.push(0, (line.tablet.op(2, msgspec.structs.replace(body, application_id=body.application_id[::-1])),))
    assert [result.status for result in answer.results] in (["applied"], ["rejected"])
    for address, content in contents.items():
        sent = line.ask(
            0, "POST", "/v1/uploads", content, Tus_Resumable="1.0.0", Upload_Length=str(len(content)),
            Upload_Metadata=tus.metadata({"sha256": address}), Content_Type=tus.CONTENT_TYPE,
        )  # fmt: skip
        assert sent.status_code == 201
    until(lambda: count(two, application, application.c.application_id == body.application_id,
                        application.c.state == "first_review") == 1)  # fmt: skip


@pytest.mark.parametrize(("on", "workers"), [("sqlite", 1), ("postgresql", 2)])
def test_a_center_has_as_many_processes_as_asked_for_where_its_database_bears_them(
    on: str, workers: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "" if on == "sqlite" else request.getfixturevalue("cluster_of_the_session").fresh()
    with two_centers(tmp_path / "center", url, count=1, more=("--processes", "2")) as running:
        server = running.processes[0].pid
        found = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        of_ours = [pid for pid in found if "resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_text()]
    assert len(of_ours) == workers
