"""What every page about an application needs, whichever room asks: where it stands among the questions, what a reviewer
said, and where putting it aside leads.
"""

from __future__ import annotations

from typing import Any

from flask import url_for

from kiosk import guard
from kiosk.asking import correcting, drafted, progress
from kiosk.asking.drafted import Work
from kiosk.store import application_sheets
from web.languages import language


def around(work: Work, step: str) -> dict[str, Any]:
    """The question's place among all (1 for one looked at beside them), the answers, and the way out."""
    asked = progress.questions(work.answers)
    if step == "training" and step not in asked:  # looked at beside the book
        asked = tuple("training" if name == "book" else name for name in asked)
    return {
        "work": work,
        "answers": work.answers,
        "step": step,
        "place": asked.index(step) + 1 if step in asked else 1,
        "total": len(asked),
        "returned": correcting.words_for(step, work.answers, language()),
        **way_out(work.id),
    }


def way_out(application_id: str) -> dict[str, Any]:
    """`sheet`: the sheet, for staff alone, else None; `away`: the address."""
    sheet = None
    if guard.is_unlocked():
        with drafted.store().read() as db:
            sheet = application_sheets.of_application(db, application_id)
    away = url_for("application_sheets.show", sheet_id=sheet.sheet_id) if sheet else url_for("home.show")
    return {"sheet": sheet, "away": away}
