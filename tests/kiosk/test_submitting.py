"""From draft to application: one write, nothing readable left, twice is once."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import pytest

from center import keyring
from honorcard.card.receipt import read_receipt
from honorcard.problems import ProblemError
from kiosk import timing
from kiosk.store import drafts
from kiosk.submitting import acknowledge_print, submit
from sync import wire
from sync.seal import open_sealed
from sync.wire import PreviousCard
from tests.sync.loopback import Center, Kiosk, picture, running, whole_answers


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    with running(tmp_path_factory.mktemp("center")) as found:
        yield found


@pytest.fixture
def kiosk(tmp_path: Path, center: Center) -> Kiosk:
    found = Kiosk(tmp_path / "kiosk")
    found.enrol(center)
    return found


def _body(center: Center, kiosk: Kiosk, seq: int = 1) -> wire.ApplicationBody:
    ((sealed,),) = kiosk.rows("SELECT body FROM op_log WHERE seq = ?", seq)
    return wire.decode(wire.ApplicationBody, open_sealed(sealed, keyring.sealing_private(center.settings), "body"))


def test_the_body_says_what_the_draft_said(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft(pages=2, person=0)
    done = kiosk.submit(application_id)
    body = _body(center, kiosk)
    assert read_receipt(done.receipt) == done.receipt == body.receipt
    assert bytes.fromhex(body.slip_secret) == done.slip_secret
    assert len(done.slip_secret) == 16
    assert (body.application_id, body.name, body.identity_number) == (application_id, "王小明", "A123456789")
    assert (body.books[0].prefix, body.books[0].number, body.birth_date) == ("北市動物園", "000123", date(1970, 5, 17))
    assert sum(row.minutes for row in body.rows) == 400 * 60
    assert body.verdict["outcome"] == "pass"
    assert "志工服務" in body.notice
    assert sorted((photo.slot, photo.position) for photo in body.photos) == [
        ("cover", 0), ("headshot", 0), ("page", 1), ("page", 2),
    ]  # fmt: skip
    private = keyring.sealing_private(center.settings)
    for photo in body.photos:
        path = kiosk.settings.blobs_dir / photo.sealed_sha256[:2] / photo.sealed_sha256[2:4] / photo.sealed_sha256
        sealed = path.read_bytes()
        assert (hashlib.sha256(sealed).hexdigest(), len(sealed)) == (photo.sealed_sha256, photo.size)
        assert hashlib.sha256(open_sealed(sealed, private, "photo")).hexdigest() == photo.clear_sha256


def test_afterwards_the_tablet_holds_nothing_readable(kiosk: Kiosk) -> None:
    application_id = kiosk.draft(person=0)
    done = kiosk.submit(application_id)
    with kiosk.store.read() as db:
        assert drafts.find(db, application_id) is None
        everything = [
            value
            for table in ("application", "op_log", "blob", "meta", "inbox", "draft", "draft_photo")
            for row in db.conn.execute(f"SELECT * FROM {table}")
            for value in row
            if value is not None
        ]
    assert kiosk.rows("SELECT masked_name, state FROM application") == [("王○明", "waiting")]
    readable = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in everything)
    for secret in ("王小明", "A123456789", "000123", done.slip_secret.hex()):
        assert secret.encode() not in readable
    assert done.slip_secret not in readable
    assert not [path for path in kiosk.settings.photos_dir.rglob("*") if path.is_file()]
    for path in kiosk.settings.data_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert "王小明".encode() not in content
            assert not content.startswith(b"\xff\xd8")


def test_submitted_twice_it_is_one_application_with_one_receipt(kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    first, second = kiosk.submit(application_id), kiosk.submit(application_id)
    assert (second.receipt, second.slip_secret) == (first.receipt, b"")
    assert kiosk.rows("SELECT count(*) FROM op_log") == [(1,)]
    assert kiosk.rows("SELECT count(*) FROM application") == [(1,)]


def test_a_write_that_fails_leaves_the_draft_as_it_was(kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    before = kiosk.rows("SELECT * FROM draft_photo")
    with kiosk.store.write() as db:
        db.conn.execute("CREATE TRIGGER full BEFORE INSERT ON application BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(Exception, match="disk full"):
        kiosk.submit(application_id)
    assert kiosk.rows("SELECT count(*) FROM op_log") == [(0,)]
    assert kiosk.rows("SELECT count(*) FROM blob") == [(0,)]
    assert kiosk.rows("SELECT * FROM draft_photo") == before
    with kiosk.store.write() as db:
        db.conn.execute("DROP TRIGGER full")
    assert kiosk.submit(application_id).receipt
    assert kiosk.rows("SELECT seq FROM op_log") == [(1,)]


@pytest.mark.parametrize("change", ["answers", "photograph", "thrown away"])
def test_what_another_window_changes_meanwhile_is_neither_lost_nor_sent_unread(
    kiosk: Kiosk, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = kiosk.draft()
    ops_before = kiosk.rows("SELECT count(*) FROM op_log")

    def meanwhile(*_) -> bool:
        """Stands where the sealing takes its time."""
        with kiosk.store.write() as db:
            draft = drafts.find(db, application_id)
            if change == "answers":
                drafts.save(db, application_id, msgspec.structs.replace(draft.answers, email="a@example.tw"), 2)
            elif change == "thrown away":
                drafts.remove(db, application_id)
        if change == "photograph":
            kiosk.photograph(application_id, "page", 2, picture("another page"))
        return False

    with monkeypatch.context() as patched:
        patched.setattr(timing, "is_doubtful", meanwhile)
        with pytest.raises(ProblemError, match="submit_changed"):
            kiosk.submit(application_id)
    assert kiosk.rows("SELECT count(*) FROM op_log") == ops_before
    with kiosk.store.read() as db:
        kept = drafts.find(db, application_id)
        photos = drafts.photos(db, application_id)
    if change == "thrown away":
        assert kept is None
        return
    assert (kept.answers.email, len(photos)) == (("a@example.tw", 3) if change == "answers" else ("", 4))
    assert kiosk.submit(application_id).receipt


def test_nothing_is_taken_where_the_disk_is_nearly_full(kiosk: Kiosk) -> None:
    application_id = kiosk.draft()

    full = replace(kiosk.settings, free_bytes_submit=10**18)
    with pytest.raises(ProblemError, match="disk_low") as told:
        submit(kiosk.store, full, application_id, now=datetime.now(UTC), language="zh")
    assert told.value.details["free_mb"] > 0
    assert kiosk.rows("SELECT count(*) FROM draft") == [(1,)]


def test_a_tablet_that_is_not_enrolled_keeps_its_draft(tmp_path: Path) -> None:
    alone = Kiosk(tmp_path)
    application_id = alone.draft()
    with pytest.raises(ProblemError, match="device_not_enrolled"):
        alone.submit(application_id)
    assert alone.rows("SELECT count(*) FROM draft") == [(1,)]


@pytest.mark.parametrize(
    ("changed", "step"),
    [({"name": ""}, "person"), ({"consent": False}, "consent"), ({"service": None}, "book"), ({"kind": None}, "kind")],
)
def test_an_open_question_stops_it(kiosk: Kiosk, changed: dict, step: str) -> None:
    application_id = kiosk.draft(answers=whole_answers("王小明", "A123456789", **changed))
    with pytest.raises(ProblemError, match="submit_incomplete") as told:
        kiosk.submit(application_id)
    assert told.value.details["step"] == step


def test_a_photograph_that_cannot_be_read_is_named(kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    ((name,),) = kiosk.rows("SELECT result FROM draft_photo WHERE slot = 'page'")
    (kiosk.settings.photos_dir / name).unlink()
    with pytest.raises(ProblemError, match="photo_lost") as told:
        kiosk.submit(application_id)
    assert told.value.details["place"] == "page-1"


def test_a_renewal_carries_the_card_it_replaces(center: Center, kiosk: Kiosk) -> None:
    previous = PreviousCard(valid_until=date(2026, 11, 30), source="qr", seq=100_007, number="11200007")
    answers = whole_answers("王小明", "A123456789", kind="renewal", previous=previous)
    kiosk.submit(kiosk.draft(answers=answers))
    body = _body(center, kiosk)
    assert body.previous == wire.PreviousCard(
        valid_until=date(2026, 11, 30), source="qr", seq=100_007, number="11200007"
    )
    assert body.kind == "renewal"


def test_a_print_is_told_to_the_center_sealed(center: Center, kiosk: Kiosk) -> None:
    ack = wire.PrintAck(application_id="a" * 36, number="11500001", how="ipp")
    with kiosk.store.write() as db:
        acknowledge_print(db, ack)
    ((kind, entity, sealed),) = kiosk.rows("SELECT kind, entity_id, body FROM op_log")
    assert (kind, entity) == ("card.print_ack", "a" * 36)
    key = keyring.sealing_private(center.settings)
    assert wire.decode(wire.PrintAck, open_sealed(sealed, key, "body")) == ack
