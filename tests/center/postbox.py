"""A real SMTP server on loopback (aiosmtpd) that keeps what it is given, and misbehaves where a test says so."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass
class Postbox:
    """What arrived. after_data, after_rcpt: what is answered next instead of yes: a line of SMTP, `hang` or `drop`."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    after_data: list[str] = field(default_factory=list)
    after_rcpt: list[str] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    connections: int = 0
    encrypted: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if self.after_rcpt and self.after_rcpt[0]:
            return await self._misbehave(server, self.after_rcpt.pop(0))
        if self.after_rcpt:
            self.after_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.after_data:
            how = self.after_data.pop(0)
            if how == "take and drop":
                self._keep(session, envelope)
                return await self._misbehave(server, "drop")
            if how:
                return await self._misbehave(server, how)
        self._keep(session, envelope)
        return "250 OK"

    def _keep(self, session: Session, envelope: Envelope) -> None:
        content = bytes(envelope.content or b"")
        found = message_from_bytes(content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.raw.append(content)
        self.messages.append(found)
        self.to.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)

    @staticmethod
    async def _misbehave(server: SMTP, how: str) -> str:
        if how == "hang":
            await asyncio.sleep(3600)
        if how == "drop":
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(3600)
        return how


@contextlib.contextmanager
def postbox(
    trust: Trust | None = None, *, smtps: bool = False, user: str = "", password: str = "", utf8: bool = False
) -> Iterator[Postbox]:
    """A server that runs while the block does. trust: its certificate; then it wants STARTTLS, or TLS from the first byte.
    utf8: it offers SMTPUTF8 (RFC 6531).
    """
    box = Postbox()
    loop = asyncio.new_event_loop()

    def sign_in(_server: object, _session: object, _envelope: object, _kind: str, data: object) -> AuthResult:
        name, given = getattr(data, "login", b"").decode(), getattr(data, "password", b"").decode()
        box.sign_ins.append(name)
        return AuthResult(success=(name, given) == (user, password), handled=False)

    def make() -> SMTP:
        box.connections += 1
        starttls = trust is not None and not smtps
        return SMTP(
            box, hostname="mail.example", loop=loop, tls_context=trust.context if trust and starttls else None,
            require_starttls=starttls, authenticator=sign_in if user else None, auth_required=bool(user),
            auth_require_tls=not smtps, enable_SMTPUTF8=utf8,
        )  # fmt: skip

    server = loop.run_until_complete(
        loop.create_server(make, HOST, 0, ssl=trust.context if trust is not None and smtps else None)
    )
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """In the loop's own thread: whoever still hangs is let go."""
    server.close()
    mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in mine:
        task.cancel()
    await asyncio.gather(*mine, return_exceptions=True)


@contextlib.contextmanager
def stranger(says: bytes = b"", every_s: float = 0.0) -> Iterator[int]:
    """The port of something that takes connections and is no mail server: it says nothing, or a byte now and then."""
    over = threading.Event()
    held: list[socket.socket] = []
    listening = socket.create_server((HOST, 0))
    listening.settimeout(0.1)

    def talk() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                held.append(listening.accept()[0])
            for one in held if says else ():
                with contextlib.suppress(OSError):
                    one.sendall(says)
            over.wait(every_s)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        thread.join(timeout=10)
        for one in (*held, listening):
            one.close()


@dataclass(frozen=True)
class Trust:
    """A server's certificate, and the file by which others know it."""

    context: ssl.SSLContext
    ca_file: Path


def certificate(folder: Path, host: str = HOST) -> Trust:
    """A certificate of that host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    try:
        who: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        who = x509.DNSName(host)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([who]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, private = folder / "mail.pem", folder / "mail.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, private)
    return Trust(context, cert)
