"""Parts of the center spoiled on purpose: the model of D-7 must notice each."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from center import issue, telling
from center.store import twins
from sync import merge
from tests.faults.d07_model import live


def _last_one_wins(base: Any, mine: Any, theirs: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return merge.differing(mine, theirs), ()


def _first_one_wins(base: Any, mine: Any, theirs: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return _REAL["_three_ways"](base, mine, theirs)[0], ()


def _always_a_clash(base: Any, mine: Any, theirs: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    taken, clashes = _REAL["_three_ways"](base, mine, theirs)
    return (), (*taken, *clashes)


def _revision_not_looked_at(state: str, rev: int, base_rev: int | None, *bodies: Any) -> merge.Settled:
    return _REAL["settle"](state, rev, rev, *bodies)


def _one_field_forgotten(theirs: Any, mine: Any, take: Any) -> Any:
    return _REAL["combine"](theirs, mine, tuple(take)[1:] if len(tuple(take)) > 1 else take)


def _without_photographs(body: Any) -> dict[str, Any]:
    return {name: says for name, says in _REAL["fields"](body).items() if not name.startswith("photo ")}


def _withdrawn_comes_back(state: str, *more: Any) -> merge.Settled:
    return _REAL["settle"]("returned" if state == "withdrawn" else state, *more)


def _not_linked(conn: Any, one: str, others: Any, *more: Any) -> None:
    _REAL["link_all"](conn, one, (), *more)


def _first_pair_alone(conn: Any, one: str, others: Any, *more: Any) -> None:
    _REAL["link_all"](conn, one, tuple(others)[:1], *more)


def _other_receipt_told(conn: Any, application_id: str) -> tuple[str, ...]:
    others = twins.open_of(conn, application_id)
    return (*_REAL["notices"](conn, application_id), *(f"other:{other}" for other in others))


def _second_card(settings: Any, case: Any, old: Any) -> None:
    return None


_REAL: dict[str, Any] = {name: getattr(merge, name) for name in ("_three_ways", "settle", "combine", "fields")}
_REAL |= {"link_all": twins.link_all, "notices": telling.notices}
# of which module: what is put in the place of what
MUTANTS: dict[str, tuple[ModuleType, str, Any]] = {
    "the last one wins": (merge, "_three_ways", _last_one_wins),
    "the first one wins and nobody is asked": (merge, "_three_ways", _first_one_wins),
    "everything is a clash": (merge, "_three_ways", _always_a_clash),
    "the revision is not looked at": (merge, "settle", _revision_not_looked_at),
    "a field is forgotten in the merge": (merge, "combine", _one_field_forgotten),
    "a withdrawn case comes back": (merge, "settle", _withdrawn_comes_back),
    "a case under second review is changed": (merge, "UNDER_REVIEW", frozenset({"approved", "issued", "refused"})),
    "what belongs together is torn": (
        merge, "PARTS", {**{name: of for name, of in merge.PARTS.items() if name != "service"},
                         **{name: (name,) for name in merge.PARTS["service"]}},
    ),
    "photographs are not compared": (merge, "fields", _without_photographs),
    "one person's applications are not linked": (twins, "link_all", _not_linked),
    "only one of three applications is linked": (twins, "link_all", _first_pair_alone),
    "the other application is told": (telling, "notices", _other_receipt_told),
    "a second card is given": (issue, "_check_window", _second_card),
}  # fmt: skip


def finds(name: str, seed: int, *, lives: int = 80, steps: int = 12) -> bool:
    """Whether the model notices that fault within so many lives; most it does in the first twelve, and no more are lived then."""
    module, member, spoiled = MUTANTS[name]
    kept = getattr(module, member)
    setattr(module, member, spoiled)
    try:
        return bool(live(seed, lives, steps))
    finally:
        setattr(module, member, kept)
