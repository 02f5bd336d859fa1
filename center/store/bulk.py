"""Many rows of one table in one statement, in the order in which they are given.

A batch of a tablet writes hundreds of rows into few tables: what a statement costs, and on PostgreSQL the way there and back,
is paid once a table. What is not here: which rows (the modules beside this one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Date, Integer, LargeBinary, String, Table, Text
from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]

# arrays of these, not of the columns' own types: a text that is too long for its column is an error then, and not cut
_ARRAYS: tuple[tuple[type[TypeEngine[Any]] | tuple[type[TypeEngine[Any]], ...], str], ...] = (
    (LargeBinary, "bytea"),
    (Date, "date"),
    ((Integer, BigInteger), "bigint"),
    ((String, Text), "text"),
)


def add(conn: Connection, table: Table, rows: Sequence[Row], *, unless_there: bool = False, sum_of: str = "") -> None:
    """Inserts the rows, which all name the same columns. unless_there: a row whose key is taken stays as it was; sum_of: to one
    whose key is taken this column is added. No key may come twice then.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    statement, values = _statement(conn.dialect.name, table, columns, unless_there, sum_of)
    conn.exec_driver_sql(statement, values(rows))


@lru_cache(maxsize=64)
def _statement(
    dialect: str, table: Table, columns: tuple[str, ...], unless_there: bool, sum_of: str
) -> tuple[str, Callable[[Sequence[Row]], Any]]:
    """The statement in the driver's own words, and how it wants the rows."""
    pick = itemgetter(*columns) if len(columns) > 1 else lambda row: (row[columns[0]],)
    end = " ON CONFLICT DO NOTHING" if unless_there else ""
    if sum_of:
        key = ", ".join(column.name for column in table.primary_key)
        end = f" ON CONFLICT ({key}) DO UPDATE SET {sum_of} = {table.name}.{sum_of} + excluded.{sum_of}"
    names = ", ".join(columns)
    if dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks}){end}"  # noqa: S608 (names of our own tables)
        if any(isinstance(table.c[column].type, Date) for column in columns):
            return statement, lambda rows: [tuple(map(_as_sqlite_keeps_it, pick(row))) for row in rows]
        return statement, lambda rows: list(map(pick, rows))
    # %b: the driver writes an array as text one letter after the other
    arrays = ", ".join(f"%b::{_array_of(table.c[column].type)}[]" for column in columns)
    statement = (  # numbers that the database gives are given in the order of the rows
        f"INSERT INTO {table.name} ({names}) SELECT {names} "  # noqa: S608
        f"FROM unnest({arrays}) WITH ORDINALITY AS given ({names}, place_) ORDER BY place_{end}"
    )
    return statement, lambda rows: tuple(map(list, zip(*map(pick, rows), strict=True)))


def _as_sqlite_keeps_it(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _array_of(kind: TypeEngine[Any]) -> str:
    return next(array for kinds, array in _ARRAYS if isinstance(kind, kinds))
