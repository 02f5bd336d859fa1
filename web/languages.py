"""Traditional Chinese first, English second: which one a request speaks, and dates said in it.

Sentences in templates are written in zh-Hant-TW; `translations/en` holds the English ones, compiled in memory at start.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, current_app, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup, escape

from honorcard.problems import Language
from web.assets import TRANSLATIONS

COOKIE = "language"
BY_HEADER = "/api/v1/"  # other systems say their language in Accept-Language
LANGUAGES: dict[str, str] = {"zh": "zh_Hant_TW", "en": "en"}
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_CLAUSE = re.compile(r"[^，、。；：？！]+[，、。；：？！」）]*|[，、。；：？！」）]+")
_TOGETHER = re.compile(
    r"(\d[\d.,]*(?: 年 \d+ 個月| 年 \d+ 月 \d+ 日| 月 \d+ 日| (?:年|個月|天|小時|頁|張|件|次|秒|號機))"
    rf"|QR (?:碼|code)|\d{{1,2}} (?:{_MONTHS})|\d[\d.,]* (?:years?|months?|days?|hours?|pages?))"
)


class _FromPo(Translations):
    """English sentences read straight from the .po files, so that nothing has to be compiled before a start."""

    def __init__(self) -> None:
        super().__init__()
        self._catalog: dict[Any, str] = {}
        self.plural = lambda n: int(n != 1)
        for path in sorted((TRANSLATIONS / "en" / "LC_MESSAGES").glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale="en"):
                    if message.id and message.string and isinstance(message.id, str):
                        self._catalog[message.id] = str(message.string)


class _FromMemory(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over that catalogue; Chinese needs none, since the sentences themselves are Chinese."""

    def get_translations(self) -> Translations:
        return english() if language() == "en" else _CHINESE


_CHINESE = Translations()
_english: _FromPo | None = None


def english() -> Translations:
    """The English catalogue (read once a process)."""
    global _english
    if _english is None:
        _english = _FromPo()
    return _english


def speak(app: Flask) -> None:
    """Sets `app` up for both languages: Babel, the `language` cookie, `?language=` links, template helpers."""
    Babel(app, default_locale="zh_Hant_TW", locale_selector=lambda: LANGUAGES[chosen()])

    @app.before_request
    def _domain() -> None:
        _FromMemory().as_default()

    @app.after_request
    def _remember(answer: Response) -> Response:
        asked = request.args.get("language")
        if asked in LANGUAGES:
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            answer.set_cookie(COOKIE, asked, max_age=365 * 86400, samesite="Strict", httponly=True, secure=secure)
        return answer

    @app.context_processor
    def _helpers() -> dict[str, Any]:
        other = "en" if language() == "zh" else "zh"
        return {
            "language": language(),
            "html_language": "zh-Hant-TW" if language() == "zh" else "en",
            "other_language": other,
            "other_language_url": _with_language(other),
            "url_in": _with_language,
        }


def _can_be_read() -> bool:
    """Whether the address that a form was sent to is a page as well, as a question's is."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(request.path, method="GET")


def _with_language(code: str) -> str:
    path = request.path if request.method in ("GET", "HEAD") or _can_be_read() else "/"
    kept = "".join(f"&{k}={v}" for k, v in request.args.items() if k != "language" and v.isalnum())
    return f"{path}?language={code}{kept}"


def chosen() -> str:
    """The language code asked for: `?language=`, then the cookie, then Chinese; of another system, Accept-Language."""
    if request.path.startswith(BY_HEADER):
        return "en" if (request.accept_languages.best_match(["zh", "zh-TW", "zh-Hant", "zh-Hant-TW", "en"], "zh")) == "en" else "zh"
    asked = request.args.get("language") or request.cookies.get(COOKIE) or "zh"
    return asked if asked in LANGUAGES else "zh"


def language() -> Language:
    """`zh` or `en`, the language this request speaks."""
    locale: Locale | None = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def said_date(day: date) -> str:
    """A day for people: `115.11.21` in Chinese, `21 November 2026` in English."""
    if language() == "en":
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year - 1911:03d}.{day.month:02d}.{day.day:02d}"


def said_span(first: date, last: date) -> str:
    """From one day to another for people: `115.11.01 – 115.11.21` or `1–21 November 2026`; one day stands alone."""
    if first == last:
        return said_date(first)
    if language() == "en" and first.year == last.year:
        if first.month == last.month:
            return f"{first.day}–{said_date(last)}"
        return f"{first.day} {first:%B} – {said_date(last)}"
    return f"{said_date(first)} – {said_date(last)}"


def said_time(moment: datetime) -> str:
    """A moment for people, Taipei time: `115.11.21 10:44` or `21 November 2026, 10:44`."""
    joint = ", " if language() == "en" else " "
    return f"{said_date(moment.date())}{joint}{moment:%H:%M}"


def kept_together(sentence: str) -> Markup:
    """A sentence that breaks where a reader would: before a clause rather than inside it, and never between a figure and
    its unit (`11.5 小時`, `12 月 14 日`, `14 December`, `QR 碼`).
    """
    text = _TOGETHER.sub(r'<span class="whole">\1</span>', str(escape(sentence)))
    clauses = _CLAUSE.findall(text)
    if len(clauses) > 1:
        text = "".join(f'<span class="clause">{clause}</span>' for clause in clauses)
    return Markup(text)  # noqa: S704 escaped above
