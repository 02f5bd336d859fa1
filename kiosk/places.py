"""去哪裡可以用: the places where the card opens a gate, and which form of card each takes. For everybody, without a line."""

from __future__ import annotations

from flask import Blueprint, Response, request

from honorcard import venues as rules
from honorcard.venues import ACCEPTED_FORMS
from kiosk import current
from kiosk.pages import page
from kiosk.store import venues
from web.languages import language

bp = Blueprint("places", __name__)


@bp.get("/places")
def show() -> Response:
    """The list, of one city, district or form where that is asked for."""
    with current.store().read() as db:
        every = venues.everywhere(db)
    city = request.args.get("city", "")
    form = request.args.get("form", "")
    district = request.args.get("district", "")
    if city and district not in {one.district for one in every if one.city == city}:
        district = ""  # of the city that was chosen before
    shown = [
        one for one in every
        if city in ("", one.city) and district in ("", one.district) and form in ("", one.accepted_form)
    ]  # fmt: skip
    return page(
        "kiosk/places.html", "main", venues=shown, known=bool(every), city=city, form=form,
        cities=sorted({one.city for one in every}), forms=[(code, rules.form_words(code, language())) for code in ACCEPTED_FORMS],
        kind_words=rules.kind_words, form_words=rules.form_words, advice=rules.advice, benefit=rules.benefit,
        district=district, districts=sorted({one.district for one in every if one.district and city in ("", one.city)}),
    )  # fmt: skip
