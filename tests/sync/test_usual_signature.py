"""A signature as our tablets write it is read without a parser; all else is left to the library."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from sync import device, usual_signature
from sync.device import DeviceKeys, Received, SignatureError, sign, verify

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
KEYS = DeviceKeys.generate()
KEY_OF = {"0199-tablet": KEYS.sign_public}.get


@dataclass
class _Asked:
    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


def _signed(method: str = "POST", url: str = "http://hc.test/v1/ops?a=1", body: bytes = b"content") -> Received:
    asked = _Asked(method, url)
    sign(asked, KEYS.sign, "0199-tablet", int(NOW.timestamp() * 1000), body)
    return Received(method, url, asked.headers)


def _holds(message: Received, body: bytes) -> bool:
    signed = usual_signature.read(message, body)
    return signed is not None and signed.holds(KEYS.sign.public_key())


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "http://hc.test/v1/ops", b"content"),
        ("GET", "https://HC.test:443/v1/feed?cursor=1&limit=500", b""),
        ("PATCH", "http://127.0.0.1:8082/v1/uploads/x%20y", bytes(1000)),
        ("HEAD", "http://hc.test/v1/uploads/x?", b""),
    ],
)
def test_what_a_tablet_signs_needs_no_parser(
    monkeypatch: pytest.MonkeyPatch, method: str, url: str, body: bytes
) -> None:
    def unasked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(device, "_other", unasked)
    assert verify(_signed(method, url, body), body, KEY_OF, NOW) == "0199-tablet"


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("PUT", "http://hc.test/v1/ops?a=1", b"content"),
        ("POST", "http://other.test/v1/ops?a=1", b"content"),
        ("POST", "http://hc.test/v1/op?a=1", b"content"),
        ("POST", "http://hc.test/v1/ops?a=2", b"content"),
        ("POST", "http://hc.test/v1/ops?a=1", b"Content"),
        ("POST", "http://hc.test/v1/ops?a=1", b""),
    ],
)
def test_nothing_that_is_covered_can_be_changed(method: str, url: str, body: bytes) -> None:
    message = Received(method, url, _signed().headers)
    assert not _holds(message, body)
    with pytest.raises(SignatureError):
        verify(message, body, KEY_OF, NOW)


def test_content_that_came_without_a_digest_is_not_taken() -> None:
    message = _signed(body=b"")
    assert _holds(message, b"")
    assert not _holds(message, b"put in")


def test_the_same_in_other_words_is_the_librarys_to_read() -> None:
    message = _signed()
    headers = {name: value.replace(": ", ":") for name, value in message.headers.items()}
    headers["Signature-Input"] = headers["Signature-Input"].replace('" "', '"  "')
    other = Received(message.method, message.url, headers)
    assert usual_signature.read(other, b"content") is None
    assert verify(other, b"content", KEY_OF, NOW) == "0199-tablet"


def test_a_header_that_comes_twice_is_left_to_the_library() -> None:
    message = _signed()
    headers = {**message.headers, "signature": message.headers["Signature"].replace("=:", "=:A")}
    assert usual_signature.read(Received(message.method, message.url, headers), b"content") is None


def test_whatever_is_taken_here_the_library_takes_too() -> None:
    dice = random.Random(5)
    message = _signed()
    marks = 'abz019-=:;,"() \t+/@'
    taken = 0
    for _ in range(3000):
        headers = dict(message.headers)
        name = dice.choice(list(headers))
        value = headers[name]
        place = dice.randrange(len(value))
        cut = dice.choice((0, 1, 1, 2))
        headers[name] = value[:place] + dice.choice(("", dice.choice(marks))) + value[place + cut :]
        changed = Received(message.method, message.url, headers)
        if _holds(changed, b"content"):
            taken += 1
            assert device._other(changed, b"content", KEY_OF)[0] == "0199-tablet"
    assert taken
