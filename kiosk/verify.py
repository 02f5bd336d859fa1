"""The gate: a card before the camera, a verdict over the whole screen. Works without the PIN and without a line.

Nothing about a person stays: the day's counts by outcome, and for a minute the photo that the verdict shows, in
memory under a number that serves once. No QR text is kept or logged; that the same card is not read twice in a row is
known by a digest under a random key. Most codes are read in the page (static/js/scan.js), which sends the text; a frame
comes here only where the page can make nothing of it. What is not here: which place this gate is (gate_place), the
morning's test (selftest).
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import replace
from datetime import UTC
from urllib.parse import urlsplit

import httpx
from flask import Blueprint, Response, abort, current_app, make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard import venues
from honorcard.card import by_hand, signed_jump, token, verdict, words
from honorcard.card.verdict import GateVerdict, Interval
from honorcard.problems import ProblemError
from kiosk import current, greeting, packs, practising, timing
from kiosk.pages import page, see_other, wants_fragment
from kiosk.reading import texts_in_file, texts_in_frame, typed_text
from kiosk.station import age
from kiosk.store import gate, syncing
from kiosk.store.selftests import said_last
from web.clock import now, today
from web.languages import language

bp = Blueprint("verify", __name__)

PHOTO_S = 60.0
HOLD_S = (8, 30)  # a verdict stays at least and at most so long
TEXT_LIMIT = 2_000
TEXTS_LIMIT = 8  # codes in one frame
ANSWERS = ("match", "mismatch", "seen", "next")
LEARNS = ("newer_than_list", "list_stale", "list_damaged", "photo_missing", "date_unknown")  # a line may tell more
SOUNDS = {"green": "yes", "amber": "look", "red": "no"}
_mark_key = secrets.token_bytes(32)
_reading = threading.Lock()  # one frame at a time: reading one may take all of a tablet's time


class Photos:
    """Photographs on their way to one screen: each is handed out once, within a minute."""

    def __init__(self, kept_s: float = PHOTO_S) -> None:
        self._kept_s = kept_s
        self._held: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def put(self, photo: bytes) -> str:
        """Keeps a photo; the answer is its number."""
        number = secrets.token_urlsafe(16)
        with self._lock:
            moment = time.monotonic()
            self._held = {key: held for key, held in self._held.items() if moment - held[0] <= self._kept_s}
            self._held[number] = (moment, photo)
        return number

    def take(self, number: str) -> bytes | None:
        """The photo, once."""
        with self._lock:
            held = self._held.pop(number, None)
        return held[1] if held and time.monotonic() - held[0] <= self._kept_s else None


@bp.get("/verify")
def show() -> Response:
    """The camera, waiting."""
    return _waiting()


@bp.post("/verify/frame")
def frame() -> Response:
    """A camera frame: a verdict, or 204 when there is no code, or only the one just shown, or another frame is being read."""
    if not _reading.acquire(blocking=False):
        return make_response("", 204)
    try:
        texts = texts_in_frame(request.get_data(cache=False))
    finally:
        _reading.release()
    return _verdict_on_new(texts)


@bp.post("/verify/text")
def read() -> Response:
    """The texts of the codes that the page itself read in a frame; 204 as for a frame. It cannot know by itself the card whose
    frame the kiosk read, only that card's mark.
    """
    return _verdict_on_new([text[:TEXT_LIMIT] for text in request.form.getlist("text")[:TEXTS_LIMIT] if text.strip()])


@bp.post("/verify/typed")
def typed() -> Response:
    """A code's text from a scanner that types, as it arrived and (`keys`) as the keys were pressed; or typed by hand."""
    trust, _ = _shelf().open()
    said = [request.form.get(name, "")[:TEXT_LIMIT] for name in ("text", "keys")]
    text = typed_text(said, trust.prefix if trust else "")
    if not text:
        return _waiting(gettext("還沒有讀到條碼。請再掃一次。"))
    return _verdict(text)


@bp.post("/verify/number")
def numbered() -> Response:
    """A card's number, where the code cannot be read: what to look at instead, and never a green."""
    found = by_hand.look(request.form.get("number", "")[:40], today(), current.settings().rules_on(today()))
    with current.store().write() as db:
        gate.count(db, today(), "number")
    return page(
        "kiosk/verify.html", "gate", said="", answer=None, looked=found, place=_place(), list_words=_list_words(),
        hold_s=HOLD_S[1] * 2,
    )  # fmt: skip


@bp.post("/verify/file")
def chosen() -> Response:
    """A picture, where there is no camera."""
    upload = request.files.get("picture")
    try:
        texts = texts_in_file(upload.read() if upload else b"")
    except ProblemError as problem:
        return _waiting(problem.sentence(language()))
    if not texts:
        return _waiting(gettext("相片裡沒有 QR 碼。請靠近一點，讓整個 QR 碼入鏡，再拍一次。"))
    return _verdict(_likeliest(texts), crowd=_cards(texts) > 1)


@bp.post("/verify/answer")
def answer() -> Response | AnyResponse:
    """What the person at the gate decided; only a mismatch is counted."""
    said = request.form.get("said")
    if said not in ANSWERS:
        abort(400)
    if said == "mismatch":
        with current.store().write() as db:
            gate.count(db, today(), "mismatch")
        if wants_fragment():
            return _waiting(gettext("相貌不符，記下了。請那位用一般票價入場。"))
    return _waiting() if wants_fragment() else see_other("/verify")


