"""The heads of the audit's chains: the last entry of each with its link, and whether one that was noted before still stands.

Whoever rewrites a whole chain cannot make an old head come out again. What is not here: the chains (audit), publishing heads
(center.audit_heads).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, func, select

from center.store.audit import DONE, DOOR, SEEN
from center.store.tables import audit, audit_cut

Standing = Literal["holds", "cut", "gone"]
STREAMS = (DONE, SEEN, DOOR)


@dataclass(frozen=True)
class Head:
    """The last entry of a chain and its link; entry 0 with nothing but zeros where there is none."""

    entry: int
    link: bytes


def every(conn: Connection) -> dict[str, Head]:
    """The head of each stream, as it stands now; where all of it was cut off, the entry it goes on from."""
    heads = {}
    for stream in STREAMS:
        last = (
            select(audit.c.entry, audit.c.link).where(audit.c.stream == stream).order_by(audit.c.entry.desc()).limit(1)
        )
        cut = (
            select(audit_cut.c.upto, audit_cut.c.link)
            .where(audit_cut.c.stream == stream)
            .order_by(audit_cut.c.cut_id.desc())
            .limit(1)
        )
        found = conn.execute(last).first() or conn.execute(cut).first()
        heads[stream] = Head(0, bytes(32)) if found is None else Head(found[0], bytes(found[1]))
    return heads


def standing(conn: Connection, stream: str, head: Head) -> Standing:
    """Whether that head is in the log still: `holds`; `cut` where that part was taken away by age, so that nobody can tell any
    more; `gone` where another entry stands in its place, or none.
    """
    if head.entry == 0:
        return "holds"
    link = conn.execute(select(audit.c.link).where(audit.c.stream == stream, audit.c.entry == head.entry)).scalar()
    if link is not None:
        return "holds" if bytes(link) == head.link else "gone"
    cuts = select(audit_cut.c.link).where(audit_cut.c.stream == stream, audit_cut.c.upto == head.entry)
    at_the_cut = [bytes(one) for one in conn.execute(cuts).scalars()]
    if at_the_cut:
        return "holds" if head.link in at_the_cut else "gone"
    upto = conn.execute(select(func.max(audit_cut.c.upto)).where(audit_cut.c.stream == stream)).scalar_one()
    return "cut" if upto is not None and head.entry < upto else "gone"
