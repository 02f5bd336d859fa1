"""The host's authority and its certificate: what phones check, when it is made anew, what it may not certify."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from kiosk import local_ca
from kiosk.local_ca import identity

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAMES = ("classroom.local", "192.168.7.4")


def chain(folder):
    leaf = x509.load_pem_x509_certificate((folder / local_ca.HOST_FILE).read_bytes())
    root = x509.load_der_x509_certificate(local_ca.authority_der(folder))
    return leaf, root


def extension(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind).value


def test_the_certificate_is_one_that_phones_take(tmp_path):
    made = identity(tmp_path, "花博爭艷館 1 號機", NAMES, AT)
    leaf, root = chain(tmp_path)
    leaf.verify_directly_issued_by(root)
    assert set(NAMES) < set(made.names)
    assert isinstance(leaf.public_key(), ec.EllipticCurvePublicKey)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)
    assert leaf.not_valid_before_utc < AT
    assert ExtendedKeyUsageOID.SERVER_AUTH in extension(leaf, x509.ExtendedKeyUsage)
    assert not extension(leaf, x509.BasicConstraints).ca
    assert ip_address("192.168.7.4") in extension(leaf, x509.SubjectAlternativeName).get_values_for_type(x509.IPAddress)


def test_the_authority_is_called_after_the_station_lasts_ten_years_and_certifies_no_authority(tmp_path):
    identity(tmp_path, "花博爭艷館 1 號機", NAMES, AT)
    root = chain(tmp_path)[1]
    assert local_ca.authority_name(tmp_path) == "榮譽卡主機 花博爭艷館 1 號機"
    assert timedelta(days=3640) < root.not_valid_after_utc - AT < timedelta(days=3660)
    assert extension(root, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=0)


def test_keys_are_nobody_elses(tmp_path):
    identity(tmp_path / "lan", "一號機", NAMES, AT)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "lan").iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8", "2001:db8::1"])
def test_what_is_not_of_a_local_network_is_left_out(tmp_path, name):
    identity(tmp_path, "一號機", NAMES, AT)
    made = identity(tmp_path, "一號機", [*NAMES, name], AT)
    assert made.left_out == (name,)
    assert name not in made.names
    assert not made.renewed


def test_a_name_or_address_of_the_citys_own_is_allowed_when_the_authority_is_made(tmp_path):
    made = identity(tmp_path, "一號機", ["kiosk.example.gov.tw", "203.0.113.9"], AT)
    assert {"kiosk.example.gov.tw", "203.0.113.9"} < set(made.names)
    assert made.left_out == ()
    assert identity(tmp_path, "一號機", ["203.0.113.10", "example.gov.tw"], AT).left_out == (
        "203.0.113.10",
        "example.gov.tw",
    )


def test_asked_again_it_is_the_same(tmp_path):
    first = identity(tmp_path, "一號機", NAMES, AT)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    again = identity(tmp_path, "another name meanwhile", NAMES[:1], AT + timedelta(days=300))
    assert (first.renewed, again.renewed) == (True, False)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_new_address_and_the_last_month_renew_it_under_the_same_authority(tmp_path):
    identity(tmp_path, "一號機", NAMES, AT)
    trusted = local_ca.fingerprint(tmp_path)
    moved = identity(tmp_path, "一號機", ["192.168.7.9"], AT)
    assert moved.renewed
    assert "192.168.7.9" in moved.names
    late = identity(tmp_path, "一號機", ["192.168.7.9"], AT + timedelta(days=370))
    assert late.renewed
    assert late.until > AT + timedelta(days=700)
    assert local_ca.fingerprint(tmp_path) == trusted


def test_a_clock_in_1970_ends_no_authority(tmp_path):
    identity(tmp_path, "一號機", NAMES, AT)
    trusted = local_ca.fingerprint(tmp_path)
    assert not identity(tmp_path, "一號機", NAMES, datetime(1970, 1, 1, 0, 5, tzinfo=UTC)).renewed
    assert local_ca.fingerprint(tmp_path) == trusted


def test_an_authority_that_has_ended_or_is_damaged_is_made_anew_and_the_certificate_with_it(tmp_path):
    identity(tmp_path, "一號機", NAMES, AT)
    first = local_ca.fingerprint(tmp_path)
    identity(tmp_path, "一號機", NAMES, AT + timedelta(days=3700))
    second = local_ca.fingerprint(tmp_path)
    (tmp_path / local_ca.CA_FILE).write_bytes(b"torn")
    assert identity(tmp_path, "一號機", NAMES, AT + timedelta(days=3700)).renewed
    leaf, root = chain(tmp_path)
    leaf.verify_directly_issued_by(root)
    assert len({first, second, local_ca.fingerprint(tmp_path)}) == 3


def test_a_long_name_is_cut_between_characters(tmp_path):
    identity(tmp_path, "館" * 40, NAMES, AT)
    name = local_ca.authority_name(tmp_path)
    assert len(name.encode()) <= local_ca.NAME_BYTES
    assert name.startswith("榮譽卡主機 館館")


def test_before_there_is_one_nothing_is_said_of_it(tmp_path):
    assert local_ca.authority_der(tmp_path) is None
    assert (local_ca.authority_name(tmp_path), local_ca.fingerprint(tmp_path)) == ("", "")
