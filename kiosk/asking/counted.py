"""What counts, by unit and year, out of the rows of a draft: for the panel `_record.html` beside a verdict.

What is not here: the record of somebody whose applications were granted before; that is the center's (kiosk.own_record).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from honorcard.collected import Brought, collect, look
from honorcard.jurisdiction import Jurisdiction
from honorcard.problems import Language
from kiosk.asking import judging
from kiosk.drafting import Answers, DraftPhoto
from web.records import Told, told


def counted(
    answers: Answers, photos: Sequence[DraftPhoto], rules: Jurisdiction, today: date, language: Language
) -> Told | None:
    """The draft's own rows as a record, as if they stood; None where no rows were typed, since a total has no years."""
    if answers.service is None or not answers.service.rows:
        return None
    history = collect([Brought(judging.claim_of(answers, photos, today), accepted=True)])
    return told(history, look(history, today, rules), language)
