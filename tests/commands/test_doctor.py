"""What `honorcard doctor` says of a center's keys and log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from center import keyring, packing
from center.settings import Settings
from center.store import Store, issued
from center.store.tables import issue_log
from commands import doctor


@pytest.fixture
def center(tmp_path: Path):
    """A center with three signatures and a published list."""
    settings = Settings(data_dir=tmp_path)
    store = Store(settings.url)
    store.create()
    keyring.ring(settings)
    with store.write() as conn:
        for seq in (100_000, 100_001, 100_002):
            issued.note(conn, seq, kid=1, token_sha256=bytes(32), by="somebody", now_ms=1_000 + seq)
    packing.rebuild(store, settings, now=datetime.now(UTC))
    yield settings, store
    store.engine.dispose()


def found(settings: Settings) -> dict[str, doctor.Finding]:
    said = {
        finding.thing: finding for finding in (doctor._keys(settings.data_dir), doctor._issue_log(settings.data_dir))
    }
    return said


def test_a_center_in_order_is_good(center):
    settings, _ = center
    assert {finding.state for finding in found(settings).values()} == {"good"}
    assert "3 signatures" in found(settings)["issue log"].seen


def test_what_is_due_is_looked_at_where_the_root_is_kept_elsewhere(center):
    settings, _ = center
    folder = settings.keys_dir / keyring.FOLDER
    ring = keyring.ring(settings)
    for key in [key for key in ring.trust.keys if key.use == "pack"]:
        ring.close(key.kid, at=datetime.now(UTC))
    assert found(settings)["keys"].state == "bad"  # no key that could sign a list
    (folder / "root.pem").unlink()
    assert "pack key: over" in found(settings)["keys"].seen


def test_a_line_that_was_changed_is_named(center):
    settings, store = center
    with store.write() as conn:
        conn.execute(update(issue_log).where(issue_log.c.seq == 100_001).values(by_account="nobody"))
    assert (found(settings)["issue log"].state, found(settings)["issue log"].seen) == (
        "bad",
        "changed at issue number 100001",
    )


def test_a_line_that_was_published_and_is_gone_is_missed(center):
    settings, store = center
    with store.write() as conn:
        conn.execute(delete(issue_log).where(issue_log.c.seq == 100_002))
    assert "lacks what the published list says" in found(settings)["issue log"].seen


def test_a_machine_without_a_center_is_not_asked_about_one(tmp_path):
    assert not {"keys", "issue log"} & {finding.thing for finding in doctor.findings(tmp_path, None)}
