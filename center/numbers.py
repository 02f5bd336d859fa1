"""Identity numbers of volunteers at rest: sealed under the server's key, and tags of their parts by which they are found.

A number stands in no table in clear: `idbx` is its keyed index (indices), `number_box` the number itself for whoever may see or
export it, and each three characters in a row have a keyed tag of eight bytes (docs/decisions/0015). What is not here: rows
(center.store.volunteers), who may see a whole number (honorcard.roles).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import msgspec
from cryptography.exceptions import InvalidTag

from center.indices import index_of
from center.secrets_box import close_box, open_box, server_secret
from center.settings import Settings
from center.store import Store, volunteers
from center.store.volunteers import Known
from honorcard import identity, names
from honorcard.typed import read_json

PART = 3  # characters of a part that can be asked for
TAG_BYTES = 8
AT_ONCE = 200


class _Named(msgspec.Struct):
    """What every case's body says of its person, in every schema."""

    identity_kind: str
    identity_number: str
    birth_date: date
    english_name: str = ""


def known(
    settings: Settings, number: str, name: str, *, passport_of: str | None = None, birth_date: date | None = None,
    english_name: str = "",
) -> Known:  # fmt: skip
    """A person as the store keeps them. number, names: as typed, already checked; passport_of: the nationality when it is a
    passport's number.
    """
    read = identity.read(number, passport=passport_of is not None).number
    idbx = index_of(settings, number, passport_of)
    tidied = names.tidy(name)
    return Known(
        idbx, tidied, names.fold(tidied), identity.mask(read), seal(settings, idbx, read), tags(settings, read), birth_date,
        names.tidy(english_name),
    )  # fmt: skip


def seal(settings: Settings, idbx: bytes, number: str) -> bytes:
    """The number under the server's key, bound to the person's index."""
    return close_box(server_secret(settings.keys_dir, "numbers"), number.encode(), b"number " + idbx)


def unseal(settings: Settings, idbx: bytes, number_box: bytes | None) -> str:
    """The whole number; empty when it is not at hand or the box is another's."""
    if not number_box:
        return ""
    try:
        return open_box(server_secret(settings.keys_dir, "numbers"), number_box, b"number " + idbx).decode()
    except InvalidTag:
        return ""


def tags(settings: Settings, number: str) -> tuple[bytes, ...]:
    """A tag for each three characters in a row, and for each longer run of one character."""
    pieces = [number[at : at + PART] for at in range(len(number) - PART + 1)]
    runs = [
        number[at : at + length]
        for length in range(PART + 1, len(number) + 1)
        for at in range(len(number) - length + 1)
    ]
    return tuple(
        _tag(settings, piece) for piece in dict.fromkeys([*pieces, *(run for run in runs if len(set(run)) == 1)])
    )


def rarest_first(settings: Settings, part: str) -> tuple[bytes, ...]:
    """The tags of a part of a number, those with a letter first: fewer people have them. None for fewer than three characters."""
    if len(part) > PART and len(set(part)) == 1:
        return (_tag(settings, part),)
    pieces = dict.fromkeys(part[at : at + PART] for at in range(len(part) - PART + 1))
    return tuple(_tag(settings, piece) for piece in sorted(pieces, key=str.isdigit))


def _tag(settings: Settings, piece: str) -> bytes:
    return hmac.digest(server_secret(settings.keys_dir, "number_parts"), piece.encode(), hashlib.sha256)[:TAG_BYTES]


def read_new(store: Store, settings: Settings) -> int:
    """Seals the numbers of people who came with applications; says how many. A few hundred at a time, from the worker."""
    with store.read() as conn:
        waiting = volunteers.unread(conn, AT_ONCE)
    if not waiting:
        return 0
    with store.write() as conn:
        for no, idbx, stored in waiting:
            body = _read_body(stored)
            if body is None:
                volunteers.keep_number(conn, no, b"", (), None, "")
                continue
            number = identity.read(body.identity_number, passport=body.identity_kind == "passport").number
            volunteers.keep_number(
                conn, no, seal(settings, idbx, number), tags(settings, number), body.birth_date,
                names.tidy(body.english_name),
            )  # fmt: skip
    return len(waiting)


def _read_body(stored: str | None) -> _Named | None:
    try:
        return None if stored is None else read_json(stored.encode(), _Named)
    except msgspec.DecodeError:
        return None
