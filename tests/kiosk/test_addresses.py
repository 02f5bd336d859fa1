"""Which addresses this machine has, as Linux tells it, and to which names a kiosk answers."""

from __future__ import annotations

import pytest

from kiosk.addresses import Hosts, addresses, local_name

TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.168.7.0/24 2 0 2
        |-- 192.168.7.0
           /24 link UNICAST
        |-- 192.168.7.4
           /32 host LOCAL
        |-- 192.168.7.255
           /32 link BROADCAST
Local:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 203.0.113.9
        /32 host LOCAL
     |-- 10.42.0.1
        /32 host LOCAL
     |-- 192.168.7.4
        /32 host LOCAL
"""


def test_addresses_are_read_private_ones_first_without_loopback(tmp_path):
    (tmp_path / "trie").write_text(TRIE)
    assert addresses(tmp_path / "trie") == ["10.42.0.1", "192.168.7.4", "203.0.113.9"]


def test_a_system_that_does_not_say_has_none(tmp_path):
    assert addresses(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("classroom", "classroom.local"), ("Classroom.local", "classroom.local"), ("kiosk.example.gov.tw", "kiosk.example.gov.tw"),
        ("bad name", ""), ("-x", ""), ("a_b", ""),
    ],
)  # fmt: skip
def test_the_name_for_phones(wanted, name):
    assert local_name(wanted) == name


def test_a_kiosk_for_itself_answers_to_loopback_and_what_it_listens_on():
    hosts = Hosts("kiosk.example", lan=False, name="classroom")
    assert all(host in hosts for host in ("127.0.0.1", "localhost", "::1", "kiosk.example"))
    assert not any(host in hosts for host in ("classroom.local", *addresses(), "evil.example", "", None))


def test_a_host_of_phones_answers_to_its_name_and_its_addresses_of_the_moment():
    hosts = Hosts("127.0.0.1", lan=True, name="classroom")
    assert all(host in hosts for host in ("127.0.0.1", "Classroom.local", *addresses()))
    assert not any(host in hosts for host in ("evil.example", "192.0.2.77", "local", ""))
