"""Whom a verifier believes: the root's public key and the key list it signed.

`trust.json` holds the root's public key, the signed list and, for people, the same list in words. Only the signed
bytes count. A list also travels in every pack's manifest, so that a tablet learns of a new or withdrawn key with its
next list of cards. What is not here: private keys (keyring.py), and what a withdrawn key means for a card
(verdict.py).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec

from honorcard.card import cose
from honorcard.card.token import SEQ_FIRST, SEQ_LIMIT
from honorcard.problems import ProblemError

KeyUse = Literal["card", "pack", "practice", "sealing"]
KEY_USES: tuple[KeyUse, ...] = ("card", "pack", "practice", "sealing")
FORMAT = "VHC1-trust"
ROOT_KID = 0  # the root signs nothing but the list and never appears in it
_LIST_CONTEXT = b"VHC1-keys"


@dataclass(frozen=True)
class TrustedKey:
    """One key of the list. Times bound the issuer's use of the key; a card is judged by its own last valid day."""

    kid: int
    use: KeyUse
    public: bytes
    """P-256: the uncompressed point, 65 bytes; sealing (X25519): 32 bytes."""
    not_before: datetime
    not_after: datetime
    seq_min: int = SEQ_FIRST
    seq_max: int = SEQ_LIMIT
    withdrawn: bool = False

    @property
    def verifying_key(self) -> ec.EllipticCurvePublicKey:
        """The P-256 key that checks this key's signatures; ValueError for a sealing key."""
        return cose.public_key(self.public)


@dataclass(frozen=True)
class Trust:
    """A root and the newest key list it is known to have signed."""

    root: bytes
    signed_list: bytes
    version: int
    issued: datetime
    prefix: str
    keys: tuple[TrustedKey, ...]

    @classmethod
    def of(cls, root: bytes, signed_list: bytes) -> Trust:
        """Trust in what `root` (uncompressed point) signed. ProblemError `trust_unreadable` or `trust_unsigned`."""
        try:
            envelope = cose.parse(signed_list)
            root_key = cose.public_key(root)
            genuine = envelope.kid == ROOT_KID and cose.holds(envelope, _LIST_CONTEXT, root_key)
        except ValueError:
            raise ProblemError("trust_unreadable") from None
        if not genuine:
            raise ProblemError("trust_unsigned")
        try:
            body = cose.decode(envelope.payload)
            keys = tuple(_key_from(entry) for entry in body["keys"])
            trust = cls(root, signed_list, body["version"], _time(body["issued"]), body["prefix"], keys)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise ProblemError("trust_unreadable") from None
        if len({key.kid for key in keys}) != len(keys) or not isinstance(trust.prefix, str):
            raise ProblemError("trust_unreadable")
        return trust

    @classmethod
    def read(cls, document: bytes | str, *, root: bytes | None = None) -> Trust:
        """Trust from the text of a trust.json; with `root`, only that root's list is believed (`trust_unsigned`)."""
        try:
            fields = json.loads(document)
            if fields["format"] != FORMAT:
                raise ProblemError("trust_unreadable")
            named = _unbase64(fields["root"])
            signed_list = _unbase64(fields["signed"])
            prefix = fields["prefix"]
        except (ValueError, KeyError, TypeError):
            raise ProblemError("trust_unreadable") from None
        if root is not None and named != root:
            raise ProblemError("trust_unsigned")
        trust = cls.of(named, signed_list)
        if trust.prefix != prefix:
            raise ProblemError("trust_unsigned")
        return trust

    @classmethod
    def load(cls, path: Path | str, *, root: bytes | None = None) -> Trust:
        """Trust from a trust.json file; ProblemError `trust_unreadable` when there is none."""
        try:
            document = Path(path).read_bytes()
        except OSError:
            raise ProblemError("trust_unreadable") from None
        return cls.read(document, root=root)

    def newest(self, signed_list: bytes) -> Trust:
        """This trust, or the one of `signed_list` when the same root signed it with a higher version."""
        try:
            other = Trust.of(self.root, signed_list)
        except ProblemError:
            return self
        return other if other.version > self.version and other.prefix == self.prefix else self

    def key(self, kid: int, *uses: KeyUse) -> TrustedKey | None:
        """The key of that kid, when it is for one of these uses (any, when none is named)."""
        for key in self.keys:
            if key.kid == kid and (not uses or key.use in uses):
                return key
        return None

    def document(self) -> str:
        """The text of trust.json."""
        words = [
            {
                "kid": key.kid,
                "use": key.use,
                "public": _base64(key.public),
                "seq_min": key.seq_min,
                "seq_max": key.seq_max,
                "not_before": key.not_before.isoformat(),
                "not_after": key.not_after.isoformat(),
                "withdrawn": key.withdrawn,
            }
            for key in self.keys
        ]
        fields = {
            "format": FORMAT,
            "prefix": self.prefix,
            "root": _base64(self.root),
            "signed": _base64(self.signed_list),
            "note": "Only `signed` counts; `list` repeats it for people.",
            "list": {"version": self.version, "issued": self.issued.isoformat(), "keys": words},
        }
        return json.dumps(fields, indent=1) + "\n"


def sign_list(
    keys: Iterable[TrustedKey], *, version: int, issued: datetime, prefix: str, root: ec.EllipticCurvePrivateKey
) -> Trust:
    """A key list signed by the root, as the trust it makes."""
    entries: list[dict[str, Any]] = [
        {
            "kid": key.kid,
            "use": key.use,
            "pub": key.public,
            "seq_min": key.seq_min,
            "seq_max": key.seq_max,
            "not_before": int(key.not_before.timestamp()),
            "not_after": int(key.not_after.timestamp()),
            "withdrawn": key.withdrawn,
        }
        for key in sorted(keys, key=lambda key: key.kid)
    ]
    body = {"version": version, "issued": int(issued.timestamp()), "prefix": prefix, "keys": entries}
    signed = cose.sign(cose.encode(body), ROOT_KID, _LIST_CONTEXT, root)
    return Trust.of(cose.public_bytes(root.public_key()), signed)


def _key_from(entry: dict[str, Any]) -> TrustedKey:
    numbers = [entry["kid"], entry["seq_min"], entry["seq_max"]]
    if not all(cose.is_integer(number) for number in numbers) or not 0 < entry["kid"] <= 0xFF:
        raise ValueError("numbers out of range")
    if entry["use"] not in KEY_USES or type(entry["withdrawn"]) is not bool or type(entry["pub"]) is not bytes:
        raise ValueError("fields of the wrong type")
    if entry["use"] == "sealing":
        if len(entry["pub"]) != 32:
            raise ValueError("not an X25519 key")
    else:
        cose.public_key(entry["pub"])
    return TrustedKey(
        kid=entry["kid"],
        use=entry["use"],
        public=entry["pub"],
        not_before=_time(entry["not_before"]),
        not_after=_time(entry["not_after"]),
        seq_min=entry["seq_min"],
        seq_max=entry["seq_max"],
        withdrawn=entry["withdrawn"],
    )


def _time(seconds: object) -> datetime:
    if type(seconds) is not int:
        raise ValueError("not a time")
    return datetime.fromtimestamp(seconds, UTC)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _unbase64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
