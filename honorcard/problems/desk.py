"""The review desk: who holds a case, what can still be taken back, many at once."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "case_held",
        409,
        "這件現在有別人在審，您的決定沒有送出。您寫的還在這裡；請先審別件，或等他審完再看。",
        "Somebody else is working on this case, and your decision was not sent. What you wrote is still here. Take another case, "
        "or look again when they are done.",
    ),
    Problem(
        "case_decided",
        409,
        "這件剛剛決定過，您的決定沒有送出。請看下一件。",
        "This case has just been decided, and your decision was not sent. Go on with the next one.",
    ),
    Problem(
        "undo_too_late",
        409,
        "已經生效，不能取消了。要更改，請打開那一件看能做什麼。",
        "It has taken effect and can no longer be undone. Open that case to see what can be done.",
    ),
    Problem(
        "together_none",
        422,
        "還沒有選要核可的案件。請勾選後再送出。",
        "No case is ticked. Tick the ones to approve, then send again.",
    ),
    Problem(
        "together_not_clean",
        409,
        "這件不是全部符合，或有要看的地方，不能一起核可。請打開來看。",
        "Not every condition of this case is met, or something has to be looked at. Open it and decide there.",
    ),
)
