"""The `honorcard` command: a table of subcommands. Each part of the system is imported only when its command runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

# command → the module of `commands` that adds it
COMMANDS: dict[str, str] = {
    "check": "rules", "id": "rules", "date": "rules",
    "scan": "scan",
    "verify": "card", "samples": "card", "card": "card", "keys": "issuing", "pack": "issuing",
    "device": "device", "rescue": "rescue", "account": "account", "audit": "audit", "backup": "backup", "restore": "backup",
    "drill": "drill", "migrate": "drill",
    "kiosk": "serve", "center": "serve", "demo": "demo",
    "doctor": "doctor", "update": "update",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="honorcard", description="志願服務榮譽卡 — kiosk, center and verifier")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = words[0] if words and words[0] in COMMANDS else None
    for module in dict.fromkeys(COMMANDS.values() if wanted is None else (COMMANDS[wanted],)):
        import_module(f"commands.{module}").add(subparsers)
    chosen = parser.parse_args(words)
    try:
        return int(chosen.run(chosen))
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
