"""What can be a mail address, and that every letter is said in both languages."""

from __future__ import annotations

import pytest

from honorcard import mails


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a@b.tw", True), ("first.last+tag@sub.example.gov.tw", True), ("o'neil@example.com", True),
        ("", False), ("a@b", False), ("@b.tw", False), ("a@", False), ("a b@c.tw", False), ("a@b..tw", False),
        ("a@-b.tw", False), ("a..b@c.tw", False), (".a@c.tw", False), ("a@c.tw\r\nBcc: x@y.tw", False), ("王@c.tw", False),
        ("<a@b.tw>", False), ("a@b.tw,c@d.tw", False), ("a" * 65 + "@b.tw", False), ("a@" + "b." * 130 + "tw", False),
        ("a@b@c.tw", False),
    ],
)  # fmt: skip
def test_what_can_be_an_address(text, right):
    assert mails.address_is_right(text) is right


@pytest.mark.parametrize("kind", mails.KINDS)
def test_every_kind_is_said_in_both_languages(kind):
    facts = {
        "name": "林○琴", "receipt": "HC-7K3M-22QF", "number": "11500001", "valid_until": "2029-11-21",
        "reasons": ["hours_short", "page_glare"], "month": "2026-12-01", "count": 3, "unit": "社子島環境隊",
        "sign_in": "chen", "why": "代碼重複", "path": "/confirm/x", "ground": "misused",
    }  # fmt: skip
    said = mails.compose(kind, facts)
    assert said.subject_zh and said.subject_en and said.zh and said.en
    assert not any("一" <= character <= "鿿" for character in said.subject_en)
