"""Schemathesis against a running center: whatever the API's document allows or forbids, the app does as it says.

`make api` looks further (API_EXAMPLES), through sequences of requests too.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
import schemathesis
import waitress
from schemathesis import engine
from schemathesis.config import SchemathesisConfig

from center.api.declared import OPERATIONS
from tests.center.calling import system
from tests.center.conftest import World

EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))
LEAST_CHECKS = 1_000
# 422 for what no pattern can say: a check digit, a check character; 410 for a cursor of another database
EXPECTED = ["2xx", 401, 403, 404, 410, 422]


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """The world's center, listening."""
    for name in ("api_public", "api_wrong_keys"):  # a thousand wrong keys from one address are meant here
        world.app.extensions[name]._burst = world.app.extensions[name]._per_second = 1e9
    server = waitress.create_server(world.app, host="127.0.0.1", port=0, threads=4, ident=None)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


def test_the_app_does_as_its_document_says(world: World, address: str) -> None:
    assert world.issued() == "11500001"  # the document's example, as are number and receipt of whom it is for
    token = system(world, per_minute=10**9).token
    config = SchemathesisConfig.from_dict(
        {
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {"max-examples": EXAMPLES, "deterministic": True},
            "phases": {"stateful": {"enabled": EXAMPLES > 10}},
            "checks": {"positive_data_acceptance": {"expected-statuses": EXPECTED}},
        }
    )
    described = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    broken, checks, good = [], 0, set()
    for event in engine.from_schema(described).execute():
        assert "Error" not in type(event).__name__, event
        recorder = getattr(event, "recorder", None)
        if recorder is None:
            continue
        for case_id, found in recorder.checks.items():
            checks += len(found)
            case = recorder.cases[case_id].value
            broken += [
                f"{case.operation.label}: {one.name}: {one.failure_info.failure.message}"
                for one in found
                if one.failure_info is not None
            ]
            answer = recorder.interactions[case_id].response
            if answer is not None and answer.status_code == 200:
                good.add(case.operation.label)
    assert not broken, "\n".join(sorted(set(broken))[:20])
    assert checks >= LEAST_CHECKS
    assert good == {f"{one.method} {one.path}" for one in OPERATIONS}
