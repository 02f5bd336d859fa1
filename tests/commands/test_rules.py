"""`honorcard check|id|date` as a script outside meets them: arguments and bytes in, JSON lines and a status out."""

import argparse
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import rules

ROOT = Path(__file__).parents[2]
PASS = {
    "applied_on": "2019-11-01",
    "first_service": "2016-11-01",
    "last_service": "2019-10-31",
    "half_hours": 600,
}


def run(capsys, *arguments: str) -> tuple[int, list[dict]]:
    """Exit status and the JSON lines printed."""
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers(required=True))
    args = parser.parse_args(arguments)
    status = args.run(args)
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def test_check_answers_every_line_of_a_file_in_order(capsys, tmp_path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines({"id": 1, **PASS}, {"id": "二", **PASS, "half_hours": 599}))
    status, answers = run(capsys, "check", str(file))
    assert status == 0
    assert [(answer["id"], answer["outcome"]) for answer in answers] == [(1, "pass"), ("二", "fail")]


def test_check_says_by_its_status_that_a_line_was_an_error_and_does_the_rest(capsys, tmp_path) -> None:
    file = tmp_path / "a.jsonl"
    good = lines({"id": "x", **PASS})
    file.write_bytes(b"\xef\xbb\xbf" + good.rstrip() + b"\r\n\n\xff\xfe\n{\n" + good.rstrip())
    status, answers = run(capsys, "check", str(file))
    assert status == 1
    assert [answer["outcome"] for answer in answers] == ["pass", "error", "error", "error", "pass"]


def test_check_reads_standard_input_and_an_empty_one_is_no_error(capsys, monkeypatch) -> None:
    for given, count in ((b"", 0), (lines({"id": 1, **PASS}), 1)):
        for arguments in (["check"], ["check", "-"]):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
            status, answers = run(capsys, *arguments)
            assert (status, len(answers)) == (0, count)


def test_check_names_a_file_it_cannot_read(capsys, tmp_path) -> None:
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers())
    args = parser.parse_args(["check", str(tmp_path / "none.jsonl")])
    assert args.run(args) == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_check_judges_by_the_rules_of_the_jurisdiction_it_is_told(capsys, tmp_path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines({"id": "c22", **PASS, "previous_valid_until": "2019-11-30"}))
    for arguments, outcome in (
        ([], "pass"),
        (["--jurisdiction", "taipei"], "pass"),
        (["--jurisdiction", "national"], "fail"),
    ):
        status, (answer,) = run(capsys, "check", *arguments, str(file))
        assert (status, answer["outcome"]) == (0, outcome)


def test_check_says_whose_rules_it_knows_and_judges_nothing_by_others(capsys, tmp_path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines({"id": 1, **PASS}))
    parser = argparse.ArgumentParser()
    rules.add(parser.add_subparsers())
    args = parser.parse_args(["check", "--jurisdiction", "atlantis", str(file)])
    assert args.run(args) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(word in printed.err for word in ("atlantis", "taipei", "new_taipei", "national"))


def test_check_answers_a_line_before_the_next_one_is_asked() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "check"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        for number in range(3):
            child.stdin.write(lines({"id": number, **PASS}))
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["id"] == number
        child.stdin.close()
        assert child.wait(60) == 0


def test_check_stops_without_a_word_when_nobody_reads_on(tmp_path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(lines({"id": 1, **PASS}) * 3000)
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "check", str(file)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == 1


def test_id_prints_kind_and_problem_of_each_number(capsys) -> None:
    status, answers = run(capsys, "id", "ａ123456789", "AC01234567", "LI225464410", "passport:c-123 45678", "C12345678")
    assert status == 0
    assert answers == [
        {"number": "A123456789", "kind": "national", "valid": True, "problem": None},
        {"number": "AC01234567", "kind": "ui_old", "valid": True, "problem": None},
        {"number": "LI225464410", "kind": "unknown", "valid": False, "problem": "length"},
        {"number": "C12345678", "kind": "passport", "valid": True, "problem": None},
        {"number": "C12345678", "kind": "unknown", "valid": False, "problem": "length"},
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("passport:", "length"), ("ｐａｓｓｐｏｒｔ：Ｃ１２３４５", None), ("PASSPORT: c12_45", "characters")],
)
def test_id_takes_a_passport_only_when_told(capsys, text: str, problem: str | None) -> None:
    _, (answer,) = run(capsys, "id", text)
    assert (answer["kind"], answer["problem"]) == ("passport", problem)


def test_date_prints_both_calendars(capsys) -> None:
    status, answers = run(capsys, "date", "１０８．０６．０２（日）", "10/11/12", "105.11", "1905-01-02", "")
    assert status == 0
    assert answers == [
        {"text": "１０８．０６．０２（日）", "iso": "2019-06-02", "roc": "108.06.02", "problem": None, "note": None},
        {"text": "10/11/12", "iso": "1921-11-12", "roc": "010.11.12", "problem": None, "note": "short_year"},
        {"text": "105.11", "iso": None, "roc": None, "problem": "unreadable", "note": None},
        {"text": "1905-01-02", "iso": "1905-01-02", "roc": None, "problem": None, "note": None},
        {"text": "", "iso": None, "roc": None, "problem": "unreadable", "note": None},
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_any_bytes_in_an_argument_get_an_answer_on_any_terminal(encoding: str) -> None:
    """In a process of its own: what a terminal can show is settled when Python starts."""
    program = (
        "import argparse, sys; from commands import rules; p = argparse.ArgumentParser(); "
        "rules.add(p.add_subparsers()); a = p.parse_args(); sys.exit(a.run(a))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, "date", b"\xff\xfe", "民國108年6月2日".encode()],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    answers = [json.loads(line) for line in result.stdout.decode(encoding).splitlines()]
    assert [answer["problem"] for answer in answers] == ["unreadable", None]
    assert answers[1]["text"] == "民國108年6月2日"
