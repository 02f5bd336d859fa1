"""tus 1.0 at the center: offsets, checksums, the whole file's hash; a foreign client gets through."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient

from center import keyring, receiving, uploads
from center.store.tables import blob, upload
from center.uploads import LIFE_MS
from sync.device import sign
from sync.uploads import CONTENT_TYPE, ChunkSize, checksum, checksum_holds, metadata, read_metadata
from tests.center.signing import Tablet, application_body, photos_of
from tests.sync.loopback import Center

TUS = {"Tus-Resumable": "1.0.0"}


class Bench:
    """A center with one application whose photographs are awaited."""

    def __init__(self, folder: Path) -> None:
        self.center = Center(folder)
        self.tablet = Tablet(
            self.center.app, self.center.store, keyring.sealing_public(self.center.settings), self.center.unit_id
        )
        photos, self.contents = photos_of(self.tablet)
        self.body = application_body(photos, submitted_on=datetime.now(UTC).date())
        self.tablet.push(self.tablet.op(1, self.body))
        self.address, self.content = next(iter(self.contents.items()))

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str):
        """A signed request with the protocol's header."""
        return self.tablet.ask(method, path, body, Tus_Resumable="1.0.0", **headers)

    def create(self, address: str = "", length: int | None = None, first: bytes = b"", **headers: str):
        """Begins an upload."""
        if first:
            headers.setdefault("Content_Type", CONTENT_TYPE)
        return self.ask(
            "POST", "/v1/uploads", first, Upload_Length=str(len(self.content) if length is None else length),
            Upload_Metadata=metadata({"sha256": address or self.address}), **headers,
        )  # fmt: skip

    def patch(self, url: str, offset: int, chunk: bytes, **headers: str):
        """Sends the next bytes."""
        headers.setdefault("Content_Type", CONTENT_TYPE)
        return self.ask("PATCH", url, chunk, Upload_Offset=str(offset), **headers)

    def offset(self, url: str) -> int:
        """What the center says it holds."""
        return int(self.ask("HEAD", url).headers["Upload-Offset"])

    def stored(self) -> Path:
        """Where the file lies when it is whole."""
        return self.center.settings.blobs_dir / self.address[:2] / self.address[2:4] / self.address


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_small_photograph_is_one_request(bench: Bench) -> None:
    answer = bench.create(first=bench.content)
    assert answer.status_code == 201
    assert answer.headers["Upload-Offset"] == str(len(bench.content))
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert bench.stored().read_bytes() == bench.content
    assert bench.center.photo_states(bench.body.application_id) == {"stored", "awaited"}


def test_a_file_in_one_piece_is_never_under_way(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "QUOTA_BYTES", 0)
    begun = bench.create(first=bench.content[:-1])
    assert begun.status_code == 413
    answer = bench.create(first=bench.content)
    assert answer.status_code == 201
    assert bench.stored().read_bytes() == bench.content
    assert not list((bench.center.settings.blobs_dir / "partial").glob("*"))
    assert bench.offset(answer.headers["Location"]) == len(bench.content)
    assert bench.create(first=bench.content).status_code == 409


def test_a_file_in_one_piece_that_is_not_its_address_leaves_nothing(bench: Bench) -> None:
    wrong = bench.content[:-1] + bytes((bench.content[-1] ^ 1,))
    assert bench.create(first=wrong).status_code == 460
    assert not bench.stored().exists()
    assert bench.center.count(blob) == bench.center.count(upload) == 0
    assert bench.create(first=bench.content).status_code == 201


def test_a_file_in_one_piece_ends_the_upload_that_was_under_way(bench: Bench) -> None:
    before = bench.create(first=bench.content[:10]).headers["Location"]
    assert bench.create(first=bench.content).status_code == 201
    assert bench.ask("HEAD", before).status_code == 404
    assert not list((bench.center.settings.blobs_dir / "partial").glob("*"))


def test_a_photograph_in_pieces_arrives_byte_for_byte(bench: Bench) -> None:
    url = bench.create().headers["Location"]
    for at in range(0, len(bench.content), 700):
        assert bench.offset(url) == at
        chunk = bench.content[at : at + 700]
        answer = bench.patch(url, at, chunk, Upload_Checksum=checksum(chunk))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(at + len(chunk)))
        assert "Upload-Expires" in answer.headers
    assert bench.stored().read_bytes() == bench.content
    assert bench.offset(url) == len(bench.content)


@pytest.mark.parametrize("at", [0, 1, 99, 101, 10_000_000])
def test_bytes_at_another_offset_are_refused_and_the_true_one_is_told(bench: Bench, at: int) -> None:
    url = bench.create(first=bench.content[:100]).headers["Location"]
    answer = bench.patch(url, at, bench.content[at : at + 50] or b"x")
    assert (answer.status_code, answer.json["offset"]) == (409, 100)
    assert bench.offset(url) == 100