@bp.post("/verify/update")
def update() -> Response:
    """Fetches the list and the center's time now; the card is then held up again."""
    with current.store().read() as db:
        here = syncing.membership(db)
    settings = current.settings()
    if here is not None:
        settings = replace(settings, center_url=here.center_url)
    try:
        near = urlsplit(settings.center_url).hostname in ("127.0.0.1", "localhost", "::1")  # never through a proxy
        wait = httpx.Timeout(8.0, connect=3.0)
        with httpx.Client(base_url=settings.center_url, timeout=wait, trust_env=not near) as client:
            greeting.greet(client, current.store(), settings, int(now().timestamp() * 1000))
            packs.renew(settings, client, current.store())
    except (httpx.HTTPError, packs.PackUnfit, ProblemError, OSError):
        return _waiting(gettext("現在連不上。請看身分證，姓名要和卡片相同。"))
    return _waiting(gettext("名單更新好了，請再掃一次。"))


@bp.get("/verify/photo/<number>")
def photo(number: str) -> Response:
    """The photo of the verdict on the screen; once."""
    held = _photos().take(number)
    if held is None:
        abort(404)
    kind = "image/webp" if held[:4] == b"RIFF" else "image/jpeg"
    return make_response(held, {"Content-Type": kind})


def _verdict_on_new(texts: list[str]) -> Response:
    """The verdict on what the camera saw, but for the card that the page has just shown (X-Seen: its mark)."""
    seen = request.headers.get("X-Seen", "")
    new = [text for text in texts if not _is(text, seen)]
    return _verdict(_likeliest(new), crowd=_cards(new) > 1) if new else make_response("", 204)


def _waiting(said: str = "") -> Response:
    trust, pack = _shelf().open()
    with current.store().read() as db:
        counts, reasons = gate.counts(db, today()), gate.reasons(db, today())
        tested, jump = said_last(db), signed_jump.jump(gate.signed_seen(db))
    return page(
        "kiosk/verify.html",
        "gate",
        said=said,
        answer=None,
        looked=None,
        counts=counts,
        reasons=[(verdict.COLOUR[code], _outcome(code), n) for code, n in reasons],
        tested=tested,
        jump=jump,
        today=today(),
        place=_place(),
        list_words=_list_words(),
        ready=trust is not None and (pack is not None or practising.is_on()),
    )


def _verdict(text: str, crowd: bool = False) -> Response:
    """The verdict on a code. crowd: another card was in the picture, and whoever looks is told that this is one of them."""
    trust, pack = _shelf().open()
    if trust is None:
        return _waiting(gettext("這台機器還沒有驗證名單。請先連上網路，登錄到志推中心。"))
    moment = now()
    found = verdict.decide(text, trust, pack, timing.interval(current.store(), moment))
    if found.code == "practice":
        practising.verified(token.parse(text, trust.prefix).seq)
    if found.code == "list_damaged" or (found.code == "photo_missing" and pack and pack.manifest.photo_layers):
        _shelf().ask_for_repair()
    with current.store().write() as db:
        gate.count(db, today(), found.verdict)
        gate.count_reason(db, today(), found.code)
    return page(
        "kiosk/verify.html",
        "gate",
        said="",
        answer=found,
        looked=None,
        place=_place(),
        words=words.words(found.code, language()),
        photo=_photos().put(found.photo) if found.photo else None,
        sound=SOUNDS[found.verdict],
        seen_mark=_mark(text),
        hold_s=min(max(current.settings().gate_hold_s, HOLD_S[0]), HOLD_S[1]),
        list_words=_list_words(),
        note=gettext("畫面裡不只一張卡，這是其中一張。請一次掃一張。") if crowd else _note(found),
        can_update=found.code in LEARNS,
    )


def _outcome(code: verdict.Code) -> str:
    said = words.words(code, language())
    return said.word if code == "valid" else said.sentence


def _place() -> tuple[str, str, str] | None:
    """Name of the place this gate is at, what the card gives there and which form of it is taken; None where nobody said."""
    with current.store().read() as db:
        here = gate.place(db)
    return (here.name, *venues.at_gate(here, language())) if here else None


def _note(found: GateVerdict) -> str:
    if found.note != "list_age" or found.list_age_days is None:
        return ""
    return str(gettext("名單是 %(n)s 天前的，請盡快連上網路更新。", n=found.list_age_days))


def _list_words() -> str:
    """How old the list is, by the latest this tablet can be sure of."""
    if practising.is_on():
        return str(gettext("這裡只認得練習卡"))
    _, pack = _shelf().open()
    if pack is None:
        return str(gettext("還沒有名單"))
    interval: Interval = timing.interval(current.store(), now())
    known = interval.hi or interval.lo
    if known is None:
        return str(gettext("名單 %(when)s", when=pack.manifest.as_of.astimezone(UTC).date().isoformat()))
    return str(gettext("名單：%(ago)s", ago=age(int((known - pack.manifest.as_of).total_seconds() * 1000))))


def _likeliest(texts: list[str]) -> str:
    """The card's own code where a picture holds several."""
    trust, _ = _shelf().open()
    prefix = trust.prefix if trust else ""
    return next((text for text in texts if prefix and text.startswith(prefix)), texts[0])


def _cards(texts: list[str]) -> int:
    """How many different cards those are."""
    trust, _ = _shelf().open()
    prefix = trust.prefix if trust else ""
    return len({text for text in texts if prefix and text.startswith(prefix)})


def _mark(text: str) -> str:
    return hmac.digest(_mark_key, text.encode(), "sha256").hex()[:24]


def _is(text: str, mark: str) -> bool:
    return bool(mark) and hmac.compare_digest(_mark(text), mark)


def _photos() -> Photos:
    held: Photos = current_app.extensions.setdefault("gate_photos", Photos())
    return held


def _shelf() -> packs.Shelf:
    held: packs.Shelf | None = current_app.extensions.get("shelf")
    if held is None:
        held = current_app.extensions.setdefault("shelf", packs.Shelf(current.settings(), current.store()))
    return held
