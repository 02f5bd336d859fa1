"""The center's files in an S3-compatible store: one object a file, `<prefix>/<folder>/<address>`, written once.

Who may write there comes from where boto3 always looks (environment, its own files, the machine's role), never from our
settings. Needs the extra `s3`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from center.objects import AwayError, checked
from honorcard.problems import ProblemError

TRIES = 3
CONNECT_S = 5
READ_S = 30
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})
_ABSENT = frozenset({"NoSuchKey", "NotFound", "404"})


def place_of(address: str, endpoint: str = "") -> tuple[str, str]:
    """Bucket and prefix of a store, without asking it. ProblemError `object_store_wrong` (`setting`) where its name, or the
    address it answers on, cannot be one.
    """
    bucket, prefix = _parts("object_store", address, ("s3",))
    if endpoint:
        _parts("object_endpoint", endpoint, ("http", "https"))
    return bucket, f"{prefix.strip('/')}/".lstrip("/")


def _parts(setting: str, text: str, schemes: tuple[str, ...]) -> tuple[str, str]:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ProblemError("object_store_wrong", setting=setting) from None
    if parts.scheme not in schemes or not parts.netloc:
        raise ProblemError("object_store_wrong", setting=setting)
    return parts.netloc, parts.path


class S3Objects:
    """Objects of one bucket below a prefix. address: `s3://bucket` or `s3://bucket/prefix`; endpoint: its URL, when it is not
    AWS. Any number of processes may share it. ProblemError as for `place_of`.
    """

    def __init__(self, address: str, endpoint: str = "") -> None:
        self._bucket, self._prefix = place_of(address, endpoint)
        self._client = _client(endpoint)

    def put(self, folder: str, address: str, content: bytes) -> bool:
        """One conditional request: of two at once, one is told that the key is taken."""
        place = self._place(folder, address)
        return (
            _answer(lambda: self._client.put_object(**place, Body=content, IfNoneMatch="*"), unless=_TAKEN) is not None
        )

    def adopt(self, folder: str, address: str, draft: Path) -> None:
        """Sends the file, then takes it away."""
        self.put(folder, address, draft.read_bytes())
        draft.unlink(missing_ok=True)

    def get(self, folder: str, address: str) -> bytes | None:
        """The bytes, unchecked."""
        place = self._place(folder, address)
        content: bytes | None = _answer(lambda: self._client.get_object(**place)["Body"].read(), unless=_ABSENT)
        return content

    def exists(self, folder: str, address: str) -> bool:
        """Whether the object is there."""
        place = self._place(folder, address)
        return _answer(lambda: self._client.head_object(**place), unless=_ABSENT) is not None

    def remove(self, folder: str, address: str) -> None:
        """Takes the object away."""
        place = self._place(folder, address)
        _answer(lambda: self._client.delete_object(**place))

    def addresses(self, folder: str) -> Iterator[str]:
        """Page by page, a thousand at a time."""
        below = f"{self._prefix}{folder}/"
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=below))
        while (page := _answer(lambda: next(pages, None))) is not None:
            for found in page.get("Contents", ()):
                yield str(found["Key"]).removeprefix(below)

    def _place(self, folder: str, address: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": f"{self._prefix}{folder}/{checked(address)}"}


def _answer(ask: Callable[[], Any], unless: frozenset[str] = frozenset()) -> Any:
    """What the store answered; None when it refused with one of the codes `unless`. AwayError: any other trouble."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return ask()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in unless:
            return None
        raise AwayError(f"object store: {code}") from error
    except BotoCoreError as error:
        raise AwayError(f"object store: {type(error).__name__}") from error


@lru_cache(maxsize=4)
def _client(endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    # checksums only where the store must have them: many compatible stores do not know the newer ones, and what is
    # fetched is checked by its address
    config = Config(
        connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"mode": "standard", "max_attempts": TRIES},
        request_checksum_calculation="when_required", response_checksum_validation="when_required",
        max_pool_connections=32, s3={"addressing_style": "path" if endpoint else "auto"},
    )  # fmt: skip
    return boto3.client("s3", endpoint_url=endpoint or None, config=config)
