"""Response headers that keep a page to itself (sync.md B.14: content policy; no framing, no sniffing, no referrer)."""

from __future__ import annotations

from collections.abc import Container

from flask import Flask, Response, abort, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; font-src 'self'; media-src 'self' blob:; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# A paper is shown over a page of ours (static/js/paper.js); no page of anybody's frames a page.
PAPER_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
# The one script that runs WebAssembly: a worker, held by its own policy, so that no page needs to allow it.
CODES_WORKER = "/static/js/codes-worker.js"
CODES_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"


def protect(app: Flask, *, allowed_hosts: Container[str] | None, camera: bool) -> None:
    """Adds the policy to every answer of `app`; refuses foreign `Host` and cross-site writes.

    allowed_hosts: host names (without port) the app answers to, None for any (a center behind its proxy).
    camera: whether pages of this app may ask for the camera.
    """
    permissions = f"camera=({'self' if camera else ''}), microphone=(), geolocation=(), payment=(), usb=()"

    @app.before_request
    def _guard() -> None:
        host = (
            (request.host or "").rsplit(":", 1)[0].strip("[]")
            if not request.host.endswith("]")
            else request.host.strip("[]")
        )
        if allowed_hosts is not None and host not in allowed_hosts:
            abort(421)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            site = request.headers.get("Sec-Fetch-Site")
            if site is not None and site not in ("same-origin", "none") and not request.path.startswith("/v1/"):
                abort(403)

    @app.after_request
    def _headers(answer: Response) -> Response:
        usual = PAPER_POLICY if answer.mimetype == "application/pdf" else POLICY
        answer.headers.setdefault("Content-Security-Policy", CODES_POLICY if request.path == CODES_WORKER else usual)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "no-referrer")
        answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        answer.headers.setdefault("Permissions-Policy", permissions)
        if not request.path.startswith("/static/"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
