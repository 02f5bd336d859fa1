"""Who may do what: one table, right by right, and the one setting that opens it further.

Source: R34, R26 and A11 (a volunteer applies alone only where the city says so), R60 (only the city imports and exports
honor-card data). What is not here: at which state of a case a step is possible, and that two people review (review);
whose people a unit officer sees (each app's store).
"""

from __future__ import annotations

from typing import Literal, get_args

from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import ProblemError

Role = Literal[
    "volunteer",  # with a slip or a card at a kiosk; has no account
    "event_staff",  # a kiosk unlocked with its PIN
    "unit_officer",  # 運用單位承辦人
    "first_reviewer",  # 志推中心
    "second_reviewer",  # 社會局 社工科
    "administrator",  # of the city or county government
    "auditor",
    "venue",  # 優惠場所
]
Right = Literal[
    "see_own",  # status and service record, with slip or card
    "apply",
    "amend",
    "withdraw",
    "see_previous_card",  # R21
    "first_review",
    "second_review",
    "issue",
    "see_cards",
    "see_records",  # service records: a unit officer the own unit's people's, R33
    "keep_records",  # enter service, training, insurance and English names; a unit officer the own unit's people's
    "print_card",  # a card of our own, again: R39
    "ask_reissue",  # 補發 or 更正, with form, photo and cover: R38
    "handle_reissue",
    "suspend",
    "revoke",  # A22
    "verify",
    "exchange",  # import and export of honor-card data: R60
    "read_exchanges",  # who did that, and what
    "statistics",  # R53
    "read_history",
    "manage",  # units, accounts, tablets, venues, settings
]
ROLES: tuple[Role, ...] = get_args(Role)
RIGHTS: tuple[Right, ...] = get_args(Right)

_AT_A_KIOSK: frozenset[Role] = frozenset({"unit_officer", "event_staff"})
_REVIEWERS: frozenset[Role] = frozenset({"first_reviewer", "second_reviewer"})
_ADMINISTRATOR: frozenset[Role] = frozenset({"administrator"})
_SECOND: frozenset[Role] = frozenset({"second_reviewer"})
_UNIT: frozenset[Role] = frozenset({"unit_officer"})
_HOLDER: frozenset[Role] = frozenset({"volunteer"})
_AUDITOR: frozenset[Role] = frozenset({"auditor"})
_VENUE: frozenset[Role] = frozenset({"venue"})

_TABLE: dict[Right, frozenset[Role]] = {
    "see_own": _HOLDER,
    "apply": _AT_A_KIOSK,
    "amend": _AT_A_KIOSK,
    "withdraw": _AT_A_KIOSK,
    "see_previous_card": _AT_A_KIOSK | _REVIEWERS,
    "first_review": frozenset({"first_reviewer"}),
    "second_review": _SECOND,
    "issue": _SECOND,
    "see_cards": _UNIT | _REVIEWERS | _ADMINISTRATOR,
    "see_records": _UNIT | _REVIEWERS | _ADMINISTRATOR,
    "keep_records": _UNIT | _ADMINISTRATOR,
    "print_card": _HOLDER | _AT_A_KIOSK | _REVIEWERS,
    "ask_reissue": _AT_A_KIOSK,
    "handle_reissue": frozenset({"first_reviewer"}),
    "suspend": _SECOND | _ADMINISTRATOR,
    "revoke": _SECOND | _ADMINISTRATOR,
    "verify": _VENUE | _AT_A_KIOSK | _REVIEWERS,
    "exchange": _ADMINISTRATOR,
    "read_exchanges": _ADMINISTRATOR | _AUDITOR,
    "statistics": _REVIEWERS | _ADMINISTRATOR | _AUDITOR,
    "read_history": _AUDITOR | _REVIEWERS | _ADMINISTRATOR,
    "manage": _ADMINISTRATOR,
}
# What the setting `self_application` opens to volunteers (R26, A11).
_OPENED_BY_SETTING: frozenset[Right] = frozenset({"apply", "amend", "withdraw", "ask_reissue"})


def who(right: Right, rules: Jurisdiction | None = None) -> frozenset[Role]:
    """The roles that have a right; volunteers' own applications count only where the city's settings open them."""
    roles = _TABLE[right]
    if right in _OPENED_BY_SETTING and rules is not None and rules.self_application:
        return roles | _HOLDER
    return roles


def may(role: str, right: Right, rules: Jurisdiction | None = None) -> bool:
    """Whether a role has a right; False for a role nobody knows."""
    return role in who(right, rules)


def rights(role: str, rules: Jurisdiction | None = None) -> tuple[Right, ...]:
    """Everything a role may do, in the order of the table."""
    return tuple(right for right in RIGHTS if may(role, right, rules))


def require(role: str, right: Right, rules: Jurisdiction | None = None) -> None:
    """Nothing where a role has a right.

    Raises `exchange_city_only` for import and export by anybody but the city (R60), `self_application_closed` for a
    volunteer where the setting is off, else `not_allowed`.
    """
    if may(role, right, rules):
        return
    if right == "exchange":
        raise ProblemError("exchange_city_only")
    if role == "volunteer" and right in _OPENED_BY_SETTING:
        raise ProblemError("self_application_closed")
    raise ProblemError("not_allowed")
