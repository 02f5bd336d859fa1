"""`/metrics` and the log of requests: what they tell, and that neither tells anything about a person."""

from __future__ import annotations

import io
import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from center import backups
from center.store import uploads
from center.store.uploads import Upload
from sync.ids import uuid7
from tests.center.calling import system
from tests.center.conftest import PASSWORD, World
from tests.web.test_counting import LINE
from web.watching import JsonLines

DEPLOY = Path(__file__).parents[2] / "deploy"


def told(world: World) -> dict[str, float]:
    """Every sample by its key."""
    world.app.extensions["figures"]._at_s = world.app.extensions["sizes"]._at_s = -1e9
    answer = world.app.test_client().get("/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    text = answer.get_data(as_text=True)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(LINE.match(line) for line in lines)
    assert len({line.rsplit(" ", 1)[0] for line in lines}) == len(lines)
    named = set(re.findall(r"^# TYPE (\w+) ", text, flags=re.M))
    assert {re.sub(r"_(bucket|sum|count)$", "", re.match(r"\w+", line)[0]) for line in lines} <= named  # type: ignore[index]
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def test_what_waits_is_told_with_its_age(world: World) -> None:
    world.application()
    world.application(state="second_review", identity_number="A123456789", name="陳文雄", receipt="HC-CCCC-DDDD")
    world.application(state="incomplete", identity_number="B123456780", name="王大明", receipt="HC-EEEE-FFFF")
    with world.store.write() as conn:
        until_ms = int((world.now + timedelta(days=1)).timestamp() * 1000)
        uploads.begin(conn, Upload(uuid7(), world.device_id, "ab" * 32, 1234, until_ms))
    world.at(world.now + timedelta(hours=1))
    found = told(world)
    for state in ("first_review", "second_review", "incomplete"):
        assert found[f'honorcard_cases{{state="{state}"}}'] == 1
        assert found[f'honorcard_case_oldest_seconds{{state="{state}"}}'] == 3600
    assert found["honorcard_uploads_under_way"] == 1
    assert found["honorcard_uploads_under_way_bytes"] == 1234
    assert found["honorcard_tablets"] == 1
    assert found["honorcard_processes"] >= 1
    assert found["honorcard_resident_bytes"] > 10_000_000
    assert 0 < found['honorcard_key_days_left{use="pack"}'] < 92


def test_a_backup_has_an_age_once_there_is_one(world: World, tmp_path: Path) -> None:
    assert told(world)["honorcard_backup_age_seconds"] != told(world)["honorcard_backup_age_seconds"]  # NaN
    backups.make(world.store, world.settings, tmp_path / "backup", now=world.now, elsewhere=False)
    world.at(world.now + timedelta(minutes=10))
    found = told(world)
    assert found["honorcard_backup_age_seconds"] == 600
    assert found["honorcard_backup_elsewhere_age_seconds"] != found["honorcard_backup_elsewhere_age_seconds"]


def test_requests_problems_and_sign_ins_are_counted_by_what_there_is_an_end_to(world: World) -> None:
    before = told(world)
    client = world.app.test_client()
    for path in ("/AAAABBBBCCCCDDDD", "/nothing/A223456781", "/cards/11500001", "/v1/feed"):
        client.get(path)
    client.open("/", method="BREW")
    world.browser().send("/sign-in", see="/sign-in", name="first", password="wrong")
    world.browser("first")
    found = told(world)

    def more(key: str) -> float:
        return found.get(key, 0) - before.get(key, 0)

    assert more('honorcard_requests_total{method="GET",route="/<string(length=16):lookup>",status="4xx"}') == 1
    assert more('honorcard_requests_total{method="GET",route="unknown",status="4xx"}') == 1
    assert more('honorcard_requests_total{method="other",route="unknown",status="4xx"}') == 1
    assert more('honorcard_problems_total{code="signature_wrong"}') == 1
    assert more('honorcard_sign_ins_total{result="failed"}') == 1
    assert more('honorcard_sign_ins_total{result="good"}') == 1
    routes = set(re.findall(r'route="([^"]*)"', " ".join(found)))
    assert routes <= {rule.rule for rule in world.app.url_map.iter_rules()} | {"unknown"}


def test_neither_the_numbers_nor_the_log_name_a_person(world: World) -> None:
    """Names, numbers and codes through every kind of door."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    secrets = ["林秀琴", "A223456781", "HC-7K3M-22QF", "AAAABBBBCCCCDDDD", "223456781", PASSWORD]
    try:
        number = world.issued()
        asking = system(world)
        asking.post("/service-records", {"identity_number": "A223456781", "purpose": "award", "name": "林秀琴"})
        asking.post("/card-checks", {"qr": "HTTPS://HC.TAIPEI/AAAABBBBCCCCDDDD#1234"})
        asking.get("/applications/HC-7K3M-22QF")
        admin = world.browser("admin")
        for asked in ("林秀琴", "A223456781", "223456781"):
            admin.send("/people", see="/people", asked=asked)
            admin.get(f"/history?find={asked}")
            admin.get(
                f"/nothing/{asked}?x={asked}", headers={"X-Request-ID": asked, "User-Agent": asked, "Referer": asked}
            )
            world.app.test_client().post("/sign-in", data={"name": asked, "password": PASSWORD})
            world.app.test_client().post("/v1/ops", data=asked.encode(), headers={"Signature": asked.encode().hex()})
        lookup = "AAAABBBBCCCCDDDD"
        for path in (f"/{lookup}", f"/{lookup}/photo.jpg", f"/cards/{number}", f"/my/{lookup}{lookup}"):
            admin.get(path)
        numbers = world.app.test_client().get("/metrics").get_data(as_text=True)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    requests = [line for line in lines if line["from"] == "honorcard.request"]
    assert len(requests) > 20
    assert {line["route"] for line in requests} >= {"/people", "/api/v1/service-records", "unknown"}
    assert all({"at", "level", "request", "method", "status", "ms"} <= set(line) for line in requests)
    for secret in [*secrets, asking.token]:
        assert secret not in out.getvalue()
        assert secret not in numbers


@pytest.mark.parametrize("asked", ["0f8fad5b-d9cb-469f-a165-70867728950e", "A223456781", ""])
def test_a_request_keeps_the_id_that_a_proxy_gave_it_when_it_is_one(world: World, asked: str) -> None:
    given = world.app.test_client().get("/healthz", headers={"X-Request-ID": asked}).headers["X-Request-ID"]
    assert (given == asked) == (len(asked) == 36)
    assert len(given) == 36


def test_every_alarm_asks_for_numbers_that_there_are(world: World) -> None:
    client = world.app.test_client()
    client.get("/v1/hello")
    world.app.extensions["counters"].add("honorcard_worker_failures_total", part="opening")
    world.app.extensions["counters"].add("honorcard_operations_total", kind="other", result="applied")
    world.browser("first")
    there = {re.match(r"\w+", key)[0] for key in told(world)}  # type: ignore[index]
    there |= {"honorcard_mail_waiting", "honorcard_mail_oldest_seconds", "up"}
    rules = yaml.safe_load((DEPLOY / "prometheus-alerts.yml").read_text(encoding="utf-8"))
    alarms = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(alarms) > 10
    for rule in alarms:
        asked = set(re.findall(r"\bhonorcard_\w+", rule["expr"]))
        assert asked - {name for name in asked if name.startswith("honorcard_kiosk_")} <= there, rule["alert"]
        assert {"summary", "description"} <= set(rule["annotations"])
