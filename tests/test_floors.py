"""Imports point down the floors (docs/architecture.md); every file is walked, imports inside functions too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

OURS = {"honorcard", "scanner", "sync", "web", "kiosk", "center", "commands", "cli"}
MAY = {
    "honorcard": set(),
    "scanner": {"honorcard"},
    "sync": {"honorcard"},
    "web": {"honorcard"},
    "kiosk": {"honorcard", "scanner", "sync", "web"},
    "center": {"honorcard", "scanner", "sync", "web"},
    "commands": OURS - {"cli"},
    "cli": {"commands"},
}
# what a room must not know at all
KEPT_OUT = {
    "honorcard": {
        "flask",
        "sqlite3",
        "sqlite_utils",
        "sqlcipher3",
        "sqlalchemy",
        "cv2",
        "httpx",
        "requests",
        "socket",
        "urllib",
        "time",
    },
    "scanner": {
        "flask",
        "sqlite3",
        "sqlite_utils",
        "sqlcipher3",
        "sqlalchemy",
        "httpx",
        "requests",
        "socket",
        "urllib",
    },
    "sync": {"flask", "cv2", "sqlalchemy"},
    "web": {"cv2", "sqlite3", "sqlite_utils", "sqlcipher3", "sqlalchemy", "httpx"},
    "kiosk": {"sqlalchemy"},
    "center": {"sqlite_utils", "sqlcipher3", "cv2"},
}
# rooms inside the apps that alone speak SQL
SQL_WORDS = ("SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ")


def python_files(room: str) -> list[Path]:
    return [ROOT / "cli.py"] if room == "cli" else sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[tuple[str, int]]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, node.lineno) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add((node.module, node.lineno))
            found |= {(f"{node.module}.{alias.name}", node.lineno) for alias in node.names}
    return found


@pytest.mark.parametrize("room", sorted(MAY))
def test_imports_point_down(room: str) -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files(room)
        for name, line in imported(path)
        if (top := name.split(".")[0]) in OURS and top != room and top not in MAY[room]
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("room", sorted(KEPT_OUT))
def test_what_a_room_keeps_out_stays_out(room: str) -> None:
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in python_files(room)
        for name, line in imported(path)
        if name.split(".")[0] in KEPT_OUT[room]
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("app", ["kiosk", "center"])
def test_blueprints_do_not_import_each_other(app: str) -> None:
    blueprints = {
        path.stem for path in (ROOT / app).glob("*.py") if "\nbp = Blueprint(" in path.read_text(encoding="utf-8")
    }
    assert blueprints
    strays = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in (ROOT / app).glob("*.py")
        if path.stem in blueprints
        for name, line in imported(path)
        if name.startswith(f"{app}.") and name.split(".")[1] in blueprints - {path.stem}
    ]
    assert not strays, "\n".join(strays)


@pytest.mark.parametrize("app", ["kiosk", "center"])
def test_only_the_store_speaks_sql(app: str) -> None:
    strays = []
    for path in (ROOT / app).rglob("*.py"):
        if "store" in path.relative_to(ROOT / app).parts[0]:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and node.value.lstrip().startswith(SQL_WORDS)
            ):
                strays.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"executescript", "execute"}
                and path.parent.name != "store"
            ):
                strays.append(f"{path.relative_to(ROOT)}:{node.lineno} executes")
    assert not strays, "\n".join(strays)


def test_nobody_begins_a_transaction_past_the_helper() -> None:
    """sqlite-utils' own `atomic()` begins deferred and `with db.conn` is no transaction: both lost rows when tried."""
    strays = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in ("kiosk", "sync")
        for path in python_files(room)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if ("with db.conn" in line or ".atomic()" in line) and "`" not in line
    ]
    assert not strays, "\n".join(strays)
