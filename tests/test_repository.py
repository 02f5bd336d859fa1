"""What the repository promises about itself: it stands alone, its pages hold under the content policy, it speaks both languages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from commands import messages

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_has_inline_script_or_style(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text), "inline style"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "inline handler"
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", text), "inline script"
    assert "<style" not in text and "javascript:" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "") and "https://" not in text, (
        "an address of somebody else"
    )


def test_every_sentence_on_screen_has_its_english() -> None:
    english = messages.translated()
    missing = [f"{text} ({places[0][0]})" for text, places in messages.said().items() if text not in english]
    assert not missing, "\n".join(missing)


def test_english_keeps_the_placeholders() -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", text))

    wrong = [chinese for chinese, english in messages.translated().items() if holes(chinese) != holes(english)]
    assert not wrong, "\n".join(wrong)


def test_templates_say_nothing_past_translation() -> None:
    """Chinese in a template stands inside `_()`, a comment, or a `lang` of its own."""
    strays = []
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
        text = re.sub(r"<(\w+)[^>]*\slang=\"zh[^\"]*\"[^>]*>.*?</\1>", "", text, flags=re.S)
        strays += [
            f"{template.relative_to(ROOT)}: {found}"
            for found in re.findall(r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff60][^<\n]{0,30}", text)
        ]
    assert not strays, "\n".join(strays)


def test_nothing_names_a_registry_or_this_machine() -> None:
    registries = (
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "registry." + "npmjs",
        "npmjs" + ".com",
        "deb." + "debian.org",
    )
    machine = ("/wo" + "rk/", "../sha" + "red", "/root/" + ".pyenv")
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {word}" for word in registries + machine if word in text]
    assert not found, "\n".join(found)


def test_no_font_and_no_foreign_script_is_committed() -> None:
    names = [str(path.relative_to(ROOT)) for path in tracked()]
    assert not [
        name for name in names if name.endswith((".ttf", ".otf", ".ttc", ".woff", ".woff2", ".wasm", ".min.js"))
    ]
    assert not [name for name in names if name.startswith(("static/vendor/", "node_modules/"))]
