"""A round between a real kiosk's store and a real center on loopback, the line whole, broken and mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from center.store.tables import application, blob, dedup
from honorcard.problems import ProblemError
from sync import outbox
from sync.outbox import rows
from tests.sync.loopback import Center, CuttingLine, Kiosk


def test_what_was_submitted_without_a_line_drains_once_it_is_back(center: Center, kiosk: Kiosk) -> None:
    center.close()
    ids = [kiosk.draft(pages=2) for _ in range(3)]
    receipts = {application_id: kiosk.submit(application_id).receipt for application_id in ids}
    kiosk.step()
    facts = kiosk.facts()
    assert (facts.unsent, facts.line, facts.photos_left) == (3, "no_line", 12)

    center.serve()
    kiosk.sync()
    assert center.count(application) == 3
    assert center.count(blob) == 12
    for application_id in ids:
        assert center.case(application_id).receipt == receipts[application_id]
        assert center.photo_states(application_id) == {"stored"}
    assert kiosk.facts().line == "good"

    center.worker.step()
    kiosk.step()
    for application_id in ids:
        assert center.case(application_id).state == "first_review"
        assert center.moves(application_id) == ["submitted", "completed"]
        assert kiosk.sent(application_id).state == "first_review"


def test_the_record_is_there_before_its_photographs(center: Center, kiosk: Kiosk, tmp_path: Path) -> None:
    line = CuttingLine(center.port)
    other = Kiosk(tmp_path / "other")
    other.enrol(center, line.url)
    application_id = other.draft(weight=400_000)
    other.submit(application_id)
    line.budget = 60_000  # enough for the record, not for a photograph
    other.step()
    assert center.case(application_id).state == "incomplete"
    assert center.photo_states(application_id) == {"awaited"}
    assert other.sent(application_id).state == "incomplete"
    assert other.facts().unsent == 1
    line.budget = None
    other.sync()
    assert center.photo_states(application_id) == {"stored"}
    line.close()


@pytest.mark.parametrize("cut", [300, 2_000, 9_000, 40_000, 150_000, 290_000])
def test_a_line_cut_again_and_again_doubles_nothing_and_loses_nothing(center: Center, tmp_path: Path, cut: int) -> None:
    line = CuttingLine(center.port)
    kiosk = Kiosk(tmp_path / "other")
    kiosk.enrol(center, line.url)
    ids = [kiosk.draft(weight=120_000) for _ in range(2)]
    for application_id in ids:
        kiosk.submit(application_id)
    for _ in range(4):
        line.budget = cut
        kiosk.step()
    line.budget = None
    for _ in range(2):
        line.reply_budget = 120  # the request arrives, its answer does not
        kiosk.step()
    line.reply_budget = None
    kiosk.sync()
    assert center.count(application) == 2
    assert center.count(dedup) == 2
    assert center.count(blob) == 6
    assert all(center.photo_states(application_id) == {"stored"} for application_id in ids)
    line.close()


def test_a_photograph_goes_on_where_the_line_broke(center: Center, tmp_path: Path) -> None:
    line = CuttingLine(center.port)
    kiosk = Kiosk(tmp_path / "other")
    kiosk.enrol(center, line.url)
    application_id = kiosk.draft(weight=900_000)
    kiosk.submit(application_id)
    size = sum(row[0] for row in kiosk.rows("SELECT size FROM blob"))
    assert size > 1_200_000
    for _ in range(6):
        line.budget = 400_000
        kiosk.step()
    line.budget = None
    kiosk.sync()
    # six breaks: at most one chunk (128 KiB) is sent again after each
    assert line.carried < size + 6 * 131_072 + 300_000
    center.worker.step()
    assert center.case(application_id).state == "first_review"
    line.close()


def test_an_operation_damaged_on_the_disk_is_quarantined_and_the_others_go(center: Center, kiosk: Kiosk) -> None:
    ids = [kiosk.draft() for _ in range(3)]
    for application_id in ids:
        kiosk.submit(application_id)
    with kiosk.store.write() as db:
        body = bytearray(db.conn.execute("SELECT body FROM op_log WHERE seq = 2").fetchone()[0])
        body[100] ^= 1
        db.conn.execute("UPDATE op_log SET body = ? WHERE seq = 2", (bytes(body),))
    kiosk.step()
    kiosk.step()
    assert [row[0] for row in kiosk.rows("SELECT state FROM op_log ORDER BY seq")] == [
        "accepted", "quarantined", "accepted",
    ]  # fmt: skip
    assert center.case(ids[1]) is None
    assert center.case(ids[0]) is not None
    assert center.case(ids[2]) is not None


def test_a_photograph_damaged_on_the_disk_is_not_sent_and_the_others_go(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    first = sorted(path for path in kiosk.settings.blobs_dir.rglob("*") if path.is_file())[0]
    content = bytearray(first.read_bytes())
    content[7] ^= 0x40
    first.write_bytes(bytes(content))
    kiosk.step()
    assert center.count(blob) == 2
    assert kiosk.rows("SELECT count(*) FROM blob WHERE state = 'quarantined'") == [(1,)]


def test_a_photograph_that_cannot_be_read_just_now_is_sent_later(center: Center, kiosk: Kiosk) -> None:
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    first = sorted(path for path in kiosk.settings.blobs_dir.rglob("*") if path.is_file())[0]
    aside = first.rename(first.with_name("aside"))
    first.symlink_to(first)  # the system answers with an error, as it does with no handle left or a disk in trouble
    kiosk.step()
    assert center.count(blob) == 2
    assert kiosk.facts().photos_left == 1
    first.unlink()
    aside.rename(first)
    kiosk.sync()
    assert center.photo_states(application_id) == {"stored"}


@pytest.mark.parametrize("said", ["0", "999999999"])
def test_a_center_whose_offset_makes_no_sense_holds_up_no_round(center: Center, kiosk: Kiosk, said: str) -> None:
    application_id = kiosk.draft(weight=300_000)
    kiosk.submit(application_id)
    center.close()

    def senseless(environ, start):
        def again(status, headers, *more):
            if environ["REQUEST_METHOD"] == "PATCH" and status.startswith("204"):
                headers = [(name, said if name == "Upload-Offset" else value) for name, value in headers]
            return start(status, headers, *more)

        return center.app(environ, again)

    center.serve(senseless)
    kiosk.step()
    assert kiosk.rows("SELECT count(*) FROM blob WHERE tries > 0") == [(3,)]
    center.close()
    center.serve()
    kiosk.sync()
    assert center.photo_states(application_id) == {"stored"}


@pytest.mark.parametrize("fault", ["too large", "malformed"])
def test_an_operation_that_the_center_cannot_take_at_all_does_not_hold_up_the_others(
    center: Center, kiosk: Kiosk, fault: str
) -> None:
    before = kiosk.draft()
    kiosk.submit(before)
    with kiosk.store.write() as db:
        bad = outbox.put(
            db,
            kind="card.print_ack",
            entity_id="x" * 36,
            base_rev=None,
            body=bytes(3 * 2**20) if fault == "too large" else b"x",
        )
        if fault == "malformed":
            row = next(iter(db.query("SELECT * FROM op_log WHERE seq = ?", [bad]))) | {"op_id": "not-an-id"}
            db.conn.execute("UPDATE op_log SET op_id = 'not-an-id', hash = ? WHERE seq = ?", (rows.chained(row), bad))
    after = kiosk.draft()
    kiosk.submit(after)
    kiosk.step()
    assert center.case(before) is not None
    assert center.case(after) is not None
    assert kiosk.rows("SELECT state, tries FROM op_log WHERE seq = ?", bad) == [("pending", 1)]


def test_a_center_that_answers_500_loses_nothing(center: Center, kiosk: Kiosk) -> None:
    center.close()

    def broken(environ, start):
        environ["wsgi.input"].read()
        start("500 INTERNAL SERVER ERROR", [("Content-Type", "text/plain")])
        return [b"oh"]

    center.serve(broken)
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    pause = kiosk.step()
    assert pause >= 0
    assert kiosk.sent(application_id).state == "waiting"
    assert kiosk.facts().unsent == 1
    assert kiosk.facts().line == "no_line"
    center.close()
    center.serve()
    kiosk.sync()
    assert center.case(application_id) is not None


def test_a_sign_in_page_of_a_hotel_is_no_line(center: Center, kiosk: Kiosk) -> None:
    center.close()

    def hotel(environ, start):
        environ["wsgi.input"].read()
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Welcome, please sign in</html>"]

    center.serve(hotel)
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    kiosk.step()
    assert kiosk.sent(application_id).state == "waiting"
    assert kiosk.facts().line == "no_line"


def test_a_restored_center_is_offered_everything_again(center: Center, kiosk: Kiosk) -> None:
    ids = [kiosk.draft() for _ in range(2)]
    for application_id in ids:
        kiosk.submit(application_id)
    kiosk.sync()
    center.worker.step()
    kiosk.step()
    center.restore_to_nothing()
    assert center.count(application) == 0
    kiosk.step()
    kiosk.sync()
    assert center.count(application) == 2
    assert all(center.photo_states(application_id) == {"stored"} for application_id in ids)
    center.worker.step()
    kiosk.step()
    assert {kiosk.sent(application_id).state for application_id in ids} == {"first_review"}


def test_more_than_one_batch_goes_in_one_round(center: Center, kiosk: Kiosk) -> None:
    from sync import outbox, wire
    from sync.seal import seal

    with kiosk.store.write() as db:
        from kiosk.store import syncing

        key = syncing.membership(db).center_seal_key
        for n in range(120):
            ack = wire.PrintAck(application_id=f"{n:036d}", number="11500001", how="pdf")
            outbox.put(
                db, kind="card.print_ack", entity_id=ack.application_id, base_rev=None,
                body=seal(wire.encode(ack), key, "body"),
            )  # fmt: skip
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    kiosk.step()
    # acknowledgements of cases nobody knows wait for later; the application behind them is through
    assert center.case(application_id) is not None
    assert kiosk.rows("SELECT count(*) FROM op_log WHERE state = 'pending'") == [(120,)]


def test_a_tablet_that_was_disabled_sends_what_it_has_and_takes_no_more(center: Center, kiosk: Kiosk) -> None:
    from center.store import devices

    with center.store.write() as conn:
        devices.disable(conn, kiosk.device_id, 1)
    application_id, begun = kiosk.draft(), kiosk.draft()
    kiosk.submit(application_id)
    kiosk.sync()
    assert center.photo_states(application_id) == {"stored"}
    assert "from_disabled_tablet" in center.case(application_id).flags
    with pytest.raises(ProblemError, match="device_disabled"):
        kiosk.submit(begun)


def test_a_wall_clock_years_off_is_set_right_by_the_center(center: Center, kiosk: Kiosk, monkeypatch) -> None:
    monkeypatch.setattr("kiosk.enrolment.CenterClock.now_ms", _wrong_until_corrected)
    application_id = kiosk.draft()
    kiosk.submit(application_id)
    kiosk.step()
    assert center.case(application_id) is not None


def _wrong_until_corrected(self) -> int:
    return 0 if self._base is None else self._base[0]
