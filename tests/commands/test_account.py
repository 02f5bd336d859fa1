"""`honorcard account`: the first administrator of a new center can sign in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from center import create_app
from center.settings import load
from cli import main


def test_the_first_administrator_is_made_and_can_sign_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "add", "boss", "--role", "administrator", "--dir", str(tmp_path)]) == 0
    made = json.loads(capsys.readouterr().out)
    app = create_app(load(tmp_path))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/sign-in", data={"name": "boss", "password": "wrong"}).status_code != 303
    assert client.post("/sign-in", data={"name": "boss", "password": made["password"]}).status_code == 303
    assert main(["account", "list", "--dir", str(tmp_path)]) == 0
    listed = capsys.readouterr().out
    assert json.loads(listed)["role"] == "administrator" and made["password"] not in listed


def test_a_name_that_is_taken_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["account", "add", "boss", "--role", "auditor", "--dir", str(tmp_path)]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "已經有人用了" in capsys.readouterr().err


def test_an_officer_needs_a_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "add", "clerk", "--role", "unit_officer", "--unit", "NONE", "--dir", str(tmp_path)]) == 1
    assert "--unit" in capsys.readouterr().err


def test_a_lost_second_factor_is_taken_away_on_the_server_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from center.store import Store, accounts, factors

    at = ["--dir", str(tmp_path)]
    assert main(["account", "add", "boss", "--role", "administrator", *at]) == 0
    store = Store(load(tmp_path).url)
    with store.write() as conn:
        (boss,) = accounts.everyone(conn)
        factors.put_in_force(conn, boss.account_id, b"sealed", 1, [b"one"], 1)
    assert main(["account", "factor-reset", "boss", *at]) == 0
    with store.read() as conn:
        (after,) = accounts.everyone(conn)
        assert (after.has_factor, factors.codes_left(conn, boss.account_id)) == (False, 0)
    assert main(["account", "factor-reset", "boss", *at]) == 1
    assert "沒有驗證碼" in capsys.readouterr().err
