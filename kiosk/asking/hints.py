"""What was found in a photo, as a draft keeps it: a problem code, and where on the page, `page_glare@00.21`."""

from __future__ import annotations

from dataclasses import dataclass

# quarter turns clockwise that set the page upright
TURNS = {"page_sideways_left": 1, "page_upside_down": 2, "page_sideways_right": 3}
MILD = frozenset(
    {"page_tilted", "page_askew", "face_busy_background", *TURNS}
)  # said, but no reason to take the photo again


@dataclass(frozen=True)
class Hint:
    """A problem's code and the ninths of the page (row, column; 0 to 2) it is about; none when it is about all of it."""

    code: str
    places: tuple[tuple[int, int], ...] = ()

    def kept(self) -> str:
        """As a draft keeps it."""
        where = ".".join(f"{row}{column}" for row, column in self.places)
        return f"{self.code}@{where}" if where else self.code


def read(kept: str) -> Hint:
    """A hint as it was kept."""
    code, _, where = kept.partition("@")
    return Hint(code, tuple((int(place[0]), int(place[1])) for place in where.split(".") if place))


def turns_to_upright(kept: tuple[str, ...]) -> int:
    """Quarter turns clockwise, 0 to 3, that the hints say would set the page upright."""
    return next((TURNS[code] for code in (read(one).code for one in kept) if code in TURNS), 0)
