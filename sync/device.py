"""A tablet's keys, and the signature under each of its requests (RFC 9421 with a Content-Digest, RFC 9530).

The signing key is P-256 (it exists in hardware key stores), the sealing key X25519; both lie in one file that only its
owner reads. A signature covers method, authority, path and query, and the digest of the content when there is any; it
names the device and the moment. Replaying a request is harmless: every operation is idempotent. What is not here:
which devices there are (the center's store).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx
import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)  # fmt: skip
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)  # fmt: skip
from http_message_signatures.algorithms import ECDSA_P256_SHA256
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from honorcard.durable import write_durably
from sync import usual_signature
from sync.seal import Label, SealError, open_sealed
from sync.signed_time import nonce_of
from sync.usual_signature import COVERED, LABEL, TAG

FILE = "device.json"
MAX_SKEW = timedelta(minutes=5)
KEPT_EARLIER = 8  # enrolments
_SEALED = "sealed"
_wrapping: dict[Path, bytes] = {}  # keys folders whose keys lie wrapped, and under what


class SignatureError(Exception):
    """The request is not signed as it must be. `skew`: the signature holds, but its moment is too far from the
    receiver's.
    """

    def __init__(self, why: str, *, skew: bool = False) -> None:
        super().__init__(why)
        self.skew = skew


class DeviceLockedError(OSError):
    """The tablet's keys are wrapped under the data key, which nobody has opened yet."""


