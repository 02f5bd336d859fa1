"""The host's own certificate authority, and the certificate it gives itself: a phone's camera needs https, and no public authority
certifies a machine on a local network.

The authority may certify nothing but private addresses, names ending in .local and what the machine was called when it was made
(RFC 5280, 4.2.1.10), so that whoever trusts it risks no bank's page, should its key be stolen. It lasts ten years, so that phones
trust it once; the machine's certificate lasts at most 397 days and is made anew by itself. Keys are files of mode 0600. What is
not here: who listens with them (doors), how people are led to trust it (trusting). Now is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from honorcard.durable import write_durably
from kiosk.addresses import AT_HOME, LOCAL_NETWORKS

CA_FILE, HOST_FILE = "authority.pem", "host.pem"  # each the key and its certificate
CA_LASTS = timedelta(days=3652)
HOST_LASTS = timedelta(days=396)
RENEW_BEFORE = timedelta(days=30)
BACKDATED = timedelta(days=1)  # a phone's clock may be behind
NAME_BYTES = 64  # RFC 5280, ub-common-name
NAMED = "榮譽卡主機"
_ANY_LOCAL = "local"


@dataclass(frozen=True)
class Identity:
    """The machine's certificate as it is now. file: PEM of key and certificate, for a TLS server; left_out: names it was asked for
    and may not bear; renewed: it is new.
    """

    file: Path
    until: datetime
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    renewed: bool


def identity(folder: Path, site: str, names: Iterable[str], at: datetime) -> Identity:
    """The certificate for these names and addresses, and loopback; made, or made anew 30 days before its end or when a name is not
    in it yet. site: what the authority is called after, when it is made. Needs the folder's disk to be writable.
    """
    wanted = {one.lower() for one in names if one}
    authority = _authority(folder, site, wanted, at)
    certifiable = {one for one in (*wanted, *AT_HOME) if _may(authority.certificate, one)}
    left_out = tuple(sorted(wanted - certifiable))
    file = folder / HOST_FILE
    held = _read(file)
    if held is None or not _is_fit(held.certificate, authority, certifiable, at):
        held = _certified(authority, certifiable, at)
        write_durably(file, held.pem(), 0o600)
        renewed = True
    else:
        renewed = False
    return Identity(
        file, held.certificate.not_valid_after_utc, tuple(sorted(_names(held.certificate))), left_out, renewed
    )


@dataclass(frozen=True)
class Standing:
    """How the files in a folder stand, for the names and addresses a machine has. authority, host: when each begins and ends, None
    where there is no such file or it is no key with its certificate; chained: the host's is of this authority; missing: names it
    lacks; left_out: names it may never bear; gone: names it bears that the machine has no more.
    """

    authority: tuple[datetime, datetime] | None
    host: tuple[datetime, datetime] | None
    chained: bool
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
    gone: tuple[str, ...]


def standing(folder: Path, names: Iterable[str]) -> Standing:
    """What `identity` would find; makes and changes nothing."""
    authority, host = _read(folder / CA_FILE), _read(folder / HOST_FILE)
    wanted, borne = {one.lower() for one in names if one}, _names(host.certificate) if host else set()
    may = {one for one in wanted if authority is None or _may(authority.certificate, one)}
    return Standing(
        _span(authority), _span(host), bool(authority and host and _is_of(host.certificate, authority)),
        tuple(sorted(may - borne)), tuple(sorted(wanted - may)), tuple(sorted(borne - wanted - set(AT_HOME))),
    )  # fmt: skip


def authority_der(folder: Path) -> bytes | None:
    """The authority's certificate as phones take it (DER); None before there is one."""
    held = _read(folder / CA_FILE)
    return held.certificate.public_bytes(serialization.Encoding.DER) if held else None


def authority_name(folder: Path) -> str:
    """What phones call the authority; empty before there is one."""
    held = _read(folder / CA_FILE)
    return _common_name(held.certificate) if held else ""


def fingerprint(folder: Path) -> str:
    """The authority's SHA-256 fingerprint as phones show it, in groups: `3A9F 01C2 …`; empty before there is one."""
    held = _read(folder / CA_FILE)
    if held is None:
        return ""
    text = held.certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@dataclass(frozen=True)
class _Held:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> bytes:
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)


def _read(file: Path) -> _Held | None:
    """What a file holds; None where there is none, or it is no key with its certificate."""
    try:
        pem = file.read_bytes()
        key, certificate = serialization.load_pem_private_key(pem, None), x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return _Held(key, certificate)


def _span(held: _Held | None) -> tuple[datetime, datetime] | None:
    return (held.certificate.not_valid_before_utc, held.certificate.not_valid_after_utc) if held else None


def _authority(folder: Path, site: str, wanted: set[str], at: datetime) -> _Held:
    """The authority; a new one only where there is none or it has ended: each phone would have to trust it again. A clock that
    has fallen back ends nothing.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = _read(folder / CA_FILE)
    if held is not None and at < held.certificate.not_valid_after_utc:
        return held
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _cut(f"{NAMED} {site}"))])
    names = [one for one in sorted(wanted) if not _is_address(one) and not one.endswith(f".{_ANY_LOCAL}")]
    networks = [*LOCAL_NETWORKS, *map(ip_network, ("127.0.0.0/8", "::1/128"))]
    networks += [ip_network(one) for one in sorted(wanted) if _is_address(one) and not _lies_in(one, networks)]
    permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in (_ANY_LOCAL, "localhost", *names)]
    permitted += [x509.IPAddress(one) for one in networks]
    usage = _usage(certificates=True)
    certificate = (
        _dated(name, name, key, at, CA_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = _Held(key, certificate)
    write_durably(folder / CA_FILE, made.pem(), 0o600)
    return made


def _certified(authority: _Held, names: set[str], at: datetime) -> _Held:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMED)])
    issuer = authority.certificate
    lasts = min(HOST_LASTS, issuer.not_valid_after_utc - at)
    alternative = [x509.IPAddress(ip_address(one)) if _is_address(one) else x509.DNSName(one) for one in sorted(names)]
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    certificate = (
        _dated(subject, issuer.subject, key, at, lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .add_extension(identifier, critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Held(key, certificate)


def _dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, at: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + lasts)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates, key_cert_sign=certificates, crl_sign=certificates, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _is_fit(held: x509.Certificate, authority: _Held, names: set[str], at: datetime) -> bool:
    return _is_of(held, authority) and names <= _names(held) and at < held.not_valid_after_utc - RENEW_BEFORE


def _is_of(held: x509.Certificate, authority: _Held) -> bool:
    try:
        held.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):  # of another authority
        return False
    return True


def _names(certificate: x509.Certificate) -> set[str]:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*held.get_values_for_type(x509.DNSName), *map(str, held.get_values_for_type(x509.IPAddress))}


def _may(authority: x509.Certificate, name: str) -> bool:
    """Whether the authority is allowed to certify that name or address."""
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if _is_address(name):
        return _lies_in(name, [one.value for one in allowed if isinstance(one, x509.IPAddress)])
    return any(
        isinstance(one, x509.DNSName) and (name == one.value or name.endswith(f".{one.value}")) for one in allowed
    )


def _lies_in(address: str, networks: Iterable[object]) -> bool:
    found = ip_address(address)
    return any(isinstance(one, IPv4Network | IPv6Network) and found in one for one in networks)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _cut(name: str) -> str:
    return name.strip().encode()[:NAME_BYTES].decode(errors="ignore")
