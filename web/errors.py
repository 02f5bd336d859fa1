"""Problems as answers: one sentence on a page for a person, an RFC 9457 document for a program. Rendered here and nowhere else."""

from __future__ import annotations

import errno
import logging

import msgspec
from flask import Flask, Response, g, make_response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from honorcard.problems import CATALOGUE, ProblemError
from web.languages import language
from web.pages import page

log = logging.getLogger("honorcard.web")

PROGRAMS = ("/v1/", "/api/v1/")  # what programs ask

_BY_STATUS = {400: "form_expired", 403: "not_allowed", 404: "not_found", 405: "method_unknown", 413: "too_large", 421: "wrong_host"}


def answer(problem: ProblemError, template: str) -> Response:
    """The problem as JSON for a program (its addresses, or Accept: application/problem+json), else as a page."""
    status = problem.problem.status
    g.problem_code = problem.code  # counted, by code
    if wants_document():
        body = msgspec.json.encode(problem.document("en" if language() == "en" else "zh"), enc_hook=str)
        return make_response(body, status, {"Content-Type": "application/problem+json"})
    return page(template, "main", status=status, problem=problem, sentence=problem.sentence(language()))


def wants_document() -> bool:
    """Whether a program asked."""
    return request.path.startswith(PROGRAMS) or request.accept_mimetypes.best == "application/problem+json"


def catch(app: Flask, template: str) -> None:
    """Every way out of `app` ends in a sentence: catalogue problems, HTTP errors, a full disk, and what nobody foresaw."""

    @app.errorhandler(ProblemError)
    def _problem(error: ProblemError) -> Response:
        return answer(error, template)

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> Response:
        return answer(ProblemError("form_expired"), template)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return make_response(error.get_response())
        code = _BY_STATUS.get(error.code or 500)
        if code is None:
            code = "went_wrong" if (error.code or 500) >= 500 else "not_found"
        details = {"limit_mb": (app.config.get("MAX_CONTENT_LENGTH") or 0) // 2**20} if code == "too_large" else {}
        problem = ProblemError(code, **details)
        reply = answer(problem, template)
        reply.status_code = error.code or CATALOGUE[code].status
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            reply.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return reply

    @app.errorhandler(OSError)
    def _disk(error: OSError) -> Response:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return answer(ProblemError("disk_full"), template)
        return _unforeseen(error)

    @app.errorhandler(Exception)
    def _unforeseen(error: Exception) -> Response:
        # the class and place, never the message: it may quote what somebody typed
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        log.error("unforeseen %s at %s on %s", type(error).__name__, where, request.endpoint)
        if app.config.get("PROPAGATE_EXCEPTIONS") or app.config.get("TELL_TRACEBACK"):
            log.exception("unforeseen")
        return answer(
            ProblemError("disk_full" if "full" in str(error) and "disk" in str(error) else "went_wrong"), template
        )
