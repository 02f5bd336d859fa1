"""The text of a Wi-Fi code, as phones' cameras read it, and the poster."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime

import pytest

from honorcard.joining import Wifi, poster, wifi_problem, wifi_text

AT = datetime(2026, 11, 22, tzinfo=UTC)


def words(made: bytes) -> list[str]:
    """The text of each page."""
    said = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=made, check=True, capture_output=True
    ).stdout.decode()
    return said.split("\f")[:-1]


@pytest.mark.parametrize(
    ("wifi", "text"),
    [
        (Wifi("classroom", "correct horse"), "WIFI:T:WPA;S:classroom;P:correct horse;;"),
        (Wifi("志工中心", "a1b2c3d4"), "WIFI:T:WPA;S:志工中心;P:a1b2c3d4;;"),
        (Wifi('a;b,c:d"e\\f', 'p;,:"\\word'), 'WIFI:T:WPA;S:a\\;b\\,c\\:d\\"e\\\\f;P:p\\;\\,\\:\\"\\\\word;;'),
        (Wifi("open", ""), "WIFI:T:nopass;S:open;;"),
        (Wifi("quiet", "12345678", hidden=True), "WIFI:T:WPA;S:quiet;P:12345678;H:true;;"),
    ],
)
def test_the_code_of_a_wifi(wifi, text):
    assert wifi_text(wifi) == text


@pytest.mark.parametrize(
    ("wifi", "code"),
    [
        (Wifi("n", "12345678"), None), (Wifi("字" * 10, ""), None), (Wifi("n", "x" * 63), None), (Wifi("n", "0aF9" * 16), None),
        (Wifi("", "12345678"), "wifi_name_wrong"), (Wifi("字" * 11, ""), "wifi_name_wrong"), (Wifi("a\nb", ""), "wifi_name_wrong"),
        (Wifi("n", "1234567"), "wifi_password_wrong"), (Wifi("n", "x" * 64), "wifi_password_wrong"),
        (Wifi("n", "密碼密碼密碼密碼"), "wifi_password_wrong"), (Wifi("n", "12345678\t"), "wifi_password_wrong"),
    ],
)  # fmt: skip
def test_what_a_wifi_may_be_called(wifi, code):
    assert wifi_problem(wifi) == code


def test_a_password_is_in_no_log():
    assert "secret" not in repr(Wifi("name", "secret-password"))


def test_the_poster_says_both_ways_in_words_too_on_one_page():
    print_ = "0A1B " * 15 + "0A1B"
    made = poster("花博志工訓練", Wifi("classroom", "w" * 63), "http://192.168.7.4:8080/trust", print_, created=AT)
    pages = words(made)
    text = re.sub(r"\s", "", pages[0])
    assert len(pages) == 1
    for said in (
        "花博志工訓練",
        "classroom",
        "w" * 63,
        "http://192.168.7.4:8080/trust",
        print_.replace(" ", ""),
        "打開這一頁",
    ):
        assert said in text
    assert made == poster(
        "花博志工訓練", Wifi("classroom", "w" * 63), "http://192.168.7.4:8080/trust", print_, created=AT
    )


def test_without_a_wifi_the_poster_begins_with_the_address():
    made = poster("一號機", None, "http://192.168.7.4:8080/trust", "", created=AT)
    text = re.sub(r"\s", "", words(made)[0])
    assert "Wi-Fi" not in text
    assert "1打開這一頁" in text
