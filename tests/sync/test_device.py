"""A tablet's keys on its disk, its fingerprint, and what its requests carry."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest

from sync.device import DeviceAuth, DeviceKeys, fingerprint
from sync.seal import seal


def test_keys_come_back_as_they_were_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    keys = DeviceKeys.generate()
    keys.save(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys" / "device.json").stat().st_mode) == 0o600
    for folder in (tmp_path / "keys", tmp_path):
        again = DeviceKeys.load(folder)
        assert (again.sign_public, again.seal_public) == (keys.sign_public, keys.seal_public)
        assert again.open(seal(b"card", keys.seal_public, "sheet"), "sheet") == b"card"


def test_there_are_no_keys_before_enrolment(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DeviceKeys.load(tmp_path)


def test_the_fingerprint_depends_on_every_key() -> None:
    one, two = DeviceKeys.generate(), DeviceKeys.generate()
    center = bytes(32)
    same = fingerprint(one.sign_public, one.seal_public, center)
    assert same == fingerprint(one.sign_public.replace("\n", "\r\n"), one.seal_public, center)
    others = {
        fingerprint(two.sign_public, one.seal_public, center),
        fingerprint(one.sign_public, two.seal_public, center),
        fingerprint(one.sign_public, one.seal_public, bytes([1] * 32)),
    }
    assert same not in others


def _answers(*planned: httpx.Response):
    seen: list[httpx.Request] = []
    left = list(planned)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    return httpx.MockTransport(answer), seen


def test_a_request_names_its_device_and_covers_its_content() -> None:
    transport, seen = _answers(httpx.Response(200))
    auth = DeviceAuth(DeviceKeys.generate(), "device-1", lambda: 1_790_000_000_000)
    httpx.Client(transport=transport, auth=auth).post("http://center/v1/ops?x=1", content=b"body")
    said = seen[0].headers["Signature-Input"]
    for part in ('"@method"', '"@authority"', '"@path"', '"@query"', '"content-digest"', 'keyid="device-1"'):
        assert part in said
    assert "created=1790000000;" in said
    assert seen[0].headers["Content-Digest"].startswith("sha-256=")


def test_a_wrong_clock_is_corrected_once_and_never_in_a_circle() -> None:
    told: list[int] = []
    skew = httpx.Response(401, json={"time": "signed"})
    transport, seen = _answers(skew)
    asked: list[tuple[object, str]] = []

    def read_time(signed: object, nonce: str) -> int | None:
        asked.append((signed, nonce))
        return 1_800_000_000_000

    auth = DeviceAuth(DeviceKeys.generate(), "device-1", lambda: 0, told.append, read_time)
    answer = httpx.Client(transport=transport, auth=auth).get("http://center/v1/feed")
    assert answer.status_code == 401
    assert len(seen) == 2
    assert told == [1_800_000_000_000]
    assert asked[0][0] == "signed" and len(asked) == 1
    assert "created=1800000000;" in seen[1].headers["Signature-Input"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"type": "x"}),
        httpx.Response(401, text="<html>"),
        httpx.Response(403, json={"time": "signed"}),
        httpx.Response(401, json={"server_ms": 5, "time": "not signed"}),
        httpx.Response(401, json=[1]),
    ],
)
def test_other_refusals_are_not_tried_again(answer: httpx.Response) -> None:
    transport, seen = _answers(answer)
    auth = DeviceAuth(DeviceKeys.generate(), "device-1", lambda: 0)
    httpx.Client(transport=transport, auth=auth).get("http://center/v1/feed")
    assert len(seen) == 1
