"""`honorcard keys` as the holders of the root key meet it, on the day and years later."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cli import main
from honorcard.card.keyring import KeyRing
from honorcard.problems import ProblemError

FIRST = "2026-01-01"


@pytest.fixture
def keys(tmp_path: Path, capsys):
    """A function that runs `honorcard keys …` on a ring whose root is kept apart; gives status, lines, and what is said."""
    (tmp_path / "word").write_text("two holders\n")
    root = ("--root", tmp_path / "usb", "--passphrase-file", tmp_path / "word")

    def run(action: str, *words, at: str = FIRST, apart: bool = True):
        given = ["keys", action, tmp_path / "ring", "--at", at, *(root if apart else ()), *words]
        status = main([str(word) for word in given])
        out, said = capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], said

    assert run("create")[0] == 0
    return run


def test_the_root_is_nowhere_but_where_it_is_kept(keys, tmp_path):
    assert [path.name for path in (tmp_path / "usb").iterdir()] == ["root.pem"]
    assert not (tmp_path / "ring" / "root.pem").exists()
    assert b"ENCRYPTED" in (tmp_path / "usb" / "root.pem").read_bytes()
    assert keys("create")[1] == [{"error": "keys_exist"}]
    assert keys("create", apart=False)[1] == [{"error": "keys_exist"}]
    status, [line], _ = keys("rotate", "--use", "pack", apart=False)
    assert (status, line) == (1, {"error": "key_unreadable", "file": "root.pem"})


def test_a_new_key_is_published_ninety_days_before_it_begins(keys):
    status, [new], _ = keys("rotate", "--use", "card", at="2026-09-01")
    assert (status, new["state"], new["not_before"][:10]) == (0, "next", "2026-12-31")  # when the present one ends
    _, [pack], _ = keys("rotate", "--use", "pack", at="2026-02-01")
    assert pack["not_before"][:10] == "2026-05-01"
    _, [now], _ = keys("rotate", "--use", "sealing", "--now", at="2026-02-02")
    assert (now["not_before"][:10], now["state"]) == ("2026-02-01", "in_use")  # the first, at midnight in Taipei


def test_the_year_turns_and_the_range_of_the_old_card_key_is_closed(keys):
    [old, *_] = keys("list")[1]
    keys("rotate", "--use", "card", at="2026-09-01")
    assert [key["state"] for key in keys("list", at="2026-12-01")[1] if key["use"] == "card"] == ["in_use", "next"]
    _, listed, said = keys("list", at="2027-01-02")
    assert [key["state"] for key in listed if key["use"] == "card"] == ["closed", "in_use"]
    assert f"--kid {old['kid']} --last-seq" in said
    assert keys("close", "--kid", old["kid"], at="2027-01-02")[0] == 2
    status, [closed], _ = keys("close", "--kid", old["kid"], "--last-seq", 104_999, at="2027-01-02")
    assert (status, closed["seq_max"], closed["withdrawn"]) == (0, 104_999, False)
    assert "--last-seq" not in keys("list", at="2027-01-02")[2]


def test_what_is_due_is_said_two_weeks_ahead_and_not_before(keys):
    assert keys("list", at="2026-01-01")[2].count("rotate --use") == 4  # pack and sealing: a quarter less ninety days
    keys("rotate", "--use", "pack")
    keys("rotate", "--use", "sealing")
    assert keys("list", at="2026-01-15")[2] == ""
    assert "--use card" in keys("list", at="2026-09-25")[2]
    assert "製卡 card 金鑰已經過期" in keys("list", at="2027-02-01")[2]


def test_a_leaked_key_is_withdrawn_with_another_in_its_place(keys):
    status, [gone, fresh], said = keys("withdraw", "--kid", 1, "--emergency", at="2026-06-01")
    assert status == 0
    assert (gone["withdrawn"], gone["state"], fresh["use"], fresh["state"]) == (True, "withdrawn", "card", "in_use")
    assert gone["list_version"] == fresh["list_version"] == 2
    assert "不必重印" in said and "no reprint" in said
    assert keys("withdraw", "--kid", 77)[1] == [{"error": "key_unknown", "kid": 77}]


def test_the_same_keys_are_signed_again_above_what_tablets_have_seen(keys):
    before = keys("list")[1]
    after = keys("resign", "--above", 41)[1]
    assert {key["list_version"] for key in after} == {42}
    assert [{**key, "list_version": 1} for key in after] == before


def test_the_root_moves_with_its_passphrase_and_only_one_of_it_is_left(keys, tmp_path):
    (tmp_path / "new").write_text("another word")
    assert keys("root", "--to", tmp_path / "safe", "--new-passphrase-file", tmp_path / "new")[0] == 0
    assert not (tmp_path / "usb" / "root.pem").exists()
    with pytest.raises(ProblemError, match="key_unreadable"):
        KeyRing.open(tmp_path / "ring", b"two holders", tmp_path / "safe").sign_again(
            at=KeyRing.open(tmp_path / "ring").trust.issued
        )
    ring = KeyRing.open(tmp_path / "ring", b"another word", tmp_path / "safe")
    ring.sign_again(at=ring.trust.issued)
    assert KeyRing.open(tmp_path / "ring").trust.version == 2


def test_another_centers_root_signs_nothing_here(keys, tmp_path):
    KeyRing.create(tmp_path / "other", at=KeyRing.open(tmp_path / "ring").trust.issued, root_dir=tmp_path / "strange")
    ring = KeyRing.open(tmp_path / "ring", None, tmp_path / "strange")
    with pytest.raises(ProblemError, match="key_unreadable"):
        ring.sign_again(at=ring.trust.issued)
    assert KeyRing.open(tmp_path / "ring").trust.version == 1


def test_on_a_terminal_the_keys_are_a_table(keys, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["keys", "list", str(tmp_path / "ring"), "--at", FIRST]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert "第 1 版" in head and "HTTPS://HC.TAIPEI/" in head
    assert len(rows) == 4
    assert rows[0].split()[:5] == ["1", "製卡", "card", "2026-01-01", "2027-01-01"]
    assert "使用中 in use" in rows[0] and "100000–" in rows[0]
    assert main(["keys", "list", str(tmp_path / "ring"), "--at", FIRST, "--json"]) == 0
    assert len([json.loads(line) for line in capsys.readouterr().out.splitlines()]) == 4
