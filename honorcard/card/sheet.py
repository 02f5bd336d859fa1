"""The printed card: both faces on one sheet, cut on the solid line, folded on the dashed one (R40–R47, R50).

Values in, PDF out; the same values give the same bytes. Every page has its exact boxes (MediaBox and CropBox the paper,
TrimBox and BleedBox the card) and forbids scaling; beside the card stands a ruler of 60 mm to measure the print with. A
character no font can draw stops the sheet with `glyph_missing`. What is not here: words and places on the faces
(sheet_faces), ornaments (sheet_art, emblem), another paper for a sheet that is made (sheet_paper), printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from honorcard.card import sheet_art as art
from honorcard.card import sheet_faces
from honorcard.card.page import Canvas, Words
from honorcard.card.sheet_faces import FORMS, QR_MM, CardFace, Form
from honorcard.card.symbol import QUIET_MODULES, qr_matrix
from honorcard.card.thumbnail import print_jpeg
from honorcard.jurisdiction import Jurisdiction, Orientation

__all__ = ["HINT", "PAPERS", "CardFace", "Paper", "leaf", "render"]

Paper = Literal["folded", "card", "two-pages", "a4", "a4-four"]
PAPERS: tuple[Paper, ...] = get_args(Paper)

HINT = "請以 100% 列印，不要縮放（每面 6 × 9 公分）"
_RULER_HINT = "用尺量，正好 6 公分"
_MAKING_HINT = "實線剪、虛線折、背面塗膠"
_PHOTO_BYTES = 8_300  # of a sheet's 45,000
_PHOTO_PX = (280, 350)  # 254 dots an inch at 28 by 35 mm, and half the 560 by 700 of a stored headshot
A4 = (210.0, 297.0)
# The smallest usual card stock round which a sheet leaves room for the marks, and where the sheet lies on it.
STOCK: dict[Orientation, tuple[tuple[float, float], tuple[float, float]]] = {
    "landscape": ((105.0, 148.0), (7.5, 14.0)),  # A6
    "portrait": ((210.0, 148.0), (45.0, 29.0)),  # A5 lying
}
_ALONE: dict[Orientation, tuple[float, float]] = {"landscape": (60.0, 70.0), "portrait": (45.0, 80.0)}
_FOUR: dict[Orientation, tuple[tuple[float, float], tuple[tuple[float, float], ...]]] = {
    "landscape": (A4, ((10.0, 22.0), (110.0, 22.0), (10.0, 152.0), (110.0, 152.0))),
    "portrait": ((297.0, 210.0), ((23.5, 10.0), (153.5, 10.0), (23.5, 110.0), (153.5, 110.0))),
}


def render(
    faces: Sequence[CardFace],
    rules: Jurisdiction,
    *,
    created: datetime,
    paper: Paper = "folded",
    turn_back: bool | None = None,
) -> bytes:
    """The PDF of these cards, in their order.

    `paper`: "folded" (the sheet of 9 by 12 cm with its marks, on A6 or, for faces that stand upright, A5), "card" (a page of
    exactly the sheet, for stock that is cut already), "two-pages" (front and back, each a page of exactly one face, for card
    printers), "a4" (one card a page, with marks), "a4-four" (up to four). `turn_back` turns the back by 180 degrees, for
    folding the other way; None takes the authority's setting. ProblemError: `fonts_missing`, `glyph_missing`,
    `name_too_long`, `photo_unreadable`.
    """
    if not faces:
        raise ValueError("no card to print")
    form = FORMS[rules.orientation]
    turned = (rules.turn_back if turn_back is None else turn_back) and paper != "two-pages"
    drawn = [(sheet_faces.front(face, rules), sheet_faces.back(face, rules)) for face in faces]
    notes = _notes(form) if paper in ("folded", "a4", "a4-four") else []
    words = [*notes, *(word for front, back in drawn for word in (*front, *back))]
    canvas = Canvas(created=created, title=rules.card.title, words=words)
    if paper == "a4-four":
        size, origins = _FOUR[rules.orientation]
        for place, (face, (front, back)) in enumerate(zip(faces, drawn, strict=True)):
            slot = place % len(origins)
            if slot == 0:
                canvas.page(*size)
                foot = origins[-1][1] + form.sheet[1]
                _draw_notes(canvas, form, notes, origins[0], foot)
            _draw_card(canvas, face, rules, front, back, origins[slot], turned)
            _draw_marks(canvas, form, origins[slot], 4.0)
        return canvas.finish()
    for face, (front, back) in zip(faces, drawn, strict=True):
        for size, origin, trim in leaf(paper, rules.orientation):
            canvas.page(*size, trim=(*trim, *(_face_size(form) if paper == "two-pages" else form.sheet)))
            if notes:
                _draw_notes(canvas, form, notes, origin, origin[1] + form.sheet[1])
            _draw_card(canvas, face, rules, front, back, origin, turned)
            if paper != "two-pages":
                _draw_marks(canvas, form, origin, 6.0 if notes else 0.0)
    return canvas.finish()


def leaf(
    paper: Paper, orientation: Orientation
) -> list[tuple[tuple[float, float], tuple[float, float], tuple[float, float]]]:
    """The pages of one card on a paper, mm: the page's size, where the sheet's corner lies on it, where its trim begins."""
    form = FORMS[orientation]
    if paper == "two-pages":
        back_x, back_y = form.back_at
        return [(_face_size(form), (0.0, 0.0), (0.0, 0.0)), (_face_size(form), (-back_x, -back_y), (0.0, 0.0))]
    if paper == "card":
        return [(form.sheet, (0.0, 0.0), (0.0, 0.0))]
    size, origin = STOCK[orientation] if paper == "folded" else (A4, _ALONE[orientation])
    return [(size, origin, origin)]


def _face_size(form: Form) -> tuple[float, float]:
    return form.width, form.height


def _draw_card(
    canvas: Canvas,
    face: CardFace,
    rules: Jurisdiction,
    front: list[Words],
    back: list[Words],
    origin: tuple[float, float],
    turned: bool,
) -> None:
    x, y = origin
    form = FORMS[rules.orientation]
    matrix = qr_matrix(face.qr_text)
    quiet = QR_MM * QUIET_MODULES / (len(matrix) + 2 * QUIET_MODULES)
    qr_x, qr_y = form.qr
    with canvas.at(x, y):
        canvas.draw(art.ground(*form.sheet, form.rosettes, form.emblems, rules.emblem))
        if face.practice:
            canvas.draw(art.practice(form.width, form.height))
        canvas.draw(art.band(form.width, form.chip if face.practice else None))
        canvas.draw(f"1 1 1 rg {qr_x} {qr_y} {QR_MM} {QR_MM} re f")
        shift = f"q 1 0 0 1 {qr_x + quiet:.3f} {qr_y + quiet:.3f} cm"
        canvas.draw("\n".join([shift, art.symbol(matrix, QR_MM - 2 * quiet), "Q"]))
    photo_x, photo_y, wide, tall = form.photo
    canvas.picture(print_jpeg(face.photo, *_PHOTO_PX, _PHOTO_BYTES), x + photo_x, y + photo_y, wide, tall)
    with canvas.at(x, y):
        canvas.draw(f"{art.colour(art.INK, True)} 0.2 w {photo_x} {photo_y} {wide} {tall} re S")
    canvas.text(front, x, y)
    back_x, back_y = x + form.back_at[0], y + form.back_at[1]
    centre = (back_x + form.width / 2, back_y + form.height / 2) if turned else None
    with canvas.turned(centre):
        with canvas.at(back_x, back_y):
            if face.practice:
                canvas.draw(art.practice(form.width, form.height))
            canvas.draw(sheet_faces.rule(rules.orientation))
        canvas.text(back, back_x, back_y)


def _draw_marks(canvas: Canvas, form: Form, origin: tuple[float, float], reach: float) -> None:
    """The cut line and the fold; outside the sheet corner marks, and the fold a little longer, as far as `reach`."""
    x, y, to_x, to_y = form.fold
    along_x, along_y = (reach, 0.0) if y == to_y else (0.0, min(reach, 3.0))  # not into the ruler
    with canvas.at(*origin):
        canvas.draw(art.cut(*form.sheet))
        if reach:
            canvas.draw(art.ticks(*form.sheet, reach))
        canvas.draw(art.fold((x - along_x, y - along_y, to_x + along_x, to_y + along_y)))


def _notes(form: Form) -> list[Words]:
    """How to print it and how to make it, above the sheet; what the ruler says, below. y from the sheet's edge."""
    making = Words("sans", 2.4, 0, -3.2, _MAKING_HINT, art.INK)
    return [
        Words("sans", 2.6, 2.0, -3.2, HINT, art.INK),
        Words("sans", 2.4, form.sheet[0] - 2.0 - making.width, -3.2, _MAKING_HINT, art.INK),
        Words("sans", 2.6, 64.5, 5.8, _RULER_HINT, art.INK),
    ]


def _draw_notes(canvas: Canvas, form: Form, notes: list[Words], head: tuple[float, float], foot: float) -> None:
    """Above the first sheet how to print it, below the last a ruler of 60 mm."""
    canvas.text(notes[:2], *head)
    with canvas.at(head[0] + 2.0, foot + 3.4):
        canvas.draw(art.ruler())
    canvas.text(notes[2:], head[0], foot)
