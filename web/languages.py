"""Traditional Chinese first, English second, then every other language whose catalogue lies in `translations/`: which one a
request speaks, and dates said in it.

Sentences in templates are written in zh-Hant-TW; `translations/en` holds the English ones, read into memory at start. A folder
`translations/vi/LC_MESSAGES` with a .po file in it adds Vietnamese; what it lacks is said in English, and so is what the pure
rooms say, which know these two alone.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
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
    """Sentences read straight from a language's .po files, so that nothing has to be compiled before a start."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._catalog: dict[Any, str] = {}
        self.plural = lambda n: int(n != 1)
        for path in sorted((folder / "LC_MESSAGES").glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=folder.name):
                    if message.id and message.string and not message.fuzzy and isinstance(message.id, str):
                        self._catalog[message.id] = str(message.string)


class _FromMemory(Domain):  # type: ignore[misc]
    """Flask-Babel's domain over those catalogues; Chinese needs none, since the sentences themselves are Chinese."""

    def get_translations(self) -> Translations:
        code = spoken()
        return _CHINESE if code == "zh" else catalogue(code)


_CHINESE = Translations()


def english() -> Translations:
    """The English catalogue."""
    return catalogue("en")


def catalogue(code: str) -> Translations:
    """The catalogue of an offered language other than Chinese (read once a process); what it lacks, English has."""
    return _catalogue(TRANSLATIONS, code)


def offered() -> dict[str, str]:
    """The languages there are: code → locale. Chinese, English, then those whose catalogue was dropped in (seen at the start)."""
    return _offered(TRANSLATIONS)


@lru_cache
def _catalogue(folder: Path, code: str) -> Translations:
    made = _FromPo(folder / code)
    if code != "en":
        made.add_fallback(_catalogue(folder, "en"))
    return made


@lru_cache
def _offered(folder: Path) -> dict[str, str]:
    found = dict(LANGUAGES)
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        code = path.parent.parent.name
        try:
            locale = Locale.parse(code)
        except (ValueError, UnknownLocaleError):
            continue  # a folder of something else
        if code not in found and locale.language != "zh":
            found[code] = code
    return found


def spoken() -> str:
    """The code of the language this request speaks, which may be one that only the pages know."""
    locale: Locale | None = get_locale()
    if locale is None or locale.language == "zh":
        return "zh"
    said = str(locale)
    return said if said in offered() else locale.language


def _html_language(code: str) -> str:
    return "zh-Hant-TW" if code == "zh" else code.replace("_", "-")


def _own_name(code: str) -> str:
    if code in LANGUAGES:
        return {"zh": "中文", "en": "EN"}[code]
    return str(Locale.parse(code).get_display_name() or code)


def speak(app: Flask) -> None:
    """Sets `app` up for both languages: Babel, the `language` cookie, `?language=` links, template helpers."""
    Babel(app, default_locale="zh_Hant_TW", locale_selector=lambda: offered()[chosen()])

    @app.before_request
    def _domain() -> None:
        _FromMemory().as_default()

    @app.after_request
    def _remember(answer: Response) -> Response:
        asked = request.args.get("language")
        if asked in offered():
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            answer.set_cookie(COOKIE, asked, max_age=365 * 86400, samesite="Strict", httponly=True, secure=secure)
        return answer

    @app.context_processor
    def _helpers() -> dict[str, Any]:
        here = spoken()
        return {
            "language": language(),
            "html_language": _html_language(here),
            "other_languages": [(_html_language(one), _own_name(one), _with_language(one)) for one in offered() if one != here],
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
    return asked if asked in offered() else "zh"


def language() -> Language:
    """`zh` or `en`, the language this request speaks; English where it speaks a third one, of which pure rooms know nothing."""
    locale: Locale | None = get_locale()
    return "zh" if locale is None or locale.language == "zh" else "en"


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
