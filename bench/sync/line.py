"""A slow line on loopback: so many bytes a second each way, and every connection reset now and then."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time

_PIECE = 4096
_HELD = 32 * 1024  # what the line itself has room for
_HARD = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class SlowLine:
    """Listens at `url`, passes on to `to_port` until it is closed. carried: bytes up and down; resets: how often."""

    def __init__(self, to_port: int, bytes_per_s: int, reset_every_s: float) -> None:
        self.carried = [0, 0]
        self.resets = 0
        self._to = to_port
        self._rate = bytes_per_s
        self._every_s = reset_every_s
        self._free_at = [0.0, 0.0]
        self._open: set[asyncio.StreamWriter] = set()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _HELD)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._stop, self._again = asyncio.Event(), asyncio.Event()

    def slow_from_now(self, reset_every_s: float) -> None:
        """It begins to break; what it carried before does not count."""
        self.carried[:] = [0, 0]
        self.resets = 0
        self._every_s = reset_every_s
        self._tell(self._again)

    def __enter__(self) -> SlowLine:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._tell(self._stop)
        self._thread.join(timeout=10)

    def _tell(self, event: asyncio.Event) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(event.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._carry, sock=self._listener, limit=_HELD)
        breaking = asyncio.create_task(self._break())
        self._ready.set()
        await self._stop.wait()
        breaking.cancel()
        server.close()
        self._reset_all()

    async def _break(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), self._every_s)
                self._again.clear()
                continue
            self.resets += 1
            self._reset_all()

    def _reset_all(self) -> None:
        for writer in list(self._open):
            with contextlib.suppress(OSError):
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HARD)
            writer.transport.abort()

    async def _carry(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        try:
            far_in, far_out = await asyncio.open_connection("127.0.0.1", self._to, limit=_HELD)
        except OSError:
            near_out.transport.abort()
            return
        ends = {near_out, far_out}
        self._open |= ends
        try:
            await asyncio.gather(self._pass(near_in, far_out, 0), self._pass(far_in, near_out, 1))
        except (OSError, asyncio.CancelledError):  # reset, or the line is taken away
            pass
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: int) -> None:
        while piece := await source.read(_PIECE):
            # all connections share the line: each piece goes when the one before it has gone
            now = time.monotonic()
            self._free_at[way] = max(self._free_at[way], now - 0.05) + len(piece) / self._rate
            if self._free_at[way] > now:
                await asyncio.sleep(self._free_at[way] - now)
            self.carried[way] += len(piece)
            sink.write(piece)
            await sink.drain()
        with contextlib.suppress(OSError):
            sink.write_eof()
