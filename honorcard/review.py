"""The states of a case and who may move it where.

A case is first reviewed by the promotion center (志推中心), then by the bureau (社會局 社工科), never by one person
twice. Source: R28–R30, R34, C50. What is not here: the store and what a move writes; `move` only says where it leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from honorcard.problems import Language, ProblemError

State = Literal[
    "incomplete",  # not all photographs are here
    "first_review",
    "returned",  # the unit has something to correct
    "second_review",
    "approved",  # decided, the card not made yet
    "issued",
    "refused",
    "withdrawn",
]
Action = Literal["complete", "pass_on", "return", "amend", "approve", "refuse", "issue", "withdraw"]
Role = Literal["unit_officer", "first_reviewer", "second_reviewer", "administrator", "system"]

STATES: tuple[State, ...] = get_args(State)
ACTIONS: tuple[Action, ...] = get_args(Action)
ROLES: tuple[Role, ...] = get_args(Role)
OPEN_STATES: frozenset[State] = frozenset({"incomplete", "first_review", "returned", "second_review", "approved"})
FINAL_STATES: frozenset[State] = frozenset(STATES) - OPEN_STATES

_STATES_IN_WORDS: dict[State, tuple[str, str]] = {
    "incomplete": ("照片還沒到齊", "photos still on their way"),
    "first_review": ("初審中", "in first review"),
    "returned": ("退回補正", "returned for correction"),
    "second_review": ("複審中", "in second review"),
    "approved": ("已核准", "approved"),
    "issued": ("已發卡", "card issued"),
    "refused": ("不予核發", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}


@dataclass(frozen=True)
class Move:
    """Where an action leads, and the roles that may take it. to: None where the case goes to whoever sent it back."""

    to: State | None
    roles: frozenset[Role]


_OFFICER: frozenset[Role] = frozenset({"unit_officer"})
_FIRST: frozenset[Role] = frozenset({"first_reviewer"})
_SECOND: frozenset[Role] = frozenset({"second_reviewer"})
_SYSTEM: frozenset[Role] = frozenset({"system"})

MOVES: dict[tuple[State, Action], Move] = {
    ("incomplete", "complete"): Move("first_review", _SYSTEM),
    ("incomplete", "withdraw"): Move("withdrawn", _OFFICER),
    ("first_review", "pass_on"): Move("second_review", _FIRST),
    ("first_review", "return"): Move("returned", _FIRST),
    ("first_review", "withdraw"): Move("withdrawn", _OFFICER),
    ("returned", "amend"): Move(None, _OFFICER),
    ("returned", "withdraw"): Move("withdrawn", _OFFICER),
    ("second_review", "approve"): Move("approved", _SECOND),
    ("second_review", "refuse"): Move("refused", _SECOND),
    ("second_review", "return"): Move("returned", _SECOND),
    ("second_review", "withdraw"): Move("withdrawn", _OFFICER),
    # The signature and the number are the center's own work, in one transaction with the approval (design, decision 8).
    ("approved", "issue"): Move("issued", _SECOND | _SYSTEM),
}

# What the second reviewer does may not be done by the person who did the first (C50).
_SECOND_STEPS: frozenset[Action] = frozenset({"approve", "refuse", "return", "issue"})


def move(
    state: State,
    action: Action,
    role: Role,
    by: str,
    first_reviewer: str | None = None,
    returned_from: State = "first_review",
) -> State:
    """The state an action leads to. Raises ProblemError and changes nothing.

    by: the account that acts. first_reviewer: the account that passed the case on, None before. returned_from: where
    a returned case was sent back from; amended, it goes to that reviewer again.
    Raises `review_move_impossible` (state, action), `review_wrong_role`, `review_same_person`, `review_first_unknown`.
    """
    step = MOVES.get((state, action))
    if step is None:
        raise _impossible(state, action)
    if role not in step.roles:
        raise ProblemError("review_wrong_role", state=state, action=action)
    if state in ("second_review", "approved") and action in _SECOND_STEPS:
        _refuse_same_person(state, action, role, by, first_reviewer)
    if step.to is not None:
        return step.to
    if returned_from not in ("first_review", "second_review"):
        raise _impossible(state, action)
    return returned_from


def _impossible(state: State, action: Action) -> ProblemError:
    zh, en = _STATES_IN_WORDS.get(state, ("沒有這種狀態", "in no known state"))
    return ProblemError("review_move_impossible", state=state, state_words=zh, state_words_en=en, action=action)


def _refuse_same_person(state: State, action: Action, role: Role, by: str, first_reviewer: str | None) -> None:
    """Raises unless somebody else is known to have done the first review. The system acts on a person's approval."""
    if role == "system":
        return
    if not first_reviewer:
        raise ProblemError("review_first_unknown", state=state, action=action)
    if by == first_reviewer:
        raise ProblemError("review_same_person", state=state, action=action)


def actions(state: State, role: Role) -> tuple[Action, ...]:
    """What a role may do with a case in a state, in the order buttons stand; the person is looked at only by `move`."""
    return tuple(action for action in ACTIONS if (step := MOVES.get((state, action))) and role in step.roles)


def in_words(state: State, language: Language = "zh") -> str:
    """The state as a screen names it."""
    return _STATES_IN_WORDS[state][0 if language == "zh" else 1]
