"""The heads of the audit's chains, published and compared later."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from center import auditing, packing
from center.store import audit
from honorcard.problems import ProblemError
from tests.center.test_audit import without_guard

HEADS = "/pack/audit-heads.json"


def published(world):
    """What anybody may take, of this moment."""
    auditing.gather(world.store)
    packing.rebuild(world.store, world.settings, now=world.now)
    answer = world.browser().get(HEADS)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.get_data(as_text=True)


def compared(world, kept):
    return world.browser("auditor").send("/audit/compare", see="/audit", kept=kept)


def test_the_heads_are_published_with_the_list_and_name_nobody(world):
    world.issued()
    said = json.loads(published(world))
    assert set(said["heads"]) == {"done", "seen", "door"}
    with world.store.read() as conn:
        assert said["heads"]["done"]["link"] == audit.head(conn, "done").hex()
    assert set(said) == {"at", "heads", "signed"}


def test_what_was_kept_still_holds_after_more_was_done(world):
    world.issued()
    kept = published(world)
    world.issued(identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    page = compared(world, kept)
    assert page.status_code == 200
    assert page.get_data(as_text=True).count("還在，沒有被改寫。") == 3


def test_a_chain_that_was_written_anew_as_a_whole_is_noticed_by_whoever_kept_a_head(world, capsys, tmp_path):
    import cli
    from center.settings import save

    world.issued()
    (tmp_path / "kept.json").write_text(published(world), encoding="utf-8")
    with world.store.read() as conn:
        before, rows = bytes(32), list(audit._all(conn))
    without_guard(world, "UPDATE audit SET actor = 'somebody else' WHERE stream = 'done'")
    with world.store.write() as conn:  # whoever has the database in hand makes every link fit
        for row in rows:
            if row.stream == "done":
                before = audit.link(
                    before,
                    [
                        row.stream,
                        row.at_ms,
                        "somebody else",
                        row.unit_id,
                        row.act,
                        row.entity_kind,
                        row.entity,
                        row.fields,
                    ],
                )
                conn.execute(
                    text("UPDATE audit SET link = :link WHERE entry = :entry"), {"link": before, "entry": row.entry}
                )
    save(world.settings)
    asked = ["audit", "verify", "--dir", str(world.settings.data_dir)]
    assert cli.main(asked) == 0  # by itself it looks whole
    assert cli.main([*asked, "--published", str(tmp_path / "kept.json")]) == 1
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["published"] == {"done": "gone", "seen": "holds", "door": "holds"}
    page = compared(world, (tmp_path / "kept.json").read_text(encoding="utf-8")).get_data(as_text=True)
    assert "不在了，紀錄被改寫過。" in page


def test_what_was_cut_by_age_since_can_no_longer_be_told(world):
    from center import audit_heads, keyring

    world.issued()
    kept = audit_heads.read(published(world), keyring.trust(world.settings))
    world.issued(identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    later_ms = int((world.now + timedelta(days=1)).timestamp() * 1000)
    auditing.gather(world.store)
    with world.store.write() as conn:
        assert audit.cut(conn, "seen", later_ms, later_ms)
        found = audit_heads.compare(conn, kept)
    assert found == {"done": "holds", "seen": "cut", "door": "holds"}


@pytest.mark.parametrize(
    "change", [lambda said: "", lambda said: "[]", lambda said: "{}", lambda said: said[:-40], lambda _: "[" * 8_000]
)
def test_what_we_did_not_publish_is_refused(world, change):
    answer = compared(world, change(published(world)))
    assert answer.status_code == 422
    assert "這不是中心公布的鏈首" in answer.get_data(as_text=True)


def test_only_what_is_signed_counts(world, tmp_path):
    from dataclasses import replace

    from center import audit_heads, keyring

    world.issued()
    said = json.loads(published(world))
    said["heads"]["done"]["link"] = "00" * 32
    read = audit_heads.read(json.dumps(said), keyring.trust(world.settings))
    assert read.heads["done"].link != bytes(32)
    other = replace(world.settings, data_dir=tmp_path / "other")
    with pytest.raises(ProblemError):
        audit_heads.read(json.dumps(said), keyring.trust(other))
