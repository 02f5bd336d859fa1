"""Every button of the center leaves an entry in the audit, or stands here with the reason why there is nothing to say.

The code of each view is followed, from call to call, until something writes to the audit or nothing is left to follow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from center.audit_words import act_words
from tests.center.conftest import World
from tests.center.test_who_may import PUBLIC, VIEWS

ROOT = Path(__file__).parents[2]
WRITES = {("center.store.audit", name) for name in ("note", "note_all", "saw")}
# view → why it writes no entry
NOTHING_TO_SAY = {
    "desk.leave": "gives a case back to the queue; it was seen, and that stands there, and nothing of it changes",
    "desk.read": "puts away the notice that a decision did not take effect; nothing of the case changes",
    "performing.check": "anybody who holds a certificate; nobody is signed in, and the name is masked",
}

Function = tuple[str, str]  # module, name (a method as Class.name)


@cache
def _tree(module: str) -> ast.Module | None:
    path = ROOT / Path(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return ast.parse(file.read_text())
    return None


@cache
def _imported(module: str) -> dict[str, Function]:
    """Name in that module → (module, name) it stands for; a module by the empty name."""
    tree = _tree(module)
    found: dict[str, Function] = {}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("center"):
            for one in node.names:
                inside = f"{node.module}.{one.name}"
                found[one.asname or one.name] = (inside, "") if _tree(inside) else (node.module, one.name)
    return found


@cache
def _defined(module: str) -> dict[str, list[ast.AST]]:
    """Functions of that module by name; a class stands for all its methods."""
    tree = _tree(module)
    found: dict[str, list[ast.AST]] = {}
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = [node]
    return found


def _called(module: str, node: ast.AST) -> Iterator[Function]:
    """What it names of ours: called at once, or handed on to be called."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            base = _imported(module).get(one.value.id)
            if base is not None:
                yield (base[0], one.attr) if not base[1] else base
        elif isinstance(one, ast.Name):
            if one.id in _defined(module):
                yield module, one.id
            elif one.id in _imported(module):
                yield _imported(module)[one.id]


def writes_an_entry(module: str, name: str) -> bool:
    """Whether the audit is reached from there."""
    waiting, seen = [(module, name)], set()
    while waiting:
        here = waiting.pop()
        if here in WRITES:
            return True
        if here in seen:
            continue
        seen.add(here)
        for node in _defined(here[0]).get(here[1], ()):
            waiting.extend(_called(here[0], node))
    return False


def posts(world: World) -> dict[str, Function]:
    """Every view that takes a form, by endpoint."""
    found = {}
    for rule in world.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and (("POST", rule.rule) in VIEWS or rule.rule in PUBLIC):
            view = world.app.view_functions[rule.endpoint]
            found[rule.endpoint] = (view.__module__, view.__name__)
    return found


def test_every_button_leaves_an_entry_or_is_named_with_the_reason(world):
    views = posts(world)
    assert len(views) > 60
    silent = {endpoint for endpoint, (module, name) in views.items() if not writes_an_entry(module, name)}
    assert silent == set(NOTHING_TO_SAY)


@pytest.mark.parametrize(
    ("module", "name", "does"), [("center.office", "add_unit", True), ("center.accounts", "sign_in", False)]
)
def test_the_code_is_followed_to_the_audit_and_no_further(module, name, does):
    assert writes_an_entry(module, name) is does


def _acts() -> Iterator[str]:
    """Every act that the center writes by a constant name."""
    for path in sorted((ROOT / "center").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            at = {
                "auditing.did": 1,
                "audit.note": 1,
                "auditing.saw": 0,
                "auditing.door": 0,
                "Act": 0,
                "account_log.note": -1,
            }
            if called not in at:
                continue
            by_name = [key.value for key in node.keywords if key.arg == "what"]
            said = by_name if at[called] == -1 else node.args[at[called] : at[called] + 1]
            for one in said:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield f"account_{one.value}" if at[called] == -1 else one.value


def test_every_act_is_said_in_words(world):
    acts = set(_acts())
    assert {"account_factor_set", "person_changed", "api_key_made"} <= acts
    with world.app.test_request_context("/"):
        assert sorted(act for act in acts if act_words(act) == act) == []
