"""A batch: what is taken together ends as if it had come one by one, and costs few statements."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DataError

from center import keyring
from center.store import bulk
from center.store.tables import (
    application,
    application_photo,
    blob_ref,
    card,
    dead_letter,
    dedup,
    feed,
    history,
    person,
    twin,
)
from sync import wire
from sync.ids import uuid7
from sync.seal import seal
from tests.center.signing import Tablet, application_body, sealed_photo
from tests.sync.loopback import NOW, Center

# the third and the fourth are one unseen slip away from the first and the second
NUMBERS = ("A123456789", "B223456786", "M123456789", "B223456768", "C123456784", "D123456788")


def _center(folder: Path) -> Center:
    found = Center(folder)
    found.now = NOW
    return found


def _tablet(center: Center) -> Tablet:
    made = Tablet(center.app, center.store, keyring.sealing_public(center.settings), center.unit_id)
    ask = made.ask
    made.ask = lambda method, path, body=b"", at=None, **more: ask(method, path, body, at or NOW, **more)
    return made


def _photos(tablet: Tablet) -> list[wire.Photo]:
    """Names of photographs that never come."""
    places = (("headshot", 0), ("cover", 0), ("page", 1))
    return [sealed_photo(tablet, slot, position, b"none yet")[0] for slot, position in places]


def _script(dice: random.Random) -> list[tuple[str, dict]]:
    """What a tablet sends, whoever it is sent to: applications of a few people, and what may befall them."""
    begun: list[str] = []
    found: list[tuple[str, dict]] = []
    for place in range(40):
        what = dice.choice(("submit",) * 6 + ("again", "amend", "withdraw", "damaged", "foreign", "odd", "reissue"))
        said = {"identity_number": dice.choice(NUMBERS), "name": dice.choice(("王小明", "陳美玲"))}
        fresh = f"00000000-0000-7000-8000-{place:012}"
        known = dice.choice(begun) if begun else fresh
        if what in ("again", "amend", "withdraw"):
            found.append((what, {**said, "application_id": known}))
        else:
            found.append((what, {**said, "application_id": fresh}))
            begun += [fresh] if what == "submit" else []
    return found


def _op(tablet: Tablet, seq: int, what: str, said: dict) -> wire.Op:
    op_id = f"10000000-0000-7000-8000-{seq:012}"
    if what == "withdraw":
        return tablet.op(
            seq, wire.Withdraw(application_id=said["application_id"]), "application.withdraw", op_id=op_id,
            entity_id=said["application_id"],
        )  # fmt: skip
    photos = _photos(tablet)
    body = application_body(photos, **said, **({"category": "nobody's"} if what == "odd" else {}), verdict={})
    if what == "reissue":
        asked = wire.ReissueBody(
            application_id=body.application_id, receipt=body.receipt, cause="lost", identity_kind="national",
            identity_number=body.identity_number, nationality="", name=body.name, birth_date=body.birth_date, email="",
            card=wire.OldCard(), photos=body.photos, submitted_on=body.submitted_on, language="zh", notice="…",
            slip_secret="00" * 16,
        )  # fmt: skip
        return tablet.op(seq, asked, "application.reissue", op_id=op_id)
    if what == "amend":
        return tablet.op(seq, body, "application.amend", base_rev=1, op_id=op_id)
    op = tablet.op(seq, body, op_id=op_id)
    if what == "damaged":
        return msgspec.structs.replace(op, body=op.body[:-1] + bytes((op.body[-1] ^ 1,)))
    if what == "foreign":
        foreign = seal(wire.encode(body), tablet.keys.seal_public, "body")
        return msgspec.structs.replace(op, body=foreign, sha256=hashlib.sha256(foreign).hexdigest())
    return op


def _stands(center: Center) -> dict[str, object]:
    """All that came of it, but for what is made by chance."""
    with center.store.read() as conn:
        cases = select(
            application.c.application_id, application.c.state, application.c.rev, application.c.kind, application.c.name,
            application.c.flags, application.c.outcome, application.c.name_key, application.c.submitted_on,
        ).order_by(application.c.application_id)  # fmt: skip
        told: dict[str, list[object]] = {}
        for item in conn.execute(select(feed).order_by(feed.c.lsn)):
            told.setdefault(item.entity_id, []).append((item.kind, item.rev, bytes(item.body)))
        pairs = select(twin.c.low, twin.c.high, twin.c.why, twin.c.state).order_by(twin.c.low, twin.c.high)
        happened = select(history.c.application_id, history.c.move, history.c.rev, history.c.reasons)
        answered = select(dedup.c.seq, dedup.c.op_id, dedup.c.result).order_by(dedup.c.seq)
        letters = select(dead_letter.c.op_id, dead_letter.c.code).order_by(dead_letter.c.op_id)
        photos = select(application_photo.c.application_id, application_photo.c.slot, application_photo.c.state)
        return {
            "cases": conn.execute(cases).all(),
            "told": told,
            "pairs": conn.execute(pairs).all(),
            "happened": conn.execute(happened.order_by(history.c.application_id, history.c.history_id)).all(),
            "answered": conn.execute(answered).all(),
            "letters": conn.execute(letters).all(),
            "photos": sorted(map(tuple, conn.execute(photos))),
            "people": sorted(conn.execute(select(person.c.name)).scalars()),
            "named": len(conn.execute(select(blob_ref)).all()),
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_batch_ends_as_its_operations_do_one_by_one(tmp_path: Path, seed: int) -> None:
    script = _script(random.Random(seed))
    together, alone = _center(tmp_path / "together"), _center(tmp_path / "alone")
    tablet = _tablet(together)
    answers = tablet.push(*(_op(tablet, seq, *entry) for seq, entry in enumerate(script, 1))).results
    one_by_one = _tablet(alone)
    apart = [one_by_one.push(_op(one_by_one, seq, *entry)).results[0] for seq, entry in enumerate(script, 1)]
    assert list(answers) == apart
    assert {answer.status for answer in answers} >= {"applied", "rejected"}
    assert _stands(together) == _stands(alone)
    assert _stands(together)["pairs"]


def test_fifty_applications_cost_little_more_statements_than_one(tmp_path: Path) -> None:
    center = _center(tmp_path)
    tablet = _tablet(center)
    said: list[int] = []

    @event.listens_for(center.store.engine, "before_cursor_execute")
    def count(*_: object) -> None:
        said[-1] += 1

    for count_of in (1, 50):
        first = count_of * 100
        ops = [
            tablet.op(seq, application_body(_photos(tablet), identity_number=f"X{seq:09}"))
            for seq in range(first, first + count_of)
        ]
        said.append(0)
        assert {result.status for result in tablet.push(*ops).results} == {"applied"}
    assert max(said) <= 36


def test_a_tablets_own_operation_that_does_not_fit_into_a_row_does_not_hold_up_the_others(tmp_path: Path) -> None:
    center = _center(tmp_path)
    tablet = _tablet(center)
    bodies = [application_body(_photos(tablet), identity_number=number) for place, number in enumerate(NUMBERS[:2])]
    nul = application_body(_photos(tablet), name="王\0明", identity_number=NUMBERS[5])
    results = tablet.push(*(tablet.op(seq, body) for seq, body in enumerate((bodies[0], nul, bodies[1]), 1))).results
    assert (results[0].status, results[2].status) == ("applied", "applied")
    # PostgreSQL keeps no such text
    expected = ("applied", None) if center.store.is_sqlite else ("retry", "op_failed")
    assert (results[1].status, results[1].code) == expected


def test_rows_written_together_are_what_was_given_in_their_order(tmp_path: Path) -> None:
    center = _center(tmp_path)
    tablet = _tablet(center)
    texts = ["plain", "'; DROP TABLE feed; --", '"quoted" {a,b} \\ %s ?', "", "雪山\n隧道"]
    rows = [
        {"kind": "x", "entity_id": text, "rev": place, "device_id": None if place % 2 else tablet.device_id,
         "body": bytes(range(place)), "at_ms": 2**40 + place}
        for place, text in enumerate(texts)
    ]  # fmt: skip
    with center.store.write() as conn:
        bulk.add(conn, feed, rows)
        bulk.add(conn, feed, [])
        kept = [
            {**row, "body": bytes(row["body"])}
            for row in conn.execute(select(*(feed.c[name] for name in rows[0])).order_by(feed.c.lsn)).mappings()
        ]
        assert kept == rows
        named = [{"device_id": tablet.device_id, "sha256": b"a"}] * 2
        bulk.add(conn, blob_ref, named, unless_there=True)
        bulk.add(conn, blob_ref, [*named, {"device_id": tablet.device_id, "sha256": b"b"}], unless_there=True)
        assert sorted(bytes(found) for found in conn.execute(select(blob_ref.c.sha256)).scalars()) == [b"a", b"b"]


def test_days_and_numbers_that_are_not_known_are_written_together_too(tmp_path: Path) -> None:
    center = _center(tmp_path)
    rows = [
        {"seq": seq, "number": f"1150000{seq}", "roc_year": 115, "serial": seq, "application_id": None,
         "idbx": bytes((seq,)), "name": "王小明", "approved_on": date(2026, 11, seq), "valid_until": date(2029, 11, seq),
         "counted_until": counted, "status": "live", "lookup_hash": bytes((seq,)), "secret_box": b"s",
         "portrait_sha256": b"p", "issued_ms": 1, "ended_ms": None}
        for seq, counted in ((1, None), (2, date(2026, 10, 31)))
    ]  # fmt: skip
    with center.store.write() as conn:
        bulk.add(conn, card, rows)
        found = conn.execute(
            select(card.c.approved_on, card.c.counted_until, card.c.ended_ms).order_by(card.c.seq)
        ).all()
    assert found == [(date(2026, 11, 1), None, None), (date(2026, 11, 2), date(2026, 10, 31), None)]


def test_a_text_too_long_for_its_column_is_an_error_where_columns_have_a_length(tmp_path: Path) -> None:
    center = _center(tmp_path)
    row = {"kind": "k" * 40, "entity_id": uuid7(), "rev": 1, "device_id": None, "body": b"", "at_ms": 1}
    if center.store.is_sqlite:
        with center.store.write() as conn:
            bulk.add(conn, feed, [row])
            assert conn.execute(select(feed.c.kind)).scalar_one() == "k" * 40
        return
    with pytest.raises(DataError), center.store.write() as conn:
        bulk.add(conn, feed, [row])
