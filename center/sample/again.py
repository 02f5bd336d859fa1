"""Two cases about a card that exists: a name to be corrected on a card of ours, and a lost card of another issuer.

Sent in as a tablet sends them; the first waits for its first review, the second for its second.
"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path

from PIL import Image

from center.sample import gallery, papers
from center.sample.gallery import JPEG_QUALITY, PAGE_SIZE, Photograph
from center.sample.people import Person, holder_elsewhere
from center.sample.sending import send_reissue
from center.settings import Settings
from center.store import Store
from honorcard import roc
from honorcard.card import cases
from sync import wire
from sync.wire import CardCause, OldCard, Slot


def correct_name(
    store: Store, settings: Settings, tablet: str, person: Person, pictures: Path, *, number: str, moment: datetime
) -> str:
    """A new given name on the card of that number; gives the case's id."""
    name = f"{person.name[:-1]}{'慧' if person.name[-1] != '慧' else '惠'}"
    drawn = _of_book(person, pictures)
    card = OldCard(number=number)
    drawn += [
        _form(person, name, "name", card),
        _page("document", papers.document(_rows(person, name), size=PAGE_SIZE)),
    ]
    return _send(store, settings, tablet, person, "name", name, card, drawn, moment)


def replace_lost(store: Store, settings: Settings, tablet: str, pictures: Path, *, moment: datetime) -> str:
    """A card issued on paper elsewhere, lost with a year and a half to run; gives the case's id."""
    person = holder_elsewhere(moment.date())
    gallery.draw_all((person,), pictures, lambda _done: None)
    card = OldCard(valid_until=_half_way(moment.date()))
    drawn = [*_of_book(person, pictures), _form(person, person.name, "lost", card)]
    return _send(store, settings, tablet, person, "lost", person.name, card, drawn, moment)


def _half_way(today: date) -> date:
    return today + timedelta(days=548)


def _of_book(person: Person, pictures: Path) -> list[Photograph]:
    return [drawn for drawn in gallery.of(person, pictures) if drawn.slot in ("headshot", "cover")]


def _rows(person: Person, name: str) -> list[tuple[str, str]]:
    return [
        ("姓名", name),
        ("出生年月日", roc.written(person.birth_date)),
        ("統一編號", person.identity_number),
    ]


def _form(person: Person, name: str, cause: CardCause, card: OldCard) -> Photograph:
    rows = [("申請原因", cases.name(cause, "zh")), *_rows(person, name), ("原卡編號", card.number)]
    rows.append(("原卡有效期限", roc.dotted(card.valid_until) if card.valid_until else ""))
    return _page("form", papers.form(rows, name, seed=person.index, size=PAGE_SIZE))


def _page(slot: Slot, picture: Image.Image) -> Photograph:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=JPEG_QUALITY)
    return Photograph(slot, 0, out.getvalue(), picture.width, picture.height)


def _send(
    store: Store, settings: Settings, tablet: str, person: Person, cause: CardCause, name: str, card: OldCard,
    drawn: list[Photograph], moment: datetime,
) -> str:  # fmt: skip
    def body(application_id: str, receipt: str, secret: str, photos: tuple[wire.Photo, ...]) -> wire.ReissueBody:
        return wire.ReissueBody(
            application_id=application_id,
            receipt=receipt,
            cause=cause,
            identity_kind=person.identity_kind,
            identity_number=person.identity_number,
            nationality=person.nationality,
            name=name,
            birth_date=person.birth_date,
            email=person.email,
            card=card,
            photos=photos,
            submitted_on=moment.date(),
            language="zh",
            notice=settings.rules_on(moment.date()).purpose_notice,
            slip_secret=secret,
        )

    return send_reissue(store, settings, tablet, drawn, body, moment=moment)
