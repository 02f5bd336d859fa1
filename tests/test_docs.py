"""The documentation tells the truth: what it names exists, what exists is named where it promises to name it all.

Words in backticks are read as what they look like, in this order: a command line, an address, a path, a dotted name, a word of
the source. Decision pages are history: only their numbers and links are held.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import import_module
from pathlib import Path

import pytest

import center.settings
import cli
import kiosk.settings
from tests.test_floors import MAY, OURS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md"))]
PICTURE_BYTES = 250_000
FILE = re.compile(r"\.(py|md|js|css|html|json|db|key|pem|pdf|png|lock|toml|sh)$")
AT_HOME = {f"http://{app.Settings.host}:{app.Settings.port}/" for app in (kiosk.settings, center.settings)}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


# --- what the pages say ---


@dataclass(frozen=True)
class Said:
    """Something in backticks, or a line of a fenced block, and where it stands."""

    text: str
    place: str


def said(page: Path) -> list[Said]:
    """Every command line of the fenced blocks and every span in backticks of a page."""
    text = page.read_text(encoding="utf-8")
    lines = re.finditer(r"^(?:make|(?:\.venv/bin/)?honorcard) .*$", "".join(fenced(text)), flags=re.M)
    prose = re.sub(r"^```.*?^```$", lambda block: re.sub(r"[^\n]", " ", block[0]), text, flags=re.M | re.S)
    spans = [
        Said(" ".join(span[1].split()), f"{name_of(page)}:{prose[: span.start()].count(chr(10)) + 1}")
        for span in re.finditer(r"`([^`]+)`", prose)
    ]
    return spans + [Said(line[0].split("  #")[0].strip(), name_of(page)) for line in lines]


def fenced(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$\n", text, flags=re.M | re.S)


def links(page: Path) -> list[str]:
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text)


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the table whose header row begins with that word."""
    lines = page.read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


# --- what there is ---


@lru_cache
def tracked() -> frozenset[str]:
    """Files of the repository and their folders; also those that are not committed yet, but will be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    files = [name for name in listed if name and (ROOT / name).is_file()]
    return frozenset(files) | {str(parent) for name in files for parent in Path(name).parents}


def sources() -> list[Path]:
    return [
        ROOT / name for name in tracked() if name.endswith(".py") and name.split("/")[0].removesuffix(".py") in OURS
    ]


@lru_cache
def make_targets() -> dict[str, bool]:
    """Targets of the Makefile, and whether each has its caption."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([a-z][a-z-]*):(.*)", line) for line in lines)
    return {match[1]: " ## " in match[2] + " " for match in found if match}


@lru_cache
def spelled() -> tuple[frozenset[str], str]:
    """Names and strings of our Python (docstrings and comments do not count), and the text of everything else we wrote."""
    words: set[str] = set()
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            match node:
                case (
                    ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Attribute(attr=name) | ast.Name(id=name)
                ):
                    words.add(name)
                case ast.arg(arg=name) | ast.keyword(arg=str(name)):
                    words.add(name)
                case ast.Constant(value=str(text)) if id(node) not in prose:
                    words |= {text, *re.split(r"[\s,;/()\"']+", text)}
    others = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in sorted(tracked())
        if name.endswith((".js", ".css", ".html", ".sh", ".toml", "Makefile")) or name == "requirements.lock"
    ]
    return frozenset(words), "\n".join(others)


