"""`honorcard doctor` on a host of phones: its certificate, by ageing it, moving the machine and breaking files; and `--mend`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import cli
from commands import doctor, doctor_host
from kiosk import doors, local_ca
from kiosk.settings import Settings, save
from web.clock import system_now

NAMES = ["classroom.local", "192.168.7.4"]
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def host(tmp_path: Path, free_port, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A host's data, on a port where nobody listens, with a certificate made now."""
    settings = Settings(data_dir=tmp_path / "kiosk", port=free_port(), lan=True, lan_name="classroom.local")
    save(settings)
    monkeypatch.setattr(doors, "addresses", lambda: NAMES[1:])
    doors.identity(settings, system_now())
    return settings


def looked(settings: Settings, *, mend: bool = False) -> doctor.Finding:
    (found,) = doctor.findings(settings.data_dir, None, only=("certificate",), mend=mend)
    return found


def held(settings: Settings) -> bytes:
    return (settings.lan_keys / local_ca.HOST_FILE).read_bytes()


def test_a_host_in_order_is_good_and_looking_changes_nothing(host):
    before = held(host)
    assert (looked(host).state, looked(host).mend) == ("good", "")
    assert held(host) == before


def test_a_kiosk_that_no_phone_comes_to_is_not_asked(tmp_path, free_port):
    settings = Settings(data_dir=tmp_path / "kiosk", port=free_port())
    save(settings)
    assert "certificate" not in doctor.checks(settings.data_dir, None)
    save(Settings(data_dir=settings.data_dir, port=settings.port, lan=True))
    assert looked(settings).state == "good"  # none yet
    assert not settings.lan_keys.exists()


@pytest.mark.parametrize(
    ("after", "state", "mends"),
    [
        (timedelta(days=-2), "bad", False),  # the clock has fallen back
        (timedelta(days=365), "good", False),
        (local_ca.HOST_LASTS - local_ca.RENEW_BEFORE, "look", True),
        (local_ca.HOST_LASTS, "bad", True),
        (local_ca.CA_LASTS, "bad", True),
    ],
)
def test_its_end_is_said_before_it_comes_and_when_it_has_come(tmp_path, after, state, mends):
    local_ca.identity(tmp_path / "keys" / "lan", "館", NAMES, AT)
    found = doctor_host.judge(
        Settings(data_dir=tmp_path), local_ca.standing(tmp_path / "keys" / "lan", NAMES), AT + after
    )
    assert (found.state, bool(found.mend)) == (state, mends)
    assert found.remedy or state == "good"


def test_that_phones_will_have_to_trust_another_authority_is_said_three_months_ahead(tmp_path):
    folder = tmp_path / "keys" / "lan"
    near = AT + local_ca.CA_LASTS - timedelta(days=60)
    local_ca.identity(folder, "館", NAMES, AT)
    local_ca.identity(folder, "館", NAMES, near)
    found = doctor_host.judge(Settings(data_dir=tmp_path), local_ca.standing(folder, NAMES), near)
    assert (found.state, found.mend) == ("look", "")
    assert "/trust" in found.remedy


def test_an_address_that_is_new_is_missed_one_that_is_gone_is_said_and_both_are_mended(host, monkeypatch):
    monkeypatch.setattr(doors, "addresses", lambda: ["192.168.7.4", "10.1.2.3"])
    assert "lacks 10.1.2.3" in looked(host).seen
    assert (looked(host, mend=True).state, looked(host).state) == ("good", "good")
    monkeypatch.setattr(doors, "addresses", lambda: ["10.1.2.3"])
    assert "no longer has 192.168.7.4" in looked(host).seen
    mended = looked(host, mend=True)
    assert (mended.state, mended.mended) == ("good", True)


def test_an_address_that_may_not_be_certified_is_for_a_person_to_decide(host, monkeypatch):
    monkeypatch.setattr(doors, "addresses", lambda: [*NAMES[1:], "203.0.113.9"])
    before = held(host)
    found = looked(host, mend=True)
    assert (found.state, found.mended, held(host)) == ("look", False, before)
    assert "203.0.113.9" in found.seen


def test_a_certificate_that_is_gone_broken_or_of_another_authority_is_made_again_and_phones_notice_nothing(
    host, tmp_path
):
    file, trusted = host.lan_keys / local_ca.HOST_FILE, local_ca.fingerprint(host.lan_keys)
    local_ca.identity(tmp_path / "other", "別處", NAMES, system_now())
    for wrong in (None, b"no certificate", (tmp_path / "other" / local_ca.HOST_FILE).read_bytes()):
        if wrong is None:
            file.unlink()
        else:
            file.write_bytes(wrong)
        assert looked(host).state == "bad"
        assert looked(host, mend=True).mended
        assert file.stat().st_mode & 0o777 == 0o600
        assert local_ca.fingerprint(host.lan_keys) == trusted


def test_the_authority_gone_is_said_and_no_other_is_made(host):
    (host.lan_keys / local_ca.CA_FILE).unlink()
    found = looked(host, mend=True)
    assert (found.state, found.mended) == ("bad", False)
    assert not (host.lan_keys / local_ca.CA_FILE).exists()


def test_the_line_is_for_programs_too(host, capsys):
    assert cli.main(["doctor", "--dir", str(host.data_dir), "--only", "certificate", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert (json.loads(line)["thing"], json.loads(line)["state"]) == ("certificate", "good")
