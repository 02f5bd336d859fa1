"""Who may talk to the center: one-time codes, signatures, clocks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from center import devices as codes
from center import keyring
from center.devices import hash_code, new_code, read_code, seal_for_device
from center.store import devices, feed
from center.store.tables import device, enrol_code
from sync import wire
from sync.device import DeviceKeys, fingerprint
from tests.center.signing import Tablet
from tests.sync.loopback import NOW, Center


@pytest.fixture
def center(tmp_path: Path) -> Center:
    found = Center(tmp_path)
    found.now = NOW
    return found


def _enrol(center: Center, code: str, keys: DeviceKeys | None = None, **changed):
    keys = keys or DeviceKeys.generate()
    message = wire.Enrol(
        **{"code": code, "name": "1 號機", "sign_key": keys.sign_public, "seal_key": keys.seal_public, **changed}
    )
    return center.app.test_client().post("/v1/enrol", data=wire.encode(message))


def _problem(answer) -> str:
    return answer.json["type"].rpartition(":")[2]


def test_a_code_enrols_one_tablet_and_both_sides_see_the_same_fingerprint(center: Center) -> None:
    keys = DeviceKeys.generate()
    answer = _enrol(center, center.code(), keys)
    assert answer.status_code == 201
    enrolled = wire.decode(wire.Enrolled, answer.data)
    key = keyring.sealing_public(center.settings)
    assert enrolled.fingerprint == fingerprint(keys.sign_public, keys.seal_public, key)
    assert len(enrolled.fingerprint) == 6
    assert enrolled.fingerprint.isdigit()
    assert (enrolled.center_seal_key, enrolled.unit, enrolled.profile) == (key, "臺北市立動物園", "staff")
    with center.store.read() as conn:
        found = devices.find(conn, enrolled.device_id)
    assert (found.name, found.unit_id) == ("1 號機", center.unit_id)
    clear = b"for this tablet alone"
    assert keys.open(seal_for_device(found, clear, "returned"), "returned") == clear


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{spaced}"])
def test_a_code_may_be_typed_as_people_do(center: Center, typed: str) -> None:
    code = center.code()
    spelt = {"lower": code.lower(), "spaced": " ".join(code.replace("-", ""))}
    assert _enrol(center, typed.format(code, **spelt)).status_code == 201


def test_look_alikes_are_read_as_what_the_alphabet_has() -> None:
    assert read_code("oOiI-lL00") == "00111100"
    assert read_code("UUUU-UUUU") is None
    assert read_code("1234567") is None


def test_a_code_works_once(center: Center) -> None:
    code = center.code()
    assert _enrol(center, code).status_code == 201
    other = center.code()
    answer = _enrol(center, code)
    assert (answer.status_code, _problem(answer)) == (403, "enrol_code_used")
    assert _enrol(center, other).status_code == 201


def test_a_code_ends_after_fifteen_minutes(center: Center) -> None:
    code = center.code()
    center.now = NOW + timedelta(minutes=15)
    answer = _enrol(center, code)
    assert (answer.status_code, _problem(answer)) == (403, "enrol_code_expired")
    early = center.code()
    center.now += timedelta(minutes=14, seconds=59)
    assert _enrol(center, early).status_code == 201


def _mistyped(code: str, n: int = 0) -> str:
    """The same code with another end."""
    rest = [sign for sign in codes.ALPHABET if sign != code[-1]]
    return code[:-1] + rest[n]


def test_five_wrong_tries_end_the_code_that_was_meant_and_no_other(center: Center) -> None:
    meant, other = center.code(), center.code()
    said = [_problem(_enrol(center, _mistyped(meant, n))) for n in range(5)]
    assert said == ["enrol_code_wrong"] * 4 + ["enrol_code_spent"]
    answer = _enrol(center, meant)
    assert (answer.status_code, _problem(answer)) == (403, "enrol_code_spent")
    assert center.count(device) == 0
    assert _enrol(center, other).status_code == 201


def test_four_wrong_tries_leave_the_code_good(center: Center) -> None:
    code = center.code()
    for n in range(4):
        assert _problem(_enrol(center, _mistyped(code, n))) == "enrol_code_wrong"
    assert _enrol(center, code).status_code == 201


def test_what_names_no_code_counts_against_none(center: Center) -> None:
    code = center.code()
    stranger = next(f"{a}{b}{c}" for a in "ABC" for b in "DEF" for c in "GHJ" if f"{a}{b}{c}" != code[:3])
    for text in [stranger + "00000"] * 6 + ["", "U" * 8, "1234567"]:
        assert _problem(_enrol(center, text)) == "enrol_code_wrong"
    with center.store.read() as conn:
        assert conn.execute(enrol_code.select()).one().tries == 0
    assert _enrol(center, code).status_code == 201


def test_no_code_s_name_is_another_one_mistyped(center: Center) -> None:
    names = [read_code(center.code())[:3] for _ in range(40)]
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            assert sum(a != b for a, b in zip(one, other, strict=True)) >= 2
            assert sorted(one) != sorted(other)


def test_an_address_that_tries_without_end_is_told_to_wait_and_others_are_not(center: Center) -> None:
    code = center.code()
    said = [_problem(_enrol(center, "AAAA-AAAA")) for _ in range(40)]
    assert (said[0], said[-1]) == ("enrol_code_wrong", "enrol_too_often")
    assert _enrol(center, code).status_code == 429
    keys = DeviceKeys.generate()
    message = wire.Enrol(code=code, name="1", sign_key=keys.sign_public, seal_key=keys.seal_public)
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    client = center.app.test_client()
    assert client.post("/v1/enrol", data=wire.encode(message), environ_base=elsewhere).status_code == 201


def test_tablets_that_get_in_at_once_use_nothing_up(center: Center) -> None:
    assert {_enrol(center, center.code()).status_code for _ in range(35)} == {201}


def test_a_code_is_kept_by_its_slow_hash_only(center: Center) -> None:
    code = center.code()
    with center.store.read() as conn:
        row = conn.execute(enrol_code.select()).one()
    assert bytes(row.code_hash) == hash_code(code.replace("-", ""))
    assert code.replace("-", "").encode() not in bytes(row.code_hash)


def test_of_two_tablets_with_one_code_one_gets_in(center: Center) -> None:
    code = center.code()
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(_enrol(center, code).status_code)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 403, 403, 403]
    assert center.count(device) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"sign_key": "nothing"},
        {"seal_key": b"short"},
        {"name": "x" * 101},
        {"sign_key": "-----BEGIN PUBLIC KEY-----"},
        # a key of an algorithm that nobody knows (OID 1.2.3.4.5)
        {"sign_key": "-----BEGIN PUBLIC KEY-----\nMBUwBgYEKgMEBQMLAHh4eHh4eHh4eHg=\n-----END PUBLIC KEY-----\n"},
    ],
)
def test_keys_that_are_none_do_not_spend_a_code(center: Center, changed: dict) -> None:
    code = center.code()
    assert _problem(_enrol(center, code, **changed)) == "enrol_malformed"
    assert _enrol(center, code).status_code == 201


def test_there_is_no_code_for_an_unknown_profile(center: Center) -> None:
    with pytest.raises(codes.ProblemError, match="enrol_profile_unknown"):
        new_code(center.store, center.unit_id, "花博", "admin", NOW)


# --- signatures ---


@pytest.fixture
def tablet(center: Center) -> Tablet:
    return Tablet(center.app, center.store, keyring.sealing_public(center.settings), center.unit_id)


def _need(tablet: Tablet, headers: dict, body: bytes = b'{"hashes":[]}', path: str = "/v1/blobs/need"):
    return tablet.client.post(path, data=body, headers=headers)


def test_a_signed_request_is_taken_and_may_be_repeated(tablet: Tablet) -> None:
    headers = tablet.headers("POST", "/v1/blobs/need", b'{"hashes":[]}', NOW)
    assert [_need(tablet, headers).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("gone", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_request_without_its_signature_is_refused(tablet: Tablet, gone: str) -> None:
    headers = tablet.headers("POST", "/v1/blobs/need", b'{"hashes":[]}', NOW)
    del headers[gone]
    answer = _need(tablet, headers)
    assert (answer.status_code, _problem(answer)) == (401, "signature_wrong")


def test_a_request_altered_on_the_way_is_refused(tablet: Tablet) -> None:
    body = b'{"hashes":[]}'
    headers = tablet.headers("POST", "/v1/blobs/need", body, NOW)
    signature = headers["Signature"]
    middle = len(signature) // 2
    flipped = signature[:middle] + ("A" if signature[middle] != "A" else "B") + signature[middle + 1 :]
    said = headers["Signature-Input"]
    strangers = Tablet(tablet.client.application, tablet.client.application.extensions["store"], b"", None)
    answers = [
        _need(tablet, headers, b'{"hashes":["' + b"ab" * 32 + b'"]}'),
        _need(tablet, {**headers, "Signature": flipped}),
        _need(tablet, {**headers, "Host": "elsewhere.example"}),
        _need(tablet, {**headers, "Signature-Input": said.replace("@path", "@scheme")}),
        _need(
            tablet,
            {**headers, "Signature-Input": headers["Signature-Input"].replace(tablet.device_id, strangers.device_id)},
        ),
        tablet.client.post("/v1/ops", data=body, headers=headers),
        tablet.client.get("/v1/feed?cursor=1", headers=tablet.headers("GET", "/v1/feed?cursor=0", at=NOW)),
        _need(tablet, {**strangers.headers("POST", "/v1/blobs/need", body, NOW), "Signature": signature}),
    ]
    assert [(answer.status_code, _problem(answer)) for answer in answers] == [(401, "signature_wrong")] * 8


def test_a_signature_that_covers_less_is_refused(tablet: Tablet) -> None:
    from http_message_signatures import HTTPMessageSigner
    from http_message_signatures.algorithms import ECDSA_P256_SHA256

    from sync.device import _OneKey

    class Message:
        method, url = "GET", "http://localhost/v1/feed?cursor=0"

        def __init__(self) -> None:
            self.headers: dict[str, str] = {}

    for covered in (("@method",), ("@method", "@authority", "@path")):
        message = Message()
        signer = HTTPMessageSigner(signature_algorithm=ECDSA_P256_SHA256, key_resolver=_OneKey(tablet.keys.sign))
        signer.sign(
            message, key_id=tablet.device_id, created=NOW, label="device", tag="honorcard-device",
            covered_component_ids=covered,
        )  # fmt: skip
        assert tablet.client.get("/v1/feed?cursor=0", headers=message.headers).status_code == 401


def test_a_stranger_is_refused(center: Center, tablet: Tablet) -> None:
    tablet.device_id = "0" * 36
    assert tablet.ask("GET", "/v1/feed?cursor=0", at=NOW).status_code == 401


@pytest.mark.parametrize(
    "off", [timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=3650), timedelta(days=-3650)]
)
def test_a_wrong_clock_is_told_the_right_time(tablet: Tablet, off: timedelta) -> None:
    answer = tablet.ask("GET", "/v1/feed?cursor=0", at=NOW + off)
    assert (answer.status_code, _problem(answer)) == (401, "clock_skew")
    assert answer.json["server_ms"] == int(NOW.timestamp() * 1000)


def test_a_bad_signature_is_told_no_time(tablet: Tablet) -> None:
    headers = tablet.headers("GET", "/v1/feed?cursor=0", at=datetime(1970, 1, 2, tzinfo=UTC))
    answer = tablet.client.get("/v1/feed?cursor=1", headers=headers)
    assert _problem(answer) == "signature_wrong"
    assert "server_ms" not in answer.json


def test_a_disabled_tablet_is_told_no_news_but_that_it_is_to_be_emptied(center: Center, tablet: Tablet) -> None:
    with center.store.write() as conn:
        for kind, whose in (("venues", None), (feed.WIPE, tablet.device_id), ("card.status", tablet.device_id)):
            feed.append(conn, kind=kind, entity_id="x", rev=1, device_id=whose, body=b"{}", at_ms=1)
        devices.disable(conn, tablet.device_id, 1)
    page = wire.decode(wire.FeedPage, tablet.ask("GET", "/v1/feed?cursor=0", at=NOW).data)
    assert ([item.kind for item in page.items], page.cursor, page.standing) == (["wipe"], 0, "disabled")
    assert _need(tablet, tablet.headers("POST", "/v1/blobs/need", b'{"hashes":[]}', NOW)).status_code == 200


def test_a_tablet_that_may_be_a_copy_is_told_no_news_until_somebody_has_looked(center: Center, tablet: Tablet) -> None:
    with center.store.write() as conn:
        feed.append(conn, kind="venues", entity_id="", rev=1, device_id=None, body=b"{}", at_ms=1)
        devices.sound_alarm(conn, tablet.device_id, devices.CLONED)
    ask = lambda: wire.decode(wire.FeedPage, tablet.ask("GET", "/v1/feed?cursor=0", at=NOW).data)  # noqa: E731
    assert (ask().items, ask().cursor, ask().standing) == ((), 0, "suspended")
    with center.store.write() as conn:
        devices.quiet_alarm(conn, tablet.device_id)
    assert ([item.kind for item in ask().items], ask().standing) == (["venues"], "good")


def test_when_a_tablet_was_last_heard_from_is_noted(center: Center, tablet: Tablet) -> None:
    tablet.ask("GET", "/v1/feed?cursor=0", at=NOW)
    with center.store.read() as conn:
        assert devices.find(conn, tablet.device_id).seen_ms == int(NOW.timestamp() * 1000)
