"""Cards to hold before a verifier: the three that were issued, as sheet and as picture, and a forged one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image

from center import keyring, photostore
from center.digital_address import qr_text
from center.sample import cardface, gallery
from center.sample.people import Person
from center.settings import Settings
from center.store import Store, cards
from honorcard import roc
from honorcard.card import signing
from honorcard.card.sheet import CardFace, render
from honorcard.jurisdiction import in_force
from web.clock import TAIPEI

NOTE = """示範卡片：在服務站選「驗證卡片」，把圖片或印出的 PDF 對準鏡頭。
Sample cards: choose "Verify a card" at the kiosk and hold a picture or the printed PDF before the camera.

valid    有效　good
expired  已過期　expired
revoked  已註銷　revoked
forged   偽造（用別人的金鑰簽章）　forged: signed with a key that is not the issuer's
"""


def write(
    store: Store, settings: Settings, numbers: Mapping[str, str], forger: Person, pictures: Path, folder: Path, *,
    now: datetime,
) -> None:  # fmt: skip
    """Writes the issued cards and `forged` (`.pdf`, `.png`) and a note to `folder`.

    numbers: the issued cards by plan, which names their files. forger: whose name and face the forged card bears.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for plan, number in numbers.items():
        write_issued(store, settings, number, folder / plan)
    _write_forged(settings, forger, pictures, folder / "forged", now)
    (folder / "README.txt").write_text(NOTE, encoding="utf-8")


def write_issued(store: Store, settings: Settings, number: str, stem: Path) -> None:
    """Writes an issued card as `stem.pdf`, the sheet as it is printed, and `stem.png`, its front."""
    with store.read() as conn:
        card = cards.find(conn, number)
    if card is None:
        raise LookupError("no card of that number")
    sheet = photostore.get(settings, "sheet", card.sheet_sha256) if card.sheet_sha256 else None
    portrait = photostore.get(settings, "photo", card.portrait_sha256)
    if sheet is None or portrait is None:
        raise LookupError("an issued card has its sheet and its portrait")
    stem.with_suffix(".pdf").write_bytes(sheet)
    picture = cardface.draw(card.name, card.number, card.valid_until, _picture(portrait), qr_text(settings, card))
    picture.save(stem.with_suffix(".png"))


def _write_forged(settings: Settings, person: Person, pictures: Path, stem: Path, now: datetime) -> None:
    """Everything as on a real card, kid and all; only the key is somebody else's."""
    today = now.astimezone(TAIPEI).date()
    newest = max((key for key in keyring.trust(settings).keys if key.use == "card"), key=lambda key: key.seq_min)
    until = roc.years_after(today, 3)
    text = signing.sign(
        settings.card_prefix, signing.new_lookup(), newest.seq_min + 1, signing.new_secret(), until, newest.kid,
        ec.generate_private_key(ec.SECP256R1()),
    )  # fmt: skip
    headshot = gallery.of(person, pictures)[0].jpeg
    number = f"{roc.roc_year(today):03d}00099"
    face = CardFace(person.name, number, until, person.birth_date, person.identity_number, headshot, text)
    stem.with_suffix(".pdf").write_bytes(render([face], in_force(settings.jurisdiction, today), created=now))
    cardface.draw(person.name, number, until, _picture(headshot), text).save(stem.with_suffix(".png"))


def _picture(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg)).convert("RGB")
