"""Cards for other systems: the state of one, by number or by its code, and what changed since a place (R33: 臺北卡).

Never a name or a photograph: who needs those holds the card to a verifier.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from center import current, keyring
from center.api import shapes
from center.api.declared import Call, Param, operation
from center.card_secrets import lookup_hash
from center.store import api_reads, feed
from center.store.api_reads import CardState
from honorcard.card.token import CardToken, TokenError, parse, signature_holds
from honorcard.problems import ProblemError
from web.clock import today

PAGE = 100
_CODE_WORDS: dict[str, shapes.CodeWord] = {
    "not_a_card": "not_a_card", "foreign": "foreign", "bad_signature": "altered",
}  # fmt: skip
_CURSOR = re.compile(r"([0-9a-f]{8})\.([0-9]+)\Z")


@operation(
    "GET", "/cards/{number}", scope="cards.status", summary=("查卡號的狀態", "State of a card by its number"), answer=shapes.Card,
    params=(Param("number", "path", shapes.CardNumber, required=True),), problems=("api_card_unknown",),
)  # fmt: skip
def card_state(call: Call) -> shapes.Card:
    """The card of that number as it stands today: number, state and last valid day."""
    with current.store().read() as conn:
        found = api_reads.card_of_number(conn, call.values["number"], call.units)
    if found is None:
        raise ProblemError("api_card_unknown")
    return _card(found, today())


@operation(
    "POST", "/card-checks", scope="cards.status", summary=("查 QR 碼是不是有效的卡", "What a QR code is worth today"),
    answer=shapes.CodeAnswer, body=shapes.Code,
)  # fmt: skip
def check_code(call: Call) -> shapes.CodeAnswer:
    """Checks the text of a card's QR code: its signature, and how the card stands today. Nothing of it is kept."""
    settings = current.settings()
    trust = keyring.trust(settings)
    try:
        token = parse(call.body.qr, trust.prefix)
    except TokenError as trouble:
        return shapes.CodeAnswer(status=_CODE_WORDS[trouble.code])
    key = trust.key(token.kid, "card", "practice")
    if key is None or not key.seq_min <= token.seq <= key.seq_max or not signature_holds(token, key.verifying_key):
        return shapes.CodeAnswer(status="altered")
    if key.use == "practice":
        return shapes.CodeAnswer(status="practice")
    return _of_token(token, call)


@operation(
    "GET", "/card-changes", scope="cards.changes", summary=("取得卡片異動", "Changes of cards since a place"),
    answer=shapes.CardChanges, problems=("api_cursor",),
    params=(Param("cursor", "query", shapes.Cursor), Param("limit", "query", shapes.PageSize, default=PAGE)),
)  # fmt: skip
def card_changes(call: Call) -> shapes.CardChanges:
    """Cards issued, suspended, taken up again, revoked or replaced, in order. A card that runs out makes no change: `valid_until`
    says when it does. Ask again with `next`; nothing is left out and nothing comes twice.
    """
    limit: int = call.values["limit"]
    store = current.store()
    with store.read() as conn:
        life = feed.server_epoch(conn)
    if life is None:
        with store.write() as conn:
            life = feed.begin_epoch(conn)
    epoch = life.replace("-", "")[:8]
    with store.read() as conn:
        after = _place(call.values["cursor"], epoch)
        found = api_reads.changed_since(conn, after, call.units, limit + 1)
        last = found[:limit][-1].event_id if len(found) > limit else max(after, api_reads.last_change(conn))
    day = today()
    items = [
        shapes.CardChange(at=datetime.fromtimestamp(one.at_ms / 1000, UTC), what=one.what, card=_card(one.card, day))  # type: ignore[arg-type]
        for one in found[:limit]
    ]
    return shapes.CardChanges(items=items, next=f"{epoch}.{last}", more=len(found) > limit)


def _of_token(token: CardToken, call: Call) -> shapes.CodeAnswer:
    with current.store().read() as conn:
        found = api_reads.card_of_lookup(conn, lookup_hash(token.lookup), call.units)
    if found is None or found.seq != token.seq:
        return shapes.CodeAnswer(status="unknown")
    until = min(found.valid_until, token.last_valid_day)
    state = word(found.status, until, today())
    return shapes.CodeAnswer(status=state, number=found.number, valid_until=until)


def word(status: str, valid_until: date, day: date) -> shapes.CardWord:
    """A card's state on a day, in the words of the API."""
    if status in ("suspended", "revoked", "replaced"):
        return status  # type: ignore[return-value]
    return "valid" if day <= valid_until else "expired"


def _card(found: CardState, day: date) -> shapes.Card:
    return shapes.Card(
        number=found.number, status=word(found.status, found.valid_until, day), valid_until=found.valid_until,
        edition=found.edition,
    )  # fmt: skip


def _place(cursor: str | None, epoch: str) -> int:
    """Where to go on. ProblemError `api_cursor` for a place of an earlier life of the database."""
    if cursor is None:
        return 0
    read = _CURSOR.match(cursor)
    if read is None or read[1] != epoch:
        raise ProblemError("api_cursor")
    return int(read[2])
