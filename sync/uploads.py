"""tus 1.0 (core, creation, creation-with-upload, checksum, expiration, termination): what both halves share, and the
tablet's half.

One file is one upload to its content address. The center's offset is the truth: after any break the tablet asks with
HEAD and goes on from there. What is not here: the center's routes (center.uploads), and which file goes next (client).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from sync import blobs
from sync.crash import crash_during, crash_here

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHECKSUMS = ("sha256", "sha1")  # sha1 because the protocol demands it of every server; ours sends sha256
CONTENT_TYPE = "application/offset+octet-stream"
MAX_SIZE = 20 * 2**20

_SMALLEST = 32 * 1024
_FIRST = 128 * 1024
_LARGEST = 2**20
_CLEAN_FOR_MORE = 8
_DAMAGED = (401, 460)  # the signature, or the checksum, is not of what arrived


class UploadRefusedError(Exception):
    """The center does not take this file now; other files are not concerned. `status` is its answer."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class ChunkSize:
    """Bytes a request: 128 KiB, twice as many after eight clean ones (to 1 MiB), half after a break (to 32 KiB).
    sync.md B.4.
    """

    def __init__(self) -> None:
        self.bytes = _FIRST
        self._clean = 0

    def went_well(self) -> None:
        """A chunk arrived."""
        self._clean += 1
        if self._clean >= _CLEAN_FOR_MORE:
            self.bytes, self._clean = min(_LARGEST, self.bytes * 2), 0

    def broke(self) -> None:
        """The line broke in the middle of one, or changed it."""
        self.bytes, self._clean = max(_SMALLEST, self.bytes // 2), 0


def metadata(values: dict[str, str]) -> str:
    """An Upload-Metadata header."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def read_metadata(header: str) -> dict[str, str]:
    """The values of an Upload-Metadata header. ValueError when it is not one."""
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not key or key in found:
            raise ValueError("not metadata")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("not metadata") from error
    return found


def checksum(chunk: bytes) -> str:
    """An Upload-Checksum header."""
    return f"sha256 {base64.b64encode(hashlib.sha256(chunk).digest()).decode()}"


def checksum_holds(header: str, chunk: bytes) -> bool:
    """Whether the chunk is what its Upload-Checksum says. ValueError for an algorithm we do not know or an unreadable
    header.
    """
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise ValueError("unknown checksum algorithm")
    try:
        expected = base64.b64decode(value.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError("unreadable checksum") from error
    return hashlib.new(algorithm, chunk, usedforsecurity=False).digest() == expected


Progress = Callable[[str | None, int], None]


def upload(
    http: httpx.Client, folder: Path, address: str, saved_url: str | None, chunks: ChunkSize, progress: Progress
) -> None:
    """Brings one blob to the center, from wherever it had come to; returns when the center holds all of it.

    progress(url, offset) is told where the upload lives and how far it is, to be kept. BlobDamagedError: the file here
    is not what it was; OSError: it cannot be read now. UploadRefusedError: not this file. httpx errors and 5xx answers
    (HTTPStatusError): not now.
    """
    content = blobs.get(folder, address)
    url, offset = saved_url, None
    if url is not None:
        offset = _offset(http, url, len(content))
    restarts = 0
    while True:
        if url is None or offset is None:
            url, offset = _create(http, address, content, chunks)
            progress(url, offset)
        if offset == len(content):
            crash_here("K10")
            return
        if offset > len(content):  # it means another file
            raise UploadRefusedError(409)
        chunk = content[offset : offset + chunks.bytes]
        answer = _send(
            http, chunks, "PATCH", url, content=chunk,
            headers={"Upload-Offset": str(offset), "Content-Type": CONTENT_TYPE, "Upload-Checksum": checksum(chunk)},
        )  # fmt: skip
        if answer.status_code == 204:
            before, offset = offset, _number(answer, "Upload-Offset")
            if offset <= before:  # with such a center it would never end
                raise UploadRefusedError(answer.status_code)
            progress(url, offset)
            continue
        restarts += 1
        if restarts > 3 or answer.status_code not in (404, 409, 410, 460):
            raise UploadRefusedError(answer.status_code)
        # 409: somebody else moved the offset, or an answer was lost; 460: damaged on the way, or all of it thrown away
        # at the end
        offset = _offset(http, url, len(content))


def _create(http: httpx.Client, address: str, content: bytes, chunks: ChunkSize) -> tuple[str, int]:
    chunk = content[: chunks.bytes]
    headers = {
        "Upload-Length": str(len(content)),
        "Upload-Metadata": metadata({"sha256": address}),
        "Content-Type": CONTENT_TYPE,
        "Upload-Checksum": checksum(chunk),
    }
    answer = _send(http, chunks, "POST", "/v1/uploads", content=chunk, headers=headers)
    if answer.status_code != 201:
        raise UploadRefusedError(answer.status_code)
    location = answer.headers.get("Location", "")
    if not location.startswith("/v1/uploads/"):  # never to another host with our signature
        raise UploadRefusedError(answer.status_code)
    return location, _number(answer, "Upload-Offset")


def _offset(http: httpx.Client, url: str, length: int) -> int | None:
    """How much the center holds; None when the upload is gone and must be created again."""
    answer = _checked(http.request("HEAD", url, headers={"Tus-Resumable": VERSION}))
    if answer.status_code != 200 or answer.headers.get("Upload-Length") != str(length):
        return None
    return _number(answer, "Upload-Offset")


def _send(
    http: httpx.Client, chunks: ChunkSize, method: str, url: str, *, content: bytes, headers: dict[str, str]
) -> httpx.Response:
    try:
        answer = http.request(
            method, url, content=content, headers={"Tus-Resumable": VERSION, **headers},
            extensions=crash_during("K9", "send_request_body.started"),
        )  # fmt: skip
    except httpx.TransportError:
        chunks.broke()
        raise
    if answer.status_code in _DAMAGED:
        chunks.broke()
    else:
        chunks.went_well()
    return _checked(answer)


def _checked(answer: httpx.Response) -> httpx.Response:
    # not for this one file: the line, the center, or this tablet's standing
    if answer.status_code >= 500 or answer.status_code in (401, 403, 429):
        answer.raise_for_status()
    return answer


def _number(answer: httpx.Response, header: str) -> int:
    value = answer.headers.get(header, "")
    if not (value.isascii() and value.isdigit()):
        raise UploadRefusedError(answer.status_code)
    return int(value)
