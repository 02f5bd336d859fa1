"""Page or fragment: the one place that decides (per app: `kiosk.pages`, `center.pages` call it).

A view renders one template and names the block that htmx wants. A browser's own request, a boosted link and a history restore get
the whole page; an htmx request gets that one block, whose root element carries the block's name as its id.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request


def wants_fragment() -> bool:
    """Whether htmx asked for a part of the page (never for boosted links or a restored history entry)."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page(template: str, block: str | None = None, *, status: int = 200, **context: Any) -> Response:
    """The whole template, or only `block` when htmx asked for a fragment. Varies by HX-Request."""
    part = block is not None and wants_fragment()
    body = _block(template, str(block), context) if part else render_template(template, **context)
    answer = make_response(body, status)
    answer.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return answer


def see_other(location: str) -> Response:
    """After a form was taken: 303 to a browser, `HX-Location`-free redirect that htmx follows as well."""
    if wants_fragment():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = location
        return answer
    return make_response(redirect(location, code=303))


def _block(template_name: str, block: str, context: dict[str, Any]) -> str:
    current_app.update_template_context(context)
    template = current_app.jinja_env.get_template(template_name)
    return "".join(template.blocks[block](template.new_context(context)))
