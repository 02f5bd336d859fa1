"""A system with a key, as it asks the API of a center under test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from center.api import keys
from center.api.declared import SCOPES
from center.store import api_keys
from tests.center.conftest import World


@dataclass
class System:
    """Another system, with its key."""

    world: World
    token: str
    key_id: str
    address: str = "203.0.113.7"

    def get(self, path: str, **options: Any) -> Any:
        return self.ask("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.ask("POST", path, json=body, **options)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        where = {"REMOTE_ADDR": self.address}
        return self.world.app.test_client().open(
            f"/api/v1{path}", method=method, headers=headers, environ_base=where, **options
        )


def system(world: World, *scopes: str, days: int = 30, **limits: Any) -> System:
    """A system that has these scopes, all of them when none is named. units, networks, per_minute: what limits its key."""
    token = keys.new_token()
    values: dict[str, Any] = {"units": [], "networks": [], "per_minute": keys.PER_MINUTE, "name": "臺北卡", **limits}
    now_ms = int(world.now.timestamp() * 1000)
    until_ms = int((world.now + timedelta(days=days)).timestamp() * 1000)
    with world.store.write() as conn:
        key_id = api_keys.add(
            conn, token_sha256=keys.digest(token), scopes=scopes or list(SCOPES), by=world.people["admin"],
            now_ms=now_ms, expires_ms=until_ms, **values,
        )  # fmt: skip
    return System(world, token, key_id)
