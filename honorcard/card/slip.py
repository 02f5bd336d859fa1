"""The slip: the receipt with a secret in its QR code, and the sealed sheet that only the slip and the birth date
open.

The secret (16 random bytes) goes into the sealed application and onto the slip, nowhere else. When the card is issued
the center seals its sheet under secret and birth date (credential C.8); the kiosk that keeps the blob can list
nothing and open nothing. Tries are counted by the kiosk, before the attempt. What is not here: the receipt's number
(receipt.py).
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from honorcard import roc
from honorcard.card import sheet_art as art
from honorcard.card.page import Canvas, Words, wrapped
from honorcard.card.receipt import read_receipt
from honorcard.card.record import IDX, NONCE, hkdf
from honorcard.card.symbol import QUIET_MODULES, qr_matrix
from honorcard.fonts import Face, library
from honorcard.problems import Language, ProblemError

SLIP_SECRET_BYTES = 16
_TEXT = re.compile(r"HCS1:([0-9A-Z]{8}):([A-Z2-7]{26})\Z")  # all alphanumeric mode: version 3


@dataclass(frozen=True)
class SealedSheet:
    """A sheet as it travels to a kiosk: where the slip finds it, and nonce and ciphertext."""

    idx: bytes
    blob: bytes


@dataclass(frozen=True)
class Slip:
    """What is printed. `secret` None: the slip has no code (its secret was lost), and staff print the card later."""

    receipt: str
    secret: bytes | None
    masked_name: str
    received: datetime
    station: str


def new_slip_secret() -> bytes:
    """A fresh slip secret, 16 random bytes."""
    return secrets.token_bytes(SLIP_SECRET_BYTES)


def secret_of(text: str) -> bytes | None:
    """The secret in an application (hex); None when it cannot be used."""
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        return None
    return secret if len(secret) == SLIP_SECRET_BYTES else None


def slip_text(receipt: str, secret: bytes) -> str:
    """The text of the slip's QR code. ProblemError `receipt_unreadable`; ValueError for a secret of another
    length."""
    if len(secret) != SLIP_SECRET_BYTES:
        raise ValueError("a slip's secret is 16 bytes")
    number = read_receipt(receipt).replace("-", "")[2:]
    return f"HCS1:{number}:{base64.b32encode(secret).decode('ascii').rstrip('=')}"


def read_slip(text: str) -> tuple[str, bytes]:
    """(receipt number as printed, secret) of a slip's QR code. ProblemError `slip_unreadable` for any other text."""
    match = _TEXT.match(text)
    if not match:
        raise ProblemError("slip_unreadable")
    try:
        secret = base64.b32decode(match[2] + "======")
        receipt = read_receipt(match[1])
    except (binascii.Error, ProblemError):
        raise ProblemError("slip_unreadable") from None
    if slip_text(receipt, secret) != text:
        raise ProblemError("slip_unreadable")
    return receipt, secret


def sheet_index(secret: bytes, birth_date: date) -> bytes:
    """Where a slip's sealed sheet lies, 16 bytes: `Expand("idx", 16)`."""
    return _derive(secret, birth_date)[0]


def seal_sheet(secret: bytes, birth_date: date, pdf: bytes) -> SealedSheet:
    """The sheet sealed under slip and birth date, with a fresh nonce."""
    return _sealed(*_derive(secret, birth_date), pdf)


def open_sheet(secret: bytes, birth_date: date, blob: bytes) -> bytes:
    """The PDF. ProblemError `slip_does_not_open` for another slip, another birth date or a damaged blob."""
    return _opened(*_derive(secret, birth_date), blob)


def record_index(secret: bytes, birth_date: date) -> bytes:
    """Where the service record that a slip opens lies, 16 bytes; tells nothing about where its sheet lies."""
    return _derive(secret, birth_date, "record")[0]


def seal_record(secret: bytes, birth_date: date, record: bytes) -> SealedSheet:
    """A service record sealed under slip and birth date, as a sheet is, under keys of its own."""
    return _sealed(*_derive(secret, birth_date, "record"), record)


def open_record(secret: bytes, birth_date: date, blob: bytes) -> bytes:
    """The record. ProblemError `slip_does_not_open` as for a sheet."""
    return _opened(*_derive(secret, birth_date, "record"), blob)


def render_slip(slip: Slip, language: Language, *, created: datetime) -> bytes:
    """The slip as a PDF of 80 mm paper; the receipt number whole, the name masked. ProblemError `fonts_missing`…"""
    return render_slips([slip], language, created=created)


def render_slips(slips: Sequence[Slip], language: Language, *, created: datetime) -> bytes:
    """Slips in one PDF, each a page of 80 mm paper."""
    laid = [_lay_out(slip, language) for slip in slips]
    title = (_ZH if language == "zh" else _EN).title
    canvas = Canvas(created=created, title=title, words=[word for one in laid for word in one.words])
    for slip, one in zip(slips, laid, strict=True):
        canvas.page(_SLIP_WIDTH, one.height)
        with canvas.at(0, 0):
            line = f"{_SLIP_MARGIN} {one.rule:.2f} m {_SLIP_WIDTH - _SLIP_MARGIN} {one.rule:.2f} l S"
            canvas.draw(f"{art.colour(art.EDGE, True)} 0.2 w {line}")
        if slip.secret is not None:
            matrix = qr_matrix(slip_text(slip.receipt, slip.secret))
            quiet = _CODE_SIDE * QUIET_MODULES / (len(matrix) + 2 * QUIET_MODULES)
            with canvas.at((_SLIP_WIDTH - _CODE_SIDE) / 2 + quiet, _TOP + quiet):
                canvas.draw(art.symbol(matrix, _CODE_SIDE - 2 * quiet))
        canvas.text(one.words, 0, 0)
    return canvas.finish()


