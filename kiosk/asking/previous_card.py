"""The earlier card of a renewal, read from its QR: the day it ends and its sequence number (A21, credential.md)."""

from __future__ import annotations

from msgspec.structs import replace

from honorcard import roc
from honorcard.card import token
from honorcard.card.trust import Trust
from honorcard.problems import ProblemError
from kiosk.asking import judging
from kiosk.drafting import ABOUT_A_CARD, Answers
from kiosk.settings import Settings
from sync.wire import OldCard, PreviousCard

_PROBLEMS = {
    "not_a_card": "previous_qr_not_card",
    "foreign": "previous_qr_foreign",
    "bad_signature": "previous_qr_unsound",
}


def read(text: str, settings: Settings) -> PreviousCard:
    """What the QR's text says of the earlier card.

    With a trust list the signature must hold under a card key; without one the center's own register decides.
    ProblemError `previous_qr_not_card`, `previous_qr_foreign`, `previous_qr_unsound`.
    """
    trust = Trust.load(settings.trust_file) if settings.trust_file.exists() else None
    try:
        card = token.parse(text, trust.prefix if trust else settings.card_prefix)
    except token.TokenError as error:
        raise ProblemError(_PROBLEMS[error.code]) from None
    if trust is not None:
        key = trust.key(card.kid, "card", "practice")
        sound = key is not None and key.seq_min <= card.seq <= key.seq_max
        if key is None or not sound or not token.signature_holds(card, key.verifying_key):
            raise ProblemError("previous_qr_unsound")
    return PreviousCard(valid_until=card.last_valid_day, source="qr", seq=card.seq)


def read_any(texts: list[str], settings: Settings) -> PreviousCard:
    """Of all codes in a picture the one that is a card; `previous_qr_none` when there was no code at all."""
    problem = ProblemError("previous_qr_none")
    for text in texts:
        try:
            return read(text, settings)
        except ProblemError as error:
            problem = error
    raise problem


def known_as(answers: Answers, known: PreviousCard) -> Answers:
    """The answers with the earlier card as its QR says it, its day in the field, the verdict to be read again.

    Of a card to be issued again it is the card in question.
    """
    if answers.kind in ABOUT_A_CARD:
        before = answers.old_card or OldCard()
        card = replace(before, valid_until=known.valid_until, source="qr", seq=known.seq)
        fields = {**answers.typed.get("old_card", {}), "valid_until": roc.dotted(known.valid_until)}
        return replace(answers, old_card=card, typed={**answers.typed, "old_card": fields})
    typed = {**answers.typed, "previous": {"valid_until": roc.dotted(known.valid_until)}}
    return judging.unseen(replace(answers, previous=known, typed=typed))