def test_more_bytes_than_announced_are_refused(bench: Bench) -> None:
    url = bench.create().headers["Location"]
    assert bench.patch(url, 0, bench.content + b"x").status_code == 409
    assert bench.offset(url) == 0


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_chunk_damaged_on_the_way_is_not_kept(bench: Bench, algorithm: str) -> None:
    url = bench.create().headers["Location"]
    digest = base64.b64encode(hashlib.new(algorithm, bench.content[:200]).digest()).decode()
    spoiled = bench.content[:199] + bytes([bench.content[199] ^ 1])
    assert bench.patch(url, 0, spoiled, Upload_Checksum=f"{algorithm} {digest}").status_code == 460
    assert bench.offset(url) == 0
    assert bench.patch(url, 0, bench.content[:200], Upload_Checksum=f"{algorithm} {digest}").status_code == 204


@pytest.mark.parametrize("said", ["md5 AAAA", "sha256", "sha256 !!!", "", "sha256  AAAA"])
def test_a_checksum_nobody_can_check_is_refused(bench: Bench, said: str) -> None:
    url = bench.create().headers["Location"]
    assert bench.patch(url, 0, bench.content[:10], Upload_Checksum=said).status_code in (400, 460)
    assert bench.offset(url) == 0


def test_a_file_that_is_not_its_address_is_thrown_away(bench: Bench) -> None:
    wrong = bytes(len(bench.content))
    url = bench.create(first=wrong[:300]).headers["Location"]
    assert bench.patch(url, 300, wrong[300:]).status_code == 460
    assert bench.offset(url) == 0
    assert not bench.stored().exists()
    assert bench.patch(url, 0, bench.content).status_code == 204
    assert bench.stored().read_bytes() == bench.content


def test_a_process_that_stopped_before_the_end_finishes_at_the_next_question(bench: Bench) -> None:
    url = bench.create(first=bench.content[:-1]).headers["Location"]
    part = bench.center.settings.blobs_dir / "partial" / url.rsplit("/", 1)[1]
    part.write_bytes(bench.content)
    assert bench.offset(url) == len(bench.content)
    assert bench.stored().exists()
    assert bench.center.count(blob) == 1


def test_a_file_no_application_names_is_not_taken(bench: Bench) -> None:
    assert bench.create(address="ab" * 32).status_code == 422
    assert bench.center.count(upload) == 0


def test_another_tablet_cannot_touch_an_upload(bench: Bench) -> None:
    url = bench.create(first=bench.content[:50]).headers["Location"]
    stranger = Tablet(bench.center.app, bench.center.store, bench.tablet.center_key, None)
    for method in ("HEAD", "DELETE"):
        assert stranger.ask(method, url, Tus_Resumable="1.0.0").status_code == 404
    answer = stranger.ask("PATCH", url, b"x", Tus_Resumable="1.0.0", Upload_Offset="50", Content_Type=CONTENT_TYPE)
    assert answer.status_code == 404
    assert bench.offset(url) == 50


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Length": "-1"}, 400),
        ({"Upload_Length": "many"}, 400),
        ({"Upload_Length": "99999999999"}, 413),
        ({"Upload_Metadata": "sha256"}, 400),
        ({"Upload_Metadata": "sha256 !!"}, 400),
        ({"Upload_Metadata": metadata({"sha256": "../../../etc/passwd"})}, 400),
        ({"Upload_Metadata": metadata({"name": "a.jpg"})}, 400),
        ({"Tus_Resumable": "0.2.2"}, 412),
    ],
)
def test_headers_that_are_not_the_protocols_are_refused(bench: Bench, headers: dict, status: int) -> None:
    sent = {
        "Tus_Resumable": "1.0.0", "Upload_Length": "10", "Upload_Metadata": metadata({"sha256": bench.address}),
        **headers,
    }  # fmt: skip
    answer = bench.tablet.ask("POST", "/v1/uploads", **sent)
    assert answer.status_code == status
    assert status != 412 or answer.headers["Tus-Version"] == "1.0.0"


def test_bytes_of_another_content_type_are_refused(bench: Bench) -> None:
    url = bench.create().headers["Location"]
    assert bench.patch(url, 0, b"x", Content_Type="image/jpeg").status_code == 415


@pytest.mark.parametrize("name", ["..", "%2e%2e", "x/../../y", "..%5c..", "a" * 300, "\u202etxt"])
def test_an_uploads_name_is_never_a_path(bench: Bench, name: str) -> None:
    answer = bench.tablet.client.head(f"/v1/uploads/{name}", headers=TUS)
    assert answer.status_code in (401, 404, 405)
    assert [path.name for path in bench.center.settings.blobs_dir.rglob("*") if path.is_file()] == []


def test_an_upload_given_up_is_gone(bench: Bench) -> None:
    url = bench.create(first=bench.content[:50]).headers["Location"]
    assert bench.ask("DELETE", url).status_code == 204
    assert bench.ask("HEAD", url).status_code == 404
    assert not any((bench.center.settings.blobs_dir / "partial").iterdir())


