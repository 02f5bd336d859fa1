"""TLS for waitress, which has none: the same threads, the same app and the same process serve the screen here and phones elsewhere,
so that a PIN typed, a slip's secret and a lock are known in one place.

OpenSSL does the work, by Python's ssl; here is only when to ask it, since sockets of waitress never wait. Pages go through
kiosk.doors, which opens the listeners.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

_ASK_AGAIN = (ssl.SSLWantReadError, ssl.SSLWantWriteError)


def context_of(certificate: Path) -> ssl.SSLContext:
    """What a listener needs of a PEM file with key and certificate. TLS 1.2 at least; HTTP/1.1."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    made.load_cert_chain(certificate)
    return made


class TlsChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One phone's connection."""

    def __init__(self, server: TlsServer, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:
        sock.setblocking(False)
        secured = server.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self._shaken = False
        self._has_to_write = False
        self._turn = threading.Lock()  # OpenSSL's connection is for one thread at a time
        super().__init__(server, secured, addr, adj, map=map)

    def writable(self) -> bool:
        """Whether there is something to send, be it of the handshake."""
        return bool(self._has_to_write or super().writable())

    def handle_read(self) -> None:
        """Takes all that has come: what OpenSSL has read from the socket already, no poll of it would tell."""
        if not self._shaken and not self._shake():
            return
        try:
            with self._turn:
                data = self.socket.recv(self.adj.recv_bytes)
                while more := self.socket.pending():
                    data += self.socket.recv(more)
        except _ASK_AGAIN:
            return
        except OSError:  # ssl.SSLError is one
            self.handle_close()
            return
        if not data:
            self.handle_close()
            return
        self.last_activity = time.time()
        self.received(data)

    def handle_write(self) -> None:
        """Goes on with the handshake, or sends."""
        if not self._shaken and not self.will_close:
            self._shake()
            return
        super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """How much of it was sent."""
        try:
            with self._turn:
                return int(self.socket.send(data))
        except _ASK_AGAIN:
            return 0
        except OSError:
            if do_close:
                self.handle_close()
            return 0

    def _shake(self) -> bool:
        """Goes on with the handshake; whether it is done. One that fails (a browser that does not trust us says so this way) ends
        the connection, and is no event.
        """
        self._has_to_write = False
        try:
            with self._turn:
                self.socket.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLWantWriteError:
            self._has_to_write = True
            return False
        except OSError:
            self.handle_close()
            return False
        self._shaken = True
        self.last_activity = time.time()
        return True


class TlsServer(TcpWSGIServer):  # type: ignore[misc]
    """A listener whose connections are TLS under `context`, which may be exchanged while it listens."""

    channel_class = TlsChannel

    def __init__(self, *args: Any, context: ssl.SSLContext, **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def handle_accept(self) -> None:
        """Takes a connection; one that is gone again before it began must not end the listener."""
        with contextlib.suppress(OSError, ValueError):
            super().handle_accept()
