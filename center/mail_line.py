"""The talk with the mail server: one connection, encrypted, and an end to every wait however the other side dawdles.

smtplib bounds each wait for a byte; a server that lets one byte through now and then would hold the thread for ever. A timer
cuts the connection once a step has taken too long in all. What is not here: which letters, and when again (postman).
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from center.mail_message import home
from center.settings import Settings

SILENCE_S = 20.0  # for one answer
WHOLE_S = 90.0  # for one step: greeting and sign-in, or one letter; far below the lease of a letter
SECURITIES = ("starttls", "tls", "none")


class ServerError(Exception):
    """The server cannot be used now, whatever the letter: it does not answer, is not encrypted, takes no sign-in or sender."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class LetterError(Exception):
    """This letter did not go out. permanent: the server said that it never will. lost: the connection is gone with it."""

    def __init__(self, code: str, *, permanent: bool = False, lost: bool = False) -> None:
        self.code = code
        self.permanent = permanent
        self.lost = lost
        super().__init__(code)


@dataclass(frozen=True)
class Times:
    """How long is waited, in seconds: for one answer, and for one step in all."""

    silence_s: float = SILENCE_S
    whole_s: float = WHOLE_S


class Line:
    """A connection on which letters go out one after the other. `with connect(…) as line: line.send(…)`."""

    def __init__(self, server: smtplib.SMTP, times: Times) -> None:
        self._server = server
        self._times = times

    def send(self, message: EmailMessage, sender: str, to: str) -> None:
        """One letter to one address, as mails.on_the_wire has it; on return the server has it. An address beyond ASCII goes
        where the server offers SMTPUTF8 (RFC 6531), and is `mail_no_utf8` where not. LetterError,
        ServerError.
        """
        try:
            with _cut_after(self._server, self._times.whole_s):
                self._server.send_message(message, from_addr=sender, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = refused.recipients[to]
            raise _of_letter(code) from None
        except smtplib.SMTPSenderRefused as refused:
            raise ServerError(f"smtp_{refused.smtp_code}") from None
        except smtplib.SMTPDataError as refused:
            raise _of_letter(refused.smtp_code) from None
        except smtplib.SMTPResponseException as refused:
            raise _of_letter(refused.smtp_code) from None
        except smtplib.SMTPNotSupportedError:  # before anything is sent: the line is as good as before
            raise LetterError("mail_no_utf8", permanent=True) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise LetterError(_why(error), lost=True) from None


@contextlib.contextmanager
def connect(settings: Settings, times: Times | None = None) -> Iterator[Line]:
    """A connection to the server that the settings name, encrypted and signed in. ServerError when there is none."""
    wait = times or Times()
    server = _server(settings, wait)
    try:
        with _cut_after(server, wait.whole_s):
            server.connect(settings.smtp_host, settings.smtp_port)
            server.ehlo_or_helo_if_needed()
            if settings.smtp_security == "starttls":
                server.starttls(context=_trust(settings))
                server.ehlo()
            if settings.smtp_user:
                server.login(settings.smtp_user, password(settings))
    except smtplib.SMTPResponseException as refused:
        server.close()
        raise ServerError(f"smtp_{refused.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        server.close()
        raise ServerError("mail_no_tls" if settings.smtp_security == "starttls" else "mail_refused") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        server.close()
        raise ServerError(_why(error)) from None
    try:
        yield Line(server, wait)
        with contextlib.suppress(OSError, smtplib.SMTPException), _cut_after(server, wait.silence_s):
            server.quit()
    finally:
        server.close()


def password(settings: Settings) -> str:
    """The first line of the password's file. OSError when there is none."""
    lines = Path(settings.smtp_password_file).read_text(encoding="utf-8").splitlines()
    return lines[0] if lines else ""


def _server(settings: Settings, wait: Times) -> smtplib.SMTP:
    if settings.smtp_security not in SECURITIES:
        raise ServerError("mail_settings")
    if settings.smtp_security == "none" and settings.smtp_user:
        raise ServerError("mail_password_in_clear")
    if settings.smtp_security == "tls":
        return _Tls(settings, wait)
    return _Plain(settings, wait)


class _Plain(smtplib.SMTP):
    def __init__(self, settings: Settings, wait: Times) -> None:
        self.cut: socket.socket | None = None
        self.is_cut = False
        super().__init__(local_hostname=_own_name(settings), timeout=wait.silence_s)
        self._host = settings.smtp_host  # what the certificate must name; smtplib takes it from its constructor alone

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return _watched(self, made)


class _Tls(smtplib.SMTP_SSL):
    def __init__(self, settings: Settings, wait: Times) -> None:
        self.cut: socket.socket | None = None
        self.is_cut = False
        super().__init__(local_hostname=_own_name(settings), timeout=wait.silence_s, context=_trust(settings))
        self._host = settings.smtp_host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = _watched(self, socket.create_connection((host, port), timeout))
        return self.context.wrap_socket(made, server_hostname=self._host)


def _watched(server: _Plain | _Tls, made: socket.socket) -> socket.socket:
    # a handle of its own to the same connection: wrapping it in TLS would take the first one away
    server.cut = socket.socket(fileno=os.dup(made.fileno()))
    if server.is_cut:
        made.close()
        raise TimeoutError
    return made


@contextlib.contextmanager
def _cut_after(server: smtplib.SMTP, seconds: float) -> Iterator[None]:
    def cut() -> None:
        server.is_cut = True  # type: ignore[attr-defined]
        held: socket.socket | None = server.cut  # type: ignore[attr-defined]
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, smtplib.SMTPException, ValueError):
        if server.is_cut:  # type: ignore[attr-defined]
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


def _own_name(settings: Settings) -> str:
    """What is said after EHLO; smtplib would ask the name service, which may take its time."""
    return urlsplit(home(settings)).hostname or "localhost"


def _trust(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.smtp_ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _of_letter(code: int) -> LetterError:
    """4xx is for now, 5xx for good (RFC 5321, 4.2.1); 421 closes the connection."""
    return LetterError(f"smtp_{code}", permanent=500 <= code < 600, lost=code == 421)


def _why(error: Exception) -> str:
    """The class of what happened: a message may quote an address."""
    # smtplib says of a wait that ended that the server went away
    match error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) and error.__context__ else error:
        case TimeoutError():
            return "mail_timeout"
        case ssl.SSLError():
            return "mail_tls"
        case smtplib.SMTPServerDisconnected():
            return "mail_dropped"
        case ConnectionError() | socket.gaierror():
            return "mail_unreachable"
        case _:
            return "mail_failed"
