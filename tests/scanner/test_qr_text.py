"""Bytes of codes that do not say their encoding: the right text or none."""

from __future__ import annotations

import pytest

from scanner import qr_text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("HTTPS://A.TW/1\x1d", "ascii"),
        ("十六", "utf-8"),
        ("Grüße 🎉", "utf-8"),
        ("志願服務榮譽卡 王小明", "big5"),
        ("許功蓋", "big5"),
        ("姓名:林秀琴,A123456789", "big5"),
        ("テスト日本", "shift_jis"),
        ("*ﾃﾞｻﾞｲﾝQR*", "shift_jis"),
        ("Grüße aus Köln", "latin-1"),
        ("Façade, naïve, Ñandú ¿qué?", "latin-1"),
    ],
)
def test_what_speaks_for_one_encoding_only_is_read_in_it(text: str, encoding: str) -> None:
    assert qr_text.of_bytes(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "data",
    ["中国北京市".encode("gb2312"), "20 °C".encode("latin-1"), b"\xff\xfe\x00\x01\x99", b"\x80"],
)
def test_what_could_be_several_texts_or_none_is_not_guessed(data: bytes) -> None:
    assert qr_text.of_bytes(data) is None


def test_the_readers_guess_is_not_believed_against_utf8() -> None:
    assert qr_text.of_bytes("十六".encode(), "蜊∝�") == "十六"
