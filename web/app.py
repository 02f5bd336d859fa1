"""A Flask app as both apps want it: assets, languages, content policy, CSRF, problems as pages, template helpers."""

from __future__ import annotations

import gzip
import io
from collections.abc import Container
from datetime import timedelta
from functools import lru_cache
from typing import IO, Any

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from werkzeug.exceptions import NotFound

from honorcard import problems
from web import errors, languages, policy, watching
from web.assets import STATIC, TEMPLATES, modules_of, sheets, sheets_named, sheets_url, static_url
from web.clock import Now, now, system_now
from web.icons import MARK, icon

csrf = CSRFProtect()

UNNAMED_AGE_S = 600

HTMX_CONFIG = (
    '{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyCacheSize":0,'
    '"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"4..|5..","swap":true,"error":true}]}'
)


def _keep_files_in_memory(app: Flask) -> None:
    """What a person sends is not laid on the disk in clear, not even for a moment."""
    taken: Any = app.request_class  # htmx-flask has put its own there

    class InMemory(taken):  # type: ignore[misc]
        def _get_file_stream(self, *_said: Any, **_more: Any) -> IO[bytes]:
            return io.BytesIO()

    app.request_class = InMemory


class _App(Flask):
    """Flask, with style sheets that go together as one file (web.assets.sheets_url)."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """For good where the address names the content; else, as what a module imports, until a new version may have come."""
        return super().get_send_file_max_age(filename) if "v" in request.args else UNNAMED_AGE_S

    def send_static_file(self, filename: str) -> Response:
        names = sheets_named(filename)
        if names is None:
            return super().send_static_file(filename)
        try:
            content = sheets(names)
        except FileNotFoundError:
            raise NotFound from None
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        answer = Response(_packed(content) if packed else content, mimetype="text/css")
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        answer.vary.add("Accept-Encoding")
        answer.cache_control.public = True
        answer.cache_control.max_age = self.get_send_file_max_age(filename)
        return answer


@lru_cache(maxsize=32)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


class _Sessions(SecureCookieSessionInterface):
    """The session's end moves with each page somebody opens, not with each picture and signal of that page: their answers may come
    late, and would put back what the session said before (a notice gone, somebody signed in again).
    """

    def get_cookie_name(self, app: Flask) -> str:
        """By TLS a name of its own: a browser keeps a host's cookies for all its ports, and would neither send one that is marked
        secure to the plain one nor let that one set another by its name.
        """
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if request.is_secure else name

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure or super().get_cookie_secure(app)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return session.modified or (
            request.headers.get("Sec-Fetch-Dest", "document") == "document" and super().should_set_cookie(app, session)
        )


def build(
    name: str,
    *,
    secret_key: bytes,
    htmx: Htmx,
    problem_template: str,
    allowed_hosts: Container[str] | None,
    camera: bool,
    max_body: int,
    session_cookie: str,
    now_is: Now = system_now,
    secure_cookie: bool = False,
) -> Flask:
    """The bare app; the caller registers its blueprints on it."""
    app = _App(name, template_folder=str(TEMPLATES), static_folder=str(STATIC), static_url_path="/static")
    app.session_interface = _Sessions()
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=max_body,
        MAX_FORM_MEMORY_SIZE=4 * 2**20,
        SESSION_COOKIE_NAME=session_cookie,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=secure_cookie,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure_cookie,
        NOW=now_is,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        icon=icon,
        mark=MARK,
        static_url=static_url,
        sheets_url=sheets_url,
        modules_of=modules_of,
        htmx_config=HTMX_CONFIG,
    )
    app.jinja_env.filters.update(
        day=languages.said_date, span=languages.said_span, moment=languages.said_time, kept=languages.kept_together
    )
    watching.watch(app)
    csrf.init_app(app)
    htmx.init_app(app)
    _keep_files_in_memory(app)
    languages.speak(app)
    policy.protect(app, allowed_hosts=allowed_hosts, camera=camera)
    errors.catch(app, problem_template)

    @app.context_processor
    def _time() -> dict[str, Any]:
        return {
            "now": now,
            "said_problem": lambda code, details=None: problems.sentence(code, languages.language(), details),
        }

    return app
