"""The data key wrapped by a passphrase: before it is typed nothing is readable, tries are limited, nobody gets round it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client

from honorcard.problems import ProblemError, sentence
from kiosk import create_app, locked, pins
from kiosk.settings import Settings
from kiosk.store import Store, keys, syncing
from sync.device import DeviceKeys, DeviceLockedError
from tests.kiosk.scene import build

PHRASE = "河馬 抽屜 星期二 檸檬 gate"
WRONG = "something else entirely"


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "keys" / "data.key"
    yield found
    keys.forget(found)


def clock(at: list[float], boot: str = "one") -> keys.Clock:
    return lambda: (boot, at[0])


def restart(path: Path) -> None:
    """As a new process begins: it holds no key."""
    from sync import device

    keys.forget(path)
    device._wrapping.pop(path.parent.resolve(), None)


def test_the_key_stays_the_same_and_its_bare_file_goes(path: Path) -> None:
    bare = keys.data_key(path)
    assert keys.wrap(path, PHRASE) == bare
    assert not path.exists()
    assert bare not in b"".join(file.read_bytes() for file in path.parent.iterdir())
    restart(path)
    with pytest.raises(keys.KeyLockedError):
        keys.data_key(path)
    assert keys.open_with(path, f" {PHRASE} ", clock([0])) == 0
    assert keys.data_key(path) == bare


def test_another_passphrase_wraps_the_same_key(path: Path) -> None:
    bare = keys.wrap(path, PHRASE)
    keys.wrap(path, "four other words here")
    restart(path)
    assert keys.open_with(path, PHRASE, clock([0])) > 0
    assert keys.open_with(path, "four other words here", clock([0])) == 0
    assert keys.data_key(path) == bare


@pytest.mark.parametrize("phrase", ["", "short", "  nine char  "[:13]])
def test_a_short_passphrase_is_not_taken(path: Path, phrase: str) -> None:
    with pytest.raises(ProblemError, match="passphrase_short"):
        keys.wrap(path, phrase)
    assert not keys.is_wrapped(path)


def test_tries_are_limited_as_with_the_pin_but_never_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.wrap(path, PHRASE)
    restart(path)
    evaluated = []
    slow = keys._stretched
    monkeypatch.setattr(keys, "_stretched", lambda *said: evaluated.append(1) or slow(*said))
    at = [0.0]
    assert [keys.open_with(path, WRONG, clock(at)) for _ in range(5)] == [1, 1, 1, 1, 30]
    assert keys.open_with(path, PHRASE, clock(at)) == 30  # the right one is not even tried now
    assert len(evaluated) == 5
    at[0] += 10
    assert keys.wait_s(path, clock(at)) == 20
    later = clock(at, "another boot")
    assert keys.open_with(path, PHRASE, later) == 30  # nobody knows how long it was off
    for wait in (60, 300, 900, 3600, 3600):
        at[0] += 4000
        assert keys.open_with(path, WRONG, later) == wait
    at[0] += 4000
    assert keys.open_with(path, PHRASE, later) == 0
    assert keys.wait_s(path, later) == 0


def test_a_try_is_counted_before_it_is_looked_at(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.wrap(path, PHRASE)
    restart(path)

    def cut(*_said: object) -> bytes:
        raise SystemExit

    monkeypatch.setattr(keys, "_stretched", cut)
    for _ in range(5):
        with pytest.raises(SystemExit):
            keys.open_with(path, WRONG, clock([0.0]))
    assert keys.wait_s(path, clock([0.0])) == 30


def test_a_torn_counter_means_the_longest_wait(path: Path) -> None:
    keys.wrap(path, PHRASE)
    path.with_name(keys.TRIES).write_bytes(b"{")
    assert keys.wait_s(path, clock([0.0])) == 3600


def test_the_tablet_s_own_keys_are_wrapped_with_it(path: Path) -> None:
    made = DeviceKeys.generate()
    made.save(path.parent)
    keys.wrap(path, PHRASE)
    assert b"PRIVATE KEY" not in (path.parent / "device.json").read_bytes()
    restart(path)
    with pytest.raises(DeviceLockedError):
        DeviceKeys.load(path.parent)
    assert keys.open_with(path, PHRASE, clock([0])) == 0
    assert DeviceKeys.load(path.parent).sign_public == made.sign_public
    DeviceKeys.generate().save(path.parent)  # a new enrolment
    assert b"PRIVATE KEY" not in (path.parent / "device.json").read_bytes()


# --- the page ---


@pytest.fixture
def door(tmp_path: Path) -> Iterator[locked.Door]:
    settings = Settings(data_dir=tmp_path, key_custody="passphrase", station="北門 1 號機")
    yield _door(settings)
    keys.forget(settings.key_file)


def _door(settings: Settings) -> locked.Door:
    def open_kiosk():
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        return app

    made = locked.Door(settings, open_kiosk)
    made.page.config["WTF_CSRF_ENABLED"] = False
    return made


def send(door: locked.Door, method: str, path: str, *, remote: str = "127.0.0.1", **data: str):
    overrides = {"REMOTE_ADDR": remote}
    return Client(door).open(
        path, method=method, data=data or None, base_url="http://localhost", environ_overrides=overrides
    )


def test_only_at_the_machine_itself_a_passphrase_is_chosen(door: locked.Door) -> None:
    assert send(door, "POST", "/passphrase", remote="192.168.1.9", passphrase=PHRASE, again=PHRASE).status_code == 403
    assert "請選這台機器的開機密語" in send(door, "GET", "/").text


def test_the_first_start_asks_for_a_passphrase_and_then_is_the_kiosk(door: locked.Door) -> None:
    page = send(door, "GET", "/")
    assert "請選這台機器的開機密語" in page.text
    assert send(door, "POST", "/passphrase", passphrase=PHRASE, again="other words").status_code == 422
    assert send(door, "POST", "/passphrase", passphrase="short", again="short").status_code == 422
    assert send(door, "POST", "/passphrase", passphrase=PHRASE, again=PHRASE).status_code == 303
    assert "今天要辦什麼" in send(door, "GET", "/").text


def test_every_later_start_shows_nothing_until_it_is_typed(door: locked.Door, tmp_path: Path) -> None:
    send(door, "POST", "/passphrase", passphrase=PHRASE, again=PHRASE)
    path = tmp_path / "keys" / "data.key"
    restart(path)
    again = _door(Settings(data_dir=tmp_path, key_custody="passphrase"))
    for where in ("/tray", "/state", "/verify", "/unlock", "/staff/care"):
        assert send(again, "GET", where).status_code == 303
    assert send(again, "GET", "/healthz").json == {"ok": True, "locked": True}
    page = send(again, "GET", "/")
    assert "不會送件" in page.text
    wrong = send(again, "POST", "/passphrase", passphrase=WRONG)
    assert wrong.status_code == 403
    assert sentence("passphrase_wrong", "zh") in wrong.text
    for _ in range(4):
        send(again, "POST", "/passphrase", passphrase=WRONG)
    assert "秒再試" in send(again, "GET", "/").text
    path.with_name(keys.TRIES).unlink()  # as if the wait were over
    assert send(again, "POST", "/passphrase", passphrase=PHRASE).status_code == 303
    assert send(again, "GET", "/tray").location.startswith("/unlock")


def test_a_key_in_a_file_asks_for_nothing(tmp_path: Path) -> None:
    assert not locked.asks(Settings(data_dir=tmp_path))


def test_a_passphrase_chosen_stays_asked_for_when_the_setting_goes(path: Path, tmp_path: Path) -> None:
    keys.wrap(path, PHRASE)
    restart(path)
    assert locked.asks(Settings(data_dir=tmp_path))


def test_staff_change_the_passphrase_with_the_old_one(tmp_path: Path) -> None:
    scene = build(tmp_path)
    path = scene.settings.key_file
    keys.wrap(path, PHRASE)
    client = scene.client()
    assert "換開機密語" in client.get("/staff/care").text
    new = {"new": "another four words", "again": "another four words"}
    assert client.post("/staff/care/passphrase", data={"old": WRONG, **new}).status_code == 403
    assert (
        client.post("/staff/care/passphrase", data={"old": PHRASE, "new": "x" * 12, "again": "y" * 12}).status_code
        == 422
    )
    assert client.post("/staff/care/passphrase", data={"old": PHRASE, **new}).status_code == 200
    restart(path)
    assert keys.open_with(path, "another four words", pins.boot_clock) == 0
    with Store(scene.settings.database, keys.data_key(path)).read() as db:
        assert syncing.membership(db) is not None
    keys.forget(path)
