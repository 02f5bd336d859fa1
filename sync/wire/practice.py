"""What a practice room tells the center, and all it ever does: how clear the training was. No name, no seat, no application."""

from __future__ import annotations

import msgspec


class TrainingFeedback(msgspec.Struct, frozen=True, kw_only=True):
    """One trainee's word at the end: the body of `training.feedback`. ease: 1 (much was unclear) to 3. tasks: codes of those that
    were unclear. done: so many tasks of `of` were reached.
    """

    feedback_id: str
    session: str
    at_ms: int
    ease: int
    tasks: tuple[str, ...] = ()
    words: str = ""
    done: int = 0
    of: int = 0
