"""tuspy, a tus client written elsewhere, with our tablets' signature under each of its requests."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from typing import Any

import requests
from requests.auth import AuthBase
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from sync.device import DeviceKeys, sign

BROKEN = (TusCommunicationError, TusUploadFailed, requests.RequestException)


class _Signed(AuthBase):
    def __init__(self, keys: DeviceKeys, device_id: str, now_ms: Callable[[], int]) -> None:
        self._keys, self._device_id, self._now_ms = keys, device_id, now_ms

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        sign(
            request, self._keys.sign, self._device_id, self._now_ms(), body.encode() if isinstance(body, str) else body
        )
        return request


@contextlib.contextmanager
def signing(keys: DeviceKeys, device_id: str, now_ms: Callable[[], int]) -> Iterator[None]:
    """Within the block every request of `requests`, which tuspy calls as it is, is signed as that tablet."""
    begin = requests.Session.__init__

    def signed(self: requests.Session, *args: Any, **more: Any) -> None:
        begin(self, *args, **more)
        self.trust_env = False
        self.auth = _Signed(keys, device_id, now_ms)

    requests.Session.__init__ = signed  # type: ignore[method-assign]
    try:
        yield
    finally:
        requests.Session.__init__ = begin  # type: ignore[method-assign]


def upload(
    base_url: str, content: bytes, address: str, chunk: int, *, broke: Callable[[], None], tries: int = 8
) -> int:
    """Brings it all to the center as tuspy does, going on after every break, of which `broke` is told; gives how many."""
    client = TusClient(f"{base_url}/v1/uploads")
    url: str | None = None
    for broken in range(tries):
        try:
            uploader = client.uploader(
                file_stream=io.BytesIO(content), url=url, chunk_size=chunk, metadata={"sha256": address},
                upload_checksum=True, retries=0,
            )  # fmt: skip
            if uploader.url is None:
                uploader.set_url(uploader.create_url())
            url = uploader.url
            uploader.upload()
        except BROKEN:
            broke()
            continue
        return broken
    raise ConnectionError(f"tuspy gave up after {tries} tries")