@dataclass(frozen=True)
class _Laid:
    """A slip's words, where its rule is drawn, and how long its paper is, mm."""

    words: list[Words]
    rule: float
    height: float


def _lay_out(slip: Slip, language: Language) -> _Laid:
    said = _ZH if language == "zh" else _EN
    moment = f"{roc.dotted(slip.received) if language == 'zh' else slip.received.date()} {slip.received:%H:%M}"
    words = [_centred("serif-bold", 5.6, 13.0, said.title)]
    y = _TOP + (_CODE_SIDE if slip.secret is not None else 0.0) + 6.0
    words += [_centred("sans", 3.2, y, said.number), _centred("sans-bold", 7.2, y + 8.2, slip.receipt)]
    y += 17.0
    for label, value in ((said.name, slip.masked_name), (said.received, moment), (said.station, slip.station)):
        room = _SLIP_WIDTH - _SLIP_MARGIN - 26.0
        size = min(3.6, room / max(library().width("sans-bold", value), 0.1))
        words += [
            Words("sans", 3.2, _SLIP_MARGIN, y, label, art.INK_SOFT),
            Words("sans-bold", size, 26.0, y, value, art.INK),
        ]
        y += 6.2
    rule = y - 1.5
    y += 5.0
    steps = said.steps if slip.secret is not None else said.steps_without_code
    for place, step in enumerate(steps, start=1):
        words.append(Words("sans-bold", 3.3, _SLIP_MARGIN, y, f"{place}", art.INK))
        for line in wrapped(step, 3.3, _SLIP_WIDTH - 2 * _SLIP_MARGIN - 5):
            words.append(Words("sans", 3.3, _SLIP_MARGIN + 5, y, line, art.INK))
            y += 4.9
        y += 1.2
    y += 1.5
    for line in wrapped(said.keep, 3.0, _SLIP_WIDTH - 2 * _SLIP_MARGIN):
        words.append(Words("sans", 3.0, _SLIP_MARGIN, y, line, art.INK_SOFT))
        y += 4.4
    return _Laid(words, rule, y + 3.0)


@dataclass(frozen=True)
class _Said:
    title: str
    number: str
    name: str
    received: str
    station: str
    steps: tuple[str, ...]
    steps_without_code: tuple[str, ...]
    keep: str


_SLIP_WIDTH, _SLIP_MARGIN = 80.0, 6.0
_TOP, _CODE_SIDE = 18.0, 34.0  # of the QR code, mm

_ZH = _Said(
    title="榮譽卡申請收據",
    number="收據號碼",
    name="姓名",
    received="收件",
    station="服務站",
    steps=(
        "初審和複審，約 7 天。",
        "用收據上的 QR 碼，在任何一台服務站查進度。",
        "核准後，拿收據到服務站，輸入出生年月日，當場印出榮譽卡。",
    ),
    steps_without_code=("初審和複審，約 7 天。", "查進度或領卡，請把收據號碼告訴工作人員。"),
    keep="請收好，不要給別人。遺失請洽原申請單位。",
)
_EN = _Said(
    title="Honor card application",
    number="Receipt number",
    name="Name",
    received="Received",
    station="Station",
    steps=(
        "Two reviews, about 7 days.",
        "Check progress at any station with the QR code on this slip.",
        "Once approved, bring this slip and enter your date of birth: the card is printed on the spot.",
    ),
    steps_without_code=(
        "Two reviews, about 7 days.",
        "To check progress or collect the card, tell the staff the receipt number.",
    ),
    keep="Keep this slip and give it to no one. If it is lost, ask the unit that applied.",
)


def _derive(secret: bytes, birth_date: date, what: Literal["sheet", "record"] = "sheet") -> tuple[bytes, bytes]:
    """Index and key of what a slip opens; each kind has its own, so that neither can stand in for the other."""
    if len(secret) != SLIP_SECRET_BYTES:
        raise ValueError("a slip's secret is 16 bytes")
    material = secret + birth_date.strftime("%Y%m%d").encode("ascii")
    labels = ((b"idx", IDX), (b"sheet", 32)) if what == "sheet" else ((b"record idx", IDX), (b"record", 32))
    return hkdf(b"VHC/slip", material, labels)


def _sealed(idx: bytes, key: bytes, clear: bytes) -> SealedSheet:
    nonce = os.urandom(NONCE)
    return SealedSheet(idx, nonce + AESGCM(key).encrypt(nonce, clear, idx))


def _opened(idx: bytes, key: bytes, blob: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], idx)
    except (InvalidTag, ValueError):
        raise ProblemError("slip_does_not_open") from None


def _centred(face: Face, size: float, y: float, text: str) -> Words:
    width = library().width(face, text) * size
    if width > _SLIP_WIDTH - 2 * _SLIP_MARGIN:
        size *= (_SLIP_WIDTH - 2 * _SLIP_MARGIN) / width
        width = _SLIP_WIDTH - 2 * _SLIP_MARGIN
    return Words(face, size, (_SLIP_WIDTH - width) / 2, y, text, art.INK)