@dataclass(frozen=True)
class DeviceKeys:
    """The private keys of this tablet. earlier: unsealing keys of earlier enrolments, the newest first; what was sealed
    to them may still lie here.
    """

    sign: ec.EllipticCurvePrivateKey
    unseal: X25519PrivateKey
    earlier: tuple[X25519PrivateKey, ...] = ()

    @classmethod
    def generate(cls) -> DeviceKeys:
        """Fresh keys, not written anywhere yet."""
        return cls(ec.generate_private_key(ec.SECP256R1()), X25519PrivateKey.generate())

    @classmethod
    def load(cls, folder: Path) -> DeviceKeys:
        """The keys of a tablet: `folder` is its keys folder, or the data folder that holds it. FileNotFoundError
        before enrolment; DeviceLockedError where they are wrapped and the data key is not open.
        """
        path = folder / FILE
        if not path.exists() and (folder / "keys" / FILE).exists():
            path = folder / "keys" / FILE
        stored = _opened(msgspec.json.decode(path.read_bytes()), path.parent)
        sign = load_pem_private_key(stored["sign"].encode(), None)
        if not isinstance(sign, ec.EllipticCurvePrivateKey):
            raise ValueError("not an EC key")
        unseal, *earlier = (
            X25519PrivateKey.from_private_bytes(base64.b64decode(key))
            for key in (stored["unseal"], *stored.get("earlier", ()))
        )
        return cls(sign, unseal, tuple(earlier))

    def after(self, before: DeviceKeys) -> DeviceKeys:
        """These keys, which still open what was sealed to the ones before."""
        return replace(self, earlier=(before.unseal, *before.earlier)[:KEPT_EARLIER])

    def save(self, folder: Path) -> None:
        """Writes them to `folder` (mode 0600), whole or not at all; durable on return."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pem = self.sign.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        unseal, *earlier = (base64.b64encode(key.private_bytes_raw()).decode() for key in (self.unseal, *self.earlier))
        content = msgspec.json.encode({"sign": pem, "unseal": unseal, "earlier": earlier})
        if (key := _wrapping.get(folder.resolve())) is not None:
            nonce = os.urandom(12)
            content = msgspec.json.encode({_SEALED: nonce + AESGCM(key).encrypt(nonce, content, _SEALED.encode())})
        write_durably(folder / FILE, content, 0o600)

    @property
    def sign_public(self) -> str:
        """The public signing key, PEM."""
        return self.sign.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def seal_public(self) -> bytes:
        """The public sealing key, 32 raw bytes."""
        return self.unseal.public_key().public_bytes_raw()

    def open(self, sealed: bytes, label: Label) -> bytes:
        """What the center sealed to this tablet. sync.seal.SealError when it does not open."""
        for key in (self.unseal, *self.earlier):
            with suppress(SealError):
                return open_sealed(sealed, key, label)
        raise SealError(label)


def keep_wrapped(folder: Path, data_key: bytes) -> None:
    """From now on the keys in that folder are written under a key derived from the data key, and read with it; those that
    lie there in clear are wrapped at once. For tablets whose data key itself is wrapped by a passphrase.
    """
    _wrapping[folder.resolve()] = HKDF(SHA256(), 32, salt=None, info=b"honorcard device keys v1").derive(data_key)
    path = folder / FILE
    if path.exists() and _SEALED not in msgspec.json.decode(path.read_bytes()):
        DeviceKeys.load(folder).save(folder)


def _opened(stored: dict[str, Any], folder: Path) -> dict[str, Any]:
    if _SEALED not in stored:
        return stored
    key = _wrapping.get(folder.resolve())
    if key is None:
        raise DeviceLockedError
    sealed = base64.b64decode(stored[_SEALED])
    try:
        clear: dict[str, Any] = msgspec.json.decode(AESGCM(key).decrypt(sealed[:12], sealed[12:], _SEALED.encode()))
    except InvalidTag as error:
        raise DeviceLockedError from error
    return clear


def fingerprint(sign_public: str, seal_public: bytes, center_seal_public: bytes) -> str:
    """Six digits that tablet and center show at enrolment, for people to compare: the same exactly when the keys
    are.
    """
    der = _public_key(sign_public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashlib.sha256(b"honorcard/1 fingerprint" + der + seal_public + center_seal_public).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


class DeviceAuth(httpx.Auth):
    """Signs each request; after a 401 that gives the center's time, takes that time over and tries once more (sync.md
    B.8).

    read_time: the moment in the center's signed word, given what this request asked with; None when it is not the center's.
    """

    requires_request_body = True
    requires_response_body = True

    def __init__(
        self,
        keys: DeviceKeys,
        device_id: str,
        now_ms: Callable[[], int],
        correct: Callable[[int], None] = lambda _ms: None,
        read_time: Callable[[object, str], int | None] = lambda _signed, _nonce: None,
    ) -> None:
        self._keys = keys
        self._device_id = device_id
        self._now_ms = now_ms
        self._correct = correct
        self._read_time = read_time

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """httpx asks this for what to send."""
        sign(request, self._keys.sign, self._device_id, self._now_ms(), request.content)
        response = yield request
        server_ms = self._read_time(_signed_time(response), nonce_of(request.headers.get("Signature", "")))
        if server_ms is not None:
            self._correct(server_ms)
            sign(request, self._keys.sign, self._device_id, server_ms, request.content)
            yield request


def sign(message: Any, key: ec.EllipticCurvePrivateKey, device_id: str, now_ms: int, body: bytes) -> None:
    """Puts Content-Digest, Signature-Input and Signature on a request (anything with method, url and headers)."""
    for name in ("Content-Digest", "Signature-Input", "Signature"):
        if name in message.headers:
            del message.headers[name]
    signer = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_OneKey(private=key))
    signer.sign(
        message,
        key_id=device_id,
        created=datetime.fromtimestamp(now_ms / 1000, UTC),
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body if body else None,
    )


@dataclass
class Received:
    """A request as the receiver saw it: `url` absolute and still encoded, headers as they came."""

    method: str
    url: str
    headers: Mapping[str, str]


def verify(message: Received, body: bytes, public_key_of: Callable[[str], str | None], now: datetime) -> str:
    """The device that signed this request. SignatureError when nobody we know did, over all of it, within five minutes.

    public_key_of: the device's public signing key (PEM) by its id, None for a stranger.
    """
    device_id, created_s = _usual(message, body, public_key_of) or _other(message, body, public_key_of)
    try:
        created = datetime.fromtimestamp(created_s, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise SignatureError(str(error)) from error
    if abs(created - now) > MAX_SKEW:
        raise SignatureError("created is too far from now", skew=True)
    return device_id


def _usual(message: Received, body: bytes, public_key_of: Callable[[str], str | None]) -> tuple[str, int] | None:
    """Who signed and when, where the signature is as `sign` writes it, and holds."""
    signed = usual_signature.read(message, body)
    pem = None if signed is None else public_key_of(signed.device_id)
    if signed is None or pem is None or not signed.holds(_public_key(pem)):
        return None
    return signed.device_id, signed.created


def _other(message: Received, body: bytes, public_key_of: Callable[[str], str | None]) -> tuple[str, int]:
    """Who signed and when, in whatever words RFC 9421 allows. SignatureError when nobody did."""
    verifier = _Verifier(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_Known(public_key_of))
    try:
        (result,) = verifier.verify(message, max_age=None, expect_tag=TAG, require_components=COVERED, body=body)
        return str(result.parameters["keyid"]), int(result.parameters["created"])
    except (InvalidSignature, HTTPMessageSignaturesException, ValueError, OverflowError, OSError) as error:
        raise SignatureError(str(error)) from error


class _Verifier(HTTPMessageVerifier):
    """Leaves the moment to `verify`, which knows the receiver's clock and answers skew in its own way."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        if type(sig_input.params.get("created")) is not int:
            raise InvalidSignature("no created parameter")


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    def resolve_private_key(self, key_id: str) -> Any:
        return self._private

    def resolve_public_key(self, key_id: str) -> Any:
        return self._private.public_key()


class _Known(HTTPSignatureKeyResolver):
    def __init__(self, public_key_of: Callable[[str], str | None]) -> None:
        self._public_key_of = public_key_of

    def resolve_public_key(self, key_id: str) -> Any:
        pem = self._public_key_of(key_id)
        return None if pem is None else _public_key(pem)

    def resolve_private_key(self, key_id: str) -> Any:
        raise KeyError(key_id)


def public_key_problem(sign_public: str, seal_public: bytes) -> bool:
    """Whether these are not a P-256 key (PEM) and an X25519 key (32 bytes)."""
    try:
        _public_key(sign_public)
    except ValueError:
        return True
    return len(seal_public) != 32


@lru_cache(maxsize=4096)
def _public_key(pem: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError("not a P-256 key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def _signed_time(response: httpx.Response) -> object:
    """The center's signed time in its answer to a request whose moment was off; None in every other answer."""
    if response.status_code != 401:
        return None
    try:
        document = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return None
    return document.get("time") if isinstance(document, dict) else None
