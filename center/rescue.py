"""The page where the administrator brings in a tablet's rescue file. What it does stands in center.rescuing."""

from __future__ import annotations

import tempfile
from typing import IO, Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext
from flask_wtf.csrf import ValidationError, validate_csrf
from werkzeug.formparser import FormDataParser

from center import rescuing
from center.guard import me, right_required
from center.pages import page
from center.settings import Settings
from center.store import Store
from honorcard.problems import CATALOGUE, ProblemError, sentence
from web.app import csrf
from web.clock import now
from web.languages import language

bp = Blueprint("rescue", __name__)

MAX_FILE = 8 * 2**30  # a tablet that was a season without a line


@bp.get("/rescue")
@right_required("manage")
def show() -> Response:
    """What the file is, and where to choose it."""
    return page("center/rescue.html", "main", outcome=None, problem=None)


# the token is looked at below: the common check would read the whole file into memory first
@csrf.exempt  # type: ignore[untyped-decorator]
@bp.post("/rescue")
@right_required("manage")
def take() -> Response:
    """Takes the file in and says what came of it. ProblemError `form_expired`; what is wrong with the file stands on the
    page.
    """
    settings: Settings = current_app.config["SETTINGS"]
    store: Store = current_app.extensions["store"]
    settings.data_dir.mkdir(parents=True, exist_ok=True)

    def on_disk(*_said: Any, **_more: Any) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=settings.data_dir)  # sealed, and gone when it is closed

    parser = FormDataParser(stream_factory=on_disk, max_content_length=MAX_FILE)
    _, form, files = parser.parse_from_environ(request.environ)
    try:
        validate_csrf(request.headers.get("X-CSRFToken") or form.get("csrf_token"))
    except ValidationError as error:
        raise ProblemError("form_expired") from error
    chosen = files.get("file")
    try:
        if chosen is None or not chosen.filename:
            raise ProblemError("rescue_missing")
        outcome = rescuing.take(store, settings, cast(BinaryIO, chosen.stream), me().account_id, now())
    except ProblemError as problem:
        return page("center/rescue.html", "main", outcome=None, problem=problem, status=problem.problem.status)
    finally:
        for file in files.values():
            file.close()
    return page("center/rescue.html", "main", outcome=outcome, problem=None, refusals=_refusals(outcome))


def _refusals(outcome: rescuing.Outcome) -> list[str]:
    """Why operations were not taken, with how many."""
    return [
        gettext("%(n)s 筆：%(why)s", n=n, why=sentence(code, language()) if code in CATALOGUE else code)
        for code, n in outcome.refused.most_common()
    ]
