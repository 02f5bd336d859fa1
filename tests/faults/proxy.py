"""A bad line on loopback: an asyncio proxy between tablet and center that does to requests and answers what it is told.

It reads whole requests and answers (so that it can send one twice, or late), and passes their bytes on as the faults say. Every
draw comes from the seed it was given; how the bytes of two connections interleave does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from dataclasses import asdict, dataclass

REPLY_WAIT_S = 3.0  # a center that understood something else waits for more: then the line breaks
_PIECE = 1024


@dataclass(frozen=True)
class Faults:
    """What happens to a line; nothing by default. Shares are of requests, or of pieces of 1,024 bytes for `flips`."""

    latency_s: float = 0.0
    bytes_per_s: int = 0  # 0: as fast as it goes
    cut_up_after: int = 0  # bytes of a request, then both ends are reset
    cut_down_after: int = 0  # bytes of an answer
    truncate_after: int = 0  # bytes of an answer, then a clean end
    hold_s: float = 0.0  # after an answer's first bytes nothing comes for so long, then the end
    twice: float = 0.0  # the request is sent again at once, its answer thrown away
    late: float = 0.0  # the request is sent again after the next ones
    flips: float = 0.0  # one bit of the piece
    often: float = 1.0  # share of requests that the cuts, the truncation and the holding happen to
    deaf: bool = False  # takes what comes, passes nothing on, says nothing


GOOD = Faults()


def draw(rng: random.Random, most_latency_s: float, most_hold_s: float) -> Faults:
    """One to five faults at once."""
    kinds = {
        "latency_s": rng.uniform(0, most_latency_s),
        "bytes_per_s": rng.randint(64_000, 640_000) if most_latency_s < 1 else rng.randint(8_000, 64_000),
        "cut_up_after": rng.choice((1, 200, 900, 5_000, 40_000, 120_000)),
        "cut_down_after": rng.choice((1, 20, 120, 300)),
        "truncate_after": rng.choice((1, 20, 150, 250, 350)),
        "hold_s": rng.uniform(0.05, most_hold_s),
        "twice": 0.5,
        "late": 0.5,
        "flips": 0.01,
    }
    chosen = rng.sample(sorted(kinds), rng.randint(1, 5))
    return Faults(**{name: kinds[name] for name in chosen}, often=rng.choice((0.3, 0.6, 1.0)))  # type: ignore[arg-type]


def serve(port: int, to_port: int, control: socket.socket, seed: str) -> None:
    """Runs a proxy until it is killed. `control` brings a line of JSON for each change of the faults, and gets one back."""
    asyncio.run(_Proxy(to_port, random.Random(seed)).run(port, control))


def tell(control: socket.socket, faults: Faults) -> None:
    """From now on the line is like that, on connections that stand too."""
    control.sendall(json.dumps(asdict(faults)).encode() + b"\n")
    control.recv(1)


class _BrokenError(Exception):
    """This connection ends here."""


class _Proxy:
    def __init__(self, to_port: int, rng: random.Random) -> None:
        self._to = to_port
        self._rng = rng
        self._faults = GOOD
        self._late: list[bytes] = []
        self._asides: set[asyncio.Task[None]] = set()

    async def run(self, port: int, control: socket.socket) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=2**20)
        reader, writer = await asyncio.open_connection(sock=control)
        async with server:
            while line := await reader.readline():
                self._faults = Faults(**json.loads(line))
                writer.write(b".")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream: asyncio.StreamWriter | None = None
        try:
            back, upstream = await asyncio.open_connection("127.0.0.1", self._to, limit=2**20)
            while True:
                request, method = await _message(reader)
                if not request:
                    return
                faults = self._faults
                hit = self._rng.random() < faults.often
                await self._up(request, upstream, faults, hit)
                answer, _ = await asyncio.wait_for(_message(back, method), REPLY_WAIT_S)
                if not answer:
                    raise _BrokenError
                await self._down(answer, writer, self._faults, hit)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            _reset(writer)
        except _BrokenError:
            _reset(writer)
            if upstream is not None:
                _reset(upstream)
        finally:
            for end in (writer, upstream):
                if end is not None:
                    with contextlib.suppress(OSError):
                        end.close()

    async def _up(self, request: bytes, upstream: asyncio.StreamWriter, faults: Faults, hit: bool) -> None:
        while faults.deaf:
            await asyncio.sleep(0.02)
            faults = self._faults
        if faults.latency_s:
            await asyncio.sleep(faults.latency_s)
        late, self._late = self._late, []
        for old in late:
            self._aside(old)
        if self._rng.random() < faults.twice:
            self._aside(request)
        if self._rng.random() < faults.late:
            self._late.append(request)
        if hit and faults.cut_up_after and faults.cut_up_after < len(request):
            await self._pass(request[: faults.cut_up_after], upstream, faults)
            raise _BrokenError
        await self._pass(request, upstream, faults)

    async def _down(self, answer: bytes, writer: asyncio.StreamWriter, faults: Faults, hit: bool) -> None:
        if hit and faults.cut_down_after and faults.cut_down_after < len(answer):
            await self._pass(answer[: faults.cut_down_after], writer, faults)
            raise _BrokenError
        if hit and faults.hold_s:
            await self._pass(answer[:40], writer, faults)
            await asyncio.sleep(faults.hold_s)
            raise OSError
        if hit and faults.truncate_after and faults.truncate_after < len(answer):
            await self._pass(answer[: faults.truncate_after], writer, faults)
            writer.write_eof()
            raise OSError
        await self._pass(answer, writer, faults)

    async def _pass(self, content: bytes, to: asyncio.StreamWriter, faults: Faults) -> None:
        for at in range(0, len(content), _PIECE):
            piece = bytearray(content[at : at + _PIECE])
            if self._rng.random() < faults.flips:
                piece[self._rng.randrange(len(piece))] ^= 1 << self._rng.randrange(8)
            to.write(bytes(piece))
            if faults.bytes_per_s:
                await to.drain()
                await asyncio.sleep(len(piece) / faults.bytes_per_s)
        await to.drain()

    def _aside(self, request: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._again(request))
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _again(self, request: bytes) -> None:
        """The same request on a line of its own; nobody hears the answer."""
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._to)
            writer.write(request)
            await asyncio.wait_for(reader.read(1), REPLY_WAIT_S)
            writer.close()


async def _message(reader: asyncio.StreamReader, method: str = "") -> tuple[bytes, str]:
    """One request or answer as it came, and a request's method; nothing at the end of the line."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise
        return b"", ""
    first, *lines = head.split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    if method == "HEAD" or first.split()[1:2] in ([b"204"], [b"304"]):
        length = 0
    return head + await reader.readexactly(length), first.split()[0].decode("latin-1")


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.transport.abort()
