"""The center's files in an S3-compatible store: one object a file, `<prefix>/<folder>/<address>`, written once.

Who may write there comes from where boto3 always looks (environment, its own files, the machine's role), never from our
settings. Needs the extra `s3`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from center.objects import checked

TRIES = 3
CONNECT_S = 5
READ_S = 30
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_ABSENT = {"NoSuchKey", "NotFound", "404"}


class S3Objects:
    """Objects of one bucket below a prefix. address: `s3://bucket` or `s3://bucket/prefix`; endpoint: its URL, when it is not
    AWS. Any number of processes may share it.
    """

    def __init__(self, address: str, endpoint: str = "") -> None:
        parts = urlsplit(address)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError("an object store is named s3://bucket/prefix")
        self._bucket = parts.netloc
        self._prefix = f"{parts.path.strip('/')}/".lstrip("/")
        self._client = _client(endpoint)

    def put(self, folder: str, address: str, content: bytes) -> bool:
        """One conditional request: of two at once, one is told that the key is taken."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(folder, address), Body=content, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) in _TAKEN:
                return False
            raise OSError(f"object store: {_code(error)}") from error
        except BotoCoreError as error:
            raise OSError(f"object store: {type(error).__name__}") from error
        return True

    def adopt(self, folder: str, address: str, draft: Path) -> None:
        """Sends the file, then takes it away."""
        self.put(folder, address, draft.read_bytes())
        draft.unlink(missing_ok=True)

    def get(self, folder: str, address: str) -> bytes | None:
        """The bytes, unchecked."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            found = self._client.get_object(Bucket=self._bucket, Key=self._key(folder, address))
            content: bytes = found["Body"].read()
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise OSError(f"object store: {_code(error)}") from error
        except BotoCoreError as error:
            raise OSError(f"object store: {type(error).__name__}") from error
        return content

    def exists(self, folder: str, address: str) -> bool:
        """Whether the object is there."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.head_object(Bucket=self._bucket, Key=self._key(folder, address))
        except ClientError as error:
            if _code(error) in _ABSENT:
                return False
            raise OSError(f"object store: {_code(error)}") from error
        except BotoCoreError as error:
            raise OSError(f"object store: {type(error).__name__}") from error
        return True

    def remove(self, folder: str, address: str) -> None:
        """Takes the object away."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(folder, address))
        except (ClientError, BotoCoreError) as error:
            raise OSError(f"object store: {type(error).__name__}") from error

    def addresses(self, folder: str) -> Iterator[str]:
        """Page by page, a thousand at a time."""
        from botocore.exceptions import BotoCoreError, ClientError

        below = f"{self._prefix}{folder}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=below)
        try:
            for page in pages:
                for found in page.get("Contents", ()):
                    yield str(found["Key"]).removeprefix(below)
        except (ClientError, BotoCoreError) as error:
            raise OSError(f"object store: {type(error).__name__}") from error

    def _key(self, folder: str, address: str) -> str:
        return f"{self._prefix}{folder}/{checked(address)}"


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


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
