"""How people are found by part of a name: a line for every end of it, so that any part is the beginning of a line.

林秀琴 stands as 林秀琴 (the head), 秀琴 and 琴. Names are folded (honorcard.names.fold); the English name stands beside the
Chinese one. docs/decisions/0015. What is not here: asking (finding).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, delete, or_, update

from center.store import bulk
from center.store.tables import membership, name_part
from honorcard import names

LONGEST = 12  # characters of a line; what is asked beyond them is compared with the name itself

END = "\n"  # no folded name has one


def english_key(english_name: str) -> str:
    """An English name as it is sought."""
    return names.fold(english_name)


def sought(name_key: str, english: str) -> str:
    """A person's folded names between line ends, so that a whole one, a beginning and a part can be told apart."""
    return f"{END}{name_key}{END}{english}{END}" if english else f"{END}{name_key}{END}"


def lines(name_key: str, english: str = "") -> set[tuple[int, str]]:
    """(head, part) of both names."""
    return {
        (int(at == 0), key[at : at + LONGEST]) for key in (name_key, english) for at in range(len(key))
    }  # fmt: skip


def add(conn: Connection, people: Iterable[tuple[int, str, str]]) -> None:
    """The lines of people (number, folded name, folded English name) who are new here."""
    rows = [
        {"head": head, "part": part, "person_no": no}
        for no, name_key, english in people
        for head, part in sorted(lines(name_key, english))
    ]
    bulk.add(conn, name_part, rows, unless_there=True)


def change(conn: Connection, no: int, before: tuple[str, str], after: tuple[str, str]) -> None:
    """A person's names, folded, Chinese and English, are others now."""
    held, wanted = lines(*before), lines(*after)
    gone = held - wanted
    if gone:
        which = or_(*(and_(name_part.c.head == head, name_part.c.part == part) for head, part in sorted(gone)))
        conn.execute(delete(name_part).where(name_part.c.person_no == no, which))
    rows = [{"head": head, "part": part, "person_no": no} for head, part in sorted(wanted - held)]
    bulk.add(conn, name_part, rows, unless_there=True)
    conn.execute(update(membership).where(membership.c.person_no == no).values(sought=sought(*after)))
