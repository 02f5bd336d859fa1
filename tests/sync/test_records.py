"""A service record goes over the wire and comes out the same; what seals it opens nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from honorcard.card import slip
from honorcard.claims import Claim
from honorcard.collected import Brought, collect, look
from honorcard.jurisdiction import TAIPEI
from honorcard.problems import ProblemError
from honorcard.record_sheet import Holder
from honorcard.records import ServiceRow, Training
from honorcard.service_record import CardHeld
from sync import wire
from sync.records import packed, unpacked

TODAY, BORN = date(2026, 11, 21), date(1958, 8, 16)
HISTORY = collect(
    [
        Brought(
            Claim(
                TODAY,
                entries=(ServiceRow(date(2025, 3, 1), date(2025, 3, 31), 615, "導覽", "常設展", "北門志工隊"),),
                trainings=(Training("basic", date(2022, 5, 1), "環境", "7", 12), Training("special", None)),
                service_field="環境",
                book_issued_on=date(2022, 6, 1),
            ),
            True,
        ),
        Brought(
            Claim(
                TODAY,
                date(2026, 1, 1),
                date(2026, 10, 31),
                99,
                previous_valid_until=date(2027, 1, 31),
                category="volunteer_fire",
            ),
            False,
        ),
    ],
    [CardHeld("11200001", date(2023, 12, 1), date(2026, 12, 31), date(2023, 11, 30), standing=False)],
)


def test_a_record_comes_out_as_it_went_in():
    sent = wire.decode(wire.ServiceRecord, wire.encode(packed(Holder("林秀琴", "A22****781"), HISTORY, TODAY)))
    holder, history = unpacked(sent)
    assert (holder, history, sent.made_on) == (Holder("林秀琴", "A22****781"), HISTORY, TODAY)
    assert look(history, TODAY, TAIPEI) == look(HISTORY, TODAY, TAIPEI)


def test_a_page_of_evidence_stays_at_the_center():
    (row,) = HISTORY.person.rows
    photographed = replace(HISTORY, person=replace(HISTORY.person, rows=(replace(row, page=4),)))
    assert unpacked(packed(Holder("", ""), photographed, TODAY))[1] == HISTORY


def test_slip_and_birth_date_open_the_record_and_not_the_sheet():
    secret = slip.new_slip_secret()
    sealed = slip.seal_record(secret, BORN, b"a record")
    assert slip.open_record(secret, BORN, sealed.blob) == b"a record"
    assert sealed.idx == slip.record_index(secret, BORN) != slip.sheet_index(secret, BORN)
    for opens in (
        lambda: slip.open_sheet(secret, BORN, sealed.blob),
        lambda: slip.open_record(secret, date(1958, 8, 17), sealed.blob),
        lambda: slip.open_record(slip.new_slip_secret(), BORN, sealed.blob),
        lambda: slip.open_record(secret, BORN, sealed.blob[:-1]),
    ):
        with pytest.raises(ProblemError):
            opens()
