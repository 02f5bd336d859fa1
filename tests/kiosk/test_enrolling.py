"""The page on which a tablet is enrolled: the six digits that the center's own page shows too."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from center import devices as codes
from center import keyring
from center.store import devices
from kiosk import pins
from kiosk.enrolment import enrol
from kiosk.settings import load
from sync.device import fingerprint
from tests.sync.loopback import Kiosk, running


def test_a_code_typed_on_the_page_enrols_and_shows_the_center_s_six_digits(tmp_path: Path) -> None:
    with running(tmp_path / "center") as center:
        tablet = Kiosk(tmp_path / "kiosk")
        browser = tablet.app.test_client()
        assert browser.get("/staff/enrol").status_code == 303
        pins.set_pin(tablet.store, "246810")

        def send(to: str, **values: str):
            token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(to).get_data(as_text=True))[1]
            return browser.post(to, data={"csrf_token": token, **values}, headers={"Sec-Fetch-Site": "same-origin"})

        assert send("/unlock", pin="246810").status_code == 303
        code = center.code()
        wrong = send("/staff/enrol", center=center.url, code="AAAA-AAAA")
        assert (wrong.status_code, "登錄碼不對" in wrong.get_data(as_text=True)) == (403, True)
        page = send("/staff/enrol", center=center.url, code=code).get_data(as_text=True)
        with center.store.read() as conn:
            known = devices.find(conn, tablet.device_id)
        digits = fingerprint(known.sign_key, known.seal_key, keyring.sealing_public(center.settings))
        assert f"{digits[:3]} {digits[3:]}" in page
        assert "連線正常" in page and "還沒有同步過" in page  # the center has just answered


def test_a_tablet_that_nobody_has_named_is_called_as_was_written_beside_its_code_and_keeps_that(tmp_path: Path) -> None:
    with running(tmp_path / "center") as center:
        tablet = Kiosk(tmp_path / "kiosk")
        settings = tablet.settings
        for place in ("北門文化館 共用", "別的地方"):
            code = codes.new_code(center.store, center.unit_id, place, "staff", datetime.now(UTC))
            enrol(settings, tablet.store, center.url, code)
            settings = load(settings.data_dir)
            assert settings.station == "北門文化館 共用"
        with center.store.read() as conn:
            assert devices.find(conn, tablet.device_id).name == "北門文化館 共用"
