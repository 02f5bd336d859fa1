"""Reading into types from many threads at once, each type for the first time."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("honorcard", "scanner", "sync", "web", "kiosk", "center", "commands")

# in a process of its own, since what it is about ends one; one thread interrupts the other as often as can be
AT_ONCE = """
import sys, threading
import msgspec
from honorcard.typed import convert, read_json

sys.setswitchinterval(1e-6)

def new(number):
    inner = msgspec.defstruct(f"Inner{number}", [(f"f{place}", tuple[str, ...], ()) for place in range(30)])
    return msgspec.defstruct(f"Outer{number}", [(f"g{place}", inner | None, None) for place in range(20)])

kinds = [new(number) for number in range(60)]
said = {"g19": {"f29": ["x"]}, "g3": {"f1": ["y"]}}
together, read = threading.Barrier(8), []

def go(place):
    for kind in kinds:
        together.wait()
        one = convert(said, kind) if place % 2 else read_json(msgspec.json.encode(said), kind)
        read.append((one.g19.f29, one.g3.f1))

threads = [threading.Thread(target=go, args=(place,)) for place in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(read), set(read))
"""


def test_types_read_for_the_first_time_by_many_threads_at_once() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "480 {(('x',), ('y',))}\n"), done.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_reads_into_types_on_another_way(room: str) -> None:
    found = []
    for path in sorted((ROOT / room).rglob("*.py")):
        if path == ROOT / "honorcard" / "typed.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            typed = len(node.args) > 1 or any(one.arg == "type" for one in node.keywords)
            if name.endswith(("msgspec.convert", "json.Decoder", "msgpack.Decoder")) or (
                name.endswith(("msgspec.json.decode", "msgpack.decode")) and typed
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {name}")
    assert not found