@lru_cache
def parser_of(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    import_module(f"commands.{cli.COMMANDS[command]}").add(subparsers)
    return subparsers.choices[command]


# --- whether what is said is so ---


def trouble_with(text: str) -> str | None:
    """What is wrong with a span; None when what it names exists."""
    words = text.split()
    if words[0] == "make":
        return next((f"no target {word}" for word in words[1:] if word not in make_targets()), None)
    if words[0].removeprefix(".venv/bin/") == "honorcard" and (len(words) > 1 or words[0] != "honorcard"):
        return trouble_with_command(words[1:])
    if words[0] in cli.COMMANDS and len(words) > 1:
        return trouble_with_command(words)
    if re.match(r"(GET|POST|HEAD|PATCH|DELETE) /|/", text):
        return trouble_with_address(words[-1])
    if text.startswith("http"):
        return None if text in AT_HOME else "neither app listens there"
    if len(words) == 1 and ("/" in text or FILE.search(text)):
        return trouble_with_path(text)
    if re.fullmatch(r"[a-z_]+(\.\w+)+", text) and text.split(".")[0] in OURS:
        return trouble_with_dotted(text)
    if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", text):  # an environment variable or a constant
        return None if text in spelled()[0] or text in spelled()[1] else "not in the source"
    return trouble_with_words(text)


def trouble_with_command(words: list[str]) -> str | None:
    """A command line, as far as it names commands, verbs and options."""
    if not words or words[0] == "COMMAND":
        return None
    if words[0] not in cli.COMMANDS:
        return f"no command {words[0]}"
    parser = parser_of(words[0])
    for word in words[1:]:
        verbs = next((it.choices for it in parser._actions if isinstance(it, argparse._SubParsersAction)), None)
        if verbs is not None and not word.startswith("-"):
            if word not in verbs:
                return f"{words[0]} has no {word}"
            parser = verbs[word]
        elif word.strip("[]").startswith("--") and word.strip("[]") not in parser._option_string_actions:
            return f"no option {word}"
    return None


def trouble_with_address(address: str) -> str | None:
    """A path of one of the apps: its beginning is a string of some view, its blueprint's prefix apart."""
    if re.search(r"\.\w+$", address):
        return trouble_with_path(address)
    strings = spelled()[0]
    wanted = address.rstrip("…/")
    cut = ["/" + "/".join(wanted.split("/")[at:]) for at in range(1, len(wanted.split("/")))]
    known = any(piece in strings or any(it.startswith(piece + "/") for it in strings) for piece in cut)
    return None if known else "no view answers there"


def trouble_with_path(path: str) -> str | None:
    """A file of the repository, or one made at run time: then the code that makes it spells its name."""
    if path.rstrip("/") in tracked():
        return None
    if path.split("/")[0] in tracked():
        return "no such file"
    unspelled = [part for part in path.strip("/").split("/") if not is_made(part)]
    return f"nothing makes {unspelled[0]}" if unspelled else None


def is_made(part: str) -> bool:
    words, other = spelled()
    stem, _, suffix = part.rpartition(".")
    return part in words or part in other or bool(stem and stem in words and f".{suffix}" in words)


def trouble_with_dotted(dotted: str) -> str | None:
    """A module and what is defined in it: function, class, method, field or constant; a view's name as well."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        path = base.with_suffix(".py") if base.with_suffix(".py").is_file() else base / "__init__.py"
        if path.is_file():
            break
    else:
        return "no such module"
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for part in parts[length:]:
        node = next((node for node in body if part in names_of(node)), None)
        if node is None:
            return f"{path.relative_to(ROOT)} has no {part}"
        body = getattr(node, "body", [])
    return None


def names_of(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case ast.ImportFrom(names=names):
            return {alias.asname or alias.name for alias in names}
    return set()


def trouble_with_words(text: str) -> str | None:
    """Anything else (a setting, a problem code, a kind of message, an option): the source spells it."""
    if text.startswith("--"):
        options = {option for command in cli.COMMANDS for option in all_options(parser_of(command))}
        return None if text in options else "no command has that option"
    words, other = spelled()
    if text in words or re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", other):
        return None
    if any(text.rstrip("…") in word for word in words if len(text) > 12):
        return None  # part of a longer string: an address, a database's
    return "the source does not know it"


def all_options(parser: argparse.ArgumentParser) -> set[str]:
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb in action.choices.values():
                found |= all_options(verb)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_names_exists(page: Path) -> None:
    wrong = [f"{it.place}: `{it.text}`: {trouble}" for it in said(page) if (trouble := trouble_with(it.text))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "make nothing", "honorcard nothing", "honorcard keys nothing", "honorcard demo --nothing", "device nothing", "--nothing",
        "docs/nothing.md", "kiosk/nothing.py", "nothing.json", "kiosk.nothing", "kiosk.submitting.nothing",
        "sync.client.Round.nothing", "HONORCARD_NOTHING", "nothing_such", "nothing.such", "GET /v1/nothing", "/nothing",
        "http://127.0.0.1:1/",
    ],
)  # fmt: skip
def test_a_name_of_nothing_is_noticed(text: str) -> None:
    assert trouble_with(text)


@pytest.mark.parametrize(
    "text",
    [
        "make run", "honorcard device code --unit BM", "scan face", "--kiosk-port", "sync/wire/", "kiosk/store/", "kiosk.json",
        "kiosk.submitting.submit", "sync.client.Round.run", "HONORCARD_FONTS", "sync_every_s", "pack_rolled_back",
        "application.submit", "POST /v1/ops", "/healthz", "http://127.0.0.1:8100/",
    ],
)  # fmt: skip
def test_a_name_of_something_passes(text: str) -> None:
    assert trouble_with(text) is None


# --- whether it is all there ---


def test_every_make_target_has_its_caption() -> None:
    assert not [target for target, captioned in make_targets().items() if not captioned]


def test_readme_names_every_make_target() -> None:
    named = {target for row in rows(ROOT / "README.md", "target") for target in re.findall(r"`make ([a-z-]+)`", row[0])}
    assert named == set(make_targets())


def test_readme_has_a_row_for_every_command() -> None:
    named = [re.match(r"`honorcard (\w+)", row[0]) for row in rows(ROOT / "README.md", "command")]
    assert [match[1] for match in named if match] == list(cli.COMMANDS)


@pytest.mark.parametrize(
    ("file", "settings"), [("`kiosk.json`", kiosk.settings.Settings), ("`center.json`", center.settings.Settings)]
)
def test_every_setting_is_described(file: str, settings: type) -> None:
    named = {word for row in rows(DOCS / "deploying.md", file) for word in re.findall(r"`(\w+)`", row[0])}
    assert named == {field.name for field in fields(settings)} - {"data_dir"}


def test_the_floors_are_those_that_are_tested() -> None:
    told = {row[0].strip("`"): row[2] for row in rows(DOCS / "architecture.md", "room")}
    assert set(told) == set(MAY)
    for room, may in told.items():
        named = set(re.findall(r"`(\w+)`", may))
        assert (OURS - {room} - named if may.startswith("all but") else named) == MAY[room] - {room}, room


# --- links, pictures, decisions ---


@pytest.mark.parametrize("page", [*PAGES, *DECISIONS], ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        path, _, heading = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if re.match(r"[a-z]+:", link):
            continue  # nobody asks the network here
        here = target.is_relative_to(ROOT) and str(target.relative_to(ROOT)) in tracked()
        if not here or (heading and heading not in slugs(target)):
            dead.append(link)
    assert not dead, "\n".join(dead)


def slugs(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pictures_are_small_and_shown() -> None:
    pictures = [path for path in (DOCS / "pictures").iterdir() if path.is_file()]
    shown = {(ROOT / link).resolve() for link in links(ROOT / "README.md")}
    assert pictures
    assert not [name_of(path) for path in pictures if path.stat().st_size > PICTURE_BYTES or path not in shown]


def test_decisions_are_numbered_once_and_in_a_row() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS if re.match(r"\d{4}-[a-z0-9-]+\.md$", path.name)]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    misnamed = [
        path.name for path in DECISIONS if not path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]} ")
    ]
    assert not misnamed
