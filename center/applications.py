"""申請案: every application with its state, by unit (R58), for officers their unit's own (R34).

What is not here: reviewing (desk), a person's record (people).
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from center import current, unit_filter
from center.guard import me, right_required
from center.pages import page
from center.store import filed

bp = Blueprint("applications", __name__)

PAGE = 50


@bp.get("/applications")
@right_required("see_records")
def listing() -> Response:
    """Applications, the newest first; `?unit=`, `?state=` narrow them, `?below=` goes on."""
    said = request.args.get("state", "")
    state = said if said in filed.STATES else ""
    since, _, last = request.args.get("below", "").partition(" ")
    below = (int(since), last[:36]) if since.isascii() and since.isdigit() and len(since) <= 15 else None
    account = me()
    with current.store().read() as conn:
        counts = filed.by_unit(conn, state) if account.role != "unit_officer" else None
        chosen = unit_filter.read(conn, account, request.args.get("unit", ""), counts)
        rows = filed.listing(conn, unit_id=chosen.unit_id, state=state, below=below, limit=PAGE + 1)
        states = filed.by_state(conn, chosen.unit_id)
    more = f"{rows[PAGE - 1].received_ms} {rows[PAGE - 1].application_id}" if len(rows) > PAGE else ""
    return page(
        "center/applications.html", "main", rows=rows[:PAGE], more=more, chosen=chosen, state=state,
        states=[(code, states.get(code, 0)) for code in filed.STATES], everything=sum(states.values()),
        is_first_page=below is None,
    )  # fmt: skip
