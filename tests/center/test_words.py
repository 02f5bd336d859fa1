"""Every flag that intake can set has words; nobody reads a code at the desk."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from center import words

ROOT = Path(__file__).resolve().parents[2]


def flags_set() -> set[str]:
    """The constants that the center appends to a case's flags."""
    found = set()
    for name in ("taking.py", "facts.py", "pairs.py", "opening.py"):
        for node in ast.walk(ast.parse((ROOT / "center" / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "add_flag"):
                found |= {
                    argument.value
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                }
    return found


@pytest.mark.parametrize("flag", sorted(flags_set()))
def test_every_flag_has_words(world, flag: str) -> None:
    app: Flask = world.app
    with app.test_request_context("/"):
        assert words.flag(flag) != flag


def test_every_button_says_what_it_does_to_what():
    """R58: the keys of the national system are not explained. A verb alone says nothing where a page has several things."""
    bare = {"停用", "恢復", "清空", "刪除", "移除", "確定", "送出", "儲存", "修改", "核准", "退回", "重設", "搜尋", "查詢", "OK"}
    said = {}
    for template in sorted((ROOT / "templates" / "center").glob("*.html")):
        text = template.read_text(encoding="utf-8")
        for button in re.findall(r"<button\b.*?</button>|<summary class=\"button\".*?</summary>", text, flags=re.DOTALL):
            words = [word for word in re.findall(r"_\(\"([^\"]+)\"", button) if word in bare]
            if words or not re.search(r"_\(|\{\{", button):
                said[template.name] = button
    assert said == {}
