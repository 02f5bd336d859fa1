"""A tablet's `/metrics`: for whoever watches, without the PIN, and without a word about a person."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.kiosk.scene import Scene, build
from tests.web.test_counting import LINE

ALARMS = Path(__file__).parents[2] / "deploy/prometheus-alerts.yml"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return build(tmp_path)


def test_what_waits_is_told_without_the_pin_in_what_prometheus_reads(scene: Scene) -> None:
    client = scene.client(unlocked=False)
    client.get("/nothing/A223456781")
    text = client.get("/metrics").get_data(as_text=True)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(LINE.match(line) for line in lines)
    told = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}
    assert told["honorcard_kiosk_queue"] == 0
    assert told["honorcard_kiosk_resident_bytes"] > 10_000_000
    assert told['honorcard_requests_total{method="GET",route="unknown",status="4xx"}'] == 1
    assert "A223456781" not in text


def test_alarms_about_tablets_ask_for_numbers_that_there_are(scene: Scene) -> None:
    text = scene.client(unlocked=False).get("/metrics").get_data(as_text=True)
    rules = yaml.safe_load(ALARMS.read_text(encoding="utf-8"))
    asked = set(re.findall(r"honorcard_kiosk_\w+", str(rules)))
    assert asked
    assert asked <= set(re.findall(r"^# TYPE (\w+) ", text, flags=re.M))
