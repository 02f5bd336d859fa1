"""What happened here, newest first: who did what with which case and which card. Read only.

For the auditor, the reviewers and the administrator (R34). A case stands there by its receipt, a card by its number; no
name of a volunteer. What is not here: one case's own history (desk), one card's (cards).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from center import auditing, current, unit_filter
from center.guard import me, right_required
from center.pages import page
from center.store import happened

bp = Blueprint("history", __name__)

PAGE = 100


@bp.get("/history")
@right_required("read_history")
def listing() -> Response:
    """The newest events; `?below=` goes on, `?find=` takes a receipt number or a card number, `?unit=` a unit."""
    below = request.args.get("below", type=int)
    asked = request.args.get("find", "").strip()[:20]
    store = current.store()
    with store.read() as conn:
        chosen = unit_filter.read(conn, me(), request.args.get("unit", ""))
        rows = happened.listing(conn, find=asked, unit_id=chosen.unit_id, below=below, limit=PAGE + 1)
    auditing.saw("history_seen", "list", "history")
    more = rows[PAGE - 1].event_id if len(rows) > PAGE else None
    return page("center/history.html", "main", events=rows[:PAGE], more=more, asked=asked, chosen=chosen)