def test_an_upload_begun_anew_takes_the_place_of_the_old_one(bench: Bench) -> None:
    old = bench.create(first=bench.content[:50]).headers["Location"]
    new = bench.create().headers["Location"]
    assert bench.ask("HEAD", old).status_code == 404
    assert bench.offset(new) == 0
    assert bench.patch(new, 0, bench.content).status_code == 204


def test_what_has_arrived_no_longer_counts_against_a_tablets_share(bench: Bench, monkeypatch) -> None:
    sizes = [len(content) for content in bench.contents.values()]
    monkeypatch.setattr(uploads, "QUOTA_BYTES", max(sizes))  # one photograph at a time
    assert len(sizes) > 2
    for address, content in bench.contents.items():
        assert bench.create(address, len(content), first=content).status_code == 201
    assert bench.center.count(blob) == len(sizes)


def test_a_tablet_may_have_no_more_under_way_than_its_share(bench: Bench, monkeypatch) -> None:
    first, second, *_ = bench.contents.items()
    monkeypatch.setattr(uploads, "QUOTA_BYTES", len(first[1]) + len(second[1]) - 1)
    begun = bench.create(first[0], len(first[1]), first=first[1][:100])
    assert begun.status_code == 201
    assert bench.create(second[0], len(second[1])).status_code == 413
    assert bench.patch(begun.headers["Location"], 100, first[1][100:]).status_code == 204
    assert bench.create(second[0], len(second[1])).status_code == 201


def test_an_upload_expires_after_a_week(bench: Bench) -> None:
    url = bench.create(first=bench.content[:50]).headers["Location"]
    later = datetime.now(UTC) + timedelta(milliseconds=LIFE_MS, minutes=1)
    bench.center.now = later
    assert bench.tablet.ask("HEAD", url, at=later, Tus_Resumable="1.0.0").status_code == 404
    assert receiving.sweep(bench.center.store, bench.center.settings, int(later.timestamp() * 1000)) == 1
    assert not any((bench.center.settings.blobs_dir / "partial").iterdir())


def test_what_the_server_can_do_is_told_to_anybody(bench: Bench) -> None:
    answer = bench.tablet.client.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_two_requests_with_the_same_bytes_at_once_leave_one_copy(bench: Bench) -> None:
    url = bench.create().headers["Location"]
    half = len(bench.content) // 2
    statuses: list[int] = []

    def send() -> None:
        path = url
        headers = bench.tablet.headers(
            "PATCH", path, bench.content[:half], Tus_Resumable="1.0.0", Upload_Offset="0", Content_Type=CONTENT_TYPE
        )
        client = bench.center.app.test_client()
        statuses.append(client.open(path, method="PATCH", data=bench.content[:half], headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [204, 409, 409, 409]
    assert bench.patch(url, half, bench.content[half:]).status_code == 204
    assert bench.stored().read_bytes() == bench.content


@pytest.mark.parametrize("chunk_size", [500, 4096, 10_000_000])
@pytest.mark.parametrize("with_checksum", [False, True])
def test_a_foreign_tus_client_gets_through(
    bench: Bench, tmp_path: Path, monkeypatch, chunk_size: int, with_checksum: bool
) -> None:
    bench.center.serve()
    plain_send = requests.Session.send

    def signed_send(session, prepared, **options):
        body = prepared.body if isinstance(prepared.body, bytes) else b"".join(prepared.body or ())
        prepared.body = body
        sign(prepared, bench.tablet.keys.sign, bench.tablet.device_id, int(datetime.now(UTC).timestamp() * 1000), body)
        return plain_send(session, prepared, **options)

    monkeypatch.setattr(requests.Session, "send", signed_send)
    file = tmp_path / "sealed.bin"
    file.write_bytes(bench.content)
    client = TusClient(f"{bench.center.url}/v1/uploads")
    one = client.uploader(
        str(file), chunk_size=chunk_size, metadata={"sha256": bench.address}, upload_checksum=with_checksum
    )
    one.upload_chunk()
    again = client.uploader(str(file), chunk_size=chunk_size, url=one.url)
    assert again.offset == min(chunk_size, len(bench.content))
    again.upload()
    assert bench.stored().read_bytes() == bench.content
    bench.center.close()


def test_metadata_reads_back_and_nothing_else_does() -> None:
    assert read_metadata(metadata({"sha256": "ab", "名稱".encode().hex(): "相片"})) == {
        "sha256": "ab", "名稱".encode().hex(): "相片",
    }  # fmt: skip
    assert read_metadata("") == {}
    for bad in (",", "a AAAA,a AAAA", "a !", "a /w=="):
        with pytest.raises(ValueError):
            read_metadata(bad)
    assert checksum_holds(checksum(b"abc"), b"abc")
    assert not checksum_holds(checksum(b"abc"), b"abd")


def test_chunks_grow_on_a_good_line_and_shrink_after_a_break() -> None:
    chunks = ChunkSize()
    assert chunks.bytes == 128 * 1024
    for _ in range(80):
        chunks.went_well()
    assert chunks.bytes == 1024 * 1024
    for _ in range(9):
        chunks.broke()
    assert chunks.bytes == 32 * 1024
