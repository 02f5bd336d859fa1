"""How many of what happened in which month: sums from which the statistics are read, so that a page costs the same however many
applications there are. Nobody can be told from them but by small numbers, which do not leave (center.statistics).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from center.store.tables.base import metadata

tally = Table(
    "tally", metadata,
    # an event of a case (submitted, issued …), `reason`, `refusal`, `took`, `card`, `minutes`
    Column("what", String(16), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),  # 12 × year + month − 1
    Column("unit_id", String(36), primary_key=True),
    Column("device_id", String(36), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("detail", String(48), primary_key=True),  # a reason, a step and how long it took, a year of birth
    Column("n", BigInteger, nullable=False),
)  # fmt: skip

# the same for the whole city: nothing by unit or tablet but `card_of`, whose detail is a unit; durations by year
tally_whole = Table(
    "tally_whole", metadata,
    Column("what", String(16), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("detail", String(48), primary_key=True),
    Column("n", BigInteger, nullable=False),
)  # fmt: skip
