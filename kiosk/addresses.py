"""Under which names and addresses this machine can be reached on its own network, read from the system without asking anybody.

IPv4 alone: phones find a kiosk by the address in a QR code. What is not here: whether there is a way out (network).
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Container
from ipaddress import IPv4Address, ip_network
from pathlib import Path

_TRIE = Path("/proc/net/fib_trie")
_LEAF = re.compile(r"\|-- (\d+\.\d+\.\d+\.\d+)\s*\n\s*/32 host LOCAL")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_SOMEWHERE = ("192.0.2.1", 9)  # RFC 5737: nobody; nothing is sent there
# where a local network's addresses come from: RFC 1918, 6598 (shared), 3927 (link-local)
LOCAL_NETWORKS = tuple(
    ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
)
REMEMBERED_S = 3.0  # each request asks
AT_HOME = ("127.0.0.1", "localhost", "::1")


def addresses(trie: Path = _TRIE) -> list[str]:
    """This machine's IPv4 addresses, the likeliest for phones first: the one that leads outside, then private ones. Without
    loopback.
    """
    try:
        found = _LEAF.findall(trie.read_text(encoding="ascii"))
    except OSError:
        found = []
    outside = _outside() if trie == _TRIE else ""
    known = {one for one in [*found, outside] if one and not IPv4Address(one).is_loopback}
    return sorted(known, key=lambda one: (one != outside, not is_local(one), IPv4Address(one)))


def is_local(address: str) -> bool:
    """Whether the address is one that networks of one's own use."""
    return any(IPv4Address(address) in network for network in LOCAL_NETWORKS)


def local_name(wanted: str = "") -> str:
    """The name phones may use beside the address: `wanted`, else this machine's own with .local (mDNS); empty when it has none
    that may stand in an address.
    """
    name = (wanted or socket.gethostname()).strip().rstrip(".").lower()
    name = name if wanted and "." in name else f"{name.partition('.')[0]}.local"
    return name if all(_LABEL.match(part) for part in name.split(".")) and name != "localhost.local" else ""


class Hosts(Container[str]):
    """The names this kiosk answers to: loopback, the one it listens on, and, where phones may come, its own of the moment.

    A name that is none of them is refused, so that no page of somebody else speaks to the kiosk through its visitor's browser.
    """

    def __init__(self, host: str, *, lan: bool, name: str = "") -> None:
        self._fixed = frozenset({*AT_HOME, host})
        self._lan, self._name = lan, local_name(name)
        self._seen: tuple[float, frozenset[str]] = (float("-inf"), frozenset())

    def __contains__(self, host: object) -> bool:
        """Whether `host` (lower case or not, without port) is one."""
        if not isinstance(host, str):
            return False
        return host in self._fixed or (self._lan and (host.lower() == self._name or host in self._own()))

    def _own(self) -> frozenset[str]:
        looked, own = self._seen
        if time.monotonic() - looked > REMEMBERED_S:
            own = frozenset(addresses())
            self._seen = (time.monotonic(), own)
        return own


def _outside() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
