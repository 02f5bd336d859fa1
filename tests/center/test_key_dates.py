"""The center's keys over the years: published before they are used, closed when they are over, and said when due."""

from __future__ import annotations

from datetime import timedelta

import pytest

from center import keyring, packing
from center.issue import issue
from center.store import issued
from honorcard.card import key_dates, pack, token, verdict
from honorcard.card.token import SEQ_LIMIT
from tests.center.test_packs import text_of

DAY = timedelta(days=1)


def test_over_three_years_every_key_is_published_ninety_days_before_it_signs_or_is_sealed_to(world):
    known: dict[int, object] = {key.kid: world.now - 91 * DAY for key in keyring.trust(world.settings).keys}
    for _ in range(0, 3 * 365, 6):
        keyring.renew(world.settings, at=world.now)
        trust = keyring.trust(world.settings)
        for key in trust.keys:
            known.setdefault(key.kid, world.now)
        for use in ("card", "pack", "sealing", "practice"):
            used = key_dates.in_use(trust, use, world.now)
            assert used is not None and world.now - known[used.kid] >= 89 * DAY
            assert world.now - used.not_before <= key_dates.PERIOD[use] + 7 * DAY
        assert keyring.due(world.settings, world.now) == []
        world.at(world.now + 6 * DAY)
    assert len(trust.keys) < 40


def test_the_years_card_key_ends_at_the_last_number_it_signed_and_its_cards_stay_green(world):
    first = world.issued()
    world.at(world.now + 300 * DAY)
    packing.rebuild(world.store, world.settings, now=world.now)
    second = world.issued(identity_number="A123456789", name="王小明")
    world.at(world.now + 100 * DAY)  # the new key has begun
    packing.rebuild(world.store, world.settings, now=world.now)
    third = world.application(state="second_review", identity_number="F131104093", name="張美華")
    number = issue(world.store, world.settings, third, world.people["second"], now=world.now)
    world.at(world.now + 2 * DAY)
    packing.rebuild(world.store, world.settings, now=world.now)
    trust = keyring.trust(world.settings)
    old, new = (key for key in trust.keys if key.use == "card")
    assert (old.seq_max, new.seq_max) == (100_001, SEQ_LIMIT)
    opened = pack.Pack.open(world.settings.pack_dir, trust)
    with world.store.read() as conn:
        assert (issued.last_seq_of(conn, old.kid), issued.last_seq_of(conn, new.kid)) == (100_001, 100_002)
    for held, kid in ((first, old.kid), (second, old.kid), (number, new.kid)):
        text = _signed_by(world, held, kid)
        assert token.parse(text).kid == kid
        assert verdict.decide(text, trust, opened, verdict.Interval.at(world.now)).code == "valid"


def _signed_by(world, number, kid):
    """The card's text as it was signed then: `text_of` signs with what would sign it today."""
    from center import card_secrets
    from center.store import cards
    from honorcard.card import signing

    with world.store.read() as conn:
        card = cards.find(conn, number)
    lookup, secret = card_secrets.unbox(world.settings, card.seq, card.secret_box)
    key = keyring.ring(world.settings).p256(kid)
    return signing.sign(world.settings.card_prefix, lookup, card.seq, secret, card.valid_until, kid, key)


def test_a_leaked_card_key_is_replaced_at_once_and_issuing_goes_on(world):
    number = world.issued()
    text = text_of(world, number)
    ring = keyring.ring(world.settings)
    kid = ring.current("card").kid
    ring.withdraw(kid, at=world.now, replaced=True)
    fresh = world.issued(identity_number="A123456789", name="王小明")
    trust = keyring.trust(world.settings)
    opened = pack.Pack.open(world.settings.pack_dir, trust)
    for held in (text, text_of(world, fresh)):
        assert verdict.decide(held, trust, opened, verdict.Interval.at(world.now)).code == "valid"
    assert token.parse(text_of(world, fresh)).kid != kid


@pytest.mark.parametrize("days", [0, 265, 400])
def test_where_the_root_is_kept_elsewhere_the_administrator_is_told_what_is_due(world, days):
    (world.settings.keys_dir / "issuer" / "root.pem").unlink()
    page = world.browser("admin").get("/units").get_data(as_text=True)
    assert ("pack" in {due.use for due in keyring.due(world.settings, world.now)}) == ("名單金鑰" in page)
    world.at(world.now + days * DAY)
    due = keyring.due(world.settings, world.now)
    page = world.browser("admin").get("/units").get_data(as_text=True)
    assert {"card"} <= {found.use for found in due} if days else all(found.use != "card" for found in due)
    assert ("製卡金鑰" in page) == bool(days)
    assert ("製卡金鑰已經過期" in page) == (days == 400)
    assert "製卡金鑰" not in world.browser("officer").get("/cards").get_data(as_text=True)
