"""What can be a mail address, and that every letter is said in both languages."""

from __future__ import annotations

import pytest

from honorcard import mails


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a@b.tw", True), ("first.last+tag@sub.example.gov.tw", True), ("o'neil@example.com", True),
        ("", False), ("a@b", False), ("@b.tw", False), ("a@", False), ("a b@c.tw", False), ("a@b..tw", False),
        ("a@-b.tw", False), ("a..b@c.tw", False), (".a@c.tw", False), ("a@c.tw\r\nBcc: x@y.tw", False), ("王@c.tw", True),
        ("<a@b.tw>", False), ("a@b.tw,c@d.tw", False), ("a" * 65 + "@b.tw", False), ("a@" + "b." * 130 + "tw", False),
        ("a@b@c.tw", False), ("志工@例子.台灣", True), ("a@例子。台灣", True), ("a@例子", False), ("a@-例.tw", False),
        ("a@b\u202e.tw", False), ("林\u200b@c.tw", False), ("林　@c.tw", False), ("林\x85@c.tw", False), ("\ud800@c.tw", False),
        ("a@\ud800.tw", False), ("a@☃.tw", False), ("志" * 21 + "@c.tw", True), ("志" * 22 + "@c.tw", False),
        ("a@" + "例" * 60 + ".tw", False),
    ],
)  # fmt: skip
def test_what_can_be_an_address(text, right):
    assert mails.address_is_right(text) is right


@pytest.mark.parametrize(
    ("typed", "kept", "wire", "utf8"),
    [
        (" info@例子.台灣 ", "info@例子.台灣", "info@xn--fsqu00a.xn--kpry57d", False),
        ("志工＠例子。台灣", "志工@例子。台灣", "志工@xn--fsqu00a.xn--kpry57d", True),
        ("rene\u0301@straße.example", "ren\u00e9@straße.example", "ren\u00e9@xn--strae-oqa.example", True),
        ("A.B@Unit.example", "A.B@Unit.example", "A.B@Unit.example", False),
    ],
)  # fmt: skip
def test_an_address_of_any_script_is_kept_composed_and_its_host_told_in_ascii(typed, kept, wire, utf8):
    assert mails.kept_address(typed) == kept
    assert mails.on_the_wire(kept) == wire
    assert mails.needs_utf8(kept) is utf8


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
