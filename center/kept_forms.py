"""What somebody had typed when the session was found to have ended: kept, sealed, with that session's row, and offered again
after the same person has signed in on the same browser. Nothing is sent without being asked for.

Passwords, codes and files are not kept, nor anything longer than a form is.
"""

from __future__ import annotations

import msgspec
from cryptography.exceptions import InvalidTag
from flask import request

from center import current
from center.secrets_box import close_box, open_box, server_secret
from center.store import sessions
from center.store.sessions import Session
from honorcard.typed import read_json

LONGEST = 16_000
_NEVER = ("csrf_token", "password", "again", "old", "code")


class Form(msgspec.Struct, frozen=True):
    """A form as it was sent: where to, and its fields in order."""

    path: str
    fields: list[tuple[str, str]]


def keep(ended: Session) -> bool:
    """Keeps this request's form with the session that has ended; False where there is nothing to keep."""
    length = request.content_length or 0
    if request.mimetype != "application/x-www-form-urlencoded" or not 0 < length <= LONGEST:
        return False
    fields = [(name, text) for name, text in request.form.items(multi=True) if name not in _NEVER]
    if not fields:
        return False
    body = msgspec.json.encode(Form(request.path, fields))
    with current.store().write() as conn:
        sessions.keep_form(conn, ended.session_id, close_box(_key(), body, _label(ended.account_id)))
    return True


def read(session: Session) -> Form | None:
    """The form that came along into this session; None when there is none."""
    with current.store().read() as conn:
        box = sessions.kept_form(conn, session.session_id)
    if box is None:
        return None
    try:
        return read_json(open_box(_key(), box, _label(session.account_id)), Form)
    except (InvalidTag, msgspec.DecodeError):
        return None


def _label(account_id: str) -> bytes:
    return f"kept form {account_id}".encode()


def _key() -> bytes:
    return server_secret(current.settings().keys_dir, "session")
