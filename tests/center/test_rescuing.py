"""A tablet's sealed queue carried to the center by hand: once, twice, damaged, to the wrong center; then the line comes back."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from center import rescuing
from center.store import devices
from center.store.tables import application, blob, dedup
from honorcard.problems import ProblemError
from kiosk import rescuing as kiosk_rescuing
from sync import rescue
from sync.device import DeviceKeys
from tests.sync.loopback import Center, Kiosk, running


def saved(kiosk: Kiosk) -> bytes:
    """The rescue file of the tablet."""
    made = kiosk_rescuing.prepare(kiosk.store, kiosk.settings, datetime.now(UTC))
    content = b"".join(made.pieces())
    assert len(content) == made.size
    return content


def bring(center: Center, content: bytes) -> rescuing.Outcome:
    return rescuing.take(center.store, center.settings, io.BytesIO(content), "chief", datetime.now(UTC))


def filled(kiosk: Kiosk, n: int = 3) -> list[str]:
    ids = [kiosk.draft() for _ in range(n)]
    for application_id in ids:
        kiosk.submit(application_id)
    return ids


def test_a_file_brought_twice_and_then_the_line_double_nothing(center: Center, kiosk: Kiosk) -> None:
    center.close()
    ids = filled(kiosk)
    content = saved(kiosk)
    first = bring(center, content)
    assert (first.taken, first.known, first.photos, first.whole) == (3, 0, 9, True)
    second = bring(center, content)
    assert (second.taken, second.known, second.photos, second.photos_known) == (0, 3, 0, 9)
    center.worker.step()
    assert [center.case(found).state for found in ids] == ["first_review"] * 3
    assert center.moves(ids[0])[:2] == ["submitted", "rescued"]

    center.serve()
    kiosk.sync()
    assert center.count(application) == center.count(dedup) == 3
    assert center.count(blob) == 9
    assert kiosk.rows("SELECT DISTINCT state FROM op_log") == [("accepted",)]
    kiosk.step()
    assert [kiosk.sent(found).state for found in ids] == ["first_review"] * 3


def test_a_file_brought_after_the_line_came_back_is_known_already(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk)
    content = saved(kiosk)
    kiosk.sync()
    found = bring(center, content)
    assert (found.taken, found.known, found.photos_known) == (0, 3, 9)


def test_a_center_that_lost_what_it_had_gets_it_back_from_the_file(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk)
    kiosk.sync()
    center.restore_to_nothing()
    found = bring(center, saved(kiosk))  # what was accepted is on the tablet still
    assert (found.taken, found.photos) == (3, 9)
    assert center.count(application) == 3


def test_a_disabled_tablet_s_file_is_taken_and_its_cases_say_so(center: Center, kiosk: Kiosk) -> None:
    (application_id,) = filled(kiosk, 1)
    with center.store.write() as conn:
        devices.disable(conn, kiosk.device_id, 1)
    assert bring(center, saved(kiosk)).taken == 1
    kiosk.sync()  # and then the line comes back: it is the same fact, said once
    flags = msgspec.json.decode(center.case(application_id).flags, type=list[str])
    assert flags.count("from_disabled_tablet") == 1


def test_a_foreign_center_takes_nothing(center: Center, kiosk: Kiosk, tmp_path: Path) -> None:
    filled(kiosk, 1)
    with running(tmp_path / "other") as other:
        with pytest.raises(ProblemError) as told:
            bring(other, saved(kiosk))
        assert told.value.code == "rescue_foreign"
        assert other.count(application) == 0


def test_a_file_that_another_tablet_signed_takes_nothing(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk, 1)
    DeviceKeys.generate().save(kiosk.settings.key_file.parent)
    with pytest.raises(ProblemError) as told:
        bring(center, saved(kiosk))
    assert told.value.code == "rescue_unsigned"
    assert center.count(application) == 0


@pytest.mark.parametrize("content", [b"", b"HCRESQ1\n", b"PK\x03\x04" + bytes(4000), bytes(10)])
def test_another_file_is_refused_in_words(center: Center, content: bytes) -> None:
    with pytest.raises(ProblemError) as told:
        bring(center, content)
    assert told.value.code == "rescue_unreadable"


def test_a_file_cut_off_gives_what_is_whole_and_says_what_is_missing(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk)
    content = saved(kiosk)
    half = bring(center, content[: len(content) // 2])
    assert half.taken == 3  # operations come first
    assert 0 < half.photos < 9
    assert half.photos + half.photos_damaged == 9
    assert not half.whole
    whole = bring(center, content)
    assert (whole.known, whole.photos, whole.photos_known, whole.whole) == (3, half.photos_damaged, half.photos, True)


@pytest.mark.parametrize("seed", range(3))
def test_one_bit_anywhere_costs_no_more_than_the_one_piece_it_is_in(center: Center, kiosk: Kiosk, seed: int) -> None:
    filled(kiosk, 2)
    content = bytearray(saved(kiosk))
    random.seed(seed)
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    found = bring(center, bytes(content))
    assert found.taken + found.damaged == 2
    assert found.damaged + found.photos_damaged <= 1
    again = bring(center, saved(kiosk))  # the sound file brings the rest
    assert again.whole
    assert center.count(application) == 2 and center.count(blob) == 6


def test_either_end_may_be_damaged(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk, 1)
    content = saved(kiosk)
    assert bring(center, bytes(200) + content[200:]).whole
    assert bring(center, content[:-200]).whole


def test_photographs_nobody_named_are_not_kept(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk, 1)
    content = bytearray(saved(kiosk))
    reader = rescue.Reader(io.BytesIO(bytes(content)))
    at = bytes(content).index(b'{"op":')  # the one operation is damaged, its photographs are whole
    content[at + 50] ^= 1
    assert [entry.kind for entry in reader.head.entries] == ["op", "blob", "blob", "blob"]
    found = bring(center, bytes(content))
    assert (found.damaged, found.photos, found.photos_refused) == (1, 0, 3)
    assert center.count(blob) == 0


def test_what_is_damaged_on_the_tablet_is_counted_and_the_rest_saved(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk, 2)
    with kiosk.store.write() as db:
        db.conn.execute("UPDATE op_log SET body = x'00' WHERE seq = 1")
    victim = sorted(path for path in kiosk.settings.blobs_dir.rglob("*") if path.is_file())[0]
    found_at = {
        row[0]
        for row in kiosk.rows("SELECT lower(n.value) FROM op_log AS o, json_each(o.needs_blobs) AS n WHERE seq = 2")
    }
    victim.unlink()
    found = bring(center, saved(kiosk))
    assert found.taken == 1
    assert found.left_out == 1 + (victim.name in found_at)
    assert not found.whole


def test_a_file_holds_nothing_readable(kiosk: Kiosk) -> None:
    kiosk.submit(kiosk.draft(person=0))
    content = saved(kiosk)
    for clear in ("王小明", "A123456789"):
        assert clear.encode() not in content


def test_a_tablet_enrolled_anew_is_still_believed_with_its_old_file(center: Center, kiosk: Kiosk) -> None:
    filled(kiosk, 1)
    content = saved(kiosk)
    kiosk.enrol(center)
    assert bring(center, content).taken == 1
    kiosk.sync()
    assert center.count(application) == 1
    assert kiosk.rows("SELECT state FROM op_log") == [("accepted",)]
