"""What the center makes of an application's body, whoever brought it: under whom it is kept, the verdict by the rules, and what
a person should look at.

Nothing here decides about people: what looks odd becomes a flag for a reviewer (sync.md B.6–B.8). What is not here: writing it
down (taking, choosing).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from center import pairs, reissues
from center.settings import Settings
from center.store import earlier, twins
from center.store.cards import Held
from center.store.intake import Body, Facts
from honorcard import identity
from honorcard.problems import ProblemError
from sync.claims import verdict_of, verdict_record
from sync.wire import Op, ReissueBody
from web.clock import TAIPEI

_TOLD = ("merged", "different", "refused")  # what a person said about a pair of cases stays said
CLOCK_SLACK = timedelta(hours=1)


class Judge:
    """Makes facts of bodies at one moment."""

    def __init__(self, settings: Settings, moment: datetime) -> None:
        self._settings = settings
        self._moment = moment

    def of(
        self, conn: Connection, body: Body, close: pairs.Near, op: Op | None = None, *, compare: bool = False
    ) -> Facts:
        """The facts of a case that is here. op: the operation that brought it. compare: whether the tablet's own verdict is
        one on this body. ProblemError `op_malformed` for a category nobody knows.
        """
        decided = {pair.other for pair in twins.of_case(conn, body.application_id) if pair.state in _TOLD}
        held = earlier.held(conn, [close.idbx]).get(close.idbx, Held())
        return self._facts(conn, body, close, held, op, decided, compare)

    def of_new(self, conn: Connection, body: Body, close: pairs.Near, held: Held, op: Op) -> Facts:
        """The facts of a case that comes in with this operation; held: what its person holds. ProblemError as `of`."""
        return self._facts(conn, body, close, held, op, set(), compare=True)

    def _facts(
        self,
        conn: Connection,
        body: Body,
        close: pairs.Near,
        held: Held,
        op: Op | None,
        decided: set[str],
        compare: bool,
    ) -> Facts:
        flags = self._doubts(op, body, close, held, decided)
        if isinstance(body, ReissueBody):  # nothing is judged
            card = reissues.find_card(conn, self._settings, body)
            verdict = {"outcome": reissues.OUTCOME}
            return Facts(close.idbx, close.name_key, verdict, tuple(flags), card.seq if card else None)
        try:
            judged = verdict_of(body, self._settings.rules_on(body.submitted_on), held.counted_until)
        except ValueError as error:  # a category nobody knows
            raise ProblemError("op_malformed") from error
        if compare and body.verdict.get("outcome") != judged.outcome:
            flags.append("verdict_differs")
        return Facts(close.idbx, close.name_key, verdict_record(judged), tuple(flags))

    def _doubts(self, op: Op | None, body: Body, close: pairs.Near, held: Held, decided: set[str]) -> list[str]:
        """What a person should look at, whatever is asked for. decided: cases a person has told apart from this one."""
        flags = []
        if set(close.same) - decided:
            flags.append("possible_duplicate")
        if body.kind == "first" and held.live:
            flags.append("holds_card")
        if body.clock_doubt or (op is not None and self._clock_is_odd(op, body)):
            flags.append("clock_doubt")
        number = identity.read(body.identity_number, passport=body.identity_kind == "passport")
        if number.problem is not None or number.kind != body.identity_kind:
            flags.append("identity_doubt")
        if set(close.alike) - decided:
            flags.append("number_alike")
        if body.applied_by == "self":
            flags.append("applied_alone")
        return flags

    def _clock_is_odd(self, op: Op, body: Body) -> bool:
        """Whether the tablet's moment lies in the future, or its date is not the day of that moment (sync.md B.8)."""
        if body.submitted_on > (self._moment + CLOCK_SLACK).astimezone(TAIPEI).date():
            return True
        if op.wall_ms is None:
            return False
        if op.wall_ms > (self._moment + CLOCK_SLACK).timestamp() * 1000:
            return True
        try:
            wall = datetime.fromtimestamp(op.wall_ms / 1000, TAIPEI)
        except (ValueError, OverflowError, OSError):
            return True
        return abs((wall.date() - body.submitted_on).days) > 1
