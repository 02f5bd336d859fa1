"""The slip after submit: on the screen and as a PDF. Its QR carries the slip's secret, so it is there only while that
is in memory.
"""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, abort, make_response

from honorcard.card import slip as slip_rules
from honorcard.card.symbol import qr_png
from honorcard.problems import ProblemError
from kiosk import current, guard, slips
from kiosk.asking import frames
from kiosk.pages import page
from kiosk.store import syncing, tray
from kiosk.store.tray import TrayRow
from web.clock import TAIPEI, now, now_ms
from web.languages import language

bp = Blueprint("slip", __name__)

MODULE_PX = 8


@bp.get("/slip/<application_id>")
@guard.applicant_or_staff
def show(application_id: str) -> Response:
    """The slip. After a restart without its QR: that card prints through staff (sync.md K5)."""
    row = _row(application_id)
    with current.store().read() as db:
        line = syncing.facts(db, now_ms()).line
    has_qr = slips.recall(application_id) is not None
    return page(
        "kiosk/slip.html",
        "main",
        row=row,
        taken=_taken(row),
        has_qr=has_qr,
        line=line,
        **frames.way_out(application_id),
    )


@bp.get("/slip/<application_id>/qr.png")
@guard.applicant_or_staff
def qr(application_id: str) -> Response:
    """The QR as a picture."""
    row = _row(application_id)
    secret = slips.recall(application_id)
    if secret is None:
        abort(404)
    return make_response(qr_png(slip_rules.slip_text(row.receipt, secret), MODULE_PX), {"Content-Type": "image/png"})


@bp.get("/slip/<application_id>.pdf")
@guard.applicant_or_staff
def pdf(application_id: str) -> Response:
    """The slip on paper."""
    row = _row(application_id)
    paper = slip_rules.Slip(
        receipt=row.receipt,
        secret=slips.recall(application_id),
        masked_name=row.masked_name,
        received=_taken(row),
        station=current.settings().station,
    )
    document = slip_rules.render_slip(paper, language(), created=now())
    return make_response(
        document,
        {"Content-Type": "application/pdf", "Content-Disposition": f'inline; filename="slip-{row.receipt}.pdf"'},
    )


def _row(application_id: str) -> TrayRow:
    with current.store().read() as db:
        row = tray.find(db, application_id)
    if row is None:
        raise ProblemError("not_found")
    return row


def _taken(row: TrayRow) -> datetime:
    return datetime.fromtimestamp(row.created_ms / 1000, TAIPEI)
