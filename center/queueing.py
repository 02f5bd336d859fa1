"""The list of what waits: figures, filters with a count each, oldest first; one click or key to begin.

The filters stand in the address, so that they stay and can be kept as a bookmark. What is not here: one case (desk), many at once
(together).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from center import auditing, current, filtering, undo_bar
from center.case_page import QUEUES, queue_of
from center.guard import me, right_required
from center.pages import page
from center.store import queue
from web.clock import now_ms

bp = Blueprint("queueing", __name__)

SHOWN = 50


@bp.get("/desk/queue")
@right_required("first_review", "second_review")
def listing() -> Response:
    """What waits for this reviewer; `after=` goes on below the last row seen."""
    account, moment_ms = me(), now_ms()
    name = queue_of(account)
    within, after = filtering.read(request.args), _place(request.args.get("after", ""))
    with current.store().read() as conn:
        rows = queue.queue(conn, QUEUES[name], moment_ms, within=within, after=after, limit=SHOWN + 1)
        summary = queue.summary(conn, QUEUES[name], account.account_id, moment_ms)
        facets = queue.facets(conn, QUEUES[name], moment_ms, within)
        found = queue.waiting(conn, QUEUES[name], moment_ms, within)
        said = undo_bar.context(conn, current.settings(), account, moment_ms)
    auditing.saw("queue_seen", "list", QUEUES[name])
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return page(
        "center/desk_queue.html",
        "main",
        queue=name,
        rows=rows[:SHOWN],
        more=f"{last.received_ms}.{last.application_id}" if last else "",
        is_first_page=after is None,
        summary=summary,
        facets=facets,
        found=found,
        chosen=within,
        within=filtering.address(within),
        account_id=account.account_id,
        undo=said,
    )


def _place(said: str) -> tuple[int, str] | None:
    """The row after which to go on; None for the beginning, and for what is no row of ours."""
    received, _, application_id = said.partition(".")
    if not (received.isascii() and received.isdigit() and len(received) < 16 and len(application_id) == 36):
        return None
    return int(received), application_id
