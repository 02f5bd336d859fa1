"""The unit filter that every list has (R58): read from the address, shown by the shared field `_unit_field.html`.

An officer's lists are those of the unit acted for, without a choice; all others choose among all units, or take them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection

from center.store import accounts
from center.store.accounts import Account, Unit


@dataclass(frozen=True)
class Chosen:
    """The unit that a list is about: unit_id None for all of them. choices: for the field, empty where there is no choice;
    counts: how many of the list's rows each has, where that is known.
    """

    unit_id: str | None
    unit: str
    choices: tuple[Unit, ...]
    counts: Mapping[str, int] | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether somebody narrowed the list by it."""
        return bool(self.choices) and self.unit_id is not None

    def query(self, **more: object) -> str:
        """The filter as an address says it, with what else the address says; empty things are left out."""
        said = {"unit": self.unit_id if self.choices else "", **more}
        return urlencode({name: str(value) for name, value in said.items() if value not in (None, "")})


def read(conn: Connection, account: Account, asked: str, counts: Mapping[str, int] | None = None) -> Chosen:
    """What `?unit=` says, for that account; a unit there is not is as good as none."""
    if account.role == "unit_officer":
        # an officer without a unit sees nobody's: no unit has an empty id
        return Chosen(account.unit_id or "", account.unit, ())
    units = tuple(accounts.units(conn))
    named = next((one for one in units if one.unit_id == asked), None)
    return Chosen(named.unit_id if named else None, named.name if named else "", units, counts)
