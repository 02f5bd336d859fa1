"""The verifier for venues: a page that is opened once, installs itself, and judges cards with no line from then on.

Here are its files, the list of places and the sheets of the self-test; the judging is in static/js/verifier. The list of
cards comes from packs. Nobody signs in: all of it is public, and nothing about a person is in it.
"""

from __future__ import annotations

import json
import re
import threading

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask_babel import force_locale, gettext

from center import current, selftest, verifier_files
from center.store import venues
from center.verifier_files import FileSet
from honorcard import venues as rules
from honorcard.card import samples
from honorcard.card.manifest import BUCKETS, MANIFEST
from honorcard.problems import Language, ProblemError
from sync.clock import BUILT_MS
from web.clock import now
from web.languages import LANGUAGES
from web.policy import CODES_POLICY

bp = Blueprint("verifier", __name__, url_prefix="/gate")

PAGES: dict[Language, str] = {"zh": "/gate/", "en": "/gate/en"}
MANIFEST_ADDRESS = "/gate/manifest.webmanifest"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()"
_BUCKET = re.compile(rf"{BUCKETS}/[0-9a-f]{{64}}\Z")
_SELFTEST = {
    "trust.json": "application/json", samples.MARKS: "application/json", samples.TOGETHER: "application/pdf",
    f"pack/{MANIFEST}": "application/octet-stream",
}  # fmt: skip
_making = threading.Lock()


@bp.get("/")
def show() -> Response:
    """The page, in Chinese."""
    return _answer(_set().pages["zh"], "text/html; charset=utf-8")


@bp.get("/en")
def show_english() -> Response:
    """The page, in English."""
    return _answer(_set().pages["en"], "text/html; charset=utf-8")


@bp.get("/sw.js")
def service_worker() -> Response:
    """What keeps the page: the names and digests of one version's files, and the code that fetches them."""
    known = _set()
    around = {MANIFEST_ADDRESS: _webmanifest(known), **{PAGES[it]: known.pages[it] for it in PAGES}}
    content = verifier_files.worker(known.digests(around), known.version)
    return _answer(content, "text/javascript; charset=utf-8")


@bp.get("/manifest.webmanifest")
def webmanifest() -> Response:
    """What a browser needs to install the page."""
    return _answer(_webmanifest(_set()), "application/manifest+json")


@bp.get("/v/<string(length=16):version>/<path:name>")
def file(version: str, name: str) -> Response:
    """One file of a version; of another version than this center's there is none."""
    known = _set()
    if version != known.version or name not in known.files:
        raise ProblemError("not_found")
    policy = CODES_POLICY if name == verifier_files.READER else _POLICY
    answer = _answer(known.files[name], verifier_files.mime(name), policy)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@bp.get("/venues.json")
def places() -> Response:
    """The places where the card opens a gate, for a venue to say once which one it is (R48)."""
    with current.store().read() as conn:
        every = venues.everywhere(conn)
    listed = [
        {
            "code": one.code, "name": one.name, "city": one.city, "note": one.note, "form": one.accepted_form,
            "zh": rules.form_words(one.accepted_form, "zh"), "en": rules.form_words(one.accepted_form, "en"),
            "district": one.district, "benefit_zh": one.benefit_zh, "benefit_en": one.benefit_en or one.benefit_zh,
        }
        for one in every
    ]  # fmt: skip
    return _answer(json.dumps(listed, ensure_ascii=False).encode(), "application/json")


@bp.get("/selftest/<path:name>")
def test_file(name: str) -> Response:
    """The self-test's own trust list and pack, what each sheet must be answered, and the sheets to print."""
    kind = _SELFTEST.get(name) or ("application/octet-stream" if _BUCKET.match(name.removeprefix("pack/")) else None)
    if kind is None:
        raise ProblemError("not_found")
    try:
        content = (selftest.folder(current.settings(), now=now()) / name).read_bytes()
    except FileNotFoundError:
        raise ProblemError("not_found") from None
    return _answer(content, kind)


def _set() -> FileSet:
    """This version's files, put together once a process."""
    with _making:
        known: FileSet | None = current_app.extensions.get("verifier")
        if known is None:
            known = current_app.extensions["verifier"] = verifier_files.collect(_page)
    return known


def _page(language: Language, base: str) -> str:
    other = ("en", "EN", PAGES["en"]) if language == "zh" else ("zh-Hant-TW", "中文", PAGES["zh"])
    with force_locale(LANGUAGES[language]):
        return render_template(
            "center/verifier.html",
            base=base, sheets=verifier_files.SHEETS, built_ms=BUILT_MS, language=language, here=PAGES[language],
            html_language="zh-Hant-TW" if language == "zh" else "en", other_languages=[other],
        )  # fmt: skip


def _webmanifest(known: FileSet) -> bytes:
    base = f"/gate/v/{known.version}/"
    icons = [
        {"src": f"{base}icon-192.png", "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": f"{base}icon-512.png", "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": f"{base}icon-mask.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    with force_locale(LANGUAGES["zh"]):
        named = {"name": gettext("榮譽卡驗證"), "short_name": gettext("驗證卡片")}
    said = {
        **named, "id": PAGES["zh"], "start_url": PAGES["zh"], "scope": "/gate/", "display": "standalone", "lang": "zh-Hant-TW",
        "background_color": "#071530", "theme_color": "#0c2143", "icons": icons,
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()


def _answer(content: bytes, kind: str, policy: str = _POLICY) -> Response:
    answer = make_response(content, 200, {"Content-Type": kind, "Cache-Control": "no-cache"})
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Permissions-Policy"] = _PERMISSIONS
    answer.add_etag()
    answer.make_conditional(request)
    return answer
