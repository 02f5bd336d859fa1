"""The gate's table, row by row and in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import get_args

import pytest

from honorcard.card import signing
from honorcard.card.keyring import KeyRing
from honorcard.card.pack import BUCKETS
from honorcard.card.token import TAIPEI, parse
from honorcard.card.verdict import COLOUR, Code, Interval, decide
from honorcard.card.words import words

from .conftest import NOW, UNTIL, Issuer

AT = Interval.at(NOW)


def answer(issuer, text, pack, interval=AT, **more):
    got = decide(text, issuer.ring.trust, pack, interval, **more)
    assert got.verdict == COLOUR[got.code]
    if got.verdict == "red" or got.code in ("practice", "newer_than_list", "list_damaged"):
        assert got.name is None and got.photo is None
    return got


def test_a_listed_card_is_green_with_name_photo_and_date(issuer):
    text, card = issuer.issue(100_000)
    got = answer(issuer, text, issuer.publish(card))
    assert (got.verdict, got.code, got.name, got.valid_until, got.photo) == (
        "green",
        "valid",
        "林秀琴",
        UNTIL,
        card.photo,
    )
    assert (got.list_age_days, got.note) == (0, None)


@pytest.mark.parametrize("text", ["", "hello", "https://example.com/", "HTTPS://HC.TAIPEI/"])
def test_no_cards_address_is_no_card(issuer, text):
    assert answer(issuer, text, issuer.publish()).code == "not_a_card"


def test_another_citys_card_is_foreign(issuer, tmp_path):
    other = Issuer(KeyRing.create(tmp_path / "other", at=NOW, prefix="HTTPS://HC.EXAMPLE/"), tmp_path)
    text, _ = other.issue(100_000)
    assert answer(issuer, text, issuer.publish()).code == "foreign"
    assert answer(other, text, None).code == "list_damaged"


def practice_card(issuer, seq=100_000):
    key = issuer.ring.current("practice")
    secret, lookup = signing.new_secret(), signing.new_lookup()
    return signing.sign(issuer.ring.trust.prefix, lookup, seq, secret, UNTIL, key.kid, issuer.ring.p256(key.kid))


def test_a_practice_card_is_amber_even_when_it_has_expired(issuer):
    pack = issuer.publish()
    assert answer(issuer, practice_card(issuer), pack).code == "practice"
    long_after = Interval.at(NOW + timedelta(days=9_999))
    assert answer(issuer, practice_card(issuer), pack, long_after).code == "practice"


def test_a_practice_signature_that_does_not_hold_is_a_bad_signature(issuer):
    text = practice_card(issuer)
    changed = text[:-1] + ("1" if text[-1] != "1" else "2")
    assert answer(issuer, changed, issuer.publish()).code == "bad_signature"


def test_another_key_under_the_same_kid_is_a_bad_signature(issuer, tmp_path):
    other = Issuer(KeyRing.create(tmp_path / "other", at=NOW), tmp_path)
    text, card = other.issue(100_000)
    assert answer(issuer, text, issuer.publish(card)).code == "bad_signature"


def test_a_key_of_another_use_and_an_unknown_kid_are_bad_signatures(issuer):
    pack = issuer.publish()
    for kid in (issuer.ring.current("pack").kid, issuer.ring.current("sealing").kid, 200):
        key = issuer.ring.p256(issuer.ring.current("pack").kid)
        text = signing.sign(issuer.ring.trust.prefix, signing.new_lookup(), 100_000, bytes(16), UNTIL, kid, key)
        assert answer(issuer, text, pack).code == "bad_signature"


def test_an_issue_number_outside_its_keys_range_is_a_bad_signature(issuer):
    text, card = issuer.issue(100_050)
    pack = issuer.publish(card)
    assert answer(issuer, text, pack).code == "valid"
    issuer.ring.rotate("card", at=NOW, first_seq=100_050)
    assert answer(issuer, text, issuer.publish(card, version=2)).code == "bad_signature"


def test_a_withdrawn_key_is_red_unless_the_pack_vouches(issuer):
    listed, card = issuer.issue(100_000)
    unlisted, _ = issuer.issue(100_001)
    expired, old = issuer.issue(100_002, until=date(2026, 11, 20))
    newer, _ = issuer.issue(100_200)
    issuer.ring.withdraw(issuer.ring.current("card").kid, at=NOW)
    pack = issuer.publish(card, old)
    assert answer(issuer, listed, pack).code == "valid"
    assert answer(issuer, unlisted, pack).code == "key_withdrawn"
    assert answer(issuer, newer, pack).code == "key_withdrawn"
    assert answer(issuer, expired, pack).code == "expired"


def test_a_withdrawn_key_cannot_lengthen_a_listed_card(issuer):
    text, card = issuer.issue(100_000, until=date(2026, 11, 20))
    kid, key = issuer.ring.card_key(100_000)
    longer = signing.sign(issuer.ring.trust.prefix, parse(text).lookup, 100_000, card.secret, UNTIL, kid, key)
    assert answer(issuer, longer, issuer.publish(card)).code == "expired"


def test_the_last_day_is_valid_until_midnight_in_taipei(issuer):
    """C44: 有效期限 108.06.02 is valid on that day and expired on the next."""
    text, card = issuer.issue(100_000, until=date(2019, 6, 2))
    pack = issuer.publish(card, as_of=datetime(2019, 6, 1, tzinfo=TAIPEI))
    last = datetime(2019, 6, 2, 23, 59, 59, tzinfo=TAIPEI)
    assert answer(issuer, text, pack, Interval.at(last)).code == "valid"
    assert answer(issuer, text, pack, Interval.at(last + timedelta(seconds=1))).code == "expired"


def test_expiry_comes_before_the_list(issuer):
    text, card = issuer.issue(100_000, until=date(2026, 11, 20), status="suspended")
    assert answer(issuer, text, issuer.publish()).code == "expired"
    assert answer(issuer, text, issuer.publish(card, version=2)).code == "expired"


def test_a_suspended_card_is_red(issuer):
    text, card = issuer.issue(100_000, status="suspended")
    got = answer(issuer, text, issuer.publish(card))
    assert (got.verdict, got.code) == ("red", "suspended")


def test_a_damaged_bucket_is_amber_and_only_for_its_cards(issuer):
    text, card = issuer.issue(100_000)
    pack = issuer.publish(card)
    [path] = (issuer.directory / "pack" / BUCKETS).iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert answer(issuer, text, pack).code == "list_damaged"
    assert answer(issuer, text, None).code == "list_damaged"


@pytest.mark.parametrize(
    ("seq", "code"),
    [
        (100_000, "revoked_or_replaced"),
        (100_100, "revoked_or_replaced"),
        (100_101, "newer_than_list"),
        (120_100, "newer_than_list"),
        (120_101, "suspected_forgery"),
    ],
)
def test_an_unlisted_card_is_judged_by_the_watermark_and_the_cap(issuer, seq, code):
    text, _ = issuer.issue(seq)
    pack = issuer.publish(max_seq=100_100, cap=20_000)
    assert answer(issuer, text, pack).code == code
    assert answer(issuer, text, pack, Interval(None, None)).code == code, "the list comes before doubts about the date"


def test_an_unsure_clock_is_amber_only_where_it_matters(issuer):
    text, card = issuer.issue(100_000, until=date(2026, 11, 25))
    pack = issuer.publish(card)
    day = datetime(2026, 11, 26, tzinfo=TAIPEI)
    assert answer(issuer, text, pack, Interval(NOW, day - timedelta(seconds=1))).code == "valid"
    assert answer(issuer, text, pack, Interval(NOW, day)).code == "date_unknown"
    assert answer(issuer, text, pack, Interval(NOW, None)).code == "date_unknown"
    assert answer(issuer, text, pack, Interval(None, None)).code == "date_unknown"
    assert answer(issuer, text, pack, Interval(None, NOW)).code == "valid"
    assert answer(issuer, text, pack, Interval(day, None)).code == "expired"
    assert answer(issuer, text, pack, Interval(NOW, None)).name == "林秀琴"


def test_an_old_list_gets_a_note_from_seven_days_and_is_amber_beyond_thirty(issuer):
    text, card = issuer.issue(100_000)
    pack = issuer.publish(card, valid_until=NOW + timedelta(days=365))
    for days, code, note in [
        (6, "valid", None),
        (7, "valid", "list_age"),
        (30, "valid", "list_age"),
        (31, "list_stale", "list_age"),
    ]:
        got = answer(issuer, text, pack, Interval.at(NOW + timedelta(days=days)))
        assert (got.code, got.note, got.list_age_days) == (code, note, days)
    assert answer(issuer, text, pack, Interval.at(NOW + timedelta(days=40)), stale_days=60).code == "valid"
    assert answer(issuer, text, pack, Interval.at(NOW + timedelta(days=366)), stale_days=999).code == "list_stale"
    red = answer(issuer, "hello", pack, Interval.at(NOW + timedelta(days=8)))
    assert red.note == "list_age"


def test_a_record_without_a_photo_is_amber_with_the_name(issuer):
    text, card = issuer.issue(100_000, photo=b"")
    got = answer(issuer, text, issuer.publish(card))
    assert (got.verdict, got.code, got.name, got.photo) == ("amber", "photo_missing", "林秀琴", None)


def test_a_replaced_card_is_red_and_its_successor_green(issuer):
    old, was = issuer.issue(100_000)
    new, now = issuer.issue(100_001)
    assert answer(issuer, old, issuer.publish(was, max_seq=100_000)).code == "valid"
    pack = issuer.publish(now, max_seq=100_001, version=2)
    assert answer(issuer, old, pack).code == "revoked_or_replaced"
    assert answer(issuer, new, pack).code == "valid"


def test_no_forged_card_of_a_leaked_key_is_ever_green(issuer):
    """Test plan D-27."""
    _, card = issuer.issue(100_000)
    pack = issuer.publish(card, max_seq=100_100)
    for seq in (100_000, 100_050, 100_150, 130_000):
        text, _ = issuer.issue(seq)
        assert answer(issuer, text, pack).verdict != "green"


def test_every_clock_and_list_age_keeps_the_two_promises(issuer):
    """Test plan D-15: never green for a card over before `lo`, never red for a card valid at the true time."""
    days = [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22), UNTIL]
    cards = [issuer.issue(100_000 + place, until=day) for place, day in enumerate(days)]
    for old in (0, 2, 10, 40):
        pack = issuer.publish(*[card for _, card in cards], version=old + 1, as_of=NOW - timedelta(days=old))
        for (text, _), day in zip(cards, days, strict=True):
            for below in (0, 1, 40, 4_000):
                for above in (0, 1, 40, None):
                    lo = NOW - timedelta(days=below)
                    hi = None if above is None else NOW + timedelta(days=above)
                    got = answer(issuer, text, pack, Interval(lo, hi))
                    if day < NOW.date():
                        assert got.verdict != "green"
                        assert below > 0 or got.code == "expired"
                    else:
                        assert got.verdict != "red"


def test_every_code_has_words_in_both_languages():
    for code in get_args(Code):
        for language in ("zh", "en"):
            said = words(code, language)
            assert said.word and said.sentence and said.next_step
    assert words("revoked_or_replaced", "zh").sentence == "這張卡已經註銷，或已經換發新卡。"
    assert words("not_a_card", "zh").sentence == "這不是榮譽卡的條碼。"
    assert "請核對本人相貌" in words("valid", "zh").sentence


def test_a_setting_may_name_another_prefix(issuer):
    text, card = issuer.issue(100_000)
    assert answer(issuer, text, issuer.publish(card), prefix="HTTPS://ELSEWHERE/").code == "foreign"
    assert answer(issuer, replace(parse(text)).lookup, None).code == "not_a_card"
